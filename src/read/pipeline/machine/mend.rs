//! Changes that keep a key out of a log or of a URL, where one is certain.
//!
//! A change is certain where its lines are lines of the document, and where the
//! text says all that the change depends on; anything else has none.

use std::ops::Range;
use std::sync::{Arc, LazyLock};

use regex::Regex;

use super::super::super::shell::Assign;
use super::super::name::Dialect;
use super::super::value::{Place, Scope, Supply, id, is_known};
use super::super::world::Mend;
use super::http::{is_functions, parts};
use super::{Machine, Shell};
use crate::syntax::yaml::Style;

const MASK: &str = "Mask the key before anything else is done with it.";
const SECRET: &str =
    "Declare the variable secret. Later steps read it as $(…), not from the environment.";
const TAKE: &str = "Take the key into a variable, and mask it before it is handed on.";
const HEADER: &str = "Send the key in the header 'x-functions-key'.";

static SET_VARIABLE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)##vso\[task\.setvariable (?P<properties>[^\[\]\n]*)\]")
        .expect("a constant pattern, tested")
});

static NOT_SECRET: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)issecret\s*=\s*(?P<no>false)").expect("a constant pattern, tested")
});

static NAME: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^[A-Za-z_][A-Za-z0-9_]*$").expect("a constant pattern, tested"));

/// The left side of an assignment of PowerShell.
static ASSIGNED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?-u)^(?:\[[\w.]+\]\s*)?\$(?P<name>(?i:env:)?[A-Za-z_]\w*)\s*=")
        .expect("a constant pattern, tested")
});

/// `echo "NAME=$(…)"`
static ECHO: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"^echo "(?P<name>[A-Za-z_]\w*)=(?P<taken>\$\((?P<command>[^\n]+)\))"$"#)
        .expect("a constant pattern, tested")
});

static CODE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i-u)(?P<before>[?&])code=(?P<value>\$\{\{(?u:[^{}])*\}\}|\$\{\w+\}|\$\([\w.-]+\)|\$(?:env:)?\w+)(?P<behind>&|#|$)",
    )
    .expect("a constant pattern, tested")
});

impl Machine<'_> {
    /// Notes where a key that was fetched comes into a variable: from there on
    /// it can be masked.
    pub(super) fn capture(&mut self, assign: &Assign, value: &str) {
        let mut pieces = value.chars();
        let (Some(id), None) = (pieces.next().and_then(id), pieces.next()) else {
            return;
        };
        let key = &self.world.keys[id];
        let one = !matches!(key.scope, Scope::HostListing | Scope::FunctionListing);
        let fetched = key.from == Supply::Fetched && one && !key.masked && !key.altered;
        if fetched
            && self.captured == 0
            && !assign.append
            && !self.world.masks.contains_key(&id)
            && let Some(mend) = self.masked_behind(assign)
        {
            self.world.masks.insert(id, mend);
        }
    }

    /// A line that masks a variable, behind the one that sets it.
    fn masked_behind(&self, assign: &Assign) -> Option<Mend> {
        let script = self.script.as_ref()?;
        let source = &script.source;
        let lines = self.own_lines(&assign.span)?;
        let said = source.text.get(lines.statement.clone())?;
        let power = self.shell == Shell::Power;
        let name = match power {
            true => ASSIGNED.captures(said)?.name("name")?.as_str(),
            false => said.split('=').next().filter(|name| NAME.is_match(name))?,
        };
        // What the CLI writes as JSON has quotes around it, and a mask of those.
        let plain = match power {
            true => said.contains('(') || said.contains("tsv"),
            false => said.contains("tsv") || said.contains(" -r"),
        };
        if !plain {
            return None;
        }
        let command = match self.dialect {
            Dialect::Workflow | Dialect::Action => "::add-mask::",
            Dialect::Azure => "##vso[task.setsecret]",
            Dialect::Gitlab => return None,
        };
        let echo = if power { "Write-Host" } else { "echo" };
        let line = format!(
            "{}{}{echo} \"{command}${name}\"",
            lines.end_of_line, lines.indent
        );
        Some(Mend {
            source: Arc::clone(source),
            what: MASK,
            edits: vec![(lines.end..lines.end, line)],
        })
    }

    /// What masks a key that is about to be shown or handed on.
    pub(super) fn mask_of(&self, id: usize) -> Option<Mend> {
        self.world.masks.get(&id).cloned()
    }

    /// `echo "NAME=$(…)"`: the key goes through a variable that is masked.
    pub(super) fn taken_first(&self, place: &Place) -> Option<Mend> {
        let script = self.script.as_ref()?;
        let github = matches!(self.dialect, Dialect::Workflow | Dialect::Action);
        if !github || self.shell != Shell::Bash || !Arc::ptr_eq(&script.source, &place.source) {
            return None;
        }
        let text = &script.source.text;
        let said = ECHO.captures(text.get(place.span.clone())?)?;
        let name = &said["name"];
        // A variable of that name that the script has already is left alone.
        let all = text.get(script.origin.span(0..script.text.len()))?;
        let used = Regex::new(&format!(r"\b{name}=|\$\{{?{name}\b")).ok()?;
        if used.find_iter(all).count() != 1 || !said["command"].contains("tsv") {
            return None;
        }
        let before = text.get(..place.span.start)?;
        // Behind `&&` one line may not become three.
        if before.trim_end().ends_with(['&', '|', '\\']) {
            return None;
        }
        let indent = &before[before.rfind('\n').map_or(0, |at| at + 1)..];
        if script.style != Some(Style::Literal) || !indent.trim().is_empty() {
            return None;
        }
        let end_of_line = end_of_line(text.get(place.span.end..)?);
        let taken = said.name("taken")?.range();
        let taken = place.span.start + taken.start..place.span.start + taken.end;
        let before = format!(
            "{name}={}{end_of_line}{indent}echo \"::add-mask::${name}\"{end_of_line}{indent}",
            &said["taken"]
        );
        Some(Mend {
            source: Arc::clone(&script.source),
            what: TAKE,
            edits: vec![
                (place.span.start..place.span.start, before),
                (taken, format!("${name}")),
            ],
        })
    }

    /// `issecret=true` for a variable of Azure Pipelines, unless something reads
    /// it from the environment, where a secret is not.
    pub(super) fn declared_secret(&self, variable: &str, place: &Place) -> Option<Mend> {
        let script = self.script.as_ref()?;
        let text = &place.source.text;
        let said = text.get(place.span.clone())?;
        let mut found = SET_VARIABLE.captures_iter(said);
        let (Some(command), None) = (found.next(), found.next()) else {
            return None;
        };
        let properties = command.name("properties")?;
        let at = place.span.start + properties.start();
        let edit = match properties.as_str() {
            said if said.to_ascii_lowercase().contains("issecret") => {
                let no = NOT_SECRET.captures(said)?.name("no")?.range();
                (at + no.start..at + no.end, "true".to_owned())
            }
            said => {
                let end = at + said.len();
                let separator = if said.ends_with(';') { "" } else { ";" };
                (end..end, format!("{separator}issecret=true"))
            }
        };
        // Whoever calls a script in a file of its own may read it from there.
        let document = std::path::Path::new(&place.source.path);
        let calls = document
            .extension()
            .is_some_and(|end| end == "yml" || end == "yaml");
        let own = script.origin.span(0..script.text.len());
        let around = [text.get(..own.start)?, text.get(own.end..)?];
        let is_read = |text: &&str| reads_environment(text, variable);
        let elsewhere = !calls || !Arc::ptr_eq(&script.source, &place.source);
        if elsewhere || around.iter().any(is_read) {
            return None;
        }
        Some(Mend {
            source: Arc::clone(&place.source),
            what: SECRET,
            edits: vec![edit],
        })
    }

    /// The header in place of `?code=`, for a command that has no such header.
    pub(super) fn header_instead(&self, program: &Place, url: &Place) -> Option<Mend> {
        let script = self.script.as_ref()?;
        let source = &script.source;
        if !Arc::ptr_eq(source, &url.source) || !Arc::ptr_eq(source, &program.source) {
            return None;
        }
        let style = script.style.filter(|style| *style != Style::Double)?;
        let name = source.text.get(program.span.clone())?.to_ascii_lowercase();
        let written = source.text.get(url.span.clone())?;
        let quote = written.chars().next().filter(|c| matches!(c, '"' | '\''));
        let (inner, from) = match quote {
            Some(quote) => {
                let inner = written.strip_prefix(quote)?.strip_suffix(quote)?;
                (inner, url.span.start + 1)
            }
            None => (written, url.span.start),
        };
        if inner.contains(['"', '\'', '\\', '`']) || inner.matches("code=").count() != 1 {
            return None;
        }
        let code = CODE.captures(inner)?;
        let value = &code["value"];
        let expression =
            value.starts_with("${{") || (value.starts_with("$(") && self.dialect == Dialect::Azure);
        if (value.starts_with("$(") || quote == Some('\'')) && !expression {
            return None;
        }
        let (host, path) = parts(inner);
        let webhook = ["/admin/", "/runtime/webhooks/"];
        if !is_functions(host.as_deref(), &path) || webhook.iter().any(|part| path.contains(part)) {
            return None;
        }
        let quote = quote.unwrap_or('"');
        // A colon and a blank would end a plain scalar.
        let blank = if style == Style::Plain { "" } else { " " };
        let header = format!("{quote}x-functions-key:{blank}{value}{quote}");
        let header = match (name.as_str(), style) {
            // In Windows PowerShell these are other names of Invoke-WebRequest.
            ("curl" | "wget", _) if self.shell == Shell::Power => return None,
            ("curl", _) => format!(" -H {header}"),
            ("wget", _) => format!(" --header={header}"),
            ("invoke-restmethod" | "invoke-webrequest" | "irm" | "iwr", Style::Literal) => {
                format!(" -Headers @{{ 'x-functions-key' = \"{value}\" }}")
            }
            _ => return None,
        };
        let all = code.get(0)?.range();
        let behind = code.name("behind")?;
        let cut = match (&code["before"], behind.as_str()) {
            ("?", "&") => all.start + 1..all.end,
            _ => all.start..behind.start(),
        };
        Some(Mend {
            source: Arc::clone(source),
            what: HEADER,
            edits: vec![
                (program.span.end..program.span.end, header),
                (from + cut.start..from + cut.end, String::new()),
            ],
        })
    }

    /// The lines of a statement that has lines of its own in the document.
    fn own_lines(&self, span: &Range<usize>) -> Option<Lines<'_>> {
        const DECLARE: &[&str] = &["", "export", "local", "readonly", "declare"];
        let script = self.script.as_ref()?;
        if script.style != Some(Style::Literal) {
            return None;
        }
        let text = &script.source.text;
        let statement = script.origin.span(span.clone());
        let before = text.get(..statement.start)?;
        let before = &before[before.rfind('\n').map_or(0, |at| at + 1)..];
        let indent = &before[..before.len() - before.trim_start().len()];
        let after = text.get(statement.end..)?;
        let rest = after
            .split('\n')
            .next()
            .unwrap_or(after)
            .trim_end_matches('\r');
        let behind = rest.trim_start();
        let alone = behind.is_empty() || (behind.starts_with('#') && behind.len() < rest.len());
        let next = after[rest.len()..].trim_start();
        let goes_on = ["|", "&&"].iter().any(|sign| next.starts_with(sign));
        (DECLARE.contains(&before.trim()) && alone && !goes_on).then_some(Lines {
            end: statement.end + rest.len(),
            statement,
            indent,
            end_of_line: end_of_line(after),
        })
    }
}

/// Where a statement stands.
struct Lines<'t> {
    statement: Range<usize>,
    /// The blanks before its first line.
    indent: &'t str,
    /// Where its last line ends.
    end: usize,
    end_of_line: &'static str,
}

/// How the first line of a text ends.
fn end_of_line(text: &str) -> &'static str {
    match text.find('\n') {
        Some(end) if text[..end].ends_with('\r') => "\r\n",
        _ => "\n",
    }
}

/// Whether a text reads a variable of Azure Pipelines from the environment.
fn reads_environment(text: &str, variable: &str) -> bool {
    let name = variable.to_ascii_uppercase().replace(['.', ' '], "_");
    let name = regex::escape(&name);
    let read = Regex::new(&format!(r"\$\{{?{name}\b|(?i:env:{name}\b)|(?i:%{name}%)"));
    read.is_ok_and(|read| read.is_match(text)) || !is_known(variable)
}

#[cfg(test)]
mod tests;
