//! The words of a condition, and the limits that it must keep before any
//! parser sees it.
//!
//! The parser and the evaluator of the `cel` crate recurse as deep as the
//! expression nests, and know no limit that would save the stack. So nesting
//! is bounded here, in a loop without recursion, by an estimate that is never
//! below the height of the tree that the parser will build.

use std::ops::Range;

use super::ConditionError;

/// The longest condition, in bytes.
pub(super) const MAX_LEN: usize = 1024;

/// The greatest height of an expression's tree.
pub(super) const MAX_HEIGHT: usize = 32;

/// Binary operators bind in so many levels: a bracket on the right of `a == b
/// + c * (…)` stands that much deeper than the first of them.
const LEVELS: usize = 4;

/// A word of a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) span: Range<usize>,
}

/// What sort of word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Name,
    String,
    Number,
    /// `&&`, `||` and the comma: what follows is a tree of its own.
    Separator,
    /// Any operator of two operands.
    Binary,
    /// `!`, and `-` where no operand stands before it.
    Prefix,
    Dot,
    Open,
    Close,
}

/// Splits a condition into words.
///
/// # Errors
/// When it is longer or deeper than the limits, or has a word that is not part
/// of the language of conditions.
pub(super) fn scan(source: &str) -> Result<Vec<Token>, ConditionError> {
    if source.len() > MAX_LEN {
        // Where it begins: nobody would see a caret a thousand columns on.
        return Err(ConditionError::new(
            0..source.ceil_char_boundary(1),
            format!("the condition has {} bytes", source.len()),
            format!("longer than {MAX_LEN} bytes"),
            "split it into several rules: each finding then says what it is about",
        ));
    }
    let mut tokens: Vec<Token> = Vec::new();
    let mut heights = Heights::new();
    let mut at = 0;
    while let Some(len) = source.get(at..).map(blank_len) {
        at += len;
        if at == source.len() {
            break;
        }
        let kind = next(source, at, tokens.last())?;
        heights.add(source, &kind.1, kind.0)?;
        at = kind.1.end;
        tokens.push(Token {
            kind: kind.0,
            span: kind.1,
        });
    }
    if let Some(open) = heights.levels.last().and_then(|level| level.open.clone()) {
        return Err(ConditionError::new(
            open,
            "a bracket is not closed",
            "opened here",
            "close it",
        ));
    }
    if tokens.is_empty() {
        return Err(ConditionError::new(
            0..source.len(),
            "the condition is empty",
            "nothing here",
            "write 'true' for a rule that judges every fact of its type",
        ));
    }
    Ok(tokens)
}

/// The height of the tree so far, level by level of brackets.
struct Heights {
    levels: Vec<Level>,
}

/// What stands between two brackets.
#[derive(Default)]
struct Level {
    open: Option<Range<usize>>,
    /// Of the operand since the last separator.
    height: usize,
    /// Its operators so far.
    operators: usize,
    /// The highest before.
    best: usize,
    separators: usize,
}

impl Level {
    /// Separators make a balanced tree over their operands.
    fn total(&self) -> usize {
        let balanced = match self.separators {
            0 => 0,
            n => n.ilog2() as usize + 2,
        };
        self.best.max(self.height) + balanced
    }
}

impl Heights {
    fn new() -> Self {
        Self {
            levels: vec![Level::default()],
        }
    }

    fn add(&mut self, source: &str, span: &Range<usize>, kind: Kind) -> Result<(), ConditionError> {
        let unopened = || {
            ConditionError::new(
                span.clone(),
                "a bracket is closed that was not opened",
                "closed here",
                "remove it, or open one before",
            )
        };
        let last = self.levels.last_mut().ok_or_else(unopened)?;
        match kind {
            Kind::Name | Kind::String | Kind::Number => {}
            Kind::Separator => {
                last.best = last.best.max(last.height);
                last.height = 0;
                last.operators = 0;
                last.separators += 1;
            }
            Kind::Binary | Kind::Prefix => {
                last.height += 1;
                last.operators += 1;
            }
            Kind::Dot => last.height += 1,
            Kind::Open => self.levels.push(Level {
                open: Some(span.clone()),
                ..Level::default()
            }),
            Kind::Close => {
                let closed = self.levels.pop().ok_or_else(unopened)?;
                let matching = closed
                    .open
                    .clone()
                    .is_some_and(|open| pair(&source[open], &source[span.clone()]));
                let outer = self.levels.last_mut().filter(|_| matching);
                let outer = outer.ok_or_else(unopened)?;
                let inner = closed.total() + 1 + outer.operators.min(LEVELS);
                outer.height = outer.height.max(inner) + 1;
            }
        }
        let total = self.levels.last().map_or(0, Level::total);
        if total.max(self.levels.len()) > MAX_HEIGHT {
            return Err(ConditionError::new(
                span.clone(),
                format!("the condition is nested more than {MAX_HEIGHT} deep"),
                "too deep here",
                "split it into several rules, or compare with a list: x in ['a', 'b']",
            ));
        }
        Ok(())
    }
}

fn pair(open: &str, close: &str) -> bool {
    matches!((open, close), ("(", ")") | ("[", "]"))
}

/// The word that begins at `at`.
fn next(
    source: &str,
    at: usize,
    before: Option<&Token>,
) -> Result<(Kind, Range<usize>), ConditionError> {
    let rest = &source[at..];
    let first = rest.as_bytes()[0];
    let found = |kind, len| Ok((kind, at..at + len));
    let refuse = |len: usize, message: &str, help: &str| {
        Err(ConditionError::new(
            at..source.ceil_char_boundary((at + len).min(source.len())),
            message,
            "not part of conditions",
            help,
        ))
    };
    for (operator, kind) in OPERATORS {
        if rest.starts_with(operator) {
            return found(*kind, operator.len());
        }
    }
    match first {
        b'-' if before.is_some_and(|token| ends_operand(source, token)) => found(Kind::Binary, 1),
        b'-' | b'!' => {
            if before.is_some_and(|token| token.kind == Kind::Prefix) {
                return refuse(1, "two signs in a row", "write one, or none");
            }
            found(Kind::Prefix, 1)
        }
        b'.' if rest.as_bytes().get(1).is_some_and(u8::is_ascii_digit) => {
            refuse(2, "fractions are not available", "facts count in ints")
        }
        b'.' => found(Kind::Dot, 1),
        b'\'' | b'"' => string(source, at, 0),
        b'r' if rest[1..].starts_with(['\'', '"']) => string(source, at, 1),
        b'0'..=b'9' => number(source, at),
        b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
            let len = name_len(rest);
            if rest[len..].starts_with(['\'', '"']) {
                let help = "write 'text', or r'text' where backslashes are to stay";
                return refuse(len, "unknown prefix of a string", help);
            }
            match &rest[..len] {
                "in" => found(Kind::Binary, len),
                _ => found(Kind::Name, len),
            }
        }
        b'=' => refuse(1, "'=' does not compare", "write '=='"),
        b'&' => refuse(1, "'&' does not join conditions", "write '&&'"),
        b'|' => refuse(1, "'|' does not join conditions", "write '||'"),
        b'?' | b':' => refuse(
            1,
            "the conditional operator is not available",
            "write it with '&&' and '||'",
        ),
        b'{' | b'}' => refuse(
            1,
            "maps are not available",
            "compare with a list: ['a', 'b']",
        ),
        b'/' | b'%' => refuse(
            1,
            "division is not available",
            "multiply the other side: + - * are there",
        ),
        _ => refuse(
            1,
            "unexpected character",
            "text stands between quotes: 'text'",
        ),
    }
}

const OPERATORS: &[(&str, Kind)] = &[
    ("&&", Kind::Separator),
    ("||", Kind::Separator),
    (",", Kind::Separator),
    ("==", Kind::Binary),
    ("!=", Kind::Binary),
    ("<=", Kind::Binary),
    (">=", Kind::Binary),
    ("<", Kind::Binary),
    (">", Kind::Binary),
    ("+", Kind::Binary),
    ("*", Kind::Binary),
    ("(", Kind::Open),
    ("[", Kind::Open),
    (")", Kind::Close),
    ("]", Kind::Close),
];

/// Whether a minus after this word subtracts.
fn ends_operand(source: &str, token: &Token) -> bool {
    match token.kind {
        Kind::Name | Kind::String | Kind::Number | Kind::Close => true,
        _ => source[token.span.clone()].is_empty(),
    }
}

/// A string between single or double quotes, after a prefix of `prefix` bytes.
///
/// Only escapes that every reader knows are let through: where this lexer and
/// the parser's disagreed on the end of a string, the limits would not hold.
fn string(source: &str, at: usize, prefix: usize) -> Result<(Kind, Range<usize>), ConditionError> {
    let raw = prefix > 0;
    let body = &source[at + prefix..];
    let quote = body.as_bytes()[0];
    let error = |span: Range<usize>, message: &str, help: &str| {
        Err(ConditionError::new(span, message, "in this string", help))
    };
    if body.len() > 2 && body.bytes().take(3).all(|byte| byte == quote) {
        let help = "write one quote on either side";
        return error(at..at + prefix + 3, "triple quotes are not available", help);
    }
    let mut bytes = body.bytes().enumerate().skip(1);
    while let Some((offset, byte)) = bytes.next() {
        let here = at + prefix + offset;
        match byte {
            b'\n' | b'\r' => break,
            b'\\' if !raw => match bytes.next() {
                Some((_, b'\\' | b'\'' | b'"' | b'n' | b't')) => {}
                _ => {
                    let end = source.ceil_char_boundary((here + 2).min(source.len()));
                    let help = "write r'…' to keep backslashes, as regular expressions need";
                    return error(here..end, "unknown escape", help);
                }
            },
            byte if byte == quote => return Ok((Kind::String, at..here + 1)),
            _ => {}
        }
    }
    error(
        at..at + prefix + 1,
        "a string is not closed",
        "close it on the same line",
    )
}

fn number(source: &str, at: usize) -> Result<(Kind, Range<usize>), ConditionError> {
    let rest = &source[at..];
    let len = rest
        .bytes()
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'))
        .count();
    if rest[..len].parse::<i64>().is_err() {
        return Err(ConditionError::new(
            at..at + len,
            "not a number that conditions know",
            "not an int",
            "write digits only; facts count in ints",
        ));
    }
    Ok((Kind::Number, at..at + len))
}

fn name_len(text: &str) -> usize {
    text.bytes()
        .take_while(|b| b.is_ascii_alphanumeric() || *b == b'_')
        .count()
}

/// Blanks and `//` comments.
fn blank_len(text: &str) -> usize {
    let mut at = 0;
    loop {
        let rest = &text[at..];
        if rest.starts_with([' ', '\t', '\r', '\n']) {
            at += 1;
        } else if rest.starts_with("//") {
            at += rest.find('\n').unwrap_or(rest.len());
        } else {
            return at;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(source: &str) -> Vec<&str> {
        let tokens = scan(source).unwrap();
        tokens.into_iter().map(|t| &source[t.span]).collect()
    }

    #[test]
    fn splits_into_words() {
        assert_eq!(
            words("a.b==-1 && !(x in ['é', r'\\d\\'])// note\n||\ty>=2-1"),
            [
                "a", ".", "b", "==", "-", "1", "&&", "!", "(", "x", "in", "[", "'é'", ",",
                "r'\\d\\'", "]", ")", "||", "y", ">=", "2", "-", "1"
            ]
        );
    }

    /// The culprit and the message for what is refused.
    #[test]
    fn refuses_what_is_not_part_of_conditions() {
        for (source, culprit, message) in [
            ("a = b", "=", "'=' does not compare"),
            ("a & b", "&", "'&' does not join conditions"),
            (
                "a ? b : c",
                "?",
                "the conditional operator is not available",
            ),
            ("{'a': 1}", "{", "maps are not available"),
            ("a / 2", "/", "division is not available"),
            ("a == 1.5", "1.5", "not a number that conditions know"),
            ("a == 1u", "1u", "not a number that conditions know"),
            ("a == 0x10", "0x10", "not a number that conditions know"),
            (
                "a == 99999999999999999999",
                "99999999999999999999",
                "not a number that conditions know",
            ),
            ("a == .5", ".5", "fractions are not available"),
            ("a == b'x'", "b", "unknown prefix of a string"),
            ("a == '''x'''", "'''", "triple quotes are not available"),
            ("a == 'x", "'", "a string is not closed"),
            ("a == 'x\ny'", "'", "a string is not closed"),
            ("a == 'x\\d'", "\\d", "unknown escape"),
            ("a == é", "é", "unexpected character"),
            ("!!a", "!", "two signs in a row"),
            ("(a", "(", "a bracket is not closed"),
            ("a)", ")", "a bracket is closed that was not opened"),
            ("(a]", "]", "a bracket is closed that was not opened"),
            ("`a`", "`", "unexpected character"),
        ] {
            let error = scan(source).unwrap_err();
            assert_eq!(&source[error.span], culprit, "{source}");
            assert_eq!(error.message, message, "{source}");
        }
        assert_eq!(scan("  ").unwrap_err().message, "the condition is empty");
    }

    #[test]
    fn refuses_what_is_too_long_or_too_deep() {
        let many = vec!["a"; 20_000].join(" || ");
        assert_eq!(scan(&many).unwrap_err().span, 0..1);
        let cases = [
            "(".repeat(33),
            format!("{}a{}", "(".repeat(32), ")".repeat(32)),
            format!("{}a{}", "[".repeat(40), "]".repeat(40)),
            vec!["1"; 34].join(" + "),
            vec!["a"; 34].join("."),
            format!("a{}", ".b()".repeat(17)),
            format!("{}1{}", "(".repeat(9), ") + 1 + 1 + 1".repeat(9)),
            format!("{}1{}", "1 == 1 + 1 * (".repeat(7), ")".repeat(7)),
        ];
        for source in cases {
            let error = scan(&source).unwrap_err();
            assert!(error.message.contains("more than 32 deep"), "{source}");
        }
        let broad = vec!["a.b == 'c'"; 70].join(" || ");
        assert_eq!(scan(&broad).unwrap().len(), 70 * 5 + 69);
    }
}
