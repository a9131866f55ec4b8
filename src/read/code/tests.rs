use super::*;

/// The triggers of documents: function, level, and the text that says it.
fn triggers(documents: &[(&str, &str)]) -> Vec<(Option<String>, AuthLevel, Stated, String)> {
    let readings: Vec<_> = documents
        .iter()
        .map(|(path, text)| (*path, *text, reading(path, text).unwrap()))
        .collect();
    let levels = Levels::of(readings.iter().map(|(path, _, reading)| (*path, reading)));
    let mut found = Vec::new();
    for (path, text, reading) in &readings {
        for trigger in &reading.triggers {
            let (level, stated) = levels.settle(path, trigger);
            let span = text[trigger.span.clone()].to_owned();
            found.push((trigger.function.clone(), level, stated, span));
        }
    }
    found
}

fn one(path: &str, text: &str) -> (Option<String>, AuthLevel, Stated, String) {
    let mut found = triggers(&[(path, text)]);
    assert_eq!(found.len(), 1, "{text}: {found:?}");
    found.remove(0)
}

fn check(path: &str, text: &str, function: &str, level: AuthLevel, stated: Stated, at: &str) {
    let function = (!function.is_empty()).then(|| function.to_owned());
    assert_eq!(
        one(path, text),
        (function, level, stated, at.to_owned()),
        "{text}"
    );
}

use AuthLevel::{Admin, Anonymous, Function, Unknown};

#[test]
fn function_json() {
    for (text, level, stated, at) in [
        (
            r#"{"bindings": [{"type": "httpTrigger", "authLevel": "anonymous"}]}"#,
            Anonymous,
            Stated::Trigger,
            "\"anonymous\"",
        ),
        (
            r#"{"bindings": [{"authLevel": "Admin", "type": "HttpTrigger"}, {"type": "http"}]}"#,
            Admin,
            Stated::Trigger,
            "\"Admin\"",
        ),
        (
            "{ // a comment\n\"bindings\": [{\"type\": \"httpTrigger\",}]}",
            Function,
            Stated::Default,
            "\"httpTrigger\"",
        ),
        (
            r#"{"bindings": [{"type": "httpTrigger", "authLevel": "%LEVEL%"}]}"#,
            Unknown,
            Stated::Trigger,
            "\"%LEVEL%\"",
        ),
    ] {
        check("app/Send/function.json", text, "Send", level, stated, at);
    }
    for text in [
        r#"{"bindings": [{"type": "timerTrigger"}]}"#,
        r#"{"disabled": true, "bindings": [{"type": "httpTrigger", "authLevel": "anonymous"}]}"#,
        "[]",
        "",
    ] {
        assert!(triggers(&[("Send/function.json", text)]).is_empty());
    }
    assert!(reading("Send/function.json", "{\"bindings\": [").is_err());
}

#[test]
fn csharp() {
    for (text, function, level, stated, at) in [
        (
            "[FunctionName(\"Send\")] public static Task Run([HttpTrigger(AuthorizationLevel.Anonymous, \"get\", Route = null)] HttpRequest r)",
            "Send",
            Anonymous,
            Stated::Trigger,
            "AuthorizationLevel.Anonymous",
        ),
        (
            "[Function(nameof(Send))] public Task Run([HttpTriggerAttribute(Microsoft.Azure.Functions.Worker.AuthorizationLevel.Admin)] HttpRequestData r)",
            "Send",
            Admin,
            Stated::Trigger,
            "Microsoft.Azure.Functions.Worker.AuthorizationLevel.Admin",
        ),
        (
            "void F([HttpTrigger] HttpRequest r)",
            "",
            Function,
            Stated::Default,
            "HttpTrigger",
        ),
        (
            "void F([HttpTrigger(\"get\")] HttpRequest r)",
            "",
            Function,
            Stated::Default,
            "HttpTrigger",
        ),
        (
            "void F([HttpTrigger(\"get\", AuthLevel = AuthorizationLevel.Anonymous)] HttpRequest r)",
            "",
            Anonymous,
            Stated::Trigger,
            "AuthorizationLevel.Anonymous",
        ),
        (
            "void F([HttpTrigger(authLevel: AuthorizationLevel.Function, methods: \"get\")] HttpRequest r)",
            "",
            Function,
            Stated::Trigger,
            "AuthorizationLevel.Function",
        ),
        (
            "const AuthorizationLevel Level = AuthorizationLevel.Anonymous;\nvoid F([HttpTrigger(Level, \"get\")] HttpRequest r)",
            "",
            Anonymous,
            Stated::Trigger,
            "Level",
        ),
        (
            "using static X.AuthorizationLevel; void F([ HttpTrigger ( Anonymous , \"get\" ) ] HttpRequest r)",
            "",
            Anonymous,
            Stated::Trigger,
            "Anonymous",
        ),
        (
            "#if DEBUG\nconst AuthorizationLevel L = AuthorizationLevel.Anonymous;\n#else\nconst AuthorizationLevel L = AuthorizationLevel.Function;\n#endif\nvoid F([HttpTrigger(L)] X r)",
            "",
            Function,
            Stated::Trigger,
            "L",
        ),
        (
            "void F([HttpTrigger(Elsewhere.Level)] X r)",
            "",
            Unknown,
            Stated::Trigger,
            "Elsewhere.Level",
        ),
    ] {
        check("a.cs", text, function, level, stated, at);
    }
    check(
        "a.fs",
        "let run ([<HttpTrigger(AuthorizationLevel.Anonymous, \"get\")>] req: HttpRequest) = 1",
        "",
        Anonymous,
        Stated::Trigger,
        "AuthorizationLevel.Anonymous",
    );
    for text in [
        "// [HttpTrigger(AuthorizationLevel.Anonymous)]",
        "class HttpTriggerAttribute : Attribute { HttpTrigger(AuthorizationLevel level) {} }",
        "typeof(HttpTrigger)",
        "var s = \"[HttpTrigger(AuthorizationLevel.Anonymous)]\";",
        "[TimerTrigger(\"0 * * * * *\")] TimerInfo t",
    ] {
        assert!(triggers(&[("a.cs", text)]).is_empty(), "{text}");
    }
    let other = (
        "Levels.cs",
        "public const AuthorizationLevel Level = AuthorizationLevel.Anonymous;",
    );
    let trigger = ("a.cs", "void F([HttpTrigger(Levels.Level)] X r)");
    assert_eq!(triggers(&[other, trigger])[0].1, Anonymous);
    let third = (
        "b.cs",
        "public const AuthorizationLevel Level = AuthorizationLevel.Function;",
    );
    assert_eq!(triggers(&[other, trigger, third])[0].1, Unknown);
}

#[test]
fn java() {
    for (text, level, stated, at) in [
        (
            "@FunctionName(\"Send\") void f(@HttpTrigger(name = \"r\", methods = {HttpMethod.GET}, authLevel = AuthorizationLevel.ANONYMOUS) X r)",
            Anonymous,
            Stated::Trigger,
            "AuthorizationLevel.ANONYMOUS",
        ),
        (
            "@FunctionName(\"Send\") void f(@HttpTrigger(name = \"r\") X r)",
            Function,
            Stated::Default,
            "HttpTrigger",
        ),
        (
            "static final AuthorizationLevel L = AuthorizationLevel.ADMIN; @FunctionName(\"Send\") void f(@HttpTrigger(name = \"r\", authLevel = L) X r)",
            Admin,
            Stated::Trigger,
            "L",
        ),
    ] {
        check("A.java", text, "Send", level, stated, at);
    }
    check(
        "A.kt",
        "@FunctionName(\"Send\") fun f(@HttpTrigger(name = \"r\", methods = [HttpMethod.GET], authLevel = AuthorizationLevel.ANONYMOUS) r: X)",
        "Send",
        Anonymous,
        Stated::Trigger,
        "AuthorizationLevel.ANONYMOUS",
    );
    let import = "import com.microsoft.azure.functions.annotation.HttpTrigger; /* @HttpTrigger(name = \"r\") */";
    assert!(triggers(&[("A.java", import)]).is_empty());
}

#[test]
fn javascript() {
    let import = "import { app } from '@azure/functions';\n";
    for (text, level, stated, at) in [
        (
            "app.http('send', { authLevel: 'anonymous', handler: f });",
            Anonymous,
            Stated::Trigger,
            "'anonymous'",
        ),
        (
            "app.http('send', { handler: f });",
            Anonymous,
            Stated::Default,
            "app.http",
        ),
        ("app.get('send', f);", Anonymous, Stated::Default, "app.get"),
        (
            "app.post('send', { authLevel: \"function\", handler: f });",
            Function,
            Stated::Trigger,
            "\"function\"",
        ),
        (
            "const options = { methods: ['GET'], authLevel: 'admin' as const, handler: f };\napp.http('send', options);",
            Admin,
            Stated::Trigger,
            "'admin' as const",
        ),
        (
            "const base: HttpFunctionOptions = { authLevel: 'function', handler: f };\napp.http('send', { ...base, methods: ['GET'] });",
            Function,
            Stated::Trigger,
            "'function'",
        ),
        (
            "app.http('send', { ...base, handler: f });",
            Unknown,
            Stated::Trigger,
            "base",
        ),
        (
            "const authLevel = 'function'\napp.http('send', { authLevel, handler: f });",
            Function,
            Stated::Trigger,
            "authLevel",
        ),
        (
            "const level = dev ? 'anonymous' : 'function';\napp.http('send', { authLevel: level, handler: f });",
            Unknown,
            Stated::Trigger,
            "level",
        ),
        (
            "app.http('send', options);",
            Unknown,
            Stated::Trigger,
            "options",
        ),
    ] {
        check(
            "a.ts",
            &format!("{import}{text}"),
            "send",
            level,
            stated,
            at,
        );
    }
    for text in [
        "const { app } = require('@azure/functions'); app.http('send', { handler })",
        "const { app: functions } = require(\"@azure/functions\"); functions.http('send', { handler })",
        "const app = require('@azure/functions').app; app.get('send', handler)",
        "import * as azure from '@azure/functions'; azure.app.get('send', handler)",
        "import { app as functions, type HttpRequest } from '@azure/functions'; functions.get('send', handler)",
        "import { app } from './app'; app.http('send', { handler: async () => {} })",
        "import * as df from 'durable-functions'; df.app.client.http('send', { handler })",
    ] {
        assert_eq!(one("a.js", text).1, Anonymous, "{text}");
    }
    for text in [
        "const app = express(); app.get('/send', (req, res) => {});",
        "import { app } from '@azure/functions'; app.timer('t', { handler })",
        "import { app } from '@azure/functions'; // app.http('send', { handler })",
        "axios.get('send', { handler })",
        "msw.http('send', { headers })",
        "import { app } from 'some-framework'; app.http('send', { handler })",
        "const { app } = require('@scope/other'); app.http('send', { handler })",
    ] {
        assert!(triggers(&[("a.js", text)]).is_empty(), "{text}");
    }
}

#[test]
fn python() {
    let import = "import azure.functions as func\n";
    for (text, level, stated, at) in [
        (
            "app = func.FunctionApp()\n@app.route(route='send', auth_level=func.AuthLevel.ANONYMOUS)\ndef send(req): pass",
            Anonymous,
            Stated::Trigger,
            "func.AuthLevel.ANONYMOUS",
        ),
        (
            "app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)\n@app.route(route='send')\ndef send(req): pass",
            Anonymous,
            Stated::App,
            "app.route",
        ),
        (
            "app = func.FunctionApp(func.AuthLevel.ANONYMOUS)\n@app.route('send')\nasync def send(req): pass",
            Anonymous,
            Stated::App,
            "app.route",
        ),
        (
            "app = func.FunctionApp()\n@app.route()\ndef send(req): pass",
            Function,
            Stated::App,
            "app.route",
        ),
        (
            "app = func.FunctionApp(http_auth_level='ANONYMOUS')\n@app.route(route='send', auth_level=func.AuthLevel.FUNCTION)\ndef send(req): pass",
            Function,
            Stated::Trigger,
            "func.AuthLevel.FUNCTION",
        ),
        (
            "LEVEL = func.AuthLevel.ADMIN\napp = func.FunctionApp(http_auth_level=LEVEL)\n@app.function_name(name='send')\n@app.route(route='x')\ndef main(req): pass",
            Admin,
            Stated::App,
            "app.route",
        ),
        (
            "app = func.FunctionApp(http_auth_level=os.environ['LEVEL'])\n@app.route()\ndef send(req): pass",
            Unknown,
            Stated::App,
            "app.route",
        ),
        (
            "app = func.FunctionApp()\n@app.generic_trigger(arg_name='r', type='httpTrigger', auth_level='anonymous')\ndef send(r): pass",
            Anonymous,
            Stated::Trigger,
            "'anonymous'",
        ),
    ] {
        check(
            "function_app.py",
            &format!("{import}{text}"),
            "send",
            level,
            stated,
            at,
        );
    }
    check(
        "a.py",
        &format!(
            "{import}app = func.AsgiFunctionApp(app=web, http_auth_level=func.AuthLevel.ANONYMOUS)"
        ),
        "",
        Anonymous,
        Stated::Trigger,
        "func.AuthLevel.ANONYMOUS",
    );
    check(
        "a.py",
        &format!("{import}app = func.WsgiFunctionApp(app=web)"),
        "",
        Function,
        Stated::Default,
        "WsgiFunctionApp",
    );
    for text in [
        "import azure.functions as func\nweb = Flask(__name__)\n@web.route('/send')\ndef send(): pass",
        "import azure.functions as func\nbp = Blueprint('a', __name__)\n@bp.route('/send')\ndef send(): pass",
        "app = Flask(__name__)\n@app.route('/send')\ndef send(): pass",
        "import azure.functions as func\n# @app.route(auth_level=func.AuthLevel.ANONYMOUS)",
        "import azure.functions as func\n@app.timer_trigger(schedule='x')\ndef t(): pass",
    ] {
        assert!(triggers(&[("a.py", text)]).is_empty(), "{text}");
    }
    let app = (
        "api/function_app.py",
        "import azure.functions as func\napp = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)",
    );
    let blueprint = (
        "api/routes/mail.py",
        "import azure.functions as func\nbp = func.Blueprint()\n@bp.route(route='send')\ndef send(req): pass",
    );
    assert_eq!(triggers(&[app, blueprint])[0].1, Anonymous);
    assert_eq!(triggers(&[blueprint])[0].1, Function);
}
