//! PINs: who may set one, what it opens, and how long it takes to guess.

use serde_json::{Value, json};
use tillwatch_shared::api::{Person, Session};
use tillwatch_shared::time::{HOUR, MINUTE, SECOND};

use crate::common::{Answer, Caller, Server};
use crate::shop::{PASSWORD, Shop};

const PIN: &str = "4821";

async fn try_sign_in(caller: &Caller, username: &str, password: &str) -> Answer {
    caller.post("/api/v1/sessions", &json!({ "username": username, "password": password })).await
}

fn path(person: &Person) -> String {
    format!("/api/v1/people/{}", person.id)
}

fn pin(pin: &str) -> Value {
    json!({ "pin": pin })
}

#[tokio::test]
async fn a_pin_opens_the_same_door() {
    let server = Server::demo().await;
    let nobody = server.caller();
    let (ana, session) = nobody.sign_in("ana", "1234").await;
    try_sign_in(&nobody, "ana", PIN).await.problem(401, "wrong_credentials");
    let person: Person = ana.patch(&path(&session.person), &pin(PIN)).await.expect(200);
    assert!(person.has_pin && !session.person.has_pin);
    for (name, secret) in
        [("ana", PIN), (" ÁNA", PIN), ("12345678901", PIN), ("123.456.789-01", PIN), ("ana", "1234")]
    {
        let session: Session = try_sign_in(&nobody, name, secret).await.expect(201);
        assert_eq!(session.person, person, "{name}");
    }
    let old = nobody.post("/login", &json!({ "username": "123.456.789-01", "password": PIN })).await;
    let token = old.json()["token"].as_str().unwrap().to_owned();
    assert_eq!(nobody.bearer(&token).get("/api/v1/people/me").await.expect::<Person>(200), person);
    // Nobody else's door.
    try_sign_in(&nobody, "bruno", PIN).await.problem(401, "wrong_credentials");
    let dir = server.stop().await;
    let journal = rusqlite::Connection::open(dir.path().join("ledger.sqlite")).unwrap();
    let bodies: String = journal
        .query_row("SELECT group_concat(body) FROM journal WHERE kind = 'change_person'", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert!(bodies.contains("\"pin\":{\"set\":\"\"}"), "the hash stays out of the journal: {bodies}");
}

#[tokio::test]
async fn a_changed_pin_ends_sessions_and_a_first_one_does_not() {
    let shop = Shop::open().await;
    let of = path(shop.seller_person());
    shop.seller.patch(&of, &pin(PIN)).await.expect::<Person>(200);
    assert_eq!(shop.seller.get("/api/v1/people/me").await.status, 200);
    let (till, _) = shop.nobody.sign_in("vendedora", PIN).await;
    shop.manager.patch(&of, &pin("7301")).await.expect::<Person>(200);
    till.get("/api/v1/people/me").await.problem(401, "session_ended");
    try_sign_in(&shop.nobody, "vendedora", PIN).await.problem(401, "wrong_credentials");
    let (till, _) = shop.nobody.sign_in("vendedora", "7301").await;
    let without: Person = till.patch(&of, &pin("")).await.expect(200);
    assert!(!without.has_pin);
    till.get("/api/v1/people/me").await.problem(401, "session_ended");
    try_sign_in(&shop.nobody, "vendedora", "7301").await.problem(401, "wrong_credentials");
    shop.nobody.sign_in("vendedora", PASSWORD).await;
    shop.server.stop().await;
}

#[tokio::test]
async fn who_may_set_whose_pin() {
    let shop = Shop::open().await;
    let (seller, stranger) = (path(shop.seller_person()), path(shop.stranger_person()));
    let manager = path(shop.manager_person());
    shop.manager.patch(&seller, &pin(PIN)).await.expect::<Person>(200);
    shop.manager.patch(&manager, &pin(PIN)).await.expect::<Person>(200);
    shop.admin.patch(&stranger, &pin(PIN)).await.expect::<Person>(200);

    let tip = shop.server.tip();
    shop.manager.patch(&stranger, &pin(PIN)).await.problem(403, "store_not_allowed");
    shop.seller.patch(&manager, &pin(PIN)).await.problem(403, "role_not_allowed");
    let me: Person = shop.admin.get("/api/v1/people/me").await.expect(200);
    shop.manager.patch(&path(&me), &pin(PIN)).await.problem(403, "role_not_allowed");
    let answer = shop.admin.patch(&path(&me), &pin(PIN)).await.problem(400, "invalid_value");
    assert_eq!(answer["field"], "pin", "an admin signs in with the password");
    for bad in ["482", "482190371", "48a1", " 4821", "1234", "0000", "2026"] {
        let answer = shop.manager.patch(&seller, &pin(bad)).await.problem(400, "invalid_value");
        assert_eq!(answer["field"], "pin", "{bad}");
    }
    assert_eq!(shop.server.tip(), tip);

    // Who leaves the stores, or comes to stand above them, has no PIN any more.
    for change in [json!({ "stores": [] }), json!({ "role": "admin" })] {
        let person: Person = shop.admin.patch(&seller, &change).await.expect(200);
        assert!(!person.has_pin, "{change}");
        try_sign_in(&shop.nobody, "vendedora", PIN).await.problem(401, "wrong_credentials");
        let back = json!({ "role": "seller", "stores": [shop.a], "pin": PIN });
        assert!(shop.admin.patch(&seller, &back).await.expect::<Person>(200).has_pin);
        shop.nobody.sign_in("vendedora", PIN).await;
    }
    shop.server.stop().await;
}

/// A piece of the own CPF is refused; to those who may not set the PIN the answer does not tell which digits
/// somebody's CPF has.
#[tokio::test]
async fn a_pin_says_nothing_about_a_cpf() {
    let shop = Shop::open().await;
    let mut body = crate::shop::person("nova", "seller", &[shop.b]);
    body["cpf"] = json!("52998224725");
    let person: Person = shop.admin.post("/api/v1/people", &body).await.expect(201);
    for digits in ["9982", "4821"] {
        shop.seller.patch(&path(&person), &pin(digits)).await.problem(403, "role_not_allowed");
        shop.manager.patch(&path(&person), &pin(digits)).await.problem(403, "store_not_allowed");
    }
    shop.admin.patch(&path(&person), &pin("9982")).await.problem(400, "invalid_value");
    let (own, _) = shop.nobody.sign_in("nova", PASSWORD).await;
    own.patch(&path(&person), &pin("9982")).await.problem(400, "invalid_value");
    own.patch(&path(&person), &pin("4821")).await.expect::<Person>(200);
    shop.server.stop().await;
}

#[tokio::test]
async fn guessing_a_pin_takes_months() {
    let server = Server::demo().await;
    let nobody = server.caller();
    let (ana, session) = nobody.sign_in("ana", "1234").await;
    ana.patch(&path(&session.person), &pin(PIN)).await.expect::<Person>(200);
    let end = server.clock.now().plus(12 * HOUR);
    let (mut tried, mut guess) = (0, 5_000);
    while server.clock.now() < end {
        // By user name and by CPF in turn: it is one person.
        let name = if guess % 2 == 0 { "ana" } else { "12345678901" };
        let answer = try_sign_in(&nobody, name, &guess.to_string()).await;
        match answer.status {
            401 => (tried, guess) = (tried + 1, guess + 1),
            429 => {
                let seconds: i64 = answer.header("retry-after").unwrap().parse().unwrap();
                server.clock.advance(seconds * SECOND);
            }
            other => panic!("{other}: {}", answer.text()),
        }
    }
    assert!((20..50).contains(&tried), "{tried} tries in half a day");
    // The PIN has to wait, the password opens meanwhile.
    try_sign_in(&nobody, "ana", "9999").await;
    server.clock.advance(2 * MINUTE);
    try_sign_in(&nobody, "ana", PIN).await.problem(429, "too_many_attempts");
    assert_eq!(try_sign_in(&nobody, "ana", "1234").await.status, 201);
    // That is no way to guess a password of digits fast.
    for guess in 6_000..6_006 {
        try_sign_in(&nobody, "ana", &guess.to_string()).await.problem(429, "too_many_attempts");
    }
    try_sign_in(&nobody, "ana", "1234").await.problem(429, "too_many_attempts");
    server.clock.advance(HOUR);
    assert_eq!(try_sign_in(&nobody, "ana", PIN).await.status, 201);
    server.stop().await;
}
