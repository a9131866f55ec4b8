//! Is this text the value of a key, or does it only stand for one?
//!
//! In the position of a key a document may have the key, a reference to where
//! it is kept, a placeholder that tells the reader to put his own there, or a
//! word that a test sends to be refused. Only the first is a leak.

mod words;

use regex::bytes::Regex;
use std::sync::LazyLock;

use crate::key::{is_ciphertext, is_legacy, is_refrain, unescape};
use words::{is_generic, words_of};

/// What a text in the position of a key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Literal {
    /// Has the shape of the pre-2022 generator.
    Legacy,
    /// An identifiable key with something missing or changed: its checksum, if
    /// anything, judges it, and no other rule does.
    Maimed,
    /// Four groups of hexadecimal digits and hyphens.
    Guid,
    /// Anything else that somebody chose.
    Chosen,
}

/// What the text is, or `None` for what merely stands for a key.
pub(crate) fn literal(text: &[u8]) -> Option<Literal> {
    let value = unescape(text);
    let value = value.trim_ascii();
    if is_refrain(value) {
        return None;
    }
    if is_legacy(value) {
        return Some(Literal::Legacy);
    }
    if MAIMED.is_match(value) {
        return Some(Literal::Maimed);
    }
    if value.is_empty() || is_ciphertext(value) || is_reference(value) || is_placeholder(value) {
        return None;
    }
    if GUID.is_match(value) {
        return Some(Literal::Guid);
    }
    Some(Literal::Chosen)
}

/// Whether it was chosen at random, as far as its letters can tell: long, and
/// of several sorts of them.
pub(crate) fn looks_random(value: &[u8]) -> bool {
    let digits = value.iter().filter(|b| b.is_ascii_digit()).count();
    let letters = value.iter().filter(|b| b.is_ascii_alphabetic()).count();
    value.len() >= 16 && digits >= 2 && letters >= 4 && !value.contains(&b' ')
}

static MAIMED: LazyLock<Regex> =
    LazyLock::new(|| regex(r"^[A-Za-z0-9_+/-]{20,}AzFu[A-Za-z0-9_+/-]{0,12}=*$"));

static GUID: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?i-u)^\{?[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\}?$"));

/// A value that is looked up when the program runs: in a template language, a
/// shell, a pipeline, a vault or a program.
pub(crate) fn is_reference(value: &[u8]) -> bool {
    REFERENCE.is_match(value)
}

static REFERENCE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r#"(?ix-u)
        \$\{ | \$\( | \$\[ | \{\{ | \}\} | <% | %> | \#\{ | \[\[ | << | >> | ~\{ | @\{ | \{% |   # template languages
        ^\$ | ^![a-z] | ^@\w+@$ | ^@[a-z]\w*\.[a-z] | ^%[a-z_]\w*% | ^@(microsoft\.)?\w*\( | ^\{[^}]*\}$ | ^__\w+__$ | ^\[\w[^\]]*\]$ |  # a whole variable
        \{[^{}\s]{1,60}\} | %\d*\$?s | %\([a-z_]\w*\)s | ^:[a-z_]\w*$ | ^&\w+$ | ^\*\w+$ |        # format strings
        ^(?:process\.env|import\.meta|os\.environ|os\.getenv|getenv|environment\.|config(?:uration)?[.\[(]|
           settings?[.\[(]|secrets?[.\[(]|env[.:\[(]|vars?\.|local\.|locals\.|module\.|data\.|param(?:eter)?s?[.:\[(]|
           variables?[.\[(]|input\.|inputs\.|self\.|this\.|args?[.\[]|opts?\.|options?\.|props\.|ref\+|op://|vault:|vault[./]|
           secrets?/[\w.-]+/|akv:|awssm:|ssm:|aws:|gcp:|sops:|enc\[|!vault|!ref|!sub|!secret|secretref:|keyvault:|keyvaultref:|kv:|\$env:) |
        ^microsoft\.[a-z.]+/[a-z] | listkeys | getsecret | \w\(.*\)$ | ^\w+\(|  keyvault\b.*\b(?:secret|uri)|vault\.azure\.net | ^https?:// | ^await\s | ^(?-i:_?[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)$ | ^new\s | ^function\b|=> |
        ^(?-i:[a-z]+[A-Za-z]*(?:\.[a-z]+[A-Za-z]*)+);?$                                             # `keys.primaryMasterKey`
        "#,
    )
});

/// Whether the value only says its own name again, in other letters: the title
/// of a link, the name of a secret or a setting.
pub(crate) fn repeats(name: &[u8], value: &[u8]) -> bool {
    let squash = |text: &[u8]| -> Vec<u8> {
        text.iter()
            .filter(|b| b.is_ascii_alphanumeric())
            .map(u8::to_ascii_lowercase)
            .collect()
    };
    let value = squash(value);
    !value.is_empty() && squash(name).ends_with(&value)
}

/// A value that tells the reader to put his own there, or a word that a test
/// sends to be refused.
pub(crate) fn is_placeholder(value: &[u8]) -> bool {
    if BRACKETED.is_match(value) || is_monotonous(value) || MARKED.is_match(value) {
        return true;
    }
    let mut words = 0;
    for word in words_of(value) {
        // Numbered, as tests do: `Value1`, `test-key-02`, `abc12345`.
        let number = word.iter().rev().take_while(|b| b.is_ascii_digit()).count();
        let (word, number) = word.split_at(word.len() - number);
        let counted = number.len() <= 2 || b"1234567890".starts_with(number);
        if !counted || !(word.is_empty() || is_generic(word)) {
            return false;
        }
        words += usize::from(!word.is_empty());
    }
    words > 0
}

static BRACKETED: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?s)^<.*>$|^\[.*\]$|^\(.*\)$|^&lt;.*&gt;$|^\{.*\}$|^%[^%\s]+%$|\.\.\.|\x{2026}|\*{3,}|\x{2022}{2,}|^#+$|^<|>$",
    )
});

/// Words that no generator makes and no owner of a key would choose.
static MARKED: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?ix-u)
        \byour\b | ^your | [_\-\s.]your | ^my[_\-\s]?(?:azure|function|func|host|master|api|secret|key|app|code) |
        place.?holder | change.?me | replace.?(?:me|with|this|by) | insert.?(?:your|key|here|the) | enter.?(?:your|key|the) |
        (?:key|code|secret|token|value|it|goes|go).?here\b | goes.?here | \bto.?do\b | ^x{3,} | x{6,} | ^example | [_\-\s]example | ^sample |
        redacted | filtered | removed | ^x-[a-z]+(?:-[a-z]+)*$ | omitted | masked | scrubbed | sanitized | ^fake | \bfake | ^dummy | [_\-\s]dummy | ^mock | ^stub | ^(?:foo|bar|baz|qux)+\d{0,3}$ |
        ^lorem | \bnot.?(?:a|the|your|real) | ^no.?(?:such|key)\b | (?:in)?valid.?(?:key|code|token)\b | ^invalid | ^wrong | [_\-\s](?:invalid|wrong)\b | ^bad[_\-\s]?(?:key|code|token|value)?\d{0,4} $ | non.?existent |
        incorrect | [_\-\s]missing $ | ^(?:ctrl|control|alt|shift|meta|cmd|command|option)[+-] | ^expected | ^bogus | ^nonsense | ^garbage | unauthori[sz]ed | ^expired | ^revoked | ^missing | ^nope | doesnt?.?exist | does.not.exist | should.(?:be|fail) |
        same.as | ^see\s | ^get\s | ^copy | ^paste | ^the\s | ^some[_\-\s] | ^any[_\-\s] | ^from[_\-\s] | ^put[_\-\s] | ^set[_\-\s] | ^use[_\-\s] | ^add[_\-\s]
        ",
    )
});

/// One letter or a few of them over and over, or the digits in their order.
fn is_monotonous(value: &[u8]) -> bool {
    // `aaaabbbbccccdddd`: every letter stands in a row of its own.
    let mut rows = value.chunk_by(|a, b| a == b);
    let in_rows = value.len() >= 8 && rows.all(|row| row.len() >= 3);
    let mut letters: Vec<u8> = value
        .iter()
        .filter(|b| b.is_ascii_alphanumeric())
        .map(u8::to_ascii_lowercase)
        .collect();
    letters.sort_unstable();
    letters.dedup();
    let counted = b"01234567890123456789";
    in_rows
        || letters.len() <= 3
        || memchr::memmem::find(counted, value).is_some()
        || (value.len() >= 24 && letters.len() <= 4)
        // `0123456789abcdef`, twice.
        || (value.len() >= 16 && value[..value.len() / 2] == value[value.len().div_ceil(2)..])
}

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a constant pattern, tested")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_keys_from_what_stands_for_them() {
        for stands_for in [
            "<function-key>",
            "YOUR_KEY",
            "your-function-key",
            "xxxxxxxxxxxxxxxx",
            "aaaaaaaaaaaaaaaaaaaa",
            "${{ secrets.FUNCTION_KEY }}",
            "$(functionKey)",
            "$FUNCTION_KEY",
            "{{functionKey}}",
            "%FUNCTION_KEY%",
            "@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/k)",
            "process.env.FUNCTION_KEY",
            "var.function_key",
            "listKeys(resourceId('x'), '2022').functionKeys.default",
            "#{FunctionKey}#",
            "__FUNCTION_KEY__",
            "invalid",
            "wrong-key",
            "not-a-real-key",
            "function-key",
            "test-key",
            "content-type",
            "<%= key %>",
            "{apiKey}",
            "%s",
            "[your key]",
            "cCr8sAx...",
            "********",
            "string",
            "changeme",
            "API_KEY",
            "FunctionValue1",
            "test-key-02",
            "nonexistent",
            "badkey123",
            "expected-key",
            "functionkey-123",
            "abc12345",
            "aaaabbbbccccddddeeee",
            "keys.primaryMasterKey;",
            "secret/dev/hearing/apim-subscription",
            "K6P2VxK6P2VxK6P2VxmuefWzd4ljqeOO",
            "0123456789abcdef0123456789abcdef",
        ] {
            assert_eq!(literal(stands_for.as_bytes()), None, "{stands_for}");
        }
        // The example of Microsoft's documents has the shape of a key.
        let example = format!(
            "{}muefWzd4ljqeOOZWpgDdHW269P2hb7OSJbDg==",
            "K6P2Vx".repeat(3)
        );
        assert_eq!(literal(example.as_bytes()), None);
        assert!(!is_legacy(example.as_bytes()));
        for chosen in [
            "Tr0ub4dor-and-3",
            "partner7Feed2023",
            "contoso-orders-2021!",
            "s3cr3tPartnerAccess",
            "functionKey2024",
        ] {
            assert_eq!(
                literal(chosen.as_bytes()),
                Some(Literal::Chosen),
                "{chosen}"
            );
        }
        assert_eq!(
            literal(b"6f9619ff-8b86-d011-b42d-00cf4fc964ff"),
            Some(Literal::Guid)
        );
    }

    #[test]
    fn a_value_may_repeat_its_name() {
        for (name, value) in [
            ("rules.md#ks2001-usesmasterkey", "UsesMasterKey"),
            ("ORDERS_FUNCTION_KEY", "orders-function-key"),
        ] {
            assert!(repeats(name.as_bytes(), value.as_bytes()), "{name}");
        }
        assert!(!repeats(b"masterKey", b"UsesMasterKey"));
        assert!(!repeats(b"masterKey", b"--"));
    }
}
