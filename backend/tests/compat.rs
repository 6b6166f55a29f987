//! The fixed routes, word for word as their old clients know them: Part A and the HTTP half of Part B.
#![cfg(test)]

pub mod common;

use common::{Caller, Server};
use serde_json::{Value, json};
use tillwatch_shared::time::{MINUTE, SECOND};

/// Signed in with `/login`, as an old client does it.
async fn old_client(caller: &Caller, username: &str, password: &str) -> Caller {
    let answer: Value =
        caller.post("/login", &json!({ "username": username, "password": password })).await.expect(200);
    caller.bearer(answer["token"].as_str().unwrap())
}

#[track_caller]
fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

#[tokio::test]
async fn a_stranger_registers_and_signs_in() {
    let server = Server::demo().await;
    let caller = server.caller();
    let newcomer = json!({ "username": "admin", "password": "1234" });

    let answer: Value = caller.post("/registrar_usuario_app", &newcomer).await.expect(201);
    assert_eq!(keys(&answer), ["mensagem"]);
    assert!(answer["mensagem"].is_string());

    let answer: Value = caller.post("/login", &newcomer).await.expect(200);
    assert_eq!(keys(&answer), ["access_token", "mensagem", "token"]);
    assert_eq!(answer["token"], answer["access_token"]);
    assert_eq!(answer["token"].as_str().unwrap().split('.').count(), 3, "a JWT");
    let signed_in = caller.bearer(answer["token"].as_str().unwrap());
    assert_eq!(signed_in.get("/produtos").await.status, 200);

    for same in ["admin", "ADMIN", " Admin ", "àdmin"] {
        let again = json!({ "username": same, "password": "5678" });
        caller.post("/registrar_usuario_app", &again).await.fixed_error(409, "mensagem");
    }
    server.stop().await;
}

#[tokio::test]
async fn registering_and_signing_in_need_both_fields() {
    let server = Server::demo().await;
    let caller = server.caller();
    let tip = server.tip();
    for path in ["/registrar_usuario_app", "/login"] {
        for body in [
            json!({}),
            json!({ "username": "zeca" }),
            json!({ "password": "1234" }),
            json!({ "username": null, "password": "1234" }),
            json!({ "username": "zeca", "password": "" }),
            json!({ "username": "", "password": "1234" }),
            json!({ "username": 7, "password": "1234" }),
            json!({ "username": ["zeca"], "password": "1234" }),
            json!([]),
            json!("zeca"),
            json!(null),
        ] {
            caller.post(path, &body).await.fixed_error(400, "mensagem");
        }
    }
    for (username, password) in [("ana", "12345"), ("nobody", "1234"), ("ana", "1")] {
        let wrong = json!({ "username": username, "password": password });
        caller.post("/login", &wrong).await.fixed_error(401, "mensagem");
    }
    assert_eq!(server.tip(), tip);
    server.stop().await;
}

#[tokio::test]
async fn a_shop_does_not_let_strangers_in() {
    let server = Server::shop().await;
    let newcomer = json!({ "username": "zeca", "password": "1234" });
    let text = server.caller().post("/registrar_usuario_app", &newcomer).await.fixed_error(403, "mensagem");
    assert!(text.contains("gerente ou administrador"), "says who can add users: {text}");
    // A missing field is told first, as before.
    let half = json!({ "username": "zeca" });
    server.caller().post("/registrar_usuario_app", &half).await.fixed_error(400, "mensagem");
    assert_eq!(server.tip(), 0);
    server.stop().await;

    let open = Server::start(&["--open-registration"]).await;
    open.caller().post("/registrar_usuario_app", &newcomer).await.expect::<Value>(201);
    open.stop().await;
}

#[tokio::test]
async fn products() {
    let server = Server::demo().await;
    let caller = old_client(&server.caller(), "ana", "1234").await;
    let before: Vec<Value> = caller.get("/produtos").await.expect(200);
    assert!(before.iter().all(|product| keys(product) == ["id", "nome"]));

    let added: Value = caller.post("/produtos", &json!({ "nome": "Parafuso 10mm" })).await.expect(201);
    assert_eq!(keys(&added), ["id", "nome"]);
    assert_eq!(added["nome"], "Parafuso 10mm");
    assert!(added["id"].is_i64());
    let after: Vec<Value> = caller.get("/produtos").await.expect(200);
    assert_eq!(after.len(), before.len() + 1);
    assert_eq!(after.last(), Some(&added));

    caller.post("/produtos", &json!({ "nome": "Pão de Açúcar" })).await.expect::<Value>(201);
    for same in [
        "parafuso 10MM",
        "  Parafuso  10mm ",
        "pao de acucar",
        "PÃO DE AÇÚCAR",
        "Pa\u{303}o de acu\u{301}car",
    ] {
        caller.post("/produtos", &json!({ "nome": same })).await.fixed_error(409, "mensagem");
    }
    for bad in [
        json!({}),
        json!({ "nome": "" }),
        json!({ "nome": "  " }),
        json!({ "nome": 5 }),
        json!({ "nome": null }),
        json!([]),
    ] {
        caller.post("/produtos", &bad).await.fixed_error(400, "mensagem");
    }
    caller.post("/produtos", &json!({ "nome": "x".repeat(121) })).await.fixed_error(400, "mensagem");
    assert_eq!(caller.get("/produtos").await.expect::<Vec<Value>>(200).len(), before.len() + 2);
    server.stop().await;
}

#[tokio::test]
async fn stock_entries() {
    let server = Server::demo().await;
    server
        .caller()
        .post("/registrar_usuario_app", &json!({ "username": "admin", "password": "1234" }))
        .await
        .expect::<Value>(201);
    let caller = old_client(&server.caller(), "admin", "1234").await;
    let product: Value = caller.post("/produtos", &json!({ "nome": "Parafuso 10mm" })).await.expect(201);
    let before: Vec<Value> = caller.get("/inventario").await.expect(200);

    let body = json!({ "produto_id": product["id"], "quantidade": 50 });
    let entry: Value = caller.post("/inventario", &body).await.expect(201);
    assert_eq!(
        keys(&entry),
        ["id", "nome_produto", "produto_id", "quantidade", "registrado_por", "timestamp"]
    );
    assert_eq!(entry["produto_id"], product["id"]);
    assert_eq!(entry["nome_produto"], "Parafuso 10mm");
    assert_eq!(entry["quantidade"].to_string(), "50", "a whole number, not 50.0");
    assert_eq!(entry["registrado_por"], "admin");
    assert_eq!(entry["timestamp"], common::inside::START);
    assert!(entry["id"].is_i64());

    for (given, kept) in [
        (json!("7"), 7),
        (json!(" 8 "), 8),
        (json!(-3), -3),
        (json!("-4"), -4),
        (json!(1_000_000), 1_000_000),
    ] {
        let body = json!({ "produto_id": product["id"], "quantidade": given });
        let entry: Value = caller.post("/inventario", &body).await.expect(201);
        assert_eq!(entry["quantidade"], json!(kept), "{given}");
    }
    let after: Vec<Value> = caller.get("/inventario").await.expect(200);
    assert_eq!(after.len(), before.len() + 6);
    assert_eq!(after[before.len()], entry, "oldest first, and listed as it was answered");
    assert!(after.windows(2).all(|pair| pair[0]["id"].as_i64() < pair[1]["id"].as_i64()));
    server.stop().await;
}

#[tokio::test]
async fn bad_stock_entries_change_nothing() {
    let server = Server::demo().await;
    let caller = old_client(&server.caller(), "lucas", "1234").await;
    let product = caller.get("/produtos").await.expect::<Vec<Value>>(200)[0]["id"].clone();
    let (tip, digest) = (server.tip(), server.digest());
    for quantity in [
        "0",
        "\"0\"",
        "1.5",
        "\"1.5\"",
        "1.0",
        "true",
        "false",
        "null",
        "\"\"",
        "\"dez\"",
        "[5]",
        "{}",
        "1e3",
        "1000001",
        "-1000001",
        "9223372036854775807",
        "-9223372036854775808",
        "9223372036854775808",
        "1e400",
        "123456789012345678901234567890",
        "\"99999999999999999999\"",
        "NaN",
        "\"NaN\"",
        "Infinity",
    ] {
        let body = format!("{{\"produto_id\":{product},\"quantidade\":{quantity}}}");
        let answer = caller.post_bytes("/inventario", "application/json", body.into_bytes()).await;
        assert_eq!(answer.status, 400, "{quantity}");
        answer.fixed_error(400, "mensagem");
    }
    for body in [
        json!({ "produto_id": product }),
        json!({ "quantidade": 5 }),
        json!({}),
        json!([]),
        json!({ "produto_id": "x", "quantidade": 5 }),
    ] {
        caller.post("/inventario", &body).await.fixed_error(400, "mensagem");
    }
    for unknown in [json!(999_999), json!("999999"), json!(0), json!(-1), json!(i64::MAX)] {
        let body = json!({ "produto_id": unknown, "quantidade": 5 });
        caller.post("/inventario", &body).await.fixed_error(404, "mensagem");
    }
    assert_eq!((server.tip(), server.digest()), (tip, digest));
    server.stop().await;
}

#[tokio::test]
async fn all_but_the_first_two_need_a_token() {
    let server = Server::demo().await;
    let caller = server.caller();
    let good = old_client(&caller, "lucas", "1234").await;
    let token = good.token.clone().unwrap();
    let tip = server.tip();
    let refused = async |caller: &Caller| {
        caller.get("/produtos").await.fixed_error(401, "mensagem");
        caller.get("/inventario").await.fixed_error(401, "mensagem");
        caller.post("/produtos", &json!({ "nome": "Prego" })).await.fixed_error(401, "mensagem");
        let entry = json!({ "produto_id": 1, "quantidade": 5 });
        caller.post("/inventario", &entry).await.fixed_error(401, "mensagem");
    };
    refused(&caller).await;
    for bad in ["x", "a.b.c", &token[1..], &token[..token.len() - 2], &format!("{token}x")] {
        refused(&caller.bearer(bad)).await;
    }
    // The right token in the wrong scheme.
    let basic =
        caller.request(reqwest::Method::GET, "/produtos").header("authorization", format!("Basic {token}"));
    common::caller::send(basic).await.fixed_error(401, "mensagem");

    server.clock.advance(15 * MINUTE - SECOND);
    assert_eq!(good.get("/produtos").await.status, 200, "good for 15 minutes");
    server.clock.advance(SECOND);
    refused(&good).await;
    assert_eq!(server.tip(), tip);
    server.stop().await;
}

#[tokio::test]
async fn errors_are_portuguese_whatever_the_client_asks_for() {
    let server = Server::demo().await;
    let english = server.caller().request(reqwest::Method::GET, "/produtos").header("accept-language", "en");
    assert_eq!(common::caller::send(english).await.fixed_error(401, "mensagem"), "É preciso entrar");
    server.caller().delete("/produtos").await.fixed_error(405, "mensagem");
    server.stop().await;
}

fn reading(sensor: &Value) -> Value {
    json!({ "temperature": 4.25, "humidity": 61, "pressure": 1013.2, "sensor_id": sensor })
}

#[tokio::test]
async fn a_reading_is_answered_as_devices_expect() {
    let server = Server::demo().await;
    let device = server.caller().device("demo");
    let first: Value = device.post("/api/temperature_reading", &reading(&json!(12))).await.expect(201);
    assert_eq!(
        keys(&first),
        [
            "client_ip",
            "date_recorded",
            "humidity",
            "id",
            "pressure",
            "sensor_id",
            "temperature",
            "time_recorded"
        ]
    );
    assert!(first["id"].is_i64());
    assert_eq!((first["temperature"].as_f64(), first["humidity"].as_f64()), (Some(4.25), Some(61.0)));
    assert_eq!(first["pressure"], json!(1013.2));
    assert_eq!(first["sensor_id"], json!(12), "a number stays a number");
    assert_eq!(first["client_ip"], "127.0.0.1");
    // 15:00 UTC is noon in São Paulo.
    assert_eq!(
        (&first["date_recorded"], &first["time_recorded"]),
        (&json!("2026-06-15"), &json!("12:00:00"))
    );

    // 2:59:59 UTC of the next day is still today.
    server.clock.advance((11 * 60 + 59) * MINUTE + 59 * SECOND);
    let late: Value =
        device.post("/api/temperature_reading", &reading(&json!("geladeira 1"))).await.expect(201);
    assert_eq!((&late["date_recorded"], &late["time_recorded"]), (&json!("2026-06-15"), &json!("23:59:59")));
    assert_eq!(late["sensor_id"], "geladeira 1", "a text stays a text");
    assert!(late["id"].as_i64() > first["id"].as_i64());
    for same in [json!("012"), json!("12 C"), json!(-4)] {
        let kept: Value = device.post("/api/temperature_reading", &reading(&same)).await.expect(201);
        assert_eq!(kept["sensor_id"], same);
    }
    // More fields than are known do no harm.
    let mut more = reading(&json!(12));
    more["battery"] = json!(3.3);
    device.post("/api/temperature_reading", &more).await.expect::<Value>(201);
    for level in [json!(55), json!(300), json!(-1), json!("cheia"), json!(null), json!({}), json!([1])] {
        more["battery_percent"] = level;
        device.post("/api/temperature_reading", &more).await.expect::<Value>(201);
    }
    server.stop().await;
}

#[tokio::test]
async fn the_zone_of_the_answer_is_a_setting() {
    let server = Server::start(&["--demo", "--zone", "Asia/Kolkata"]).await;
    let device = server.caller().device("demo");
    let kept: Value = device.post("/api/temperature_reading", &reading(&json!(1))).await.expect(201);
    assert_eq!((&kept["date_recorded"], &kept["time_recorded"]), (&json!("2026-06-15"), &json!("20:30:00")));
    server.stop().await;
}

#[tokio::test]
async fn readings_without_a_good_key_are_refused() {
    let server =
        Server::start(&["--demo", "--api-key", "chave-dos-sensores", "--api-key-ws", "so-para-ouvir"]).await;
    let (caller, body) = (server.caller(), reading(&json!(1)));
    let path = "/api/temperature_reading";
    caller.post(path, &body).await.fixed_error(401, "detail");
    // `so-para-ouvir` may only listen; `demo` is not a key where another one was set.
    for wrong in ["wrong", "", "demo", "so-para-ouvir", "CHAVE-DOS-SENSORES", "chave-dos-sensores1"] {
        caller.device(wrong).post(path, &body).await.fixed_error(401, "detail");
    }
    // The key is asked for before the body is looked at.
    caller.post(path, &json!({})).await.fixed_error(401, "detail");
    assert_eq!(server.running.app.telemetry.stats().stored, 0);
    caller.device("chave-dos-sensores").post(path, &body).await.expect::<Value>(201);
    server.stop().await;

    // A shop without a key set takes readings from nobody.
    let shop = Server::shop().await;
    for key in ["", "demo"] {
        shop.caller().device(key).post(path, &body).await.fixed_error(401, "detail");
    }
    shop.stop().await;
}

#[tokio::test]
async fn bad_readings_are_refused_with_422() {
    let server = Server::demo().await;
    let device = server.caller().device("demo");
    let path = "/api/temperature_reading";
    for field in ["temperature", "humidity", "pressure", "sensor_id"] {
        let mut missing = reading(&json!(1));
        missing.as_object_mut().unwrap().remove(field);
        device.post(path, &missing).await.fixed_error(422, "detail");
        for wrong in [json!(null), json!(true), json!([1]), json!({})] {
            let mut body = reading(&json!(1));
            body[field] = wrong;
            device.post(path, &body).await.fixed_error(422, "detail");
        }
    }
    for field in ["temperature", "humidity", "pressure"] {
        for wrong in ["\"4.5\"", "NaN", "Infinity", "-Infinity", "1e999", "\"NaN\""] {
            let text = reading(&json!(1)).to_string();
            let value = reading(&json!(1))[field].to_string();
            let body = text.replace(&format!("\"{field}\":{value}"), &format!("\"{field}\":{wrong}"));
            assert_ne!(body, text);
            device.post_bytes(path, "application/json", body.into_bytes()).await.fixed_error(422, "detail");
        }
    }
    for sensor in
        [json!(""), json!("a,b"), json!(" a"), json!("a\n"), json!("x".repeat(65)), json!(1.5), json!(1e30)]
    {
        device.post(path, &reading(&sensor)).await.fixed_error(422, "detail");
    }
    for bytes in [&b""[..], b"{", b"[]", b"null", b"\"\"", b"\xff\xfe{}", b"temperature=4"] {
        device.post_bytes(path, "application/json", bytes.to_vec()).await.fixed_error(422, "detail");
    }
    assert_eq!(server.running.app.telemetry.stats().stored, 0);
    server.stop().await;
}
