//! What the engine has, in the shape of the report.

use super::*;

impl<'a> From<&'a Finding> for FindingEntry<'a> {
    fn from(finding: &'a Finding) -> Self {
        Self {
            rule_id: &finding.rule,
            severity: finding.severity,
            message: &finding.message,
            location: Place::from(&finding.location),
            related: finding
                .related
                .iter()
                .map(|related| Related {
                    location: Place::from(&related.location),
                    message: &related.message,
                })
                .collect(),
            excerpt: finding.excerpt.as_ref().map(|excerpt| {
                let (text, key) = (excerpt.text(), excerpt.highlight());
                let start = text[..key.start].chars().count();
                Excerpt {
                    text,
                    start,
                    end: start + text[key].chars().count(),
                }
            }),
            stable_id: &finding.stable_id,
            steps: &finding.steps,
            properties: &finding.properties,
            suppressed: finding.suppressed.as_ref().map(|suppressed| Suppressed {
                in_source: suppressed.in_source,
                justification: &suppressed.justification,
                owner: suppressed.owner.as_deref(),
            }),
            baseline_state: finding.baseline,
        }
    }
}

impl<'a> From<&'a location::Location> for Place<'a> {
    fn from(location: &'a location::Location) -> Self {
        match location {
            location::Location::File(place) => Self::File {
                path: &place.path,
                start: place.start.into(),
                end: place.end.into(),
            },
            location::Location::Resource(place) => Self::Resource {
                id: &place.id,
                property: place.property.as_deref(),
            },
        }
    }
}

impl From<location::Position> for Position {
    fn from(position: location::Position) -> Self {
        Self {
            line: position.line,
            column: position.column,
        }
    }
}

impl<'a> From<&Assessment<'a>> for ControlEntry<'a> {
    fn from(control: &Assessment<'a>) -> Self {
        let ids = |rules: &[&'a Metadata]| rules.iter().map(|rule| &*rule.id).collect();
        Self {
            framework: control.framework,
            id: control.id,
            title: Some(control.title).filter(|title| !title.is_empty()),
            standing: control.standing,
            evaluated: ids(&control.evaluated),
            not_evaluated: ids(&control.not_evaluated),
            findings: control.findings.len(),
            accepted: control.accepted,
        }
    }
}

impl<'a> From<&'a Metadata> for Rule<'a> {
    fn from(rule: &'a Metadata) -> Self {
        Self {
            id: &rule.id,
            name: &rule.name,
            severity: rule.severity,
            summary: &rule.summary,
            help: &rule.help,
            cwe: &rule.cwe,
            tags: &rule.tags,
            controls: &rule.controls,
        }
    }
}
