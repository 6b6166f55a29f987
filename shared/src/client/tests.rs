//! The client against a server that answers as each test says.

mod moving;
mod often;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::{Client, ClientError, ClientOptions, ImportAsk, Language};
use crate::api::{
    AlarmRuleSettings, AlarmWatch, NewProduct, NewRehearsal, Person, RehearsalLine, Role, Session, Severity,
    SignIn, Unit,
};
use crate::time::{MINUTE, SECOND};
use crate::{Cents, CommandId, PersonId, Quantity, SessionId, UtcMicros};

/// What `Date` says in every answer.
const DATE: (&str, UtcMicros) = ("Sun, 06 Nov 1994 08:49:37 GMT", UtcMicros(784_111_777 * SECOND));

#[derive(Clone, Debug)]
struct Seen {
    line: String,
    authorization: Option<String>,
    idempotency_key: Option<String>,
    accept_encoding: Option<String>,
    min_seq: Option<String>,
    if_none_match: Option<String>,
    body_bytes: usize,
}

/// Status and body.
type Reply = (u16, String);

/// The status that closes the connection without an answer.
const HANG_UP: u16 = 0;

struct Server {
    address: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    accepting: tokio::task::JoinHandle<()>,
}

impl Server {
    async fn start(answer: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Self {
        Self::at(0, answer).await
    }

    /// As a member of a group whose ledger is so far.
    async fn at(seq: i64, answer: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let answer = Arc::new(answer);
        let log = Arc::clone(&seen);
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, seq, Arc::clone(&log), Arc::clone(&answer)));
            }
        });
        Self { address, seen, accepting }
    }

    /// Nobody listens there any more.
    async fn die(&mut self) {
        self.accepting.abort();
        let _ = (&mut self.accepting).await;
    }

    fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    fn lines(&self) -> Vec<String> {
        self.seen().into_iter().map(|seen| seen.line).collect()
    }
}

async fn serve(
    stream: TcpStream,
    seq: i64,
    log: Arc<Mutex<Vec<Seen>>>,
    answer: Arc<impl Fn(&Seen) -> Reply + Send + Sync + 'static>,
) {
    let mut stream = BufReader::new(stream);
    let mut seen = Seen {
        line: String::new(),
        authorization: None,
        idempotency_key: None,
        accept_encoding: None,
        min_seq: None,
        if_none_match: None,
        body_bytes: 0,
    };
    let mut length = 0;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
            return;
        }
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        match line.split_once(": ") {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.parse().unwrap();
            }
            Some((name, value)) if name.eq_ignore_ascii_case("authorization") => {
                seen.authorization = Some(value.to_owned());
            }
            Some((name, value)) if name.eq_ignore_ascii_case("idempotency-key") => {
                seen.idempotency_key = Some(value.to_owned());
            }
            Some((name, value)) if name.eq_ignore_ascii_case("accept-encoding") => {
                seen.accept_encoding = Some(value.to_owned());
            }
            Some((name, value)) if name.eq_ignore_ascii_case("min-seq") => {
                seen.min_seq = Some(value.to_owned());
            }
            Some((name, value)) if name.eq_ignore_ascii_case("if-none-match") => {
                seen.if_none_match = Some(value.to_owned());
            }
            None | Some(_) if seen.line.is_empty() => seen.line = line.to_owned(),
            None | Some(_) => {}
        }
    }
    stream.read_exact(&mut vec![0; length]).await.unwrap();
    seen.body_bytes = length;
    seen.line = seen.line.trim_end_matches(" HTTP/1.1").to_owned();
    let (status, body) = answer(&seen);
    log.lock().unwrap().push(seen);
    if status != HANG_UP {
        let seq = if seq > 0 { format!("seq: {seq}\r\n") } else { String::new() };
        // Short answers have a tag: what they say.
        let tag = body.chars().take(8).collect::<String>().replace('"', "'");
        let head = format!(
            "HTTP/1.1 {status} Answer\r\ndate: {}\r\nretry-after: 7\r\netag: W/\"{tag}\"\r\n{seq}connection: close\r\n\
             content-length: {}\r\n\r\n",
            DATE.0,
            body.len()
        );
        // A client that has had enough closes first.
        let _ = stream.write_all(head.as_bytes()).await;
        let _ = stream.write_all(body.as_bytes()).await;
    }
}

fn client(servers: &[&str]) -> Client {
    Client::new(&ClientOptions {
        servers: servers.iter().map(ToString::to_string).collect(),
        language: Language::English,
        request_timeout: Duration::from_secs(10),
        ..ClientOptions::default()
    })
    .unwrap()
}

/// The `generation`-th pair of tokens of a session: `a1` and `r1`, then `a2` and `r2`.
fn session(generation: u32, lives_micros: i64) -> Session {
    Session {
        id: SessionId(uuid::Uuid::nil()),
        access_token: format!("a{generation}"),
        access_expires_at: DATE.1.plus(lives_micros),
        refresh_token: format!("r{generation}"),
        refresh_expires_at: DATE.1.plus(60 * MINUTE),
        person: person(),
        stores: Vec::new(),
        mandate: None,
    }
}

fn person() -> Person {
    Person {
        id: PersonId(uuid::Uuid::nil()),
        username: "ana".into(),
        name: "Ana".into(),
        role: Role::Seller,
        cpf_masked: None,
        has_pin: false,
        stores: Vec::new(),
        active: true,
        created_at: DATE.1,
    }
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap()
}

fn problem(status: u16, code: &str) -> Reply {
    let body = format!(
        r#"{{"type":"/problems/{code}","title":"t","status":{status},"code":"{code}","detail":"d","hint":"h"}}"#
    );
    (status, body)
}

fn refused(code: &str) -> Reply {
    problem(401, code)
}

/// Accepts the token `a2` only, and sells it for `r1`.
fn second_token_only(seen: &Seen) -> Reply {
    match (seen.line.as_str(), seen.authorization.as_deref()) {
        ("POST /api/v1/sessions/refresh", _) => (200, json(&session(2, 15 * MINUTE))),
        ("GET /api/v1/people/me", Some("Bearer a2")) => (200, json(&person())),
        ("POST /api/v1/products", Some("Bearer a2")) => (201, "{}".into()),
        _ => refused("not_signed_in"),
    }
}

#[tokio::test]
async fn many_callers_renew_once() {
    let server = Server::start(second_token_only).await;
    let client = client(&[&server.address]);
    client.restore(session(1, 15 * MINUTE));
    let callers: Vec<_> = (0..16)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.me().await })
        })
        .collect();
    for caller in callers {
        assert_eq!(caller.await.unwrap(), Ok(person()));
    }
    let refreshes = server.lines().iter().filter(|line| line.ends_with("/refresh")).count();
    assert_eq!(refreshes, 1);
    assert_eq!(client.session().unwrap().access_token, "a2");
}

#[tokio::test]
async fn a_refused_command_goes_again_under_its_own_id() {
    let server = Server::start(second_token_only).await;
    let client = client(&[&server.address]);
    client.restore(session(1, 15 * MINUTE));
    let command = CommandId::now();
    let product = NewProduct {
        name: "Parafuso 10mm".into(),
        code: None,
        unit: Unit::Un,
        price_cents: Cents(50),
        minimum_thousandths: Quantity::ZERO,
    };
    let answer = client.new_product(command, &product).await;
    assert!(matches!(answer, Err(ClientError::BadAnswer(_))), "{answer:?}");
    let keys: Vec<_> = server
        .seen()
        .into_iter()
        .filter(|seen| seen.line == "POST /api/v1/products")
        .map(|seen| seen.idempotency_key)
        .collect();
    assert_eq!(keys, [Some(command.to_string()), Some(command.to_string())]);
}

#[tokio::test]
async fn what_one_person_did_is_never_sent_with_the_session_of_another() {
    let takes_over = Arc::new(std::sync::OnceLock::<Client>::new());
    let other = Arc::clone(&takes_over);
    let server = Server::start(move |_| {
        // While the first one's request is under way, somebody else signs in.
        let person = Person { id: PersonId::now(), ..person() };
        let client = other.get().unwrap();
        client.restore(Session { person, ..session(3, 15 * MINUTE) });
        refused("session_ended")
    })
    .await;
    let client = client(&[&server.address]);
    takes_over.set(client.clone()).unwrap();
    client.restore(session(1, 15 * MINUTE));
    for _ in 0..2 {
        let answer = client.only_as(person().id).me().await;
        assert!(answer.as_ref().is_err_and(ClientError::needs_sign_in), "{answer:?}");
    }
    let tokens: Vec<_> = server.seen().into_iter().filter_map(|seen| seen.authorization).collect();
    assert_eq!(tokens, ["Bearer a1"]);
}

#[tokio::test]
async fn a_lost_refresh_is_repeated_with_its_key() {
    let lost = std::sync::atomic::AtomicBool::new(true);
    let server = Server::start(move |seen| {
        if seen.line.ends_with("/refresh") && lost.swap(false, std::sync::atomic::Ordering::SeqCst) {
            return (HANG_UP, String::new());
        }
        second_token_only(seen)
    })
    .await;
    let client = client(&[&server.address]);
    client.restore(session(1, 15 * MINUTE));
    assert_eq!(client.me().await, Err(ClientError::Interrupted));
    assert_eq!(client.me().await, Ok(person()));
    let keys: Vec<_> = server
        .seen()
        .into_iter()
        .filter(|seen| seen.line.ends_with("/refresh"))
        .map(|seen| seen.idempotency_key.unwrap())
        .collect();
    assert_eq!(keys.len(), 2);
    assert_eq!(keys[0], keys[1]);
}

#[tokio::test]
async fn renews_before_the_token_ends() {
    let server = Server::start(|seen| match seen.line.as_str() {
        // Ends at the moment it is given, by the server's clock.
        "POST /api/v1/sessions" => (201, json(&session(1, 0))),
        _ => second_token_only(seen),
    })
    .await;
    let client = client(&[&server.address]);
    let body = SignIn { username: "ana".into(), password: "1234".into(), device: None, till: None };
    client.sign_in(CommandId::now(), &body).await.unwrap();
    assert_eq!(client.me().await, Ok(person()));
    assert_eq!(
        server.lines(),
        ["POST /api/v1/sessions", "POST /api/v1/sessions/refresh", "GET /api/v1/people/me"]
    );
}

#[tokio::test]
async fn a_session_that_ended_is_forgotten_and_told() {
    let server = Server::start(|_| refused("session_ended")).await;
    let client = client(&[&server.address]);
    client.restore(session(1, 15 * MINUTE));
    let mut sessions = client.watch_session();
    sessions.mark_unchanged();
    let error = client.me().await.unwrap_err();
    assert!(error.needs_sign_in(), "{error:?}");
    assert_eq!(error.text(Language::English), "d h");
    assert!(sessions.has_changed().unwrap());
    assert_eq!(client.session(), None);
}

#[tokio::test]
async fn signing_out_tells_the_server() {
    let server = Server::start(|_| (204, String::new())).await;
    let client = client(&[&server.address]);
    client.restore(session(1, 15 * MINUTE));
    assert_eq!(client.sign_out().await, Ok(()));
    assert_eq!(client.session(), None);
    assert_eq!(server.lines(), ["DELETE /api/v1/sessions/current"]);
    assert_eq!(server.seen()[0].authorization.as_deref(), Some("Bearer a1"));
}

/// An address where nobody listens.
async fn dead_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

#[tokio::test]
async fn goes_on_to_the_next_server() {
    let server = Server::start(|_| (200, String::new())).await;
    let dead = dead_address().await;
    let client = client(&[&dead, &server.address]);
    assert!(client.ping().await.is_ok());
    assert_eq!(client.server(), server.address);
}

#[tokio::test]
async fn says_that_nobody_is_there() {
    let dead = dead_address().await;
    let error = client(&[&dead]).ping().await.unwrap_err();
    assert_eq!(error, ClientError::Unreachable);
    assert!(!error.outcome_unknown() && error.is_temporary());
}

#[tokio::test]
async fn an_answer_that_does_not_come_leaves_the_outcome_open() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let options = ClientOptions {
        servers: vec![listener.local_addr().unwrap().to_string()],
        request_timeout: Duration::from_millis(50),
        ..ClientOptions::default()
    };
    let error = Client::new(&options).unwrap().ping().await.unwrap_err();
    assert_eq!(error, ClientError::TimedOut);
    assert!(error.outcome_unknown());
}

#[tokio::test]
async fn passes_on_when_to_come_back() {
    let server = Server::start(|_| (503, "busy".into())).await;
    let error = client(&[&server.address]).server_info().await.unwrap_err();
    assert_eq!((error.code(), error.retry_after_seconds()), (Some("http_503"), Some(7)));
    assert!(error.is_temporary() && !error.outcome_unknown());
}

/// A server that says the next line only once the client has heard the last one.
#[tokio::test]
async fn a_rehearsal_is_heard_while_it_goes_on() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (tell, mut heard) = tokio::sync::mpsc::channel(8);
    let serving = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 4_096];
        assert!(stream.read(&mut request).await.unwrap() > 0);
        stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await.unwrap();
        let progress = |percent| format!("{{\"kind\":\"progress\",\"readings\":1,\"percent\":{percent}}}\n");
        let mut told = Vec::new();
        // A line may come in two parts, and two lines in one.
        let halves = progress(10.5);
        let (first, second) = halves.split_at(20);
        let last = format!("{}{}", progress(60.0), progress(90.0));
        for (part, answered) in [(first, false), (second, true), (last.as_str(), true)] {
            let chunk = format!("{:x}\r\n{part}\r\n", part.len());
            stream.write_all(chunk.as_bytes()).await.unwrap();
            if answered {
                told.push(heard.recv().await.unwrap());
            }
        }
        let done = "{\"kind\":\"done\",\"alarms\":0,\"readings\":3}\n";
        let end = format!("{:x}\r\n{done}\r\n0\r\n\r\n", done.len());
        stream.write_all(end.as_bytes()).await.unwrap();
        told
    });
    let rule = AlarmRuleSettings {
        store_id: None,
        sensor_id: None,
        severity: Severity::Warning,
        enabled: true,
        instructions: None,
        watch: AlarmWatch::LowStock {},
    };
    let say = |percent: f64| tell.try_send(percent.to_string()).unwrap();
    let rehearsal = NewRehearsal { rule, days: None };
    let lines = client(&[&address]).rehearse_alarm_rule(&rehearsal, say).await.unwrap();
    assert_eq!((lines.len(), lines.last()), (4, Some(&RehearsalLine::Done { alarms: 0, readings: 3 })));
    assert_eq!(serving.await.unwrap(), ["10.5", "90"]);
}

#[tokio::test]
async fn asks_for_gzip_where_it_is_told_to() {
    let server = Server::start(|_| (200, String::new())).await;
    for compressed in [false, true] {
        let servers = vec![server.address.clone()];
        let options = ClientOptions { servers, compressed, ..ClientOptions::default() };
        Client::new(&options).unwrap().ping().await.unwrap();
    }
    let asked: Vec<_> = server.seen().into_iter().map(|seen| seen.accept_encoding).collect();
    assert_eq!(asked, [None, Some("gzip".to_owned())]);
}

#[tokio::test]
async fn an_endless_answer_is_cut_off() {
    let server = Server::start(|_| (200, " ".repeat(17 * 1024 * 1024))).await;
    let error = client(&[&server.address]).server_info().await.unwrap_err();
    assert!(matches!(error, ClientError::BadAnswer(_)), "{error:?}");
}

#[tokio::test]
async fn a_sheet_goes_only_to_a_server_that_does_not_have_it() {
    let server = Server::start(|seen| {
        if seen.line.contains("sheet=lost") {
            let words =
                "\"type\":\"/problems/unknown_sheet\",\"title\":\"t\",\"detail\":\"d\",\"hint\":\"h\"";
            return (404, format!("{{{words},\"status\":404,\"code\":\"unknown_sheet\"}}"));
        }
        let words = "\"encoding\":\"UTF-8\",\"separator\":\";\",\"ignored_columns\":[],\"rows\":[]";
        (200, format!("{{\"dry_run\":false,{words},\"total\":9,\"next\":3,\"sheet\":\"kept\"}}"))
    })
    .await;
    let (client, sheet, command) = (client(&[&server.address]), b"nome;preco\n", CommandId::now());
    for kept in [None, Some("kept"), Some("lost")] {
        let ask = ImportAsk { command: Some(command), after: 0, limit: Some(3), kept };
        let told = client.import_products(sheet, ask).await.unwrap();
        assert_eq!((told.next, told.sheet.as_deref()), (Some(3), Some("kept")));
    }
    let sent: Vec<_> =
        server.seen().into_iter().map(|seen| (seen.body_bytes, seen.idempotency_key)).collect();
    let key = Some(command.to_string());
    assert_eq!(sent, [sheet.len(), 0, 0, sheet.len()].map(|bytes| (bytes, key.clone())));
}
