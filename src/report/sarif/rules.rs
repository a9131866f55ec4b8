//! The tool, its rules and the weaknesses that they find.

use ::sarif::sarif::{
    MultiformatMessageString, PropertyBag, ReportingConfiguration, ReportingDescriptor,
    ReportingDescriptorReference, ReportingDescriptorRelationship, ToolComponent,
    ToolComponentReference,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

use super::result::bag;
use super::words::{FailureLevel, security_severity, sentence, shortened};
use crate::outcome::Outcome;
use crate::rule::Metadata;

/// Code scanning's limit for descriptions.
const MAX_DESCRIPTION: usize = 1024;

/// Code scanning's limit.
const MAX_TAGS: usize = 20;

/// The weaknesses that rules name, with MITRE's words. One that is missing here
/// is listed by its number.
const WEAKNESSES: &[(u32, &str)] = &[
    (
        200,
        "Exposure of Sensitive Information to an Unauthorized Actor",
    ),
    (250, "Execution with Unnecessary Privileges"),
    (262, "Not Using Password Aging"),
    (263, "Password Aging with Long Expiration"),
    (269, "Improper Privilege Management"),
    (284, "Improper Access Control"),
    (306, "Missing Authentication for Critical Function"),
    (312, "Cleartext Storage of Sensitive Information"),
    (321, "Use of Hard-coded Cryptographic Key"),
    (324, "Use of a Key Past its Expiration Date"),
    (522, "Insufficiently Protected Credentials"),
    (532, "Insertion of Sensitive Information into Log File"),
    (
        598,
        "Use of GET Request Method With Sensitive Query Strings",
    ),
    (
        615,
        "Inclusion of Sensitive Information in Source Code Comments",
    ),
    (668, "Exposure of Resource to Wrong Sphere"),
    (732, "Incorrect Permission Assignment for Critical Resource"),
    (778, "Insufficient Logging"),
    (798, "Use of Hard-coded Credentials"),
    (1391, "Use of Weak Credentials"),
    (1392, "Use of Default Credentials"),
];

/// The tool, with every rule that was evaluated.
pub(super) fn driver(outcome: &Outcome) -> ToolComponent {
    let rules: Vec<_> = outcome
        .rules
        .iter()
        .map(|rule| descriptor(rule, outcome))
        .collect();
    let version = env!("CARGO_PKG_VERSION");
    let mut driver = ToolComponent::builder()
        .name(env!("CARGO_PKG_NAME"))
        .full_name(format!("{} {version}", env!("CARGO_PKG_NAME")))
        .semantic_version(version)
        .rules(rules)
        .build();
    let address = env!("CARGO_PKG_REPOSITORY");
    driver.information_uri = is_address(address).then(|| address.to_owned());
    if !weaknesses(outcome).is_empty() {
        driver.supported_taxonomies = Some(vec![cwe()]);
    }
    driver
}

/// The weaknesses of all rules, by number.
fn weaknesses(outcome: &Outcome) -> BTreeSet<u32> {
    let all = outcome.rules.iter().flat_map(|rule| &rule.cwe);
    all.copied().collect()
}

/// The part of CWE that the rules speak of; none without a rule that does.
pub(super) fn taxonomies(outcome: &Outcome) -> Vec<ToolComponent> {
    let taxa: Vec<_> = weaknesses(outcome)
        .into_iter()
        .map(|number| {
            let mut weakness = ReportingDescriptor::builder()
                .id(number.to_string())
                .help_uri(format!(
                    "https://cwe.mitre.org/data/definitions/{number}.html"
                ))
                .build();
            weakness.short_description = WEAKNESSES
                .iter()
                .find(|(known, _)| *known == number)
                .map(|(_, words)| message(&sentence(words)));
            weakness
        })
        .collect();
    if taxa.is_empty() {
        return Vec::new();
    }
    vec![
        ToolComponent::builder()
            .name("CWE")
            .organization("MITRE")
            .short_description(message("The MITRE Common Weakness Enumeration."))
            .information_uri("https://cwe.mitre.org/")
            .is_comprehensive(false)
            .taxa(taxa)
            .build(),
    ]
}

fn cwe() -> ToolComponentReference {
    ToolComponentReference::builder()
        .name("CWE")
        .index(0)
        .build()
}

fn descriptor(rule: &Metadata, outcome: &Outcome) -> ReportingDescriptor {
    let relationships: Vec<_> = (0..)
        .zip(weaknesses(outcome))
        .filter(|(_, number)| rule.cwe.contains(number))
        .map(|(index, number)| relationship(index, number))
        .collect();
    let mut descriptor = ReportingDescriptor::builder()
        .id(&rule.id)
        .name(&rule.name)
        .short_description(description(&rule.summary))
        .full_description(description(&full_description(rule)))
        .help(
            MultiformatMessageString::builder()
                .text(help_text(rule))
                .markdown(help_markdown(rule))
                .build(),
        )
        .default_configuration(
            ReportingConfiguration::builder()
                .level(FailureLevel::from(rule.severity))
                .build(),
        )
        .properties(properties(rule))
        .build();
    descriptor.help_uri = rule
        .help
        .links
        .iter()
        .find(|link| is_address(link))
        .cloned();
    descriptor.relationships = (!relationships.is_empty()).then_some(relationships);
    descriptor
}

fn relationship(index: i64, number: u32) -> ReportingDescriptorRelationship {
    let target = ReportingDescriptorReference::builder()
        .id(number.to_string())
        .index(index)
        .tool_component(cwe())
        .build();
    ReportingDescriptorRelationship::builder()
        .target(target)
        .kinds(["superset".to_owned()])
        .build()
}

/// The summary and the first paragraph of the reason.
fn full_description(rule: &Metadata) -> String {
    let why = rule.help.why.trim();
    let paragraph = why.split("\n\n").next().unwrap_or_default();
    let words: Vec<_> = paragraph.split_whitespace().collect();
    format!("{} {}", sentence(&rule.summary), words.join(" "))
}

/// The rule's page, in the order in which `rules explain` has it.
fn help_markdown(rule: &Metadata) -> String {
    let mut page = format!(
        "# {} {}\n\n{}\n",
        rule.id,
        rule.name,
        sentence(&rule.summary)
    );
    for (title, text) in [("Why", &rule.help.why), ("What to do", &rule.help.fix)] {
        if !text.trim().is_empty() {
            page.push_str(&format!("\n## {title}\n\n{}\n", text.trim()));
        }
    }
    if !rule.help.links.is_empty() {
        page.push_str("\n## Further reading\n\n");
        for link in &rule.help.links {
            page.push_str(&format!("- <{link}>\n"));
        }
    }
    page
}

/// The same for viewers without Markdown.
fn help_text(rule: &Metadata) -> String {
    let parts = [&rule.summary, &rule.help.why, &rule.help.fix];
    let mut parts: Vec<_> = parts.iter().map(|part| part.trim()).collect();
    let links = rule.help.links.join("\n");
    parts.push(&links);
    parts.retain(|part| !part.is_empty());
    parts.join("\n\n")
}

fn properties(rule: &Metadata) -> PropertyBag {
    let mut tags = vec!["security".to_owned()];
    tags.extend(rule.cwe.iter().map(|n| format!("external/cwe/cwe-{n:03}")));
    for tag in &rule.tags {
        if !tags.contains(tag) {
            tags.push(tag.clone());
        }
    }
    tags.truncate(MAX_TAGS);
    let severity = security_severity(rule.severity)
        .map(|number| ("security-severity".to_owned(), Value::from(number)));
    let controls: Vec<_> = rule
        .controls
        .iter()
        .map(|control| json!({"framework": control.framework, "id": control.id}))
        .collect();
    let controls = (!controls.is_empty()).then(|| ("controls".to_owned(), Value::from(controls)));
    let precision = ("precision".to_owned(), Value::from("high"));
    let mut properties = bag([precision].into_iter().chain(severity).chain(controls));
    properties.tags = Some(tags);
    properties
}

fn description(text: &str) -> MultiformatMessageString {
    message(&shortened(&sentence(text), MAX_DESCRIPTION))
}

fn message(text: &str) -> MultiformatMessageString {
    MultiformatMessageString::builder().text(text).build()
}

/// Whether the text is an address and nothing else.
fn is_address(text: &str) -> bool {
    text.starts_with("https://") && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Severity;
    use crate::report::fixture::rule;

    #[test]
    fn only_an_address_is_an_address() {
        let mut rule = rule("KS1001", "MasterKeyLeaked", Severity::Critical, "A key.");
        rule.help.links = vec!["Key Vault, https://a.example".to_owned()];
        let outcome = Outcome::default();
        assert_eq!(descriptor(&rule, &outcome).help_uri, None);
        rule.help.links.push("https://b.example/".to_owned());
        let uri = descriptor(&rule, &outcome).help_uri;
        assert_eq!(uri.as_deref(), Some("https://b.example/"));
    }

    #[test]
    fn a_rule_has_at_most_twenty_tags() {
        let mut rule = rule("KS1001", "MasterKeyLeaked", Severity::Critical, "A key.");
        rule.tags = (0..40).map(|n| format!("tag-{n}")).collect();
        let tags = properties(&rule).tags.unwrap();
        assert_eq!(tags.len(), MAX_TAGS);
        assert_eq!(tags[..2], ["security", "external/cwe/cwe-798"]);
    }

    #[test]
    fn weaknesses_are_sorted() {
        assert!(WEAKNESSES.is_sorted());
    }
}
