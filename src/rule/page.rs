//! Rules as documents: the same words in `keysweep rules explain`, in
//! `docs/rules.md`, in the README's table and in SARIF.

use std::fmt::Write;

use super::schema::{Record, Type};
use super::{Example, ExampleFile, Metadata, Rule, RuleSet, Scope};
use crate::fact::FactType;

/// Why a rule matters, what to do, and where to read on: SARIF's
/// `help.markdown`.
#[must_use]
pub fn help_markdown(rule: &Metadata) -> String {
    let mut out = String::new();
    let help = &rule.help;
    section(&mut out, "Why", &help.why);
    section(&mut out, "What to do", &help.fix);
    if !rule.controls.is_empty() {
        let controls = rule.controls.iter();
        let controls = controls.map(|control| format!("- {} {}", control.framework, control.id));
        section(
            &mut out,
            "Controls",
            &controls.collect::<Vec<_>>().join("\n"),
        );
    }
    if !help.links.is_empty() {
        let links = help.links.iter().map(|link| format!("- <{link}>"));
        section(&mut out, "Links", &links.collect::<Vec<_>>().join("\n"));
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

fn section(out: &mut String, title: &str, text: &str) {
    let _ = write!(out, "**{title}**\n\n{}\n\n", text.trim());
}

impl Rule {
    /// The rule's page, in Markdown.
    #[must_use]
    pub fn page(&self) -> String {
        let rule = &self.metadata;
        let mut out = format!(
            "## {} {}\n\n{}\n\n",
            rule.id,
            rule.name,
            rule.summary.trim()
        );
        let mut marks = vec![format!("severity **{}**", rule.severity.as_str())];
        marks.extend(rule.cwe.iter().map(|number| format!("CWE-{number}")));
        marks.push(
            match rule.scope {
                Scope::Place => "judges one place",
                Scope::Tree => "judges the whole tree",
                Scope::Policy => "judges the policy",
                Scope::Estate => "judges the live tenant",
            }
            .to_owned(),
        );
        if !rule.enabled {
            marks.push("off unless the policy turns it on".to_owned());
        }
        let _ = write!(out, "{}\n\n{}", marks.join(" · "), help_markdown(rule));
        let when = self.when.trim();
        let _ = write!(
            out,
            "\n**Condition**, on `{}`\n\n```cel\n{when}\n```\n",
            self.on.name()
        );
        for example in self.examples().unwrap_or_default() {
            out.push('\n');
            write_example(&mut out, &example);
        }
        out
    }
}

fn write_example(out: &mut String, example: &Example) {
    let verdict = match &example.expected {
        Some(place) => format!("**Bad**, at `{}`", place.written()),
        None if example.others.is_empty() => "**Good**".to_owned(),
        None => format!("**Not this rule**, but {}", example.others.join(", ")),
    };
    let title = example.title.as_deref().map(|title| format!(": {title}"));
    let today = example.today.map(|today| format!(", on {today}"));
    let _ = writeln!(
        out,
        "{verdict}{}{}",
        today.unwrap_or_default(),
        title.unwrap_or_default()
    );
    for ExampleFile { path, text } in &example.templates {
        write_file(out, path, text);
    }
}

fn write_file(out: &mut String, path: &str, text: &str) {
    let longest = text.lines().map(|line| ticks(line.trim_start())).max();
    let fence = "`".repeat(longest.unwrap_or(0).max(2) + 1);
    let _ = write!(
        out,
        "\n`{path}`\n\n{fence}text\n{}\n{fence}\n",
        text.trim_end()
    );
}

fn ticks(line: &str) -> usize {
    line.bytes().take_while(|byte| *byte == b'`').count()
}

/// Every rule, as a table in Markdown.
#[must_use]
pub fn table(rules: &RuleSet) -> String {
    let mut out = String::from("| id | name | severity | what it says |\n|---|---|---|---|\n");
    for rule in rules.iter() {
        let rule = rule.metadata();
        let off = if rule.enabled {
            ""
        } else {
            " (off by default)"
        };
        let _ = writeln!(
            out,
            "| [{id}](docs/rules.md#{anchor}) | {name} | {severity} | {summary}{off} |",
            id = rule.id,
            anchor = format!("{}-{}", rule.id, rule.name).to_lowercase(),
            name = rule.name,
            severity = rule.severity.as_str(),
            summary = rule.summary.trim().replace('|', "\\|"),
        );
    }
    out
}

/// `docs/rules.md`.
#[must_use]
pub fn write_document(rules: &RuleSet) -> String {
    let mut out = String::from(
        "# Rules\n\n\
         Generated from `rules/*.toml`; `UPDATE=1 cargo test --lib rule::` writes it anew. \
         `{{function-key}}` and its kin stand for keys, which no file of this repository holds. \
         `keysweep rules explain ID` prints a rule's page.\n\n",
    );
    out.push_str(&table(rules).replace("docs/rules.md#", "#"));
    for rule in rules.iter() {
        let _ = write!(out, "\n{}", rule.page());
    }
    out
}

/// What conditions and messages can name: every fact, field, type and word.
#[must_use]
pub fn facts() -> String {
    let mut out = String::from(
        "# Facts\n\n\
         What a condition and a message can name, by the type of fact that the rule is `on`. \
         A field marked *may be absent* needs `has(…)` before it, or a comparison.\n",
    );
    for fact in FactType::ALL {
        let record = Record::of(*fact);
        let _ = write!(out, "\n## {}\n\n{}\n\n", fact.name(), record.doc);
        out.push_str("| field | type | meaning |\n|---|---|---|\n");
        write_fields(&mut out, fact.name(), &record);
    }
    out
}

fn write_fields(out: &mut String, path: &str, record: &Record) {
    for field in &record.fields {
        let path = format!("{path}.{}", field.name);
        let absent = match field.ty.is_optional() {
            true => ", *may be absent*",
            false => "",
        };
        let (ty, nested) = match field.ty.present() {
            Type::Bool => ("bool".to_owned(), None),
            Type::Int => ("int".to_owned(), None),
            Type::Enum(_) => ("word".to_owned(), None),
            Type::Record(record) => ("record".to_owned(), Some(record)),
            Type::List(item) => (format!("list of {}", plural(item)), None),
            _ => ("string".to_owned(), None),
        };
        let mut doc = field.doc.replace('|', "\\|");
        if let Type::Enum(words) = field.ty.present() {
            let words = words.words.iter();
            let words =
                words.map(|word| format!("`{}`: {}", word.text, word.doc.replace('|', "\\|")));
            doc = format!("{doc}<br>{}", words.collect::<Vec<_>>().join("<br>"));
        }
        let _ = writeln!(out, "| `{path}` | {ty}{absent} | {doc} |");
        if let Some(record) = nested {
            write_fields(out, &path, record);
        }
    }
}

fn plural(ty: &Type) -> &'static str {
    match ty {
        Type::Bool => "bools",
        Type::Int => "ints",
        Type::Enum(_) => "words",
        _ => "strings",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// Compares a generated document with the file, or writes it.
    fn assert_fresh(path: &str, wanted: &str) {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&file, wanted).unwrap();
        }
        let found = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(
            found.replace("\r\n", "\n") == wanted,
            "{path} is stale: run `UPDATE=1 cargo test --lib rule::` and commit it"
        );
    }

    #[test]
    fn the_documents_are_fresh() {
        assert_fresh("docs/rules.md", &write_document(&RuleSet::builtin()));
        assert_fresh("docs/facts.md", &facts());
    }

    #[test]
    fn a_page_has_all_of_a_rule() {
        let rules = RuleSet::builtin();
        for rule in rules.iter() {
            let page = rule.page();
            let metadata = rule.metadata();
            for text in [&metadata.id, &metadata.name, &metadata.summary, &rule.when] {
                assert!(page.contains(text.trim()), "{}: {text}", metadata.id);
            }
            let help = help_markdown(metadata);
            assert!(page.contains(&help) && help.contains("**What to do**"));
            assert!(page.matches("**Bad**").count() >= 3, "{}", metadata.id);
        }
    }

    #[test]
    fn facts_have_every_field_and_word() {
        let text = facts();
        for expected in [
            "| `occurrence.kind` | word |",
            "`api-management`",
            "| `occurrence.caller.supporting` | bool |",
            "| `register_entry.days_since_rotation` | int, *may be absent* |",
            "list of strings",
        ] {
            assert!(text.contains(expected), "{expected}");
        }
    }

    #[test]
    fn a_fence_is_longer_than_those_inside() {
        let mut out = String::new();
        write_file(&mut out, "README.md", "a\n```sh\nb\n```\n");
        assert!(out.contains("\n````text\na\n```sh\nb\n```\n````\n"));
    }
}
