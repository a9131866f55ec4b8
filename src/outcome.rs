//! Everything that a run has to say: what reports are made of.

use crate::evidence::Evidence;
use crate::finding::{Finding, Severity};
use crate::gap::{Gap, Notice};
use crate::origin::Origin;
use crate::rule::Metadata;

/// The result of a run, sorted; reports write it and decide nothing.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// What was found, suppressed findings included.
    pub findings: Vec<Finding>,
    /// What should have been looked at and was not.
    pub gaps: Vec<Gap>,
    /// Limits that the user should know of.
    pub notices: Vec<Notice>,
    /// Every rule that was evaluated, whether it fired or not.
    pub rules: Vec<Metadata>,
    /// Rules that are on, and that this run could not evaluate: they need to
    /// see more than it looked at.
    pub not_evaluated: Vec<Metadata>,
    /// What was looked at.
    pub coverage: Coverage,
    /// Every key that was looked at, where a tenant was judged and a report
    /// wants a table of them.
    pub evidence: Option<Evidence>,
    /// How it is to be judged.
    pub terms: Terms,
    /// Where it ran, as far as reports need it.
    pub origin: Origin,
}

/// How much was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Coverage {
    /// Files read to their end.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files, and directories as one each, that the policy excludes.
    pub excluded: u64,
    /// Commits that they are of, where the whole history was looked at.
    pub commits: u64,
    /// What was looked at of a tenant, in a run that judges one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<TenantCoverage>,
}

/// How much of a tenant was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct TenantCoverage {
    /// Subscriptions in scope.
    pub subscriptions: u64,
    /// Apps and slots in scope.
    pub apps: u64,
    /// Those whose keys were listed, all of them.
    pub assessed: u64,
    /// Functions of them.
    pub functions: u64,
    /// Keys of them.
    pub keys: u64,
}

/// How the run is to be judged.
#[derive(Clone, Debug)]
pub struct Terms {
    /// The least severity that fails the run; none with `--fail-on never`.
    pub fail_on: Option<Severity>,
    /// Whether notices count as gaps.
    pub strict: bool,
    /// Whether gaps are forgiven.
    pub allow_incomplete: bool,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            fail_on: Some(Severity::High),
            strict: false,
            allow_incomplete: false,
        }
    }
}

/// How a run ends; 2 wins over 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing at or above the threshold: exit code 0.
    Clean,
    /// Findings at or above it: exit code 1.
    Findings,
    /// Not everything was looked at: exit code 2.
    Incomplete,
}

impl Verdict {
    /// The exit code.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Findings => 1,
            Self::Incomplete => 2,
        }
    }
}

impl Outcome {
    /// How the run ends.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let incomplete = !self.gaps.is_empty()
            || (self.terms.strict && self.notices.iter().any(Notice::is_limit));
        if incomplete && !self.terms.allow_incomplete {
            return Verdict::Incomplete;
        }
        let fails = |finding: &Finding| {
            finding.counts()
                && self
                    .terms
                    .fail_on
                    .is_some_and(|least| finding.severity >= least)
        };
        if self.findings.iter().any(fails) {
            Verdict::Findings
        } else {
            Verdict::Clean
        }
    }
}
