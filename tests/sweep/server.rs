//! A resource manager that says what it was told to, over HTTPS.
//!
//! ```ignore
//! let tenant = Server::start().answers("GET", FUNCTIONS, [Answer::error(503), Answer::json(list)]);
//! tenant.sweep(&[]).ends(0);
//! assert_eq!(tenant.asked("GET", FUNCTIONS), 2);
//! ```
//!
//! Paths are matched without regard to case, and without their query but for
//! `page`. Of several answers each is given once, the last one for good. What
//! was never told is 404. `@arm@` in a body becomes the server's own address.

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::collections::{HashMap, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// What is said to one request.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
    /// Only so many bytes of the body, and then the connection is closed.
    cut: Option<usize>,
    delay: Duration,
}

impl Answer {
    pub(crate) fn json(body: &serde_json::Value) -> Self {
        Self::text(200, &body.to_string())
    }

    pub(crate) fn text(status: u16, body: &str) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.to_owned(),
            cut: None,
            delay: Duration::ZERO,
        }
    }

    /// An error as the resource manager says it.
    pub(crate) fn error(status: u16, code: &str, message: &str) -> Self {
        let body = serde_json::json!({"error": {"code": code, "message": message}});
        Self::text(status, &body.to_string())
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn cut(mut self, bytes: usize) -> Self {
        self.cut = Some(bytes);
        self
    }

    pub(crate) fn late(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }
}

/// A request that came.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// In small letters.
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) at: Instant,
}

#[derive(Default)]
struct State {
    answers: HashMap<String, VecDeque<Answer>>,
    log: Vec<Request>,
    /// Tokens that have been handed out.
    tokens: usize,
}

/// The server. It ends with the test.
pub(crate) struct Server {
    pub(crate) address: String,
    certificates: TempDir,
    state: Arc<Mutex<State>>,
}

impl Server {
    pub(crate) fn start() -> Self {
        let (config, authority) = certificates();
        let certificates = tempfile::tempdir().expect("a directory");
        std::fs::write(certificates.path().join("ca.pem"), authority).expect("a file");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("https://{}", listener.local_addr().expect("an address"));
        let state = Arc::new(Mutex::new(State::default()));
        let (shared, base) = (Arc::clone(&state), address.clone());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (config, state, base) =
                    (Arc::clone(&config), Arc::clone(&shared), base.clone());
                thread::spawn(move || {
                    // A client that is killed is no error of the server.
                    let _ = serve(stream, config, &state, &base);
                });
            }
        });
        Self {
            address,
            certificates,
            state,
        }
    }

    /// The file with the authority that the server's certificate is from.
    pub(crate) fn ca(&self) -> String {
        let path = self.certificates.path().join("ca.pem");
        path.to_str().expect("a path in Unicode").to_owned()
    }

    pub(crate) fn tell(&self, method: &str, path: &str, answers: &[Answer]) {
        let key = format!("{method} {}", path.to_ascii_lowercase());
        let answers = answers.iter().cloned().collect();
        self.lock().answers.insert(key, answers);
    }

    pub(crate) fn log(&self) -> Vec<Request> {
        self.lock().log.clone()
    }

    /// The requests for a path, in order.
    pub(crate) fn requests(&self, method: &str, path: &str) -> Vec<Request> {
        let mut log = self.log();
        log.retain(|one| one.method == method && one.path.eq_ignore_ascii_case(path));
        log
    }

    /// How often a path was asked for.
    pub(crate) fn asked(&self, method: &str, path: &str) -> usize {
        self.requests(method, path).len()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().expect("no test holds it while it fails")
    }
}

/// An authority, and a certificate of it for this machine: clients refuse one
/// that is both.
fn certificates() -> (Arc<ServerConfig>, String) {
    let key = || KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new(Vec::new()).expect("no names");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority_key = key();
    let authority = params.self_signed(&authority_key).expect("a certificate");
    let issuer = Issuer::new(params, authority_key);
    let leaf_key = key();
    let leaf = CertificateParams::new(vec!["127.0.0.1".to_owned(), "localhost".to_owned()])
        .and_then(|params| params.signed_by(&leaf_key, &issuer))
        .expect("a certificate");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(leaf_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], private)
        .expect("a certificate and its key");
    (Arc::new(config), authority.pem())
}

/// One connection: requests one after the other.
fn serve(
    stream: TcpStream,
    config: Arc<ServerConfig>,
    state: &Mutex<State>,
    base: &str,
) -> std::io::Result<()> {
    let connection = ServerConnection::new(config).map_err(std::io::Error::other)?;
    let mut stream = BufReader::new(StreamOwned::new(connection, stream));
    loop {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            if stream.read_until(b'\n', &mut head)? == 0 {
                return Ok(());
            }
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        let header = |wanted: &str| {
            let mut lines = head.lines();
            lines.find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case(wanted)
                    .then(|| value.trim().to_owned())
            })
        };
        let length = header("content-length")
            .and_then(|it| it.parse().ok())
            .unwrap_or(0);
        let mut body = vec![0; length];
        stream.read_exact(&mut body)?;
        let mut words = head.split_whitespace();
        let (method, target) = (words.next().unwrap_or(""), words.next().unwrap_or("/"));
        let answer = answer(state, base, method, target, header("authorization"));
        thread::sleep(answer.delay);
        let body = answer.body.replace("@arm@", base);
        let mut text = format!(
            "HTTP/1.1 {} Told\r\nContent-Length: {}\r\n",
            answer.status,
            body.len()
        );
        for (name, value) in &answer.headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str("\r\n");
        let end = answer.cut.unwrap_or(body.len());
        text.push_str(&body[..end]);
        stream.get_mut().write_all(text.as_bytes())?;
        stream.get_mut().flush()?;
        if answer.cut.is_some() {
            return Ok(());
        }
    }
}

fn answer(
    state: &Mutex<State>,
    base: &str,
    method: &str,
    target: &str,
    authorization: Option<String>,
) -> Answer {
    let url = format!("{base}{target}");
    let (path, query) = url[base.len()..]
        .split_once('?')
        .unwrap_or((&url[base.len()..], ""));
    let path = path.to_ascii_lowercase();
    let mut state = state.lock().expect("no test holds it while it fails");
    let answer = if path.ends_with("/oauth2/v2.0/token") {
        state.tokens += 1;
        Answer::json(&token(state.tokens))
    } else if !authorization.is_some_and(|it| it.starts_with("Bearer ")) && path.starts_with("/sub")
    {
        Answer::error(401, "AuthenticationFailed", "The header is missing.")
    } else {
        let page = query.split('&').find_map(|it| it.strip_prefix("page="));
        let key = match page {
            Some(page) => format!("{method} {path}?page={page}"),
            None => format!("{method} {path}"),
        };
        match state.answers.get_mut(&key) {
            None => Answer::error(404, "NotFound", "The test has told nothing of it."),
            Some(answers) if answers.len() > 1 => answers.pop_front().expect("there are two"),
            Some(answers) => answers.front().expect("there is one").clone(),
        }
    };
    state.log.push(Request {
        method: method.to_owned(),
        path,
        query: query.to_owned(),
        at: Instant::now(),
    });
    answer
}

/// A token that tells its number, and nobody's secret.
fn token(number: usize) -> serde_json::Value {
    use base64::Engine;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
    let claims = format!(
        r#"{{"oid": "{}", "tid": "{}", "n": {number}}}"#,
        super::OID,
        super::TENANT
    );
    let token = format!("{}.{}.{number}", BASE64.encode("{}"), BASE64.encode(claims));
    serde_json::json!({"token_type": "Bearer", "expires_in": 3600, "ext_expires_in": 3600,
        "access_token": token})
}
