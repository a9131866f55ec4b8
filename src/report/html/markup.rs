//! A rule's help as HTML.
//!
//! The help of an organisation's own rules is somebody's text: of its Markdown
//! the shape is kept, its HTML is shown as the text that it is, and links lead
//! to the web or nowhere.

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html};

use crate::excerpt::printable;

/// HTML that is safe to write as it is. Only [`of`] makes it.
pub(super) struct Markup(String);

impl std::fmt::Display for Markup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl askama::filters::HtmlSafe for Markup {}

/// The Markdown as HTML.
pub(super) fn of(markdown: &str) -> Markup {
    let lines: Vec<_> = markdown.lines().map(printable).collect();
    let text = lines.join("\n");
    let events = Parser::new_ext(&text, Options::ENABLE_TABLES).filter_map(harmless);
    let mut out = String::new();
    html::push_html(&mut out, events);
    Markup(out)
}

/// Whether the address is one of the web.
pub(super) fn is_web(address: &str) -> bool {
    address.starts_with("https://") || address.starts_with("http://")
}

fn harmless(event: Event<'_>) -> Option<Event<'_>> {
    match event {
        Event::Html(text) | Event::InlineHtml(text) => Some(Event::Text(text)),
        Event::Start(Tag::HtmlBlock | Tag::Image { .. } | Tag::MetadataBlock(_))
        | Event::End(TagEnd::HtmlBlock | TagEnd::Image | TagEnd::MetadataBlock(_)) => None,
        Event::Start(Tag::Link {
            link_type,
            dest_url,
            title: _,
            id,
        }) => Some(Event::Start(Tag::Link {
            link_type,
            dest_url: match is_web(&dest_url) {
                true => dest_url,
                false => CowStr::Borrowed("#"),
            },
            title: CowStr::Borrowed(""),
            id,
        })),
        // The page has headings of its own.
        Event::Start(Tag::Heading { .. }) => Some(Event::Start(Tag::Strong)),
        Event::End(TagEnd::Heading(_)) => Some(Event::End(TagEnd::Strong)),
        other => Some(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_shape() {
        let help = "Renew it:\n\n1. Do `a`.\n\n   ```sh\n   az <app> && x\n   ```\n2. Then [read](https://a.example/b).\n";
        assert_eq!(
            of(help).to_string(),
            "<p>Renew it:</p>\n<ol>\n<li>\n<p>Do <code>a</code>.</p>\n<pre><code class=\"language-sh\">az \
             &lt;app&gt; &amp;&amp; x\n</code></pre>\n</li>\n<li>\n<p>Then <a href=\"https://a.example/b\">read</a>.</p>\n\
             </li>\n</ol>\n"
        );
    }

    #[test]
    fn html_is_text_and_links_lead_to_the_web() {
        let hostile = "<script>x()</script>\n\na <img src=x onerror=y> ![i](https://e.example/p.png) \
            [b](javascript:z) [c](JavaScript:z)\n\n# Big\n\n\u{202e}\u{1b}[31m";
        let html = of(hostile).to_string();
        assert!(
            !html.contains("<script") && !html.contains("<img"),
            "{html}"
        );
        assert!(!html.to_lowercase().contains("javascript"), "{html}");
        assert!(!html.contains("<h1"), "{html}");
        assert!(!html.contains(['\u{202e}', '\u{1b}']), "{html}");
    }
}
