//! A rule as its file has it: TOML, every field known, every span kept.
//!
//! The form is documented for authors in `docs/own-rules.md`.

use serde::Deserialize;
use std::ops::Range;
use toml::Spanned;

use super::condition::{self, ConditionError};
use super::example::{Example, ExampleForm, read_examples};
use super::literal::span_in_document;
use super::problem::{Origin, Problem};
use super::template::Template;
use super::{Control, Help, Metadata, Rule, Scope};
use crate::fact::FactType;
use crate::finding::Severity;
use crate::similar::similar;

/// The longest summary: SARIF's `shortDescription` as code scanning shows it.
const MAX_SUMMARY: usize = 1024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleForm {
    id: Spanned<String>,
    name: Spanned<String>,
    severity: Severity,
    on: FactType,
    when: Spanned<String>,
    summary: Spanned<String>,
    message: Spanned<String>,
    many: Option<Spanned<String>>,
    #[serde(default)]
    cwe: Vec<u32>,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    controls: Vec<Control>,
    scope: Option<Scope>,
    #[serde(default = "yes")]
    enabled: bool,
    help: Help,
    #[serde(default)]
    bad: Vec<Spanned<ExampleForm>>,
    #[serde(default)]
    good: Vec<Spanned<ExampleForm>>,
}

type Checked = Result<(), ConditionError>;

fn yes() -> bool {
    true
}

/// Reads a rule that is built in: its examples are not needed to run it, and it
/// is checked by the tests. What can fail is left to whoever uses it.
pub(super) fn read_builtin(origin: Origin) -> Result<Rule, Problem> {
    let head = head(&origin.text);
    let form: RuleForm = toml::from_str(head).map_err(|error| toml_problem(&origin, &error))?;
    let template = |text: &Spanned<String>| {
        Template::parse(text.get_ref()).map_err(|error| condition_problem(&origin, text, &error))
    };
    let message = template(&form.message)?;
    let many = form.many.as_ref().map(template).transpose()?;
    Ok(rule(form, message, many, origin))
}

/// Reads a rule and checks everything about it.
///
/// # Errors
/// All that is wrong with it.
pub(super) fn read_checked(origin: Origin) -> Result<Rule, Vec<Problem>> {
    let form: RuleForm =
        toml::from_str(&origin.text).map_err(|error| vec![toml_problem(&origin, &error)])?;
    let mut problems = shape(&origin, &form);
    if let Err(error) = condition::check(form.when.get_ref(), form.on) {
        problems.push(condition_problem(&origin, &form.when, &error));
    }
    if let Err(found) = read_examples(&origin, &form.bad, &form.good) {
        problems.extend(found);
    }
    let mut checked = |text: &Spanned<String>, check: &dyn Fn(&Template) -> Checked| {
        let template = Template::parse(text.get_ref());
        match template.and_then(|template| check(&template).map(|()| template)) {
            Ok(template) => Some(template),
            Err(error) => {
                problems.push(condition_problem(&origin, text, &error));
                None
            }
        }
    };
    let message = checked(&form.message, &|message| message.check(form.on));
    let many = form.many.as_ref();
    let many = many.map(|many| checked(many, &Template::check_many));
    if let (Some(message), true) = (message, problems.is_empty()) {
        return Ok(rule(form, message, many.flatten(), origin));
    }
    problems.sort_by_key(|problem| problem.span().map(|span| span.start));
    Err(problems)
}

/// The examples of a rule, bad ones first.
pub(super) fn examples(origin: &Origin) -> Result<Vec<Example>, Vec<Problem>> {
    let form: RuleForm =
        toml::from_str(&origin.text).map_err(|error| vec![toml_problem(origin, &error)])?;
    read_examples(origin, &form.bad, &form.good)
}

/// What stands before the first example. Most of a rule's text is examples, and
/// a run needs none of them.
fn head(text: &str) -> &str {
    let find = |mark: &str| memchr::memmem::find(text.as_bytes(), mark.as_bytes());
    let ends = ["\n[[bad]]", "\n[[good]]"].map(find);
    let end = ends.into_iter().flatten().min();
    end.map_or(text, |end| &text[..=end])
}

fn rule(form: RuleForm, message: Template, many: Option<Template>, origin: Origin) -> Rule {
    let id_span = form.id.span();
    Rule {
        metadata: Metadata {
            id: form.id.into_inner(),
            name: form.name.into_inner(),
            severity: form.severity,
            summary: form.summary.into_inner(),
            help: form.help,
            cwe: form.cwe,
            tags: form.tags,
            controls: form.controls,
            scope: form.scope.unwrap_or(natural_scope(form.on)),
            enabled: form.enabled,
        },
        on: form.on,
        when: form.when.into_inner(),
        id_span,
        message,
        many,
        condition: std::sync::OnceLock::new(),
        origin,
    }
}

/// What a rule on such a fact has to see, unless it says otherwise.
fn natural_scope(fact: FactType) -> Scope {
    match fact {
        FactType::Occurrence
        | FactType::PipelineKeyUse
        | FactType::PipelineRotation
        | FactType::TemplateKeyRef
        | FactType::TemplateKeyFlow
        | FactType::Setting
        | FactType::HttpTrigger
        | FactType::UrlKey
        | FactType::ActiveLeak => Scope::Place,
        FactType::SharedKey
        | FactType::PipelineSharedKey
        | FactType::EncryptedStore
        | FactType::TemplateSharedKey
        | FactType::Suppression => Scope::Tree,
        FactType::Exemption | FactType::RegisterEntry => Scope::Policy,
        FactType::App
        | FactType::Function
        | FactType::Key
        | FactType::ReusedKey
        | FactType::ReportedLeak
        | FactType::RegisteredKey
        | FactType::UnregisteredKey
        | FactType::Holder
        | FactType::NamedValue
        | FactType::GatewaySubscription
        | FactType::KeyReader
        | FactType::KeyReaders
        | FactType::KeyEvent => Scope::Estate,
    }
}

/// The forms of id, name, summary and help.
fn shape(origin: &Origin, form: &RuleForm) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut refuse = |value: &Spanned<String>, message: &str, help: &str| {
        let problem = Problem::new(message).help(help);
        problems.push(problem.at(origin, value.span(), "here"));
    };
    let id = form.id.get_ref();
    if !is_id(id) {
        let help = "write two to eight capitals and three to six digits: ACME001";
        refuse(&form.id, "the id has another form than an id", help);
    }
    let name = form.name.get_ref();
    let pascal = name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.bytes().all(|b| b.is_ascii_alphanumeric());
    if !pascal {
        let help = "write what is wrong, in PascalCase: MasterKeyLeaked";
        refuse(&form.name, "the name is not in PascalCase", help);
    }
    let summary = form.summary.get_ref().trim_end();
    if summary.contains('\n') || !summary.ends_with('.') || summary.len() > MAX_SUMMARY {
        let help = "one sentence of at most 1,024 characters, on one line, with a full stop";
        refuse(&form.summary, "the summary is not a sentence", help);
    }
    if !form.message.get_ref().trim_end().ends_with('.') {
        let help = "say what was found, and what to do; end with a full stop";
        refuse(&form.message, "the message is not a sentence", help);
    }
    if let Some(many) = &form.many
        && !many.get_ref().trim_end().ends_with('.')
    {
        let help = "say what was found of all of them, and what to do; end with a full stop";
        refuse(many, "the message about many is not a sentence", help);
    }
    for (text, what) in [(&form.help.why, "why"), (&form.help.fix, "fix")] {
        if text.trim().is_empty() {
            let problem = Problem::new(format!("help.{what} is empty"));
            problems.push(problem.help("say why it matters, and what to do"));
        }
    }
    problems
}

/// `KS1001`, `ACME001`.
fn is_id(id: &str) -> bool {
    let letters = id.bytes().take_while(u8::is_ascii_uppercase).count();
    let digits = id.len() - letters;
    (2..=8).contains(&letters)
        && (3..=6).contains(&digits)
        && id.bytes().skip(letters).all(|b| b.is_ascii_digit())
}

/// A problem inside a string of the file.
pub(super) fn condition_problem(
    origin: &Origin,
    text: &Spanned<String>,
    error: &ConditionError,
) -> Problem {
    let span = in_document(origin, text, &error.span);
    Problem::new(&*error.message)
        .help(&*error.help)
        .at(origin, span, &*error.label)
}

/// The span in the file of a part of a string's value.
pub(super) fn in_document(
    origin: &Origin,
    text: &Spanned<String>,
    part: &Range<usize>,
) -> Range<usize> {
    let whole = text.span();
    let literal = origin.text.get(whole.clone()).unwrap_or_default();
    span_in_document(literal, whole.start, text.get_ref(), part)
}

/// What the TOML parser says, with advice where it names the known words.
fn toml_problem(origin: &Origin, error: &toml::de::Error) -> Problem {
    let message = error.message();
    let (said, expected) = message.split_once(", expected").unwrap_or((message, ""));
    let words = said
        .replace('`', "'")
        .replace("unknown variant", "unknown word");
    let mut problem = Problem::new(words);
    let quoted = |text: &str| -> Vec<String> {
        text.split('`')
            .skip(1)
            .step_by(2)
            .map(str::to_owned)
            .collect()
    };
    let known = quoted(expected);
    if let (Some(word), false) = (quoted(said).first(), known.is_empty()) {
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        problem = problem.help(match similar(word, known.iter().copied()) {
            Some(meant) => format!("did you mean '{meant}'?"),
            None => format!("known are {}", crate::similar::all_of(&known)),
        });
    } else {
        problem = problem.help("the form of a rule is described in docs/own-rules.md");
    }
    match error.span() {
        Some(span) => problem.at(origin, span, "here"),
        None => problem.at(origin, 0..0, "in this file"),
    }
}
