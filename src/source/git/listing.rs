//! Which files of a work tree are there to be scanned, by git's own word.
//!
//! Ignore rules have corners that no second implementation has (what is a
//! wildcard, what becomes of a tab, which files are read for rules at all), and
//! in each of them a file could be hidden. So git is asked: for its index, and
//! for what is neither in there nor ignored. The two answers have no file in
//! common, and git walks for the second one while the files of the first are
//! read.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::path::{Component, Path, PathBuf};
use std::process::ChildStdout;

use super::{Directory, GitError, Running, path_of};
use crate::excerpt::redact;
use crate::gap::{Gap, GapReason};
use crate::source::tree::named;

const DOING: &str = "list the files";

/// How much is listed at a time.
const BATCH: usize = 64;

/// Something that git lists; the path is relative to the directory.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Listed {
    /// A file or a link.
    File {
        path: PathBuf,
        /// Whether it is in the index.
        known: Known,
    },
    /// A commit of another repository, in the index.
    Submodule(PathBuf),
    /// Another repository that is no submodule of this one.
    Repository(PathBuf),
}

/// What the index has of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// It is tracked; the work tree may lack it.
    Tracked,
    /// It is tracked, and a sparse checkout leaves it out.
    Sparse,
    /// Nothing.
    Untracked,
}

/// What git lists below a directory of its work tree.
pub(crate) struct Listing {
    directory: PathBuf,
    answers: VecDeque<Answer>,
    /// Says whether it is a directory of the work tree at all: a repository
    /// can have its work tree elsewhere, and then the lists are of that.
    inside: Option<(Running, ChildStdout)>,
    gaps: Vec<Gap>,
    failure: Option<GitError>,
}

impl Listing {
    /// Asks git.
    ///
    /// # Errors
    /// When it cannot be run.
    pub(crate) fn start(directory: &Path) -> Result<Self, GitError> {
        let index = Answer::start(directory, true, &["--cached", "--stage", "-t"])?;
        let others = Answer::start(directory, false, &["--others", "--exclude-standard"])?;
        let mut inside = Directory::alone(directory).git();
        let inside = Running::start(inside.args(["rev-parse", "--is-inside-work-tree"]))?;
        Ok(Self {
            directory: directory.to_owned(),
            answers: [index, others].into(),
            inside: Some(inside),
            gaps: Vec::new(),
            failure: None,
        })
    }

    /// The next ones, into an empty list; it stays so when there are no more.
    pub(crate) fn next(&mut self, list: &mut Vec<Listed>) {
        while let Some(answer) = self.answers.front_mut() {
            let whole = loop {
                if list.len() == BATCH {
                    return;
                }
                match answer.next() {
                    Ok(Some(listed)) => list.push(listed),
                    Ok(None) => break true,
                    Err(_) => break false,
                }
            };
            let Some(answer) = self.answers.pop_front() else {
                return;
            };
            match answer.git.finish(DOING) {
                Ok(said) if whole => self.gaps.extend(gaps(&self.directory, &said)),
                Ok(_) => self.failure = Some(GitError::malformed(DOING)),
                Err(error) => self.failure = Some(error),
            }
            // Of the index, the work tree may lack what is listed; of the rest
            // it may not, so now it has to be the right one.
            if let Some(inside) = self.inside.take()
                && let Err(error) = is_true(inside)
            {
                self.failure = Some(error);
                self.answers.clear();
            }
        }
    }

    /// What git could not look into; to be asked when there is no more to list.
    ///
    /// # Errors
    /// When git failed: then something may be missing from the list.
    pub(crate) fn finish(self) -> Result<Vec<Gap>, GitError> {
        self.failure.map_or(Ok(self.gaps), Err)
    }
}

/// Whether the answer to `--is-inside-work-tree` is a yes.
fn is_true((git, mut output): (Running, ChildStdout)) -> Result<(), GitError> {
    let mut answer = String::new();
    let read = output.read_to_string(&mut answer);
    git.finish(DOING)?;
    match (read, answer.trim_end()) {
        (Ok(_), "true") => Ok(()),
        (Ok(_), _) => Err(GitError::outside(DOING)),
        (Err(_), _) => Err(GitError::malformed(DOING)),
    }
}

/// Whether the ignore rules of a repository match the directory itself: then
/// git lists nothing below it but what it tracks.
///
/// # Errors
/// When git cannot be run, or fails otherwise than with a no.
pub(crate) fn is_ignored(directory: &Path) -> Result<bool, GitError> {
    let mut git = Directory::alone(directory).git();
    git.args(["check-ignore", "--quiet", "--no-index", "."])
        // It cannot take paths by the letter.
        .env_remove("GIT_LITERAL_PATHSPECS");
    let output = git.output().map_err(GitError::not_run)?;
    match output.status.code() {
        Some(0) => Ok(true),
        Some(1) => Ok(false),
        _ => Err(GitError::failed("ask for the ignore rules", &output.stderr)),
    }
}

/// One of the two answers, as far as it has not been read.
struct Answer {
    git: Running,
    output: BufReader<ChildStdout>,
    /// Whether it is of the index.
    indexed: bool,
    token: Vec<u8>,
    last: Vec<u8>,
}

impl Answer {
    fn start(directory: &Path, indexed: bool, which: &[&str]) -> Result<Self, GitError> {
        let mut git = Directory::alone(directory).git();
        let (git, output) = Running::start(git.args(["ls-files", "-z"]).args(which))?;
        Ok(Self {
            git,
            output: BufReader::with_capacity(64 * 1024, output),
            indexed,
            token: Vec::new(),
            last: Vec::new(),
        })
    }

    fn next(&mut self) -> std::io::Result<Option<Listed>> {
        loop {
            self.token.clear();
            self.output.read_until(0, &mut self.token)?;
            match self.token.pop() {
                None => return Ok(None),
                Some(0) => {}
                // Cut: git died.
                Some(_) => return Err(ErrorKind::UnexpectedEof.into()),
            }
            let (known, submodule, path) = self.parsed()?;
            // One with conflicts is there for each of its versions.
            if path == self.last {
                continue;
            }
            let whole = path.strip_suffix(b"/");
            let listed = path_of(whole.unwrap_or(path));
            if !listed
                .components()
                .all(|part| matches!(part, Component::Normal(_)))
            {
                return Err(ErrorKind::InvalidData.into());
            }
            let listed = match (submodule, whole) {
                (true, _) => Listed::Submodule(listed),
                (false, Some(_)) => Listed::Repository(listed),
                (false, None) => Listed::File {
                    path: listed,
                    known,
                },
            };
            self.last = path.to_vec();
            return Ok(Some(listed));
        }
    }

    /// `tag mode oid stage`, a tab and the path for what is in the index, where
    /// the tag `S` means that the work tree is to lack it; the path for another
    /// file, with `/` at its end for a repository.
    fn parsed(&self) -> std::io::Result<(Known, bool, &[u8])> {
        if !self.indexed {
            return Ok((Known::Untracked, false, &self.token));
        }
        let tab = memchr::memchr(b'\t', &self.token).ok_or(ErrorKind::InvalidData)?;
        let (entry, path) = self.token.split_at(tab);
        let (known, entry) = match entry {
            [b'S', b' ', entry @ ..] => (Known::Sparse, entry),
            [_, b' ', entry @ ..] => (Known::Tracked, entry),
            _ => return Err(ErrorKind::InvalidData.into()),
        };
        Ok((known, entry.starts_with(b"160000 "), &path[1..]))
    }
}

/// What git said that it could not look into. It goes on without, and succeeds.
fn gaps(directory: &Path, said: &[u8]) -> Vec<Gap> {
    let said = String::from_utf8_lossy(said);
    let unread = said.lines().filter_map(|line| {
        let line = line.strip_prefix("warning: could not open directory '")?;
        // git cuts what it says when the path alone is too long for it.
        Some(
            line.rsplit_once("': ")
                .unwrap_or((line, "its path is too long")),
        )
    });
    let gap = |(path, why): (&str, &str)| {
        // git names it from the top of the work tree.
        let path = Path::new(path.trim_end_matches('/'));
        let parts: Vec<_> = path.components().collect();
        let below =
            (0..parts.len()).map(|from| directory.join(parts[from..].iter().collect::<PathBuf>()));
        let here = below
            .into_iter()
            .find(|path| path.symlink_metadata().is_ok());
        Gap {
            subject: named(&here.unwrap_or_else(|| path.to_owned())),
            reason: match why {
                "Permission denied" => GapReason::PermissionDenied,
                "No such file or directory" => GapReason::Vanished,
                other => GapReason::Unreadable(redact(other)),
            },
        }
    };
    unread.map(gap).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::git::fixture::Repo;

    fn listed(repo: &Repo, below: &str) -> Vec<Listed> {
        let mut listing = Listing::start(&repo.path().join(below)).unwrap();
        let (mut all, mut some) = (Vec::new(), Vec::new());
        loop {
            listing.next(&mut some);
            if some.is_empty() {
                assert_eq!(listing.finish().unwrap(), []);
                return all;
            }
            all.append(&mut some);
        }
    }

    fn tracked(path: &str) -> Listed {
        Listed::File {
            path: path.into(),
            known: Known::Tracked,
        }
    }

    fn untracked(path: &str) -> Listed {
        Listed::File {
            path: path.into(),
            known: Known::Untracked,
        }
    }

    #[test]
    fn each_file_is_listed_once() {
        let repo = Repo::new();
        repo.write(".gitignore", "*.log\n")
            .write("a", "1")
            .commit("base");
        repo.git(&["switch", "-q", "-c", "side"]);
        repo.write("a", "2").commit("theirs");
        repo.git(&["switch", "-q", "main"]);
        repo.write("a", "3").commit("ours");
        assert!(!repo.try_git(&["merge", "-q", "side"]).0);
        repo.write("b.log", "").write("c.log", "").write("d\te", "");
        repo.stage("c.log");
        let mut expected: Vec<_> = [".gitignore", "a", "c.log"].map(tracked).into();
        expected.push(untracked("d\te"));
        assert_eq!(listed(&repo, ""), expected);
    }

    #[test]
    fn what_is_below_a_directory_is_listed_from_there() {
        let repo = Repo::new();
        repo.write("x/y/a", "")
            .stage("x/y/a")
            .write("x/b", "")
            .write("c", "");
        assert_eq!(listed(&repo, "x"), [tracked("y/a"), untracked("b")]);
    }

    #[test]
    fn repositories_are_listed_and_not_looked_into() {
        let repo = Repo::new();
        repo.git(&["init", "-q", "other"]);
        repo.git(&["init", "-q", "module"]);
        let other = repo.write("other/a", "").write("module/a", "");
        other.git(&["-C", "module", "add", "a"]);
        other.git(&["-C", "module", "commit", "-q", "-m", "-"]);
        other.stage("module");
        let expected = [
            Listed::Submodule("module".into()),
            Listed::Repository("other".into()),
        ];
        assert_eq!(listed(&repo, ""), expected);
    }

    #[test]
    fn what_git_cannot_look_into_is_a_gap() {
        let repo = Repo::new();
        repo.write("sub/closed/a", "");
        let said = b"warning: could not open directory 'sub/closed/': Permission denied\n\
            warning: could not open directory 'it's: gone/': No such file or directory\n\
            warning: something else\n\
            warning: could not open directory 'lo/ng";
        let gaps = gaps(&repo.path().join("sub"), said);
        let [closed, gone, long] = gaps.as_slice() else {
            panic!("{gaps:?}");
        };
        assert!(closed.subject.ends_with("/sub/closed"), "{closed}");
        assert_eq!(closed.reason, GapReason::PermissionDenied);
        assert_eq!(gone.subject, "it's: gone");
        assert_eq!(gone.reason, GapReason::Vanished);
        assert_eq!(
            long.to_string(),
            "lo/ng: could not be read: its path is too long"
        );
    }

    #[test]
    fn an_ignored_directory_is_told() {
        let repo = Repo::new();
        repo.write(".gitignore", "out\nbuild\n")
            .write("out/x/a", "");
        repo.write("build/a", "").stage("build/a");
        let ignored = |below: &str| is_ignored(&repo.path().join(below)).unwrap();
        assert_eq!(
            ["", "out", "out/x", "build"].map(ignored),
            [false, true, true, true]
        );
    }
}
