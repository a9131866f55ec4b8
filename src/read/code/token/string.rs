//! Strings of each language, with what is put into them.

use std::ops::Range;

use super::{Language, Lexer, is_word};

/// Bytes that what is put into a string may have.
const HOLE: usize = 2048;

/// Quotes or braces in a row that are told apart.
const RUN: usize = 64;

/// A string.
pub(super) struct Quoted {
    pub(super) end: usize,
    pub(super) inner: Range<usize>,
    pub(super) holes: Vec<Range<usize>>,
}

/// How a string is to be read.
#[derive(Clone, Copy)]
struct Form {
    /// What closes it: this byte so many times.
    close: (u8, usize),
    /// Whether a backslash (or the backtick of PowerShell) hides what follows.
    escape: Option<u8>,
    /// Whether the closing quote twice is that quote.
    doubled: bool,
    /// Whether it may go over lines.
    lines: bool,
    holes: Holes,
}

/// How something is put into a string.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holes {
    None,
    /// So many braces.
    Braces(usize),
    /// `${…}`, and `$name` where that is one.
    Dollar {
        names: bool,
    },
    /// `$name`, `$(…)`, `${…}`.
    PowerShell,
}

impl Lexer<'_> {
    /// The string that begins here.
    pub(super) fn string(&mut self) -> Option<Quoted> {
        let (body, form) = match self.language {
            Language::CSharp | Language::FSharp => self.csharp(),
            Language::Go => self.go(),
            Language::Java => self.java(),
            Language::JavaScript => self.javascript(),
            Language::PowerShell => self.powershell(),
            Language::Python => self.python(),
        }?;
        Some(self.body(body, form))
    }

    fn csharp(&self) -> Option<(usize, Form)> {
        let rest = self.rest();
        let prefix = rest.iter().take(4).take_while(|b| matches!(b, b'$' | b'@'));
        let prefix = &rest[..prefix.count()];
        let dollars = prefix.iter().filter(|byte| **byte == b'$').count();
        let quotes = run(&rest[prefix.len()..], b'"');
        let holes = match dollars {
            0 => Holes::None,
            n => Holes::Braces(n),
        };
        let plain = Form {
            close: (b'"', 1),
            escape: Some(b'\\'),
            doubled: false,
            lines: false,
            holes,
        };
        let body = |quotes: usize| self.at + prefix.len() + quotes;
        match quotes {
            0 if prefix.is_empty() && self.is_character() => Some((
                self.at + 1,
                Form {
                    close: (b'\'', 1),
                    ..plain
                },
            )),
            0 => None,
            3.. => Some((
                body(quotes),
                Form {
                    close: (b'"', quotes),
                    escape: None,
                    lines: true,
                    ..plain
                },
            )),
            _ if prefix.contains(&b'@') => Some((
                body(1),
                Form {
                    escape: None,
                    doubled: true,
                    lines: true,
                    ..plain
                },
            )),
            _ => Some((body(1), plain)),
        }
    }

    /// Whether the quote here is that of a character, and not the one of a type
    /// parameter.
    fn is_character(&self) -> bool {
        match self.rest() {
            [b'\'', b'\\', ..] => true,
            [b'\'', ..] => self.text[self.at + 1..]
                .chars()
                .next()
                .is_some_and(|c| c != '\'' && self.rest().get(1 + c.len_utf8()) == Some(&b'\'')),
            _ => false,
        }
    }

    fn go(&self) -> Option<(usize, Form)> {
        let quote = *self.rest().first()?;
        let raw = quote == b'`';
        let form = Form {
            close: (quote, 1),
            escape: (!raw).then_some(b'\\'),
            doubled: false,
            lines: raw,
            holes: Holes::None,
        };
        matches!(quote, b'"' | b'`' | b'\'').then_some((self.at + 1, form))
    }

    fn java(&self) -> Option<(usize, Form)> {
        let holes = Holes::Dollar { names: true };
        let (quotes, escape, lines) = match run(self.rest(), b'"') {
            0 if self.is_character() => {
                let form = Form {
                    close: (b'\'', 1),
                    escape: Some(b'\\'),
                    doubled: false,
                    lines: false,
                    holes: Holes::None,
                };
                return Some((self.at + 1, form));
            }
            0 => return None,
            3.. => (3, Some(b'\\'), true),
            _ => (1, Some(b'\\'), false),
        };
        let form = Form {
            close: (b'"', quotes),
            escape,
            doubled: false,
            lines,
            holes,
        };
        Some((self.at + quotes, form))
    }

    fn javascript(&self) -> Option<(usize, Form)> {
        let quote = self.rest()[0];
        let template = quote == b'`';
        matches!(quote, b'"' | b'\'' | b'`').then_some((
            self.at + 1,
            Form {
                close: (quote, 1),
                escape: Some(b'\\'),
                doubled: false,
                lines: template,
                holes: match template {
                    true => Holes::Dollar { names: false },
                    false => Holes::None,
                },
            },
        ))
    }

    fn powershell(&self) -> Option<(usize, Form)> {
        let (quote, here) = match self.rest() {
            [b'@', quote @ (b'"' | b'\''), b'\r' | b'\n', ..] => (*quote, true),
            [quote @ (b'"' | b'\''), ..] => (*quote, false),
            _ => return None,
        };
        let form = Form {
            close: (quote, 1),
            escape: (quote == b'"').then_some(b'`'),
            doubled: !here,
            lines: true,
            holes: match quote {
                b'"' => Holes::PowerShell,
                _ => Holes::None,
            },
        };
        Some((self.at + 1 + usize::from(here), form))
    }

    fn python(&self) -> Option<(usize, Form)> {
        let rest = self.rest();
        let letters = rest
            .iter()
            .take(2)
            .take_while(|b| b"rRbBuUfFtT".contains(b));
        let prefix = &rest[..letters.count()];
        let quote = *rest.get(prefix.len())?;
        if !matches!(quote, b'"' | b'\'') {
            return None;
        }
        let has = |letters: &[u8]| prefix.iter().any(|byte| letters.contains(byte));
        let quotes = if run(&rest[prefix.len()..], quote) >= 3 {
            3
        } else {
            1
        };
        let form = Form {
            close: (quote, quotes),
            // A raw string keeps its backslashes, and they still hide quotes.
            escape: Some(b'\\'),
            doubled: false,
            lines: quotes == 3,
            holes: if has(b"fFtT") {
                Holes::Braces(1)
            } else {
                Holes::None
            },
        };
        Some((self.at + prefix.len() + quotes, form))
    }

    /// Reads a string to its end: its closing quote, else that of the line or
    /// of the text.
    fn body(&mut self, start: usize, form: Form) -> Quoted {
        let (quote, times) = form.close;
        let here = self.language == Language::PowerShell && self.bytes[self.at] == b'@';
        let mut at = start;
        let mut holes = Vec::new();
        while at < self.bytes.len() {
            let byte = self.bytes[at];
            if Some(byte) == form.escape {
                at += 2;
            } else if byte == b'\n' && !form.lines {
                break;
            } else if byte == quote {
                let run = run(&self.bytes[at..], quote);
                if form.doubled && run >= 2 {
                    at += 2;
                } else if here {
                    // Here-strings end at the beginning of a line, with `@`.
                    let ends = self.bytes[at - 1] == b'\n' && self.bytes.get(at + 1) == Some(&b'@');
                    if ends {
                        return Quoted {
                            end: at + 2,
                            inner: start..at,
                            holes,
                        };
                    }
                    at += 1;
                } else if run >= times {
                    // A run that is too long begins with what it quotes.
                    let close = if times > 1 { at + run - times } else { at };
                    return Quoted {
                        end: close + times,
                        inner: start..close,
                        holes,
                    };
                } else {
                    at += run;
                }
            } else if let Some((hole, end)) = self.hole(at, form.holes) {
                holes.push(hole);
                at = end;
            } else {
                at += match form.holes {
                    // Braces twice are braces.
                    Holes::Braces(n) if matches!(byte, b'{' | b'}') => {
                        run(&self.bytes[at..], byte).min(2 * n).max(1)
                    }
                    _ => 1,
                };
            }
        }
        let end = self.boundary(at.min(self.bytes.len()));
        Quoted {
            end,
            inner: start.min(end)..end,
            holes,
        }
    }

    /// What is put in here, and where the string goes on.
    fn hole(&mut self, at: usize, holes: Holes) -> Option<(Range<usize>, usize)> {
        let rest = &self.bytes[at..];
        let name = |from: usize| {
            let part = |b: &&u8| is_word(**b) || **b == b':';
            let len = rest[from..].iter().take_while(part).count();
            (len > 0 && !rest[from].is_ascii_digit())
                .then_some((at + from..at + from + len, at + from + len))
        };
        let (open, skip) = match (holes, rest) {
            (Holes::Braces(n), [b'{', ..]) => {
                // Twice as many are text; an odd one more is a hole.
                let braces = run(rest, b'{');
                if braces % (2 * n) != n && braces != n {
                    return None;
                }
                (b'{', braces)
            }
            (Holes::Dollar { .. } | Holes::PowerShell, [b'$', b'{', ..]) => (b'{', 2),
            (Holes::PowerShell, [b'$', b'(', ..]) => (b'(', 2),
            (Holes::PowerShell | Holes::Dollar { names: true }, [b'$', ..]) => return name(1),
            _ => return None,
        };
        let start = at + skip;
        let end = self.hole_end(start, open)?;
        let closed = match holes {
            Holes::Braces(n) => n,
            _ => 1,
        };
        Some((start..end, end + closed))
    }

    /// Where the bracket closes that was opened before `start`.
    fn hole_end(&mut self, start: usize, open: u8) -> Option<usize> {
        if self.open_holes == 0 {
            return None;
        }
        let close = if open == b'{' { b'}' } else { b')' };
        let limit = self.bytes.len().min(start + HOLE);
        let mut depth = 0;
        let mut at = start;
        while at < limit {
            let byte = self.bytes[at];
            if byte == close {
                if depth == 0 {
                    return Some(at);
                }
                depth -= 1;
            } else if byte == open {
                depth += 1;
            } else if matches!(byte, b'"' | b'\'' | b'`') {
                let inside = &self.bytes[at + 1..limit];
                let end = memchr::memchr2(byte, b'\n', inside);
                at += end.map_or(0, |end| if inside[end] == byte { end + 1 } else { 0 });
            }
            at += 1;
        }
        self.open_holes -= 1;
        None
    }

    /// The same place, or the next one where a character begins.
    fn boundary(&self, mut at: usize) -> usize {
        while !self.text.is_char_boundary(at) {
            at += 1;
        }
        at
    }
}

/// How often the byte stands at the beginning, as far as that matters.
fn run(bytes: &[u8], byte: u8) -> usize {
    let same = bytes.iter().take(RUN).take_while(|other| **other == byte);
    same.count()
}
