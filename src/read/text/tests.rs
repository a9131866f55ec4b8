//! Whole documents, as bytes: what is found in them, and where.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::*;
use crate::fact::Format;
use crate::key::KeyKind;
use crate::placeholder::expand;
use crate::run::collect_in_memory;

/// What is found in a document: kind, format and place of each key, in order.
fn found(path: &str, bytes: Vec<u8>) -> Vec<(KeyKind, Format, String)> {
    let files = [(path.to_owned(), bytes)];
    let collection = collect_in_memory(&files, &Policy::default()).unwrap();
    assert_eq!(collection.gaps, []);
    let mut places: Vec<_> = collection
        .occurrences
        .iter()
        .map(|key| {
            let place = key.location.file().unwrap();
            let at = format!("{}:{}", place.start.line, place.start.column);
            (key.kind, key.format, at)
        })
        .collect();
    places.sort_by(|a, b| a.2.cmp(&b.2));
    places
}

/// The formats that are found, in order.
fn formats(path: &str, bytes: Vec<u8>) -> Vec<Format> {
    let found = found(path, bytes).into_iter();
    found.map(|(_, format, _)| format).collect()
}

fn ascii(text: &str) -> Vec<u8> {
    expand(text).unwrap().into_bytes()
}

fn le(text: &str) -> Vec<u8> {
    let units = expand(text).unwrap().encode_utf16().collect::<Vec<_>>();
    units.into_iter().flat_map(u16::to_le_bytes).collect()
}

fn be(text: &str) -> Vec<u8> {
    let units = expand(text).unwrap().encode_utf16().collect::<Vec<_>>();
    units.into_iter().flat_map(u16::to_be_bytes).collect()
}

/// A line with a key that its format gives away, one with a key that its place
/// does, and one with both.
const LINES: &str = "# notes\ntoken {{function-key}}\ncurl -H 'x-functions-key: {{custom-key}}' https://a\nhttps://a.azurewebsites.net/api/x?code={{legacy-key}}\n";

fn all_of(first_line: u64) -> Vec<(KeyKind, Format, String)> {
    let at = |line: u64, column: u64| format!("{}:{column}", first_line + line);
    vec![
        (KeyKind::Function, Format::Identifiable, at(1, 7)),
        (KeyKind::Unknown, Format::Chosen, at(2, 27)),
        (KeyKind::Unknown, Format::Legacy, at(3, 40)),
    ]
}

#[test]
fn every_encoding_is_read() {
    for bytes in [
        ascii(LINES),
        ascii(&format!("\u{feff}{LINES}")),
        le(LINES),
        be(LINES),
        le(&format!("\u{feff}{LINES}")),
        be(&format!("\u{feff}{LINES}")),
    ] {
        assert_eq!(found("notes.sh", bytes), all_of(1));
    }
}

#[test]
fn units_of_four_bytes_are_read() {
    let text = expand(LINES).unwrap();
    let letters = || text.chars().map(u32::from);
    let little: Vec<u8> = letters().flat_map(u32::to_le_bytes).collect();
    let big: Vec<u8> = letters().flat_map(u32::to_be_bytes).collect();
    for bytes in [
        [&[0xff, 0xfe, 0, 0][..], &little].concat(),
        [&[0, 0, 0xfe, 0xff][..], &big].concat(),
        little.clone(),
        big.clone(),
    ] {
        assert_eq!(found("a.txt", bytes), all_of(1));
    }
}

#[test]
fn a_byte_order_mark_hides_nothing() {
    for mark in [b"\xff\xfe", b"\xfe\xff"] {
        let bytes = [mark, &ascii(LINES)[..]].concat();
        assert_eq!(found("notes.sh", bytes).len(), 3);
    }
}

#[test]
fn a_document_of_two_encodings_is_read_to_its_end() {
    let first = "2026-01-01 first line of some\r\n";
    for head in [
        le(&format!("\u{feff}{first}")),
        be(&format!("\u{feff}{first}")),
    ] {
        let bytes = [head, ascii(LINES)].concat();
        assert_eq!(found("notes.sh", bytes), all_of(2));
    }
    for tail in [le(LINES), be(LINES)] {
        let bytes = [ascii(first), tail].concat();
        assert_eq!(found("notes.sh", bytes), all_of(2));
    }
    // A block of each, at even and at odd places: each once.
    let bytes = [
        ascii(LINES),
        le(LINES),
        b"#".to_vec(),
        le(LINES),
        ascii(LINES),
    ]
    .concat();
    assert_eq!(found("notes.sh", bytes).len(), 12);
}

#[test]
fn the_second_encoding_may_begin_anywhere() {
    let filler = "nothing to see on this line\n";
    for lines in [5_000, 400_000] {
        let bytes = [ascii(&filler.repeat(lines)), le(LINES)].concat();
        assert_eq!(
            found("notes.sh", bytes),
            all_of(lines as u64 + 1),
            "{lines}"
        );
    }
}

#[test]
fn zero_bytes_make_no_text_binary() {
    let environment = ascii("HOME=/root\0X_FUNCTIONS_KEY={{custom-key}}\0TERM=xterm\0");
    assert_eq!(formats("environ", environment), [Format::Chosen]);
    let first = [b"id,name\n1,\0\n", &ascii(LINES)[..]].concat();
    assert_eq!(found("notes.sh", first), all_of(3));
    let hole = [vec![0; 100_001], ascii(LINES)].concat();
    assert_eq!(found("notes.sh", hole).len(), 3);
}

/// What a program or an image begins with, and goes on with.
fn binary(len: usize) -> Vec<u8> {
    let mut state = 3_u32;
    let noise = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    });
    b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0"
        .iter()
        .copied()
        .chain(noise.take(len))
        .collect()
}

#[test]
fn a_table_of_numbers_makes_no_text_of_a_program() {
    let letters: Vec<u8> = b"\x01\x02table".iter().flat_map(|b| [*b, 0]).collect();
    let name = ascii("\0azurewebsites \"masterKey\": \"{{custom-key}}\"\0");
    let program = [&binary(3_000)[..], &letters, &binary(9_000), &name].concat();
    assert_eq!(formats("a.bin", program), []);
}

#[test]
fn a_binary_is_searched_for_identifiable_keys_only() {
    let around = |inner: Vec<u8>| [binary(9_000), b"\0".to_vec(), inner, binary(500)].concat();
    assert_eq!(
        formats("tool", around(ascii(LINES))),
        [Format::Identifiable]
    );
    for wide in [le, be] {
        assert_eq!(formats("tool", around(wide(LINES))), [Format::Identifiable]);
        // One right behind the other.
        let two = wide("{{function-key}},{{master-key}}");
        assert_eq!(formats("tool", around(two)), [Format::Identifiable; 2]);
    }
}

#[test]
fn names_of_headers_and_parameters_have_no_case() {
    for text in [
        "curl -H 'X-Functions-KEY: {{custom-key}}' https://a",
        "curl -H 'X-FUNCTIONS-key: {{custom-key}}' https://a",
        "curl 'https://a.azurewebsites.net/api/x?CODE={{custom-key}}'",
        "curl 'https://a.azurewebsites.net/api/x?day=1&CODE={{custom-key}}'",
        "<a href='https://a.azurewebsites.net/api/x?a=1&amp;Code={{custom-key}}'>",
        "u=https%3A%2F%2Fa.azurewebsites.net%2Fapi%2Fx%3FCODE%3D{{custom-key}}",
    ] {
        assert_eq!(formats("call.sh", ascii(text)), [Format::Chosen], "{text}");
    }
    let legacy = ascii("curl 'https://a.azurewebsites.net/api/x?CODE={{legacy-key}}'");
    assert_eq!(formats("call.sh", legacy), [Format::Legacy]);
}

/// What a place says of a key of the old format.
#[track_caller]
fn assert_legacy(path: &str, text: &str, kind: KeyKind) {
    let found = found(path, ascii(text)).into_iter();
    let found: Vec<_> = found.map(|(kind, format, _)| (kind, format)).collect();
    assert_eq!(found, [(kind, Format::Legacy)], "{text}");
}

#[test]
fn places_that_say_what_a_key_is() {
    let (unknown, system) = (KeyKind::Unknown, KeyKind::System);
    assert_legacy(
        "run.sh",
        "http GET https://a.azurewebsites.net/api/x code=={{legacy-key}}",
        unknown,
    );
    assert_legacy(
        "a.postman_collection.json",
        r#"{"host": "a.azurewebsites.net", "query": [{"key": "code", "value": "{{legacy-key}}"}]}"#,
        unknown,
    );
    assert_legacy(
        "terraform.tfstate",
        r#"{"type": "azurerm_function_app_host_keys", "attributes": {"durabletask_extension_key": "{{legacy-key}}"}}"#,
        system,
    );
    assert_legacy(
        "main.bicep",
        "resource s 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = {\n  name: 'orders-function-key'\n  properties: { value: '{{legacy-key}}' }\n}",
        unknown,
    );
    assert_legacy(
        "key.json",
        r#"{"type": "Microsoft.Web/sites/host/systemKeys", "properties": {"name": "x", "value": "{{legacy-key}}"}}"#,
        system,
    );
}

#[test]
fn a_key_of_this_machine_is_none() {
    let url = "Invoke url: http://localhost:7071/api/x?code=";
    assert_eq!(
        formats("README.md", ascii(&format!("{url}{{{{legacy-key}}}}"))),
        []
    );
    let identifiable = ascii(&format!("{url}{{{{function-key}}}}"));
    assert_eq!(formats("README.md", identifiable), [Format::Identifiable]);
}

#[test]
fn a_store_of_a_unit_test_holds_no_key() {
    let text = r#"{"masterKey": {"name": "master", "value": "cryptoError", "encrypted": true},
        "functionKeys": [{"name": "Key1", "value": "FunctionValue1", "encrypted": false}]}"#;
    assert_eq!(formats("SecretManagerTests.cs", ascii(text)), []);
}

#[test]
fn a_key_may_stand_between_two_stretches() {
    let line = "nothing to see on this line\n";
    for shift in 0..40 {
        let head = line.repeat(STRETCH / line.len());
        let head = format!("{}{}", &head[shift..], " ".repeat(STRETCH % line.len()));
        let text = format!("{head}x-functions-key: {{{{custom-key}}}}\n{line}");
        assert_eq!(formats("a.log", ascii(&text)), [Format::Chosen], "{shift}");
    }
}

#[test]
fn what_a_collection_signs_its_requests_with() {
    let value = r#"{"key": "value", "value": "{{custom-key}}", "type": "string"}"#;
    let name = r#"{"key": "key", "value": "x-functions-key", "type": "string"}"#;
    for pairs in [[value, name], [name, value]] {
        let text = format!(r#"{{"auth": {{"apikey": [{}]}}}}"#, pairs.join(", "));
        assert_eq!(
            formats("a.postman_collection.json", ascii(&text)),
            [Format::Chosen],
            "{text}"
        );
    }
    let variable = value.replace("{{custom-key}}", "{{key}}");
    let text = format!(r#"{{"apikey": [{variable}, {name}]}}"#);
    assert_eq!(formats("a.postman_collection.json", text.into_bytes()), []);
}

#[test]
fn a_name_leads_to_where_it_is_sent() {
    for (path, text) in [
        (
            "A.cs",
            "private const string ApiKey = \"{{legacy-key}}\";\nclient.Headers.Add(\"x-functions-key\", ApiKey);",
        ),
        (
            "a.js",
            "const apiKey = \"{{legacy-key}}\";\nfetch(`https://a.azurewebsites.net/api/x?code=${apiKey}`);",
        ),
        (
            "A.java",
            "static final String TOKEN = \"{{legacy-key}}\";\nString u = \"https://a.azurewebsites.net/api/x?code=\" + TOKEN;",
        ),
        (
            "a.bat",
            "set KEY={{legacy-key}}\ncurl -H \"x-functions-key: %KEY%\" https://a",
        ),
        (
            "a.ps1",
            "$u = \"https://a.azurewebsites.net/api/x?code={0}\" -f \"{{legacy-key}}\"",
        ),
        ("a.py", "u = base + \"?\" + \"code=\" + \"{{legacy-key}}\""),
        (
            "a.md",
            "https://a.azurewebsites.net/api/login?code={{legacy-key}}",
        ),
    ] {
        assert_legacy(path, text, KeyKind::Unknown);
    }
    let variable = ascii("@key = {{legacy-key}}\nx-functions-key: ");
    let request = [variable, b"{{key}}".to_vec()].concat();
    assert_eq!(formats("a.http", request), [Format::Legacy]);
    let elsewhere = ascii("https://a.azurewebsites.net/signin-oidc?code={{legacy-key}}");
    assert_eq!(formats("a.md", elsewhere), []);
}

#[test]
fn stores_of_clusters_and_vaults_say_what_a_key_opens() {
    assert_legacy(
        "a.ps1",
        "Set-AzKeyVaultSecret -VaultName v -Name 'host--masterKey--master' -SecretValue (ConvertTo-SecureString '{{legacy-key}}' -AsPlainText -Force)",
        KeyKind::Master,
    );
    assert_legacy(
        "a.sh",
        "kubectl create secret generic func-keys --from-literal=host.function.default={{legacy-key}}",
        KeyKind::Function,
    );
}

#[test]
fn every_layer_of_a_legacy_value_is_undone() {
    let key = expand("{{legacy-key}}").unwrap();
    let html = key.replace('=', "&#x3D;");
    let wrapped = |end: &str| BASE64_STANDARD.encode(format!("{key}{end}"));
    let secret =
        |name: &str, end: &str| format!("kind: Secret\ndata:\n  {name}: {}\n", wrapped(end));
    for (path, text) in [
        ("a.yml", secret("functions-key", "")),
        ("a.yml", secret("functions-key", "\n")),
        ("a.yml", secret("FUNCTION_KEY", "\r\n")),
        ("a.yml", secret("x-functions-key", "")),
        (
            "a.html",
            format!("<a href=\"https://a.azurewebsites.net/api/x?code&#x3D;{html}\">"),
        ),
        (
            "a.xml",
            format!("<u>https://a.azurewebsites.net/api/x?a=1&amp;amp;code={key}</u>"),
        ),
        (
            "a.json",
            format!(r#"{{"u": "https://a.azurewebsites.net/api/x?code\u003d{key}"}}"#),
        ),
        (
            "a.py",
            format!("U = 'https://a.azurewebsites.net/api/x?code=' + \\\n    '{key}'"),
        ),
        (
            "a.sh",
            format!(
                "az functionapp keys set -g a -n b --key-type functionKeys --key-value \\\n  {key}\n"
            ),
        ),
    ] {
        assert_eq!(
            formats(path, text.clone().into_bytes()),
            [Format::Legacy],
            "{text}"
        );
    }
}

#[test]
fn names_of_members_and_keys_of_other_services_are_none() {
    for (path, text) in [
        (
            "a.json",
            r#"{"x.name": "x-functions-key", "x.value": "@connectionParameters('api_key')"}"#,
        ),
        ("a.json", r#"["x-functions-key", "content-type-of-it": 1]"#),
        (
            "a.json",
            r#"{"host": "a.azurewebsites.net", "d": "<a href=\"https://b/#master_keys\">Customer master keys</a>"}"#,
        ),
        (
            "a.toml",
            "url = 'https://a.azurewebsites.net'\n[cosmos]\nmaster_key = \"{{storage-key}}\"\n",
        ),
    ] {
        assert_eq!(formats(path, ascii(text)), [], "{text}");
    }
}
