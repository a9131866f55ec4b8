use super::*;

/// The last line writes the key of the lines before it, or does not.
#[track_caller]
fn check(cases: &[(&[&str], &[&str])]) {
    let take = format!("key=$({ONE})");
    for (lines, expected) in cases {
        let lines = [&[take.as_str()][..], lines].concat();
        assert_eq!(last(workflow, &lines), *expected, "{lines:#?}");
    }
}

const PRINTS: &[&str] = &["print-output"];
const ALTERED: &[&str] = &["print-altered"];
const SILENT: &[&str] = &[];

#[test]
fn values_are_followed_within_a_script() {
    check(&[
        (&["echo \"$key\""], PRINTS),
        (&["other=${key}", "printf '%s\\n' \"$other\""], PRINTS),
        (&["echo \"$(echo \"$key\")\""], PRINTS),
        (&["echo \"$key\" | cat"], PRINTS),
        (&["cat <<< \"$key\""], PRINTS),
        (
            &["read -r other < <(echo \"$key\")", "echo \"$other\""],
            PRINTS,
        ),
        (&["all=(none \"$key\")", "echo \"${all[1]}\""], PRINTS),
        (&["all=(none \"$key\")", "echo \"${all[0]}\""], SILENT),
        (
            &["mapfile -t all < <(echo \"$key\")", "echo \"${all[@]}\""],
            PRINTS,
        ),
        (&["echo \"$key\" > file", "cat file"], PRINTS),
        (&["echo \"$key\" > /dev/null"], SILENT),
        (&["echo \"$key\" >&2"], PRINTS),
        (&["show() { true; }", "show \"$key\""], SILENT),
        (&["( other=$key; echo \"$other\" )"], PRINTS),
        (&["( key=none )", "echo \"$key\""], PRINTS),
        (&["for one in $key; do echo \"$one\"; done"], PRINTS),
        (&["if true; then echo \"$key\"; fi"], PRINTS),
        (
            &[
                "set -x",
                "curl -H \"x-functions-key: $key\" https://func-a.azurewebsites.net/api/F",
            ],
            &["print-trace", "send"],
        ),
        (&["set -x", "set +x", "true \"$key\""], SILENT),
        (&["bash -c \"echo $key\""], PRINTS),
        (&["echo \"$key\" | xargs echo"], PRINTS),
        (&["eval \"echo $key\""], PRINTS),
        (&["jq -n --arg v \"$key\" '{value: $v}'"], PRINTS),
        (
            &["echo '[]' | jq --arg v \"$key\" '. + [{value: $v}]'"],
            PRINTS,
        ),
        (
            &["echo \"$key\" | python3 -c 'import sys; print(sys.stdin.read())'"],
            PRINTS,
        ),
        (&["jq -n --arg v \"$key\" '$v | length'"], SILENT),
        (
            &["echo '[]' | jq --arg v \"$key\" 'any(.value == $v)'"],
            SILENT,
        ),
        (&["echo \"$key\" | yq -o=json ."], PRINTS),
        (
            &["echo \"$key\" | python3 -c 'import sys; print(len(sys.stdin.read()))'"],
            SILENT,
        ),
        (&["jq -rn --arg v \"$key\" '{value: $value}'"], SILENT),
        (
            &["curl -G --data-urlencode \"code=$key\" https://func-a.azurewebsites.net/api/F"],
            &["send-url"],
        ),
        (&["echo \"${#key}\""], SILENT),
        (&["[ -n \"$key\" ]"], SILENT),
    ]);
    let (path, text) = workflow(&format!(
        "key=$({ONE})\ncat <<E\n$key\nE\nshow() {{ echo \"$1\"; }}\nshow \"$key\""
    ));
    let lines: Vec<String> = done(&[(path, &text)]);
    assert_eq!(lines.len(), 2, "a here-document and a function: {lines:?}");
}

#[test]
fn a_key_is_taken_out_of_a_listing() {
    for (command, expected) in [
        (ALL.to_owned(), &["print-listing"][..]),
        (format!("{ALL} --query masterKey"), PRINTS),
        (format!("{ALL} | jq -r .functionKeys.default"), PRINTS),
        (format!("{ALL} | yq .systemKeys.a"), PRINTS),
        (format!("{ALL} --query 'keys(functionKeys)'"), SILENT),
        (format!("{ALL} | jq '.functionKeys | length'"), SILENT),
        (format!("{ALL} --output none"), SILENT),
        (format!("{ALL} -o none"), SILENT),
        (format!("{ALL} > /dev/null 2>&1"), SILENT),
        (format!("keys=$({ALL})"), SILENT),
    ] {
        assert_eq!(last(workflow, &[&command]), expected, "{command}");
    }
}

#[test]
fn what_changes_a_key_may_undo_its_mask() {
    let mask = "echo \"::add-mask::$key\"";
    check(&[
        (&[mask, "echo \"$key\""], SILENT),
        (&[mask, "echo \"$key\" | tr -d '\\n' | head -1"], SILENT),
        (&[mask, "echo \"$key\" | base64"], ALTERED),
        (&[mask, "echo \"$key\" | rev"], ALTERED),
        (&[mask, "echo \"$key\" | cut -c 1-4"], ALTERED),
        (&[mask, "echo \"${key:0:4}\""], ALTERED),
        (&["echo \"$key\" | sed 's/^/key: /'"], PRINTS),
        (&["echo \"$key\" | awk '{print $1}'"], PRINTS),
        (&["echo \"$key\" | wc -c"], SILENT),
        (&["echo \"$key\" | sha256sum"], SILENT),
        (&["echo \"$key\" | grep -q ."], SILENT),
    ]);
}

#[test]
fn what_is_not_known_makes_no_fact() {
    for lines in [
        &["echo \"$FUNCTION_KEY\""][..],
        &["key=$(vault read -field=key secret/func)", "echo \"$key\""],
        &["key=$(./get-key func-a)", "echo \"$key\""],
        &["key=$(python get_function_key.py)", "echo \"$key\""],
        &["source /opt/keys.sh", "echo \"$FUNC_KEY\""],
        &["key=${!name}", "echo \"$key\""],
        &["az functionapp config appsettings list -g rg -n func-a"],
        &["az storage account keys list -g rg -n st"],
        &["curl \"https://example.com/?code=$CODE\""],
    ] {
        assert_eq!(last(workflow, lines), SILENT, "{lines:?}");
    }
}

#[test]
fn scripts_that_are_called_are_part_of_the_step() {
    let script = format!("#!/usr/bin/env bash\nkey=$({ONE})\necho \"$key\" \"$1\"\n");
    let (path, text) = workflow("./ci/smoke.sh one\nbash ci/smoke.sh two\nsource ci/smoke.sh");
    assert_eq!(
        done(&[(path, &text), ("ci/smoke.sh", &script)]),
        ["print-output ci/smoke.sh:3"]
    );
    assert_eq!(done(&[(path, &text)]), [""; 0]);
    let sourced = format!("key=$({ONE})\n");
    let (path, text) = workflow("source ci/key.sh\necho \"$key\"");
    assert_eq!(
        done(&[(path, &text), ("ci/key.sh", &sourced)]),
        ["print-output .github/workflows/a.yml:8"]
    );
}

#[test]
fn a_script_without_extension_names_its_shell() {
    let (path, text) = workflow("bin/keys");
    let script = |shell: &str| format!("#!{shell}\n{ALL}\n");
    for (shell, expected) in [
        ("/bin/sh", &["print-listing bin/keys:2"][..]),
        ("/usr/bin/env python3", &[]),
        ("/usr/bin/env -S uv run --script # shared", &[]),
        ("/usr/bin/env pwsh", &["print-listing bin/keys:2"]),
    ] {
        let script = script(shell);
        assert_eq!(done(&[(path, &text), ("bin/keys", &script)]), expected);
    }
}

#[test]
fn a_chosen_value_is_seen_in_every_sort_of_body() {
    let url = "https://management.azure.com/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/func-a/host/default/functionkeys/k?api-version=2023-12-01";
    for (lines, expected) in [
        (
            format!("curl -X PUT {url} -d @- <<E\n{{\"properties\": {{\"value\": \"$V\"}}}}\nE"),
            true,
        ),
        (
            format!("curl -X PUT {url} -d @- <<E\n{{\"properties\": {{}}}}\nE"),
            false,
        ),
        (
            format!(
                "jq -n --arg v \"$V\" '{{properties: {{value: $v}}}}' > b.json\naz rest --method put --url {url} --body @b.json"
            ),
            true,
        ),
        (
            format!(
                "jq -n '{{properties: {{value: \"x\"}}}}' > b.json\ncurl -X PUT {url} --data @b.json"
            ),
            true,
        ),
    ] {
        let (path, text) = workflow(&lines);
        let done = done(&[(path, &text)]);
        let chosen = done.iter().any(|said| said.starts_with("choose "));
        assert_eq!(chosen, expected, "{lines}: {done:?}");
    }
}

#[test]
fn a_function_is_where_it_is_written() {
    let (path, text) = workflow("source lib.sh\nlist");
    let script = format!("# shared\nlist() {{\n  {ALL}\n}}\n");
    assert_eq!(
        done(&[(path, &text), ("lib.sh", &script)]),
        ["print-listing lib.sh:3"]
    );
}

#[test]
fn a_script_in_an_argument_has_lines() {
    let (path, text) = workflow(&format!("bash -c '\n  true\n  {ALL}\n'"));
    let line = text.lines().position(|line| line.contains(ALL)).unwrap() + 1;
    assert_eq!(
        done(&[(path, &text)]),
        [format!("print-listing {path}:{line}")]
    );
}

#[test]
fn scripts_are_found_from_every_directory_around_a_pipeline() {
    let pipeline = "trigger: none\nsteps:\n- bash: ./build/keys.sh\n";
    let script = format!("{ALL}\n");
    assert_eq!(
        done(&[
            ("build/azure-pipelines.yml", pipeline),
            ("build/keys.sh", &script)
        ]),
        ["print-listing build/keys.sh:1"]
    );
}

#[test]
fn scripts_are_found_in_the_directory_that_was_entered() {
    let printed = ["print-listing ops/keys.sh:1"];
    for lines in [
        "cd ops\n./keys.sh",
        "cd ops && ./keys.sh",
        "(cd ops; ./keys.sh)",
        "pushd ops\n./keys.sh",
        "cd ops/a\ncd ..\n./keys.sh",
        "cd ops\npushd other\ncd deeper\npopd\n./keys.sh",
        "cd \"$GITHUB_WORKSPACE/ops\"\n./keys.sh",
    ] {
        let (path, text) = workflow(lines);
        assert_eq!(
            done(&[(path, &text), ("ops/keys.sh", ALL)]),
            printed,
            "{lines}"
        );
    }
    let (path, text) = workflow("./keys.sh");
    let defaults = "defaults:\n  run:\n    working-directory: ops\njobs:";
    let text = text.replace("jobs:", defaults);
    assert_eq!(done(&[(path, &text), ("ops/keys.sh", ALL)]), printed);
    // A group of its own comes back.
    let (path, text) = workflow("(cd ops)\n./keys.sh");
    assert!(done(&[(path, &text), ("ops/keys.sh", ALL)]).is_empty());
}
