//! Outcomes as a run would give them, for the tests of every format.

use serde_json::json;

use crate::excerpt::{Excerpt, is_deceptive};
use crate::fact::Related;
use crate::finding::{BaselineState, Finding, Severity, Suppressed};
use crate::gap::{Gap, GapReason, Notice};
use crate::location::{FilePlace, Location, Position, ResourcePlace};
use crate::origin::{AzureBuild, Origin};
use crate::outcome::{Coverage, Outcome};
use crate::rule::{Control, Help, Metadata, Scope};

/// A place in a file, `width` characters wide.
pub(super) fn place(path: &str, line: u64, column: u64, width: u64) -> Location {
    Location::File(Box::new(FilePlace {
        path: path.to_owned(),
        start: Position { line, column },
        end: Position {
            line,
            column: column + width,
        },
        offset: line * 40 + column,
        line_hash: Some(format!("{line:x}5f00d{column:x}:1")),
        revision: None,
    }))
}

/// A finding with the least that one has.
pub(super) fn finding(rule: &str, severity: Severity) -> Finding {
    Finding {
        message: "A function key is in 'src/app.js'.".to_owned(),
        stable_id: "d0c5a1f2b3e49687".into(),
        properties: [("caller".into(), json!("web"))].into(),
        ..Finding::new(rule, severity, place("src/app.js", 3, 12, 56))
    }
}

/// `before`, a key of 20 characters, `after`, masked.
pub(super) fn excerpt(before: &str, after: &str) -> Box<Excerpt> {
    let line = format!("{before}{}{after}", "k".repeat(20));
    let at = before.len();
    Box::new(Excerpt::new(line.as_bytes(), &[], at..at + 20))
}

/// A rule.
pub(super) fn rule(id: &str, name: &str, severity: Severity, summary: &str) -> Metadata {
    Metadata {
        id: id.to_owned(),
        name: name.to_owned(),
        severity,
        summary: summary.to_owned(),
        help: Help {
            why: "Whoever reads the file can call the app. A key in a repository is in every clone, for ever.\n\nRotating it is the only cure.".to_owned(),
            fix: "Treat the key as known. Renew it, then read the new one from Key Vault:\n\n```sh\naz functionapp keys set --resource-group RG --name APP --key-type functionKeys --key-name NAME\n```\n\nDelete the value from the file. Its history keeps it, so renewing comes first.".to_owned(),
            links: vec!["https://learn.microsoft.com/azure/azure-functions/function-keys-how-to".to_owned()],
        },
        cwe: vec![798],
        tags: vec!["azure-functions".to_owned()],
        controls: vec![Control {
            framework: "NIST SP 800-53 Rev. 5".to_owned(),
            id: "IA-5(7)".to_owned(),
        }],
        scope: Scope::Place,
        enabled: true,
    }
}

/// A reason for not counting.
pub(super) fn suppressed() -> Box<Suppressed> {
    Box::new(Suppressed {
        in_source: true,
        justification: "revoked in May".to_owned(),
        owner: Some("docs".to_owned()),
    })
}

/// A run over names and words that try to be something else in some format.
pub(super) fn hostile() -> Outcome {
    let paths = [
        "a\n::error::b,c:d;e]f%0A|`g`.js",
        "##vso[task.setvariable variable=x]##[group]y",
        "<script>alert(1)</script>&amp;![x](http://evil.example)",
        "::stop-commands::x",
        "\u{202e}gpj.exe\u{1b}[31m\u{0}\u{fffe}",
    ];
    let messages = [
        "A key is in 'x'.\r\n::warning::two | three `four` <b>five</b> & six",
        "]]> ##vso[task.complete result=Succeeded;]done \u{7}\u{202e}",
        "| a | b |\n|---|---|\n# heading\n- *item* _em_ ~~del~~ @somebody #1 www.evil.example",
        "</code></td></table><img src=x onerror=alert(1)>",
        "$x^2$ \\| backslash",
    ];
    let findings = paths.iter().zip(messages).enumerate();
    let findings = findings.map(|(at, (path, message))| {
        let mut finding = finding("KS1003", Severity::High);
        finding.location = place(path, at as u64 + 1, 5, 56);
        finding.message = message.to_owned();
        finding.excerpt = Some(excerpt("<!-- ]]> `|` \u{1b}", "</code>"));
        finding.stable_id = format!("{at:016x}").into();
        finding
    });
    let mut rule = rule(
        "KS1003",
        "FunctionKeyLeaked",
        Severity::High,
        "A | <b> `c`.",
    );
    rule.help.fix = "Renew `a|b` <script> it:\n\n```sh\necho '````' </details>\n```\n".to_owned();
    Outcome {
        findings: findings.collect(),
        gaps: vec![Gap {
            subject: paths.concat(),
            reason: GapReason::Unreadable(messages.concat()),
        }],
        notices: vec![Notice::ArchivesNotOpened {
            count: 2,
            example: paths[2].to_owned(),
        }],
        rules: vec![rule],
        ..Outcome::default()
    }
}

/// A run in which every text that somebody else chose holds every character
/// that deceives.
pub(super) fn deceptive() -> Outcome {
    let chars = (0..=0xf_ffff_u32).filter_map(char::from_u32);
    let text: String = chars.filter(|c| is_deceptive(*c)).collect();
    let mut outcome = hostile();
    outcome.gaps.push(Gap {
        subject: text.clone(),
        reason: GapReason::Unreadable(text.clone()),
    });
    outcome.notices.push(Notice::GapAccepted {
        gap: text.clone(),
        reason: text.clone(),
    });
    let related = Related {
        location: place(&text, 1, 1, 2),
        message: text.clone(),
    };
    for (at, finding) in outcome.findings.iter_mut().enumerate() {
        finding.location = match at {
            0 => Location::Resource(ResourcePlace {
                id: format!("/subscriptions/{text}"),
                property: Some(text.clone()),
            }),
            _ => place(&text, 1, 1, 2),
        };
        finding.message = text.clone();
        finding.excerpt = Some(excerpt(&text, &text));
        finding.related = vec![related.clone()];
        finding.properties = [("caller".into(), json!(text))].into();
    }
    outcome.findings[1].suppressed = Some(Box::new(Suppressed {
        in_source: false,
        justification: text.clone(),
        owner: Some(text.clone()),
    }));
    outcome.findings[2].baseline = Some(BaselineState::Unchanged);
    outcome.rules[0].summary = text.clone();
    outcome.rules[0].help.why = text.clone();
    outcome.rules[0].help.fix = format!("{text}\n\n```sh\n{text}\n```\n");
    outcome.rules[0].help.links = vec![format!("https://example.com/{text}")];
    outcome.origin.directory = Some(format!("/{text}"));
    outcome
}

/// A run over a small company's repository.
pub(super) fn outcome() -> Outcome {
    let mut master = finding("KS1001", Severity::Critical);
    master.message = "The master key of 'contoso-orders.azurewebsites.net' is in 'deploy/settings.json'. It opens every function and the admin API.".to_owned();
    master.location = place("deploy/settings.json", 14, 19, 56);
    master.excerpt = Some(excerpt("    \"masterKey\": \"", "\","));
    master.stable_id = "0b7c1a5fd2e34896".into();
    master.properties = [
        ("caller", json!("deploy")),
        ("keyKind", json!("master")),
        ("keyFormat", json!("identifiable")),
        ("fingerprint", json!("Zm9yIHRlc3RzIG9ubHk")),
    ]
    .map(|(name, value)| (name.into(), value))
    .into();

    let mut function = finding("KS1003", Severity::High);
    function.message = "A function key is in 'src/app (old)/页面: a.js'.".to_owned();
    function.location = place("src/app (old)/页面: a.js", 120, 31, 56);
    function.excerpt = Some(excerpt(
        "fetch('https://contoso-orders.azurewebsites.net/api/订单?id=' + id + '&code=",
        "').then(response => response.json()).then(show)",
    ));

    let mut quiet = finding("KS1003", Severity::High);
    quiet.location = place("docs/tutorial.md", 7, 1, 56);
    quiet.message = "A function key is in 'docs/tutorial.md'.".to_owned();
    quiet.suppressed = Some(suppressed());

    let mut shared = finding("KS1101", Severity::High);
    shared.message =
        "One key is held by 3 callers: 'jobs', 'mobile', 'web'. Give each its own.".to_owned();
    shared.location = place("jobs/sync.py", 9, 8, 56);
    shared.excerpt = Some(excerpt("KEY = '", "'  # TODO"));
    shared.related = vec![
        Related {
            location: place("mobile/Api.kt", 31, 22, 56),
            message: "the same key, held by 'mobile'".to_owned(),
        },
        Related {
            location: place("web/src/[id]/api.ts", 4, 15, 56),
            message: "the same key, held by 'web'".to_owned(),
        },
    ];

    let mut live = finding("KS4001", Severity::Medium);
    live.message = "Key 'default' of 'contoso-orders' is at least 214 days old.".to_owned();
    live.location = Location::Resource(ResourcePlace {
        id: "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/Orders/providers/Microsoft.Web/sites/contoso-orders/host/default/functionKeys/default".to_owned(),
        property: Some("age".to_owned()),
    });
    live.properties = [("caller".into(), json!("erp"))].into();

    let mut findings = vec![master, function, quiet, shared, live];
    findings.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    Outcome {
        findings,
        gaps: vec![
            Gap {
                subject: "var/queue".to_owned(),
                reason: GapReason::NotAFile("FIFO"),
            },
            Gap {
                subject: "secrets.env".to_owned(),
                reason: GapReason::PermissionDenied,
            },
        ],
        notices: vec![Notice::ArchivesNotOpened {
            count: 3,
            example: "dist/site.zip".to_owned(),
        }],
        rules: vec![
            rule(
                "KS1001",
                "MasterKeyLeaked",
                Severity::Critical,
                "A master key is written in a file.",
            ),
            rule(
                "KS1003",
                "FunctionKeyLeaked",
                Severity::High,
                "A function key is written in a file.",
            ),
            rule(
                "KS1010",
                "KeyWithBrokenChecksum",
                Severity::Note,
                "A value has the shape of a key and no valid checksum.",
            ),
            rule(
                "KS1101",
                "KeySharedAcrossCallers",
                Severity::High,
                "Several callers hold one key.",
            ),
            rule(
                "KS4001",
                "KeyRotationOverdue",
                Severity::Medium,
                "A key is older than the policy allows.",
            ),
        ],
        not_evaluated: Vec::new(),
        evidence: None,
        coverage: Coverage {
            files: 1234,
            bytes: 56_789_012,
            ..Coverage::default()
        },
        terms: crate::outcome::Terms::default(),
        origin: Origin::default(),
    }
}

/// The same with rules that are evidence for several controls: one each that
/// failed, passed, passed in part, and was not evaluated.
pub(super) fn controls() -> Outcome {
    let mut outcome = outcome();
    let control = |framework: &str, id: &str| Control {
        framework: framework.to_owned(),
        id: id.to_owned(),
    };
    let (nist, iso) = ("NIST SP 800-53 Rev. 5", "ISO/IEC 27001:2022");
    let mut live = outcome.rules.pop().expect("a fifth rule");
    outcome.findings.retain(|finding| finding.rule != live.id);
    outcome.rules[1].controls.push(control(iso, "A.8.12"));
    outcome.rules[2].controls = vec![control("Contoso <baseline>", "3|1"), control(iso, "A.5.17")];
    outcome.rules[3].controls.clear();
    live.controls = vec![control(iso, "A.5.17"), control(nist, "IA-9")];
    outcome.not_evaluated = vec![live];
    outcome
}

/// The same in Azure Pipelines.
pub(super) fn in_azure() -> Outcome {
    let mut outcome = outcome();
    outcome.origin = Origin {
        directory: Some("/agent/_work/1/s".to_owned()),
        azure_build: Some(AzureBuild {
            organisation: "contoso".to_owned(),
            project: "11111111-1111-1111-1111-111111111111".to_owned(),
            definition: 42,
            definition_name: "Nightly build".to_owned(),
            phase: "22222222-2222-2222-2222-222222222222".to_owned(),
            phase_name: "Scan".to_owned(),
            branch: "refs/heads/main".to_owned(),
            build: 98765,
        }),
    };
    outcome
}

/// The same with a baseline that knows every other finding.
pub(super) fn known() -> Outcome {
    let mut outcome = outcome();
    for (at, finding) in outcome.findings.iter_mut().enumerate() {
        let states = [BaselineState::Unchanged, BaselineState::New];
        finding.baseline = Some(states[at % 2]);
    }
    outcome
}

/// A run that found much: several thousand findings.
pub(super) fn big(findings: usize) -> Outcome {
    let mut outcome = outcome();
    outcome.findings = (0..findings)
        .map(|n| {
            let mut finding = finding("KS1003", Severity::High);
            finding.location = place(&format!("src/file{:05}.js", n / 4), n as u64 % 4 + 1, 9, 56);
            finding.excerpt = Some(excerpt("const key = '", "';"));
            finding.stable_id = format!("{n:016x}").into();
            finding
        })
        .collect();
    outcome
}
