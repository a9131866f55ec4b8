//! Bash, by its grammar. What the grammar does not understand is left out; the
//! commands around it are still commands.

mod word;

use std::ops::{ControlFlow, Range};

use tree_sitter::{Node, ParseOptions, Parser};

use super::{Assign, Command, Group, LONGEST, Piece, Redirect, Statement, Stream, Word};

/// How deep statements lie in each other, at most.
const DEPTH: usize = 64;

/// Bytes for which the parser may report once: what a person wrote takes it
/// half as long.
const PATIENCE: usize = 20;

/// Here-documents times bytes that are parsed: each of them is looked for to
/// the end of the script.
const HERE: usize = 64 * 1024 * 1024;

/// The statements of a script; none where the grammar cannot read it.
#[must_use]
pub fn parse(script: &str) -> Vec<Statement> {
    let here = memchr::memmem::find_iter(script.as_bytes(), "<<").count();
    if script.len() > LONGEST || here.saturating_mul(script.len()) > HERE {
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
        match reports > 200 + script.len() / PATIENCE {
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
                let (mut stream, duplicates) = stream(before);
                // `< <(…)`: what it writes, and no name of a file.
                if target.kind() == "process_substitution" && stream == Stream::Input {
                    stream = Stream::Here;
                }
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

#[cfg(test)]
mod tests;
