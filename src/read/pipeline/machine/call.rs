//! What a command does.

use std::sync::Arc;

use super::super::super::shell::Statement;
use super::super::value::{Place, Value, clean, keys, leading_unknown};
use super::super::world::What;
use super::arguments::{Argument, Arguments};
use super::{Chunk, DEPTH, Machine, Script, Shell, file_name};
use crate::syntax::yaml::Origin;

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
    "cd",
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
    "popd",
    "push-location",
    "pop-location",
    "pushd",
    "pwd",
    "readonly",
    "return",
    "set-azcontext",
    "set-location",
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
    "write-verbose",
    "zip",
    "git",
    "param",
    "function",
    "set-variable",
    "docker",
    "throw",
    "seq",
];

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
        let Some(((name, _), rest)) = words.split_first() else {
            return input.to_vec();
        };
        let base = name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
        let base = base.trim_end_matches(".exe");
        if self.calls_script(name) {
            return self.script(name, rest, place, input);
        }
        if let Some(body) = self.functions.get(name.as_str()).cloned() {
            return self.function(&body, rest, input);
        }
        if let Some(chunks) = self.filter(base, rest, place, input) {
            return chunks;
        }
        match base {
            "echo" | "write-output" | "write-warning" | "write-error" | "write" => {
                vec![written(rest, place)]
            }
            "write-host" | "write-information" => {
                let chunk = written(rest, place);
                self.log(vec![chunk]);
                Vec::new()
            }
            "printf" => vec![formatted(rest, place)],
            "set" => {
                self.set_options(rest);
                Vec::new()
            }
            "set-psdebug" => {
                self.trace = Arguments::of(rest)
                    .value(&["-trace"])
                    .is_some_and(|level| level != "0");
                Vec::new()
            }
            "read" => {
                let text: Value = input.iter().map(|chunk| chunk.text.as_str()).collect();
                for (word, _) in rest.iter().filter(|(word, _)| !word.starts_with('-')) {
                    self.vars.insert(word.clone(), text.clone());
                }
                Vec::new()
            }
            "az" => {
                let chunks = self.az(rest, place);
                self.stored_from(rest, input, place);
                chunks
            }
            "func" => self.func(rest, place),
            "curl" | "wget" | "http" | "https" | "xh" | "invoke-restmethod" | "irm"
            | "invoke-webrequest" | "iwr" => self.http(base, rest, place, silent),
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
                self.shell(base, rest, place, input)
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

    fn function(&mut self, body: &[Statement], words: &[Argument], input: &[Chunk]) -> Vec<Chunk> {
        if self.depth >= DEPTH {
            return Vec::new();
        }
        self.depth += 1;
        let before = self.bind(words);
        let chunks = self.body(body, input);
        self.unbind(before);
        self.depth -= 1;
        chunks
    }

    fn bind(&mut self, words: &[Argument]) -> Vec<(String, Option<Value>)> {
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

    fn unbind(&mut self, before: Vec<(String, Option<Value>)>) {
        for (name, value) in before {
            match value {
                Some(value) => self.vars.insert(name, value),
                None => self.vars.remove(&name),
            };
        }
    }

    /// Whether a word is the path of a script in the repository.
    fn calls_script(&self, name: &str) -> bool {
        let lower = name.to_ascii_lowercase();
        let extension = [".sh", ".bash", ".ps1"]
            .iter()
            .any(|end| lower.ends_with(end));
        extension || name.starts_with("./")
    }

    /// `bash x.sh`, `bash -c '…'`, `. ./x.sh`.
    fn shell(
        &mut self,
        name: &str,
        words: &[Argument],
        place: &Place,
        input: &[Chunk],
    ) -> Vec<Chunk> {
        let powershell = matches!(name, "pwsh" | "powershell");
        let shell = if powershell {
            Shell::Power
        } else {
            Shell::Bash
        };
        let outer = self.trace;
        let mut rest = words;
        while let Some(((word, at), tail)) = rest.split_first() {
            let lower = word.to_ascii_lowercase();
            match lower.as_str() {
                "-c" | "-command" | "-lc" | "-ec" | "-exc" | "-xc" | "-euc" | "-euxc" => {
                    self.trace |= lower.contains('x') && !powershell;
                    let text = tail
                        .first()
                        .map(|(text, _)| text.clone())
                        .unwrap_or_default();
                    return self.nested(shell, &text, at, outer);
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
                    let chunks = self.script(word, tail, place, input);
                    if !matches!(name, "." | "source") {
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

    /// A script of the repository, with its arguments.
    fn script(
        &mut self,
        name: &str,
        words: &[Argument],
        place: &Place,
        input: &[Chunk],
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
        let shell = match source.path.ends_with(".ps1") {
            true => Shell::Power,
            false => {
                match source.text.starts_with("#!") && !first_line(&source.text).contains("sh") {
                    true => Shell::Other,
                    false => Shell::Bash,
                }
            }
        };
        if says_check(&[(name.to_owned(), place.clone())]) {
            self.world.event(What::Check, None, place);
        }
        let trace = self.trace;
        self.trace = shell == Shell::Bash && first_line(&source.text).contains("sh -x");
        let vars = self.vars.clone();
        self.bind(words);
        if shell == Shell::Power {
            self.bind_parameters(words);
        }
        let functions = std::mem::take(&mut self.functions);
        let script = Script {
            origin: Origin::plain(0..source.text.len()),
            text: clean(&source.text),
            holes: Arc::default(),
            source,
        };
        let _ = input;
        let chunks = self.follow(shell, script);
        self.functions = functions;
        self.vars = vars;
        self.trace = trace;
        self.depth -= 1;
        chunks
    }

    /// `-Name value` for the parameters of a script of PowerShell.
    pub(in super::super) fn bind_parameters(&mut self, words: &[Argument]) {
        for pair in words.windows(2) {
            if let Some(name) = pair[0].0.strip_prefix('-') {
                self.vars.insert(name.to_owned(), pair[1].0.clone());
            }
        }
    }

    /// The document that a path in a script means.
    fn look_up(&mut self, name: &str) -> Option<Arc<super::Source>> {
        let (directory, rest) = match leading_unknown(name) {
            Some((_, rest)) => (String::new(), rest.trim_start_matches('/')),
            None => (self.directory.clone(), name),
        };
        if rest.starts_with('/') || !super::super::value::is_known(rest) {
            return None;
        }
        let mut candidates = vec![join(&self.root, &directory, rest)?];
        if !directory.is_empty() {
            candidates.push(join(&self.root, "", rest)?);
        }
        let found = candidates.iter().find_map(|path| self.around.source(path));
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

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
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

/// Whether the words say that something is looked at.
pub(in super::super) fn says_check(words: &[Argument]) -> bool {
    const CHECKS: &[&str] = &[
        "check",
        "verify",
        "verif",
        "test",
        "smoke",
        "health",
        "probe",
        "validate",
        "ping",
        "wait",
        "monitor",
        "confirm",
        "newman",
        "k6",
        "pytest",
        "curl",
        "playwright",
        "cypress",
    ];
    words.iter().take(3).any(|(word, _)| {
        let words = super::super::value::words(word);
        let says = |word: &String| CHECKS.iter().any(|check| word.starts_with(check));
        words.iter().any(|word| word != "checkout" && says(word))
    })
}

/// What `echo` writes.
fn written(words: &[Argument], place: &Place) -> Chunk {
    let flags = ["-n", "-e", "-ne", "-en", "-E"];
    let words = words.iter().map(|(word, _)| word.as_str());
    let words: Vec<&str> = words.skip_while(|word| flags.contains(word)).collect();
    let values = words.iter().filter(|word| !is_cmdlet_flag(word));
    let text = values.copied().collect::<Vec<_>>().join(" ");
    Chunk {
        text: text.replace("\\n", "\n"),
        place: place.clone(),
    }
}

fn is_cmdlet_flag(word: &str) -> bool {
    [
        "-object",
        "-inputobject",
        "-message",
        "-foregroundcolor",
        "-nonewline",
        "-messagedata",
    ]
    .iter()
    .any(|flag| word.eq_ignore_ascii_case(flag))
}

/// What `printf` writes: its format, with the values in the places for them.
fn formatted(words: &[Argument], place: &Place) -> Chunk {
    let mut words = words
        .iter()
        .map(|(word, _)| word.as_str())
        .skip_while(|word| *word == "--");
    let format = words.next().unwrap_or_default();
    let mut text = Value::new();
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        text += &rest[..at];
        let end = rest[at + 1..].find(|c: char| c.is_ascii_alphabetic() || c == '%');
        let Some(end) = end.map(|end| at + 2 + end) else {
            break;
        };
        match &rest[at..end] {
            "%%" => text.push('%'),
            _ => text += words.next().unwrap_or_default(),
        }
        rest = &rest[end..];
    }
    text += rest;
    for word in words {
        text.push(' ');
        text += word;
    }
    Chunk {
        text: text.replace("\\n", "\n"),
        place: place.clone(),
    }
}
