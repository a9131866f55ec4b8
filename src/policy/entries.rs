//! The entries of a policy, checked.

use jiff::civil::Date;
use regex::{Regex, bytes};

use crate::finding::Severity;
use crate::glob::Glob;
use crate::key::KeyClass;
use crate::location::FilePlace;

/// What the policy says of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleSetting {
    /// It runs, with its own severity.
    On,
    /// It does not run.
    Off,
    /// It runs, with this severity.
    Severity(Severity),
}

/// Days by the kind of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits(pub(super) [u32; 4]);

impl Limits {
    /// The limit for one kind.
    #[must_use]
    pub fn of(&self, class: KeyClass) -> u32 {
        self.0[class as usize]
    }
}

/// What an exemption, or an accepted gap, is about.
#[derive(Clone)]
pub struct Subject(pub(super) About);

/// The two sorts of subjects.
#[derive(Clone)]
pub(super) enum About {
    /// Files: a glob relative to the policy's directory.
    Path(Glob),
    /// Azure resources: a glob over their ids.
    Resource(Glob),
}

impl Subject {
    /// The glob as the policy has it, masked.
    #[must_use]
    pub fn written(&self) -> String {
        match &self.0 {
            About::Path(glob) | About::Resource(glob) => glob.written(),
        }
    }

    /// Whether it is about Azure resources, and not about files.
    #[must_use]
    pub fn is_resource(&self) -> bool {
        matches!(self.0, About::Resource(_))
    }
}

/// An `[[exempt]]`: findings of one rule that do not count, for a while.
#[derive(Clone)]
#[non_exhaustive]
pub struct Exempt {
    /// The rule's id.
    pub rule: String,
    /// Where.
    pub subject: Subject,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day on which it holds.
    pub until: Date,
    /// Whether it is of a policy that this one extends, and may be meant for
    /// another repository.
    pub inherited: bool,
    /// Its `rule` in the policy file.
    pub place: FilePlace,
    /// Its `until` in the policy file.
    pub until_place: FilePlace,
}

/// An `[[accept-gap]]`: something that could not be read, and may be so.
#[derive(Clone)]
#[non_exhaustive]
pub struct AcceptedGap {
    /// What.
    pub subject: Subject,
    /// Why.
    pub reason: String,
    /// The last day on which it holds.
    pub until: Date,
    /// Where the policy says so.
    pub place: FilePlace,
}

/// An `[[exclude]]`: files that are not scanned.
#[derive(Clone)]
#[non_exhaustive]
pub struct Exclude {
    pub(super) glob: Glob,
    /// Why nobody needs to look there.
    pub reason: String,
}

impl Exclude {
    /// The glob as the policy has it, masked.
    #[must_use]
    pub fn written(&self) -> String {
        self.glob.written()
    }
}

/// A `[[pattern]]`: a key shape of an organisation's own.
#[derive(Clone)]
#[non_exhaustive]
pub struct Pattern {
    /// Its name.
    pub id: String,
    /// What it finds.
    pub description: String,
    /// The expression; its group `secret` is the value.
    pub regex: bytes::Regex,
    /// Literal texts, one of which stands near every match.
    pub keywords: Vec<String>,
    pub(super) files: Vec<Glob>,
}

impl Pattern {
    /// The group that holds the value.
    pub const GROUP: &'static str = "secret";
}

/// An `[[app]]`: what is known of an app.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct App {
    /// Its name.
    pub name: String,
    /// Whether a key alone is too little protection for it.
    pub sensitive: bool,
    /// Its environment, if the policy states it.
    pub environment: Option<String>,
}

/// Who may list keys.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct KeyReaders {
    /// How many principals may be able to list the keys of an app.
    pub max: u32,
    /// The principals that are expected to list keys, in small letters.
    pub allowed: Vec<String>,
}

impl Default for KeyReaders {
    fn default() -> Self {
        Self {
            max: 10,
            allowed: Vec::new(),
        }
    }
}

/// A `[[caller]]`: one caller, and one key that it holds.
#[derive(Clone)]
#[non_exhaustive]
pub struct Caller {
    /// Its name; several entries may be about the same caller.
    pub name: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// How to reach the owner about a rotation.
    pub contact: Option<String>,
    /// Whom to call when the key has leaked.
    pub emergency: Option<String>,
    /// The app that it calls.
    pub app: Option<String>,
    /// The slot of that app.
    pub slot: Option<String>,
    /// The function, when the key is that function's own.
    pub function: Option<String>,
    /// The name of the key.
    pub key: Option<String>,
    /// The kind of the key.
    pub class: KeyClass,
    /// Where the caller keeps the key.
    pub stored_in: Option<String>,
    /// How to see that the caller works with a new key.
    pub test: Option<String>,
    /// When the key was last rotated.
    pub rotated: Option<Date>,
    /// The name of the key that this one replaces.
    pub replaces: Option<String>,
    /// When the caller ended, or will.
    pub ended: Option<Date>,
    /// The environment that it belongs to.
    pub environment: Option<String>,
    pub(super) paths: Vec<Glob>,
    /// Its `name` in the policy file.
    pub place: FilePlace,
}

impl Caller {
    /// What the entry lacks of what an auditor, or whoever has to rotate the
    /// key, needs to know.
    #[must_use]
    pub fn missing(&self) -> Vec<&'static str> {
        [
            ("owner", &self.owner),
            ("contact", &self.contact),
            ("stored-in", &self.stored_in),
            ("test", &self.test),
        ]
        .into_iter()
        .filter(|(_, value)| value.is_none())
        .map(|(field, _)| field)
        .collect()
    }
}

/// What a key's name must look like.
#[derive(Clone)]
pub(super) struct NamePattern(pub Regex);
