//! `az`, `func` and the cmdlets that do the same.

use std::collections::HashSet;

use super::super::value::{Place, Scope, Value, keys};
use super::super::world::{Subject, What};
use super::arguments::{Argument, Arguments};
use super::http::{Request, parts};
use super::{Chunk, Machine};

impl Machine<'_> {
    /// The Azure CLI.
    pub(super) fn az(&mut self, words: &[Argument], place: &Place) -> Vec<Chunk> {
        let arguments = Arguments::of(words);
        let path = arguments.leading().join(" ");
        let app = || {
            let app = arguments.value(&["--name", "-n"]).unwrap_or_default();
            match arguments.value(&["--slot", "-s"]) {
                Some(slot) => format!("{app}/{slot}"),
                None => app.to_owned(),
            }
        };
        let function = arguments.value(&["--function-name"]).map(str::to_owned);
        let subject = || Subject {
            app: app(),
            function: function.clone(),
            kind: arguments
                .value(&["--key-type"])
                .unwrap_or("functionKeys")
                .to_owned(),
            name: arguments
                .value(&["--key-name"])
                .unwrap_or_default()
                .to_owned(),
        };
        let text = match path.as_str() {
            "functionapp keys list" => self.listing(&app(), None, place),
            "functionapp function keys list" => {
                self.listing(&app(), function.as_deref().or(Some("")), place)
            }
            "functionapp keys set" | "functionapp function keys set" => {
                return self.set_key(&arguments, subject(), place);
            }
            "functionapp keys delete" | "functionapp function keys delete" => {
                self.world.event(What::Delete(subject()), None, place);
                return Vec::new();
            }
            "rest" => {
                let names: [&[&str]; 3] = [
                    &["--url", "--uri", "-u"],
                    &["--method", "-m"],
                    &["--body", "-b"],
                ];
                let Some(answer) = self.rest(&arguments, names, place) else {
                    return Vec::new();
                };
                answer
            }
            "resource invoke-action" => {
                let action = arguments.value(&["--action"]).unwrap_or_default();
                let ids = arguments
                    .value(&["--ids", "--name", "-n"])
                    .unwrap_or_default();
                let kind = arguments.value(&["--resource-type"]).unwrap_or_default();
                let about = format!("{ids} {kind}").to_ascii_lowercase();
                let is_host = about.contains("host/default") || about.contains("sites/host");
                let is_function =
                    about.contains("/functions/") || about.contains("sites/functions");
                if !action.eq_ignore_ascii_case("listkeys") || !(is_host || is_function) {
                    return Vec::new();
                }
                self.listing(ids, is_function.then_some(""), place)
            }
            "keyvault secret show" => {
                let name = arguments
                    .value(&["--name", "-n", "--id"])
                    .unwrap_or_default();
                let shown = arguments
                    .value(&["--query"])
                    .is_some_and(|query| query != "value");
                if shown {
                    return Vec::new();
                }
                self.vault_secret(name, place)
            }
            "keyvault secret set" => {
                let vault = arguments.value(&["--vault-name"]).unwrap_or_default();
                self.store(vault, words, place);
                return Vec::new();
            }
            "functionapp deployment slot swap" | "webapp deployment slot swap" => {
                self.world.event(What::Swap, None, place);
                return Vec::new();
            }
            path if path.ends_with("appsettings set")
                || path.ends_with("setting set")
                || path.starts_with("apim nv")
                || path.ends_with("secret set")
                || path.starts_with("appconfig kv set") =>
            {
                self.learn_from_settings(&app(), words);
                self.store(&app(), words, place);
                return Vec::new();
            }
            path if path.starts_with("monitor") && path.contains("query") => {
                self.world.event(What::Check, None, place);
                return Vec::new();
            }
            _ => return Vec::new(),
        };
        self.shaped(text, &arguments, place)
    }

    /// What the CLI's own flags leave of an answer.
    fn shaped(&mut self, text: Value, arguments: &Arguments<'_>, place: &Place) -> Vec<Chunk> {
        let silent = arguments
            .value(&["--output", "-o"])
            .is_some_and(|format| format.eq_ignore_ascii_case("none"));
        let query = arguments.find(&["--query"]);
        let text = match query {
            Some((query, at)) => self.select(&text, query, at),
            None => text,
        };
        if silent || text.is_empty() {
            return Vec::new();
        }
        vec![Chunk {
            text,
            place: place.clone(),
        }]
    }

    /// `keys set`: with a value of one's own, or one that the service makes.
    fn set_key(
        &mut self,
        arguments: &Arguments<'_>,
        subject: Subject,
        place: &Place,
    ) -> Vec<Chunk> {
        if let Some((value, at)) = arguments.find(&["--key-value"])
            && !value.is_empty()
        {
            self.world.event(What::Choose(subject.clone()), None, at);
        }
        let in_place = subject.name.eq_ignore_ascii_case("default");
        let what = match in_place {
            true => What::Regenerate(subject.clone()),
            false => What::Create(subject.clone()),
        };
        self.world.event(what, None, place);
        let asks = arguments
            .value(&["--query"])
            .is_some_and(|query| query.contains("value"));
        if !asks || arguments.value(&["--key-value"]).is_some() {
            return Vec::new();
        }
        let scope = match (
            subject.kind.to_ascii_lowercase().as_str(),
            &subject.function,
        ) {
            ("masterkey", _) => Scope::Master,
            ("systemkeys", _) => Scope::System,
            (_, Some(_)) => Scope::Function,
            _ => Scope::Host,
        };
        let function = subject.function.as_deref();
        let text = self.fetched(scope, &subject.name, &subject.app, function, place);
        vec![Chunk {
            text,
            place: place.clone(),
        }]
    }

    /// Something is put where a caller takes it from.
    fn store(&mut self, target: &str, words: &[Argument], place: &Place) {
        let ids: Vec<usize> = words.iter().flat_map(|(word, _)| keys(word)).collect();
        let what = What::Store(target.to_owned());
        if ids.is_empty() {
            self.world.event(what, None, place);
            return;
        }
        for id in ids {
            self.world.event(what.clone(), Some(id), place);
        }
    }

    /// `HUB_URL=https://func-hub… HUB_KEY=…`: what stands beside the address of
    /// another app of Azure Functions is its key.
    fn learn_from_settings(&mut self, own: &str, words: &[Argument]) {
        let settings = || words.iter().filter_map(|(word, _)| word.split_once('='));
        let stem = |name: &str| name.rsplit_once('_').map(|(stem, _)| stem.to_owned());
        let callees: HashSet<String> = settings()
            .filter(|(_, value)| value.contains(".azurewebsites."))
            .filter_map(|(name, value)| {
                let host = parts(value).0?;
                let app = host.split('.').next().unwrap_or_default();
                let is_callee = app.contains("func") && !app.eq_ignore_ascii_case(own);
                is_callee.then(|| stem(name))?
            })
            // The caller's own.
            .filter(|stem| !stem.eq_ignore_ascii_case("app"))
            .collect();
        for (name, value) in settings() {
            let says_key = name.to_ascii_lowercase().ends_with("_key");
            if says_key && stem(name).is_some_and(|stem| callees.contains(&stem)) {
                self.learn(value);
            }
        }
    }

    /// The Core Tools: some of their commands show keys.
    pub(super) fn func(&mut self, words: &[Argument], place: &Place) -> Vec<Chunk> {
        let arguments = Arguments::of(words);
        if !arguments.has(&["--show-keys"]) {
            return Vec::new();
        }
        let app = words
            .iter()
            .map(|(word, _)| word.as_str())
            .skip_while(|word| *word != "functionapp")
            .nth(2)
            .unwrap_or_default();
        let text = self.listing(app, None, place);
        vec![Chunk {
            text,
            place: place.clone(),
        }]
    }

    /// The cmdlets of the Az module.
    pub(super) fn cmdlet(
        &mut self,
        name: &str,
        words: &[Argument],
        place: &Place,
    ) -> Option<Vec<Chunk>> {
        let arguments = Arguments::of(words);
        let text = match name {
            "invoke-azresourceaction" => {
                let action = arguments.value(&["-action"]).unwrap_or_default();
                let about = words.iter().map(|(word, _)| word.to_ascii_lowercase());
                let about = about.collect::<Vec<_>>().join(" ");
                let is_host = about.contains("host/default") || about.contains("sites/host");
                let is_function =
                    about.contains("/functions/") || about.contains("sites/functions");
                if !action.to_ascii_lowercase().starts_with("listkeys") || !(is_host || is_function)
                {
                    return Some(Vec::new());
                }
                let app = arguments
                    .value(&["-resourcename", "-resourceid"])
                    .unwrap_or_default();
                let app = app.split("/sites/").last().unwrap_or(app);
                let app = app.split('/').next().unwrap_or(app).to_owned();
                self.listing(&app, is_function.then_some(""), place)
            }
            "remove-azresource" | "new-azresource" | "set-azresource" => {
                let (id, at) = arguments.find(&["-resourceid"])?;
                let request = Request {
                    method: match name {
                        "remove-azresource" => "delete".to_owned(),
                        _ => "put".to_owned(),
                    },
                    url: id,
                    place: at,
                    body: arguments
                        .value(&["-properties"])
                        .unwrap_or_default()
                        .to_owned(),
                };
                self.administration(&request, place);
                return Some(Vec::new());
            }
            "invoke-azrestmethod" => {
                let names: [&[&str]; 3] = [&["-path", "-uri"], &["-method"], &["-payload"]];
                self.rest(&arguments, names, place)?
            }
            "get-azresource" => {
                let kind = arguments.value(&["-resourcetype"]).unwrap_or_default();
                let name = arguments.value(&["-name", "-resourcename"])?;
                resource(kind, name)
            }
            "get-azwebapp" | "get-azfunctionapp" => {
                resource("Microsoft.Web/sites", arguments.value(&["-name"])?)
            }
            "get-azkeyvaultsecret" => {
                let name = arguments.value(&["-name"]).unwrap_or_default();
                match arguments.has(&["-asplaintext"]) {
                    true => self.vault_secret(name, place),
                    false => Value::new(),
                }
            }
            "set-azkeyvaultsecret" => {
                let vault = arguments.value(&["-vaultname"]).unwrap_or_default();
                self.store(vault, words, place);
                return Some(Vec::new());
            }
            "update-azfunctionappsetting" | "set-azwebapp" => {
                let app = arguments.value(&["-name"]).unwrap_or_default();
                self.store(app, words, place);
                return Some(Vec::new());
            }
            _ => return None,
        };
        Some(match text.is_empty() {
            true => Vec::new(),
            false => vec![Chunk {
                text,
                place: place.clone(),
            }],
        })
    }

    /// A request to Azure Resource Manager by a command whose arguments name the
    /// URL, the method and the body so; `None` without a URL.
    fn rest(
        &mut self,
        arguments: &Arguments<'_>,
        [url, method, body]: [&[&str]; 3],
        place: &Place,
    ) -> Option<Value> {
        let (url, at) = arguments.find(url)?;
        let method = arguments.value(method).unwrap_or("get");
        let body = arguments.value(body).unwrap_or_default();
        let request = Request {
            method: method.to_ascii_lowercase(),
            url,
            place: at,
            body: self.content(body),
        };
        let answer = self.administration(&request, place);
        Some(answer.map(|chunk| chunk.text).unwrap_or_default())
    }
}

/// What the Az module tells of a resource, from its type and its name.
fn resource(kind: &str, name: &str) -> Value {
    let mut parts = kind.split('/');
    let mut id = format!("/providers/{}", parts.next().unwrap_or_default());
    for (part, name) in parts.zip(name.split('/')) {
        id += &format!("/{part}/{name}");
    }
    let last = name.rsplit('/').next().unwrap_or(name);
    let host = format!("{last}.azurewebsites.net");
    [
        ("Id", id.as_str()),
        ("ResourceId", &id),
        ("Name", last),
        ("DefaultHostName", &host),
    ]
    .map(|(name, value)| super::table::line(name, value))
    .concat()
}
