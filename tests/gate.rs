//! A change that tries to get past the gate: `--policy-from` judges it by what
//! its base says, and by nothing that it brings along.

mod harness;

use harness::{Run, Tree};

const LEAK: &str = "curl -H 'x-functions-key: {{function-key}}' https://a.example\n";

/// What sets the finding aside, where somebody has agreed to it.
fn ignored() -> String {
    // Put together here, so that a scan of this file finds no ignore.
    format!("# {}[KS1003] a sample\n{LEAK}", "keysweep: ignore")
}

/// A repository whose first commit, `base`, has these files.
fn base(files: &[(&str, &str)]) -> Tree {
    let mut tree = Tree::new().file("README.md", "Nothing to see.\n");
    for (path, text) in files {
        tree = tree.file(path, text);
    }
    let tree = tree.repository(&["."]);
    tree.git(".", &["commit", "-q", "-m", "base"]);
    tree.git(".", &["tag", "base"]);
    tree
}

/// The ways in which a pull request is looked at: by its commits, and by the
/// tree that it leaves; and a commit before it is made.
const WAYS: [&[&str]; 3] = [&["--since", "base"], &[], &["--staged"]];

/// What is said of the change in the work tree, by each of the ways.
fn judged(tree: &Tree, more: &[&str]) -> Vec<Run> {
    tree.git(".", &["add", "-f", "."]);
    let run = |way: &[&str]| {
        let policy = &["--policy-from", "base"][..];
        tree.scan_with(&[way, policy, more].concat())
    };
    let staged = run(WAYS[2]);
    tree.git(".", &["commit", "-q", "-m", "change"]);
    vec![run(WAYS[0]), run(WAYS[1]), staged]
}

/// Ends the test unless the change fails for the key in `app.sh`.
#[track_caller]
fn fails(tree: &Tree, more: &[&str]) {
    for (run, way) in judged(tree, more).into_iter().zip(WAYS) {
        let run = run.ends(1);
        let found: Vec<_> = run.findings.iter().map(|f| (&*f.rule, &*f.path)).collect();
        assert!(found.contains(&("KS1003", "app.sh")), "{way:?}: {found:?}");
    }
}

#[test]
fn a_script_is_judged_with_the_pipeline_that_calls_it() {
    let pipeline = "on: push\njobs:\n  a:\n    steps:\n      - run: ci/keys.sh\n";
    let tree = base(&[
        (".github/workflows/a.yml", pipeline),
        ("ci/keys.sh", "az functionapp list\n"),
    ]);
    let script = "az functionapp keys list -g rg -n func-orders\n";
    let tree = tree.file("ci/keys.sh", script);
    // What is not staged calls it no longer; the commit will.
    tree.git(".", &["add", "."]);
    let tree = tree.file(".github/workflows/a.yml", "on: push\n");
    let run = tree.scan_with(&["--staged"]).ends(1);
    let found: Vec<_> = run.findings.iter().map(|f| (&*f.rule, &*f.path)).collect();
    assert_eq!(found, [("KS2002", "ci/keys.sh")]);
    tree.git(".", &["commit", "-q", "-m", "keys"]);
    let tree = tree.file("ci/keys.sh", &format!("# Keys.\n{script}"));
    tree.git(".", &["add", "ci"]);
    tree.scan_with(&["--staged"]).ends(0);
}

#[test]
fn a_trigger_is_judged_with_the_templates_of_its_app() {
    let trigger = |level: &str| {
        format!(
            "{{ \"bindings\": [{{ \"type\": \"httpTrigger\", \"authLevel\": \"{level}\" }}] }}\n"
        )
    };
    let auth = "resource app 'Microsoft.Web/sites@2023-12-01' = { name: 'func-orders', kind: 'functionapp' }\n\
        resource auth 'Microsoft.Web/sites/config@2023-12-01' = {\n  parent: app\n  name: 'authsettingsV2'\n  \
        properties: {\n    globalValidation: { requireAuthentication: true, unauthenticatedClientAction: 'Return401' }\n    \
        identityProviders: { azureActiveDirectory: { enabled: true } }\n  }\n}\n";
    for (template, rules) in [(auth, &[][..]), ("", &["KS3005"])] {
        let tree = base(&[
            ("infra/main.bicep", template),
            ("Place/function.json", &trigger("function")),
        ]);
        let tree = tree.file("Place/function.json", &trigger("anonymous"));
        tree.git(".", &["add", "."]);
        let run = tree.scan_with(&["--staged", "--fail-on", "never"]).ends(0);
        let found: Vec<_> = run.findings.iter().map(|f| &*f.rule).collect();
        assert_eq!(found, rules);
    }
}

#[test]
fn an_ignore_of_its_own_does_not_count() {
    fails(&base(&[]).file("app.sh", &ignored()), &[]);
}

#[test]
fn an_ignore_that_stands_in_the_work_tree_alone_does_not_count() {
    let tree = base(&[("app.sh", &ignored())]);
    let other = ignored().replace("function-key", "function-key:2");
    let tree = tree.file("app.sh", &other);
    tree.git(".", &["add", "."]);
    // The index has another key under the comment; the disk is as it was.
    let tree = tree.file("app.sh", &ignored());
    let arguments = ["--staged", "--policy-from", "base"];
    tree.scan_with(&arguments).ends(1);
}

#[test]
fn an_old_ignore_does_not_cover_a_new_copy() {
    let old = ignored();
    for text in [
        format!("{LEAK}{old}"),
        format!("{old}{LEAK}"),
        format!("{old}{old}"),
        format!("{old}# moved\n{}", old.replace("# ", "#")),
    ] {
        fails(&base(&[("app.sh", &old)]).file("app.sh", &text), &[]);
    }
}

#[test]
fn an_ignore_of_the_base_counts_in_the_index_as_well() {
    let tree = base(&[("app.sh", &ignored())]);
    let tree = tree.file("app.sh", &format!("{}{LEAK}", ignored()));
    let tree = tree.file("app.sh", &format!("# x\n{}", ignored()));
    tree.git(".", &["add", "."]);
    // What is on the disk is not what will be committed.
    let tree = tree.file("app.sh", "");
    let arguments = ["--staged", "--policy-from", "base"];
    tree.scan_with(&arguments).ends(0);
}

#[test]
fn a_policy_of_its_own_does_not_count() {
    let exempt = "[[exempt]]\nrule = 'KS1003'\npath = '**'\nreason = 'fine'\n\
        owner = 'me'\nuntil = 2999-12-31\n";
    let exclude = "[[exclude]]\npath = '**'\nreason = 'fine'\n";
    let off = "[rules]\nKS1003 = 'off'\n";
    for policy in [exempt, exclude, off] {
        let tree = base(&[]).file("app.sh", LEAK).file("keysweep.toml", policy);
        fails(&tree, &[]);
        let tree = base(&[("keysweep.toml", "")])
            .file("app.sh", LEAK)
            .file("keysweep.toml", policy);
        fails(&tree, &[]);
    }
}

#[test]
fn a_line_in_gitignore_hides_nothing() {
    for line in [
        "app.sh",
        "*",
        "*.{js,sh}",
        "app.sh\t",
        "app[.]sh",
        "!README.md\n/*",
    ] {
        let tree = base(&[]).file("app.sh", LEAK);
        fails(&tree.file(".gitignore", &format!("{line}\n")), &[]);
    }
}

#[test]
#[cfg(unix)]
fn a_gitignore_that_is_a_link_hides_nothing() {
    let tree = base(&[("rules", "app.sh\n")]).file("app.sh", LEAK);
    std::os::unix::fs::symlink("rules", tree.at(".gitignore")).unwrap();
    fails(&tree, &[]);
}

#[test]
fn a_baseline_of_its_own_does_not_count() {
    for format in ["sarif", "json"] {
        let tree = base(&[]).file("app.sh", LEAK);
        let report = format!("{format}=known");
        tree.run(&["scan", "--output", &report]).ends(1);
        fails(&tree, &["--baseline", "known"]);
        let absolute = tree.at("known").to_str().unwrap().to_owned();
        let run = tree.scan_with(&["--policy-from", "base", "--baseline", &absolute]);
        assert_eq!(run.ends(1).notices(), ["baseline-not-in-base"]);
        // Nobody reviews the change of a baseline, either.
        let tree = base(&[("app.sh", LEAK), ("known", "{}")]);
        tree.run(&["scan", "--output", &report]).ends(1);
        let run = tree.scan_with(&["--policy-from", "base", "--baseline", "known"]);
        assert!(run.ends(2).stderr.contains("no report of keysweep"));
    }
}

#[test]
fn a_baseline_of_the_base_counts() {
    let tree = Tree::new().file("old.sh", LEAK);
    tree.run(&["scan", "--output", "sarif=known.sarif"]).ends(1);
    let tree = tree.repository(&["."]);
    tree.git(".", &["commit", "-q", "-m", "base"]);
    tree.git(".", &["tag", "base"]);
    let arguments = ["--policy-from", "base", "--baseline", "known.sarif"];
    let tree = tree.file("known.sarif", "{}");
    tree.scan_with(&arguments).ends(0);
    // One that is no part of the change is read where it is.
    let outside = Tree::new().file("old.sh", LEAK);
    outside
        .run(&["scan", "--output", "json=known.json"])
        .ends(1);
    let known = outside.at("known.json").to_str().unwrap().to_owned();
    tree.scan_with(&["--policy-from", "base", "--baseline", &known])
        .ends(0);
}
