//! The catalogue as a page.

use std::fmt::Write;

use super::{Catalogue, Entry, Evidence};
use crate::rule::{Metadata, RuleSet};

/// `docs/controls.md`.
#[must_use]
pub fn document(rules: &RuleSet) -> String {
    let catalogue = Catalogue::builtin();
    let mut out = String::from(
        "# Controls\n\n\
         Which controls of which compliance frameworks keysweep's rules are evidence for, and why. \
         A control is listed only where its own text asks for what the rule looks at; what it says is \
         put in our words, and the framework's text is the one that counts.\n\n\
         A rule is evidence, not proof: that it found nothing says that keysweep, where it looked, found \
         nothing. With `--group-by control`, a report lists every control \
         with what was found, what passed and what was not evaluated.\n\n\
         Generated from `src/control/catalogue.toml`, which a test holds against `rules/`; \
         `UPDATE=1 cargo test --test controls` writes it anew.\n",
    );
    let mut framework = "";
    let controls = catalogue.controls.iter();
    for entry in controls.filter(|entry| entry.evidence.iter().any(|of| exists(of, rules))) {
        if entry.framework != framework {
            framework = &entry.framework;
            let _ = write!(out, "\n## {framework}\n");
        }
        control(&mut out, entry, rules);
    }
    out.push_str(
        "\n## Controls that come near\n\n| control | why no rule is evidence for it |\n|---|---|\n",
    );
    for considered in &catalogue.considered {
        let (framework, id, why) = (&considered.framework, &considered.id, &considered.why);
        let _ = writeln!(out, "| {framework} {id} | {why} |");
    }
    out.push_str("\n## Rules without a control\n\n| rule | why |\n|---|---|\n");
    for none in catalogue.none.iter().filter(|none| exists(none, rules)) {
        let _ = writeln!(out, "| {} | {} |", links(&none.rules, rules), none.why);
    }
    out
}

fn control(out: &mut String, entry: &Entry, rules: &RuleSet) {
    let (id, title, says) = (&entry.id, &entry.title, &entry.says);
    let _ = write!(
        out,
        "\n### {id} {title}\n\n{says}\n\n| rules | why |\n|---|---|\n"
    );
    for evidence in entry.evidence.iter().filter(|of| exists(of, rules)) {
        let _ = writeln!(
            out,
            "| {} | {} |",
            links(&evidence.rules, rules),
            evidence.why
        );
    }
}

/// Whether there is one of the rules.
fn exists(evidence: &Evidence, rules: &RuleSet) -> bool {
    evidence.rules.iter().any(|id| rules.get(id).is_ok())
}

/// The rules that there are, each linked to its page.
fn links(ids: &[String], rules: &RuleSet) -> String {
    let link = |id: &String| {
        let Metadata { name, .. } = rules.get(id).ok()?.metadata();
        let anchor = format!("{id}-{name}").to_lowercase();
        Some(format!("[{id}](rules.md#{anchor} \"{name}\")"))
    };
    let links: Vec<_> = ids.iter().filter_map(link).collect();
    links.join(", ")
}
