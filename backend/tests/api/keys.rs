//! Keys of devices: secret once, scoped, expiring, revocable.

use serde_json::{Value, json};
use tillwatch_shared::ApiKeyId;
use tillwatch_shared::api::{ApiKey, BatchResult, IssuedApiKey};
use tillwatch_shared::time::HOUR;

use crate::shop::Shop;

const PATH: &str = "/api/v1/api-keys";

fn reading(sensor: &str) -> Value {
    json!({ "sensor_id": sensor, "temperature": 4, "humidity": 60, "pressure": 1013 })
}

#[tokio::test]
async fn a_key_opens_what_it_says_and_no_more() {
    let shop = Shop::open().await;
    let now = shop.server.clock.now();
    let issue = async |body: Value| -> (ApiKey, String) {
        let issued: IssuedApiKey = shop.manager.post(PATH, &body).await.expect(201);
        (issued.key, issued.secret.unwrap())
    };
    let (all, all_secret) = issue(json!({ "name": "todos", "scopes": ["write_readings"] })).await;
    let one = json!({ "name": "um", "scopes": ["write_readings"], "sensors": ["g1", 7] });
    let (_, one_secret) = issue(one).await;
    let (_, live_secret) = issue(json!({ "name": "ouvir", "scopes": ["read_live"] })).await;
    let short = json!({ "name": "curta", "scopes": ["write_readings"], "expires_at": now.plus(HOUR) });
    let (_, short_secret) = issue(short).await;
    assert!(all_secret.starts_with("tw_") && all_secret.len() > 40);
    assert_ne!(all_secret, one_secret);

    let send = async |secret: &str, sensor: &str| {
        shop.nobody.device(secret).post("/api/temperature_reading", &reading(sensor)).await.status
    };
    assert_eq!(send(&all_secret, "g1").await, 201);
    assert_eq!(send(&all_secret, "g2").await, 201);
    assert_eq!(send(&one_secret, "g1").await, 201);
    assert_eq!(send(&one_secret, "g2").await, 403);
    assert_eq!(send(&live_secret, "g1").await, 401);
    assert_eq!(send(&short_secret, "g1").await, 201);
    let batch = json!({ "readings": [
        { "sensor_id": "g1", "temperature": 4, "humidity": 60, "pressure": 1013, "measured_at": now },
        { "sensor_id": "g9", "temperature": 4, "humidity": 60, "pressure": 1013, "measured_at": now },
        { "sensor_id": 7, "temperature": 4, "humidity": 60, "pressure": 1013, "measured_at": now },
    ] });
    let result: Value = shop.nobody.device(&one_secret).post("/api/v1/readings", &batch).await.expect(200);
    assert_eq!(result["rows"], json!(["duplicate", "forbidden", "stored"]));
    let parsed: BatchResult = serde_json::from_value(result).unwrap();
    assert_eq!((parsed.stored, parsed.duplicate, parsed.refused), (1, 1, 1));

    shop.server.clock.advance(HOUR);
    assert_eq!(send(&short_secret, "g1").await, 401, "expired");
    // The seller's access token has expired as well; the manager signs in again.
    let (manager, _) = shop.nobody.sign_in("gerente", crate::shop::PASSWORD).await;
    let revoked: ApiKey = manager.delete(&format!("{PATH}/{}", all.id)).await.expect(200);
    assert!(revoked.revoked);
    assert_eq!(send(&all_secret, "g1").await, 401, "revoked");
    assert_eq!(send(&one_secret, "g1").await, 201, "others go on");

    let listed = manager.get(PATH).await;
    for secret in [&all_secret, &one_secret, &live_secret, &short_secret] {
        assert!(!listed.text().contains(secret.as_str()), "the secret is shown once only");
    }
    let keys: Vec<ApiKey> = listed.expect(200);
    assert_eq!(keys.iter().map(|key| key.revoked).collect::<Vec<_>>(), [true, false, false, false]);
    assert!(keys[1].last_used_at.is_some() && keys[2].last_used_at.is_none());
    manager.delete(&format!("{PATH}/{}", ApiKeyId::now())).await.problem(404, "unknown_key");
    manager.delete(&format!("{PATH}/x")).await.problem(400, "malformed_request");
    shop.server.stop().await;
}

#[tokio::test]
async fn keys_are_for_managers() {
    let shop = Shop::open().await;
    let body = json!({ "name": "k", "scopes": ["write_readings"] });
    shop.seller.post(PATH, &body).await.problem(403, "role_not_allowed");
    shop.seller.get(PATH).await.problem(403, "role_not_allowed");
    let issued: IssuedApiKey = shop.manager.post(PATH, &body).await.expect(201);
    let path = format!("{PATH}/{}", issued.key.id);
    shop.seller.delete(&path).await.problem(403, "role_not_allowed");
    shop.nobody.delete(&path).await.problem(401, "not_signed_in");
    for (field, bad) in [
        ("name", json!("")),
        ("scopes", json!([])),
        ("scopes", json!(vec!["write_readings"; 3])),
        ("sensors", json!(["a,b"])),
        ("sensors", json!([""])),
        ("sensors", json!((0..201).collect::<Vec<_>>())),
        ("expires_at", json!("1960-01-01T00:00:00Z")),
    ] {
        let mut wrong = body.clone();
        wrong[field] = bad;
        assert_eq!(shop.manager.post(PATH, &wrong).await.problem(400, "invalid_value")["field"], field);
    }
    shop.manager
        .post(PATH, &json!({ "name": "k", "scopes": ["all"] }))
        .await
        .problem(400, "malformed_request");
    shop.server.stop().await;
}

#[tokio::test]
async fn keys_outlive_the_server_and_their_secrets_do_not() {
    let shop = Shop::open().await;
    let body = json!({ "name": "k", "scopes": ["write_readings"] });
    let issued: IssuedApiKey = shop.manager.post(PATH, &body).await.expect(201);
    let secret = issued.secret.unwrap();
    let clock = shop.server.clock.clone();
    let dir = shop.server.stop().await;
    for file in std::fs::read_dir(dir.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        for text in [&secret, crate::shop::PASSWORD] {
            assert!(
                !bytes.windows(text.len()).any(|part| part == text.as_bytes()),
                "a secret is on the disk"
            );
        }
    }
    let server = crate::common::Server::open(dir, &[], clock).await;
    let device = server.caller().device(&secret);
    assert_eq!(device.post("/api/temperature_reading", &reading("g1")).await.status, 201);
    server.stop().await;
}
