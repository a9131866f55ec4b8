//! The rules and the policy of a run: of the disk, or of the revision that a
//! change is judged by.

use jiff::ZonedDateTime;
use miette::{IntoDiagnostic, WrapErr, miette};
use std::io;
use std::path::{Component, Path, PathBuf};

use super::Failure;
use super::output::Console;
use crate::baseline::Baseline;
use crate::cli::Judgement;
use crate::earlier::Earlier;
use crate::excerpt::{redact_path, shown_path};
use crate::gap::Notice;
use crate::glob::slashed;
use crate::policy::Policy;
use crate::rule::{Metadata, RuleSet, is_rule};
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
        if is_rule(&file)
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
            shown_path(directory),
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
    let found = match (&judgement.config, base) {
        (Some(file), _) => Some(file.clone()),
        (None, Some(base)) => base.upward(root, Policy::FILE_NAME).into_diagnostic()?,
        (None, None) => Policy::find(root),
    };
    let Some(file) = found else {
        console.detail(format_args!("no {}; the defaults apply", Policy::FILE_NAME));
        return Ok(Policy::default());
    };
    console.detail(format_args!("the policy is {}", shown_path(&file)));
    let metadata: Vec<&Metadata> = rules.iter().map(|rule| rule.metadata()).collect();
    let today = ZonedDateTime::now().date();
    Ok(match base {
        Some(base) => Policy::load_from(&file, today, metadata, &|path| {
            base.file(path, MAX_POLICY).map_err(io::Error::other)
        })?,
        None => Policy::load(&file, today, metadata)?,
    })
}

/// The policy alone, of the disk.
pub(super) fn policy_of(
    config: Option<&Path>,
    root: &Path,
    console: &Console,
) -> Result<Policy, Failure> {
    let Some(file) = config.map(Path::to_owned).or_else(|| Policy::find(root)) else {
        console.detail(format_args!("no {}; the defaults apply", Policy::FILE_NAME));
        return Ok(Policy::default());
    };
    console.detail(format_args!("the policy is {}", shown_path(&file)));
    let rules = RuleSet::builtin();
    let metadata: Vec<&Metadata> = rules.iter().map(|rule| rule.metadata()).collect();
    Ok(Policy::load(&file, ZonedDateTime::now().date(), metadata)?)
}

/// The earlier report: the base's own, where it lies in the repository. One that
/// the base lacks hides nothing, which is a notice; one that lies elsewhere is
/// no part of a change.
pub(super) fn baseline(
    file: &Path,
    base: Option<&Revision>,
) -> Result<(Option<Baseline>, Option<Notice>), Failure> {
    let inside = base.and_then(|base| Some((base, base.repository_path(file)?)));
    let Some((base, inside)) = inside else {
        return Ok((Some(Baseline::read(file)?), None));
    };
    let name = slashed(file);
    match base.file(&inside, Earlier::MAX_SIZE).into_diagnostic()? {
        Some(bytes) => Ok((Some(Baseline::parse(&name, &bytes)?), None)),
        // Only a name may be wrong that is to be found nowhere.
        None if file.symlink_metadata().is_ok() => {
            let name = redact_path(&name);
            Ok((None, Some(Notice::BaselineNotInBase(name))))
        }
        None => Ok((Some(Baseline::read(file)?), None)),
    }
}

/// The paths of a scan, each of them checked to be there.
pub(super) fn roots(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    for path in paths {
        path.symlink_metadata()
            .into_diagnostic()
            .wrap_err_with(|| {
                let path = shown_path(path);
                format!("'{path}' cannot be scanned; check the path")
            })?;
    }
    Ok(paths.iter().map(|path| straight(path)).collect())
}

/// Refuses what has nothing but packs in it, which a search of files would call
/// clean.
pub(super) fn refuse_stores(paths: &[PathBuf]) -> Result<(), Failure> {
    for path in paths {
        if is_store(path) {
            let shown = shown_path(path);
            return Err(miette!(
                help = format!("`keysweep scan --history {shown}` reads what is in it"),
                "'{shown}' is what git stores, packed, and no tree of files"
            ));
        }
    }
    Ok(())
}

/// Whether the directory is a `.git`, or a repository without a work tree.
fn is_store(path: &Path) -> bool {
    path.join("HEAD").is_file() && path.join("objects").is_dir() && path.join("refs").is_dir()
}

/// The path without `..`, where it leads back into the working directory: so
/// that no file has two names.
fn straight(path: &Path) -> PathBuf {
    let real = || {
        let here = Path::new(".").canonicalize().ok()?;
        let real = path.canonicalize().ok()?;
        let inside = real.strip_prefix(&here).ok()?;
        Some(Path::new(".").join(inside))
    };
    let back = path.components().any(|part| part == Component::ParentDir);
    back.then(real).flatten().unwrap_or_else(|| path.to_owned())
}
