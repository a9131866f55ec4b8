//! Commands that make one text of another.

use std::collections::HashMap;

use super::super::value::{Place, Value, key, keys};
use super::arguments::Argument;
use super::word::limited;
use super::{Chunk, LENGTH, Machine, file_name};

/// Commands that leave a key as it is, wherever in the text it stands.
const PASSING: &[&str] = &[
    "awk",
    "column",
    "dos2unix",
    "fmt",
    "gawk",
    "head",
    "json_pp",
    "nl",
    "paste",
    "perl",
    "sed",
    "sort",
    "strings",
    "tail",
    "tr",
    "uniq",
    "unexpand",
    "expand",
    "more",
    "less",
    "pr",
    "out-string",
    "convertfrom-json",
    "convertto-json",
    "select-object",
    "where-object",
    "format-list",
    "format-table",
    "foreach-object",
    "get-content",
    "mawk",
    "ts",
];

/// Commands that encode, cut or turn a key, so that it can be read and no mask
/// knows it.
const ALTERING: &[&str] = &[
    "base32", "base64", "basenc", "bzip2", "fold", "gzip", "hexdump", "od", "rev", "xxd",
    "uuencode", "zstd", "tac", "rot13",
];

/// Commands that write nothing of what they read.
const DROPPING: &[&str] = &[
    "cksum",
    "cmp",
    "diff",
    "md5sum",
    "measure-object",
    "out-null",
    "sha1sum",
    "sha256sum",
    "sha512sum",
    "shasum",
    "sum",
    "test-json",
    "wc",
];

impl Machine<'_> {
    /// A command that reads text and writes what it makes of it; none if it is
    /// no such command.
    pub(super) fn filter(
        &mut self,
        name: &str,
        words: &[Argument],
        place: &Place,
        input: &[Chunk],
    ) -> Option<Vec<Chunk>> {
        let has = |flags: &[&str]| words.iter().any(|(word, _)| flags.contains(&word.as_str()));
        let said = |part: &str| words.iter().any(|(word, _)| word.contains(part));
        if DROPPING.contains(&name) {
            return Some(Vec::new());
        }
        let chunks = match name {
            "jq" | "yq" | "jp" | "gron" | "jello" => return Some(self.query(words, place, input)),
            "python" | "python3" | "node" if has(&["-c", "-e"]) && !input.is_empty() => {
                let code = words
                    .iter()
                    .skip_while(|(w, _)| w != "-c" && w != "-e")
                    .nth(1);
                let code = code.map(|(code, _)| code.clone()).unwrap_or_default();
                let mut all = Vec::new();
                let writes = ["print(", "write(", "console.log("];
                let little = ["len(", "hashlib", ".length", "createHash"];
                let is_written = writes.iter().any(|part| code.contains(part))
                    && !little.iter().any(|part| code.contains(part));
                for chunk in input.iter().filter(|_| is_written) {
                    let text = self.select(&chunk.text, &code, place);
                    let place = place.clone();
                    all.push(Chunk { text, place });
                }
                all
            }
            "grep" | "egrep" | "rg" | "select-string" => {
                let silent = ["-q", "-c", "--quiet", "--count", "-l"];
                if has(&silent)
                    || words
                        .iter()
                        .any(|(w, _)| w.starts_with('-') && w.contains('q'))
                {
                    return Some(Vec::new());
                }
                self.read(words, input, 1, place)
            }
            "cat" | "type" | "gc" | "get-content" => self.read(words, input, 0, place),
            "tee" | "tee-object" => {
                let all: Vec<Chunk> = input.to_vec();
                let targets = words.iter().filter(|(word, _)| !word.starts_with('-'));
                let targets: Vec<String> = targets.map(|(word, _)| word.clone()).collect();
                for target in targets {
                    if target != "/dev/null" {
                        self.write(&target, all.clone(), true);
                    }
                }
                all
            }
            "cut" => match words
                .iter()
                .any(|(word, _)| word.starts_with("-c") || word.starts_with("-b"))
            {
                true => self.alter_all(input),
                false => self.read(words, input, 0, place),
            },
            "openssl" => match has(&["dgst", "sha256", "md5", "sha1"]) {
                true => Vec::new(),
                false => self.alter_all(input),
            },
            "head" | "tail" if words.iter().any(|(word, _)| word.starts_with("-c")) => {
                self.alter_all(input)
            }
            "tr" if said("N-Z") || said("n-z") => self.alter_all(input),
            // Spaces between the letters, and the like: `s/./& /g`.
            "sed" | "perl" if said("s/./") || said("\\(.\\)") || said("(.)") || said(".\\{") => {
                match said("/*/") || said("/x/") || said("***") {
                    true => Vec::new(),
                    false => self.alter_all(input),
                }
            }
            "sed" | "perl" if said("***") || said("REDACTED") || said("/*/") => Vec::new(),
            "awk" | "gawk" | "mawk" if said("substr(") => self.alter_all(input),
            _ if ALTERING.contains(&name) => {
                let read = self.read(words, input, 0, place);
                self.alter_all(&read)
            }
            _ if PASSING.contains(&name) => match input.is_empty() {
                true => self.read(
                    words,
                    input,
                    usize::from(matches!(name, "sed" | "awk" | "tr")),
                    place,
                ),
                false => input.to_vec(),
            },
            _ => return None,
        };
        // The command that was piped into another one is what a reader looks for.
        Some(chunks)
    }

    /// What is read: the files that are named, else what comes in; the first
    /// words may be a pattern or a program.
    pub(super) fn read(
        &mut self,
        words: &[Argument],
        input: &[Chunk],
        skipped: usize,
        place: &Place,
    ) -> Vec<Chunk> {
        let mut words = words.iter();
        let mut names = Vec::new();
        while let Some((word, _)) = words.next() {
            match word.as_str() {
                "-n" | "-f" | "-d" | "-c" | "-A" | "-B" | "-C" | "-e" | "-m" if skipped > 0 => {
                    words.next();
                }
                "-Path" | "-Raw" => {}
                word if word.starts_with('-') => {}
                word => names.push(word),
            }
        }
        let files = names.iter().skip(skipped);
        let known = files.filter_map(|name| self.files.get(&file_name(name)));
        let known = known.map(|file| Chunk {
            text: file.text.clone(),
            place: place.clone(),
        });
        let known: Vec<Chunk> = known.collect();
        match known.is_empty() {
            true => input.to_vec(),
            false => known,
        }
    }

    fn alter_all(&mut self, chunks: &[Chunk]) -> Vec<Chunk> {
        let altered = chunks
            .iter()
            .map(|chunk| (self.altered_of(&chunk.text), chunk.place.clone()));
        altered.map(|(text, place)| Chunk { text, place }).collect()
    }

    /// `jq`: the first word that is no flag is the query.
    fn query(&mut self, words: &[Argument], place: &Place, input: &[Chunk]) -> Vec<Chunk> {
        let mut query = None;
        let mut names = Vec::new();
        let mut given = Vec::new();
        let mut makes = false;
        let mut words = words.iter();
        while let Some((word, at)) = words.next() {
            match word.as_str() {
                "--arg" | "--argjson" => given.extend(words.next().zip(words.next())),
                "-n" | "--null-input" => makes = true,
                "--args" => {}
                // `-rn`, and not `-o=json` of yq.
                word if word.strip_prefix('-').is_some_and(is_null_input) => makes = true,
                "e" | "eval" | "r" | "read" if query.is_none() => {}
                word if word.starts_with('-') && word.len() > 1 => {}
                word if query.is_none() => query = Some((word.to_owned(), at)),
                word => names.push(word),
            }
        }
        let Some((query, at)) = query else {
            return input.to_vec();
        };
        let written = match makes || given.iter().any(|(_, (value, _))| has_keys(value)) {
            true => made(&query, &given),
            false => Value::new(),
        };
        if makes {
            let text = match leaves_nothing(&query) {
                true => Value::new(),
                false => written,
            };
            let place = place.clone();
            return vec![Chunk { text, place }];
        }
        let files = names
            .iter()
            .filter_map(|name| self.files.get(&file_name(name)).cloned());
        let files: Vec<Chunk> = files.collect();
        let chunks = if files.is_empty() {
            input.to_vec()
        } else {
            files
        };
        let encodes =
            query.contains("@base64") || query.contains("@uri") || query.contains("explode");
        let mut all = Vec::new();
        if has_keys(&written) && !leaves_nothing(&query) {
            let text = keys(&written).map(key).collect();
            let place = place.clone();
            all.push(Chunk { text, place });
        }
        for chunk in chunks {
            if keys(&chunk.text).next().is_none() {
                continue;
            }
            let mut text: Value = self.select(&chunk.text, &query, at);
            if encodes {
                text = self.altered_of(&text);
            }
            all.push(Chunk {
                text,
                place: place.clone(),
            });
        }
        all
    }
}

fn has_keys(value: &str) -> bool {
    keys(value).next().is_some()
}

/// Whether short flags of jq have `-n` among them.
fn is_null_input(flags: &str) -> bool {
    flags.contains('n') && flags.bytes().all(|flag| flag.is_ascii_lowercase())
}

/// Whether a query compares or counts what it is given, and does not write it.
fn leaves_nothing(query: &str) -> bool {
    let parts = [
        "==", "!=", "select(", "| length", "|length", "test(", "| keys",
    ];
    parts.iter().any(|part| query.contains(part))
}

/// What `jq -n` makes of a template: `{value: $v}`, with the values in it.
fn made(template: &str, given: &[(&Argument, &Argument)]) -> Value {
    let given: HashMap<&str, &str> = given
        .iter()
        .map(|((name, _), (value, _))| (name.as_str(), value.as_str()))
        .collect();
    let mut text = Value::new();
    let mut rest = template;
    while let Some(at) = rest.find('$') {
        let (before, named) = rest.split_at(at);
        let end = named[1..].find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let (name, after) = named.split_at(end.map_or(named.len(), |end| end + 1));
        text += before;
        text += given.get(&name[1..]).unwrap_or(&name);
        rest = after;
        if text.len() > LENGTH {
            return limited(text);
        }
    }
    text + rest
}
