//! Groups of three servers, as the programs that they are: killed, stopped, cut off from their disks, while sellers sell
//! at all of them.
#![cfg(test)]

mod behind;
mod clients;
#[path = "../common/mod.rs"]
pub mod common;
mod differs;
mod form;
mod lacking;
mod older;
mod older_program;
mod readings;
mod seats;
mod sellers;
mod told;

use std::fs;
use std::time::Instant;

use common::{Caller, program};
use seats::{PATIENCE, Seats, until};
use sellers::Sellers;
use serde_json::{Value, json};
use tillwatch_shared::api::{Changes, CoordinationCause as Cause, Event, GroupRole, Sale, Upkeep};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_servers_are_one_shop() {
    let mut seats = Seats::fresh(3).await;
    seats.start_all();
    seats.all_count().await;
    let here: Vec<Caller> = seats.callers();
    // Whoever signed in at one is signed in at all, and sells at all.
    let (lucas, session) = here[1].sign_in("lucas", "1234").await;
    let mut sales = Vec::new();
    for caller in &here {
        let caller = caller.bearer(&session.access_token);
        sales.push(sellers::sell(&caller).await);
    }
    // What one has answered is at all of them, for who says what he has seen and for who asks for what is true now.
    for caller in &here {
        let caller = caller.bearer(&session.access_token);
        for sale in &sales {
            let path = format!("/api/v1/sales/{}?consistent=true", sale.id);
            assert_eq!(caller.get(&path).await.expect::<Sale>(200), *sale);
        }
    }
    seats.agree().await;
    let status: Value = lucas.get("/api/v1/group").await.expect(200);
    assert_eq!(status["coordinator"], json!(1));
    assert_eq!(status["members"].as_array().map(Vec::len), Some(3));
    for place in 0..3 {
        let told = program::success(&seats.command(place, &["group", "status"]));
        assert!(told.starts_with("member 1 coordinates"), "{told}");
        assert!(!told.contains("DIFFERS") && !told.contains("away"), "{told}");
    }
    seats.stop_all();
    // All at once, from their disks.
    seats.start_all();
    seats.all_count().await;
    let back = seats.callers()[2].bearer(&session.access_token);
    assert_eq!(sellers::sell(&back).await.store_id, sales[0].store_id);
    seats.agree().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_coordinates_is_killed_and_comes_back_while_sellers_sell() {
    let mut seats = Seats::new(3).await;
    seats.start_all();
    seats.all_count().await;
    let sellers = Sellers::start(&seats.callers(), 4).await;
    sellers.sold(20).await;
    seats.kill(0);
    let took = seats.coordinated_by(|id| id != 1, &[1, 2]).await;
    println!("{} coordinates {:?} after the kill", took.0, took.1);
    let before = sellers.count();
    sellers.sold(before + 20).await;
    // The principal takes over when it has caught up.
    seats.start(0);
    seats.coordinated_by(|id| id == 1, &[0, 1, 2]).await;
    let before = sellers.count();
    sellers.sold(before + 20).await;
    let sold = sellers.stop().await;
    println!("{} sales; the longest took {:?}", sold.acknowledged.len(), sold.longest);
    seats.agree().await;
    seats.coordinators_are(&[(1, Cause::Start), (took.0, Cause::Silent), (1, Cause::Principal)]).await;
    sold.each_once(&seats.callers()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handover_and_a_stop_fail_nobody() {
    let mut seats = Seats::new(3).await;
    seats.start_all();
    seats.all_count().await;
    // They sell at those that stay.
    let sellers = Sellers::start(&seats.callers()[1..], 4).await;
    sellers.sold(20).await;
    let told = program::success(&seats.command(2, &["group", "transfer", "2"]));
    assert!(told.contains("member 2 coordinates"), "{told}");
    let before = sellers.count();
    sellers.sold(before + 20).await;
    program::success(&seats.command(2, &["group", "transfer", "1"]));
    sellers.sold(before + 40).await;
    seats.stop(0);
    let (next, _) = seats.coordinated_by(|id| id != 1, &[1, 2]).await;
    sellers.sold(before + 60).await;
    let sold = sellers.stop().await;
    println!("{} sales; the longest took {:?}", sold.acknowledged.len(), sold.longest);
    assert_eq!(sold.failures, Vec::<String>::new());
    seats.start(0);
    seats.coordinated_by(|id| id == 1, &[0, 1, 2]).await;
    seats.agree().await;
    sold.each_once(&seats.callers()).await;
    let asked = [(1, Cause::Start), (2, Cause::Asked), (1, Cause::Asked)];
    let by_itself = [(next, Cause::Stopped), (1, Cause::Principal)];
    seats.coordinators_are(&[asked.as_slice(), &by_itself].concat()).await;
    let told = program::success(&seats.command(1, &["group", "status"]));
    assert!(told.contains("member 1: it is the principal, and had caught up"), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_that_lost_its_disk_is_brought_up_by_itself() {
    let mut seats = Seats::new(3).await;
    seats.start_all();
    seats.all_count().await;
    let sellers = Sellers::start(&seats.callers()[..2], 2).await;
    sellers.sold(10).await;
    seats.kill(2);
    fs::remove_dir_all(seats.folder(2)).unwrap();
    seats.start(2);
    seats.all_count().await;
    // Only its log is lost: it has forgotten what it promised, although it has a ledger.
    seats.kill(1);
    for left in fs::read_dir(seats.folder(1)).unwrap().map(|left| left.unwrap().path()) {
        if left.file_name().unwrap().to_str().unwrap().starts_with("group.sqlite") {
            fs::remove_file(left).unwrap();
        }
    }
    seats.start(1);
    seats.all_count().await;
    let sold = sellers.stop().await;
    seats.agree().await;
    sold.each_once(&seats.callers()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_by_itself_becomes_the_first_of_three_and_nobody_else_s_shop_is_lost() {
    let mut seats = Seats::new(3).await;
    seats.start_alone(0);
    let (lucas, _) = seats.callers()[0].sign_in("lucas", "1234").await;
    let sale = sellers::sell(&lucas).await;
    seats.stop(0);
    // Another one has a shop of its own too: it says so, and keeps it.
    seats.start_alone(2);
    let (other, _) = seats.callers()[2].sign_in("lucas", "1234").await;
    sellers::sell(&other).await;
    seats.stop(2);
    let kept = fs::read(seats.folder(2).join("ledger.sqlite")).unwrap();
    seats.start(0);
    seats.start(1);
    seats.counts(&[1, 2]).await;
    let refused = program::failure(&seats.command_to_serve(2));
    assert!(refused.contains("has a shop of its own"), "{refused}");
    assert!(fs::read(seats.folder(2).join("ledger.sqlite")).unwrap() == kept, "it was touched");
    let (there, _) = seats.callers()[1].sign_in("lucas", "1234").await;
    assert_eq!(there.get(&format!("/api/v1/sales/{}", sale.id)).await.expect::<Sale>(200), sale);
    // With that shop put away it joins.
    fs::remove_dir_all(seats.folder(2)).unwrap();
    seats.start(2);
    seats.all_count().await;
    seats.agree().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_most_of_them_nobody_is_lied_to_and_a_rescue_says_its_price() {
    let mut seats = Seats::new(3).await;
    seats.start_all();
    seats.all_count().await;
    let (lucas, session) = seats.callers()[1].sign_in("lucas", "1234").await;
    let sale = sellers::sell(&lucas).await;
    seats.agree().await;
    seats.kill(0);
    seats.kill(2);
    // It answers what it knows, and says of a sale that nothing is known of it.
    assert_eq!(lucas.get(&format!("/api/v1/sales/{}", sale.id)).await.expect::<Sale>(200), sale);
    let answer = sellers::try_to_sell(&lucas).await;
    let problem = answer.any_problem();
    let code = problem["code"].as_str().unwrap();
    assert!(["no_coordinator", "outcome_unknown"].contains(&code), "{problem}");
    assert_eq!(answer.status, 503);
    let consistent = lucas.get(&format!("/api/v1/sales/{}?consistent=true", sale.id)).await;
    consistent.problem(503, "no_coordinator");
    seats.kill(1);
    let price = program::failure(&seats.command(1, &["group", "rescue"]));
    assert!(price.contains("--accept-loss"), "{price}");
    program::success(&seats.command(1, &["group", "rescue", "--accept-loss"]));
    for place in [0, 2] {
        fs::remove_dir_all(seats.folder(place)).unwrap();
    }
    seats.principal = 2;
    seats.start_all();
    seats.all_count().await;
    let back = seats.callers()[0].bearer(&session.access_token);
    assert_eq!(back.get(&format!("/api/v1/sales/{}", sale.id)).await.expect::<Sale>(200), sale);
    sellers::sell(&back).await;
    seats.agree().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn members_come_and_go() {
    let mut seats = Seats::new(3).await;
    seats.written = 2;
    seats.start(0);
    seats.start(1);
    seats.counts(&[1, 2]).await;
    let (address, url) = (seats.address(2), seats.url(2));
    let add = ["group", "add", "3", "--address", &address, "--url", &url];
    let before = seats.status(0).await.members[0].journal.unwrap();
    program::success(&seats.command(0, &add));
    assert!(program::failure(&seats.command(1, &add)).contains("member 3 is there already"));
    seats.written = 3;
    seats.start(2);
    seats.counts(&[1, 2, 3]).await;
    let refused = program::failure(&seats.command(2, &["group", "remove", "1"]));
    assert!(refused.contains("transfer that to another one first"), "{refused}");
    program::success(&seats.command(2, &["group", "remove", "2"]));
    let left = seats.status(0).await;
    let left: Vec<u64> = left.members.iter().map(|member| member.id).collect();
    assert_eq!(left, [1, 3]);
    // Both are in the history.
    let (lucas, _) = seats.callers()[0].sign_in("lucas", "1234").await;
    let path = format!("/api/v1/changes?after={before}&limit=1000&consistent=true");
    let changes: Changes = lucas.get(&path).await.expect(200);
    let noted = changes
        .changes
        .into_iter()
        .filter_map(|change| if let Event::UpkeepNoted(noted) = change.event { Some(noted) } else { None });
    let expected = [Upkeep::MemberAdded { member: 3, url }, Upkeep::MemberRemoved { member: 2 }];
    assert_eq!(noted.collect::<Vec<Upkeep>>(), expected);
    // Somebody without the secret does not get in.
    seats.secret = "um segredo que nao vale aqui";
    let stranger = program::failure(&seats.command(0, &["group", "status"]));
    assert!(stranger.contains("cannot be reached"), "{stranger}");
}

/// Two with one identity: the second one finds the address taken, or the disk.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_member_twice_is_refused() {
    let mut seats = Seats::new(2).await;
    seats.start_all();
    seats.counts(&[1, 2]).await;
    let same_disk = program::failure(&seats.command_to_serve(1));
    assert!(same_disk.contains("another Tillwatch server uses"), "{same_disk}");
    let elsewhere = tempfile::tempdir().unwrap();
    let copy = program::failure(&seats.command_from(1, elsewhere.path(), &[]));
    assert!(copy.contains("in use"), "{copy}");
    let begun = Instant::now();
    until("both count", async || {
        let status = seats.status(0).await;
        status.members.iter().all(|member| member.role != GroupRole::Away)
    })
    .await;
    assert!(begun.elapsed() < PATIENCE);
}
