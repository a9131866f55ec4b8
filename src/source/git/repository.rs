//! Where a directory stands in its repository, and what the repository knows.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Directory, GitError, Oid, TreeEntry, answer};

/// A repository, seen from a directory of its work tree.
pub(crate) struct Repository {
    directory: Directory,
    /// What reports call the directory; ends with `/`, or empty.
    mount: String,
    /// From the top of the work tree to the directory; ends with `/`, or empty.
    prefix: Vec<u8>,
    head: Option<Oid>,
    sha256: bool,
}

impl Repository {
    /// The one that git finds for the directory, or that its environment names.
    ///
    /// # Errors
    /// When there is none, or git does not trust it.
    pub(crate) fn open(directory: &Path) -> Result<Self, GitError> {
        Self::at(Directory::here(directory))
    }

    fn at(directory: Directory) -> Result<Self, GitError> {
        let doing = "open the repository";
        let asked = answer(
            directory.git().args([
                "rev-parse",
                "--show-object-format",
                "--show-prefix",
                "--revs-only",
                "HEAD",
            ]),
            doing,
        );
        let asked = asked.map_err(|error| match error {
            GitError::Failed { said, .. } if said.starts_with("not a git repository") => {
                GitError::NoRepository(crate::excerpt::shown_path(directory.path()))
            }
            other => other,
        })?;
        // The format, the prefix (which may have line breaks, and ends with
        // `/` if it is not empty), and the commit unless HEAD is unborn.
        let asked = asked.strip_suffix(b"\n").unwrap_or(&asked);
        let (rest, last) = asked.split_at(memchr::memrchr(b'\n', asked).unwrap_or(0));
        let head = last.strip_prefix(b"\n").and_then(Oid::parse);
        let rest = if head.is_some() { rest } else { asked };
        let (format, prefix) = rest.split_at(memchr::memchr(b'\n', rest).unwrap_or(rest.len()));
        let prefix = prefix.strip_prefix(b"\n").unwrap_or_default().to_vec();
        Ok(Self {
            directory,
            mount: String::new(),
            prefix,
            head,
            sha256: format == b"sha256",
        })
    }

    /// The repository of a submodule whose place is a path from the top of this
    /// work tree, with a commit of it in the place of HEAD; none when it is not
    /// checked out there.
    ///
    /// # Errors
    /// When git does not trust it.
    pub(crate) fn submodule(
        &self,
        path: &[u8],
        head: Option<Oid>,
    ) -> Result<Option<Self>, GitError> {
        let up: PathBuf = std::iter::repeat_n("..", self.depth()).collect();
        let top = self.directory.path().join(up);
        let path_of_it = super::path_of(path);
        let place = top.join(&path_of_it);
        // A link could lead anywhere, and without `.git` it is this repository
        // that would answer.
        let mut around = path_of_it.ancestors().filter(|part| *part != Path::new(""));
        let linked = around.any(|part| top.join(part).is_symlink());
        if linked || place.join(".git").symlink_metadata().is_err() {
            return Ok(None);
        }
        let opened = Self::at(Directory::alone(&place))?;
        // What is called `.git` there may be none.
        let own = opened.prefix.is_empty();
        Ok(own.then(|| Self {
            mount: self.shown(path) + "/",
            head,
            ..opened
        }))
    }

    pub(crate) fn directory(&self) -> &Directory {
        &self.directory
    }

    /// How many directories the top of the work tree is above.
    pub(crate) fn depth(&self) -> usize {
        memchr::memchr_iter(b'/', &self.prefix).count()
    }

    /// The commit that is checked out; none before the first.
    pub(crate) fn head(&self) -> Option<&Oid> {
        self.head.as_ref()
    }

    /// Whether its objects have names of SHA-256.
    pub(crate) fn is_sha256(&self) -> bool {
        self.sha256
    }

    /// From the top of the work tree to the directory; ends with `/`, or empty.
    pub(crate) fn prefix(&self) -> &[u8] {
        &self.prefix
    }

    /// What to compare the index with: HEAD, or nothing at all.
    pub(crate) fn head_or_nothing(&self) -> &str {
        match &self.head {
            Some(head) => head.as_str(),
            None => self.nothing(),
        }
    }

    /// The tree without files.
    pub(crate) fn nothing(&self) -> &'static str {
        match self.sha256 {
            true => "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
            false => "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
        }
    }

    /// Whether the object is here.
    ///
    /// # Errors
    /// When git cannot be run, or finds the object damaged.
    pub(crate) fn has(&self, oid: &Oid) -> Result<bool, GitError> {
        self.check(&["cat-file", "-e", oid.as_str()], "look up a commit")
    }

    /// git, to be asked something here.
    pub(crate) fn git(&self, arguments: &[&str]) -> Command {
        let mut git = self.directory.git();
        git.args(arguments);
        git
    }

    /// Asked of a change in some paths, git says nothing of one that is inside
    /// of a submodule, or nowhere: that is no answer. `commits` are those of the
    /// change, if it is not one of the index.
    ///
    /// # Errors
    /// When a path, from the directory, is such a one.
    pub(crate) fn own(&self, paths: &[PathBuf], commits: Option<&str>) -> Result<(), GitError> {
        for path in paths {
            let Some(inside) = self.inside(path).ok().map(|path| super::path_of(&path)) else {
                continue;
            };
            let up: PathBuf = std::iter::repeat_n("..", self.depth()).collect();
            let top = self.directory.path().join(up);
            let around = inside.ancestors().skip(1);
            let mut around = around.filter(|part| *part != Path::new(""));
            if let Some(module) = around.find(|part| top.join(part).join(".git").exists()) {
                let shown = |path: &Path| {
                    let path = path.as_os_str().as_encoded_bytes();
                    crate::excerpt::redact_path(&self.shown(path))
                };
                return Err(GitError::InSubmodule {
                    path: shown(&inside),
                    module: shown(module),
                });
            }
            let here = self.directory.path().join(path);
            if here.symlink_metadata().is_err() && !self.has_ever_had(path, commits)? {
                return Err(GitError::UnknownPath(crate::excerpt::shown_path(path)));
            }
        }
        Ok(())
    }

    /// Whether the index, HEAD or one of the commits has a path.
    fn has_ever_had(&self, path: &Path, commits: Option<&str>) -> Result<bool, GitError> {
        let head = self.head_or_nothing();
        let staged = ["diff-index", "--cached", "--name-only", head];
        let committed = ["log", "-1", "--format=%h"];
        let mut questions = vec![self.git(&["ls-files"]), self.git(&staged)];
        questions.extend(commits.map(|commits| {
            let mut git = self.git(&committed);
            git.arg(commits);
            git
        }));
        for mut question in questions {
            question.arg("--").arg(path);
            if !answer(&mut question, "look for a path")?.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The commit that a revision names.
    ///
    /// # Errors
    /// When git knows none by that name.
    pub(crate) fn commit(&self, revision: &str) -> Result<Oid, GitError> {
        let unknown = || GitError::UnknownRevision {
            revision: crate::excerpt::printable(&crate::excerpt::redact(revision)),
        };
        // It would be an option.
        if revision.starts_with('-') || revision.is_empty() {
            return Err(unknown());
        }
        let named = format!("{revision}^{{commit}}");
        let answer = self.ask(&["rev-parse", "--verify", "--quiet", &named], "rev-parse");
        match answer {
            Ok(answer) => Oid::parse(answer.trim_ascii()).ok_or_else(unknown),
            Err(GitError::Failed { .. }) => Err(unknown()),
            Err(other) => Err(other),
        }
    }

    /// How renames are found. To compare two files git needs both, and in a
    /// partial clone it may have neither: there only files that moved
    /// unchanged are recognised.
    ///
    /// # Errors
    /// When git cannot be run.
    pub(crate) fn renames(&self) -> Result<&'static str, GitError> {
        let promised = r"^(extensions\.partialclone|remote\..*\.promisor)$";
        let asked = ["config", "--name-only", "--get-regexp", promised];
        let partial = self.check(&asked, "read its configuration")?;
        Ok(if partial { "-M100%" } else { "-M" })
    }

    /// The commits whose parents this clone lacks.
    ///
    /// # Errors
    /// When git cannot be run, or its list not be read.
    pub(crate) fn shallow(&self) -> Result<BTreeSet<Oid>, GitError> {
        let doing = "tell where this shallow clone ends";
        let answer = self.ask(&["rev-parse", "--git-path", "shallow"], doing)?;
        let path = super::path_of(answer.strip_suffix(b"\n").unwrap_or(&answer));
        match std::fs::read(self.directory.path().join(path)) {
            Ok(list) => Ok(list
                .split(|byte| *byte == b'\n')
                .filter_map(Oid::parse)
                .collect()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(BTreeSet::new()),
            Err(error) => Err(GitError::Failed {
                doing,
                said: error.to_string(),
            }),
        }
    }

    /// What a commit has at a path, from the top of the work tree.
    ///
    /// # Errors
    /// When git cannot be run, or lacks the commit's trees.
    pub(crate) fn entry(&self, commit: &Oid, path: &[u8]) -> Result<Option<TreeEntry>, GitError> {
        let doing = "look up a file";
        let mut command = self.git(&["ls-tree", "-z", "--full-tree", commit.as_str(), "--"]);
        let answer = answer(command.arg(super::path_of(path)), doing)?;
        TreeEntry::all(&answer).next().transpose()
    }

    /// What the index has at a path, from the directory.
    ///
    /// # Errors
    /// When git cannot be run, or its index not be read.
    pub(crate) fn staged(&self, path: &Path) -> Result<Option<Oid>, GitError> {
        let doing = "look up a file in the index";
        let mut command = self.git(&["ls-files", "--stage", "-z", "--"]);
        let answer = answer(command.arg(path), doing)?;
        // `mode oid stage`, a tab, the path; a path with conflicts has others
        // than stage 0, and one that is a directory has the files below it.
        let mut entries = answer.split(|byte| *byte == 0);
        let fields = entries.next().unwrap_or_default();
        let Some(tab) = memchr::memchr(b'\t', fields) else {
            return Ok(None);
        };
        let words: Vec<&[u8]> = fields[..tab].split(|byte| *byte == b' ').collect();
        let alone = entries.all(<[u8]>::is_empty);
        match words.as_slice() {
            [mode, oid, b"0"] if alone && mode.starts_with(b"100") => Ok(Oid::parse(oid)),
            _ => Ok(None),
        }
    }

    /// The answer to a question that git answers with its exit code.
    ///
    /// # Errors
    /// When git cannot be run, or fails otherwise than with a no.
    pub(crate) fn check(&self, arguments: &[&str], doing: &'static str) -> Result<bool, GitError> {
        let output = self.git(arguments).output().map_err(GitError::not_run)?;
        match output.status.code() {
            Some(0) => Ok(true),
            Some(1) => Ok(false),
            _ => Err(GitError::failed(doing, &output.stderr)),
        }
    }

    /// The answer to a short question.
    ///
    /// # Errors
    /// When git cannot be run, or fails.
    pub(crate) fn ask(&self, arguments: &[&str], doing: &'static str) -> Result<Vec<u8>, GitError> {
        answer(&mut self.git(arguments), doing)
    }

    /// The path as reports show it: from the directory, with `/`.
    pub(crate) fn shown(&self, path: &[u8]) -> String {
        let mut prefix = &self.prefix[..];
        let mut rest = path;
        while let Some(end) = memchr::memchr(b'/', prefix)
            && rest.starts_with(&prefix[..=end])
        {
            rest = &rest[end + 1..];
            prefix = &prefix[end + 1..];
        }
        let up = memchr::memchr_iter(b'/', prefix).count();
        format!(
            "{}{}{}",
            self.mount,
            "../".repeat(up),
            String::from_utf8_lossy(rest)
        )
    }

    /// From the top of the work tree: the other way of [`Repository::shown`].
    ///
    /// # Errors
    /// When the path leads out of the work tree.
    pub(crate) fn inside(&self, path: &Path) -> Result<Vec<u8>, GitError> {
        let outside = || GitError::Outside(crate::source::tree::shown(path));
        let relative = if path.is_absolute() {
            let here = std::path::absolute(self.directory.path()).map_err(GitError::NotRun)?;
            let top = here.ancestors().nth(self.depth()).ok_or_else(outside)?;
            path.strip_prefix(top).map_err(|_| outside())?.to_owned()
        } else {
            super::path_of(&self.prefix).join(path)
        };
        normal(&relative).ok_or_else(outside)
    }
}

/// The path without `.` and `..`, if it stays below where it starts.
pub(crate) fn normal(path: &Path) -> Option<Vec<u8>> {
    use std::path::Component;
    let mut parts: Vec<&[u8]> = Vec::new();
    for component in path.components() {
        match component {
            Component::Normal(part) => parts.push(part.as_encoded_bytes()),
            Component::CurDir => {}
            Component::ParentDir => {
                parts.pop()?;
            }
            Component::Prefix(_) | Component::RootDir => return None,
        }
    }
    Some(parts.join(&b'/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(prefix: &str) -> Repository {
        Repository {
            directory: Directory::here(Path::new("/top/")),
            mount: String::new(),
            prefix: prefix.into(),
            head: None,
            sha256: false,
        }
    }

    #[test]
    fn paths_are_shown_from_the_directory() {
        assert_eq!(at("").shown(b"a/b"), "a/b");
        assert_eq!(at("a/").shown(b"a/b"), "b");
        assert_eq!(at("a/c/").shown(b"a/b"), "../b");
        assert_eq!(at("a/c/").shown(b"x"), "../../x");
        assert_eq!(at("ab/").shown(b"a/b\xff"), "../a/b\u{fffd}");
    }

    #[test]
    fn paths_are_found_from_the_top() {
        let inside = |path: &str| at("a/c/").inside(Path::new(path)).ok();
        assert_eq!(inside("./x").unwrap(), b"a/c/x");
        assert_eq!(inside("../../x").unwrap(), b"x");
        assert_eq!(inside("../../../x"), None);
        assert_eq!(inside("/elsewhere/x"), None);
    }
}
