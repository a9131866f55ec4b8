//! Scripts that a command runs.

use std::sync::Arc;

use super::super::super::structured::Source;
use super::super::value::{Place, clean, is_known, leading_unknown, with_holes};
use super::super::world::What;
use super::arguments::Argument;
use super::check::says_check;
use super::word::is_hole;
use super::{Chunk, DEPTH, HOLE, Machine, Script, Shell};
use crate::syntax::yaml::{Origin, Style};

impl Machine<'_> {
    /// Whether a word is the path of a script in the repository.
    pub(super) fn calls_script(&mut self, name: &str) -> bool {
        let lower = name.to_ascii_lowercase();
        let extension = [".sh", ".bash", ".ps1"]
            .iter()
            .any(|end| lower.ends_with(end));
        extension || name.starts_with("./") || name.contains('/') && self.is_shell_script(name)
    }

    /// `bin/rotate`, whose first line names a shell.
    fn is_shell_script(&mut self, name: &str) -> bool {
        self.look_up(name).is_some_and(|source| {
            interpreter(&source.text).is_some_and(|name| is_shell(name) || name == "pwsh")
        })
    }

    /// `bash x.sh`, `bash -c '…'`, `. ./x.sh`.
    pub(super) fn shell(&mut self, name: &str, words: &[Argument], place: &Place) -> Vec<Chunk> {
        let powershell = matches!(name, "pwsh" | "powershell");
        let shell = if powershell {
            Shell::Power
        } else {
            Shell::Bash
        };
        let outer = self.trace;
        let mut rest = words;
        while let Some(((word, _), tail)) = rest.split_first() {
            let lower = word.to_ascii_lowercase();
            match lower.as_str() {
                "-c" | "-command" | "-lc" | "-ec" | "-exc" | "-xc" | "-euc" | "-euxc" => {
                    self.trace |= lower.contains('x') && !powershell;
                    let Some((text, at)) = tail.first() else {
                        return Vec::new();
                    };
                    return self.nested(shell, text, at, outer);
                }
                "-file" | "-f" if powershell => rest = tail,
                "-x" if !powershell => {
                    self.trace = true;
                    rest = tail;
                }
                _ if name == "eval" => {
                    let text: Vec<&str> = rest.iter().map(|(word, _)| word.as_str()).collect();
                    return self.nested(shell, &text.join(" "), place, outer);
                }
                _ if word.starts_with('-') => {
                    self.trace |= !powershell && word.contains('x') && !word.starts_with("--");
                    rest = tail;
                }
                _ => {
                    let sourced = matches!(name, "." | "source");
                    let chunks = self.script(word, tail, place, sourced);
                    if !sourced {
                        self.trace = outer;
                    }
                    return chunks;
                }
            }
        }
        self.trace = outer;
        Vec::new()
    }

    fn nested(&mut self, shell: Shell, text: &str, at: &Place, trace: bool) -> Vec<Chunk> {
        if self.depth >= DEPTH {
            return Vec::new();
        }
        self.depth += 1;
        let script = self.inner(text, at);
        let chunks = self.follow(shell, script);
        self.depth -= 1;
        self.trace = trace;
        chunks
    }

    /// A script within a script: `bash -c '…'`.
    pub(super) fn inner(&self, text: &str, place: &Place) -> Script {
        let (text, holes) = with_holes(text, HOLE);
        let span = place.span.clone();
        let lines = Origin::of_lines(&place.source.text, span.clone(), &text, |line| {
            line.split(is_hole).next().unwrap_or_default()
        });
        Script {
            source: Arc::clone(&place.source),
            origin: lines.unwrap_or_else(|| Origin::fixed(span)),
            text,
            holes: Arc::new(holes),
            style: None,
        }
    }

    /// A script of the repository, with its arguments.
    pub(super) fn script(
        &mut self,
        name: &str,
        words: &[Argument],
        place: &Place,
        sourced: bool,
    ) -> Vec<Chunk> {
        let found = self.look_up(name);
        let (Some(source), true) = (found, self.depth < DEPTH) else {
            let mut all = vec![(name.to_owned(), place.clone())];
            all.extend(words.iter().cloned());
            let what = if says_check(&all) {
                What::Check
            } else {
                What::Unknown
            };
            self.world.event(what, None, place);
            return Vec::new();
        };
        self.depth += 1;
        let shell = match interpreter(&source.text) {
            _ if source.path.ends_with(".ps1") => Shell::Power,
            Some("pwsh") => Shell::Power,
            Some(name) if !is_shell(name) => Shell::Other,
            _ => Shell::Bash,
        };
        if says_check(&[(name.to_owned(), place.clone())]) {
            self.world.event(What::Check, None, place);
        }
        let (trace, directory) = (self.trace, self.directory.clone());
        self.trace = shell == Shell::Bash && first_line(&source.text).contains("sh -x");
        // What a script sets is its own, unless it is sourced.
        let outer = match sourced {
            true => None,
            false => Some((self.copied_variables(), std::mem::take(&mut self.functions))),
        };
        let bound = self.bind(words);
        if shell == Shell::Power {
            self.bind_parameters(words);
        }
        let script = Script {
            origin: Origin::plain(0..source.text.len()),
            text: clean(&source.text),
            holes: Arc::default(),
            style: Some(Style::Literal),
            source,
        };
        let chunks = self.follow(shell, script);
        self.unbind(bound);
        if let Some((vars, functions)) = outer {
            (self.vars, self.functions) = (vars, functions);
            self.directory = directory;
        }
        self.trace = trace;
        self.depth -= 1;
        chunks
    }

    /// `-Name value` for the parameters of a script of PowerShell.
    pub(in super::super) fn bind_parameters(&mut self, words: &[Argument]) {
        for pair in words.windows(2) {
            if let Some(name) = pair[0].0.strip_prefix('-') {
                // Names have no case there.
                let name = name.to_ascii_lowercase();
                self.vars.insert(name, pair[1].0.clone());
            }
        }
    }

    /// Goes on in another directory of the repository; where it is not known
    /// which, scripts are looked for where they were.
    pub(super) fn enter(&mut self, to: &str) {
        let (from, to) = match leading_unknown(to) {
            Some((_, rest)) => ("", rest.trim_start_matches('/')),
            None => (self.directory.as_str(), to),
        };
        let inside = is_known(to) && !to.starts_with('/');
        if let Some(directory) = join("", from, to).filter(|_| inside) {
            self.directory = directory;
        }
    }

    /// The document that a path in a script means.
    pub(super) fn look_up(&mut self, name: &str) -> Option<Arc<Source>> {
        let (directory, rest, beside) = match leading_unknown(name) {
            // `$PSScriptRoot/…`, `$(dirname "$0")/…`
            Some((_, rest)) => {
                let own = &self.here().source.path;
                let beside = crate::project::parent(own).to_owned();
                (String::new(), rest.trim_start_matches('/'), Some(beside))
            }
            None => (self.directory.clone(), name, None),
        };
        if rest.starts_with('/') || !is_known(rest) {
            return None;
        }
        let beside = beside.and_then(|beside| join(&beside, "", rest));
        // A pipeline below the root of its repository may run in that root,
        // which nobody but its service knows.
        let roots = std::iter::successors(Some(self.root.as_str()), |root| {
            (!root.is_empty()).then(|| crate::project::parent(root))
        });
        let found = roots
            .flat_map(|root| [(root, directory.as_str()), (root, "")])
            .filter_map(|(root, directory)| join(root, directory, rest))
            .chain(beside)
            .find_map(|path| self.around.source(&path));
        if let Some(source) = &found {
            self.world.called.insert(source.path.clone());
        }
        found
    }
}

/// A path below a root; none where it leads out of it.
pub(in super::super) fn join(root: &str, directory: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in directory.split('/').chain(path.split(['/', '\\'])) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    let below = parts.join("/");
    Some(crate::project::join(root, &below))
}

/// The program that the first line of a script names.
fn interpreter(text: &str) -> Option<&str> {
    let named = first_line(text).strip_prefix("#!")?;
    let mut words = named.split_whitespace().map(|word| {
        let name = word.rsplit('/').next();
        name.unwrap_or(word)
    });
    match words.next()? {
        "env" => words.find(|word| !word.starts_with('-')),
        first => Some(first),
    }
}

fn is_shell(name: &str) -> bool {
    matches!(name, "sh" | "bash" | "dash" | "zsh" | "ksh" | "ash")
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}
