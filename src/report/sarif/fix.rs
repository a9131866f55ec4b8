//! A fix as SARIF has it: what a viewer offers to apply.

use ::sarif::sarif::{
    ArtifactChange, ArtifactContent, ArtifactLocation, Fix, Message, Region, Replacement,
};

use super::place::file_uri;
use crate::fix;

pub(super) fn fix(fix: &fix::Fix, path: &str) -> Fix {
    let replacements: Vec<Replacement> = fix.edits.iter().map(replacement).collect();
    let change = ArtifactChange::builder()
        .artifact_location(ArtifactLocation::builder().uri(file_uri(path)).build())
        .replacements(replacements)
        .build();
    Fix::builder()
        .description(Message::builder().text(fix.description.clone()).build())
        .artifact_changes(vec![change])
        .build()
}

fn replacement(edit: &fix::Edit) -> Replacement {
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let region = Region::builder()
        .start_line(number(edit.start.line))
        .start_column(number(edit.start.column))
        .end_line(number(edit.end.line))
        .end_column(number(edit.end.column))
        .build();
    Replacement::builder()
        .deleted_region(region)
        .inserted_content(ArtifactContent::builder().text(edit.text.clone()).build())
        .build()
}
