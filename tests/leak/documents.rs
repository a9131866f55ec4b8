//! Documents that hold keys in hostile ways.

use super::*;

#[test]
fn several_keys_on_one_line() {
    let tree = Tree::seeded(SEED)
        .file("a.txt", "a={{function-key}} b={{master-key}};{{system-key}},{{legacy-key}}|{{apim-identifiable-key}}\n")
        .file("b.sh", "curl -H 'x-functions-key: {{custom-key}}' -H 'Ocp-Apim-Subscription-Key: {{apim-key}}' 'https://a.azurewebsites.net/api/f?code={{custom-key:2}}' # {{custom-key}} {{legacy-key}} {{storage-key}}\n")
        .file("c.js", "const functionKey = '{{legacy-key:2}}'; const other = '{{legacy-key:3}}', third = \"{{storage-key}}\"; // {{function-key}}\n")
        .file("d.json", r#"{"functionKeys":{"{{function-key:2}}":"{{legacy-key:4}}"},"masterKey":{"name":"{{legacy-key:5}}","value":"{{custom-key:3}}"}}"#)
        .file("e.txt", "{{function-key}}{{function-key:2}} {{function-key|percent}}{{function-key|unpadded}} {{master-key|base64}}{{master-key|base64}} {{legacy-key|percent}}{{legacy-key}}\n")
        .file("f.txt", "{{function-key|broken}} {{function-key:2}} {{master-key|broken|base64}} {{legacy-key:6|broken}}\n");
    assert!(assert_silent(&tree, &["."]) >= 8);
}

#[test]
fn keys_in_names() {
    let text = "curl -H 'x-functions-key: {{function-key}}'\n";
    let mut tree = Tree::seeded(SEED);
    for (at, name) in SURE.iter().enumerate() {
        for number in 1..=3 {
            let key = format!("{{{{{name}:{number}}}}}");
            tree = tree
                .file(&format!("{at}{number}/{key}.sh"), text)
                .file(&format!("{at}{number}/dir{key}/package.json"), "{}")
                .file(&format!("{at}{number}/dir{key}/a.sh"), text)
                .file(&format!(".github/workflows/{key}.yml"), text)
                .file(&format!("zip/{key}.zip"), "PK");
        }
    }
    let findings = assert_silent(&tree, &["."]);
    assert!(findings > 40, "{findings}");
}

#[test]
fn a_key_in_the_host_and_beside_it() {
    let legacy = |number: u8| plant(&format!("{{{{legacy-key:{number}|unpadded}}}}"));
    let whole = (1..99).map(legacy).find(|key| !key.contains('/')).unwrap();
    let tree = Tree::seeded(SEED)
        .file("a.txt", "https://{{custom-key}}.azurewebsites.net/api/f?code={{custom-key}}\n")
        .file("b.txt", "https://{{function-key|unpadded}}.azurewebsites.net/api/{{function-key}}?code={{function-key}}\n")
        .file("c.txt", "https://x{{apim-key}}.azure-api.net/a?subscription-key={{apim-key}}\n")
        .file("d.http", "GET https://a.azurewebsites.net/api/{{custom-key:2}}\nx-functions-key: {{custom-key:2}}\n")
        .file("e.txt", &format!("https://{whole}.azurewebsites.net/api/f?code={{{{function-key:3}}}}\n"));
    assert!(assert_silent(&tree, &["."]) >= 4);
}

#[test]
fn broken_truncated_and_long() {
    let key = plant("{{function-key:5}}");
    let filler = "lorem ipsum, ".repeat(40_000);
    let tree = Tree::seeded(SEED)
        .file("a.txt", "code={{function-key|broken}}\nk = '{{master-key|broken}}'\n")
        .file("b.txt", &format!("k='{}' j='{}' l='{}'\n", &key[..40], &key[..50], &key[3..]))
        .file("c.js", &format!("f('{}'); g('{{{{function-key:6}}}}')\n", &key[..48]))
        .file("long.js", &format!("{{{{function-key}}}} {filler}'{{{{master-key}}}}'{filler}, x-functions-key: '{{{{custom-key}}}}' {filler}{{{{legacy-key}}}}"))
        .file("multi.md", "Schlüssel „{{function-key}}“ 😀{{master-key}}😀 ключ:{{system-key}}页 x-functions-key: \"{{legacy-key}}\"é\n")
        .bytes("latin.txt", &[b"\xfcber ", plant("{{function-key}}").as_bytes(), b" \xff\xfe"].concat());
    let on = tree.file("keysweep.toml", "[rules]\nKS1010 = 'on'\n");
    assert!(assert_silent(&on, &["."]) >= 6);
    let off = on.file("keysweep.toml", "[rules]\nKS1010 = 'off'\n");
    assert!(assert_silent(&off, &["."]) >= 4);
}

#[test]
fn wide_and_binary() {
    let text = plant(
        "Grüße\r\n$key = '{{function-key}}'; 'x-functions-key' = '{{custom-key}}'\r\nlegacy {{legacy-key}}\r\n",
    );
    let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let near = plant("{{function-key:2}} {{function-key:3|broken}} {{master-key}}");
    let near: Vec<u8> = near.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let zeros = [0, 1, 2, 0, 0, 0, 0, 9];
    let narrow = plant("{{function-key:4}}\0{{legacy-key:2}} {{master-key:2|broken}}");
    let binary = [&zeros[..], &near, &zeros, narrow.as_bytes(), &zeros].concat();
    let tree = Tree::seeded(SEED)
        .bytes("le.ps1", &[b"\xff\xfe", &le[..]].concat())
        .bytes("be.ps1", &[b"\xfe\xff", &be[..]].concat())
        .bytes("plain.ps1", &le)
        .bytes("a.dll", &binary);
    assert!(assert_silent(&tree, &["."]) >= 5);
}

#[test]
fn what_people_write_for_keysweep() {
    let tree = Tree::seeded(SEED)
        .file("a.sh", "curl -H 'x-functions-key: {{function-key}}' # {{keysweep}}: ignore[KS1003] {{function-key}} and {{legacy-key}} are old\n")
        .file("b.sh", "curl -H 'x-functions-key: {{custom-key}}' # {{keysweep}}: ignore[KS1005] {{custom-key}} is for tests\n")
        .file("c.sh", "# {{keysweep}}: ignore[{{function-key:2}}] a reason\n# {{keysweep}}: ignore {{function-key:2}}\n# {{keysweep}}: ignore[KS1003 {{master-key:2}}\n")
        .file("d.sh", "# {{keysweep}}: ignore[KS1003] code={{custom-key:2}} --key-value {{custom-key:3}}\necho\n")
        .file("e.txt", "acme_{{custom-key:4}} {{custom-key:4}} acme_{{apim-key:2}}\n")
        .file("pw/{{function-key:5}}/x.sh", "curl -H 'x-functions-key: {{function-key}}'\n")
        .file(".gitignore", "{{function-key:3}}\n[{{function-key:4}}\n{a{{master-key:4}}\n")
        .file("keysweep.toml", r#"
key-name-pattern = "{{function-key:6}}.*"
[environments]
production = ["{{function-key:7}}/**", "prod-{{legacy-key}}*"]
"{{function-key:8|unpadded}}" = ["**/e.txt"]
[key-readers]
allowed = ["{{function-key:6}}"]
[[pattern]]
id = "acme-{{system-key|unpadded}}"
description = "A key like {{function-key:5}} of Acme."
pattern = "acme_(?<secret>[A-Za-z0-9-]+)|{{master-key:6}}"
keywords = ["acme_", "{{master-key:6}}"]
[[exclude]]
path = "pw/{{function-key:5}}/**"
reason = "Has {{legacy-key:2}} in it."
[[exempt]]
rule = "KS1003"
path = "none/{{function-key:5}}/**"
reason = "Has {{legacy-key:2}} in it, and {{system-key:2}}."
owner = "{{system-key:3}}"
until = 2020-01-01
[[exempt]]
rule = "KS1003"
resource = "/subscriptions/{{function-key:5}}/**"
reason = "code={{custom-key:5}} is in it."
owner = "{{legacy-key:4}}"
until = 2999-01-01
[[accept-gap]]
path = "none/{{function-key:5}}"
reason = "Has {{legacy-key:2}} in it, and {{system-key:2}}."
until = 2999-01-01
[[app]]
name = "app-{{function-key:5|unpadded}}"
environment = "{{system-key:4|unpadded}}"
[[caller]]
name = "web {{function-key:5}}"
owner = "{{legacy-key:5}}"
contact = "{{master-key:5}}"
emergency = "x-functions-key: {{custom-key:5}}"
app = "orders-{{system-key:5|unpadded}}"
slot = "{{system-key:6|unpadded}}"
function = "{{system-key:7|unpadded}}"
key = "default"
stored-in = "https://kv.vault.azure.net/?code={{custom-key:6}}"
test = "curl -H 'x-functions-key: {{custom-key:7}}' https://a"
replaces = "old"
environment = "{{system-key:8|unpadded}}"
paths = ["{{function-key:5}}/**"]
"#);
    let findings = assert_silent(&tree, &["."]);
    assert!(findings >= 3, "{:#?}", tree.scan());
}
