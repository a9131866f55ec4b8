//! Places as SARIF and code scanning accept them.

use ::sarif::sarif::{ArtifactLocation, Location, LogicalLocation, PhysicalLocation, Region};
use std::fmt::Write;

use crate::location::{self, FilePlace, ResourcePlace};

/// A place as a SARIF location.
pub(super) fn location(place: &location::Location) -> Location {
    match place {
        location::Location::File(place) => Location::builder()
            .physical_location(physical(&file_uri(&place.path), region(place)))
            .build(),
        location::Location::Resource(place) => resource(place),
    }
}

fn physical(uri: &str, region: Region) -> PhysicalLocation {
    PhysicalLocation::builder()
        .artifact_location(ArtifactLocation::builder().uri(uri).build())
        .region(region)
        .build()
}

fn region(place: &FilePlace) -> Region {
    let (start, end) = (place.start, place.end.max(place.start));
    Region::builder()
        .start_line(number(start.line))
        .start_column(number(start.column))
        .end_line(number(end.line))
        .end_column(number(end.column))
        .build()
}

/// SARIF's integers are signed, and start at 1 here.
fn number(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX).max(1)
}

/// A resource: its ARM id as the logical location, and a path that code
/// scanning accepts, since it drops results without one.
fn resource(place: &ResourcePlace) -> Location {
    let name = place.id.rsplit('/').next().unwrap_or_default();
    let logical = LogicalLocation::builder()
        .fully_qualified_name(&place.id)
        .kind("resource")
        .name(if name.is_empty() { &place.id } else { name })
        .build();
    let region = Region::builder()
        .start_line(1)
        .start_column(1)
        .end_line(1)
        .end_column(2)
        .build();
    Location::builder()
        .physical_location(physical(&resource_uri(&place.id), region))
        .logical_locations([logical])
        .build()
}

fn resource_uri(id: &str) -> String {
    let mut uri = String::new();
    encode(&resource_path(id), &mut uri);
    uri
}

/// `azure/<subscription>/<group>/<provider>/<type>/<name>.json`: the ARM id
/// without its fixed words. ARM ids have no case, so the path has none: another
/// spelling must not be another alert.
pub(in crate::report) fn resource_path(id: &str) -> String {
    let mut path = "azure".to_owned();
    let segments = id.split('/').filter(|segment| {
        let fixed = ["", "subscriptions", "resourcegroups", "providers"];
        !fixed.contains(&segment.to_lowercase().as_str())
    });
    for segment in segments {
        path.push('/');
        match segment {
            "." | ".." => path.push('_'),
            _ => path.push_str(&segment.to_lowercase()),
        }
    }
    path.push_str(".json");
    path
}

/// The path as a URI: relative as it is, absolute with its scheme.
pub(super) fn file_uri(path: &str) -> String {
    let drive = path.as_bytes().get(1) == Some(&b':')
        && path.as_bytes().get(2) == Some(&b'/')
        && path.as_bytes()[0].is_ascii_alphabetic();
    let mut uri = match path {
        _ if drive => format!("file:///{}:", &path[..1]),
        _ if path.starts_with("//") => "file:".to_owned(),
        _ if path.starts_with('/') => "file://".to_owned(),
        _ => String::new(),
    };
    encode(if drive { &path[2..] } else { path }, &mut uri);
    uri
}

/// Percent-encodes everything but `/` and what RFC 3986 lets stand in a path.
/// Not the colon: in the first segment it would be a scheme, and code scanning
/// refuses the whole upload.
fn encode(path: &str, uri: &mut String) {
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' => uri.push(byte.into()),
            b'/' | b'-' | b'.' | b'_' | b'~' | b'@' | b'!' | b'$' | b'&' | b'\'' | b'(' | b')'
            | b'*' | b'+' | b',' | b';' | b'=' => uri.push(byte.into()),
            _ => {
                // Writing to a String does not fail.
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_uris() {
        for (path, uri) in [
            ("src/a.js", "src/a.js"),
            ("c: drive/b c.js", "c%3A%20drive/b%20c.js"),
            (
                "app/(group)/[id]/页.tsx",
                "app/(group)/%5Bid%5D/%E9%A1%B5.tsx",
            ),
            ("100%#?.txt", "100%25%23%3F.txt"),
            ("/etc/a b", "file:///etc/a%20b"),
            ("C:/a b", "file:///C:/a%20b"),
            ("//server/share/a", "file://server/share/a"),
            ("../up.js", "../up.js"),
            ("", ""),
        ] {
            assert_eq!(file_uri(path), uri);
        }
    }

    #[test]
    fn resources_have_a_path_of_their_own() {
        assert_eq!(
            resource_uri(
                "/subscriptions/S-1/resourceGroups/My RG/providers/Microsoft.Web/sites/App/functions/../keys/a:b"
            ),
            "azure/s-1/my%20rg/microsoft.web/sites/app/functions/_/keys/a%3Ab.json"
        );
    }
}
