//! Leaks that a report of a scan has, to be held against live keys.

use miette::Diagnostic;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use thiserror::Error;

use crate::excerpt::{printable, redact_path, shown_path};
use crate::inventory::Moment;
use crate::secret::Fingerprint;

/// Places that are kept of one key.
const MAX_PLACES: usize = 20;

/// Where a report says that keys stand, by fingerprint.
#[derive(Clone, Debug, Default)]
pub struct Leaks {
    places: BTreeMap<Fingerprint, Vec<String>>,
    exposures: BTreeMap<Fingerprint, Exposure>,
}

/// Since when a key has been in a history, as the report of a scan of it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exposure {
    /// The author's date of the first commit that had it: whoever commits can
    /// set it.
    pub since: Moment,
    /// That commit.
    pub commit: String,
    /// Whether HEAD has it at one of its paths.
    pub in_head: bool,
}

/// Why a report cannot be used.
#[derive(Debug, Error, Diagnostic)]
pub enum LeaksError {
    /// The system refused.
    #[error("cannot read the report {path}: {error}")]
    #[diagnostic(help("name a report that `keysweep scan --output sarif=FILE` wrote"))]
    Read {
        /// The file.
        path: String,
        /// What the system said.
        error: std::io::Error,
    },
    /// It is no report, or somebody else's.
    #[error("{path} is no report of keysweep, neither SARIF nor JSON")]
    #[diagnostic(help("write one with `keysweep scan --output sarif=FILE`"))]
    Foreign {
        /// The file.
        path: String,
    },
}

#[derive(Deserialize)]
struct Report {
    #[serde(default)]
    runs: Vec<Run>,
    findings: Option<Vec<Finding>>,
}

#[derive(Deserialize)]
struct Run {
    #[serde(default)]
    results: Vec<SarifResult>,
}

#[derive(Deserialize)]
struct SarifResult {
    #[serde(default)]
    properties: Properties,
    #[serde(default)]
    locations: Vec<SarifLocation>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Properties {
    fingerprint: Option<String>,
    added_in: Option<String>,
    added_at: Option<String>,
    in_head: Option<bool>,
}

impl Properties {
    /// Nothing of it is taken that could be anything else.
    fn exposure(&self) -> Option<Exposure> {
        let commit = self.added_in.as_ref()?;
        let is_id =
            matches!(commit.len(), 40 | 64) && commit.bytes().all(|b| b.is_ascii_hexdigit());
        Some(Exposure {
            since: self.added_at.as_ref()?.parse().ok()?,
            commit: is_id.then(|| commit.clone())?,
            in_head: self.in_head.unwrap_or_default(),
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SarifLocation {
    physical_location: Option<Physical>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Option<Artifact>,
    region: Option<Region>,
}

#[derive(Deserialize)]
struct Artifact {
    uri: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: Option<u64>,
}

#[derive(Deserialize)]
struct Finding {
    #[serde(default)]
    properties: Properties,
    location: Option<Place>,
}

#[derive(Deserialize)]
struct Place {
    path: Option<String>,
    start: Option<Start>,
}

#[derive(Deserialize)]
struct Start {
    line: Option<u64>,
}

impl Leaks {
    /// Reads a report of a scan.
    ///
    /// # Errors
    /// When the file cannot be read, or is no report.
    pub fn read(path: &Path) -> Result<Self, LeaksError> {
        let name = shown_path(path);
        match std::fs::read(path) {
            Ok(bytes) => Self::parse(&name, &bytes),
            Err(error) => Err(LeaksError::Read { path: name, error }),
        }
    }

    /// Reads the bytes of a report; `name` is what messages call it.
    ///
    /// # Errors
    /// When they are no report.
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Self, LeaksError> {
        let foreign = || LeaksError::Foreign {
            path: name.to_owned(),
        };
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let report: Report = serde_json::from_slice(bytes).map_err(|_| foreign())?;
        if report.runs.is_empty() && report.findings.is_none() {
            return Err(foreign());
        }
        let mut leaks = Self::default();
        let results = report.runs.into_iter().flat_map(|run| run.results);
        for result in results {
            let physical = result.locations.into_iter().next();
            let physical = physical.and_then(|location| location.physical_location);
            let (uri, line) = physical.map_or((None, None), |place| {
                let uri = place.artifact_location.and_then(|artifact| artifact.uri);
                (uri, place.region.and_then(|region| region.start_line))
            });
            leaks.add(result.properties, uri, line);
        }
        for finding in report.findings.unwrap_or_default() {
            let (path, line) = finding.location.map_or((None, None), |place| {
                (place.path, place.start.and_then(|start| start.line))
            });
            leaks.add(finding.properties, path, line);
        }
        for places in leaks.places.values_mut() {
            places.sort();
            places.dedup();
        }
        Ok(leaks)
    }

    fn add(&mut self, properties: Properties, path: Option<String>, line: Option<u64>) {
        let exposure = properties.exposure();
        let fingerprint = properties.fingerprint.map(Fingerprint::try_from);
        // A number holds in the run that gave it only.
        let Some(Ok(fingerprint)) = fingerprint else {
            return;
        };
        if !fingerprint.is_stable() {
            return;
        }
        if let Some(new) = exposure {
            let known = self.exposures.entry(fingerprint.clone());
            let known = known.or_insert_with(|| new.clone());
            known.in_head |= new.in_head;
            if new.since < known.since {
                (known.since, known.commit) = (new.since, new.commit);
            }
        }
        // A finding of a live run has a place that no file is at.
        let path = path.filter(|path| !path.starts_with("azure/"));
        let places = self.places.entry(fingerprint).or_default();
        if let Some(path) = path.filter(|_| places.len() < MAX_PLACES) {
            let path = printable(&redact_path(&path));
            places.push(match line {
                Some(line) => format!("{path}:{line}"),
                None => path,
            });
        }
    }

    /// Of keys that are known by their fingerprints alone.
    pub fn of(fingerprints: impl IntoIterator<Item = Fingerprint>) -> Self {
        let places = fingerprints.into_iter().map(|print| (print, Vec::new()));
        Self {
            places: places.collect(),
            exposures: BTreeMap::new(),
        }
    }

    /// Where a key stands, if the report has it.
    #[must_use]
    pub fn places(&self, fingerprint: &Fingerprint) -> Option<&[String]> {
        self.places.get(fingerprint).map(Vec::as_slice)
    }

    /// Since when it has been there, if the report is of a history.
    #[must_use]
    pub fn exposure(&self, fingerprint: &Fingerprint) -> Option<&Exposure> {
        self.exposures.get(fingerprint)
    }

    /// Whether the report has no key at all that could be compared.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINT: &str = "R6+pDaPrTyjBTsNUJ6dj";

    fn places(report: &str) -> Vec<String> {
        let leaks = Leaks::parse("a.sarif", report.as_bytes()).unwrap();
        let print = Fingerprint::try_from(PRINT.to_owned()).unwrap();
        leaks.places(&print).unwrap_or_default().to_vec()
    }

    #[test]
    fn reads_both_formats() {
        let sarif = format!(
            r#"{{"runs": [{{"results": [
                {{"properties": {{"fingerprint": "{PRINT}"}}, "locations": [{{"physicalLocation":
                    {{"artifactLocation": {{"uri": "b.js"}}, "region": {{"startLine": 3}}}}}}]}},
                {{"properties": {{"fingerprint": "{PRINT}"}}, "locations": []}},
                {{"properties": {{"fingerprint": "chosen-1"}}}}]}}]}}"#
        );
        assert_eq!(places(&sarif), ["b.js:3"]);
        let json = format!(
            r#"{{"version": 1, "findings": [{{"properties": {{"fingerprint": "{PRINT}"}},
                "location": {{"in": "file", "path": "a.js", "start": {{"line": 7}}}}}}]}}"#
        );
        assert_eq!(places(&json), ["a.js:7"]);
    }

    #[test]
    fn knows_the_first_commit_of_a_history() {
        let found = |commit: &str, at: &str, head: bool| {
            format!(
                r#"{{"properties": {{"fingerprint": "{PRINT}", "addedIn": "{commit}", "addedAt": "{at}", "inHead": {head}}}}}"#
            )
        };
        let (a, b) = ("a".repeat(40), "b".repeat(40));
        let report = format!(
            r#"{{"version": 1, "findings": [{}, {}, {}]}}"#,
            found(&a, "2026-03-02T01:00:00+01:00", true),
            found(&b, "2026-03-01T23:00:00Z", false),
            found("no commit", "2020-01-01T00:00:00Z", false),
        );
        let leaks = Leaks::parse("a.json", report.as_bytes()).unwrap();
        let print = Fingerprint::try_from(PRINT.to_owned()).unwrap();
        let exposure = leaks.exposure(&print).unwrap();
        assert_eq!((&exposure.commit, exposure.in_head), (&b, true));
    }

    #[test]
    fn refuses_what_is_no_report() {
        for text in ["", "[]", "{}", "{\"runs\": 3}"] {
            assert!(Leaks::parse("x", text.as_bytes()).is_err(), "{text}");
        }
        let empty = Leaks::parse("x", b"{\"runs\": [{\"results\": []}]}").unwrap();
        assert!(empty.is_empty());
    }
}
