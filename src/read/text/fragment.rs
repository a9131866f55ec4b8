//! JSON as it is met in logs, strings and scripts: a fragment somewhere in a
//! text, with escaped quotes, bare names or a missing end.
//!
//! A parser of documents refuses all of these. This one reads the value at a
//! place as far as it goes, within bounds, and never fails.

use std::ops::Range;

/// A value of a fragment, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Node {
    /// A string without its quotes, or a bare word.
    Text(Range<usize>),
    /// `{ name: value, … }`.
    Object(Vec<(Range<usize>, Node)>),
    /// `[ value, … ]`.
    Array(Vec<Node>),
}

impl Node {
    /// The member of an object.
    pub(crate) fn get(&self, text: &[u8], name: &str) -> Option<&Node> {
        self.members()
            .iter()
            .find(|(key, _)| text[key.clone()].eq_ignore_ascii_case(name.as_bytes()))
            .map(|(_, value)| value)
    }

    /// The members of an object; none of anything else.
    pub(crate) fn members(&self) -> &[(Range<usize>, Node)] {
        match self {
            Self::Object(members) => members,
            _ => &[],
        }
    }

    /// The elements of an array; none of anything else.
    pub(crate) fn elements(&self) -> &[Node] {
        match self {
            Self::Array(elements) => elements,
            _ => &[],
        }
    }

    /// The text of a string or word.
    pub(crate) fn text(&self) -> Option<&Range<usize>> {
        match self {
            Self::Text(span) => Some(span),
            _ => None,
        }
    }
}

/// Nesting that a store or a key listing never has.
const MAX_DEPTH: usize = 12;

/// Values read of one fragment.
const MAX_NODES: usize = 4096;

/// The value that begins at `at`, after white space.
pub(crate) fn parse(text: &[u8], at: usize) -> Option<Node> {
    let mut reader = Reader {
        text,
        at,
        budget: MAX_NODES,
    };
    reader.value(0)
}

struct Reader<'t> {
    text: &'t [u8],
    at: usize,
    budget: usize,
}

impl Reader<'_> {
    fn value(&mut self, depth: usize) -> Option<Node> {
        self.budget = self.budget.checked_sub(1)?;
        if depth > MAX_DEPTH {
            // Whoever nests so deep is not read any further.
            self.budget = 0;
            return None;
        }
        self.skip_space();
        match self.text.get(self.at)? {
            b'{' => Some(self.object(depth)),
            b'[' => Some(self.array(depth)),
            _ => self.scalar().map(Node::Text),
        }
    }

    fn object(&mut self, depth: usize) -> Node {
        self.at += 1;
        let mut members = Vec::new();
        loop {
            self.skip_separators();
            if self.take(b'}') {
                break;
            }
            let Some(name) = self.scalar() else { break };
            self.skip_space();
            if !(self.take(b':') || self.take(b'=')) {
                break;
            }
            let _ = self.take(b'>');
            let Some(value) = self.value(depth + 1) else {
                break;
            };
            members.push((name, value));
        }
        Node::Object(members)
    }

    fn array(&mut self, depth: usize) -> Node {
        self.at += 1;
        let mut elements = Vec::new();
        loop {
            self.skip_separators();
            if self.take(b']') {
                break;
            }
            let Some(value) = self.value(depth + 1) else {
                break;
            };
            elements.push(value);
        }
        Node::Array(elements)
    }

    /// A string, or a word without quotes.
    fn scalar(&mut self) -> Option<Range<usize>> {
        self.skip_space();
        let rest = &self.text[self.at..];
        let slashes = rest.iter().take_while(|b| **b == b'\\').count();
        if let Some(quote @ (b'"' | b'\'')) = rest.get(slashes) {
            let mut closing = vec![b'\\'; slashes];
            closing.push(*quote);
            let start = self.at + slashes + 1;
            let inside = &self.text[start..self.text.len().min(start + 8192)];
            let len = memchr::memmem::find(inside, &closing)?;
            self.at = start + len + closing.len();
            return Some(start..start + len);
        }
        let len = rest
            .iter()
            .take(512)
            .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'$'))
            .count();
        let start = self.at;
        self.at += len;
        (len > 0).then_some(start..start + len)
    }

    fn take(&mut self, byte: u8) -> bool {
        let there = self.text.get(self.at) == Some(&byte);
        self.at += usize::from(there);
        there
    }

    /// White space, written out (`\n` in a string) or real.
    fn skip_space(&mut self) {
        loop {
            match self.text.get(self.at) {
                Some(b) if b.is_ascii_whitespace() => self.at += 1,
                Some(b'\\') if matches!(self.text.get(self.at + 1), Some(b'n' | b'r' | b't')) => {
                    self.at += 2;
                }
                _ => return,
            }
        }
    }

    fn skip_separators(&mut self) {
        loop {
            self.skip_space();
            if !(self.take(b',') || self.take(b';')) {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_fragments_in_every_quoting() {
        for text in [
            r#"{"a": {"name": "x", "value": "v"}, "b": [true, "w"]}"#,
            r#"{\"a\":{\"name\":\"x\",\"value\":\"v\"},\"b\":[true,\"w\"]}"#,
            "{ a: { name: 'x', value: 'v' }, b: [ true, 'w' ], }",
            "@{}{a={name='x';value='v'};b=[true,'w'",
        ] {
            let at = text.rfind("{}").map_or(0, |at| at + 2);
            let node = parse(text.as_bytes(), at).unwrap();
            let bytes = text.as_bytes();
            let value = node
                .get(bytes, "a")
                .and_then(|a| a.get(bytes, "value"))
                .unwrap();
            assert_eq!(&text[value.text().unwrap().clone()], "v", "{text}");
            let last = node.get(bytes, "b").unwrap().elements().last().unwrap();
            assert_eq!(&text[last.text().unwrap().clone()], "w", "{text}");
        }
    }

    #[test]
    fn hostile_fragments_end() {
        for text in [
            "{".repeat(100_000),
            "[".repeat(100_000),
            "{\"".repeat(50_000),
            "{a:".repeat(9000),
        ] {
            let _ = parse(text.as_bytes(), 0);
        }
    }
}
