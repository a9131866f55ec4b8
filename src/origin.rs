//! Where a run happens, as far as a report has to say it.
//!
//! Reports read no environment: the same outcome gives the same bytes. What a
//! CI system tells its jobs is read here, once, and handed to them as data.

use crate::excerpt::redact_path;

/// Where a run happens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The working directory, absolute: Azure Pipelines links to a file by its
    /// absolute path only.
    pub directory: Option<String>,
    /// The run of Azure Pipelines that this is a part of.
    pub azure_build: Option<AzureBuild>,
}

impl Origin {
    /// The origin that a CI system's variables describe. `variable` looks one
    /// up by its name; what is not set is none, as is what is empty.
    #[must_use]
    pub fn of(directory: Option<String>, variable: impl Fn(&str) -> Option<String>) -> Self {
        // The names of branches, pipelines and directories are somebody's words.
        let masked = |name: &str| variable(name).map(|value| redact_path(&value));
        Self {
            directory: directory.map(|directory| redact_path(&directory)),
            azure_build: AzureBuild::of(&masked),
        }
    }
}

/// A run of Azure Pipelines: what GitHub Advanced Security for Azure DevOps
/// files an upload under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AzureBuild {
    /// The organisation's name.
    pub organisation: String,
    /// The project's GUID.
    pub project: String,
    /// The pipeline's number.
    pub definition: u64,
    /// The pipeline's name.
    pub definition_name: String,
    /// The phase's GUID.
    pub phase: String,
    /// The phase's name.
    pub phase_name: String,
    /// The branch: `refs/heads/main`.
    pub branch: String,
    /// The run's number.
    pub build: u64,
}

impl AzureBuild {
    /// The run that the variables describe: all of it, or none. Half a name
    /// would file alerts where nobody finds them.
    fn of(variable: &impl Fn(&str) -> Option<String>) -> Option<Self> {
        let first = |names: &[&str]| {
            let values = names.iter().filter_map(|name| variable(name));
            values
                .map(|value| value.trim().to_owned())
                .find(|value| !value.is_empty())
        };
        let number = |names: &[&str]| first(names)?.parse().ok().filter(|number| *number > 0);
        let guid = |names: &[&str]| first(names).filter(|text| is_guid(text));
        if !first(&["TF_BUILD"])?.eq_ignore_ascii_case("true") {
            return None;
        }
        Some(Self {
            organisation: organisation(&first(&["SYSTEM_COLLECTIONURI"])?)?,
            project: guid(&["SYSTEM_TEAMPROJECTID"])?,
            definition: number(&["BUILD_DEFINITIONID", "SYSTEM_DEFINITIONID"])?,
            definition_name: first(&["BUILD_DEFINITIONNAME"])?,
            phase: guid(&["SYSTEM_PHASEID", "SYSTEM_JOBID"])?,
            phase_name: first(&["SYSTEM_PHASENAME", "SYSTEM_JOBNAME"])?,
            branch: first(&["BUILD_SOURCEBRANCH"])?,
            build: number(&["BUILD_BUILDID"])?,
        })
    }
}

/// The organisation in `https://dev.azure.com/NAME/` or
/// `https://NAME.visualstudio.com/`.
fn organisation(address: &str) -> Option<String> {
    let rest = address.strip_prefix("https://")?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = host.to_ascii_lowercase();
    let name = match host.strip_suffix(".visualstudio.com") {
        Some(name) => name.strip_suffix(".vsrm").unwrap_or(name),
        None if matches!(host.as_str(), "dev.azure.com" | "vsrm.dev.azure.com") => {
            path.split('/').next()?
        }
        None => return None,
    };
    (!name.is_empty()).then(|| name.to_owned())
}

/// `00000000-0000-0000-0000-000000000001`, and not all zeros.
fn is_guid(text: &str) -> bool {
    let parts: Vec<_> = text.split('-').collect();
    let lengths: Vec<_> = parts.iter().map(|part| part.len()).collect();
    lengths == [8, 4, 4, 4, 12]
        && parts
            .iter()
            .all(|part| part.bytes().all(|b| b.is_ascii_hexdigit()))
        && text.bytes().any(|b| !matches!(b, b'0' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUN: &[(&str, &str)] = &[
        ("TF_BUILD", "True"),
        ("SYSTEM_COLLECTIONURI", "https://dev.azure.com/contoso/"),
        (
            "SYSTEM_TEAMPROJECTID",
            "11111111-1111-1111-1111-111111111111",
        ),
        ("SYSTEM_DEFINITIONID", "42"),
        ("BUILD_DEFINITIONNAME", "Nightly build"),
        ("SYSTEM_PHASEID", ""),
        ("SYSTEM_JOBID", "22222222-2222-2222-2222-222222222222"),
        ("SYSTEM_PHASENAME", "Scan"),
        ("BUILD_SOURCEBRANCH", "refs/heads/main"),
        ("BUILD_BUILDID", "98765"),
    ];

    fn build(change: &[(&str, &str)]) -> Option<AzureBuild> {
        let variable = |name: &str| {
            let all = change.iter().chain(RUN);
            let (_, value) = all.into_iter().find(|(known, _)| *known == name)?;
            Some((*value).to_owned())
        };
        Origin::of(None, variable).azure_build
    }

    #[test]
    fn a_run_of_azure_pipelines_is_read_from_its_variables() {
        let read = build(&[]).unwrap();
        assert_eq!(
            (read.organisation.as_str(), read.definition, read.build),
            ("contoso", 42, 98765)
        );
        assert_eq!(read.phase, "22222222-2222-2222-2222-222222222222");
        let old = build(&[("SYSTEM_COLLECTIONURI", "https://Contoso.visualstudio.com/")]);
        assert_eq!(old.unwrap().organisation, "contoso");
    }

    #[test]
    fn half_a_run_is_none() {
        for (name, _) in RUN {
            let missing = build(&[(name, "")]);
            assert_eq!(missing.is_none(), *name != "SYSTEM_PHASEID", "{name}");
        }
        for (name, value) in [
            ("SYSTEM_COLLECTIONURI", "https://tfs.example/tfs/"),
            ("SYSTEM_COLLECTIONURI", "https://dev.azure.com/"),
            ("SYSTEM_TEAMPROJECTID", "contoso"),
            (
                "SYSTEM_TEAMPROJECTID",
                "00000000-0000-0000-0000-000000000000",
            ),
            ("BUILD_BUILDID", "-1"),
            ("TF_BUILD", "no"),
        ] {
            assert_eq!(build(&[(name, value)]), None, "{name}={value}");
        }
    }
}
