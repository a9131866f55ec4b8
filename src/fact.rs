//! The vocabulary: small typed records about documents and resources.
//!
//! Readers make facts, joins make facts of facts, rules judge them. No fact
//! holds a key. What a condition can name is what serialises here: the schema
//! that conditions are checked against, `keysweep rules facts` and the
//! documentation are all derived from these types.

mod code;
mod occurrence;
mod pipeline;
mod policy;
mod record;
mod sharing;
mod template;

pub use code::{AuthLevel, HttpTrigger, Model, Stated, UrlKey};
pub use occurrence::{Caller, Checksum, Context, Exposure, Format, KeyOccurrence, Service};
pub use pipeline::{
    KeyAction, KeyRemoval, KeySupply, PipelineDialect, PipelineKeyKind, PipelineKeyUse,
    PipelineRotation, PipelineSharedKey, PrintWay,
};
pub use policy::{Exemption, RegisterEntry, Suppression, SuppressionSource};
pub use record::{Record, Related};
pub use sharing::{EncryptedStore, SharedKey};
pub use template::{
    Destination, Dialect, Setting, TemplateKey, TemplateKeyFlow, TemplateKeyRef, TemplateSharedKey,
};

use schemars::{JsonSchema, Schema, schema_for};
use serde::Serialize;

macro_rules! facts {
    ($($(#[$doc:meta])* $variant:ident($record:ty) = $name:literal,)*) => {
        /// Any fact.
        #[derive(Clone, Debug, Serialize)]
        #[serde(untagged)]
        pub enum Fact {
            $($(#[$doc])* $variant($record),)*
        }

        /// The type of a fact: what a rule's `on` says.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, serde::Deserialize, JsonSchema)]
        pub enum FactType {
            $($(#[$doc])* #[serde(rename = $name)] $variant,)*
        }

        impl FactType {
            /// Every type, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The word after `on =`, and the name of the variable in conditions.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The fields that a condition may name.
            #[must_use]
            pub fn schema(self) -> Schema {
                match self { $(Self::$variant => schema_for!($record),)* }
            }
        }

        impl Fact {
            /// Its type.
            #[must_use]
            pub fn fact_type(&self) -> FactType {
                match self { $(Self::$variant(_) => FactType::$variant,)* }
            }

            /// What every fact says of itself.
            #[must_use]
            pub fn record(&self) -> &dyn Record {
                match self { $(Self::$variant(record) => record,)* }
            }
        }

        $(impl From<$record> for Fact {
            fn from(record: $record) -> Self { Self::$variant(record) }
        })*
    };
}

facts! {
    /// One value that is, or could be, a key, at one place of a file.
    Occurrence(KeyOccurrence) = "occurrence",
    /// One key at all the places where its value stands.
    SharedKey(SharedKey) = "shared_key",
    /// An encrypted secret store whose decryption key is in the same tree.
    EncryptedStore(EncryptedStore) = "encrypted_store",
    /// One thing that a pipeline does with a key, at one place.
    PipelineKeyUse(PipelineKeyUse) = "pipeline_key_use",
    /// A key that serves more than one caller.
    PipelineSharedKey(PipelineSharedKey) = "pipeline_shared_key",
    /// A key that a pipeline deletes, or makes anew in place.
    PipelineRotation(PipelineRotation) = "pipeline_rotation",
    /// A place where a template reads a key of a function app.
    TemplateKeyRef(TemplateKeyRef) = "template_key_ref",
    /// A place that a template hands a key of a function app to.
    TemplateKeyFlow(TemplateKeyFlow) = "template_key_flow",
    /// One key of the host of an app that a template hands to its callers.
    TemplateSharedKey(TemplateSharedKey) = "template_shared_key",
    /// An application setting that a template makes.
    Setting(Setting) = "setting",
    /// An HTTP trigger of a function app.
    HttpTrigger(HttpTrigger) = "http_trigger",
    /// A key that code puts into a URL.
    UrlKey(UrlKey) = "url_key",
    /// An inline ignore, an exemption or a baseline entry.
    Suppression(Suppression) = "suppression",
    /// An exemption of the policy.
    Exemption(Exemption) = "exemption",
    /// A `[[caller]]` of the policy's register.
    RegisterEntry(RegisterEntry) = "register_entry",
}
