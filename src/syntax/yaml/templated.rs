//! YAML that a template is made of (Helm, Jinja): `{{ … }}`, `{% … %}`, `{# … #}`.

/// The text with a filler in place of what a template engine would fill in, and
/// of the same length; none where there is nothing of that kind. A line that is
/// only that is blank. `${{ … }}` is an expression of a pipeline, and stays.
pub(super) fn masked(text: &str) -> Option<String> {
    const MARKS: [(&str, &str); 3] = [("{{", "}}"), ("{%", "%}"), ("{#", "#}")];
    let mut out = text.as_bytes().to_vec();
    let mut at = 0;
    let mut found = false;
    while let Some(open) = text[at..].find('{').map(|next| at + next) {
        at = open + 1;
        let mark = MARKS
            .iter()
            .find(|(mark, _)| text[open..].starts_with(mark));
        let Some((_, close)) = mark.filter(|_| !text[..open].ends_with('$')) else {
            continue;
        };
        // Without an end there is none for those behind it either.
        let Some(end) = text[open..].find(close).map(|end| open + end + close.len()) else {
            break;
        };
        for byte in &mut out[open..end] {
            if !matches!(byte, b'\n' | b'\r') {
                *byte = FILLER;
            }
        }
        found = true;
        at = end;
    }
    if !found {
        return None;
    }
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let masked = &mut out[start..start + line.len()];
        let stays = |(new, old): (&u8, &u8)| new == old && !old.is_ascii_whitespace();
        if !masked.iter().zip(line.as_bytes()).any(stays) {
            for byte in masked.iter_mut().filter(|byte| **byte == FILLER) {
                *byte = b' ';
            }
        }
        start += line.len();
    }
    String::from_utf8(out).ok()
}

const FILLER: u8 = b'_';

#[cfg(test)]
mod tests {
    use super::super::Yaml;
    use super::*;

    #[test]
    fn what_a_template_fills_in_is_masked() {
        let text = "{{- if .a }}\na: {{ .b }}-${{ c }}\n{% for d in e -%}\nf: |\n  {{ \"ü\" }} g\n{# h\ni #}\n";
        let masked = masked(text).unwrap();
        assert_eq!(masked.len(), text.len());
        let lines: Vec<&str> = masked.lines().map(str::trim_end).collect();
        assert_eq!(
            lines,
            [
                "",
                "a: ________-${{ c }}",
                "",
                "f: |",
                "  __________ g",
                "",
                ""
            ]
        );
        assert_eq!(super::masked("a: ${{ b }} {c} }}\n"), None);
    }

    #[test]
    fn templated_yaml_keeps_its_places() {
        let text = "{{- with .Values }}\na:\n  - {{ .b }}: c\n    run: |\n      {{ .d }} echo $x\n{{- end }}\n";
        let yaml = Yaml::parse(text).unwrap();
        let item = yaml
            .root()
            .unwrap()
            .get("a")
            .unwrap()
            .items()
            .next()
            .unwrap();
        let run = item.get("run").unwrap();
        let at = run.text().unwrap().find("echo").unwrap();
        let span = run.origin(text).unwrap().span(at..at + 4);
        assert_eq!(&text[span], "echo");
        assert!(Yaml::parse("a: [{{ b }}\n").is_err());
    }
}
