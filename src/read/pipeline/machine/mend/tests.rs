use std::sync::Arc;

use crate::fix::{Fix, apply};
use crate::policy::Policy;
use crate::read::structured::{Parts, Source, Structures, Wanted};

/// What the fixes of a pipeline make of it.
fn fixed(path: &str, text: &str) -> String {
    let source = Arc::new(Source::new(path.to_owned(), text.to_owned(), Vec::new()));
    let mut structures = Structures::default();
    structures.absorb(Parts::read(&source, Wanted::by_name(path)));
    let files: Vec<(String, Vec<u8>)> = Vec::new();
    let found = structures.facts(&Policy::default(), &files);
    let fixes: Vec<&Fix> = found
        .facts
        .iter()
        .filter_map(|fact| fact.record().fix())
        .collect();
    apply(text, &fixes).text
}

const WORKFLOW: &str = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n";
const LIST: &str =
    "az functionapp function keys list -g rg -n func-a --function-name F --query default";

/// The lines of a step of a workflow, as its fixes leave them.
fn step(lines: &[&str]) -> Vec<String> {
    let body: String = lines
        .iter()
        .map(|line| format!("          {line}\n"))
        .collect();
    let text = format!("{WORKFLOW}      - run: |\n{body}");
    let fixed = fixed(".github/workflows/a.yml", &text);
    let rest = fixed.strip_prefix(WORKFLOW).expect("the rest is as it was");
    rest.lines()
        .skip(1)
        .map(|line| line[10..].to_owned())
        .collect()
}

#[test]
fn a_mask_stands_behind_the_line_that_takes_the_key() {
    let take = format!("  key=$({LIST} \\\n              -o tsv) # the key");
    assert_eq!(
        step(&[
            "if true; then",
            &take,
            "fi",
            "echo \"key=$key\" >> \"$GITHUB_OUTPUT\""
        ])[1..4],
        [
            format!("  key=$({LIST} \\"),
            "    -o tsv) # the key".to_owned(),
            "  echo \"::add-mask::$key\"".to_owned(),
        ]
    );
    let text = format!(
        "{WORKFLOW}      - run: |\n          export KEY=$({LIST} -o tsv)\n          echo \"$KEY\"\n"
    );
    let text = text.replace('\n', "\r\n");
    let expected = text.replace(
        "-o tsv)\r\n",
        "-o tsv)\r\n          echo \"::add-mask::$KEY\"\r\n",
    );
    assert_eq!(fixed(".github/workflows/a.yml", &text), expected);
}

#[test]
fn what_is_captured_is_masked_where_it_comes_out() {
    let take = format!("key=$({LIST} -o tsv)");
    let lines = ["all=$(", &take, "echo \"$key\"", ")", "echo \"$all\""];
    let fixed = step(&lines);
    assert_eq!(fixed[..4], lines[..4]);
    assert_eq!(fixed[4..], ["echo \"::add-mask::$all\"", lines[4]]);
}

#[test]
fn where_a_mask_is_not_certain_nothing_is_changed() {
    let take = format!("key=$({LIST} -o tsv)");
    let echo = || "echo \"$key\"".to_owned();
    for lines in [
        // The line does more than that, or goes on.
        vec![format!("{take} && echo ok"), echo()],
        vec![format!("true; {take}"), echo()],
        // JSON has quotes, which would be masked with it.
        vec![format!("key=$({LIST})"), echo()],
        // Encoded, no mask knows it.
        vec![take.clone(), "echo \"$key\" | base64".to_owned()],
        // It would take the place of a variable that is used already.
        vec![
            "echo \"$KEY\"".to_owned(),
            format!("echo \"KEY=$({LIST} -o tsv)\" >> $GITHUB_ENV"),
        ],
    ] {
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        assert_eq!(step(&lines), lines);
    }
}

#[test]
fn a_secret_variable_is_read_as_a_macro_only() {
    let pipeline = |behind: &str, after: &str| {
        format!(
            "steps:\n- task: AzureCLI@2\n  inputs:\n    scriptType: bash\n    inlineScript: |\n      \
             key=$({LIST} -o tsv)\n      echo \"##vso[task.setvariable variable=FuncKey{behind}]$key\"\n{after}"
        )
    };
    for (behind, fixed_behind) in [
        ("", ";issecret=true"),
        (";isOutput=true;", ";isOutput=true;issecret=true"),
        (";isSecret=false", ";isSecret=true"),
    ] {
        assert_eq!(
            fixed("azure-pipelines.yml", &pipeline(behind, "")),
            pipeline(fixed_behind, "")
        );
    }
    for reads in ["$FUNCKEY", "${FUNCKEY}", "$env:FuncKey", "%funckey%"] {
        let text = pipeline("", &format!("- bash: curl -H \"k: {reads}\" x\n"));
        assert_eq!(fixed("azure-pipelines.yml", &text), text, "{reads}");
    }
}

#[test]
fn a_key_moves_from_the_url_to_the_header() {
    let host = "https://func-a.azurewebsites.net/api/F";
    for (before, after) in [
        (
            format!("curl -s \"{host}?code=$FUNC_KEY&dry=1\""),
            format!("curl -H \"x-functions-key: $FUNC_KEY\" -s \"{host}?dry=1\""),
        ),
        (
            format!("sudo curl --url {host}?dry=1\\&x=2 \"{host}?a=1&code=${{FUNC_KEY}}&b=2\""),
            String::new(),
        ),
        (
            format!("timeout 5 curl {host}?code=$FUNC_KEY -o /dev/null"),
            format!("timeout 5 curl -H \"x-functions-key: $FUNC_KEY\" {host} -o /dev/null"),
        ),
        (
            format!("wget -q '{host}?a=1&code=${{{{ secrets.FUNC_KEY }}}}'"),
            format!("wget --header='x-functions-key: ${{{{ secrets.FUNC_KEY }}}}' -q '{host}?a=1'"),
        ),
        // Another header, a part of a value, a webhook, a key from a command.
        (
            format!("curl -H 'x-functions-key: a' \"{host}?code=$FUNC_KEY\""),
            String::new(),
        ),
        (format!("curl \"{host}?code=$FUNC_KEY.x\""), String::new()),
        (
            "curl \"https://func-a.azurewebsites.net/runtime/webhooks/x?code=$FUNC_KEY\""
                .to_owned(),
            String::new(),
        ),
        (
            format!("curl \"{host}?code=$({LIST} -o tsv)\""),
            String::new(),
        ),
    ] {
        let set = "FUNC_KEY=${{ secrets.FUNC_KEY }}";
        let expected = if after.is_empty() { &before } else { &after };
        assert_eq!(step(&[set, &before]), [set, expected.as_str()]);
    }
}

#[test]
fn a_plain_scalar_stays_one() {
    let run = |command: &str| format!("{WORKFLOW}      - run: {command}\n");
    let host = "https://func-a.azurewebsites.net/api/F";
    assert_eq!(
        fixed(
            ".github/workflows/a.yml",
            &run(&format!("curl \"{host}?code=${{{{ secrets.FUNC_KEY }}}}\""))
        ),
        run(&format!(
            "curl -H \"x-functions-key:${{{{ secrets.FUNC_KEY }}}}\" \"{host}\""
        ))
    );
}
