//! What a command does.

use super::super::value::{Place, Value, keys, unknown};
use super::super::world::What;
use super::arguments::{Argument, Arguments};
use super::check::says_check;
use super::written::{formatted, written};
use super::{Chunk, DEPTH, Function, Machine, Shell, file_name};

/// Words before a command that change nothing that matters here.
const PREFIXES: &[&str] = &[
    "command", "env", "exec", "nice", "nohup", "sudo", "time", "builtin", "&",
];

/// Commands that do nothing with keys, and look at no caller.
const SILENT: &[&str] = &[
    "[",
    "[[",
    ":",
    "alias",
    "apt",
    "apt-get",
    "break",
    "chmod",
    "chown",
    "clear-host",
    "connect-azaccount",
    "continue",
    "cp",
    "date",
    "declare",
    "exit",
    "export",
    "false",
    "hash",
    "id",
    "if",
    "import-module",
    "install-module",
    "kill",
    "local",
    "ls",
    "mkdir",
    "mktemp",
    "mv",
    "new-item",
    "npm",
    "pip",
    "pip3",
    "pwd",
    "readonly",
    "return",
    "set-azcontext",
    "set-strictmode",
    "shift",
    "shopt",
    "sleep",
    "start-sleep",
    "test",
    "touch",
    "trap",
    "true",
    "type",
    "umask",
    "uname",
    "unset",
    "unzip",
    "wait",
    "whoami",
    "write-debug",
    "zip",
    "git",
    "param",
    "function",
    "set-variable",
    "docker",
    "seq",
];

/// The words of a request, with what comes in where `@-` stands for it.
fn filled(words: &[Argument], input: &[Chunk]) -> Vec<Argument> {
    let mut words = words.to_vec();
    let place = words
        .iter_mut()
        .find(|(word, _)| matches!(word.as_str(), "@-" | "@/dev/stdin"));
    if let Some((word, _)) = place {
        *word = input.iter().map(|chunk| chunk.text.as_str()).collect();
    }
    words
}

impl Machine<'_> {
    /// Runs a command; gives what it writes.
    pub(super) fn call(
        &mut self,
        words: &[Argument],
        place: &Place,
        input: &[Chunk],
        silent: bool,
    ) -> Vec<Chunk> {
        let words = strip(words);
        let Some(((name, program), rest)) = words.split_first() else {
            return input.to_vec();
        };
        let base = name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
        let base = base.trim_end_matches(".exe");
        if self.calls_script(name) {
            return self.script(name, rest, place, false);
        }
        if let Some(function) = self.functions.get(name.as_str()).cloned() {
            return self.function(function, rest, input);
        }
        if let Some(chunks) = self.filter(base, rest, place, input) {
            return chunks;
        }
        match base {
            "echo" | "write-output" | "write-warning" | "write-error" | "write" | "throw" => {
                vec![written(rest, place)]
            }
            // Otherwise it says nothing.
            "write-verbose" if !rest.iter().any(|(word, _)| is_verbose(word)) => Vec::new(),
            "write-host" | "write-information" | "out-host" | "out-default" | "write-verbose" => {
                let chunks = match rest.is_empty() {
                    true => input.to_vec(),
                    false => vec![written(rest, place)],
                };
                self.log(chunks);
                Vec::new()
            }
            "printf" => vec![formatted(rest, place)],
            "new-guid" => vec![Chunk {
                text: unknown("new guid"),
                place: place.clone(),
            }],
            "set" => {
                self.set_options(rest);
                Vec::new()
            }
            "cd" | "pushd" | "set-location" | "push-location" | "sl" => {
                let mut to = rest.iter().map(|(word, _)| word.as_str());
                if let Some(to) = to.rfind(|word| !word.starts_with('-')) {
                    if matches!(base, "pushd" | "push-location") {
                        self.left.push(self.directory.clone());
                    }
                    self.enter(to);
                }
                Vec::new()
            }
            "popd" | "pop-location" => {
                if let Some(left) = self.left.pop() {
                    self.directory = left;
                }
                Vec::new()
            }
            "set-psdebug" => {
                self.trace = Arguments::of(rest)
                    .value(&["-trace"])
                    .is_some_and(|level| level != "0");
                Vec::new()
            }
            "read" | "mapfile" | "readarray" => {
                let text: Value = input.iter().map(|chunk| chunk.text.as_str()).collect();
                for (word, _) in rest.iter().filter(|(word, _)| !word.starts_with('-')) {
                    self.vars.insert(word.clone(), text.clone());
                }
                Vec::new()
            }
            "az" => {
                let chunks = match rest.first() {
                    Some((word, _)) if word == "rest" => self.az(&filled(rest, input), place),
                    _ => self.az(rest, place),
                };
                self.stored_from(rest, input, place);
                chunks
            }
            "func" => self.func(rest, place),
            "curl" | "wget" | "http" | "https" | "xh" | "invoke-restmethod" | "irm"
            | "invoke-webrequest" | "iwr" => {
                self.http((base, program), &filled(rest, input), place, silent)
            }
            "gh" => {
                let stores = rest.iter().any(|(word, _)| word == "set");
                if stores {
                    let target = Arguments::of(rest).value(&["--repo", "-R"]).unwrap_or("gh");
                    let ids = rest
                        .iter()
                        .flat_map(|(word, _)| keys(word).collect::<Vec<_>>());
                    let ids: Vec<_> = ids
                        .chain(input.iter().flat_map(|c| keys(&c.text)))
                        .collect();
                    let what = What::Store(target.to_owned());
                    for id in &ids {
                        self.world.event(what.clone(), Some(*id), place);
                    }
                    if ids.is_empty() {
                        self.world.event(what, None, place);
                    }
                }
                Vec::new()
            }
            "xargs" => self.xargs(rest, place, input),
            "rm" | "remove-item" | "shred" => {
                for (word, _) in rest {
                    self.files.remove(&file_name(word));
                }
                Vec::new()
            }
            "out-file" | "set-content" | "add-content" => {
                let arguments = Arguments::of(rest);
                let path = arguments.value(&["-filepath", "-path"]);
                let first = rest
                    .iter()
                    .map(|(word, _)| word.as_str())
                    .find(|word| !word.starts_with('-'));
                let value = arguments.value(&["-value"]);
                let value = value.map(|text| Chunk {
                    text: text.to_owned(),
                    place: place.clone(),
                });
                let chunks = value.map_or_else(|| input.to_vec(), |chunk| vec![chunk]);
                match path.or(first) {
                    Some(target) => self.write(target, chunks, base != "set-content"),
                    None => Vec::new(),
                }
            }
            "bash" | "sh" | "zsh" | "dash" | "pwsh" | "powershell" | "." | "source" | "eval" => {
                self.shell(base, rest, place)
            }
            _ if SILENT.contains(&base) => Vec::new(),
            _ => {
                if let Some(chunks) = self.cmdlet(base, rest, place) {
                    return chunks;
                }
                // A value that stands alone is written: PowerShell's `$key`.
                if rest.is_empty() && keys(name).next().is_some() {
                    let text = name.clone();
                    return vec![Chunk {
                        text,
                        place: place.clone(),
                    }];
                }
                let what = match says_check(&words) {
                    true => What::Check,
                    false => What::Unknown,
                };
                self.world.event(what, None, place);
                Vec::new()
            }
        }
    }

    /// What `az … set --value @-` and its like take from a pipe.
    fn stored_from(&mut self, words: &[Argument], input: &[Chunk], place: &Place) {
        let stores = words.iter().any(|(word, _)| word == "set");
        if !stores {
            return;
        }
        let target = Arguments::of(words)
            .value(&["--vault-name", "--name", "-n"])
            .unwrap_or_default();
        for id in input
            .iter()
            .flat_map(|chunk| keys(&chunk.text))
            .collect::<Vec<_>>()
        {
            self.world
                .event(What::Store(target.to_owned()), Some(id), place);
        }
    }

    fn set_options(&mut self, words: &[Argument]) {
        let mut words = words.iter().map(|(word, _)| word.as_str());
        while let Some(word) = words.next() {
            let on = word.starts_with('-');
            if !word.starts_with(['-', '+']) {
                continue;
            }
            // `-x`, `-eux`, `-o xtrace`, `-euo xtrace`
            if word.contains('x') || word.ends_with('o') && words.next() == Some("xtrace") {
                self.trace = on;
            }
        }
    }

    /// `… | xargs COMMAND`: what comes in is its last word.
    fn xargs(&mut self, words: &[Argument], place: &Place, input: &[Chunk]) -> Vec<Chunk> {
        let text: Value = input.iter().map(|chunk| chunk.text.as_str()).collect();
        let mut mark = None;
        let mut rest = words;
        while let Some(((word, _), tail)) = rest.split_first() {
            match word.as_str() {
                "-I" => {
                    mark = tail.first().map(|(mark, _)| mark.clone());
                    rest = tail.get(1..).unwrap_or_default();
                }
                word if word.starts_with("-I") => {
                    mark = Some(word[2..].to_owned());
                    rest = tail;
                }
                "-n" | "-L" | "-P" | "-d" => rest = tail.get(1..).unwrap_or_default(),
                word if word.starts_with('-') => rest = tail,
                _ => break,
            }
        }
        if rest.is_empty() {
            return input.to_vec();
        }
        let mut call: Vec<Argument> = rest.to_vec();
        match mark {
            Some(mark) => {
                for (word, _) in &mut call {
                    *word = word.replace(&mark, &text);
                }
            }
            None => call.push((text, place.clone())),
        }
        self.call(&call, place, &[], false)
    }

    fn function(&mut self, called: Function, words: &[Argument], input: &[Chunk]) -> Vec<Chunk> {
        if self.depth >= DEPTH {
            return Vec::new();
        }
        self.depth += 1;
        let before = self.bind(words);
        if called.shell == Shell::Power {
            self.bind_parameters(words);
        }
        let script = std::mem::replace(&mut self.script, called.script);
        let shell = std::mem::replace(&mut self.shell, called.shell);
        let chunks = self.body(&called.body, input);
        (self.script, self.shell) = (script, shell);
        self.unbind(before);
        self.depth -= 1;
        chunks
    }

    pub(super) fn bind(&mut self, words: &[Argument]) -> Vec<(String, Option<Value>)> {
        let all: Vec<&str> = words.iter().map(|(word, _)| word.as_str()).collect();
        let mut bound = vec![
            ("@".to_owned(), all.join(" ")),
            ("*".to_owned(), all.join(" ")),
        ];
        for (at, word) in all.iter().enumerate().take(20) {
            bound.push(((at + 1).to_string(), (*word).to_owned()));
        }
        let keep = |(name, value): (String, Value)| {
            let before = self.vars.insert(name.clone(), value);
            (name, before)
        };
        bound.into_iter().map(keep).collect()
    }

    pub(super) fn unbind(&mut self, before: Vec<(String, Option<Value>)>) {
        for (name, value) in before {
            match value {
                Some(value) => self.vars.insert(name, value),
                None => self.vars.remove(&name),
            };
        }
    }
}

fn is_verbose(word: &str) -> bool {
    word.eq_ignore_ascii_case("-verbose")
}

/// The words behind `sudo`, `timeout 30` and their like.
fn strip(words: &[Argument]) -> Vec<Argument> {
    let mut words = words;
    while let Some(((first, _), rest)) = words.split_first() {
        match first.as_str() {
            "timeout" | "retry" => {
                let end = rest.iter().position(|(word, _)| {
                    !word.starts_with('-') && !word.starts_with(|c: char| c.is_ascii_digit())
                });
                words = &rest[end.unwrap_or(rest.len())..];
            }
            word if PREFIXES.contains(&word) && !rest.is_empty() => {
                let end = rest
                    .iter()
                    .position(|(word, _)| !word.starts_with('-') && !word.contains('='));
                words = &rest[end.unwrap_or(rest.len())..];
            }
            _ => break,
        }
    }
    words.to_vec()
}
