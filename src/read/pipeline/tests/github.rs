use super::*;

const PATH: &str = ".github/workflows/a.yml";

/// A workflow of one job with a key in the output `key` of its step `get`.
fn job(rest: &str) -> String {
    format!(
        "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    outputs:\n      key: ${{{{ steps.get.outputs.key }}}}\n    steps:\n      - id: get\n        run: |\n          key=$({ONE})\n          echo \"::add-mask::$key\"\n          echo \"key=$key\" >> \"$GITHUB_OUTPUT\"\n          echo \"KEY=$key\" >> $GITHUB_ENV\n{rest}"
    )
}

#[test]
fn values_go_from_step_to_step() {
    for (rest, expected) in [
        (
            "      - run: echo ${{ steps.get.outputs.key }} | base64\n",
            "print-altered",
        ),
        ("      - run: echo \"$KEY\" | base64\n", "print-altered"),
        (
            "      - run: echo ${{ env.KEY }} | base64\n",
            "print-altered",
        ),
        (
            "      - env: { OTHER: \"${{ steps.get.outputs.key }}\" }\n        run: echo \"$OTHER\" | base64\n",
            "print-altered",
        ),
        (
            "      - run: echo ${{ format('{0}!', steps.get.outputs.key) }} | base64\n",
            "print-altered",
        ),
        (
            "      - run: echo ${{ github.ref == 'main' && steps.get.outputs.key || 'none' }} | base64\n",
            "print-altered",
        ),
        (
            "  b:\n    needs: a\n    steps:\n      - run: echo ${{ needs.a.outputs.key }} | base64\n",
            "print-altered",
        ),
        (
            "      - run: curl \"https://func-a.azurewebsites.net/api/F?code=${{ steps.get.outputs.key }}\"\n",
            "send-url",
        ),
        (
            "      - uses: azure/cli@v2\n        with:\n          inlineScript: |\n            echo \"${{ steps.get.outputs.key }}\" | rev\n",
            "print-altered",
        ),
        ("      - run: echo \"$KEY\"\n", ""),
        (
            "      - run: echo ${{ steps.other.outputs.key }} | base64\n",
            "",
        ),
        (
            "      - run: echo ${{ needs.other.outputs.key }} | base64\n",
            "",
        ),
        (
            "      - run: echo ${{ steps.get.outputs.name }} | base64\n",
            "",
        ),
    ] {
        let text = job(rest);
        let done = done(&[(PATH, &text)]);
        let expected: Vec<_> = Some(expected)
            .filter(|what| !what.is_empty())
            .into_iter()
            .collect();
        let what: Vec<&str> = done
            .iter()
            .filter_map(|said| Some(said.split_once(' ')?.0))
            .collect();
        assert_eq!(what, expected, "{rest}");
    }
}

#[test]
fn an_older_way_to_hand_on_is_known_too() {
    let (path, text) = workflow(&format!("echo \"::set-output name=key::$({ONE})\""));
    assert_eq!(done(&[(path, &text)]), ["pass .github/workflows/a.yml:7"]);
}

#[test]
fn environments_of_all_levels_reach_a_script() {
    let secret = "\"${{ secrets.FUNC_KEY }}\"";
    for text in [
        format!(
            "on: push\nenv: {{ K: {secret} }}\njobs:\n  a:\n    steps:\n      - run: echo $K | base64\n"
        ),
        format!(
            "on: push\njobs:\n  a:\n    env: {{ K: {secret} }}\n    steps:\n      - run: echo $K | base64\n"
        ),
        format!(
            "on: push\njobs:\n  a:\n    steps:\n      - env: {{ K: {secret} }}\n        run: echo $K | base64\n"
        ),
    ] {
        let done = done(&[(PATH, &text)]);
        assert!(
            done.len() == 1 && done[0].starts_with("print-altered"),
            "{text}: {done:?}"
        );
    }
}

#[test]
fn keys_go_into_what_is_called_and_out_of_it() {
    let caller = "on: push\njobs:\n  a:\n    uses: ./.github/workflows/b.yml\n    with: { host: func-a }\n    secrets: { key: \"${{ secrets.FUNC_KEY }}\" }\n";
    let callee = "on:\n  workflow_call:\n    inputs: { host: { type: string } }\n    secrets: { key: {} }\njobs:\n  b:\n    steps:\n      - run: curl \"https://${{ inputs.host }}.azurewebsites.net/api/F?code=${{ secrets.key }}\"\n";
    let called = ".github/workflows/b.yml";
    let sends = ["send-url .github/workflows/b.yml:8"];
    assert_eq!(done(&[(PATH, caller), (called, callee)]), sends);
    let inherit = caller.replace("{ key: \"${{ secrets.FUNC_KEY }}\" }", "inherit");
    let callee = callee.replace("secrets.key", "secrets.FUNC_KEY");
    assert_eq!(done(&[(PATH, &inherit), (called, &callee)]), sends);

    let step = "on: push\njobs:\n  a:\n    steps:\n      - id: k\n        uses: ./.github/actions/key\n        with: { app: func-a }\n      - run: echo ${{ steps.k.outputs.key }}\n";
    let action = format!(
        "inputs: {{ app: {{}} }}\noutputs:\n  key: {{ value: \"${{{{ steps.get.outputs.key }}}}\" }}\nruns:\n  using: composite\n  steps:\n    - id: get\n      shell: bash\n      run: echo \"key=$({ONE})\" >> $GITHUB_OUTPUT\n"
    );
    assert_eq!(
        done(&[(PATH, step), (".github/actions/key/action.yml", &action)]),
        [
            "pass .github/actions/key/action.yml:9",
            "print-output .github/workflows/a.yml:8"
        ]
    );
    assert_eq!(done(&[(PATH, step)]), [""; 0]);
}

#[test]
fn files_with_keys_are_uploaded() {
    for (path, uploaded) in [
        ("out", true),
        ("out/*.json", true),
        ("out/keys.json", true),
        ("logs", false),
    ] {
        let (name, text) = workflow(&format!("{ALL} > out/keys.json"));
        let text = format!(
            "{text}      - uses: actions/upload-artifact@v4\n        with: {{ path: {path} }}\n"
        );
        let done = done(&[(name, &text)]);
        assert_eq!(
            done.iter().any(|said| said.starts_with("print-artifact")),
            uploaded,
            "{path}"
        );
    }
}
