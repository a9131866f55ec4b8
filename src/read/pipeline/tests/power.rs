use super::*;

fn step(lines: &str) -> (&'static str, String) {
    let (path, text) = workflow(lines);
    (
        path,
        text.replace("- run: |", "- shell: pwsh\n        run: |"),
    )
}

#[track_caller]
fn check(cases: &[(&[&str], &[&str])]) {
    let take = format!("$key = {ONE}");
    for (lines, expected) in cases {
        let lines = [&[take.as_str()][..], lines].concat();
        assert_eq!(last(step, &lines), *expected, "{lines:#?}");
    }
}

const PRINTS: &[&str] = &["print-output"];
const ALTERED: &[&str] = &["print-altered"];
const SILENT: &[&str] = &[];

#[test]
fn every_form_that_writes_a_key_prints_it() {
    check(&[
        (&["$key"], PRINTS),
        (&["\"key: $key\""], PRINTS),
        (&["Write-Host $key"], PRINTS),
        (&["Write-Host \"key: $key\" -ForegroundColor Red"], PRINTS),
        (&["Write-Host -Object $key"], PRINTS),
        (&["Write-Host ('key: ' + $key)"], PRINTS),
        (&["Write-Host ('key: {0}' -f $key)"], PRINTS),
        (&["'key: {0}' -f $key"], PRINTS),
        (&["'{0}: {1}' -f 'key', $key"], PRINTS),
        (&["Write-Output $key"], PRINTS),
        (&["Write-Verbose \"$key\" -Verbose"], PRINTS),
        (&["Write-Verbose \"$key\""], SILENT),
        (
            &[
                "function Get-It { return az functionapp keys list -g rg -n func-a | ConvertFrom-Json }",
                "$all = Get-It",
                "Write-Host $all.functionKeys.default",
            ],
            PRINTS,
        ),
        (
            &["Write-Information \"$key\" -InformationAction Continue"],
            PRINTS,
        ),
        (&["Write-Warning \"$key\""], PRINTS),
        (&["echo $key"], PRINTS),
        (&["$all = @{ Object = $key }", "Write-Host @all"], PRINTS),
        (&["$all = @{ a = @{ b = $key } }", "echo $all.a.b"], PRINTS),
        (&["[string]::Format('key: {0}', $key)"], PRINTS),
        (&["Write-Host ($key.Length -eq 0)"], SILENT),
        (&["$key | Out-Host"], PRINTS),
        (&["$key | Write-Host"], PRINTS),
        (&["$key | Out-String"], PRINTS),
        (&["Out-Host -InputObject $key"], PRINTS),
        (&["[Console]::WriteLine($key)"], PRINTS),
        (&["Write-Host \"key: $($key.Trim())\""], PRINTS),
        (&["return $key"], PRINTS),
        (&["throw \"no answer with $key\""], PRINTS),
        (&["Write-Error \"no answer with $key\""], PRINTS),
    ]);
}

#[test]
fn lists_and_tables_are_the_words_of_a_command() {
    const LISTS: &[&str] = &["print-listing"];
    check(&[
        (
            &[
                "$common = @('--resource-group', 'rg', '--name', 'func-a')",
                "az functionapp keys list @common",
            ],
            LISTS,
        ),
        (
            &[
                "$call = @{ ResourceId = \"$id/host/default\"; Action = 'listkeys' }",
                "Invoke-AzResourceAction @call -Force",
            ],
            LISTS,
        ),
        (
            &[
                "$call = @{ Uri = \"https://func-a.azurewebsites.net/api/x?code=$key\" }",
                "Invoke-RestMethod @call",
            ],
            &["send-url"],
        ),
    ]);
}

#[test]
fn what_is_captured_or_redirected_is_silent() {
    check(&[
        (&["$other = \"$key\""], SILENT),
        (&["$null = $key"], SILENT),
        (&["$all = @{ a = $key; b = 'x' }", "echo $all.b"], SILENT),
        (&["'{1}' -f $key, 'x'"], SILENT),
        (&["$key | Out-Null"], SILENT),
        (&["$key > $null"], SILENT),
        (&["[void]$key"], SILENT),
        (&["$key | Out-File key.txt"], SILENT),
        (&["Set-Content -Path key.txt -Value $key"], SILENT),
        (&["if ($key -eq 'x') { 'same' }"], SILENT),
        (&["$key.Length"], SILENT),
        (&["Write-Host \"length: $($key.Length)\""], SILENT),
        (&["Write-Host ($key -ne $null)"], SILENT),
        (&["Write-Verbose $key"], SILENT),
        (
            &["Write-Host \"::add-mask::$key\"", "Write-Host $key"],
            SILENT,
        ),
        (
            &[
                "Write-Host \"::add-mask::$key\"",
                "Write-Host $key.Substring(0, 4)",
            ],
            ALTERED,
        ),
        (
            &["Write-Host \"::add-mask::$key\"", "$key.Substring(0, 4)"],
            ALTERED,
        ),
        (
            &[
                "Write-Host \"::add-mask::$key\"",
                "[Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($key))",
            ],
            ALTERED,
        ),
    ]);
}

#[test]
fn a_key_is_taken_out_of_an_object() {
    for (lines, expected) in [
        (
            &[
                "(Invoke-AzResourceAction -ResourceType Microsoft.Web/sites/host -ResourceName func-a/default -Action listkeys -Force).functionKeys.default",
            ][..],
            PRINTS,
        ),
        (
            &[
                "$keys = az functionapp keys list -g rg -n func-a | ConvertFrom-Json",
                "Write-Host \"key: $($keys.functionKeys.default)\"",
            ],
            PRINTS,
        ),
        (
            &[
                "$keys = az functionapp keys list -g rg -n func-a | ConvertFrom-Json",
                "$keys.functionKeys['shop']",
            ],
            PRINTS,
        ),
        (
            &[
                "$keys = az functionapp keys list -g rg -n func-a | ConvertFrom-Json",
                "$keys.functionKeys.PSObject.Properties.Name",
            ],
            SILENT,
        ),
        (&["$key = Get-Secret func-a", "Write-Host $key"], SILENT),
    ] {
        assert_eq!(last(step, lines), expected, "{lines:#?}");
    }
}

#[test]
fn commands_in_comparisons_run() {
    let call = "(irm https://func-a.azurewebsites.net/api/F -Headers @{ 'x-functions-key' = $key }).hits.Count";
    let comparison = format!("$many = {call} -gt 0");
    check(&[(&[comparison.as_str()], &["send"])]);
}

#[test]
fn addresses_are_put_together() {
    for builder in [
        "[UriBuilder]::new('https', 'func-a.azurewebsites.net', 443, \"api/F\")",
        "[System.UriBuilder]::new('https://func-a.azurewebsites.net/api/F')",
        "[System.UriBuilder]'https://func-a.azurewebsites.net/api/F'",
    ] {
        let lines = [
            &format!("$b = {builder}"),
            "$b.Query = \"a=1&code=$key\"",
            "irm -Uri $b.Uri",
        ];
        check(&[(&lines, &["send-url"])]);
    }
    check(&[(
        &["irm ([uri]::new('https://func-a.azurewebsites.net', \"/api/F?code=$key\"))"],
        &["send-url"],
    )]);
}

#[test]
fn host_keys_are_taken_in_two_steps() {
    let (path, text) = step(&format!(
        "$all = ({ALL} | ConvertFrom-Json).functionKeys\n$key = $all.shop\nirm https://func-a.azurewebsites.net/api/F -Headers @{{ 'x-functions-key' = $key }}"
    ));
    let names = read(&[(path, &text)]).facts.into_iter().filter_map(|fact| {
        let seen = serde_json::to_value(&fact).ok()?;
        let sent = seen.get("action")? == "send";
        sent.then(|| seen["name"].as_str().map(str::to_owned))?
    });
    assert_eq!(names.collect::<Vec<_>>(), ["shop"]);
}

#[test]
fn one_key_of_a_listing_is_one_key() {
    let all = format!("$all = {ALL} | ConvertFrom-Json");
    let mask = "Write-Output \"::add-mask::$($all.functionKeys.a)\"";
    for (shown, expected) in [("a", SILENT), ("b", PRINTS)] {
        let shown = format!("Write-Host $all.functionKeys.{shown}");
        assert_eq!(last(step, &[&all, mask, &shown]), expected);
    }
}
