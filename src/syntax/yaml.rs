//! YAML with the place of every node.
//!
//! The parser is young and has one author: it is pinned, and only this file
//! knows it. What it gives is a stream of events; the tree that is made of it
//! lies flat, so that neither depth nor anchors cost more than they have text.

mod origin;
mod templated;

pub use origin::Origin;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering};

use granit_parser::{Event, Parser, ScalarStyle, options};

use super::SyntaxError;

/// How often aliases and merge keys are followed in one document: with
/// anchors, a few lines can stand for more nodes than memory has room for.
const EXPANSIONS: u32 = 10_000;

/// A stream of YAML documents.
#[derive(Debug)]
pub struct Yaml {
    nodes: Vec<Node>,
    roots: Vec<u32>,
    expansions: AtomicU32,
    /// What was parsed, where that is not the text itself.
    masked: Option<String>,
}

#[derive(Debug)]
struct Node {
    content: Content,
    span: Range<usize>,
    tag: Option<Box<str>>,
}

#[derive(Debug)]
enum Content {
    Scalar(Box<str>, Style),
    Sequence(Vec<u32>),
    Mapping(Vec<(u32, u32)>),
    Alias(Option<u32>),
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// `'…'`.
    Single,
    /// `"…"`.
    Double,
    /// `|`.
    Literal,
    /// `>`.
    Folded,
}

/// A node of a tree.
#[derive(Clone, Copy, Debug)]
pub struct Value<'y> {
    yaml: &'y Yaml,
    id: u32,
}

impl Yaml {
    /// Reads all documents of a text. One that is no YAML yet, since a template
    /// engine makes it of the text, is read without what that fills in.
    ///
    /// # Errors
    /// With the first place that is not YAML.
    pub fn parse(text: &str) -> Result<Self, SyntaxError> {
        Self::parse_as_it_is(text).or_else(|error| {
            let masked = templated::masked(text).ok_or_else(|| error.clone())?;
            let mut yaml = Self::parse_as_it_is(&masked).map_err(|_| error)?;
            yaml.masked = Some(masked);
            Ok(yaml)
        })
    }

    fn parse_as_it_is(text: &str) -> Result<Self, SyntaxError> {
        let mut tree = Tree::default();
        let options = options! {
            emit_comments: false,
            emit_unresolved_aliases: true,
            block_scalar_eof_without_line_feed: true,
            // GitHub and Azure take longer keys than YAML's 1,024 characters.
            simple_key_max_lookahead: 16 * 1024,
        };
        for event in Parser::new_from_str_with_options(text, options) {
            let (event, span) = event.map_err(|error| SyntaxError {
                at: error.marker().byte_offset().unwrap_or(0).min(text.len()),
                problem: error.info(),
            })?;
            let span = span.byte_range().unwrap_or(0..0);
            tree.take(event, span);
        }
        Ok(Self {
            nodes: tree.nodes,
            roots: tree.roots,
            expansions: AtomicU32::new(0),
            masked: None,
        })
    }

    /// The documents.
    pub fn documents(&self) -> impl Iterator<Item = Value<'_>> {
        self.roots.iter().map(|id| Value {
            yaml: self,
            id: *id,
        })
    }

    /// The first document, if there is one.
    #[must_use]
    pub fn root(&self) -> Option<Value<'_>> {
        self.documents().next()
    }

    /// Whether one more alias may be followed.
    fn expand(&self) -> bool {
        self.expansions.fetch_add(1, Ordering::Relaxed) < EXPANSIONS
    }
}

impl<'y> Value<'y> {
    fn node(self) -> &'y Node {
        let node = &self.yaml.nodes[self.id as usize];
        match node.content {
            // An alias of an alias is the anchor's: there are no chains.
            Content::Alias(Some(target)) if self.yaml.expand() => &self.yaml.nodes[target as usize],
            _ => node,
        }
    }

    /// The text of a scalar.
    #[must_use]
    pub fn text(self) -> Option<&'y str> {
        match &self.node().content {
            Content::Scalar(text, _) => Some(text),
            _ => None,
        }
    }

    /// How a scalar is written.
    #[must_use]
    pub fn style(self) -> Option<Style> {
        match &self.node().content {
            Content::Scalar(_, style) => Some(*style),
            _ => None,
        }
    }

    /// The items of a sequence; none of anything else.
    pub fn items(self) -> impl Iterator<Item = Value<'y>> {
        let items: &[u32] = match &self.node().content {
            Content::Sequence(items) => items,
            _ => &[],
        };
        items.iter().map(move |id| Value { id: *id, ..self })
    }

    /// Whether it is a sequence.
    #[must_use]
    pub fn is_sequence(self) -> bool {
        matches!(self.node().content, Content::Sequence(_))
    }

    /// Whether it is a mapping.
    #[must_use]
    pub fn is_mapping(self) -> bool {
        matches!(self.node().content, Content::Mapping(_))
    }

    /// The entries of a mapping as they are written; none of anything else.
    pub fn entries(self) -> impl Iterator<Item = (Value<'y>, Value<'y>)> {
        let entries: &[(u32, u32)] = match &self.node().content {
            Content::Mapping(entries) => entries,
            _ => &[],
        };
        let value = move |id| Value { id, ..self };
        entries
            .iter()
            .map(move |(key, of)| (value(*key), value(*of)))
    }

    /// What a mapping has under a key, merge keys (`<<`) included; the last of
    /// several, as most readers of YAML take it.
    #[must_use]
    pub fn get(self, key: &str) -> Option<Value<'y>> {
        self.look_up(key, 8)
    }

    fn look_up(self, key: &str, depth: u8) -> Option<Value<'y>> {
        let is = |name: &Value<'_>, key: &str| name.text() == Some(key);
        let own = self.entries().filter(|(name, _)| is(name, key)).last();
        if let Some((_, value)) = own {
            return Some(value);
        }
        let depth = depth.checked_sub(1)?;
        let merged = self.entries().filter(|(name, _)| is(name, "<<"));
        merged.map(|(_, value)| value).find_map(|value| {
            if value.is_sequence() {
                return value.items().find_map(|item| item.look_up(key, depth));
            }
            value.look_up(key, depth)
        })
    }

    /// Its place in the text; of an alias, where the anchor's node is.
    #[must_use]
    pub fn span(self) -> Range<usize> {
        self.node().span.clone()
    }

    /// Its tag, such as `!reference`.
    #[must_use]
    pub fn tag(self) -> Option<&'y str> {
        self.node().tag.as_deref()
    }

    /// Where the characters of a scalar stand in the text.
    #[must_use]
    pub fn origin(self, text: &str) -> Option<Origin> {
        let text = self.yaml.masked.as_deref().unwrap_or(text);
        match &self.node().content {
            Content::Scalar(value, style) => Some(Origin::of(text, self.span(), value, *style)),
            _ => None,
        }
    }
}

/// A tree that grows.
#[derive(Default)]
struct Tree {
    nodes: Vec<Node>,
    roots: Vec<u32>,
    anchors: HashMap<usize, u32>,
    open: Vec<Open>,
}

/// A collection whose end is still to come.
struct Open {
    id: u32,
    children: Vec<u32>,
}

impl Tree {
    fn take(&mut self, event: Event<'_>, span: Range<usize>) {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let tag = tag.map(|tag| tag.to_string().into());
                let content = Content::Scalar(text.into(), Style::from(style));
                let id = self.add(content, span, tag);
                self.anchors.insert(anchor, id);
            }
            Event::SequenceStart(_, anchor, tag) => {
                let tag = tag.map(|tag| tag.to_string().into());
                self.begin(Content::Sequence(Vec::new()), span, anchor, tag);
            }
            Event::MappingStart(_, anchor, tag) => {
                let tag = tag.map(|tag| tag.to_string().into());
                self.begin(Content::Mapping(Vec::new()), span, anchor, tag);
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(span.end),
            Event::Alias(anchor) => {
                let target = self.anchors.get(&anchor).copied();
                let target = target.filter(|id| self.open.iter().all(|open| open.id != *id));
                self.add(Content::Alias(target), span, None);
            }
            Event::UnresolvedAlias(_) => {
                self.add(Content::Alias(None), span, None);
            }
            _ => {}
        }
    }

    fn add(&mut self, content: Content, span: Range<usize>, tag: Option<Box<str>>) -> u32 {
        let id = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        self.nodes.push(Node { content, span, tag });
        match self.open.last_mut() {
            Some(open) => open.children.push(id),
            None => self.roots.push(id),
        }
        id
    }

    fn begin(
        &mut self,
        content: Content,
        span: Range<usize>,
        anchor: usize,
        tag: Option<Box<str>>,
    ) {
        let id = self.add(content, span, tag);
        self.anchors.insert(anchor, id);
        self.open.push(Open {
            id,
            children: Vec::new(),
        });
    }

    fn end(&mut self, at: usize) {
        let Some(Open { id, children }) = self.open.pop() else {
            return;
        };
        let node = &mut self.nodes[id as usize];
        node.span.end = node.span.end.max(at);
        match &mut node.content {
            Content::Sequence(items) => *items = children,
            Content::Mapping(entries) => {
                *entries = children
                    .as_chunks()
                    .0
                    .iter()
                    .map(|[k, v]| (*k, *v))
                    .collect();
            }
            _ => {}
        }
    }
}

impl From<ScalarStyle> for Style {
    fn from(style: ScalarStyle) -> Self {
        match style {
            ScalarStyle::Plain => Self::Plain,
            ScalarStyle::SingleQuoted => Self::Single,
            ScalarStyle::DoubleQuoted => Self::Double,
            ScalarStyle::Literal => Self::Literal,
            ScalarStyle::Folded => Self::Folded,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at<'y>(yaml: &'y Yaml, path: &[&str]) -> Value<'y> {
        let root = yaml.root().unwrap();
        path.iter().fold(root, |value, key| value.get(key).unwrap())
    }

    #[test]
    fn finds_values_by_their_keys() {
        let text = "on: push\njobs:\n  a: &a\n    run: |\n      one\n      two\n  b:\n    <<: *a\n    name: 'x'\n";
        let yaml = Yaml::parse(text).unwrap();
        assert_eq!(at(&yaml, &["on"]).text(), Some("push"));
        assert_eq!(at(&yaml, &["jobs", "b", "run"]).text(), Some("one\ntwo\n"));
        assert_eq!(
            at(&yaml, &["jobs", "b", "name"]).style(),
            Some(Style::Single)
        );
        assert_eq!(&text[at(&yaml, &["jobs", "b", "name"]).span()], "'x'");
    }

    #[test]
    fn takes_the_last_of_equal_keys_and_unknown_aliases() {
        let yaml = Yaml::parse("a: 1\na: 2\nb: *missing\nc: &c [*c]\n").unwrap();
        assert_eq!(at(&yaml, &["a"]).text(), Some("2"));
        assert_eq!(at(&yaml, &["b"]).text(), None);
        assert_eq!(at(&yaml, &["c"]).items().count(), 1);
    }

    #[test]
    fn says_where_it_is_broken_and_not_what_it_says() {
        let text = "a: b\nsecret: \"abc\n  - : ]\n";
        let error = Yaml::parse(text).unwrap_err();
        assert!(error.at > 5 && error.at <= text.len());
        assert!(!error.problem.contains("abc"), "{error}");
    }

    #[test]
    fn anchors_do_not_multiply() {
        let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for n in 1..20 {
            let before = n - 1;
            let items = vec![format!("*a{before}"); 10].join(", ");
            text += &format!("a{n}: &a{n} [{items}]\n");
        }
        fn count(value: Value<'_>) -> u64 {
            1 + value.items().map(count).sum::<u64>()
        }
        let yaml = Yaml::parse(&text).unwrap();
        assert!(count(at(&yaml, &["a19"])) < 1_000_000);
    }
}
