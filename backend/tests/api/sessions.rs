//! The first start, signing in, staying signed in, being thrown out.

use reqwest::Method;
use serde_json::{Value, json};
use tillwatch_shared::CommandId;
use tillwatch_shared::api::{Person, Role, ServerInfo, Session};
use tillwatch_shared::time::{DAY, MINUTE, SECOND};

use crate::common::caller::send;
use crate::common::{Answer, Caller, Server};
use crate::shop::{PASSWORD, Shop};

async fn refresh(caller: &Caller, token: &str, key: CommandId) -> Answer {
    caller.command("/api/v1/sessions/refresh", key, &json!({ "refresh_token": token })).await
}

async fn try_sign_in(caller: &Caller, username: &str, password: &str) -> Answer {
    caller.post("/api/v1/sessions", &json!({ "username": username, "password": password })).await
}

#[tokio::test]
async fn the_set_up_code_makes_the_first_admin_once() {
    let server = Server::shop().await;
    let caller = server.caller();
    let info: ServerInfo = caller.get("/api/v1/server").await.expect(200);
    assert!(info.needs_setup && !info.demo && !info.open_registration);
    let code = server.setup_code();
    let setup = |code: &str| json!({ "code": code, "username": "dona", "password": PASSWORD, "store_name": "Mercado" });
    for wrong in ["AAAA-AAAA", "x", &code[..code.len() - 1]] {
        caller.post("/api/v1/setup", &setup(wrong)).await.problem(403, "wrong_setup_code");
    }
    let stranger = json!({ "username": "zeca", "password": "1234" });
    caller.post("/api/v1/registrations", &stranger).await.problem(403, "registration_closed");
    assert_eq!(server.tip(), 0);

    // As a person types it from a piece of paper.
    let typed = code.to_lowercase().replace('-', " ");
    let session: Session = caller.post("/api/v1/setup", &setup(&typed)).await.expect(201);
    assert_eq!((session.person.role, session.person.username.as_str()), (Role::Admin, "dona"));
    assert_eq!(session.stores.iter().map(|store| store.name.as_str()).collect::<Vec<_>>(), ["Mercado"]);
    let admin = caller.bearer(&session.access_token);
    assert_eq!(admin.get("/api/v1/people/me").await.expect::<Person>(200), session.person);

    let tip = server.tip();
    let second = json!({ "code": code, "username": "outra", "password": PASSWORD, "store_name": "Outra" });
    caller.post("/api/v1/setup", &second).await.problem(409, "already_set_up");
    assert_eq!(server.tip(), tip);
    let info: ServerInfo = caller.get("/api/v1/server").await.expect(200);
    assert!(!info.needs_setup);
    server.stop().await;
}

#[tokio::test]
async fn the_set_up_code_cannot_be_guessed_fast() {
    let server = Server::shop().await;
    let caller = server.caller();
    let guess = json!({ "code": "AAAA-AAAA", "username": "x", "password": PASSWORD, "store_name": "X" });
    for _ in 0..5 {
        caller.post("/api/v1/setup", &guess).await.problem(403, "wrong_setup_code");
    }
    caller.post("/api/v1/setup", &guess).await.problem(429, "too_many_attempts");
    server.stop().await;
}

#[tokio::test]
async fn signing_in_with_user_name_or_cpf() {
    let server = Server::demo().await;
    let caller = server.caller();
    for name in ["ana", "ANA", " Àna ", "12345678901", "123.456.789-01"] {
        let session: Session = try_sign_in(&caller, name, "1234").await.expect(201);
        assert_eq!(session.person.username, "ana", "{name}");
        assert_eq!(session.access_expires_at, server.clock.now().plus(15 * MINUTE));
        assert_eq!(session.stores.len(), 2);
        assert!(session.person.cpf_masked.unwrap().starts_with("***."));
    }
    // Nobody learns which names exist.
    let wrong = try_sign_in(&caller, "ana", "4321").await.problem(401, "wrong_credentials");
    let unknown = try_sign_in(&caller, "xyz", "4321").await.problem(401, "wrong_credentials");
    assert_eq!(wrong, unknown);
    server.stop().await;
}

#[tokio::test]
async fn guessing_slows_down() {
    let server = Server::demo().await;
    let caller = server.caller();
    for _ in 0..5 {
        try_sign_in(&caller, "ana", "wrong").await.problem(401, "wrong_credentials");
    }
    let refused = try_sign_in(&caller, "ana", "1234").await;
    refused.problem(429, "too_many_attempts");
    let seconds: i64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
    // The old route has the same brake, and others are not held up.
    let old = caller.post("/login", &json!({ "username": "ana", "password": "1234" })).await;
    old.fixed_error(429, "mensagem");
    assert!(old.header("retry-after").is_some());
    assert_eq!(try_sign_in(&caller, "bruno", "1234").await.status, 201);

    server.clock.advance((seconds - 1) * SECOND - 1);
    try_sign_in(&caller, "ana", "1234").await.problem(429, "too_many_attempts");
    server.clock.advance(SECOND + 1);
    assert_eq!(try_sign_in(&caller, "ana", "1234").await.status, 201);
    server.stop().await;
}

#[tokio::test]
async fn refresh_tokens_rotate_and_a_stolen_one_ends_the_session() {
    let server = Server::demo().await;
    let (caller, first) = server.caller().sign_in("ana", "1234").await;
    let nobody = caller.nobody();
    let key = CommandId::now();
    let second: Session = refresh(&nobody, &first.refresh_token, key).await.expect(200);
    assert_eq!(second.id, first.id);
    assert_ne!(second.refresh_token, first.refresh_token);

    // A lost answer: the same request again gets the same token, and harms nobody.
    server.clock.advance(SECOND);
    let repeat: Session = refresh(&nobody, &first.refresh_token, key).await.expect(200);
    assert_eq!(repeat.refresh_token, second.refresh_token);
    let third: Session = refresh(&nobody, &second.refresh_token, CommandId::now()).await.expect(200);
    let access = caller.bearer(&third.access_token);
    assert_eq!(access.get("/api/v1/people/me").await.status, 200);

    // A used token in another request: somebody stole it.
    refresh(&nobody, &first.refresh_token, CommandId::now()).await.problem(401, "token_reused");
    access.get("/api/v1/people/me").await.problem(401, "session_ended");
    caller.get("/api/v1/people/me").await.problem(401, "session_ended");
    refresh(&nobody, &third.refresh_token, CommandId::now()).await.problem(401, "session_ended");
    refresh(&nobody, &second.refresh_token, key).await.problem(409, "command_id_reused");
    // The person's other sessions go on.
    assert_eq!(try_sign_in(&nobody, "ana", "1234").await.status, 201);
    server.stop().await;
}

#[tokio::test]
async fn refresh_tokens_are_ours_and_end() {
    let server = Server::demo().await;
    let (caller, session) = server.caller().sign_in("ana", "1234").await;
    let token = &session.refresh_token;
    let forged = token.replacen(".1.", ".2.", 1);
    assert_ne!(&forged, token);
    for bad in [forged.as_str(), "x", "a.b.c", &session.access_token] {
        refresh(&caller.nobody(), bad, CommandId::now()).await.problem(401, "session_ended");
    }
    assert_eq!(caller.get("/api/v1/people/me").await.status, 200, "a forgery does not end the session");
    server.clock.advance(30 * DAY);
    refresh(&caller.nobody(), token, CommandId::now()).await.problem(401, "session_ended");
    server.stop().await;
}

#[tokio::test]
async fn an_access_token_ends_after_a_quarter_of_an_hour() {
    let server = Server::demo().await;
    let (caller, session) = server.caller().sign_in("ana", "1234").await;
    server.clock.advance(15 * MINUTE);
    caller.get("/api/v1/people/me").await.problem(401, "token_expired");
    let next: Session = refresh(&caller.nobody(), &session.refresh_token, CommandId::now()).await.expect(200);
    assert_eq!(caller.bearer(&next.access_token).get("/api/v1/people/me").await.status, 200);
    server.stop().await;
}

#[tokio::test]
async fn signing_out_ends_the_session_at_once() {
    let server = Server::demo().await;
    let (caller, session) = server.caller().sign_in("ana", "1234").await;
    let (other, _) = server.caller().sign_in("ana", "1234").await;
    let answer = caller.delete("/api/v1/sessions/current").await;
    assert_eq!((answer.status, answer.bytes.len()), (204, 0));
    caller.get("/api/v1/people/me").await.problem(401, "session_ended");
    refresh(&caller.nobody(), &session.refresh_token, CommandId::now()).await.problem(401, "session_ended");
    assert_eq!(other.get("/api/v1/people/me").await.status, 200);
    server.stop().await;
}

#[tokio::test]
async fn a_new_password_ends_all_sessions_at_once() {
    let shop = Shop::open().await;
    let path = format!("/api/v1/people/{}", shop.seller_person().id);
    let (second, session) = shop.nobody.sign_in("vendedora", PASSWORD).await;
    shop.manager.patch(&path, &json!({ "password": "outra senha" })).await.expect::<Person>(200);
    for ended in [&shop.seller, &second] {
        ended.get("/api/v1/people/me").await.problem(401, "session_ended");
    }
    refresh(&shop.nobody, &session.refresh_token, CommandId::now()).await.problem(401, "session_ended");
    try_sign_in(&shop.nobody, "vendedora", PASSWORD).await.problem(401, "wrong_credentials");
    let (seller, _) = shop.nobody.sign_in("vendedora", "outra senha").await;

    // One's own password too.
    seller.patch(&path, &json!({ "password": "mais uma senha" })).await.expect::<Person>(200);
    seller.get("/api/v1/people/me").await.problem(401, "session_ended");
    shop.nobody.sign_in("vendedora", "mais uma senha").await;
    assert_eq!(shop.stranger.get("/api/v1/people/me").await.status, 200);
    shop.server.stop().await;
}

#[tokio::test]
async fn who_is_stopped_is_out_at_once() {
    let shop = Shop::open().await;
    let path = format!("/api/v1/people/{}", shop.seller_person().id);
    let (_, session) = shop.nobody.sign_in("vendedora", PASSWORD).await;
    let stopped: Person = shop.manager.patch(&path, &json!({ "active": false })).await.expect(200);
    assert!(!stopped.active);
    shop.seller.get("/api/v1/people/me").await.problem(401, "session_ended");
    let product = json!({ "name": "Prego" });
    shop.seller.post("/api/v1/products", &product).await.problem(401, "session_ended");
    let answer = refresh(&shop.nobody, &session.refresh_token, CommandId::now()).await;
    assert_eq!(answer.status, 401);
    assert_eq!(try_sign_in(&shop.nobody, "vendedora", PASSWORD).await.status, 401);
    shop.manager.patch(&path, &json!({ "active": true })).await.expect::<Person>(200);
    shop.nobody.sign_in("vendedora", PASSWORD).await;
    shop.seller.get("/api/v1/people/me").await.problem(401, "session_ended");
    shop.server.stop().await;
}

#[tokio::test]
async fn registering_where_it_is_open() {
    let server = Server::demo().await;
    let caller = server.caller();
    let body = json!({ "username": "admin", "password": "1234", "device": "monitor" });
    let session: Session = caller.post("/api/v1/registrations", &body).await.expect(201);
    assert_eq!(session.person.role, Role::Manager);
    assert_eq!(session.stores.len(), 6, "a newcomer works in every store");
    let short = json!({ "username": "curto", "password": "123" });
    assert_eq!(
        caller.post("/api/v1/registrations", &short).await.problem(400, "invalid_value")["field"],
        "password"
    );
    caller.post("/api/v1/registrations", &body).await.problem(409, "username_taken");
    // A user name that could be read as somebody's CPF.
    let cpf = json!({ "username": "52998224725", "password": "1234" });
    caller.post("/api/v1/registrations", &cpf).await.problem(409, "username_taken");
    server.stop().await;
}

#[tokio::test]
async fn a_repeated_registration_is_no_way_in() {
    let server = Server::demo().await;
    let caller = server.caller();
    let key = CommandId::now();
    let register = async |password: &str| {
        let body = json!({ "username": "zeca", "password": password });
        caller.command("/api/v1/registrations", key, &body).await
    };
    let session: Session = register("a senha").await.expect(201);
    assert_eq!(session.person.id.0, key.0);
    // The lost answer of whoever knows the password…
    let again: Session = register("a senha").await.expect(201);
    assert_eq!(again.person.id, session.person.id);
    // …but the key is the person's id, which colleagues can see: it is not a secret.
    let answer = register("outra senha").await;
    assert_eq!(answer.status, 401, "{}", answer.text());
    server.stop().await;
}

#[tokio::test]
async fn errors_speak_the_callers_language() {
    let server = Server::demo().await;
    let caller = server.caller();
    for (header, title) in [
        ("", "É preciso entrar"),
        ("pt-BR", "É preciso entrar"),
        ("en", "You need to sign in"),
        ("en-GB,pt;q=0.5", "You need to sign in"),
        ("fr, en;q=0.8", "You need to sign in"),
        ("*", "É preciso entrar"),
    ] {
        let request = caller.request(Method::GET, "/api/v1/people/me").header("accept-language", header);
        let answer = send(request).await;
        assert_eq!(answer.problem(401, "not_signed_in")["title"], title, "{header}");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    }
    server.stop().await;
}

#[tokio::test]
async fn a_client_reads_its_own_writes() {
    let server = Server::demo().await;
    let (caller, _) = server.caller().sign_in("ana", "1234").await;
    let ask = async |seq: String| {
        send(caller.request(Method::GET, "/api/v1/people/me").header("min-seq", seq)).await
    };
    assert_eq!(ask(server.tip().to_string()).await.status, 200);
    let ahead = ask((server.tip() + 1).to_string()).await;
    ahead.problem(503, "behind");
    assert!(ahead.header("retry-after").is_some());
    ask("soon".into()).await.problem(400, "malformed_request");
    let _: Value = caller.get("/api/v1/people/me").await.expect(200);
    server.stop().await;
}
