//! How a script is walked through.

use super::Parser;

impl Parser<'_> {
    pub(super) fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    /// Whether a word of small letters is next, in any letters.
    pub(super) fn begins_with(&self, word: &str) -> bool {
        let next = self.rest().as_bytes().get(..word.len());
        next.is_some_and(|next| next.eq_ignore_ascii_case(word.as_bytes()))
    }

    pub(super) fn eat(&mut self, what: &str) -> bool {
        let found = self.rest().starts_with(what);
        if found {
            self.at += what.len();
        }
        found
    }

    /// Blanks, comments and continued lines; line ends where they mean nothing.
    pub(super) fn skip(&mut self, line_ends: bool) {
        loop {
            if self.eat("`\n") || self.eat("`\r\n") {
                continue;
            }
            if self.rest().starts_with("<#") {
                let end = self
                    .rest()
                    .find("#>")
                    .map_or(self.text.len(), |end| self.at + end + 2);
                self.at = end;
                continue;
            }
            match self.peek() {
                Some(' ' | '\t' | '\r') => self.at += 1,
                Some('\n') if line_ends => self.at += 1,
                Some('#') => {
                    let end = self.rest().find('\n').unwrap_or(self.rest().len());
                    self.at += end;
                }
                _ => return,
            }
        }
    }

    pub(super) fn word_ahead(&self) -> &str {
        let rest = self.rest();
        let end = rest
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(rest.len());
        &rest[..end]
    }

    pub(super) fn skip_balanced(&mut self, open: char, close: char) {
        let mut depth = 0;
        while let Some(c) = self.bump() {
            if c == open {
                depth += 1;
            } else if c == close {
                depth -= 1;
                if depth == 0 {
                    return;
                }
            } else if c == '\'' || c == '"' {
                while self.bump().is_some_and(|inner| inner != c) {}
            }
        }
    }

    /// A name, with its scope; not of the environment it is in small letters,
    /// since PowerShell tells no letters apart.
    pub(super) fn name(&mut self) -> String {
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_alphanumeric() || c == '_') {
            self.bump();
        }
        let scope = self.text[start..self.at].to_ascii_lowercase();
        let scopes = ["env", "script", "global", "local", "using"];
        if scopes.contains(&scope.as_str()) && self.peek() == Some(':') {
            self.bump();
            while self.peek().is_some_and(|c| c.is_alphanumeric() || c == '_') {
                self.bump();
            }
        }
        scoped(&self.text[start..self.at])
    }
}

pub(super) fn scoped(name: &str) -> String {
    match name.split_once(':') {
        Some((scope, name)) if scope.eq_ignore_ascii_case("env") => format!("env:{name}"),
        Some((_, name)) => name.to_ascii_lowercase(),
        None => name.to_ascii_lowercase(),
    }
}
