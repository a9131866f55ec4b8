//! Words of Bash: their pieces.

use std::ops::Range;

use tree_sitter::Node;

use super::super::{Command, Piece, Statement, Word};
use super::Reader;

impl Reader<'_> {
    pub(super) fn word(&self, node: Node<'_>, depth: usize) -> Word {
        let mut pieces = Vec::new();
        self.pieces(node, depth, &mut pieces);
        Word {
            pieces,
            span: node.byte_range(),
        }
    }

    pub(super) fn pieces(&self, node: Node<'_>, depth: usize, all: &mut Vec<Piece>) {
        let Some(depth) = depth.checked_sub(1) else {
            all.push(Piece::Unknown);
            return;
        };
        let text = self.text(node.byte_range());
        match node.kind() {
            "word"
            | "number"
            | "string_content"
            | "heredoc_content"
            | "test_operator"
            | "extglob_pattern"
            | "variable_name"
            | "special_variable_name" => {
                match node.kind() == "word" && node.named_child_count() > 0 {
                    true => self.between(node, node.byte_range(), depth, all),
                    false => push(all, &unescape(text, node.kind() == "word")),
                }
            }
            "raw_string" => push(all, text.trim_matches('\'')),
            "ansi_c_string" => push(all, text.trim_start_matches('$').trim_matches('\'')),
            "string" | "translated_string" => {
                let start = text.find('"').map_or(0, |at| at + 1);
                let end = text.rfind('"').unwrap_or(text.len()).max(start);
                let span = node.start_byte() + start..node.start_byte() + end;
                self.between(node, span, depth, all);
            }
            "concatenation" | "heredoc_body" => {
                self.between(node, node.byte_range(), depth, all);
            }
            // Its items are words; the parentheses are not.
            "array" => {
                let span = node.start_byte() + 1..node.end_byte().max(node.start_byte() + 2) - 1;
                self.between(node, span, depth, all);
            }
            "simple_expansion" => {
                let name = text.trim().trim_start_matches('$').to_owned();
                all.push(Piece::Variable(name));
            }
            "expansion" => all.push(self.expansion(node, depth)),
            "command_substitution" => all.push(Piece::Output(self.substitution(node, depth))),
            "process_substitution" => all.push(Piece::Output(self.statements(node, depth))),
            _ => all.push(Piece::Unknown),
        }
    }

    /// The pieces of a node, and the text between its children.
    fn between(&self, node: Node<'_>, span: Range<usize>, depth: usize, all: &mut Vec<Piece>) {
        let quoted = node.kind() != "concatenation";
        let mut at = span.start;
        let mut cursor = node.walk();
        for child in node.named_children(&mut cursor) {
            if child.start_byte() < at || child.end_byte() > span.end {
                continue;
            }
            // The grammar counts blanks before an expansion to it.
            let blanks = self.text(child.byte_range());
            let blanks = blanks.len() - blanks.trim_start_matches([' ', '\t']).len();
            let text = at..child.start_byte() + blanks;
            push(all, &unescape(self.text(text), !quoted));
            self.pieces(child, depth, all);
            at = child.end_byte();
        }
        push(all, &unescape(self.text(at..span.end), !quoted));
    }

    /// `$(<file)` is the file's content.
    fn substitution(&self, node: Node<'_>, depth: usize) -> Vec<Statement> {
        let mut redirects = Vec::new();
        let mut cursor = node.walk();
        for child in node.named_children(&mut cursor) {
            if child.kind() == "file_redirect" {
                self.redirect(child, depth, &mut redirects);
            }
        }
        if redirects.is_empty() {
            return self.statements(node, depth);
        }
        let cat = Word {
            pieces: vec![Piece::Text("cat".to_owned())],
            span: node.byte_range(),
        };
        vec![Statement::Command(Command {
            words: vec![cat],
            redirects,
            span: node.byte_range(),
            ..Command::default()
        })]
    }

    /// `${…}`: whole, a part, or another word where there is none.
    fn expansion(&self, node: Node<'_>, depth: usize) -> Piece {
        let mut cursor = node.walk();
        let name = node.named_children(&mut cursor).find(|child| {
            matches!(
                child.kind(),
                "variable_name" | "special_variable_name" | "subscript"
            )
        });
        let text = self.text(node.byte_range()).trim();
        let Some(name) = name else {
            return Piece::Unknown;
        };
        let inner = text.trim_start_matches("${").trim_end_matches('}');
        let name_text = self.text(name.byte_range()).to_owned();
        if inner.starts_with('#') {
            return Piece::Text("0".to_owned());
        }
        let behind = self.text(name.end_byte()..node.end_byte() - 1).to_owned();
        let alternative = || {
            let mut cursor = node.walk();
            let rest = node.named_children(&mut cursor);
            let rest = rest.filter(|child| child.start_byte() >= name.end_byte());
            let mut pieces = Vec::new();
            for child in rest {
                self.pieces(child, depth, &mut pieces);
            }
            Word {
                pieces,
                span: node.byte_range(),
            }
        };
        match behind.as_str() {
            "" if inner.starts_with('!') => Piece::Unknown,
            "" | "@Q" => Piece::Variable(name_text),
            b if b.starts_with(":-") || b.starts_with(":=") => {
                Piece::Default(name_text, alternative())
            }
            b if b.starts_with(":?") || b.starts_with('?') => Piece::Variable(name_text),
            b if b.starts_with(":+") || b.starts_with('+') => {
                let word = alternative();
                match word.text() {
                    Some(text) => Piece::Text(text),
                    None => Piece::Unknown,
                }
            }
            b if b.starts_with('-') || b.starts_with('=') => {
                Piece::Default(name_text, alternative())
            }
            // Line ends and blanks are cut off, not the key.
            b if (b.starts_with('%') || b.starts_with("//")) && is_trimming(b) => {
                Piece::Variable(name_text)
            }
            _ => Piece::Part(name_text),
        }
    }
}

/// `%$'\r'`, `//[[:space:]]/` and their kin.
fn is_trimming(behind: &str) -> bool {
    let rest = behind.trim_start_matches(['%', '/']).trim_end_matches('/');
    let blank = [
        "$'\\r'",
        "$'\\n'",
        "[[:space:]]",
        "\" \"",
        "\\\"",
        "'\"'",
        "\"'\"",
    ];
    rest.is_empty() || blank.contains(&rest)
}

/// Text without the backslashes that a shell takes out.
fn unescape(text: &str, bare: bool) -> String {
    if !text.contains('\\') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('\\', Some('\n')) => {
                chars.next();
            }
            ('\\', Some(next)) if bare || matches!(next, '"' | '$' | '`' | '\\') => {
                out.push(*next);
                chars.next();
            }
            _ => out.push(c),
        }
    }
    out
}

pub(super) fn push(all: &mut Vec<Piece>, text: &str) {
    if text.is_empty() {
        return;
    }
    match all.last_mut() {
        Some(Piece::Text(before)) => before.push_str(text),
        _ => all.push(Piece::Text(text.to_owned())),
    }
}
