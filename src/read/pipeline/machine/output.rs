//! Where what is written ends: in the log, in a file, with later steps.

use super::super::super::shell::{Redirect, Stream};
use super::super::name::Dialect;
use super::super::value::{Place, Scope, Value, keys, unknowns};
use super::super::world::{Way, What};
use super::{Chunk, Machine, file_name, limited};

impl Machine<'_> {
    /// Leads what a command writes where its redirections say; gives the rest.
    pub(super) fn redirect(&mut self, chunks: Vec<Chunk>, redirects: &[Redirect]) -> Vec<Chunk> {
        let mut chunks = chunks;
        for redirect in redirects {
            let append = match redirect.stream {
                Stream::Append => true,
                Stream::Output | Stream::Both => false,
                Stream::Input | Stream::Here | Stream::Errors => continue,
            };
            let target = self.word(&redirect.target);
            chunks = self.write(&target, std::mem::take(&mut chunks), append);
        }
        chunks
    }

    /// Writes to a file, or to what has the name of one; gives what is not
    /// written there.
    pub(super) fn write(&mut self, target: &str, chunks: Vec<Chunk>, append: bool) -> Vec<Chunk> {
        match target {
            "&1" | "/dev/stdout" | "/dev/fd/1" => return chunks,
            "/dev/null" | "$null" | "NUL" | "nul" => return Vec::new(),
            "&2" | "/dev/stderr" | "/dev/tty" | "/dev/fd/2" => {
                self.log(chunks);
                return Vec::new();
            }
            _ => {}
        }
        let special = unknowns(target).last().unwrap_or_default().to_owned();
        match special.as_str() {
            "GITHUB_OUTPUT" | "GITHUB_ENV" | "GITHUB_STATE" => {
                for chunk in chunks {
                    self.pass(&chunk.text, &chunk.place);
                    let handed = match special.as_str() {
                        "GITHUB_ENV" => &mut self.environment,
                        _ => &mut self.outputs,
                    };
                    *handed = limited(std::mem::take(handed) + &chunk.text + "\n");
                }
            }
            "GITHUB_STEP_SUMMARY" => self.log(chunks),
            _ => {
                for (at, chunk) in chunks.into_iter().enumerate() {
                    let name = file_name(target);
                    let before = self.files.get(&name).filter(|_| append || at > 0);
                    let before = before
                        .map(|file| format!("{}\n", file.text))
                        .unwrap_or_default();
                    let text = limited(before + &chunk.text);
                    let place = chunk.place;
                    self.files.insert(name, Chunk { text, place });
                }
            }
        }
        Vec::new()
    }

    /// What reaches the log: commands of the runner, and text.
    pub(super) fn log(&mut self, chunks: Vec<Chunk>) {
        for chunk in chunks {
            if keys(&chunk.text).next().is_none() && !chunk.text.contains("##vso[") {
                continue;
            }
            let mut shown = Value::new();
            for line in chunk.text.split('\n') {
                if !self.runner_command(line.trim(), &chunk.place) {
                    shown += line;
                }
            }
            self.print(&shown, &chunk.place, None);
        }
    }

    /// Reports what a log shows of a value.
    pub(super) fn print(&mut self, value: &str, place: &Place, way: Option<Way>) {
        for id in self.world.visible(value) {
            let key = &self.world.keys[id];
            let natural = match key.scope {
                _ if key.altered => Way::Altered,
                Scope::HostListing | Scope::FunctionListing => Way::Listing,
                _ => Way::Output,
            };
            let way = way.unwrap_or(natural);
            let mend = match way {
                Way::Output | Way::Verbose => self.mask_of(id),
                Way::Listing | Way::Altered | Way::Trace | Way::Artifact => None,
            };
            let what = What::Print(way);
            self.world.event_with(what, Some(id), place, mend);
        }
    }

    /// A line that the runner takes as a command to it.
    fn runner_command(&mut self, line: &str, place: &Place) -> bool {
        let github = matches!(self.dialect, Dialect::Workflow | Dialect::Action);
        if github && let Some(value) = line.strip_prefix("::add-mask::") {
            self.world.mask(value);
            return true;
        }
        if github && let Some(rest) = line.strip_prefix("::set-output name=") {
            self.pass(rest, place);
            self.outputs += &format!("{}\n", rest.replacen("::", "=", 1));
            return true;
        }
        if github && let Some(rest) = line.strip_prefix("::set-env name=") {
            self.pass(rest, place);
            self.environment += &format!("{}\n", rest.replacen("::", "=", 1));
            return true;
        }
        let azure = self.dialect == Dialect::Azure;
        let Some((command, value)) = line
            .strip_prefix("##vso[")
            .filter(|_| azure)
            .and_then(|rest| rest.split_once(']'))
        else {
            return false;
        };
        let (command, properties) = command.split_once(' ').unwrap_or((command, ""));
        let property = |name: &str| {
            let all = properties
                .split(';')
                .filter_map(|part| part.split_once('='));
            let mut all = all.map(|(name, value)| (name.trim(), value.trim()));
            all.find(|(known, _)| known.eq_ignore_ascii_case(name))
                .map(|(_, value)| value)
        };
        let is = |name| property(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
        match command.to_ascii_lowercase().as_str() {
            "task.setvariable" => {
                let secret = is("issecret");
                let name = property("variable");
                for id in self.world.visible(value) {
                    let mend = self.declared_secret(name.unwrap_or_default(), place);
                    let what = What::Pass { masked: secret };
                    self.world.event_with(what, Some(id), place, mend);
                }
                if secret {
                    self.world.mask(value);
                }
                if let Some(name) = name {
                    self.set
                        .push((name.to_owned(), is("isoutput"), value.to_owned()));
                }
            }
            "task.setsecret" => self.world.mask(value),
            "artifact.upload" | "task.uploadfile" | "task.uploadsummary" | "build.uploadlog" => {
                self.upload(value, place);
            }
            _ => return false,
        }
        true
    }

    /// Reports keys that later steps get without a mask.
    fn pass(&mut self, value: &str, place: &Place) {
        for id in self.world.visible(value) {
            let mend = self.mask_of(id).or_else(|| self.taken_first(place));
            let what = What::Pass { masked: false };
            self.world.event_with(what, Some(id), place, mend);
        }
    }

    /// Files that others can take: those that match a pattern.
    pub(in super::super) fn upload(&mut self, pattern: &str, place: &Place) {
        let pattern = file_name(pattern);
        let pattern = pattern.trim_end_matches('/');
        let taken = |name: &str| {
            let below = name
                .strip_prefix(pattern)
                .is_some_and(|rest| rest.starts_with('/'));
            let globbed = globset::GlobBuilder::new(pattern)
                .literal_separator(true)
                .build();
            let globbed = globbed.is_ok_and(|glob| glob.compile_matcher().is_match(name));
            name == pattern || below || globbed || (matches!(pattern, "." | "") && is_inside(name))
        };
        let files = self.files.iter().filter(|(name, _)| taken(name));
        let found: Vec<Value> = files.map(|(_, file)| file.text.clone()).collect();
        for text in found {
            // No mask covers what a file holds.
            for id in keys(&text) {
                self.world
                    .event(What::Print(Way::Artifact), Some(id), place);
            }
        }
    }
}

/// Whether a file lies in the directory that a job works in.
fn is_inside(name: &str) -> bool {
    !name.starts_with('/') && super::super::value::is_known(name)
}
