//! What a run of the program gave.

use serde_json::Value;
use std::process::Output;

/// Exit code, both outputs and, for `--format json`, the findings.
#[derive(Debug)]
pub(crate) struct Run {
    /// The exit code; none when a signal ended it.
    pub(crate) code: Option<i32>,
    /// Standard output.
    pub(crate) stdout: String,
    /// Standard error.
    pub(crate) stderr: String,
    /// The report, where it is JSON.
    pub(crate) report: Value,
    /// Its findings that count, in order.
    pub(crate) findings: Vec<Finding>,
}

/// A finding, as far as scenarios ask for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// The rule's id.
    pub(crate) rule: String,
    /// The file, or the last two names of a resource.
    pub(crate) path: String,
    /// Where the key begins.
    pub(crate) line: u64,
    /// In UTF-16 code units.
    pub(crate) column: u64,
    /// What the key opens.
    pub(crate) kind: String,
}

impl Run {
    pub(crate) fn of(output: Output) -> Self {
        let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
        let report: Value = serde_json::from_str(&stdout).unwrap_or_default();
        let all = report["findings"].as_array().cloned().unwrap_or_default();
        let counts = all.iter().filter(|finding| finding["suppressed"].is_null());
        Self {
            code: output.status.code(),
            findings: counts.map(finding).collect(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            report,
            stdout,
        }
    }

    /// The rules that fired, each as often as it did.
    pub(crate) fn rules(&self) -> Vec<&str> {
        self.findings.iter().map(|f| f.rule.as_str()).collect()
    }

    /// `rule place` of every finding about a tenant.
    pub(crate) fn subjects(&self) -> Vec<String> {
        let subject = |f: &Finding| format!("{} {}", f.rule, f.path);
        self.findings.iter().map(subject).collect()
    }

    /// `path:line` of every finding.
    pub(crate) fn places(&self) -> Vec<String> {
        let place = |f: &Finding| format!("{}:{}", f.path, f.line);
        self.findings.iter().map(place).collect()
    }

    /// `kind subject` of everything that was not looked at.
    pub(crate) fn gaps(&self) -> Vec<String> {
        self.unseen("gaps")
    }

    /// The kinds of the limits that it told.
    pub(crate) fn notices(&self) -> Vec<String> {
        self.unseen("notices")
    }

    fn unseen(&self, list: &str) -> Vec<String> {
        let list = self.report[list].as_array().cloned().unwrap_or_default();
        let words = |unseen: &Value| {
            let kind = unseen["kind"].as_str().unwrap_or_default();
            match unseen["subject"].as_str() {
                Some(subject) => format!("{kind} {subject}"),
                None => kind.to_owned(),
            }
        };
        list.iter().map(words).collect()
    }

    /// Ends the test unless the program ended so.
    #[track_caller]
    pub(crate) fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}\n{}", self.stdout, self.stderr);
        self
    }
}

fn finding(value: &Value) -> Finding {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let number = |value: &Value| value.as_u64().unwrap_or_default();
    Finding {
        rule: text(&value["ruleId"]),
        path: match value["location"]["id"].as_str() {
            Some(id) => {
                let names: Vec<&str> = id.rsplitn(3, '/').take(2).collect();
                names.into_iter().rev().collect::<Vec<_>>().join("/")
            }
            None => text(&value["location"]["path"]),
        },
        line: number(&value["location"]["start"]["line"]),
        column: number(&value["location"]["start"]["column"]),
        kind: text(&value["properties"]["keyKind"]),
    }
}
