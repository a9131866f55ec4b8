use super::*;

fn shown(text: &str, language: Language) -> String {
    let source = Source::new(text, language);
    let shown = source.tokens.iter().map(|token| match &token.kind {
        Kind::Word => source.text[token.span.clone()].to_owned(),
        Kind::Punct(punct) => char::from(*punct).to_string(),
        Kind::Directive => "#".to_owned(),
        Kind::Text { inner, holes } => {
            let holes: Vec<&str> = holes.iter().map(|hole| &text[hole.clone()]).collect();
            format!("«{}|{}»", &text[inner.clone()], holes.join("|"))
        }
    });
    shown.collect::<Vec<_>>().join(" ")
}

#[test]
fn reads_the_strings_of_each_language() {
    use Language::*;
    for (language, text, expected) in [
        (
            CSharp,
            r#"a("x\"y", 'c', b)"#,
            r#"a ( «x\"y|» , «c|» , b )"#,
        ),
        (CSharp, r#"@"C:\" + x"#, r"«C:\|» + x"),
        (
            CSharp,
            r#"$"{u}/api?code={k["a"]}&x={{y}}""#,
            r#"«{u}/api?code={k["a"]}&x={{y}}|u|k["a"]»"#,
        ),
        (CSharp, "$@\"a\"\"{b}\nc\"", "«a\"\"{b}\nc|b»"),
        (CSharp, "\"\"\"a \"b\" c\"\"\" d", "«a \"b\" c|» d"),
        (CSharp, "$$\"\"\"{a} {{b}}\"\"\"", "«{a} {{b}}|b»"),
        (CSharp, "x /* \" */ y // '\nz", "x y z"),
        (
            FSharp,
            "let f (x: 'a) = 'b' (* \" *)",
            "let f ( x : ' a ) = «b|»",
        ),
        (
            Java,
            "\"\"\"\n a \"b\"\n\"\"\" + \"${k}$n\"",
            "«\n a \"b\"\n|» + «${k}$n|k|n»",
        ),
        (
            JavaScript,
            "`${u}?code=${f(`a`)}` + '\\''",
            "«${u}?code=${f(`a`)}|u|f(`a`)» + «\\'|»",
        ),
        (JavaScript, "x = /[/'\"]/g; y / 2", "x = g ; y / 2"),
        (JavaScript, "don't\nstop", "don «t|» stop"),
        (
            Python,
            "f'{u}{{x}}' r\"\\\" '''a\n'b'''# c",
            "«{u}{{x}}|u» «\\\" '''a|» «b|» «|»",
        ),
        (
            Python,
            "f\"\"\"{a!r:>{w}}\"\"\" b",
            "«{a!r:>{w}}|a!r:>{w}» b",
        ),
        (
            PowerShell,
            "\"$b/x?code=$($k.v)&y=${z}`\"\" 'a''$b' # c",
            "«$b/x?code=$($k.v)&y=${z}`\"|b|$k.v|z» «a''$b|»",
        ),
        (
            PowerShell,
            "@\"\na\"b $env:K\n\"@ $x <# \" #> y",
            "«\na\"b $env:K\n|env:K» $x y",
        ),
    ] {
        assert_eq!(shown(text, language), expected, "{text}");
    }
}

#[test]
fn leaves_out_what_only_a_debug_build_has() {
    let text = "#if DEBUG\na\n#else\nb\n#endif\n# if !DEBUG\nc\n#else\nd\n#endif\n#region x\n#if NET8\ne\n#else\nf\n#endif";
    assert_eq!(shown(text, Language::CSharp), "b c e f");
}

#[test]
fn finds_the_arguments_of_a_call() {
    let source = Source::new("f(a, g(b, [c, d]), { e: 1, }, x)", Language::JavaScript);
    let arguments = source.arguments(1);
    let spans = arguments
        .iter()
        .map(|tokens| &source.text[source.span(tokens)]);
    assert_eq!(
        spans.collect::<Vec<_>>(),
        ["a", "g(b, [c, d])", "{ e: 1, }", "x"]
    );
    assert!(source.arguments(0).is_empty());
    let broken = Source::new("f(a, { b c )", Language::JavaScript);
    assert_eq!(broken.close_of(1), Some(7));
}

#[test]
fn hostile_text_takes_linear_time() {
    let languages = [
        Language::CSharp,
        Language::FSharp,
        Language::Java,
        Language::JavaScript,
        Language::PowerShell,
        Language::Python,
    ];
    for piece in [
        "\"",
        "'",
        "`",
        "{",
        "${",
        "`${",
        "$\"{",
        "\\'",
        "/",
        "/*",
        "(*",
        "<#",
        "\"\"\"",
        "f'{",
        "(",
        ")",
        "@\"\n",
        "é\\é'",
        "#if DEBUG\n",
        "#endif\n",
        "$(",
        "/[",
    ] {
        let text = piece.repeat(10_000);
        for language in languages {
            Source::new(&text, language);
        }
    }
}

proptest::proptest! {
    #[test]
    fn any_text_has_tokens_in_order(text in "(?s)[a\"'`${}()@#/\\\\*\n é=]{0,60}") {
        for language in [Language::CSharp, Language::Java, Language::JavaScript, Language::PowerShell, Language::Python, Language::FSharp] {
            let source = Source::new(&text, language);
            let mut end = 0;
            for token in &source.tokens {
                assert!(token.span.start >= end && token.span.end > token.span.start);
                end = token.span.end;
                let _ = &text[token.span.clone()];
                if let Kind::Text { inner, holes } = &token.kind {
                    let _ = &text[inner.clone()];
                    for hole in holes {
                        let _ = &text[hole.clone()];
                    }
                }
            }
        }
    }
}
