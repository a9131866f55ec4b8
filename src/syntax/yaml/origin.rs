//! Where the characters of a scalar stand in the text: a block scalar has lost
//! its indentation, a folded one its line breaks, a quoted one its escapes.

use std::ops::Range;

use super::Style;

/// Where the characters of a scalar stand in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Runs of characters that stand as they are.
    runs: Vec<Run>,
    /// Where the scalar ends in the text.
    end: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    /// Where it begins in the value.
    value: usize,
    /// Where it begins in the text.
    text: usize,
    /// Its bytes.
    len: usize,
}

impl Origin {
    /// Of a value that stands in the text as it is.
    #[must_use]
    pub fn plain(span: Range<usize>) -> Self {
        Self {
            end: span.end,
            runs: vec![Run {
                value: 0,
                text: span.start,
                len: span.len(),
            }],
        }
    }

    /// Of a value that stands nowhere as it is: all of it is at one place.
    #[must_use]
    pub fn fixed(span: Range<usize>) -> Self {
        Self {
            end: span.start,
            runs: Vec::new(),
        }
    }

    /// Of a value whose lines begin as some of the text do, one behind the other;
    /// `known` is what of a line can be told.
    #[must_use]
    pub fn of_lines(
        text: &str,
        span: Range<usize>,
        value: &str,
        known: impl Fn(&str) -> &str,
    ) -> Option<Self> {
        let mut runs = Vec::new();
        let mut from = span.start;
        let mut at = 0;
        for line in value.split_inclusive('\n') {
            let begin = known(line).trim_end();
            if !begin.is_empty() {
                from += text.get(from..span.end)?.find(begin)?;
                runs.push(Run {
                    value: at,
                    text: from,
                    len: begin.len(),
                });
                from += begin.len();
            }
            at += line.len();
        }
        Some(Self {
            runs,
            end: span.end,
        })
    }

    /// Walks value and text side by side. What the text has and the value has
    /// not is indentation, an escape or a fold.
    pub(super) fn of(text: &str, span: Range<usize>, value: &str, style: Style) -> Self {
        let end = span.end.min(text.len());
        let mut walk = Walk {
            text: &text.as_bytes()[..end],
            value: value.as_bytes(),
            from: span.start.min(end),
            to: 0,
            runs: Vec::new(),
        };
        match style {
            Style::Plain => walk.flow(None),
            Style::Single => {
                walk.from += 1;
                walk.flow(Some(b'\''));
            }
            Style::Double => {
                walk.from += 1;
                walk.flow(Some(b'"'));
            }
            Style::Literal | Style::Folded => walk.block(),
        }
        Self {
            runs: walk.runs,
            end,
        }
    }

    /// The place in the text of a place in the value.
    #[must_use]
    pub fn at(&self, offset: usize) -> usize {
        let next = self.runs.partition_point(|run| run.value <= offset);
        let Some(run) = next.checked_sub(1).map(|at| self.runs[at]) else {
            return self.end;
        };
        (run.text + (offset - run.value).min(run.len)).min(self.end)
    }

    /// The place in the text of a part of the value.
    #[must_use]
    pub fn span(&self, part: Range<usize>) -> Range<usize> {
        let start = self.at(part.start);
        if part.end <= part.start {
            return start..start;
        }
        start..(self.at(part.end - 1) + 1).max(start)
    }
}

struct Walk<'t> {
    text: &'t [u8],
    value: &'t [u8],
    from: usize,
    to: usize,
    runs: Vec<Run>,
}

impl Walk<'_> {
    fn next(&self) -> Option<u8> {
        self.text.get(self.from).copied()
    }

    /// A byte of the value, which stands here.
    fn same(&mut self) {
        match self.runs.last_mut() {
            Some(run) if run.value + run.len == self.to && run.text + run.len == self.from => {
                run.len += 1;
            }
            _ => self.run(),
        }
        self.to += 1;
        self.from += 1;
    }

    /// A character of the value, for which the text has `written` bytes.
    fn other(&mut self, written: usize) {
        let len = match self.value.get(self.to) {
            Some(byte) if *byte >= 0xf0 => 4,
            Some(byte) if *byte >= 0xe0 => 3,
            Some(byte) if *byte >= 0xc0 => 2,
            _ => 1,
        };
        self.run();
        self.to += len;
        self.from += written;
    }

    fn run(&mut self) {
        self.runs.push(Run {
            value: self.to,
            text: self.from,
            len: 1,
        });
    }

    /// A line end: a line end or a space of the value, or nothing.
    fn line_end(&mut self) {
        match self.value.get(self.to) {
            Some(b'\n' | b' ') => self.other(1),
            _ => self.from += 1,
        }
    }

    fn flow(&mut self, quote: Option<u8>) {
        while let (Some(byte), Some(expected)) = (self.next(), self.value.get(self.to)) {
            match byte {
                b'\n' => {
                    self.line_end();
                    self.skip(is_blank, usize::MAX);
                }
                b'\\' if quote == Some(b'"') => self.escape(*expected),
                b'\'' if quote == Some(b'\'') => self.other(2),
                _ if byte == *expected => self.same(),
                _ => self.from += 1,
            }
        }
    }

    fn escape(&mut self, expected: u8) {
        let digits = match self.text.get(self.from + 1) {
            Some(b'x') => 2,
            // Two escapes are one character where it needs two units.
            Some(b'u') if expected >= 0xf0 => 10,
            Some(b'u') => 4,
            Some(b'U') => 8,
            Some(b'\n' | b'\r') => {
                // The line goes on, and nothing of the value stands here.
                self.from += 1;
                self.skip(|byte| byte == b'\r', 1);
                self.skip(|byte| byte == b'\n', 1);
                self.skip(is_blank, usize::MAX);
                return;
            }
            _ => 0,
        };
        self.other(2 + digits);
    }

    fn skip(&mut self, what: fn(u8) -> bool, most: usize) {
        let rest = self.text.get(self.from..).unwrap_or_default();
        let skipped = rest.iter().take(most).take_while(|byte| what(**byte));
        self.from += skipped.count();
    }

    /// The span begins with the first text of the block, after its indentation.
    fn block(&mut self) {
        let before = &self.text[..self.from];
        let line = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        let indent = self.from - line;
        let breaks = self.value.iter().take_while(|byte| **byte == b'\n');
        self.to = breaks.count();
        while let (Some(byte), Some(expected)) = (self.next(), self.value.get(self.to)) {
            match byte {
                b'\n' => {
                    self.line_end();
                    self.skip(|byte| byte == b' ', indent);
                }
                _ if byte == *expected => self.same(),
                _ => self.from += 1,
            }
        }
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

#[cfg(test)]
mod tests {
    use super::super::Yaml;

    /// Words of the value stand where they are said to.
    fn check(text: &str, words: &[&str]) {
        let yaml = Yaml::parse(text).unwrap();
        let value = yaml.root().unwrap().get("a").unwrap();
        let (value, origin) = (value.text().unwrap(), value.origin(text).unwrap());
        for word in words {
            let at = value
                .find(word)
                .unwrap_or_else(|| panic!("{value:?} has no {word}"));
            let span = origin.span(at..at + word.len());
            assert_eq!(&text[span], *word, "{text:?}");
        }
    }

    #[test]
    fn every_style_knows_its_places() {
        check("a: one two\n", &["one", "two"]);
        check("a: one\n   two\n\n   three\n", &["one", "two", "three"]);
        check("a: 'it''s # one'\n", &["it", "# one"]);
        check(
            "a: \"one \\\"two\\\" \\u00e9 three \\ud83d\\ude00 four\"\n",
            &["one", "two", "three", "four"],
        );
        check(
            "a: \"one \\\n    two\n    three\n\n    four\"\n",
            &["one", "two", "three", "four"],
        );
        check(
            "a: |\n  one two\n    three\n\n  four\n",
            &["one", "two", "  three", "four"],
        );
        check("a: |2-\n    one\n   two\n", &["  one", " two"]);
        check("a: |\n\n  one\n  ü two\nb: 1", &["one", "two"]);
        check(
            "a: >\n  one\n  two\n\n  three\n    four\n  five\n",
            &["one", "two", "three", "  four", "five"],
        );
        check("a: >-\r\n  one\r\n  two\r\n", &["one", "two"]);
        check("a: |\r\n  one\r\n  two\r\n", &["one", "two"]);
        check("a: # c\n  one\n", &["one"]);
        check("a: &x !t 'one'\n", &["one"]);
        check("a: |\n  one\n  two", &["one", "two"]);
    }
}
