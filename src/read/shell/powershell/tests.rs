use super::*;

fn said(script: &str) -> String {
    parse(script).iter().map(say).collect::<Vec<_>>().join("; ")
}

fn say(statement: &Statement) -> String {
    match statement {
        Statement::Command(command) => {
            let words = command.words.iter().map(word);
            let redirects = command.redirects.iter();
            let redirects = redirects.map(|r| format!("{:?}:{}", r.stream, word(&r.target)));
            words.chain(redirects).collect::<Vec<_>>().join(" ")
        }
        Statement::Pipe(stages) => stages.iter().map(say).collect::<Vec<_>>().join(" | "),
        Statement::Assign(assign) => {
            let sign = if assign.append { "+=" } else { ":=" };
            format!("{} {sign} {}", assign.name, word(&assign.value))
        }
        Statement::Group(group) => {
            let body: Vec<_> = group.body.iter().map(say).collect();
            format!("{{{}}}", body.join("; "))
        }
        Statement::Function(name, body) => {
            let body: Vec<_> = body.iter().map(say).collect();
            format!("{name}() {{{}}}", body.join("; "))
        }
    }
}

fn word(word: &Word) -> String {
    word.pieces.iter().map(piece).collect()
}

fn piece(piece: &Piece) -> String {
    match piece {
        Piece::Text(text) => text.replace('\n', "⏎"),
        Piece::Variable(name) => format!("⟨{name}⟩"),
        Piece::Part(name) => format!("⟨part of {name}⟩"),
        Piece::Output(body) => {
            format!("⟨{}⟩", body.iter().map(say).collect::<Vec<_>>().join("; "))
        }
        Piece::Splat(name) => format!("@{name}"),
        Piece::Field(of, path) => format!("{}{path}", self::piece(of)),
        Piece::Table(entries) => {
            let entries = entries
                .iter()
                .map(|(k, v)| format!("{}={}", word(k), word(v)));
            format!("@({})", entries.collect::<Vec<_>>().join(","))
        }
        _ => "⟨?⟩".to_owned(),
    }
}

#[test]
fn reads_its_forms() {
    for (script, expected) in [
        (
            "az functionapp keys list -n $App -g 'rg'",
            "az functionapp keys list -n ⟨app⟩ -g rg",
        ),
        ("$key = az x `\n  -o tsv", "key := ⟨az x -o tsv⟩"),
        (
            "$k = (Invoke-AzResourceAction -Action listkeys).masterKey",
            "k := ⟨Invoke-AzResourceAction -Action listkeys⟩.masterKey",
        ),
        (
            "$k = (az x | ConvertFrom-Json).functionKeys.default",
            "k := ⟨az x | ConvertFrom-Json⟩.functionKeys.default",
        ),
        ("$k = $keys.functionKeys['a']", "k := ⟨keys⟩.functionKeys.a"),
        (
            "Write-Host \"key: $k and $($k.x)\"",
            "Write-Host key: ⟨k⟩ and ⟨Write-Output ⟨k⟩.x⟩",
        ),
        (
            "Invoke-RestMethod -Uri \"https://a/b?code=$key\" -Headers @{ 'x-functions-key' = $key }",
            "Invoke-RestMethod -Uri https://a/b?code=⟨key⟩ -Headers @(x-functions-key=⟨key⟩)",
        ),
        (
            "$h = @{\n  'x-functions-key' = $key\n  a = 1\n}",
            "h := @(x-functions-key=⟨key⟩,a=1)",
        ),
        (
            "$h['x-functions-key'] = $key",
            "h += @(x-functions-key=⟨key⟩)",
        ),
        (
            "$h.Add('x-functions-key', $key)",
            "h += @(x-functions-key=⟨key⟩)",
        ),
        ("$env:KEY = $k", "env:KEY := ⟨k⟩"),
        (
            "\"K=$k\" >> $env:GITHUB_OUTPUT",
            "Write-Output K=⟨k⟩ Append:⟨env:GITHUB_OUTPUT⟩",
        ),
        (
            "$k | Out-File -FilePath $env:GITHUB_ENV -Append",
            "Write-Output ⟨k⟩ | Out-File -FilePath ⟨env:GITHUB_ENV⟩ -Append",
        ),
        ("$k.Substring(0, 4)", "Write-Output ⟨part of k⟩"),
        (
            "[Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($k))",
            "Write-Output ⟨part of k⟩",
        ),
        ("if ($k -eq 'x') { a } else { b }", "{}; {a}; {b}"),
        ("foreach ($f in $fs) { az $f }", "{az ⟨f⟩}"),
        (
            "function Get-It { param($a) az x $a }\nGet-It 1",
            "Get-It() {az x ⟨a⟩}; Get-It 1",
        ),
        ("try { a } catch { b }", "{a}; {b}"),
        ("a | Out-Null; b > $null", "a | Out-Null; b Output:$null"),
        ("[string]$x = 'a'", "x := a"),
    ] {
        assert_eq!(said(script), expected, "{script}");
    }
}

#[test]
fn reads_everything_once() {
    let mut nested = "$a = 1".to_owned();
    for _ in 0..40 {
        nested = format!("$a = ({nested}) | x");
    }
    assert_eq!(parse(&nested).len(), 1);
    assert_eq!(parse(&"$x ".repeat(100_000)).len(), 1);
    assert_eq!(parse(&"$x\n".repeat(100_000)).len(), 100_000);
}

#[test]
fn ends_whatever_it_reads() {
    for open in [
        "(", "{", "@{", "$(", "\"$(", "[", "if (", "'", "@\"", "$x = ",
    ] {
        let _ = parse(&open.repeat(20_000));
    }
}
