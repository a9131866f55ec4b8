use super::*;
use crate::report::fixture;

fn page(outcome: &Outcome) -> String {
    let mut out = Vec::new();
    write(outcome, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// The page without its style and script, and what belongs to them.
fn body(outcome: &Outcome) -> String {
    let page = page(outcome);
    let (_, body) = page.split_once("<body>").unwrap();
    let (body, _) = body.split_once("<script>").unwrap();
    body.to_owned()
}

#[test]
fn a_run_with_findings_and_gaps() {
    insta::assert_snapshot!(body(&fixture::outcome()));
}

#[test]
fn a_clean_run() {
    let page = body(&Outcome::default());
    assert!(page.contains("Nothing found"));
    assert!(!page.contains("Do first"));
}

#[test]
fn hostile_names_stay_text() {
    let page = page(&fixture::hostile());
    // One of each is ours.
    assert_eq!(page.matches("<script").count(), 1);
    assert_eq!(page.matches("<style").count(), 1);
    assert_eq!(page.matches("<img").count(), 0);
    assert!(!page.contains(['\u{202e}', '\u{1b}', '\u{7}']));
}

/// Whatever the policy allows is in the page, and nothing else is.
#[test]
fn the_policy_allows_what_is_in_the_page() {
    use base64::prelude::{BASE64_STANDARD, Engine};
    use sha2::{Digest, Sha256};
    let page = page(&fixture::outcome());
    let inner = |tag: &str| {
        let start = page.find(&format!("<{tag}>")).unwrap() + tag.len() + 2;
        let end = page.find(&format!("</{tag}>")).unwrap();
        format!(
            "'sha256-{}'",
            BASE64_STANDARD.encode(Sha256::digest(&page[start..end]))
        )
    };
    let (_, policy) = page
        .split_once("http-equiv=\"Content-Security-Policy\" content=\"")
        .unwrap();
    let (policy, _) = policy.split_once('"').unwrap();
    let policy = policy.replace("&#39;", "'");
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    assert!(
        policy.contains(&format!("script-src {};", inner("script"))),
        "{policy}"
    );
    assert!(
        policy.contains(&format!("style-src {};", inner("style"))),
        "{policy}"
    );
    // An attribute of style or of an event would be blocked.
    assert!(!page.contains(" style=") && !page.contains(" onclick="));
}

#[test]
fn a_page_of_many_findings_says_what_it_leaves_out() {
    let page = body(&fixture::big(5_000));
    assert_eq!(page.matches("<li id=\"f-").count(), 3_000);
    assert!(page.contains("2000 further findings are left out"));
}
