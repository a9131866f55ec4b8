//! The table as CSV, JSON or Markdown.

use std::io::{self, Write};

use super::{Evidence, Row};
use crate::report::{json_text, markdown_cell};

/// What the table looks like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For spreadsheets
    #[default]
    Csv,
    /// For scripts: versioned and documented
    Json,
    /// For documents and tickets
    Markdown,
}

/// The columns of CSV: more than anybody reads, since a spreadsheet hides what
/// is not wanted.
const COLUMNS: [&str; 25] = [
    "subscription",
    "subscription_id",
    "resource_group",
    "app",
    "slot",
    "function",
    "key",
    "kind",
    "opens",
    "environment",
    "observed_callers",
    "registered_callers",
    "owner",
    "contact",
    "stored_in",
    "min_age_days",
    "max_age_days",
    "age_basis",
    "limit_days",
    "age_state",
    "last_change",
    "last_seen",
    "format",
    "fingerprint",
    "id",
];

/// Writes the table.
///
/// # Errors
/// When `out` fails.
pub fn write(evidence: &Evidence, format: Format, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Csv => csv(&evidence.keys, out),
        Format::Json => json_text::write(evidence, out),
        Format::Markdown => markdown(evidence, out),
    }
}

fn csv(rows: &[Row], out: &mut dyn Write) -> io::Result<()> {
    // In memory first: an error of the writer would hide that a reader has
    // merely seen enough.
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(COLUMNS)?;
    for row in rows {
        table.write_record(cells(row).iter().map(|cell| harmless(cell)))?;
    }
    let text = table.into_inner().map_err(|error| error.into_error())?;
    out.write_all(&text)
}

fn cells(row: &Row) -> [String; COLUMNS.len()] {
    let maybe = |text: &Option<String>| text.clone().unwrap_or_default();
    [
        row.subscription.clone(),
        row.subscription_id.clone(),
        row.resource_group.clone(),
        row.app.clone(),
        maybe(&row.slot),
        maybe(&row.function),
        row.key.clone(),
        row.kind.as_str().to_owned(),
        row.opens.clone(),
        maybe(&row.environment),
        row.observed.join("; "),
        row.registered.join("; "),
        maybe(&row.owner),
        maybe(&row.contact),
        row.stored_in.join("; "),
        row.min_age_days.to_string(),
        row.max_age_days
            .map(|days| days.to_string())
            .unwrap_or_default(),
        word(&row.age_basis),
        row.limit_days.to_string(),
        row.age_state.as_str().to_owned(),
        maybe(&row.last_change),
        row.last_seen.clone(),
        word(&row.format),
        row.fingerprint.clone(),
        row.id.clone(),
    ]
}

/// The word of a closed set.
fn word(value: &impl serde::Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

/// The cell as text and nothing else: a spreadsheet takes what begins with one
/// of these characters for a formula, and names in a tenant are anybody's.
fn harmless(cell: &str) -> String {
    const FORMULA: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];
    match cell.starts_with(FORMULA) {
        true => format!("'{cell}"),
        false => cell.to_owned(),
    }
}

fn markdown(evidence: &Evidence, out: &mut dyn Write) -> io::Result<()> {
    let sweep = &evidence.sweep;
    writeln!(out, "# Keys of Azure Functions\n")?;
    let tenant = sweep.tenant.as_deref().unwrap_or("not recorded");
    writeln!(
        out,
        "Tenant {}, from {} to {}, {} keys; by {} {}. Names and fingerprints: no key is in here.\n",
        markdown_cell(tenant),
        sweep.started,
        sweep.ended,
        evidence.keys.len(),
        markdown_cell(&sweep.tool.name),
        markdown_cell(&sweep.tool.version),
    )?;
    writeln!(
        out,
        "| Subscription | App | Function | Key | Kind | Callers | Owner | Contact | Stored in | Age | Proof | Limit | State | Last change | Fingerprint |"
    )?;
    writeln!(out, "|{}", " --- |".repeat(15))?;
    for row in &evidence.keys {
        let app = match &row.slot {
            Some(slot) => format!("{} ({slot})", row.app),
            None => row.app.clone(),
        };
        let callers: Vec<_> = row.callers().collect();
        let cells = [
            row.subscription.as_str(),
            &app,
            row.function.as_deref().unwrap_or_default(),
            &row.key,
            row.kind.as_str(),
            &callers.join(", "),
            row.owner.as_deref().unwrap_or_default(),
            row.contact.as_deref().unwrap_or_default(),
            &row.stored_in.join("; "),
            &row.age(),
            &row.age_proof,
            &format!("{} days", row.limit_days),
            row.age_state.as_str(),
            row.last_change.as_deref().unwrap_or_default(),
            &row.fingerprint,
        ];
        let cells: Vec<_> = cells.iter().map(|cell| markdown_cell(cell)).collect();
        writeln!(out, "| {} |", cells.join(" | "))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn no_cell_is_a_formula() {
        for cell in ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "＝1"] {
            assert!(harmless(cell).starts_with('\''), "{cell}");
        }
        assert_eq!(harmless("web-shop"), "web-shop");
        assert_eq!(harmless(""), "");
    }
}
