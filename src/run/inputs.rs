//! The rules and the policy of a run: of the disk, or of the revision that a
//! change is judged by.

use jiff::ZonedDateTime;
use miette::{IntoDiagnostic, WrapErr, miette};
use std::io;
use std::path::{Path, PathBuf};

use super::Failure;
use super::output::Console;
use crate::cli::Judgement;
use crate::policy::Policy;
use crate::rule::{Metadata, RuleSet};
use crate::source::revision::Revision;

/// The largest policy that is read from a revision, in bytes.
const MAX_POLICY: u64 = 1 << 20;

/// What a run judges by.
pub(super) struct Inputs {
    /// The built-in rules, and those of the organisation.
    pub rules: RuleSet,
    /// The policy.
    pub policy: Policy,
    /// The revision that both are from, if not from the disk.
    pub base: Option<Revision>,
}

/// Reads rules and policy; the policy is looked for from `root` upward.
pub(super) fn read(
    judgement: &Judgement,
    root: &Path,
    console: &Console,
) -> Result<Inputs, Failure> {
    let base = match &judgement.policy_from {
        Some(revision) => Some(Revision::resolve(Path::new("."), revision).into_diagnostic()?),
        None => None,
    };
    let rules = rules(judgement.rules.as_deref(), base.as_ref())?;
    let policy = policy(judgement, root, &rules, base.as_ref(), console)?;
    Ok(Inputs {
        rules,
        policy,
        base,
    })
}

fn rules(own: Option<&Path>, base: Option<&Revision>) -> Result<RuleSet, Failure> {
    let builtin = RuleSet::builtin();
    let Some(directory) = own else {
        return Ok(builtin);
    };
    let Some(base) = base else {
        return Ok(builtin.and(RuleSet::load_dir(directory)?));
    };
    let mut texts = Vec::new();
    for file in base.files(directory).into_diagnostic()? {
        if file
            .extension()
            .is_some_and(|extension| extension == "toml")
            && let Some(text) = base.file(&file, MAX_POLICY).into_diagnostic()?
        {
            let text = String::from_utf8_lossy(&text).into_owned();
            texts.push((file.to_string_lossy().into_owned(), text));
        }
    }
    if texts.is_empty() {
        return Err(miette!(
            help = "commit the rules to the base first, or leave out --rules",
            "there are no rules in '{}' at {}",
            directory.display(),
            base.commit()
        ));
    }
    Ok(builtin.and(RuleSet::load_texts(texts)?))
}

fn policy(
    judgement: &Judgement,
    root: &Path,
    rules: &RuleSet,
    base: Option<&Revision>,
    console: &Console,
) -> Result<Policy, Failure> {
    let today = ZonedDateTime::now().date();
    let metadata: Vec<&Metadata> = rules.iter().map(|rule| rule.metadata()).collect();
    let found = match (&judgement.config, base) {
        (Some(file), _) => Some(file.clone()),
        (None, Some(base)) => base.upward(root, Policy::FILE_NAME).into_diagnostic()?,
        (None, None) => Policy::find(root),
    };
    let Some(file) = found else {
        console.detail(format_args!("no {}; the defaults apply", Policy::FILE_NAME));
        return Ok(Policy::default());
    };
    console.detail(format_args!("the policy is {}", file.display()));
    Ok(match base {
        Some(base) => Policy::load_from(&file, today, metadata, &|path| {
            base.file(path, MAX_POLICY).map_err(io::Error::other)
        })?,
        None => Policy::load(&file, today, metadata)?,
    })
}

/// The paths of a scan, each of them checked to be there.
pub(super) fn roots(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    for path in paths {
        path.symlink_metadata()
            .into_diagnostic()
            .wrap_err_with(|| {
                let path = crate::excerpt::redact_path(&path.to_string_lossy());
                format!("'{path}' cannot be scanned; check the path")
            })?;
    }
    Ok(paths.to_vec())
}
