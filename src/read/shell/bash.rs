//! Bash, by its grammar. What the grammar does not understand is left out; the
//! commands around it are still commands.

use std::ops::{ControlFlow, Range};

use tree_sitter::{Node, ParseOptions, Parser};

use super::{Assign, Command, Group, LONGEST, Piece, Redirect, Statement, Stream, Word};

/// How deep statements lie in each other, at most.
const DEPTH: usize = 64;

/// How often the parser reports before it has taken too long for any script
/// that a person wrote.
const PATIENCE: usize = 20_000;

/// The statements of a script; none where the grammar cannot read it.
#[must_use]
pub fn parse(script: &str) -> Vec<Statement> {
    if script.len() > LONGEST {
        return Vec::new();
    }
    let mut parser = Parser::new();
    if parser
        .set_language(&tree_sitter_bash::LANGUAGE.into())
        .is_err()
    {
        return Vec::new();
    }
    let mut reports = 0;
    let mut progress = |_: &tree_sitter::ParseState| {
        reports += 1;
        match reports > PATIENCE {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    };
    let options = ParseOptions::new().progress_callback(&mut progress);
    let bytes = script.as_bytes();
    let mut read = |at: usize, _| bytes.get(at..).unwrap_or_default();
    let Some(tree) = parser.parse_with_options(&mut read, None, Some(options)) else {
        return Vec::new();
    };
    let reader = Reader { script };
    reader.statements(tree.root_node(), DEPTH)
}

struct Reader<'s> {
    script: &'s str,
}

impl Reader<'_> {
    fn text(&self, span: Range<usize>) -> &str {
        self.script.get(span).unwrap_or_default()
    }

    /// The statements that a node has below it.
    fn statements(&self, node: Node<'_>, depth: usize) -> Vec<Statement> {
        let mut all = Vec::new();
        let Some(depth) = depth.checked_sub(1) else {
            return all;
        };
        let mut cursor = node.walk();
        for child in node.named_children(&mut cursor) {
            self.statement(child, depth, &mut all);
        }
        all
    }

    fn statement(&self, node: Node<'_>, depth: usize, all: &mut Vec<Statement>) {
        match node.kind() {
            "command" => all.push(Statement::Command(self.command(node, depth))),
            "variable_assignment" => all.extend(self.assign(node, depth).map(Statement::Assign)),
            "declaration_command" | "variable_assignments" => {
                let mut cursor = node.walk();
                for child in node.named_children(&mut cursor) {
                    if child.kind() == "variable_assignment" {
                        all.extend(self.assign(child, depth).map(Statement::Assign));
                    }
                }
            }
            "pipeline" => all.push(Statement::Pipe(self.statements(node, depth))),
            "redirected_statement" => self.redirected(node, depth, all),
            "for_statement" | "c_style_for_statement" => all.push(self.each(node, depth)),
            "subshell" => all.push(Statement::Group(Group {
                body: self.statements(node, depth),
                subshell: true,
                ..Group::default()
            })),
            "compound_statement" | "while_statement" => all.push(Statement::Group(Group {
                body: self.statements(node, depth),
                ..Group::default()
            })),
            "function_definition" => {
                let name = node
                    .child_by_field_name("name")
                    .map(|name| name.byte_range());
                let body = node.child_by_field_name("body");
                let body = body
                    .map(|body| self.statements(body, depth))
                    .unwrap_or_default();
                if let Some(name) = name {
                    all.push(Statement::Function(self.text(name).to_owned(), body));
                }
            }
            "test_command" | "comment" | "word" | "variable_name" => {}
            // A list, a branch, a case, or what the grammar stumbled over.
            _ => all.extend(self.statements(node, depth)),
        }
    }

    fn each(&self, node: Node<'_>, depth: usize) -> Statement {
        let variable = node.child_by_field_name("variable");
        let body = node.child_by_field_name("body");
        let mut cursor = node.walk();
        let values = node.children_by_field_name("value", &mut cursor);
        let values = values.map(|value| self.word(value, depth)).collect();
        Statement::Group(Group {
            body: body
                .map(|body| self.statements(body, depth))
                .unwrap_or_default(),
            each: variable.map(|name| (self.text(name.byte_range()).to_owned(), values)),
            ..Group::default()
        })
    }

    fn command(&self, node: Node<'_>, depth: usize) -> Command {
        let mut command = Command {
            span: node.byte_range(),
            ..Command::default()
        };
        let mut cursor = node.walk();
        for child in node.named_children(&mut cursor) {
            match child.kind() {
                "command_name" => match child.named_child(0) {
                    Some(name) => command.words.push(self.word(name, depth)),
                    None => command.words.push(self.word(child, depth)),
                },
                "variable_assignment" => command.assigns.extend(self.assign(child, depth)),
                "file_redirect" | "herestring_redirect" | "heredoc_redirect" => {
                    self.redirect(child, depth, &mut command.redirects);
                }
                "comment" => {}
                _ => command.words.push(self.word(child, depth)),
            }
        }
        command
    }

    fn assign(&self, node: Node<'_>, depth: usize) -> Option<Assign> {
        let name = node.child_by_field_name("name")?;
        let value = node.child_by_field_name("value");
        Some(Assign {
            name: self.text(name.byte_range()).to_owned(),
            value: value
                .map(|value| self.word(value, depth))
                .unwrap_or_default(),
            append: self
                .text(name.end_byte()..node.end_byte())
                .starts_with("+="),
            span: node.byte_range(),
        })
    }

    /// A statement with redirections behind it.
    fn redirected(&self, node: Node<'_>, depth: usize, all: &mut Vec<Statement>) {
        let mut body = Vec::new();
        if let Some(node) = node.child_by_field_name("body") {
            self.statement(node, depth.saturating_sub(1), &mut body);
        }
        let mut redirects = Vec::new();
        let mut piped = Vec::new();
        let mut after = Vec::new();
        let mut cursor = node.walk();
        for child in node.children_by_field_name("redirect", &mut cursor) {
            self.redirect(child, depth, &mut redirects);
            if child.kind() == "heredoc_redirect" {
                self.behind_heredoc(child, depth, &mut piped, &mut after);
            }
        }
        match body.pop() {
            Some(Statement::Command(mut command)) => {
                command.redirects.extend(redirects);
                body.push(Statement::Command(command));
            }
            Some(Statement::Group(mut group)) => {
                group.redirects.extend(redirects);
                body.push(Statement::Group(group));
            }
            Some(Statement::Pipe(mut stages)) => {
                // The streams are those of the last stage.
                match stages.last_mut() {
                    Some(Statement::Command(last)) => last.redirects.extend(redirects),
                    Some(Statement::Group(last)) => last.redirects.extend(redirects),
                    _ => {}
                }
                body.push(Statement::Pipe(stages));
            }
            Some(other) => body.push(other),
            None => {}
        }
        if !piped.is_empty()
            && let Some(first) = body.pop()
        {
            piped.insert(0, first);
            body.push(Statement::Pipe(piped));
        }
        all.extend(body);
        all.extend(after);
    }

    /// What stands on the line of a here-document behind its mark.
    fn behind_heredoc(
        &self,
        node: Node<'_>,
        depth: usize,
        piped: &mut Vec<Statement>,
        after: &mut Vec<Statement>,
    ) {
        let mut cursor = node.walk();
        for child in node.named_children(&mut cursor) {
            match child.kind() {
                "pipeline" => piped.extend(self.statements(child, depth)),
                "command"
                | "list"
                | "redirected_statement"
                | "compound_statement"
                | "variable_assignment" => self.statement(child, depth, after),
                _ => {}
            }
        }
    }

    fn redirect(&self, node: Node<'_>, depth: usize, all: &mut Vec<Redirect>) {
        match node.kind() {
            "herestring_redirect" => {
                let text = node.named_child(0);
                all.extend(text.map(|text| Redirect {
                    stream: Stream::Here,
                    target: self.word(text, depth),
                }));
            }
            "heredoc_redirect" => {
                let mut cursor = node.walk();
                let mut raw = false;
                for child in node.named_children(&mut cursor) {
                    match child.kind() {
                        "heredoc_start" => {
                            let mark = self.text(child.byte_range());
                            raw = mark.contains(['\'', '"', '\\']);
                        }
                        "heredoc_body" => {
                            let span = child.byte_range();
                            let target = match raw {
                                true => Word {
                                    pieces: vec![Piece::Text(self.text(span.clone()).to_owned())],
                                    span,
                                },
                                false => self.word(child, depth),
                            };
                            all.push(Redirect {
                                stream: Stream::Here,
                                target,
                            });
                        }
                        "file_redirect" => self.redirect(child, depth, all),
                        _ => {}
                    }
                }
            }
            _ => {
                let Some(target) = node.child_by_field_name("destination") else {
                    return;
                };
                let before = self.text(node.start_byte()..target.start_byte()).trim();
                let (stream, duplicates) = stream(before);
                let mut word = self.word(target, depth);
                if duplicates {
                    word.pieces.insert(0, Piece::Text("&".to_owned()));
                }
                all.push(Redirect {
                    stream,
                    target: word,
                });
            }
        }
    }

    fn word(&self, node: Node<'_>, depth: usize) -> Word {
        let mut pieces = Vec::new();
        self.pieces(node, depth, &mut pieces);
        Word {
            pieces,
            span: node.byte_range(),
        }
    }

    fn pieces(&self, node: Node<'_>, depth: usize, all: &mut Vec<Piece>) {
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
            "concatenation" | "heredoc_body" | "array" => {
                self.between(node, node.byte_range(), depth, all);
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

/// Which stream an operator redirects, and whether to another stream.
fn stream(operator: &str) -> (Stream, bool) {
    let number = operator.trim_end_matches(['<', '>', '&', '|']);
    let operator = &operator[number.len()..];
    let stream = match (number, operator) {
        (_, "<" | "<&") => Stream::Input,
        ("2", _) => Stream::Errors,
        ("" | "1", ">>") => Stream::Append,
        (_, "&>" | "&>>") => Stream::Both,
        _ => Stream::Output,
    };
    (stream, operator.ends_with('&'))
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

fn push(all: &mut Vec<Piece>, text: &str) {
    if text.is_empty() {
        return;
    }
    match all.last_mut() {
        Some(Piece::Text(before)) => before.push_str(text),
        _ => all.push(Piece::Text(text.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The statements, one a line, as a reader would say them.
    fn said(script: &str) -> Vec<String> {
        parse(script).iter().map(say).collect()
    }

    fn say(statement: &Statement) -> String {
        match statement {
            Statement::Command(command) => {
                let words = command.words.iter().map(word);
                let redirects = command.redirects.iter();
                let redirects = redirects.map(|r| format!("{:?}:{}", r.stream, word(&r.target)));
                words.chain(redirects).collect::<Vec<_>>().join(" ")
            }
            Statement::Pipe(stages) => stages.iter().map(say).collect::<Vec<_>>().join(" | "),
            Statement::Assign(assign) => format!("{} := {}", assign.name, word(&assign.value)),
            Statement::Group(group) => {
                let body: Vec<_> = group.body.iter().map(say).collect();
                let redirects = group.redirects.iter();
                let redirects = redirects.map(|r| format!(" {:?}:{}", r.stream, word(&r.target)));
                format!("{{{}}}{}", body.join("; "), redirects.collect::<String>())
            }
            Statement::Function(name, body) => {
                let body: Vec<_> = body.iter().map(say).collect();
                format!("{name}() {{{}}}", body.join("; "))
            }
        }
    }

    fn word(word: &Word) -> String {
        word.pieces.iter().map(piece).collect()
    }

    fn piece(piece: &Piece) -> String {
        match piece {
            Piece::Text(text) => text.replace('\n', "⏎"),
            Piece::Variable(name) => format!("⟨{name}⟩"),
            Piece::Part(name) => format!("⟨part of {name}⟩"),
            Piece::Default(name, other) => format!("⟨{name} or {}⟩", word(other)),
            Piece::Output(body) => {
                format!("⟨{}⟩", body.iter().map(say).collect::<Vec<_>>().join("; "))
            }
            _ => "⟨?⟩".to_owned(),
        }
    }

    #[test]
    fn words_and_streams() {
        for (script, expected) in [
            ("a b 'c d' \"e $F ${G}\"", "a b c d e ⟨F⟩ ⟨G⟩"),
            ("a \\\n  b", "a b"),
            ("a > f 2>&1", "a Output:f Errors:&1"),
            ("a 2>/dev/null", "a Errors:/dev/null"),
            ("a >> \"$F\"", "a Append:⟨F⟩"),
            ("a &> f", "a Both:f"),
            ("a >&2", "a Output:&2"),
            ("a <<< \"$K\"", "a Here:⟨K⟩"),
            ("a < f", "a Input:f"),
            ("a | b | c > f", "a | b | c Output:f"),
            ("cat <<E >> \"$F\"\nx=$K\nE\n", "cat Append:⟨F⟩ Here:x=⟨K⟩⏎"),
            ("cat <<'E' | b\n$K\nE\n", "cat Here:$K⏎ | b"),
            ("{ a; b; } > f", "{a; b} Output:f"),
            ("K=$(a b | c)", "K := ⟨a b | c⟩"),
            ("K=`a b`", "K := ⟨a b⟩"),
            ("export K=\"$(a)\"", "K := ⟨a⟩"),
            ("echo ${K:0:4}", "echo ⟨part of K⟩"),
            ("echo ${#K}", "echo 0"),
            ("echo ${K:+set}", "echo set"),
            ("echo ${K:-x}", "echo ⟨K or x⟩"),
            ("echo ${K%$'\\r'}", "echo ⟨K⟩"),
            ("a=1 b c", "b c"),
            ("f() { echo \"$1\"; }", "f() {echo ⟨1⟩}"),
            ("K=$(<f)", "K := ⟨cat Input:f⟩"),
        ] {
            assert_eq!(said(script), [expected], "{script}");
        }
    }

    #[test]
    fn what_stands_in_branches_and_loops_is_read() {
        let script = "if a; then b; elif c; then d; else e; fi\nfor x in 1 2; do f $x; done\n\
                      while g; do h; done\ncase $y in 1) i;; *) j;; esac\nk && l || m\n( n )\n! o\n";
        let said = said(script).join("; ");
        for name in 'a'..='o' {
            assert!(said.contains(name), "{name} in {said}");
        }
    }

    #[test]
    fn what_is_broken_costs_itself() {
        let said = said("a b\nif [ x ; then\necho (\nc d\n").join("; ");
        assert!(said.contains("a b"), "{said}");
        let deep = "$(".repeat(5_000);
        assert!(parse(&deep).len() < 10);
        let _ = parse(&"(".repeat(5_000));
        let _ = parse(&"if ".repeat(5_000));
    }

    #[test]
    fn places_are_those_of_the_script() {
        let script = "x\n  echo \"$K\"";
        let statements = parse(script);
        let Statement::Command(command) = &statements[1] else {
            panic!("{statements:?}")
        };
        assert_eq!(&script[command.span.clone()], "echo \"$K\"");
        assert_eq!(&script[command.words[1].span.clone()], "\"$K\"");
    }
}
