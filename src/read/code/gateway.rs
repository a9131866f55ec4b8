//! Policies of API Management that send a key as `?code=`.
//!
//! A key comes from a named value, `{{orders-key}}`, or from an expression. One
//! that stands there itself is found in the text.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::Reading;
use super::url::{Sent, is_about_functions, is_function_key};
use crate::syntax::{SyntaxError, policy};

/// `?code=` with a named value, or with an expression in a string of C#.
static IN_URL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?i)(?:[?&]|&amp;)(?P<code>code=(?P<value>\{\{[^{}]+\}\}|\{[^{}]+\}|(?:"|&quot;)\s*\+\s*[^;+]+))"#,
    )
    .expect("a constant pattern, tested")
});

/// Whether a document is a policy, or a fragment of one, that says `code`.
pub(super) fn is_policy(text: &[u8]) -> bool {
    let has = |word: &str| memchr::memmem::find(text, word.as_bytes()).is_some();
    has("code")
        && ["<policies", "<fragment", "<inbound"]
            .iter()
            .any(|tag| has(tag))
}

/// # Errors
/// When it is no XML, expressions left aside.
pub(super) fn read(text: &str, reading: &mut Reading) -> Result<(), SyntaxError> {
    reading.url_keys.extend(sent(text)?);
    Ok(())
}

/// The keys that a policy sends in URLs.
///
/// # Errors
/// When it is no XML, expressions left aside.
pub(crate) fn sent(text: &str) -> Result<Vec<Sent>, SyntaxError> {
    let mut found = Vec::new();
    let masked = policy::masked(text);
    let document = policy::parse(&masked)?;
    let about = is_about_functions(text);
    let mut sent = |value: &str, url: &str, span: Range<usize>| {
        if is_function_key(value, url, || about) {
            let name = value.trim().to_owned();
            found.push(Sent { name, span });
        }
    };
    for node in document.descendants() {
        let query = node.is_element()
            && node.tag_name().name() == "set-query-parameter"
            && node
                .attribute("name")
                .is_some_and(|name| name.eq_ignore_ascii_case("code"))
            && node.attribute("exists-action") != Some("delete");
        if query {
            let values = node.children().filter(|child| child.has_tag_name("value"));
            for value in values.filter_map(|value| value.first_child()) {
                let span = trimmed(text, value.range());
                let written = &text[span.clone()];
                if written.starts_with("{{") || written.starts_with('@') {
                    sent(written, "", span);
                }
            }
        }
        let attributes = node.attributes().map(|attribute| attribute.range_value());
        for span in attributes.chain(node.is_text().then(|| node.range())) {
            let url = &text[span.clone()];
            for found in IN_URL.captures_iter(url) {
                if let (Some(code), Some(value)) = (found.name("code"), found.name("value")) {
                    let at = span.start + code.start()..span.start + code.end();
                    sent(value.as_str(), url, at);
                }
            }
        }
    }
    Ok(found)
}

/// The span without the blanks around it.
fn trimmed(text: &str, span: Range<usize>) -> Range<usize> {
    let inner = &text[span.clone()];
    let start = span.start + (inner.len() - inner.trim_start().len());
    start..(start + inner.trim().len())
}

#[cfg(test)]
mod tests {
    use super::super::reading;

    /// What is found in a policy, with the text at its place.
    fn found(inbound: &str) -> Vec<String> {
        let text = format!(
            "<policies>\n<inbound>\n<base />\n<set-backend-service base-url=\"https://func-a.azurewebsites.net/api\" />\n{inbound}\n</inbound>\n</policies>\n"
        );
        let read = reading("apis/orders.xml", &text).unwrap();
        let keys = read.url_keys.into_iter();
        keys.map(|key| text[key.span].to_owned()).collect()
    }

    #[test]
    fn finds_keys_that_policies_send_in_urls() {
        for (inbound, expected) in [
            (
                "<set-query-parameter name=\"code\" exists-action=\"override\">\n  <value> {{orders-key}} </value>\n</set-query-parameter>",
                "{{orders-key}}",
            ),
            (
                "<set-query-parameter name='Code'><value>@((string)context.Variables[\"functionKey\"])</value></set-query-parameter>",
                "@((string)context.Variables[\"functionKey\"])",
            ),
            (
                "<rewrite-uri template=\"/place?dry=1&amp;code={{func-orders-key}}\" />",
                "code={{func-orders-key}}",
            ),
            (
                "<send-request mode=\"new\"><set-url>@($\"{context.Variables[\"url\"]}/api/x?code={(string)context.Variables[\"hostKey\"]}\")</set-url></send-request>",
                "code={(string)context.Variables[\"hostKey\"]}",
            ),
            (
                "<set-url>@(\"https://func-a.azurewebsites.net/api/x?code=\" + (string)context.Variables[\"key\"])</set-url>",
                "code=\" + (string)context.Variables[\"key\"])",
            ),
        ] {
            assert_eq!(found(inbound), [expected], "{inbound}");
        }
    }

    #[test]
    fn says_nothing_of_headers_and_of_other_codes() {
        for inbound in [
            "<set-header name=\"x-functions-key\" exists-action=\"override\"><value>{{orders-key}}</value></set-header>",
            "<set-query-parameter name=\"code\" exists-action=\"delete\" />",
            "<set-query-parameter name=\"api-key\"><value>{{orders-key}}</value></set-query-parameter>",
            "<set-query-parameter name=\"code\"><value>@(context.Request.MatchedParameters[\"country\"])</value></set-query-parameter>",
            "<rewrite-uri template=\"/token?grant_type=authorization_code&amp;code={code}\" />",
            "<rewrite-uri template=\"/runtime/webhooks/eventgrid?code={{system-key}}\" />",
            "<!-- <rewrite-uri template=\"/place?code={{orders-key}}\" /> -->",
        ] {
            assert_eq!(found(inbound), [""; 0], "{inbound}");
        }
    }

    #[test]
    fn what_is_no_policy_says_where() {
        let error = reading("a.xml", "<policies><inbound>code</policies>").unwrap_err();
        assert_eq!(error.problem, "an end tag closes another element");
    }
}
