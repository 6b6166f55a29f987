//! E-mail about alarms: what it says, who gets it, and what happens when the mail server does not take it.

use serde_json::json;
use tillwatch_server::domain::Payload;
use tillwatch_server::domain::alarms::ClearAlarm;
use tillwatch_server::told::round;
use tillwatch_shared::CommandId;
use tillwatch_shared::api::{Alarm, AlarmHistory, AlarmStepKind, Telling};
use tillwatch_shared::time::{HOUR, MINUTE, SECOND};

use crate::common::inside::clock;
use crate::common::mail::{Letter, MailServer, Mood, Tls, certified};
use crate::common::{Authority, Server};
use crate::told::found_called;

const FROM: &str = "Padaria São João <alarmes@loja.example>";

/// The settings for one mail server.
fn settings(url: &str, more: &[&str]) -> Vec<String> {
    let all = ["--demo", "--alarm-email-server", url, "--alarm-email-from", FROM];
    all.iter().chain(more).map(|text| (*text).to_owned()).collect()
}

async fn serve(url: &str, more: &[&str]) -> Server {
    let args = settings(url, more);
    let server = Server::start(&args.iter().map(String::as_str).collect::<Vec<_>>()).await;
    look(&server).await;
    server
}

async fn plain(mail: &MailServer, more: &[&str]) -> Server {
    serve(&format!("smtp://127.0.0.1:{}", mail.port), more).await
}

async fn look(server: &Server) {
    round(&server.running.app).await.unwrap();
}

/// A fridge that is too warm, called so.
async fn found(server: &Server, name: &str) -> Alarm {
    let sensor = format!("s{}", server.running.app.ledger.tip());
    found_called(server, &sensor, name).await
}

fn header(letter: &Letter, name: &str) -> Vec<String> {
    let (head, _) = letter.text.split_once("\r\n\r\n").unwrap();
    let head = head.replace("\r\n ", " ");
    let begin = format!("{}:", name.to_lowercase());
    let lines = head.lines().filter(|line| line.to_lowercase().starts_with(&begin));
    lines.map(|line| line.split_once(':').unwrap().1.trim().to_owned()).collect()
}

/// The words of a header or a text that was made fit for seven bits, as far as these tests need them.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        match (first, after) {
            (b'=', [b'\r', b'\n', after @ ..]) => rest = after,
            (b'=', [high, low, after @ ..]) => {
                let hex = [*high, *low];
                let hex = std::str::from_utf8(&hex).unwrap();
                bytes.push(u8::from_str_radix(hex, 16).unwrap());
                rest = after;
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// A header of which some words are encoded (base64). A blank between two such words is none.
fn words(text: &str) -> String {
    let (mut bytes, mut encoded_before) = (Vec::new(), true);
    for word in text.split(' ') {
        let code = word.strip_prefix("=?utf-8?b?").and_then(|word| word.strip_suffix("?="));
        if !(encoded_before && (code.is_some() || bytes.is_empty())) {
            bytes.push(b' ');
        }
        bytes.extend(code.map_or_else(|| word.as_bytes().to_vec(), base64));
        encoded_before = code.is_some();
    }
    String::from_utf8(bytes).unwrap()
}

fn base64(code: &str) -> Vec<u8> {
    let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut held, mut bytes) = (0_u32, 0, Vec::new());
    for digit in code.bytes().filter(|digit| *digit != b'=') {
        let value = digits.iter().position(|known| *known == digit).unwrap();
        bits = bits << 6 | u32::try_from(value).unwrap();
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from(bits >> held & 0xff).unwrap());
        }
    }
    bytes
}

#[tokio::test]
async fn a_letter_says_what_where_since_when_and_what_to_do() {
    let mail = MailServer::open(Tls::None, &[]).await;
    let server =
        plain(&mail, &["--alarm-email-to", "Dona José <dona@loja.example>,gerente@loja.example"]).await;
    assert!(mail.letters().is_empty(), "what was before is not told");
    let alarm = found(&server, "Geladeira do açougue").await;
    look(&server).await;
    look(&server).await;
    let mut letters = mail.letters();
    letters.sort_by_key(|letter| letter.to.clone());
    let [first, second] = letters.try_into().unwrap();
    assert_eq!(
        (first.to.as_str(), second.to.as_str()),
        ("RCPT TO:<dona@loja.example>", "RCPT TO:<gerente@loja.example>")
    );
    assert_eq!(first.from, "MAIL FROM:<alarmes@loja.example>");
    assert_eq!(header(&first, "from").len(), 1);
    assert!(first.text.is_ascii(), "fit for any server");
    let [subject] = header(&first, "subject").try_into().unwrap();
    assert_eq!(words(&subject), "Geladeira do açougue: 9,5 °C (máx. 8,0)");
    let [id] = header(&first, "message-id").try_into().unwrap();
    assert!(id.ends_with("@loja.example>") && header(&second, "message-id") != [id.clone()], "{id}");
    assert_eq!(header(&first, "auto-submitted"), ["auto-generated"]);
    assert_eq!(header(&first, "date"), ["Mon, 15 Jun 2026 15:00:00 +0000"]);
    assert_eq!(header(&first, "content-transfer-encoding"), ["quoted-printable"]);
    let text = decoded(first.text.split_once("\r\n\r\n").unwrap().1).replace("\r\n", "\n");
    for line in [
        "Alarme urgente: Geladeira do açougue",
        "O quê: temperatura acima do limite (limite: 8,0 °C)",
        "Desde: 15/06/2026 11:50 (há 10 min)",
        "Pior valor até agora: 9,5 °C",
    ] {
        assert!(text.lines().any(|found| found == line), "{line:?} is not in\n{text}");
    }
    assert!(text.contains("\nOnde: ") && text.contains("\nO que fazer: ligue para a loja"), "{text}");
    assert!(text.contains(&format!("alarme nº {}", alarm.number)));
    let (lucas, _) = server.caller().sign_in("lucas", "1234").await;
    let history: AlarmHistory = lucas.get(&format!("/api/v1/alarms/{}", alarm.id)).await.expect(200);
    let told: Vec<_> = history.steps.iter().filter(|step| step.what == AlarmStepKind::Told).collect();
    let mut to: Vec<_> = told.iter().map(|step| step.detail.as_deref().unwrap()).collect();
    to.sort_unstable();
    assert_eq!(to, ["dona@loja.example", "gerente@loja.example"]);
    server.stop().await;
}

#[tokio::test]
async fn a_name_cannot_add_a_header_or_end_the_letter() {
    let mail = MailServer::open(Tls::None, &[]).await;
    let server = plain(&mail, &["--alarm-email-to", "dona@loja.example"]).await;
    let evil = "Frio\r\nBcc: outro@loja.example\r\n\r\n.\r\nMAIL FROM:<x@y.example>\r\n\u{2028}fim";
    found(&server, evil).await;
    look(&server).await;
    let [letter] = mail.letters().try_into().unwrap();
    assert!(header(&letter, "bcc").is_empty(), "{}", letter.text);
    assert_eq!(header(&letter, "to"), ["dona@loja.example"]);
    assert_eq!(mail.commands().iter().filter(|line| line.starts_with("MAIL")).count(), 1);
    found(&server, &"ç".repeat(10_000)).await;
    look(&server).await;
    let long = mail.letters().pop().unwrap();
    assert!(long.text.len() < 4_000, "{}", long.text.len());
    assert!(long.text.lines().all(|line| line.len() <= 78));
    server.stop().await;
}

#[tokio::test]
async fn a_letter_that_is_not_taken_goes_out_again_under_the_same_id() {
    let moods = [Mood::Busy, Mood::CutsText, Mood::CutsAnswer];
    let mail = MailServer::open(Tls::None, &moods).await;
    let server = plain(&mail, &["--alarm-email-to", "dona@loja.example"]).await;
    let alarm = found(&server, "Geladeira").await;
    for (wait, whole) in [(0, 0), (2 * SECOND, 0), (4 * SECOND, 1), (8 * SECOND, 2), (HOUR, 2)] {
        server.clock.advance(wait);
        look(&server).await;
        look(&server).await;
        assert_eq!(mail.letters().len(), whole, "after {wait}");
    }
    let letters = mail.letters();
    assert_eq!(
        header(&letters[0], "message-id"),
        header(&letters[1], "message-id"),
        "cut off before the answer"
    );
    let (lucas, _) = server.caller().sign_in("lucas", "1234").await;
    let history: AlarmHistory = lucas.get(&format!("/api/v1/alarms/{}", alarm.id)).await.expect(200);
    assert_eq!(history.steps.last().unwrap().what, AlarmStepKind::Told);
    server.stop().await;
}

#[tokio::test]
async fn one_who_is_refused_does_not_stop_the_others_and_is_given_up_slowly() {
    let mail = MailServer::open(Tls::None, &[]).await;
    let server = plain(&mail, &["--alarm-email-to", "saiu@loja.example,dona@loja.example"]).await;
    let alarm = found(&server, "Geladeira").await;
    look(&server).await;
    let (lucas, _) = server.caller().sign_in("lucas", "1234").await;
    let path = format!("/api/v1/alarms/{}", alarm.id);
    let steps = lucas.get(&path).await.expect::<AlarmHistory>(200).steps;
    let failed = steps.into_iter().find(|step| step.what == AlarmStepKind::NotTold);
    let detail = failed.unwrap().detail.unwrap();
    assert_eq!(mail.letters().len(), 1, "the other one has it");
    assert!(detail.starts_with("saiu@loja.example: ") && detail.contains("550"), "{detail}");
    // A server that says "never" is not asked every few seconds, and is believed in the end.
    let asked = || mail.commands().iter().filter(|line| line.starts_with("RCPT TO:<saiu")).count();
    server.clock.advance(HOUR - 1);
    look(&server).await;
    assert_eq!(asked(), 1);
    for _ in 0..30 {
        server.clock.advance(HOUR);
        look(&server).await;
    }
    assert_eq!(asked(), 24);
    assert_eq!(server.running.app.told.as_ref().unwrap().store().waiting().unwrap(), 0);
    server.stop().await;
}

#[tokio::test]
async fn a_server_that_falls_before_the_mark_sends_the_letter_again() {
    let mail = MailServer::open(Tls::None, &[Mood::Silent]).await;
    let args =
        settings(&format!("smtp://127.0.0.1:{}", mail.port), &["--alarm-email-to", "dona@loja.example"]);
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let server = Server::start(&args).await;
    look(&server).await;
    found(&server, "Geladeira").await;
    tokio::select! {
        _ = round(&server.running.app) => panic!("nobody has answered"),
        () = mail.arrival() => {}
    }
    let dir = server.stop().await;
    let server = Server::open(dir, &args, clock()).await;
    look(&server).await;
    look(&server).await;
    let [first, again] = mail.letters().try_into().unwrap();
    assert_eq!(header(&first, "message-id"), header(&again, "message-id"));
    server.stop().await;
}

#[tokio::test]
async fn a_letter_that_was_taken_is_not_sent_again_for_want_of_a_good_bye() {
    let mail = MailServer::open(Tls::None, &[Mood::NoGoodbye]).await;
    let server = plain(&mail, &["--alarm-email-to", "dona@loja.example"]).await;
    found(&server, "Geladeira").await;
    look(&server).await;
    server.clock.advance(HOUR);
    look(&server).await;
    assert_eq!(mail.letters().len(), 1);
    server.stop().await;
}

#[tokio::test]
async fn the_second_stage_gets_a_letter_where_nobody_acknowledges() {
    let mail = MailServer::open(Tls::None, &[]).await;
    let server =
        plain(&mail, &["--alarm-email-escalation", "dono@loja.example", "--alarm-escalate-minutes", "5"])
            .await;
    let (forgotten, seen, over) =
        (found(&server, "Geladeira").await, found(&server, "Balcão").await, found(&server, "Câmara").await);
    let (lucas, _) = server.caller().sign_in("lucas", "1234").await;
    let told = json!({ "reason": "porta aberta", "action": "porta fechada" });
    assert_eq!(lucas.post(&format!("/api/v1/alarms/{}/acknowledgement", seen.id), &told).await.status, 200);
    let app = &server.running.app;
    let clear = Payload::ClearAlarm(ClearAlarm { alarm_id: over.id, ended_at: app.now(), worst: None });
    app.server_command(CommandId::now(), None, app.now(), clear).await.unwrap();
    look(&server).await;
    server.clock.advance(5 * MINUTE - 1);
    look(&server).await;
    assert!(mail.letters().is_empty());
    server.clock.advance(1);
    look(&server).await;
    let [letter] = mail.letters().try_into().unwrap();
    let [subject] = header(&letter, "subject").try_into().unwrap();
    assert_eq!(words(&subject), "2º aviso: Geladeira: 9,5 °C (máx. 8,0)");
    let text = decoded(letter.text.split_once("\r\n\r\n").unwrap().1);
    assert!(text.contains("Ninguém cuidou deste alarme há 5 min."), "{text}");
    assert!(text.contains(&format!("alarme nº {}", forgotten.number)));
    server.stop().await;
}

#[tokio::test]
async fn a_password_and_a_letter_go_out_under_tls_only() {
    let authority = Authority::default();
    let dir = tempfile::tempdir().unwrap();
    let ca = dir.path().join("ca.pem");
    std::fs::write(&ca, authority.pem()).unwrap();
    let ca = ca.to_str().unwrap();
    let to = ["--alarm-email-to", "dona@loja.example"];
    let trusting = [&to[..], &["--alarm-email-ca", ca]].concat();
    let config = certified(&authority);
    for (scheme, query, tls) in [
        ("smtps", "", Tls::AtOnce(config.clone())),
        ("smtp", "?tls=required", Tls::AfterAsking(config.clone())),
    ] {
        let mail = MailServer::open(tls, &[]).await;
        let url = format!("{scheme}://ana:se%40nha@127.0.0.1:{}{query}", mail.port);
        let server = serve(&url, &trusting).await;
        found(&server, "Geladeira").await;
        look(&server).await;
        let [letter] = mail.letters().try_into().unwrap();
        let login = letter.login.unwrap();
        assert_eq!(base64(login.strip_prefix("AUTH PLAIN ").unwrap()), b"\0ana\0se@nha");
        server.stop().await;
        // Nobody vouches for it.
        let server = serve(&url, &to).await;
        found(&server, "Geladeira").await;
        look(&server).await;
        assert_eq!(mail.letters().len(), 1);
        server.stop().await;
    }
    // A server that does not offer TLS hears neither the password nor the letter.
    let open = MailServer::open(Tls::None, &[]).await;
    let server = serve(&format!("smtp://ana:senha@127.0.0.1:{}?tls=required", open.port), &trusting).await;
    found(&server, "Geladeira").await;
    look(&server).await;
    assert!(open.letters().is_empty());
    assert!(
        open.commands().iter().all(|line| line.starts_with("EHLO") || line.starts_with("QUIT")),
        "{:?}",
        open.commands()
    );
    server.stop().await;
}

#[tokio::test]
async fn a_manager_can_try_who_is_told() {
    let mail = MailServer::open(Tls::None, &[Mood::Takes, Mood::Busy]).await;
    let server = plain(&mail, &["--alarm-email-to", "dona@loja.example"]).await;
    let trial = "/api/v1/alarm-recipients/trial";
    let (lucas, _) = server.caller().sign_in("lucas", "1234").await;
    let (first, again): (Vec<Telling>, Vec<Telling>) =
        (lucas.post(trial, &json!({})).await.expect(200), lucas.post(trial, &json!({})).await.expect(200));
    let [taken] = first.try_into().unwrap();
    assert_eq!((taken.recipient.as_str(), taken.told, taken.second), ("dona@loja.example", true, false));
    assert_eq!(taken.answer, "250 2.0.0 na fila com o nome A1");
    let [busy] = again.try_into().unwrap();
    assert!(!busy.told && busy.answer.contains("421"), "{busy:?}");
    let [subject] = header(&mail.letters()[0], "subject").try_into().unwrap();
    assert_eq!(subject, "Tillwatch: mensagem de teste");
    let (seller, _) = server.caller().sign_in("ana", "1234").await;
    seller.post(trial, &json!({})).await.problem(403, "role_not_allowed");
    server.stop().await;
}
