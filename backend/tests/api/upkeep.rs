//! What people do at the server beside the ledger is in its history, once, and only when it was done.

use serde_json::json;
use tillwatch_shared::api::{Backups, Changes, Event, Person, PulseRetentionSetting, Upkeep};

use crate::common::Caller;
use crate::shop::Shop;

async fn told(caller: &Caller, after: i64) -> Vec<(Upkeep, String)> {
    let changes: Changes = caller.get(&format!("/api/v1/changes?after={after}")).await.expect(200);
    let upkeep = changes.changes.into_iter().filter_map(|change| {
        let who = change.actor_id.map(|id| id.to_string()).unwrap_or_default();
        if let Event::UpkeepNoted(upkeep) = change.event { Some((upkeep, who)) } else { None }
    });
    upkeep.collect()
}

#[tokio::test]
async fn it_is_told_with_who_did_it() {
    let shop = Shop::open().await;
    let tip = shop.server.tip();
    let path = "/api/v1/pulse/retention";
    for refused in [json!({ "days": 0, "rows": 20_000 }), json!({ "days": 3, "rows": 1 })] {
        shop.manager.put(path, &refused).await.problem(400, "invalid_value");
    }
    shop.seller.put(path, &json!({ "days": 3, "rows": 20_000 })).await.problem(403, "role_not_allowed");
    shop.manager.delete("/api/v1/pulse/clients/nobody").await.problem(404, "unknown_terminal");
    assert_eq!(shop.server.tip(), tip, "nothing was done");
    shop.manager.put(path, &json!({ "days": 3, "rows": 20_000 })).await.expect::<PulseRetentionSetting>(200);
    shop.admin.post("/api/v1/backups", &json!({})).await.expect::<Backups>(202);
    let manager = shop.manager_person().id.to_string();
    let me: Person = shop.admin.get("/api/v1/people/me").await.expect(200);
    let done = [
        (Upkeep::MessagesKept { days: 3, rows: 20_000 }, manager),
        (Upkeep::BackupAskedFor {}, me.id.to_string()),
    ];
    assert_eq!(told(&shop.manager, tip).await, done);
    assert_eq!(told(&shop.seller, tip).await, [], "it is no seller's business");
    shop.server.stop().await;
}
