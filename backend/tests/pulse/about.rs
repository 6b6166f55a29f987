//! What a terminal tells of itself.

use serde_json::{Value, json};
use tillwatch_server::clock::Clock;
use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::{Page, PulseMessage, Terminal as Known, TerminalAbout};
use tillwatch_shared::time::{MINUTE, SECOND};

use crate::common::socket::Terminal;
use crate::common::{Answer, Caller, Server};
use crate::contract::{terminal, token};
use crate::shop::{PASSWORD, Shop};

const ABOUT: &str = "/api/v1/pulse/clients/Centro%20%2F%20Caixa%201/about";
const NAME: &str = "Centro / Caixa 1";
const IN_PATH: &str = "Centro%20%2F%20Caixa%201";

async fn tell(caller: &Caller, body: &Value) -> Answer {
    caller.put(ABOUT, body).await
}

async fn about(shop: &Shop) -> Option<TerminalAbout> {
    terminal(shop, NAME).await.about
}

fn says(unsent: u32, clock_at: UtcMicros) -> Value {
    json!({ "version": "1.4.0", "unsent": unsent, "refused": 1, "clock_at": clock_at })
}

#[tokio::test]
async fn a_terminal_tells_of_itself_and_it_is_kept() {
    let shop = Shop::open().await;
    let base = shop.nobody.base.clone();
    let now = shop.server.clock.now();
    tell(&shop.seller, &says(0, now)).await.problem(404, "unknown_terminal");
    let (mut till, _) = Terminal::open(&base, IN_PATH, token(&shop.seller)).await;
    till.value(7).await;
    assert_eq!(about(&shop).await, None, "an old program tells nothing");
    let shown: Vec<Value> = shop.manager.get("/api/v1/pulse/clients").await.expect(200);
    assert!(shown[0].get("about").is_none());

    // Five minutes slow.
    assert_eq!(tell(&shop.seller, &says(2, now.plus(-5 * MINUTE))).await.status, 204);
    let first = about(&shop).await.unwrap();
    assert_eq!((first.version.as_str(), first.unsent, first.refused), ("1.4.0", Some(2), Some(1)));
    assert_eq!((first.unsent_since, first.unsent_at_first), (Some(now), 2));
    assert!((first.clock_behind_micros - 5 * MINUTE).abs() < SECOND && first.clock_is_wrong(), "{first:?}");
    shop.server.clock.advance(2 * MINUTE);
    let later = shop.server.clock.now();
    assert_eq!(tell(&shop.seller, &says(9, later.plus(30 * SECOND))).await.status, 204);
    let second = about(&shop).await.unwrap();
    assert_eq!((second.unsent, second.unsent_since, second.told_at), (Some(9), Some(now), later));
    assert!(second.unsent_grows() && !second.clock_is_wrong(), "{second:?}");
    let before = terminal(&shop, NAME).await;
    assert_eq!(before.value, 7, "the value is another matter");

    // Only who has it connected tells it.
    tell(&shop.manager, &says(0, later)).await.problem(404, "unknown_terminal");
    assert_eq!(about(&shop).await.as_ref(), Some(&second));

    // It is in the log, and so in what is exported of it.
    let log: Page<PulseMessage> =
        shop.manager.get("/api/v1/pulse/messages?direction=received&order=newest").await.expect(200);
    let said: Value = serde_json::from_str(&log.items[0].content).unwrap();
    assert_eq!((&said["unsent"], log.items[0].client.as_str()), (&json!(9), NAME));

    let dir = shop.server.stop().await;
    let server = Server::open(dir, &[], Clock::system()).await;
    let (admin, _) = server.caller().sign_in("dona", PASSWORD).await;
    let known: Vec<Known> = admin.get("/api/v1/pulse/clients").await.expect(200);
    assert_eq!(known[0].about.as_ref(), Some(&second), "it is there after a start");
    server.stop().await;
}

#[tokio::test]
async fn what_a_terminal_cannot_tell() {
    let shop = Shop::open().await;
    let base = shop.nobody.base.clone();
    let (_till, _) = Terminal::open(&base, IN_PATH, token(&shop.seller)).await;
    let now = shop.server.clock.now();
    for version in [String::new(), "x".repeat(65), "1\u{0}".to_owned()] {
        let body = json!({ "version": version, "clock_at": now });
        tell(&shop.seller, &body).await.problem(400, "invalid_value");
    }
    let never = json!({ "version": "1", "clock_at": UtcMicros(i64::MAX / 2) });
    assert_eq!(tell(&shop.seller, &never).await.status, 400);
    let negative = json!({ "version": "1", "unsent": -1, "clock_at": now });
    assert_eq!(tell(&shop.seller, &negative).await.status, 400);
    assert_eq!(about(&shop).await, None, "nothing of it was taken");
    shop.server.stop().await;
}
