//! What sort of document a text is: who will read it.
//!
//! A key in what is delivered to browsers and phones is everybody's; one in a
//! log is everybody's who can read logs. Decided by the path, and by the
//! content where the path does not tell.

use std::cell::OnceCell;
use std::ops::Range;

use super::pattern::{path_patterns, patterns};
use crate::fact::Exposure;

/// What is known of a document before its keys are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Class {
    /// What sort of document it is.
    pub exposure: Exposure,
    /// Whether it is a state file of Terraform.
    pub state_file: bool,
    /// Whether values without quotes are literals in it.
    pub bare_literals: bool,
    /// Whether it is a notebook, whose outputs are a log.
    pub notebook: bool,
    /// Whether it is a page that a server fills in: its scripts reach browsers.
    pub page: bool,
    /// Whether it lies in a folder of secrets.
    pub among_secrets: bool,
}

path_patterns! {
    PROGRAM_PATH = r"(?i-u)\.(?:[cm]?[jt]sx?|cs|py|java|kt|kts|swift|dart|go|rs|php|rb|ps1|psm1|sh|bash|bat|cmd|vue|svelte|html?|css|bicep|tf|tfvars|http|rest|sql|groovy|m|h|r|pl|lua|ex|exs|scala|fs|vb|map|cshtml|razor|xaml|gradle|ipynb)$";
    PAGE_PATH = r"(?i-u)\.(?:cshtml|vbhtml|aspx|jsp|phtml|blade\.php|erb|ejs|hbs|twig|jinja2?|j2)$";
    SECRETS_FOLDER = r"(?i-u)(?:^|/)[^/]*secrets?[^/]*/";
    NATIVE_PATH = r"(?i-u)\.(?:kt|kts|java|cs|xaml|gradle|razor)$|(?:^|/)app\.json$|(?:^|/)assets/(?:.*/)?[^/]*\.(?:json|ya?ml|env|txt|ini|xml|properties)$|(?:^|/)resources/(?:raw|values|xml)[^/]*/";
    SCRIPT_PATH = r"(?i-u)\.[cm]?[jt]s$";
    LOG_PATH = r"(?ix-u)\.(?:log|har|trx|syslog|jtl|wer|dmp|etl|nohup)(?:\.\d+|\.gz|\.old|\.txt|\.json|\.csv)?$ | (?:^|/)nohup\.out$ | (?:^|[/._-])(?:logs?|transcripts?|cassettes?|console[-_]?output|build[-_]?output|chat[-_]?(?:export|log)s?|slack[-_]?export|teams[-_]?export|traces?)(?:[._-][^/]*)?\.(?:txt|out|json|jsonl|ndjson|ya?ml|csv|tsv|html?|xml)$ | (?:^|/)(?:chat|discord|slack|teams)/(?:.*/)?[^/]*(?:archive|dump|export|history|thread)[^/]*\.(?:txt|json|csv|html?)$ | (?:^|/)(?:logs|logfiles|log|transcripts|cassettes|vcr[_-]cassettes|chat[-_]?exports?|slack[-_]?exports?|build[-_]logs|recordings)/(?:.*/)?[^/]*\.(?:txt|out|json|jsonl|ndjson|ya?ml|csv|tsv|html?|xml|log|[0-9]+)$";
    DOCUMENT_PATH = r"(?i-u)\.(?:md|markdown|mdx|mkd|rst|adoc|asciidoc|textile|org|tex|rtf|wiki|pod|eml|txt|text)$|(?:^|/)(?:readme|changelog|contributing|notes|todo)(?:\.[a-z]{2})?$|(?:^|/)docs?/(?:.*/)?[^/]*\.html?$|(?:^|/)\.git/(?:commits|tags|notes)/";
    PIPELINE_PATH = r"(?i-u)(?:^|/)\.github/(?:workflows|actions)/.*\.ya?ml$|(?:^|/)action\.ya?ml$|(?:^|/)\.?azure-pipelines?[^/]*(?:/.*)?\.ya?ml$|(?:^|/)\.?(?:azuredevops|pipelines)/.*\.ya?ml$|(?:^|/)\.gitlab-ci[^/]*\.ya?ml$|(?:^|/)\.gitlab/.*\.ya?ml$|(?:^|/)Jenkinsfile[^/]*$|(?:^|/)\.circleci/.*\.ya?ml$|(?:^|/)bitbucket-pipelines\.ya?ml$|(?:^|/)\.drone\.ya?ml$|(?:^|/)\.travis\.ya?ml$|(?:^|/)appveyor\.ya?ml$";
    TEMPLATE_PATH = r"(?i-u)\.(?:bicep|bicepparam|tf|tfvars|tofu|hcl)$|\.tf(?:vars)?\.json$|(?:^|/)azuredeploy[^/]*\.json$|\.parameters?(?:\.[\w-]+)?\.json$|(?:^|/)(?:mainTemplate|createUiDefinition)\.json$|(?:^|/)Pulumi\.[^/]*ya?ml$";
    STATE_PATH = r"(?i-u)\.tfstate(?:\.[\w.-]+)?$|(?:^|/)(?:tf)?plan[^/]*\.json$|(?:^|/)terraform\.tfstate";
    BARE_PATH = r"(?i-u)\.(?:env|ya?ml|properties|ini|cfg|conf|config|toml|http|rest|sh|bash|zsh|bat|cmd|txt|log|bru|tfvars|service|mk|md|adoc|rst|eml|csv|tsv|pem|out|reg|curl|desktop|dockerfile|envrc|sql|hurl)$|(?:^|/)\.env[^/]*$|(?:^|/)(?:Dockerfile|Containerfile|Makefile|Procfile|Jenkinsfile)[^/]*$|(?:^|/)[^/.]+$";
    TEST_PATH = r"(?i-u)(?:^|/)(?:e2e|cypress|playwright|tests?|__tests__|__mocks__|spec|specs|testing|fixtures|integration[-_]tests?|androidTest|[\w.-]+UITests?|[\w]+Tests|integration_test)/|[._-](?:spec|test|e2e|cy|stories|mock)\.[cm]?[jt]sx?$|(?:Tests?|UITests?)\.(?:swift|kt|java|m)$|_test\.dart$";
    SERVER_PATH = r"(?i-u)(?:^|/)bin/(?:.*/)?[^/]*\.dart$|(?:^|/)pages/api/|(?:^|/)app/(?:.*/)?route\.[cm]?[jt]sx?$|(?:^|/)\+(?:page|layout)?\.?server\.[jt]s$|(?:^|/)\+server\.[jt]s$|\.server\.[cm]?[jt]sx?$|(?:^|/)hooks\.server\.|(?:^|/)middleware\.[cm]?[jt]s$|(?:^|/)(?:server|backend|functions|lambdas?|workers?)/(?:.*/)?[^/]*\.[cm]?[jt]sx?$|^(?:[^/]+/)?api/(?:.*/)?[^/]*\.[cm]?[jt]sx?$|(?:^|/)(?:next|nuxt|svelte|vite|webpack|vue|astro|rollup|gatsby|angular|craco|babel|jest|vitest|karma|tailwind|postcss|playwright|cypress)[.-](?:config|conf)[^/]*\.[cm]?[jt]s$|(?:^|/)gatsby-node\.|(?:^|/)server\.[cm]?[jt]s$|(?:^|/)scripts?/[^/]*\.[cm]?[jt]s$|(?:^|/)(?:gulpfile|gruntfile|setupProxy)\.[cm]?[jt]s$";
    FRONT_END_EXTENSION = r"(?i-u)\.(?:jsx|tsx|vue|svelte|astro|html?|xhtml|map|marko|riot)$|\.(?:min|bundle|chunk|umd|iife)\.[cm]?js$|\.component\.[jt]s$|[.-][0-9a-f]{8,20}\.(?:[cm]?js|json|css)$|[.-][A-Za-z0-9_-]{8}\.(?:[cm]?js)$";
    STATIC_PATH = r"(?i-u)(?:^|/)(?:public|wwwroot|static|staticfiles|www|htdocs|webroot|public_html|\.next/static|_next/static|_nuxt|_app/immutable|assets/(?:js|scripts|config|data)|(?:src|app)/assets)/(?:.*/)?[^/]*\.(?:[cm]?[jt]sx?|json|xml|txt|css|svg|webmanifest|wasm|ya?ml|html?|map|config|ini|env|toml|plist|jsonp?)$";
    BUNDLE_PATH = r"(?i-u)(?:^|/)(?:dist|build|out|bundles?|\.output/public|\.svelte-kit/output/client|\.vercel/output/static)/(?:.*/)?[^/]*\.(?:[cm]?js|html?|map|css)$";
    FRONT_END_FOLDER = r"(?i-u)(?:^|/)(?:frontend|front-end|front_end|client|clients?[-_]app|clientapp|web[-_]?client|webapp|web[-_]?ui|ui|spa|browser|portal[-_]?ui|react[-_]?app|angular[-_]?app|vue[-_]?app|[\w]+[-_](?:frontend|ui|spa|webapp|web-client))/(?:.*/)?[^/]*\.(?:[cm]?[jt]s|json)$|(?:^|/)(?:resources/js|app/javascript)/(?:.*/)?[^/]*\.[cm]?[jt]s$|(?:^|/)(?:src|app)/(?:app|components?|views?|pages|hooks|composables|stores?|store|screens|widgets|environments|features|containers|layouts|lib/components|routes|context|contexts|services|slices)/(?:.*/)?[^/]*\.[cm]?[jt]s$|(?:^|/)environments?/environment[^/]*\.ts$";
    FRONT_END_CONFIG = r"(?i-u)(?:package|tsconfig|angular|nx|turbo|jsconfig|lerna|composer|manifest\.test|appsettings|local\.settings|host|function|launchSettings|vercel|netlify|staticwebapp\.config|swa-cli\.config|settings|extensions)[^/]*\.json$|package-lock\.json$";
    MOBILE_PATH = r"(?i-u)\.(?:dart|swift|m|mm|storyboard|xcconfig|plist|xcscheme|strings|entitlements)$|(?:^|/)res/(?:values|xml|raw)[^/]*/[^/]+$|(?:^|/)AndroidManifest\.xml$|(?:^|/)google-services\.json$|(?:^|/)capacitor\.config\.(?:json|ts)$|(?:^|/)android/(?:.*/)?[^/]*\.(?:kt|java|xml|properties|gradle|kts)$|(?:^|/)ios/(?:.*/)?[^/]*\.(?:plist|xcconfig|swift|m|h)$|(?:^|/)(?:androidApp|iosApp|commonMain|androidMain|iosMain)/|(?:^|/)app/src/(?:main|debug|release)/(?:java|kotlin|assets|res)/";
}

patterns! {
    MOBILE_CODE = r"(?-u)\bimport\s+(?:static\s+)?(?:android|androidx)\.|com\.android\.|\bContentPage\b|Microsoft\.Maui|Xamarin\.Forms|import\s+(?:UIKit|SwiftUI)|package:flutter/";
    SERVER_CODE = r#"(?x-u)\brequire\(['"](?:express|fastify|koa|http|https|fs|path|azure-functions|@azure/|dotenv|child_process|os|node-fetch|got|node:)|from\s+['"](?:express|fastify|koa|@azure/functions|fs|node:|dotenv|child_process|@nestjs|hono|got|next/server|vitest|@playwright/test|node-fetch)|module\.exports|exports\.handler|context\.res\b|context\.log|InvocationContext|^\#!.*\bnode|import\s+['"]server-only['"]|['"]use\x20server['"]|process\.argv|__dirname|getServerSideProps|Deno\.serve|Bun\.serve|import\s+(?:Vapor|PackageDescription)\b"#;
    BROWSER_CODE = r#"(?x-u)\b(?:document\.(?:getElement|query|add|create|body|cookie|title|location|ready|write)|window\.|localStorage\b|sessionStorage\b|addEventListener\(|XMLHttpRequest|jQuery|\$\.(?:ajax|get|post|getJSON)\b|\$\(document\)|navigator\.|chrome\.(?:runtime|storage|tabs)|importScripts\(|self\.addEventListener|webpackJsonp|__webpack_require__|webpackChunk)|from\s*['"](?:react|react-dom|vue|maplibre-gl|mapbox-gl|leaflet|three|d3|chart\.js|jquery|bootstrap|@angular/|svelte|solid-js|preact|lit|@vue/|pinia|vuex|react-native|expo|rxjs|zustand|@reduxjs|next/(?:link|image|router|navigation)|\$app/|\$lib/)|import\.meta\.env|process\.env\.(?:REACT_APP|NEXT_PUBLIC|VUE_APP)|angular\.module|useEffect\(|useState\(|createApp\("#;
    TIME_STAMP = r"(?x-u)^[\s\[(<{\x22]*(?:\x1b\[[\d;]*m)?(?:\d{4}[-/]\d\d[-/]\d\d[T\x20_,]\s?\d\d:\d\d | \d\d?[/.-](?:\d\d|[A-Z][a-z]{2})[/.-]\d{2,4}[,\x20:T]+\d\d?:\d\d | [A-Z][a-z]{2}\s+\d{1,2}\s\d\d:\d\d:\d\d | \d{1,2}:\d\d(?::\d\d)?(?:[.,]\d+)?\s?(?:[AP]M)?[\])\s-] | \d{10}(?:\d{3})?[.\s,] | [IWEF]\d{4}\s\d\d:\d\d)";
    JSON_STAMP = r#"(?-u)^\s*\{.*"(?:@?timestamp|@t|time|ts|date|datetime|eventTime|TimeGenerated)"\s*:\s*"?\d"#;
    OBJECTIVE_C = r"(?-u)@(?:interface|implementation|import|end|property)\b|\#import|NSString|NSURL";
    ACCESS_LOG = r#"(?m-u)^\S+ \S+ \S+ \[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d|^#(?:Software|Fields|Version): |^\S+ - \S+ \[|"(?:GET|POST|PUT|DELETE|HEAD|PATCH) \S+ HTTP/[\d.]+" \d{3}"#;
    RUNNER = r"(?m-u)##\[(?:group|section|error|warning|command|debug|endgroup)\]|^\s*##vso\[|::(?:group|endgroup)::|Current runner version|^section_start:\d+|\[command\]/|\[INFO\] Scanning for projects|^Finishing: |^Starting: |^Running with gitlab-runner|^\[Pipeline\] |^\+ az functionapp|^Getting site publishing info|^Uploading package to Azure|^Functions in [\w-]+:\s*$";
    RECORDED = r#"(?mx-u)"log"\s*:\s*\{\s*"(?:version|creator|pages|entries)" | ^\s*(?:-\s+)?interactions:\s | "interactions"\s*:\s*\[ | (?:^|\n)HTTP/[\d.]+\x20\d{3}\x20 | "http_interactions" | ^!tape\b | "Entries"\s*:\s*\[\s*\{\s*"RequestUri" | "RequestHeaders"\s*:\s*\{ | "recorded_at"|recorded_with: | "name"\s*:\s*"PrimaryResult" | (?:^|\n)[<>]\s(?:GET|POST|PUT|HTTP/)"#;
    CHAT = r#"(?m-u)^\[?\d{1,2}:\d\d(?::\d\d)?(?:\s?[AP]M)?\]?\s+[A-Z][\w .-]{1,40}:|"(?:client_msg_id|ts|createdDateTime|timestamp)"\s*:\s*"[\d:TZ.+-]+"|"(?:date|date_unixtime)"\s*:\s*"[\d:TZ.+-]{8,}"|"(?:create_at|update_at)"\s*:\s*\d{10,}"#;
    BUILD_VARIABLE = r#"(?x-u)(?:^|[^A-Za-z0-9_])(?:VITE|NEXT_PUBLIC|REACT_APP|NG_APP|VUE_APP|NUXT_PUBLIC|EXPO_PUBLIC|GATSBY|SNOWPACK_PUBLIC|PUBLIC)_[A-Za-z0-9_]*\s*\\*["']?\s*\]?\s*(?:[:=,]|\s)|--dart-define(?:=|\s+)[\x22']?\w+="#;
}

/// Bytes of a document that its class is read from.
pub(crate) const HEAD: usize = 64 * 1024;

/// What sort of document it is, by its path (with `/`) and its first bytes;
/// `front_end` tells whether the project around it runs in browsers or phones.
pub(crate) fn classify(path: &str, head: &[u8], front_end: impl Fn() -> bool) -> Class {
    let head = &head[..head.len().min(HEAD)];
    let state_file =
        STATE_PATH.is_match(path) || memchr::memmem::find(head, b"\"terraform_version\"").is_some();
    let notebook = path.ends_with(".ipynb");
    Class {
        exposure: exposure(path, head, state_file, front_end),
        state_file,
        bare_literals: BARE_PATH.is_match(path),
        notebook,
        page: PAGE_PATH.is_match(path),
        among_secrets: SECRETS_FOLDER.is_match(path),
    }
}

fn exposure(path: &str, head: &[u8], state_file: bool, front_end: impl Fn() -> bool) -> Exposure {
    let prose = DOCUMENT_PATH.is_match(path);
    let plain =
        path.to_ascii_lowercase().ends_with(".txt") || path.to_ascii_lowercase().ends_with(".text");
    if LOG_PATH.is_match(path) || ((!prose || plain) && is_log(path, head)) {
        Exposure::Log
    } else if prose {
        Exposure::Document
    } else if is_client(path, head, front_end) {
        Exposure::Client
    } else if state_file {
        Exposure::Store
    } else if PIPELINE_PATH.is_match(path) {
        Exposure::Pipeline
    } else if TEMPLATE_PATH.is_match(path)
        || memchr::memmem::find(head, b"deploymentTemplate.json").is_some()
        || memchr::memmem::find(head, b"deploymentParameters.json").is_some()
    {
        Exposure::Template
    } else {
        Exposure::Source
    }
}

/// Whether it is a test's source or what a test reads, by its path.
pub(crate) fn is_test(path: &str) -> bool {
    TEST_PATH.is_match(path)
}

/// Whether the content is a log: time stamps down the page, the marks of a
/// runner, recorded HTTP.
fn is_log(path: &str, head: &[u8]) -> bool {
    if PROGRAM_PATH.is_match(path) {
        return false;
    }
    if RUNNER.is_match(head) || RECORDED.is_match(head) || ACCESS_LOG.is_match(head) {
        return true;
    }
    let lines = head
        .split(|b| *b == b'\n')
        .filter(|line| !line.trim_ascii().is_empty())
        .take(60);
    let (mut all, mut stamped) = (0, 0);
    for line in lines {
        all += 1;
        let stamp = TIME_STAMP.is_match(line) || JSON_STAMP.is_match(line);
        stamped += usize::from(stamp);
    }
    (stamped >= 2 && stamped * 3 >= all) || (all > 0 && CHAT.find_iter(head).take(3).count() >= 2)
}

fn is_client(path: &str, head: &[u8], in_front_end: impl Fn() -> bool) -> bool {
    if is_test(path) || SERVER_PATH.is_match(path) {
        return false;
    }
    if MOBILE_PATH.is_match(path) {
        // `.m` is MATLAB's ending, too.
        let foreign = path.ends_with(".m") && !OBJECTIVE_C.is_match(head);
        return !foreign && !SERVER_CODE.is_match(head);
    }
    // What Cordova builds an app from.
    if path.ends_with("config.xml") && memchr::memmem::find(head, b"<widget").is_some() {
        return true;
    }
    if NATIVE_PATH.is_match(path) {
        return MOBILE_CODE.is_match(head) || in_front_end();
    }
    let front_end = FRONT_END_EXTENSION.is_match(path)
        || STATIC_PATH.is_match(path)
        || BUNDLE_PATH.is_match(path)
        || (FRONT_END_FOLDER.is_match(path) && !FRONT_END_CONFIG.is_match(path));
    if front_end {
        return !SERVER_CODE.is_match(head)
            || FRONT_END_EXTENSION.is_match(path) && !server_marked(head);
    }
    SCRIPT_PATH.is_match(path)
        && !SERVER_CODE.is_match(head)
        && (BROWSER_CODE.is_match(head) || in_front_end())
}

/// Whether a page says itself that it runs on the server.
fn server_marked(head: &[u8]) -> bool {
    [
        &b"'use server'"[..],
        b"\"use server\"",
        b"server-only",
        b"getServerSideProps",
    ]
    .iter()
    .any(|mark| memchr::memmem::find(head, mark).is_some())
}

impl Class {
    /// The class of one place of the document: build variables of a front end
    /// reach the browser wherever they are set, and the outputs of a notebook
    /// are a log.
    pub(crate) fn exposure_at(
        &self,
        text: &[u8],
        span: &Range<usize>,
        cells: &OnceCell<Cells>,
    ) -> Exposure {
        if self.notebook {
            let cells = cells.get_or_init(|| Cells::of(text));
            return match cells.are_outputs(span.start) {
                true => Exposure::Log,
                false => Exposure::Source,
            };
        }
        match self.exposure {
            Exposure::Log | Exposure::Document | Exposure::Client => self.exposure,
            _ if self.page && in_script(&text[..span.start]) => Exposure::Client,
            other => {
                let line = memchr::memrchr(b'\n', &text[..span.start]).map_or(0, |at| at + 1);
                let line = &text[line.max(span.start.saturating_sub(512))..span.start];
                let paired = memchr::memmem::find(line, b"alue").is_some();
                let named = paired
                    .then(|| super::label::sibling_name(text, span))
                    .flatten();
                let named = named
                    .is_some_and(|name| BUILD_VARIABLE.is_match(&[&text[name], b"="].concat()));
                if named || BUILD_VARIABLE.is_match(line) {
                    Exposure::Client
                } else {
                    other
                }
            }
        }
    }
}

/// Whether the script of a page goes on behind the text.
fn in_script(before: &[u8]) -> bool {
    let last = |mark: &[u8]| memchr::memmem::rfind(before, mark);
    last(b"<script").is_some_and(|opens| last(b"</script").is_none_or(|closes| closes < opens))
}

/// The parts of a notebook: where each begins, and whether it is output.
pub(crate) struct Cells(Vec<(usize, bool)>);

impl Cells {
    fn of(text: &[u8]) -> Self {
        let parts = |name: &'static [u8], output| {
            memchr::memmem::find_iter(text, name).map(move |at| (at, output))
        };
        let outputs = parts(b"\"outputs\"", true);
        let mut all: Vec<_> = outputs.chain(parts(b"\"source\"", false)).collect();
        all.sort_unstable();
        Self(all)
    }

    /// Whether a place lies in the outputs of a cell.
    fn are_outputs(&self, at: usize) -> bool {
        let next = self.0.partition_point(|(start, _)| *start < at);
        self.0[..next].last().is_some_and(|(_, output)| *output)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_class_off_the_path() {
        for (path, exposure) in [
            ("web/public/config.json", Exposure::Client),
            ("src/App.vue", Exposure::Client),
            ("dist/main.8f3a2b1c.js", Exposure::Client),
            ("frontend/src/api.ts", Exposure::Client),
            ("app/src/main/res/values/strings.xml", Exposure::Client),
            ("lib/services/api.dart", Exposure::Client),
            ("src/routes/orders/+server.ts", Exposure::Source),
            ("frontend/pages/api/orders.ts", Exposure::Source),
            ("frontend/cypress/e2e/orders.cy.ts", Exposure::Source),
            ("logs/2024-05-01.txt", Exposure::Log),
            ("server.log", Exposure::Log),
            ("README.md", Exposure::Document),
            ("docs/setup.rst", Exposure::Document),
            (".github/workflows/deploy.yml", Exposure::Pipeline),
            ("infra/main.bicep", Exposure::Template),
            ("terraform.tfstate", Exposure::Store),
            ("src/Orders/OrderClient.cs", Exposure::Source),
        ] {
            assert_eq!(classify(path, b"", || false).exposure, exposure, "{path}");
        }
    }

    #[test]
    fn reads_the_class_off_the_content() {
        let stamps =
            b"2024-05-01T10:00:00Z one\n2024-05-01T10:00:01Z two\n2024-05-01T10:00:02Z three\n";
        assert_eq!(classify("output", stamps, || false).exposure, Exposure::Log);
        let page = b"document.getElementById('x'); fetch(url)";
        assert_eq!(
            classify("counter.js", page, || false).exposure,
            Exposure::Client
        );
        let server = b"const express = require('express')";
        assert_eq!(
            classify("web/index.js", server, || false).exposure,
            Exposure::Source
        );
    }

    #[test]
    fn build_variables_reach_the_browser() {
        let class = classify("deploy/values.yaml", b"", || false);
        let text = b"env:\n  VITE_KEY: abc\n  KEY: abc\n";
        assert_eq!(
            class.exposure_at(text, &(17..20), &OnceCell::new()),
            Exposure::Client
        );
        assert_eq!(
            class.exposure_at(text, &(28..31), &OnceCell::new()),
            Exposure::Source
        );
    }
}
