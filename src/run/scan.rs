//! `keysweep scan`.

use jiff::ZonedDateTime;
use miette::{IntoDiagnostic, WrapErr, miette};
use std::io::Read;
use std::path::{Path, PathBuf};

use super::output::{self, Console};
use super::{Failure, progress};
use crate::baseline::Baseline;
use crate::cli::{Judgement, Scan};
use crate::collect::{Collection, Collector};
use crate::fact::Fact;
use crate::gap::{Gap, Notice};
use crate::join;
use crate::origin::Origin;
use crate::outcome::{Outcome, Terms, Verdict};
use crate::policy::Policy;
use crate::project::Disk;
use crate::read::text::TextReader;
use crate::report::count;
use crate::rule::{Metadata, RuleSet};
use crate::secret::Fingerprinter;
use crate::source::{Document, Sink, tree};
use crate::suppress;

/// Scans, reports, and says how it ends.
pub(super) fn scan(scan: &Scan, console: &Console) -> Result<Verdict, Failure> {
    let outcome = look(scan, console)?;
    let verdict = outcome.verdict();
    output::reports(&outcome, &scan.output, console)?;
    Ok(verdict)
}

/// Everything up to the report.
pub(super) fn look(scan: &Scan, console: &Console) -> Result<Outcome, Failure> {
    let (standard_input, roots): (Vec<_>, Vec<_>) = scan
        .paths
        .iter()
        .cloned()
        .partition(|path| path == Path::new("-"));
    for root in &roots {
        root.symlink_metadata()
            .into_diagnostic()
            .wrap_err_with(|| format!("'{}' cannot be scanned; check the path", root.display()))?;
    }
    let rules = load_rules(&scan.judgement)?;
    let policy = load_policy(&scan.judgement, roots.first(), &rules, console)?;
    let whole = roots.iter().all(|root| root.is_dir()) && standard_input.is_empty();
    let baseline = match &scan.judgement.baseline {
        Some(file) => Some(Baseline::read(file)?),
        None => None,
    };
    let reader = TextReader::new(
        &policy,
        roots.iter().map(|root| tree::shown(root)).collect(),
        Box::new(Disk),
        fingerprinter()?,
    );
    let collector = Collector::new(&reader);
    if !standard_input.is_empty() {
        read_standard_input(&collector, &scan.selection.stdin_name)?;
    }
    let options = tree::Options {
        gitignore: !scan.selection.no_gitignore,
        policy: &policy,
        threads: tree::threads(),
    };
    let started = std::time::Instant::now();
    let excluded = std::thread::scope(|scope| {
        let watched = !scan.output.no_progress && console.is_watched();
        let _progress = watched.then(|| progress::show(scope, || collector.progress()));
        tree::walk(&roots, &options, &collector)
    });
    let mut collection = collector.finish();
    collection.coverage.excluded = excluded;
    console.detail(format_args!(
        "read {} with {} bytes in {:.3} s",
        count(
            usize::try_from(collection.coverage.files).unwrap_or(usize::MAX),
            "file"
        ),
        collection.coverage.bytes,
        started.elapsed().as_secs_f64()
    ));
    let mut outcome = judge(collection, rules, &policy, whole, baseline, &scan.judgement);
    outcome.origin = origin();
    Ok(outcome)
}

/// Everything between what was read and what is reported.
pub(super) fn judge(
    mut collection: Collection,
    rules: RuleSet,
    policy: &Policy,
    whole: bool,
    baseline: Option<Baseline>,
    judgement: &Judgement,
) -> Outcome {
    let mut notices = std::mem::take(&mut collection.notices);
    let rules = rules.with_severities(|rule| policy.severity_of(rule));
    let (rules, unseen) = if whole {
        (rules, Vec::new())
    } else {
        rules.without_tree_rules()
    };
    if !unseen.is_empty() {
        notices.push(Notice::RulesNotEvaluated(unseen));
    }
    let coverage = collection.coverage;
    let ignores = std::mem::take(&mut collection.ignores);
    let read_gaps = std::mem::take(&mut collection.gaps);
    let mut facts = facts(collection);
    facts.extend(policy.facts());
    let (mut findings, mut gaps) = rules.evaluate(&facts);
    gaps.extend(read_gaps);
    if !judgement.no_suppress {
        let applied = suppress::apply(policy, &ignores, &mut findings);
        notices.extend(applied.notices);
        let (unused, more) = rules.evaluate(&applied.suppressions);
        findings.extend(unused);
        gaps.extend(more);
    }
    if let Some(mut baseline) = baseline {
        baseline.mark(&mut findings);
        if whole {
            let unmatched = baseline.unmatched(&rules.enabled(), &gaps);
            let (mut unused, more) = rules.evaluate(&unmatched);
            baseline.mark(&mut unused);
            findings.extend(unused);
            gaps.extend(more);
        }
    }
    findings.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    let gaps = accept(gaps, policy, &mut notices);
    Outcome {
        findings,
        gaps,
        notices,
        rules: rules.enabled(),
        coverage,
        terms: Terms {
            fail_on: judgement.fail_on.severity(),
            strict: judgement.strict,
            allow_incomplete: judgement.allow_incomplete,
        },
        origin: Origin::default(),
    }
}

/// The facts of what was read, joins included.
pub(super) fn facts(mut collection: Collection) -> Vec<Fact> {
    join::number_chosen(&mut collection.occurrences);
    let shared = join::shared_keys(&collection.occurrences);
    let stores = join::encrypted_stores(&collection.stores, &collection.decryption_keys);
    let occurrences = collection.occurrences.into_iter().map(Fact::from);
    occurrences
        .chain(shared.into_iter().map(Fact::from))
        .chain(stores.into_iter().map(Fact::from))
        .collect()
}

/// Takes out the gaps that the policy accepts, and says so.
fn accept(mut gaps: Vec<Gap>, policy: &Policy, notices: &mut Vec<Notice>) -> Vec<Gap> {
    gaps.sort();
    gaps.dedup();
    gaps.retain(|gap| match policy.accepted(gap) {
        Some(accepted) => {
            notices.push(Notice::GapAccepted {
                gap: gap.to_string(),
                reason: accepted.reason.clone(),
            });
            false
        }
        None => true,
    });
    gaps
}

/// The built-in rules, and those of the organisation.
pub(super) fn load_rules(judgement: &Judgement) -> Result<RuleSet, Failure> {
    let builtin = RuleSet::builtin();
    match &judgement.rules {
        Some(directory) => Ok(builtin.and(RuleSet::load_dir(directory)?)),
        None => Ok(builtin),
    }
}

fn load_policy(
    judgement: &Judgement,
    root: Option<&PathBuf>,
    rules: &RuleSet,
    console: &Console,
) -> Result<Policy, Failure> {
    let here = Path::new(".");
    let found = judgement
        .config
        .clone()
        .or_else(|| Policy::find(root.map_or(here, PathBuf::as_path)));
    let Some(file) = found else {
        console.detail(format_args!("no keysweep.toml; the defaults apply"));
        return Ok(Policy::default());
    };
    let metadata: Vec<&Metadata> = rules.iter().map(|rule| rule.metadata()).collect();
    let policy = Policy::load(&file, ZonedDateTime::now().date(), metadata)?;
    console.detail(format_args!("the policy is {}", file.display()));
    Ok(policy)
}

/// Where the run takes place, as far as a report has to know.
fn origin() -> Origin {
    let directory = std::env::current_dir().ok();
    let directory = directory.map(|directory| directory.to_string_lossy().into_owned());
    Origin::of(directory, |name| std::env::var(name).ok())
}

/// Keyed, when the environment has the key.
fn fingerprinter() -> Result<Fingerprinter, Failure> {
    match std::env::var(Fingerprinter::KEY_VARIABLE) {
        Ok(key) if key.len() >= 16 => Ok(Fingerprinter::keyed(&key)),
        Ok(_) => Err(miette!(
            help = "use 32 random characters or more, the same in every run",
            "{} is shorter than 16 characters",
            Fingerprinter::KEY_VARIABLE
        )),
        Err(_) => Fingerprinter::for_this_run()
            .into_diagnostic()
            .wrap_err("the operating system gave no random numbers"),
    }
}

/// Standard input is held in memory: the closer look goes back and forth.
fn read_standard_input(collector: &Collector<'_>, name: &str) -> Result<(), Failure> {
    let mut text = Vec::new();
    std::io::stdin()
        .lock()
        .read_to_end(&mut text)
        .into_diagnostic()
        .wrap_err("standard input could not be read")?;
    let document = Document::held(name.to_owned(), text);
    collector.document(document, &mut Default::default());
    Ok(())
}
