//! Pull requests: what they are compared with, and what they cannot do.

use super::*;

#[test]
fn a_pull_request_cannot_exempt_itself() {
    let mut job = Job::new();
    let base = job.git("rev-parse HEAD");
    job.git("checkout -q -b change");
    job.write(
        "app.js",
        concat!(
            "// keysweep",
            ": ignore[KS1001, KS1002, KS1003] all is well\nconst key = '{{master-key}}';\n"
        ),
    );
    job.write(
        "keysweep.toml",
        "[[exclude]]\npath = \"**\"\nreason = \"all is well\"\n",
    );
    job.write(".gitignore", "app.js\n");
    job.git("add -f app.js");
    job.commit();
    job.pull_request(&base);
    let result = job.run();
    assert_eq!(result.code, 1, "{}", result.log);
    assert_eq!(result.output("upload"), "true");
}

#[test]
fn a_key_that_a_pull_request_adds_and_removes_counts() {
    let mut job = Job::new();
    let base = job.git("rev-parse HEAD");
    job.git("checkout -q -b change");
    job.write("app.js", "const key = '{{master-key}}';\n");
    job.commit();
    job.write("app.js", "const key = '';\n");
    job.commit();
    job.pull_request(&base);
    assert_eq!(job.run().code, 1);
    // What is left of it is clean.
    job.set("INPUT_WHOLE_TREE", "true");
    assert_eq!(job.run().code, 0);
}

#[test]
fn a_pull_request_does_not_answer_for_its_base() {
    let mut job = Job::new();
    let stale = job.git("rev-parse HEAD");
    job.git("checkout -q -b change");
    job.write("new.txt", "harmless\n");
    job.commit();
    job.git("checkout -q main");
    job.write("old.js", "const key = '{{master-key}}';\n");
    let newer = job.commit();
    // GitHub merges with the newest base; the event can name an older one.
    job.pull_request(&stale);
    let result = job.run();
    assert_eq!(result.code, 0, "{}", result.log);
    // Not GitHub's merge, but one that the change's author could have made:
    // its parents say nothing.
    job.set("GITHUB_SHA", HEX);
    assert_eq!(job.run().code, 1);
    job.set("EVENT_BASE_SHA", &newer);
    assert_eq!(job.run().code, 0);
}

#[test]
fn a_baseline_is_the_one_of_the_base() {
    let mut job = Job::new();
    let base = job.git("rev-parse HEAD");
    job.git("checkout -q -b change");
    job.write("app.js", "const key = '{{master-key}}';\n");
    job.set("INPUT_SARIF_FILE", "known.sarif");
    assert_eq!(job.run().code, 1);
    job.commit();
    job.set("INPUT_SARIF_FILE", "");
    job.set("INPUT_BASELINE", "known.sarif");
    // Not of a change: the tree's own.
    assert_eq!(job.run().code, 0);
    job.pull_request(&base);
    let result = job.run();
    assert_eq!(result.code, 1, "{}", result.log);
    let told = "known.sarif: this baseline is not in the base yet";
    assert!(result.summary.contains(told), "{}", result.summary);
}

#[test]
fn a_checkout_without_the_base_is_no_pass() {
    let mut job = Job::new();
    let base = job.git("rev-parse HEAD");
    job.git("checkout -q -b change");
    job.write("new.txt", "harmless\n");
    job.commit();
    job.pull_request(&base);
    job.set("EVENT_BASE_SHA", HEX);
    job.set("EVENT_HEAD_SHA", HEX);
    let result = job.run();
    assert_eq!(result.code, 2);
    assert!(
        result.summary.contains("fetch-depth: 0"),
        "{}",
        result.summary
    );

    fs::remove_dir_all(job.workspace().join(".git")).unwrap();
    let result = job.run();
    assert_eq!(result.code, 2);
    assert!(
        result.summary.contains("actions/checkout"),
        "{}",
        result.summary
    );
}

#[test]
fn what_cannot_be_uploaded_is_annotated() {
    let mut job = Job::new();
    let base = job.git("rev-parse HEAD");
    job.git("checkout -q -b change");
    job.write("app.js", "const key = '{{master-key}}';\n");
    job.commit();
    job.pull_request(&base);
    for (name, value) in [
        ("EVENT_HEAD_REPOSITORY", "somebody/fork"),
        ("EVENT_HEAD_REPOSITORY", ""),
        ("GITHUB_ACTOR", "dependabot[bot]"),
        ("INPUT_UPLOAD", "false"),
    ] {
        let before = job.environment.clone();
        job.set(name, value);
        let result = job.run();
        assert_eq!(result.code, 1);
        assert_eq!(result.output("upload"), "false", "{name}={value}");
        assert!(result.log.contains("\n::error"), "{}", result.log);
        job.environment = before;
    }
}
