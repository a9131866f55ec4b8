use super::super::reading;
use super::*;

fn found(path: &str, text: &str) -> Vec<String> {
    let read = reading(path, text).unwrap();
    read.url_keys
        .into_iter()
        .map(|key| text[key.span].to_owned())
        .collect()
}

#[test]
fn patterns_compile() {
    for pattern in PATTERNS {
        assert!(!pattern.is_match("-"));
    }
}

#[test]
fn finds_keys_that_are_sent_in_urls() {
    for (path, text, expected) in [
        (
            "a.cs",
            r#"var u = $"{baseUrl}/api/send?code={_functionKey}";"#,
            "code={_functionKey}",
        ),
        (
            "a.cs",
            r#"var u = url + "/api/send?to=1&code=" + options.FunctionKey;"#,
            "code=",
        ),
        (
            "a.cs",
            r#"var u = string.Format("{0}/api/x?code={1}", url, functionKey);"#,
            "code={1}",
        ),
        (
            "a.cs",
            r#"var u = QueryHelpers.AddQueryString(url, "code", funcKey);"#,
            "\"code\"",
        ),
        ("a.cs", "query[\"code\"] = settings.HostKey;", "\"code\""),
        (
            "a.ps1",
            "$u = $base + '/api/x?code=' + $FunctionKey\n$file = New-TemporaryFile",
            "code=",
        ),
        (
            "a.go",
            r#"u := fmt.Sprintf("%s/api/x/%s?code=%s", c.base, id, c.FunctionKey)"#,
            "code=%s",
        ),
        (
            "a.go",
            r#"v := url.Values{"to": {id}, "code": {functionKey}}"#,
            "\"code\"",
        ),
        (
            "a.py",
            r#"requests.get(f"{URL}/api/x?code={FUNCTION_KEY}")"#,
            "code={FUNCTION_KEY}",
        ),
        (
            "a.py",
            r#"requests.get(url + "/api/x?code=" + os.environ["FUNCTION_KEY"])"#,
            "code=",
        ),
        (
            "a.py",
            r#"u = "{}/api/x?code={}".format(base, func_key)"#,
            "code={}",
        ),
        (
            "a.cs",
            r#"builder.Query = $"code={functionKey}";"#,
            "code={functionKey}",
        ),
        ("a.cs", r#"builder.Query = "code=" + functionKey;"#, "code="),
        (
            "a.js",
            "const u = 'https://h/api/x?code='.concat(functionKey);",
            "code=",
        ),
        (
            "a.py",
            "requests.get(url, params=dict(code=function_key))",
            "code",
        ),
        ("a.py", r#"u = "%s/api/x?code=%s" % (base, key)"#, "code=%s"),
        (
            "a.py",
            r#"requests.get(url, params={"code": function_key})"#,
            "\"code\"",
        ),
        (
            "a.js",
            "fetch(`${base}/api/x?code=${process.env.FUNCTION_KEY}`)",
            "code=${process.env.FUNCTION_KEY}",
        ),
        (
            "a.ts",
            "axios.get(functionUrl, { params: { code: this.functionKey } })",
            "code",
        ),
        (
            "a.ts",
            "url.searchParams.append('code', functionKey);",
            "'code'",
        ),
        (
            "A.java",
            r#"String u = base + "/api/x?code=" + functionKey;"#,
            "code=",
        ),
        (
            "A.java",
            r#"String u = String.format("%s/api/x?code=%s", base, apiKey);"#,
            "code=%s",
        ),
        (
            "a.ps1",
            "irm -Uri ('{0}/api/x?code={1}' -f $base, $functionKey)",
            "code={1}",
        ),
        (
            "a.ps1",
            r#"Invoke-RestMethod "$base/api/x?code=$functionKey""#,
            "code=$functionKey",
        ),
        (
            "a.ps1",
            r#"$u = "https://x.azurewebsites.net/api/x?code=" + $env:KEY"#,
            "code=",
        ),
        (
            "a.cs",
            r#"new UriBuilder(u) { Path = p, Query = $"code={o.FunctionKey}&v=2" }.Uri"#,
            "code={o.FunctionKey}",
        ),
        (
            "a.ps1",
            r#"$b.Query = "code=$functionKey""#,
            "code=$functionKey",
        ),
        (
            "a.cs",
            r#"var q = new Dictionary<string, string?> { ["a"] = b, ["code"] = o.FunctionKey };
               return QueryHelpers.AddQueryString(u, q);"#,
            "\"code\"",
        ),
        (
            "a.cs",
            r#"q["code"] = o.FunctionKey; QueryHelpers.AddQueryString(u, q);"#,
            "\"code\"",
        ),
        (
            "a.cs",
            r#"q.Add("code", functionKey); QueryHelpers.AddQueryString(u, q);"#,
            "\"code\"",
        ),
        (
            "a.py",
            "q = {\"code\": function_key}\n\nrequests.get(url, params=q)",
            "\"code\"",
        ),
        (
            "a.cs",
            r#"const string T = "https://x.azurewebsites.net/api/C?code={0}&f={1}";

               string Url(string f) => string.Format(T, key, f);"#,
            "T",
        ),
        (
            "a.ps1",
            "$q = @{\n  zip = $zip\n  code = $FunctionKey\n}\nirm -Uri \"$b/api/x\" -Body $q",
            "code",
        ),
        (
            "a.ps1",
            "Invoke-RestMethod -Uri \"$b/api/x\" `\n  -Body @{ 'code' = $FunctionKey; zip = $zip }",
            "'code'",
        ),
        (
            "a.ts",
            "fetch(`${u}/api/x?${qs.stringify({ zip, code: s.rateFunctionKey })}`)",
            "code",
        ),
        (
            "a.cs",
            r#"Get($"api/cost/{country}?kg={weight}&code={_options.FunctionKey}");"#,
            "code={_options.FunctionKey}",
        ),
        (
            "a.cs",
            r#"var k = config["OrdersFunctionKey"]; query["code"] = k;"#,
            "\"code\"",
        ),
    ] {
        assert_eq!(found(path, text), [expected], "{text}");
    }
}

#[test]
fn says_nothing_of_other_codes() {
    for (path, text) in [
        ("a.js", "fetch(`${base}/login?code=${code}`)"),
        (
            "a.js",
            "fetch(`${base}/oauth/token?client_id=x&code=${apiKey}`)",
        ),
        ("a.js", "fetch(`${base}/country?code=${countryKey}`)"),
        (
            "a.js",
            "fetch(url, { headers: { 'x-functions-key': functionKey } })",
        ),
        ("a.cs", r#"var u = $"{baseUrl}/errors?code={error.Key}";"#),
        ("a.cs", r#"logger.Log("status", "code", key);"#),
        ("a.cs", r#"var k = Sign(functionKey); query["code"] = k;"#),
        (
            "a.ts",
            "x.map(code => options.functionKeys); fetch(`${u}/api/t?code=${code}`)",
        ),
        (
            "a.ts",
            "const code = columnOptions.languageKey; fetch(`/api/t?code=${code}`)",
        ),
        (
            "a.cs",
            r#"var k = config["FunctionKey"]; k = Next(); query["code"] = k;"#,
        ),
        (
            "a.py",
            r#"requests.get(url, headers={"x-functions-key": function_key})"#,
        ),
        ("a.py", r#"print({"code": key})"#),
        ("a.ts", "return { code: functionKey.length }"),
        (
            "a.cs",
            r#"var q = new Dictionary<string, string> { ["code"] = functionKey }; Send(q);"#,
        ),
        (
            "a.ps1",
            "$q = @{ code = $FunctionKey }\nirm -Method Post -Uri \"$b/api/x\" -Body $q",
        ),
        (
            "a.ps1",
            "irm -Uri $u -Body @{ code = $FunctionKey } `\n  -Method Post",
        ),
        (
            "a.ps1",
            "$q = @{ code = $FunctionKey }\nWrite-Verbose $q.zip",
        ),
        ("a.ts", "log(`x=${JSON.stringify({ code: functionKey })}`)"),
        ("a.py", "# requests.get(f\"{URL}?code={FUNCTION_KEY}\")"),
    ] {
        assert_eq!(found(path, text), [""; 0], "{text}");
    }
}
