//! HCL, as Terraform uses it.

use std::ops::Range;

use hcl_edit::Span;
use hcl_edit::expr::{Expression, ObjectKey, Traversal, TraversalOperator};
use hcl_edit::structure::{Body, Structure};
use hcl_edit::template::{Directive, Element, Template};

use super::SyntaxError;
use super::expression::{Call, Expr, ExprKind, Loop, Property};

/// Entries that an object or a block may have: the parser compares each new one
/// with all that it knows.
const ENTRIES: usize = 5_000;

/// Keys given twice that a document may have: each is another pass over it.
const REPEATED: usize = 20;

/// A block: `resource "type" "name" { … }`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// `resource`, `output`, ….
    pub kind: String,
    /// What stands between that and the brace.
    pub labels: Vec<String>,
    /// The place of the last label, else of the kind.
    pub name_span: Range<usize>,
    /// The body: an object whose entries are attributes and blocks. A block of
    /// several labels has the first as its name.
    pub body: Expr,
    /// The whole block.
    pub span: Range<usize>,
}

/// The blocks of a document.
///
/// # Errors
/// When it is no HCL, or has an object of more than five thousand entries.
pub fn parse(text: &str) -> Result<Vec<Block>, SyntaxError> {
    let body = document(text)?;
    let blocks = body.iter().filter_map(Structure::as_block);
    Ok(blocks.map(block).collect())
}

/// The attributes of a document, as of a `.tfvars` file: an object.
///
/// # Errors
/// As those of [`parse`].
pub fn parse_values(text: &str) -> Result<Expr, SyntaxError> {
    Ok(body(&document(text)?, 0..text.len()))
}

fn document(text: &str) -> Result<Body, SyntaxError> {
    if let Some(at) = crowded(text) {
        return Err(SyntaxError {
            at,
            problem: format!("more than {ENTRIES} entries in one place"),
        });
    }
    with_keys_repeated(text).map_err(|error| SyntaxError {
        at: error.location().offset(),
        problem: error.message().to_owned(),
    })
}

fn block(block: &hcl_edit::structure::Block) -> Block {
    let name_span = match block.labels.last() {
        Some(label) => label.span(),
        None => block.ident.span(),
    };
    let span = block.span().unwrap_or_default();
    Block {
        kind: block.ident.to_string(),
        labels: block
            .labels
            .iter()
            .map(|label| label.as_str().to_owned())
            .collect(),
        name_span: name_span.unwrap_or_else(|| span.clone()),
        body: body(&block.body, span.clone()),
        span,
    }
}

/// Parses what may give a key of an object twice: Terraform takes the last, the
/// parser refuses the document. Each one repeated is renamed in place, so that
/// every span stays that of the text.
fn with_keys_repeated(text: &str) -> Result<Body, hcl_edit::parser::Error> {
    let mut parsed = hcl_edit::parser::parse_body(text);
    let mut renamed = text.to_owned();
    for number in 0..REPEATED {
        let Err(error) = &parsed else { break };
        if !error.message().contains("redefined object key") {
            break;
        }
        let at = error.location().offset();
        let Some(key) = word_at(&renamed, at) else {
            break;
        };
        let name = format!("r{number:0>width$}", width = key.len() - 1);
        if name.len() != key.len() || renamed.contains(&name) {
            break;
        }
        renamed.replace_range(key, &name);
        parsed = hcl_edit::parser::parse_body(&renamed);
    }
    parsed
}

/// The name at the place, in quotes or not.
fn word_at(text: &str, at: usize) -> Option<Range<usize>> {
    let rest = text.get(at..)?;
    let start = at + rest.len() - rest.trim_start().trim_start_matches('"').len();
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let length = text[start..].find(|c| !is_word(c))?;
    (length > 0).then_some(start..start + length)
}

/// Where braces hold more lines and commas than any that people write.
fn crowded(text: &str) -> Option<usize> {
    // The first is that of what stands in no braces.
    let mut counts = vec![0_usize];
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => counts.push(0),
            b'}' if counts.len() > 1 => {
                counts.pop();
            }
            b'\n' | b',' => {
                let inside = counts.len() > 1;
                let count = counts.last_mut()?;
                *count += 1;
                if inside && *count > ENTRIES {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

fn body(body: &Body, span: Range<usize>) -> Expr {
    let entries = body.iter().map(|structure| match structure {
        Structure::Attribute(attribute) => {
            let name_span = attribute.key.span().unwrap_or_default();
            Property {
                name: Some(attribute.key.to_string()),
                name_span,
                value: expression(&attribute.value),
            }
        }
        Structure::Block(block) => {
            let span = block.span().unwrap_or_default();
            let name_span = block.ident.span().unwrap_or_default();
            match dynamic(block) {
                Some((name, value)) => Property {
                    name: Some(name),
                    name_span,
                    value,
                },
                None => Property {
                    name: Some(block.ident.to_string()),
                    name_span,
                    value: self::body(&block.body, span),
                },
            }
        }
    });
    Expr::new(ExprKind::Object(entries.collect()), span)
}

/// `dynamic "name" { for_each = …, content { … } }`
fn dynamic(block: &hcl_edit::structure::Block) -> Option<(String, Expr)> {
    let label = block
        .labels
        .first()
        .filter(|_| block.has_ident("dynamic"))?;
    let content = block.body.get_blocks("content").next()?;
    let iterator = block.body.get_attribute("iterator");
    let item = iterator.and_then(|iterator| match &iterator.value {
        Expression::Variable(name) => Some(name.to_string()),
        _ => None,
    });
    let items = block.body.get_attribute("for_each");
    let span = block.span().unwrap_or_default();
    let parts = Loop {
        item: item.unwrap_or_else(|| label.as_str().to_owned()),
        index: None,
        items: items.map_or_else(
            || Expr::new(ExprKind::Null, span.clone()),
            |items| expression(&items.value),
        ),
        body: body(&content.body, content.span().unwrap_or_default()),
    };
    let value = Expr::new(ExprKind::Loop(Box::new(parts)), span);
    Some((label.as_str().to_owned(), value))
}

fn expression(of: &Expression) -> Expr {
    let span = of.span().unwrap_or_default();
    let kind = match of {
        Expression::Null(_) => ExprKind::Null,
        Expression::Bool(value) => ExprKind::Bool(*value.value()),
        Expression::Number(number) => number
            .value()
            .as_i64()
            .map_or(ExprKind::Null, ExprKind::Number),
        Expression::String(text) => ExprKind::Text(text.value().clone()),
        Expression::Array(items) => ExprKind::Array(items.iter().map(expression).collect()),
        Expression::Object(object) => ExprKind::Object(
            object
                .iter()
                .map(|(key, value)| {
                    let (name, name_span) = key_of(key);
                    Property {
                        name,
                        name_span,
                        value: expression(value.expr()),
                    }
                })
                .collect(),
        ),
        Expression::StringTemplate(template) => {
            ExprKind::Template(template.iter().map(element).collect())
        }
        Expression::HeredocTemplate(heredoc) => template(&heredoc.template),
        Expression::Parenthesis(inner) => return Expr::new(expression(inner.inner()).kind, span),
        Expression::Variable(name) => ExprKind::Name(name.to_string()),
        Expression::Conditional(of) => {
            ExprKind::Choice(vec![expression(&of.true_expr), expression(&of.false_expr)])
        }
        Expression::FuncCall(call) => ExprKind::Call(Box::new(Call {
            function: call.name.name.to_string(),
            target: None,
            arguments: call.args.iter().map(expression).collect(),
        })),
        Expression::Traversal(chain) => return traversal(chain, &span),
        Expression::UnaryOp(of) => ExprKind::Opaque(vec![expression(&of.expr)]),
        Expression::BinaryOp(of) => {
            ExprKind::Opaque(vec![expression(&of.lhs_expr), expression(&of.rhs_expr)])
        }
        Expression::ForExpr(of) => ExprKind::Loop(Box::new(Loop {
            item: of.intro.value_var.to_string(),
            index: None,
            items: expression(&of.intro.collection_expr),
            body: expression(&of.value_expr),
        })),
    };
    Expr::new(kind, span)
}

fn key_of(key: &ObjectKey) -> (Option<String>, Range<usize>) {
    match key {
        ObjectKey::Ident(name) => (Some(name.to_string()), name.span().unwrap_or_default()),
        ObjectKey::Expression(of) => {
            let of = expression(of);
            let name = match &of.kind {
                ExprKind::Text(text) | ExprKind::Name(text) => Some(text.clone()),
                _ => None,
            };
            (name, of.span)
        }
    }
}

fn traversal(chain: &Traversal, span: &Range<usize>) -> Expr {
    let mut of = expression(&chain.expr);
    for operator in &chain.operators {
        let end = operator.span().map_or(span.end, |span| span.end);
        let place = span.start..end;
        let any = || Expr::new(ExprKind::Null, place.clone());
        let kind = match operator.value() {
            TraversalOperator::GetAttr(name) => ExprKind::Member(Box::new(of), name.to_string()),
            TraversalOperator::Index(index) => {
                ExprKind::Index(Box::new(of), Box::new(expression(index)))
            }
            TraversalOperator::LegacyIndex(_)
            | TraversalOperator::AttrSplat(_)
            | TraversalOperator::FullSplat(_) => ExprKind::Index(Box::new(of), Box::new(any())),
        };
        of = Expr::new(kind, place);
    }
    of
}

fn template(template: &Template) -> ExprKind {
    let mut elements = template.iter();
    if let (Some(Element::Literal(text)), None) = (elements.next(), elements.next()) {
        return ExprKind::Text(text.value().clone());
    }
    ExprKind::Template(template.iter().map(element).collect())
}

fn element(of: &Element) -> Expr {
    let span = of.span().unwrap_or_default();
    let kind = match of {
        Element::Literal(text) => ExprKind::Text(text.value().clone()),
        Element::Interpolation(value) => return expression(&value.expr),
        Element::Directive(directive) => match directive.as_ref() {
            Directive::If(of) => {
                let mut ways = vec![Expr::new(template(&of.if_expr.template), span.clone())];
                if let Some(otherwise) = &of.else_expr {
                    ways.push(Expr::new(template(&otherwise.template), span.clone()));
                }
                ExprKind::Choice(ways)
            }
            Directive::For(of) => ExprKind::Loop(Box::new(Loop {
                item: of.for_expr.value_var.to_string(),
                index: None,
                items: expression(&of.for_expr.collection_expr),
                body: Expr::new(template(&of.for_expr.template), span.clone()),
            })),
        },
    };
    Expr::new(kind, span)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_blocks_with_their_places() {
        let text = r#"
locals { key = data.azurerm_function_app_host_keys.a["b"].primary_key }
output "key" {
  # why
  value     = nonsensitive("${local.key}")
  sensitive = true
}
resource "azurerm_linux_web_app" "caller" {
  site_config {}
  app_settings = merge({ "KEY" = local.key, OTHER : 1 }, var.more)
  dynamic "connection_string" {
    for_each = var.strings
    content {
      value = connection_string.value
    }
  }
}
"#;
        let blocks = parse(text).unwrap();
        let kinds: Vec<&str> = blocks.iter().map(|block| block.kind.as_str()).collect();
        assert_eq!(kinds, ["locals", "output", "resource"]);
        let key = &blocks[0].body.get("key").unwrap().value;
        assert_eq!(
            &text[key.span.clone()],
            "data.azurerm_function_app_host_keys.a[\"b\"].primary_key"
        );
        assert_eq!(blocks[1].labels, ["key"]);
        assert_eq!(&text[blocks[1].name_span.clone()], "\"key\"");
        assert_eq!(
            blocks[1].body.get("sensitive").unwrap().value.kind,
            ExprKind::Bool(true)
        );
        let strings = &blocks[2].body.get("connection_string").unwrap().value;
        assert!(matches!(strings.kind, ExprKind::Loop(_)));
    }

    #[test]
    fn a_key_given_twice_is_no_error_as_for_terraform() {
        let text = "locals {\n  a = {\n    key = 1\n    \"zone\" = 2\n    key = var.two\n    \"zone\" = 3\n  }\n}\noutput \"o\" {\n  value = local.a\n}\n";
        let blocks = parse(text).unwrap();
        assert_eq!(blocks.len(), 2);
        let ExprKind::Object(entries) = &blocks[0].body.get("a").unwrap().value.kind else {
            panic!("no object");
        };
        assert_eq!(entries.len(), 4);
        assert_eq!(&text[entries[2].value.span.clone()], "var.two");
        let many = "k = 1\n".repeat(1_000);
        assert!(parse(&format!("locals {{ a = {{\n{many}}} }}")).is_err());
    }

    #[test]
    fn says_where_it_cannot_go_on() {
        let text = "output \"a\" {\n  value = \n}\n";
        let error = parse(text).unwrap_err();
        assert!(error.at >= text.find('=').unwrap(), "{error:?}");
        assert!(!error.problem.is_empty());
    }

    #[test]
    fn hostile_text_takes_linear_time() {
        let many: String = (0..200_000).map(|n| format!("k{n} = 1\n")).collect();
        assert!(parse(&format!("locals {{ a = {{\n{many}}} }}")).is_err());
        let row: String = (0..200_000).map(|n| format!("k{n}=1,")).collect();
        assert!(parse(&format!("locals {{ a = {{{row}}} }}")).is_err());
        for piece in [
            "{", "[", "(", "\"${", "a {\n", "a = ", "!", "<<A\n", "%{if a}",
        ] {
            let _ = parse(&piece.repeat(20_000));
            let _ = parse(&format!("a = {}", piece.repeat(20_000)));
        }
    }
}
