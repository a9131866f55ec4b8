//! Scripts as commands: what is run, with which words, and where its output
//! goes.
//!
//! Nothing is executed, and little is decided: a word is its pieces, a branch
//! or a loop is its body. Who reads a script gives meaning to commands.

pub mod bash;
pub mod powershell;

use std::ops::Range;

/// The longest script that is parsed, in bytes.
pub const LONGEST: usize = 512 * 1024;

/// One statement of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Statement {
    /// A command and its words.
    Command(Command),
    /// Commands of which each reads what the one before it writes.
    Pipe(Vec<Statement>),
    /// A variable is set.
    Assign(Assign),
    /// Several statements with one output.
    Group(Group),
    /// A function is defined.
    Function(String, Vec<Statement>),
}

/// A command and its words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Command {
    /// The program's name, and its arguments.
    pub words: Vec<Word>,
    /// Variables that are set for this command alone.
    pub assigns: Vec<Assign>,
    /// Where its streams lead.
    pub redirects: Vec<Redirect>,
    /// Its place in the script.
    pub span: Range<usize>,
}

/// A variable is set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assign {
    /// The variable, without `$`; of PowerShell's environment with `env:`.
    pub name: String,
    /// Its value.
    pub value: Word,
    /// Whether the value is appended.
    pub append: bool,
    /// Its place in the script.
    pub span: Range<usize>,
}

/// Several statements with one output: a subshell, a branch, a loop.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// The statements, those of all branches.
    pub body: Vec<Statement>,
    /// Whether what it sets is forgotten behind it.
    pub subshell: bool,
    /// The variable of a loop and what it runs over.
    pub each: Option<(String, Vec<Word>)>,
    /// Where its streams lead.
    pub redirects: Vec<Redirect>,
}

/// Where a stream leads, or comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// Which stream.
    pub stream: Stream,
    /// A file, another stream (`&1`), or for input the text itself.
    pub target: Word,
}

/// A stream of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// What it reads, from a file.
    Input,
    /// What it reads, given in the script.
    Here,
    /// What it writes.
    Output,
    /// What it writes, appended.
    Append,
    /// What it writes of errors and traces.
    Errors,
    /// Both.
    Both,
}

/// A word: pieces that stand together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Word {
    /// In order.
    pub pieces: Vec<Piece>,
    /// Its place in the script.
    pub span: Range<usize>,
}

/// A piece of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// As it is.
    Text(String),
    /// The value of a variable.
    Variable(String),
    /// A part of a variable's value, or the value in another form.
    Part(String),
    /// A variable's value, or this where it has none.
    Default(String, Word),
    /// What statements write.
    Output(Vec<Statement>),
    /// A field of what statements write: `(…).masterKey`.
    Field(Box<Piece>, String),
    /// The items of a list, or the names and values of a table, as words of
    /// their own: PowerShell's `@common`.
    Splat(String),
    /// Names with values: PowerShell's `@{…}`.
    Table(Vec<(Word, Word)>),
    /// Something that is not understood.
    Unknown,
}

impl Word {
    /// The text of a word that is only that.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        let mut all = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => all += text,
                _ => return None,
            }
        }
        Some(all)
    }
}
