//! Program text as tokens: as much of a language as it takes to read an
//! annotation, a call and what a string is put together from.
//!
//! This is no parser: a text that is not valid code still has tokens, and one
//! that is has them where its compiler sees them, comments and the contents of
//! strings left out. Reading takes linear time, whatever the text.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::ops::Range;

mod string;

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    CSharp,
    FSharp,
    Go,
    /// Kotlin and Scala as well: they are close enough.
    Java,
    /// TypeScript as well.
    JavaScript,
    PowerShell,
    Python,
}

/// What a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A keyword or a name.
    Word,
    /// A string: what is between its quotes, and what is put in there.
    Text {
        inner: Range<usize>,
        holes: Vec<Range<usize>>,
    },
    /// One character of anything else; numbers are words.
    Punct(u8),
    /// A line of a preprocessor.
    Directive,
}

/// A token and its place in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) span: Range<usize>,
}

/// A text with its tokens.
pub(crate) struct Source<'t> {
    pub(crate) text: &'t str,
    pub(crate) tokens: Vec<Token>,
    /// For each opening bracket the token that closes it, else itself.
    closing: Vec<usize>,
    /// Where each word stands; few texts are asked.
    words: OnceCell<HashMap<&'t str, Vec<usize>>>,
}

impl<'t> Source<'t> {
    pub(crate) fn new(text: &'t str, language: Language) -> Self {
        let mut tokens = Lexer::new(text, language).tokens();
        if language == Language::CSharp || language == Language::FSharp {
            tokens = without_debug_only(text, tokens);
        }
        let closing = closing(&tokens);
        Self {
            text,
            tokens,
            closing,
            words: OnceCell::new(),
        }
    }

    /// The text of a token, if it is a word.
    pub(crate) fn word(&self, at: usize) -> Option<&'t str> {
        let token = self.tokens.get(at)?;
        (token.kind == Kind::Word).then(|| &self.text[token.span.clone()])
    }

    pub(crate) fn is_word(&self, at: usize, word: &str) -> bool {
        self.word(at) == Some(word)
    }

    pub(crate) fn is_punct(&self, at: usize, punct: u8) -> bool {
        self.tokens
            .get(at)
            .is_some_and(|token| token.kind == Kind::Punct(punct))
    }

    /// What stands in a string that nothing is put into.
    pub(crate) fn literal(&self, at: usize) -> Option<&'t str> {
        match &self.tokens.get(at)?.kind {
            Kind::Text { inner, holes } if holes.is_empty() => Some(&self.text[inner.clone()]),
            _ => None,
        }
    }

    /// The token that closes a bracket.
    pub(crate) fn close_of(&self, open: usize) -> Option<usize> {
        let close = *self.closing.get(open)?;
        (close != open).then_some(close)
    }

    /// The tokens between a bracket and the one that closes it, cut at its
    /// commas.
    pub(crate) fn arguments(&self, open: usize) -> Vec<Range<usize>> {
        let Some(close) = self.close_of(open) else {
            return Vec::new();
        };
        let mut arguments = Vec::new();
        let mut start = open + 1;
        let mut at = start;
        while at < close {
            match self.close_of(at) {
                Some(end) => at = end,
                None if self.is_punct(at, b',') => {
                    arguments.push(start..at);
                    start = at + 1;
                }
                None => {}
            }
            at += 1;
        }
        if start < close {
            arguments.push(start..close);
        }
        arguments
    }

    /// The places of the word.
    pub(crate) fn words(&self, word: &str) -> impl Iterator<Item = usize> + '_ {
        let words = self.words.get_or_init(|| {
            let mut words: HashMap<&str, Vec<usize>> = HashMap::new();
            for at in 0..self.tokens.len() {
                if let Some(word) = self.word(at) {
                    words.entry(word).or_default().push(at);
                }
            }
            words
        });
        words.get(word).into_iter().flatten().copied()
    }

    /// The bytes that a range of tokens spans.
    pub(crate) fn span(&self, tokens: &Range<usize>) -> Range<usize> {
        match (self.tokens.get(tokens.start), tokens.end.checked_sub(1)) {
            (Some(first), Some(last)) if last >= tokens.start => {
                first.span.start..self.tokens[last].span.end
            }
            _ => 0..0,
        }
    }
}

fn closing(tokens: &[Token]) -> Vec<usize> {
    let mut closing: Vec<usize> = (0..tokens.len()).collect();
    let mut open: Vec<(usize, u8)> = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let Kind::Punct(punct) = token.kind else {
            continue;
        };
        match punct {
            b'(' => open.push((at, b')')),
            b'[' => open.push((at, b']')),
            b'{' => open.push((at, b'}')),
            b')' | b']' | b'}' => {
                // What is not closed inside of what is, is given up.
                if open.last().is_some_and(|(_, close)| *close != punct)
                    && let Some(found) = open.iter().rev().take(32).position(|(_, c)| *c == punct)
                {
                    open.truncate(open.len() - found);
                }
                if open.last().is_some_and(|(_, close)| *close == punct)
                    && let Some((start, _)) = open.pop()
                {
                    closing[start] = at;
                }
            }
            _ => {}
        }
    }
    closing
}

/// Leaves out what only a debug build has: `#if DEBUG` up to its `#else`.
fn without_debug_only(text: &str, tokens: Vec<Token>) -> Vec<Token> {
    if !tokens.iter().any(|token| token.kind == Kind::Directive) {
        return tokens;
    }
    let mut kept = Vec::with_capacity(tokens.len());
    // For each `#if` around: whether its branch is kept, and whether the rest is.
    let mut around: Vec<(bool, bool)> = Vec::new();
    for token in tokens {
        if token.kind != Kind::Directive {
            if around.iter().all(|(kept, _)| *kept) {
                kept.push(token);
            }
            continue;
        }
        let line = text[token.span].trim_start_matches('#').trim_start();
        let word_end = line.find(|c: char| !c.is_ascii_alphabetic());
        let (word, condition) = line.split_at(word_end.unwrap_or(line.len()));
        let condition: String = condition.split_whitespace().collect();
        match (word, condition.as_str()) {
            ("if", "DEBUG") => around.push((false, true)),
            ("if", "!DEBUG" | "RELEASE") => around.push((true, false)),
            ("if", _) => around.push((true, true)),
            ("elif" | "else", _) => {
                if let Some(branch) = around.last_mut() {
                    branch.0 = branch.1;
                }
            }
            ("endif", _) => {
                around.pop();
            }
            _ => {}
        }
    }
    kept
}

struct Lexer<'t> {
    text: &'t str,
    bytes: &'t [u8],
    language: Language,
    at: usize,
    tokens: Vec<Token>,
    /// Up to here no regular expression ends on this line.
    no_regex_before: usize,
    /// How many more holes may turn out to have no end.
    open_holes: usize,
}

impl<'t> Lexer<'t> {
    fn new(text: &'t str, language: Language) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            language,
            at: 0,
            tokens: Vec::new(),
            no_regex_before: 0,
            open_holes: 64,
        }
    }

    fn tokens(mut self) -> Vec<Token> {
        while self.at < self.bytes.len() {
            self.step();
        }
        self.tokens
    }

    fn step(&mut self) {
        let start = self.at;
        let byte = self.bytes[start];
        if byte.is_ascii_whitespace() {
            self.at += 1;
        } else if let Some(end) = self.comment() {
            self.at = end;
        } else if let Some(string) = self.string() {
            self.at = string.end;
            let kind = Kind::Text {
                inner: string.inner,
                holes: string.holes,
            };
            self.push(kind, start);
        } else if self.is_directive() {
            self.at = self.line_end(start);
            self.push(Kind::Directive, start);
        } else if is_word(byte) || self.begins_word(byte) {
            self.at += 1;
            while self.at < self.bytes.len() && is_word(self.bytes[self.at]) {
                self.at += 1;
            }
            self.push(Kind::Word, start);
        } else if let Some(end) = self.regex() {
            self.at = end;
        } else {
            self.at += 1;
            self.push(Kind::Punct(byte), start);
        }
    }

    fn push(&mut self, kind: Kind, start: usize) {
        let span = start..self.at;
        self.tokens.push(Token { kind, span });
    }

    fn rest(&self) -> &'t [u8] {
        &self.bytes[self.at..]
    }

    /// The end of a line, before its break.
    fn line_end(&self, from: usize) -> usize {
        memchr::memchr(b'\n', &self.bytes[from..]).map_or(self.bytes.len(), |at| from + at)
    }

    /// Names may begin with these.
    fn begins_word(&self, byte: u8) -> bool {
        match self.language {
            Language::CSharp => byte == b'@' && self.rest().get(1).is_some_and(|b| is_word(*b)),
            Language::PowerShell | Language::JavaScript => byte == b'$',
            _ => false,
        }
    }

    /// Where the comment ends that begins here.
    fn comment(&self) -> Option<usize> {
        let rest = self.rest();
        let block = |open: &[u8], close: &[u8]| {
            rest.starts_with(open).then(|| {
                let inner = self.at + open.len();
                let end = memchr::memmem::find(&self.bytes[inner..], close);
                end.map_or(self.bytes.len(), |end| inner + end + close.len())
            })
        };
        let line = |open: &[u8]| rest.starts_with(open).then(|| self.line_end(self.at));
        match self.language {
            Language::CSharp | Language::Go | Language::Java | Language::JavaScript => {
                line(b"//").or_else(|| block(b"/*", b"*/"))
            }
            Language::FSharp => line(b"//").or_else(|| block(b"(*", b"*)")),
            Language::Python => line(b"#"),
            Language::PowerShell => block(b"<#", b"#>").or_else(|| line(b"#")),
        }
    }

    /// Whether a line of the preprocessor begins here.
    fn is_directive(&self) -> bool {
        matches!(self.language, Language::CSharp | Language::FSharp)
            && self.bytes[self.at] == b'#'
            && self.bytes[..self.at]
                .iter()
                .rev()
                .take_while(|byte| **byte != b'\n')
                .take(64)
                .all(u8::is_ascii_whitespace)
    }

    /// Where the regular expression ends that begins here.
    fn regex(&mut self) -> Option<usize> {
        if self.language != Language::JavaScript
            || self.bytes[self.at] != b'/'
            || self.at < self.no_regex_before
            || !self.expression_begins()
        {
            return None;
        }
        let end = self.line_end(self.at);
        let mut at = self.at + 1;
        let mut class = false;
        while at < end {
            match self.bytes[at] {
                b'\\' => at += 1,
                b'[' => class = true,
                b']' => class = false,
                b'/' if !class => return Some(at + 1),
                _ => {}
            }
            at += 1;
        }
        self.no_regex_before = end;
        None
    }

    /// Whether an operand stands next, and no operator.
    fn expression_begins(&self) -> bool {
        match self.tokens.last() {
            None => true,
            Some(token) => match token.kind {
                Kind::Punct(punct) => !matches!(punct, b')' | b']' | b'}'),
                Kind::Word => matches!(
                    &self.text[token.span.clone()],
                    "return" | "typeof" | "case" | "in" | "of" | "do" | "else" | "yield" | "await"
                ),
                _ => false,
            },
        }
    }
}

/// What names are made of, and numbers.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

#[cfg(test)]
mod tests;
