use super::*;

const PATH: &str = ".gitlab-ci.yml";

#[track_caller]
fn check(files: &[(&str, &str)], expected: &[&str]) {
    let done = done(files);
    let what: Vec<&str> = done
        .iter()
        .filter_map(|said| Some(said.split_once(' ')?.0))
        .collect();
    assert_eq!(what, expected, "{files:#?}");
}

const PRINTS: &[&str] = &["print-output"];

#[test]
fn variables_of_all_levels_reach_a_script() {
    check(&[(PATH, "a:\n  script: [ 'echo $FUNC_KEY' ]\n")], PRINTS);
    check(
        &[(
            PATH,
            "variables: { K: $FUNC_KEY }\na:\n  script: [ 'echo $K' ]\n",
        )],
        PRINTS,
    );
    check(
        &[(
            PATH,
            "a:\n  variables: { K: $FUNC_KEY }\n  script: [ 'echo $K' ]\n",
        )],
        PRINTS,
    );
    check(
        &[(
            PATH,
            "# FUNC_KEY is masked\na:\n  script: [ 'echo $FUNC_KEY' ]\n",
        )],
        &[],
    );
    check(
        &[(
            PATH,
            "# FUNC_KEY is masked\na:\n  script: [ 'echo $FUNC_KEY | base64' ]\n",
        )],
        &["print-altered"],
    );
    check(
        &[(
            PATH,
            "a:\n  secrets: { FUNC_KEY: { vault: a } }\n  script: [ 'echo $FUNC_KEY' ]\n",
        )],
        &[],
    );
    check(&[(PATH, "a:\n  script: [ 'echo $ANYTHING' ]\n")], &[]);
}

#[test]
fn a_runner_of_windows_has_powershell() {
    let job = "a:\n  script:\n    - $uri = \"https://func-a.azurewebsites.net/api/x?code=$env:FUNC_KEY\"\n    - Invoke-RestMethod -Uri $uri\n";
    check(&[(PATH, job)], &["send-url"]);
}

#[test]
fn jobs_are_made_of_pieces() {
    check(
        &[(
            PATH,
            ".base:\n  script: [ 'echo $FUNC_KEY' ]\na:\n  extends: .base\n",
        )],
        PRINTS,
    );
    check(
        &[(
            PATH,
            ".base:\n  script: [ 'echo $FUNC_KEY' ]\na:\n  script: [ !reference [.base, script] ]\n",
        )],
        PRINTS,
    );
    check(
        &[(
            PATH,
            "default:\n  before_script: [ 'echo $FUNC_KEY' ]\na:\n  script: [ 'true' ]\n",
        )],
        PRINTS,
    );
    check(
        &[(
            PATH,
            "a:\n  script: [ 'true' ]\n  after_script: [ 'echo $FUNC_KEY' ]\n",
        )],
        PRINTS,
    );
    check(
        &[(
            PATH,
            "a: &a\n  script: [ 'echo $FUNC_KEY' ]\nb:\n  <<: *a\n",
        )],
        PRINTS,
    );
    let include = (
        PATH,
        "include: [ { local: ci/base.yml } ]\na:\n  extends: .base\n",
    );
    let base = ("ci/base.yml", ".base:\n  script: [ 'echo $FUNC_KEY' ]\n");
    check(&[include, base], PRINTS);
    check(&[include], &[]);
}

#[test]
fn artifacts_hand_keys_on() {
    let first = format!(
        "a:\n  script:\n    - echo \"K=$({ONE})\" > key.env\n  artifacts: {{ reports: {{ dotenv: key.env }} }}\nb:\n  script: [ 'echo $K' ]\n"
    );
    check(&[(PATH, &first)], &["print-artifact", "print-output"]);
    let paths =
        format!("a:\n  script: [ '{ALL} > out/keys.json' ]\n  artifacts: {{ paths: [ out/ ] }}\n");
    check(&[(PATH, &paths)], &["print-artifact"]);
}

#[test]
fn child_pipelines_are_followed() {
    let child = "run:\n  script: [ 'echo $FUNC_KEY' ]\n";
    for include in ["ci/e2e.yml", "[ { local: ci/e2e.yml } ]", "[ ci/e2e.yml ]"] {
        let parent = format!("e2e:\n  trigger:\n    include: {include}\n");
        check(&[(PATH, &parent), ("ci/e2e.yml", child)], PRINTS);
    }
}

#[test]
fn an_include_may_have_a_wildcard() {
    let include = "include: [ { local: 'ci/jobs/*.yml' } ]\n";
    let job = "a:\n  script: [ 'echo $FUNC_KEY' ]\n";
    check(&[(PATH, include), ("ci/jobs/a.yml", job)], PRINTS);
    check(&[(PATH, include), ("ci/jobs/a.txt", job)], &[]);
    let trigger = "b:\n  trigger: { include: [ { local: 'ci/jobs/*.yml' } ] }\n";
    check(&[(PATH, trigger), ("ci/jobs/a.yml", job)], PRINTS);
}
