//! Several statements with one output: subshells, branches, loops.

use super::super::super::shell::{Group, Stream};
use super::super::value::{Value, is_known, keys, unknown};
use super::{Chunk, Machine};

impl Machine<'_> {
    pub(super) fn group(&mut self, group: &Group, input: &[Chunk]) -> Vec<Chunk> {
        let kept = group
            .subshell
            .then(|| (self.copied_variables(), self.trace, self.directory.clone()));
        if let Some((name, values)) = &group.each {
            let values: Vec<Value> = values.iter().map(|value| self.word(value)).collect();
            let value = match values.as_slice() {
                [one] if is_known(one) && !one.contains(char::is_whitespace) => one.clone(),
                // A key in a loop is one of these.
                _ => match values.iter().find(|value| keys(value).next().is_some()) {
                    Some(with_key) => with_key.clone(),
                    None => {
                        let texts = values.iter().flat_map(|value| value.split_whitespace());
                        let name = format!("each {name}");
                        let texts = texts.map(str::to_owned).collect();
                        self.world.several.insert(name.clone(), texts);
                        unknown(&name)
                    }
                },
            };
            self.vars.insert(name.clone(), value);
        }
        let here = self.here_text(&group.redirects);
        let input = if here.is_empty() { input } else { &here };
        let captured = group.redirects.iter().any(|redirect| {
            matches!(
                redirect.stream,
                Stream::Output | Stream::Append | Stream::Both
            )
        });
        self.captured += usize::from(captured);
        let chunks = self.body(&group.body, input);
        self.captured -= usize::from(captured);
        if let Some((vars, trace, directory)) = kept {
            self.vars = vars;
            self.trace = trace;
            self.directory = directory;
        }
        self.redirect(chunks, &group.redirects)
    }
}
