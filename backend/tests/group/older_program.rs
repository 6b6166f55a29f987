//! A member whose program does not know a command yet: the group goes on, and the command waits.

use std::time::Duration;

use serde_json::json;
use tillwatch_server::group::file::GroupFile;
use tillwatch_server::group::https;
use tillwatch_server::group::identity::Identity;
use tillwatch_server::group::types::Member;
use tillwatch_server::group::vocabulary::Knows;
use tillwatch_server::group::words::{Envelope, FORM, HELLO, Later, More, Presence, Room, Turned};
use tillwatch_shared::CommandId;
use tillwatch_shared::api::Product;

use crate::seats::{Seats, until};
use crate::sellers;

const PATIENCE: Duration = Duration::from_secs(5);

/// Says to the member at the one place that the one at the other is there, and does not know this kind.
async fn says_less(seats: &Seats, to: usize, from: usize, kind: &str) {
    let file = GroupFile::read(&seats.file(from)).unwrap();
    let member = Member { address: seats.address(from), url: seats.url(from), ..Default::default() };
    let mut knows = Knows::mine();
    assert!(knows.kinds.remove(kind));
    let presence = Presence {
        id: file.me,
        member,
        group: None,
        principal: file.principal,
        version: "0.0.1".to_owned(),
        has_ledger: false,
        room: Room::default(),
        standing: None,
        more: Later(Some(More::default())),
        knows: Later(Some(knows)),
    };
    let to_id = GroupFile::read(&seats.file(to)).unwrap().me;
    let envelope = Envelope { form: FORM, group: None, from: file.me, to: to_id, disk: None, body: presence };
    let http = https::client(&Identity::of(&file.secret).unwrap()).unwrap();
    let heard: Result<Presence, Turned> =
        https::ask(&http, &seats.address(to), HELLO, &envelope, PATIENCE).await.unwrap();
    assert_eq!(heard.unwrap().knows.0, Some(Knows::mine()), "it says what it knows itself");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_older_program_does_not_know_waits_until_it_is_upgraded() {
    let mut seats = Seats::new(3).await;
    seats.start_all();
    seats.all_count().await;
    let (lucas, _) = seats.callers()[1].sign_in("lucas", "1234").await;
    seats.kill(2);
    says_less(&seats, 1, 2, "add_product").await;
    let product = json!({ "name": "Broa de milho caseira", "price_cents": 1_890 });
    let command = CommandId::now();
    lucas.command("/api/v1/products", command, &product).await.problem(503, "older_member");
    // Everything else goes on.
    sellers::sell(&lucas).await;
    seats.start(2);
    seats.all_count().await;
    // Sent again as it was, when the member at that place has said what its new program knows.
    let again = async || lucas.command("/api/v1/products", command, &product).await;
    until("the upgraded member is heard", async || again().await.status == 201).await;
    again().await.expect::<Product>(201);
    seats.agree().await;
}
