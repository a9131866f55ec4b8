//! What the name beside a value says of it.

use super::pattern::patterns;
use crate::fact::{Context, Service};
use crate::key::KeyKind;

/// What a place says of the value that stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    /// Whose key stands there.
    pub service: Service,
    /// What the place says that the key opens.
    pub kind: KeyKind,
    /// How the value stands there.
    pub context: Context,
    /// Whether only a key can stand there, so that any value counts.
    pub unmistakable: bool,
    /// The name, as the document has it.
    pub name: Option<String>,
    /// The host that the key is sent to.
    pub host: Option<String>,
}

impl Position {
    /// A place of Azure Functions.
    pub(crate) fn functions(kind: KeyKind, context: Context) -> Self {
        Self {
            service: Service::Functions,
            kind,
            context,
            unmistakable: false,
            name: None,
            host: None,
        }
    }

    /// The same with the name beside the value.
    pub(crate) fn named(mut self, name: &[u8]) -> Self {
        let name = String::from_utf8_lossy(name);
        self.name = Some(crate::excerpt::redact(&name));
        self
    }

    /// The same where only a key can stand.
    pub(crate) fn certain(mut self) -> Self {
        self.unmistakable = true;
        self
    }
}

/// What a name says, on its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    /// `x-functions-key`.
    Header,
    /// A master key; another product's just as well, unless the document is
    /// about Azure Functions.
    Master,
    /// A system key.
    System,
    /// An entry of a store or a state file that is a function or host key.
    Function,
    /// Some key of Azure Functions.
    Key,
    /// A key of some host; counts only where the document is about Azure
    /// Functions.
    Host,
    /// `code`, `value`, `default`: the name of a pair's half, or of a query
    /// parameter.
    Generic,
}

/// What the name says, if it says anything.
pub(crate) fn named(name: &[u8]) -> Option<Named> {
    if FOREIGN.is_match(name) {
        return None;
    }
    let table: [(&std::sync::LazyLock<regex::bytes::Regex>, Named); 7] = [
        (&HEADER, Named::Header),
        (&SYSTEM, Named::System),
        (&MASTER, Named::Master),
        (&FUNCTION, Named::Function),
        (&KEY, Named::Key),
        (&HOST, Named::Host),
        (&GENERIC, Named::Generic),
    ];
    table
        .iter()
        .find_map(|(pattern, named)| pattern.is_match(name).then_some(*named))
}

patterns! {
    HEADER = r"(?i-u)x[-_]?functions[-_]?key$";
    // `host.systemKey.x`, `eventgrid_extension`, the attributes of Terraform's data source.
    SYSTEM = r"(?i-u)system[-_. ]?keys?\b|system[-_. ]?keys?_|systemkey|(?:eventgrid|durabletask|mcp|blobs|signalr|webpubsub|dapr|kafka|mcptoolextension|eventgridextensionconfig)(?:[-_]|-095)?extension(?:[-_]?(?:config))?(?:[-_]?key)?$|event_grid_extension(?:_config)?_key";
    MASTER = r"(?i-u)(?:^|[^a-z])_master$|^_master$|^host\.master$|host--masterkey|master[-_. ]?(?:host[-_. ]?)?key(?:s|value|secret|literal|default)?(?:$|[^a-z])";
    // A store's own names.
    FUNCTION = r"(?i-u)^host\.function(?:key)?\.|^functions\.[\w-]+\.[\w-]+$|host--functionkey--|^function--[\w-]+--|^default_function_key$|^functionkeys$";
    KEY = r"(?i-u)func(?:tion)?s?[-_. ]?(?:app)?s?[-_. ]?(?:[a-z0-9]+[-_. ]?){0,3}?(?:key|code|secret|token)s?(?:$|[^a-z])|func(?:tion)?s?(?:app)?(?:[A-Za-z0-9]{0,20}?)(?:Key|Code|Secret|Token)|func(?:tion)?s?[-_]?(?:app)?[-_]?(?:host|api|access|auth|default)?[-_]?key|(?:^|[-_. ])fn(?:app)?[-_]?(?:api|host|access)?[-_]?key|az(?:ure)?[-_]?fn[-_]?key";
    HOST = r"(?i-u)host[-_. ]?keys?$|hostKey|default[-_.]?(?:host[-_.]?)?key$|defaultKey";
    GENERIC = r"(?i-u)^(?:value|val|code|key|keys|default|defaultvalue|secret|secretvalue|secure[-_]?string|text|raw|content|data|string|stringvalue|simplevalue|stringprop|current|initial|api[-_]?key|apikey|code[-_]?param|authcode|example|initialvalue|currentvalue|type|token|auth|password|credential|valuefrom|functionkeyvalue|name)$";
    // Products that have master keys, host keys or function keys of their own.
    FOREIGN = r"(?i-u)parse|meili|litellm|algolia|typesense|cosmos|documentdb|docdb|rails|django|laravel|vault(?:wave)?[-_]?master|wallet|bip|mongo|redis|encryption[-_]?master|\baes|crypto|cipher|jwt|kms|\bssh|known[-_]?hosts|rsa|ed25519|ecdsa|storage[-_]?(?:account)?[-_]?key|accountkey|cognitive|search[-_]?key|openai|maps|event[-_]?hub|service[-_]?bus|iot|batch|signalr[-_]?(?:primary|access|connection)|keyring|master[-_]?key[-_]?(?:id|base|path|file|arn|name|identifier|hash|salt|length|size|derivation)|public[-_]?key|private[-_]?key|function[-_]?key[-_]?(?:name|id|path|file)|partition|foreign";
}

/// Whether the document is about Azure Functions: a key of its formats, the
/// shape of a store, a name or a host of it. Other products have master keys
/// too.
pub(crate) fn has_functions_evidence(text: &[u8]) -> bool {
    let has = |word: &[u8]| memchr::memmem::find(text, word).is_some();
    EVIDENCE.is_match(text) || (has(b"functionKey") && has(b"masterKey"))
}

patterns! {
    EVIDENCE = r#"(?-u)AzFu|(?i-u:x-functions-key|x_functions_key|azurewebsites|chinacloudsites|appserviceenvironment|azure[\s_-]?functions?\b|function[\s_-]?apps?\b|azurerm_(?:linux_|windows_)?function|functionapp|azurefunction|azure[\s_-]?func\b|functions?_worker|AzureWebJobs|functions?[\s_-]extension|functions_|host\.master|host\.function|host--master|func-keys-|/admin/(?:host|functions|vfs|zip)|/runtime/webhooks|Microsoft\.Web/sites|listkeys|"encrypted"\s*:|\\"encrypted\\"\s*:)"#;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_names() {
        for (name, expected) in [
            ("x-functions-key", Named::Header),
            ("X_FUNCTIONS_KEY", Named::Header),
            ("masterKey", Named::Master),
            ("FUNCTIONS_MASTER_KEY", Named::Master),
            ("_master", Named::Master),
            ("host.master", Named::Master),
            ("host--masterKey--master", Named::Master),
            ("systemKey", Named::System),
            ("host.systemKey.eventgrid_extension", Named::System),
            ("durabletask_extension", Named::System),
            ("host--systemKey--eventgrid-095extension", Named::System),
            ("durabletask_extension_key", Named::System),
            ("functions.main.default", Named::Function),
            ("default_function_key", Named::Function),
            ("FUNCTION_KEY", Named::Key),
            ("AZURE_FUNCTIONS_API_KEY", Named::Key),
            ("functionAppKey", Named::Key),
            ("OrdersFunctionCode", Named::Key),
            ("FUNC_KEY", Named::Key),
            ("function-key", Named::Key),
            ("Function key", Named::Key),
            ("hostKey", Named::Host),
            ("code", Named::Generic),
            ("value", Named::Generic),
        ] {
            assert_eq!(named(name.as_bytes()), Some(expected), "{name}");
        }
        for name in [
            "PARSE_MASTER_KEY",
            "cosmosMasterKey",
            "partitionKey",
            "RAILS_MASTER_KEY",
            "AccountKey",
            "integrity",
            "ssh_host_key",
            "encryptionKey",
            "sessionKey",
        ] {
            assert_eq!(named(name.as_bytes()), None, "{name}");
        }
    }
}
