//! `keysweep scan`.

use miette::{IntoDiagnostic, WrapErr, miette};
use std::io::Read;
use std::path::{Path, PathBuf};

use super::inputs::{self, Inputs};
use super::output::{self, Console};
use super::{Failure, check, fix, history, progress};
use crate::baseline::Baseline;
use crate::cli::{FixMode, Judgement, Scan, Selection};
use crate::collect::{Collection, Collector};
use crate::fact::{Fact, FactType};
use crate::gap::{Gap, Notice};
use crate::inventory::Merged;
use crate::join::{self, live::Estate};
use crate::leaks::Leaks;
use crate::location::FilePlace;
use crate::origin::Origin;
use crate::outcome::{Outcome, Terms, Verdict};
use crate::policy::Policy;
use crate::project::{Disk, Files};
use crate::read::structured::Found;
use crate::read::text::TextReader;
use crate::report::count;
use crate::rule::{Rule, RuleSet, Scope};
use crate::secret::Fingerprinter;
use crate::source::revision::{MAX_FILE, Reviewed, Revision};
use crate::source::{Document, Sink, file, range, staged, tree};
use crate::suppress;

/// Scans, reports, and says how it ends.
pub(super) fn scan(scan: &Scan, console: &Console) -> Result<Verdict, Failure> {
    if scan.paths.iter().any(|path| path == Path::new("-")) {
        if scan.fix.is_some() {
            return Err(miette!(
                help = "name the file instead of '-'",
                "standard input cannot be fixed"
            ));
        }
        if scan.selection.staged || scan.selection.since.is_some() {
            return Err(miette!(
                help = "leave out '-', or scan standard input in a run of its own",
                "standard input is no part of a change"
            ));
        }
    }
    output::check(&scan.output)?;
    let mut outcome = look(scan, console)?;
    if let Some(mode) = scan.fix {
        let here = [PathBuf::from(".")];
        let named = &scan.paths;
        let roots = if named.is_empty() { &here[..] } else { named };
        fix::fix(mode, &mut outcome, roots, console)?;
        if mode == FixMode::Diff {
            return Ok(outcome.verdict());
        }
    }
    let verdict = outcome.verdict();
    output::reports(&outcome, &scan.output, console)?;
    Ok(verdict)
}

/// Which part of the world a run looks at.
enum Extent {
    /// Whole directories.
    Tree,
    /// Files that were named, or standard input.
    Part,
    /// What a commit or a branch brings.
    Change,
    /// All that a repository stores.
    History,
}

impl Extent {
    /// Whether a run sees what a rule judges.
    fn judges(&self, rule: &Rule) -> bool {
        let scope = rule.metadata().scope;
        match self {
            _ if scope == Scope::Estate => false,
            Self::Tree => true,
            Self::Part => scope != Scope::Tree,
            // The policy's own state must not stop a commit.
            Self::Change => scope == Scope::Place,
            // A key that was leaked once is leaked; code that was careless once
            // may have been mended since.
            Self::History => {
                let of_keys = matches!(rule.on(), FactType::Occurrence | FactType::ActiveLeak);
                scope == Scope::Place && of_keys
            }
        }
    }
}

/// Everything up to the report.
pub(super) fn look(scan: &Scan, console: &Console) -> Result<Outcome, Failure> {
    let (standard_input, named): (Vec<_>, Vec<_>) = scan
        .paths
        .iter()
        .cloned()
        .partition(|path| path == Path::new("-"));
    let here = PathBuf::from(".");
    let Inputs {
        rules,
        policy,
        base,
    } = {
        let root = named.first().unwrap_or(&here);
        inputs::read(&scan.judgement, root, console)?
    };
    let selection = &scan.selection;
    let change = selection.staged || selection.since.is_some();
    let history = match selection.history {
        true => Some(history::open(&scan.paths)?),
        false => None,
    };
    let roots = match (change, named.is_empty() && standard_input.is_empty()) {
        (true, _) => Vec::new(),
        (false, true) => vec![here],
        (false, false) => inputs::roots(&named)?,
    };
    if history.is_none() {
        inputs::refuse_stores(&roots)?;
    }
    let outermost = tree::outermost(&roots);
    let extent = match change {
        true => Extent::Change,
        false if history.is_some() => Extent::History,
        false if outermost.iter().all(|root| root.is_dir()) && standard_input.is_empty() => {
            Extent::Tree
        }
        false => Extent::Part,
    };
    let (baseline, not_in_base) = match &scan.judgement.baseline {
        Some(file) => inputs::baseline(file, base.as_ref())?,
        None => (None, None),
    };
    let reader = TextReader::new(
        &policy,
        outermost.iter().map(|root| tree::shown(root)).collect(),
        Box::new(Disk),
        fingerprinter()?,
    );
    let collector = Collector::new(&reader);
    if !standard_input.is_empty() {
        read_standard_input(&collector, &scan.selection.stdin_name)?;
    }
    let started = std::time::Instant::now();
    let seen = std::thread::scope(|scope| -> Result<(u64, u64), Failure> {
        let watched = !scan.output.no_progress && console.is_watched();
        match &history {
            Some(history) => {
                let word = || progress::of_objects(history.progress(), collector.progress());
                let _progress = watched.then(|| progress::show(scope, word));
                let options = history::Options {
                    unreachable: selection.unreachable,
                    policy: &policy,
                };
                collector.history(history, &options).into_diagnostic()
            }
            None => {
                let word = || progress::of_files(collector.progress());
                let _progress = watched.then(|| progress::show(scope, word));
                let excluded = read(selection, &roots, named, &policy, &collector)?;
                Ok((excluded, 0))
            }
        }
    })?;
    let mut collection = collector.finish();
    (collection.coverage.excluded, collection.coverage.commits) = seen;
    collection.notices.extend(not_in_base);
    console.detail(format_args!(
        "read {} with {} bytes in {:.3} s",
        count(
            usize::try_from(collection.coverage.files).unwrap_or(usize::MAX),
            "file"
        ),
        collection.coverage.bytes,
        started.elapsed().as_secs_f64()
    ));
    let reviewed = base
        .as_ref()
        .map(|base| reviewed(base, &scan.selection))
        .transpose()?;
    let stood = |place: &FilePlace, last| {
        reviewed
            .as_ref()
            .is_none_or(|reviewed| reviewed.stood(place, last))
    };
    let tenant = match scan.inventory.is_empty() {
        true => None,
        false => Some(check::known(&scan.inventory, &[])?),
    };
    let known = Known {
        baseline,
        tenant,
        only_live: scan.only_live,
        files: match selection.staged {
            true => Box::new(staged::Beside::default()),
            false => Box::new(Disk),
        },
    };
    let mut outcome = judge(
        collection,
        rules,
        &policy,
        &extent,
        &stood,
        known,
        &scan.judgement,
    );
    outcome.origin = origin();
    Ok(outcome)
}

/// Gives the documents to the collector; answers how many the policy excludes.
fn read(
    selection: &Selection,
    roots: &[PathBuf],
    named: Vec<PathBuf>,
    policy: &Policy,
    collector: &Collector<'_>,
) -> Result<u64, Failure> {
    let here = Path::new(".");
    if selection.staged {
        let options = staged::Options {
            paths: named,
            policy,
        };
        return staged::read(here, &options, collector).into_diagnostic();
    }
    if let Some(since) = &selection.since {
        let options = range::Options {
            since: since.clone(),
            paths: named,
            policy,
        };
        return range::read(here, &options, collector).into_diagnostic();
    }
    let options = tree::Options {
        gitignore: !selection.no_gitignore,
        policy,
        threads: tree::threads(),
    };
    Ok(tree::walk(roots, &options, collector))
}

/// Which ignores the base has: they are compared with what was scanned.
fn reviewed<'r>(base: &'r Revision, selection: &Selection) -> Result<Reviewed<'r>, Failure> {
    let here = Path::new(".");
    if selection.staged {
        let index = staged::Index::open(here).into_diagnostic()?;
        return Ok(Reviewed::new(base, move |path| index.file(path, MAX_FILE)));
    }
    if selection.since.is_some() || selection.history {
        let head = Revision::resolve(here, "HEAD").into_diagnostic()?;
        return Ok(Reviewed::new(base, move |path| {
            head.file(path, MAX_FILE).ok().flatten()
        }));
    }
    Ok(Reviewed::new(base, |path| file::read(path, MAX_FILE).ok()))
}

/// What is known beside what was read.
struct Known {
    /// An earlier report.
    baseline: Option<Baseline>,
    /// What sweeps found.
    tenant: Option<Merged>,
    /// Whether keys that no sweep found are left out.
    only_live: bool,
    /// What stands beside the documents.
    files: Box<dyn Files>,
}

impl Known {
    /// Adds what the tenant says of the keys that were found.
    fn join(&self, found: &mut Vec<Fact>, policy: &Policy) {
        let Some(tenant) = &self.tenant else {
            return;
        };
        let none = Leaks::default();
        let estate = Estate::new(tenant, policy, &none);
        let leaks = estate.active_leaks(found);
        if self.only_live {
            found.retain(|fact| match fact {
                Fact::Occurrence(key) => estate.is_live(&key.fingerprint),
                Fact::SharedKey(key) => estate.is_live(&key.fingerprint),
                Fact::EncryptedStore(_) => false,
                _ => true,
            });
        }
        found.extend(leaks);
    }
}

/// Everything between what was read and what is reported.
fn judge(
    mut collection: Collection,
    rules: RuleSet,
    policy: &Policy,
    extent: &Extent,
    stood: &dyn Fn(&FilePlace, u64) -> bool,
    known: Known,
    judgement: &Judgement,
) -> Outcome {
    let mut notices = std::mem::take(&mut collection.notices);
    let rules = rules.with_severities(|rule| policy.severity_of(rule));
    let (rules, mut not_evaluated) = rules.only(|rule| extent.judges(rule));
    // Nobody expects a scan of files to judge the tenant.
    let missed = not_evaluated.iter();
    let missed = missed.filter(|rule| rule.scope != Scope::Estate);
    let missed: Vec<_> = missed.map(|rule| rule.id.clone()).collect();
    if !missed.is_empty() {
        notices.push(Notice::RulesNotEvaluated(missed));
    }
    let (rules, unasked) = rules.only(|rule| match rule.on() {
        FactType::ActiveLeak => known.tenant.is_some(),
        // Where dead keys are left out, what hides them is not idle.
        FactType::Suppression => !known.only_live,
        _ => true,
    });
    not_evaluated.extend(unasked);
    let coverage = collection.coverage;
    let ignores = std::mem::take(&mut collection.ignores);
    let read_gaps = std::mem::take(&mut collection.gaps);
    let mut found = facts(collection, policy, &*known.files);
    known.join(&mut found.facts, policy);
    found.facts.extend(policy.facts());
    notices.extend(found.notices);
    let (mut findings, mut gaps) = rules.evaluate(&found.facts);
    gaps.extend(read_gaps);
    gaps.extend(found.gaps);
    if !judgement.no_suppress {
        let applied = suppress::apply_reviewed(policy, &ignores, &mut findings, stood);
        notices.extend(applied.notices);
        let (unused, more) = rules.evaluate(&applied.suppressions);
        findings.extend(unused);
        gaps.extend(more);
    }
    if let Some(mut baseline) = known.baseline {
        baseline.mark(&mut findings);
        if matches!(extent, Extent::Tree) {
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
        not_evaluated,
        evidence: None,
        coverage,
        terms: Terms {
            fail_on: judgement.fail_on.severity(),
            strict: judgement.strict,
            allow_incomplete: judgement.allow_incomplete,
        },
        origin: Origin::default(),
    }
}

/// The facts of what was read, joins included; `files` is what stands beside it.
pub(super) fn facts(mut collection: Collection, policy: &Policy, files: &dyn Files) -> Found {
    let structures = std::mem::take(&mut collection.structures);
    let mut found = structures.facts(policy, files);
    join::number_chosen(&mut collection.occurrences);
    join::in_regions(&mut collection.occurrences, &found.regions);
    let shared = join::shared_keys(&collection.occurrences);
    let stores = join::encrypted_stores(&collection.stores, &collection.decryption_keys);
    let occurrences = collection.occurrences.into_iter().map(Fact::from);
    let joined = shared.into_iter().map(Fact::from);
    let stores = stores.into_iter().map(Fact::from);
    found.facts.extend(occurrences.chain(joined).chain(stores));
    found
}

/// Takes out the gaps that the policy accepts, and says so.
pub(super) fn accept(mut gaps: Vec<Gap>, policy: &Policy, notices: &mut Vec<Notice>) -> Vec<Gap> {
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

/// Where the run takes place, as far as a report has to know.
pub(super) fn origin() -> Origin {
    let directory = std::env::current_dir().ok();
    let directory = directory.map(|directory| directory.to_string_lossy().into_owned());
    Origin::of(directory, |name| std::env::var(name).ok())
}

/// Keyed, when the environment has the key.
fn fingerprinter() -> Result<Fingerprinter, Failure> {
    match fingerprint_key()? {
        Some(key) => Ok(Fingerprinter::keyed(&key)),
        None => Fingerprinter::for_this_run()
            .into_diagnostic()
            .wrap_err("the operating system gave no random numbers"),
    }
}

/// The key of the fingerprints of chosen values, if the environment has one.
pub(super) fn fingerprint_key() -> Result<Option<String>, Failure> {
    match std::env::var(Fingerprinter::KEY_VARIABLE) {
        Ok(key) if key.len() >= 16 => Ok(Some(key)),
        Ok(_) => Err(miette!(
            help = "use 32 random characters or more, the same in every run",
            "{} is shorter than 16 characters",
            Fingerprinter::KEY_VARIABLE
        )),
        Err(_) => Ok(None),
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
