//! Bicep as tokens.

use std::ops::Range;

/// A token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Word,
    Number,
    /// A string, or the part of one up to the value that is put in; its text.
    Text {
        text: String,
        /// Whether this piece begins the string, and whether it ends it.
        first: bool,
        last: bool,
    },
    /// A sign of one or more characters.
    Sign(&'static str),
    Line,
    End,
    /// A character that the language has not.
    Unknown,
}

/// Signs, the longer ones first.
const SIGNS: &[&str] = &[
    "...", "=>", "==", "!=", "=~", "!~", "<=", ">=", "&&", "||", "??", "::", ".?", "[?", "@", ",",
    ".", "{", "}", "(", ")", "[", "]", "=", "+", "-", "*", "/", "%", "<", ">", "!", "?", ":", "|",
    "^",
];

/// How deeply strings may be put into strings.
const DEPTH: usize = 32;

/// All tokens of a text, each with its place.
pub(super) fn tokens(text: &str) -> Vec<(Token, Range<usize>)> {
    let mut lexer = Lexer {
        text,
        at: 0,
        tokens: Vec::new(),
        strings: Vec::new(),
    };
    while lexer.at < text.len() {
        lexer.step();
    }
    lexer.push(Token::End, text.len());
    lexer.tokens
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    tokens: Vec<(Token, Range<usize>)>,
    /// For each string that a value is being put into: the braces open in that
    /// value, and how the string is written.
    strings: Vec<(usize, Form)>,
}

/// How a string is written.
#[derive(Clone, Copy)]
enum Form {
    /// `'…'`
    Single,
    /// `'''…'''`: values are put in after so many dollars, or not at all.
    Multi(usize),
}

impl Lexer<'_> {
    fn push(&mut self, token: Token, start: usize) {
        self.tokens.push((token, start..self.at));
    }

    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn step(&mut self) {
        let start = self.at;
        let rest = self.rest();
        let Some(first) = rest.chars().next() else {
            return;
        };
        if first == '\n' {
            self.at += 1;
            self.push(Token::Line, start);
        } else if first.is_whitespace() || first == '\u{feff}' {
            self.at += first.len_utf8();
        } else if rest.starts_with("//")
            || rest.starts_with("#disable")
            || rest.starts_with("#restore")
        {
            self.at += rest.find('\n').unwrap_or(rest.len());
        } else if rest.starts_with("/*") {
            self.at += rest.find("*/").map_or(rest.len(), |end| end + 2);
        } else if let Some(form) = begins_string(rest) {
            self.at += match form {
                Form::Single => 1,
                Form::Multi(dollars) => dollars + 3,
            };
            self.string(start, form, true);
        } else if first.is_ascii_alphabetic() || first == '_' {
            let part = |c: char| c.is_ascii_alphanumeric() || c == '_';
            self.at += rest.find(|c| !part(c)).unwrap_or(rest.len());
            self.push(Token::Word, start);
        } else if first.is_ascii_digit() {
            self.at += rest
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(rest.len());
            self.push(Token::Number, start);
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            self.sign(sign);
        } else {
            self.at += first.len_utf8();
            self.push(Token::Unknown, start);
        }
    }

    fn sign(&mut self, sign: &'static str) {
        let start = self.at;
        self.at += sign.len();
        match (sign, self.strings.last_mut()) {
            ("{", Some((open, _))) => *open += 1,
            ("}", Some((0, form))) => {
                // The value ends, the string goes on.
                let form = *form;
                self.strings.pop();
                return self.string(start, form, false);
            }
            ("}", Some((open, _))) => *open -= 1,
            _ => {}
        }
        self.push(Token::Sign(sign), start);
    }

    /// Reads a piece of a string, up to its end or to a value that is put in.
    fn string(&mut self, start: usize, form: Form, first: bool) {
        let bytes = self.text.as_bytes();
        let mut text = String::new();
        let piece = |text: String, last: bool| Token::Text { text, first, last };
        while let Some(&byte) = bytes.get(self.at) {
            let rest = &self.text[self.at..];
            match form {
                Form::Single if byte == b'\'' => {
                    self.at += 1;
                    return self.push(piece(text, true), start);
                }
                // A string has one line; what has no end ends with it.
                Form::Single if byte == b'\n' => break,
                Form::Single if byte == b'\\' => {
                    self.at += 1;
                    self.escape(&mut text);
                    continue;
                }
                Form::Multi(_) if rest.starts_with("'''") => {
                    let quotes = rest.bytes().take_while(|byte| *byte == b'\'').count();
                    text.extend(std::iter::repeat_n('\'', quotes - 3));
                    self.at += quotes;
                    return self.push(piece(text, true), start);
                }
                _ => {}
            }
            let opens = match form {
                Form::Single => rest.starts_with("${").then_some(2),
                Form::Multi(0) => None,
                Form::Multi(dollars) => {
                    let run = rest
                        .bytes()
                        .take(dollars)
                        .filter(|byte| *byte == b'$')
                        .count();
                    (run == dollars && rest[run..].starts_with('{')).then_some(run + 1)
                }
            };
            if let Some(width) = opens
                && self.strings.len() < DEPTH
            {
                self.at += width;
                self.push(piece(text, false), start);
                self.strings.push((0, form));
                return;
            }
            let Some(next) = rest.chars().next() else {
                break;
            };
            text.push(next);
            self.at += next.len_utf8();
        }
        self.push(piece(text, true), start);
    }

    /// What stands after a backslash.
    fn escape(&mut self, text: &mut String) {
        let Some(next) = self.rest().chars().next() else {
            return;
        };
        self.at += next.len_utf8();
        match next {
            'n' => text.push('\n'),
            'r' => text.push('\r'),
            't' => text.push('\t'),
            other => text.push(other),
        }
    }
}

fn begins_string(rest: &str) -> Option<Form> {
    let dollars = rest
        .bytes()
        .take(8)
        .take_while(|byte| *byte == b'$')
        .count();
    if rest[dollars..].starts_with("'''") {
        return Some(Form::Multi(dollars));
    }
    rest.starts_with('\'').then_some(Form::Single)
}
