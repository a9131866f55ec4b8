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
