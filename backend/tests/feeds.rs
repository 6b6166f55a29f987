//! Feeds: files of other programs, whole, growing, broken, replaced and gone.
#![cfg(test)]

pub mod common;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use common::goods::all;
use common::{Caller, Server};
use serde_json::{Value, json};
use tempfile::TempDir;
use tillwatch_shared::api::{
    Feed, FeedFormat, FeedRecords, FeedState, FeedVersion, Page, ParkReason, ParkedRecord, Person, Product,
    Sale, Store,
};
use tillwatch_shared::time::DAY;

/// A server that follows one file.
struct Followed {
    server: Server,
    manager: Caller,
    files: TempDir,
    file: PathBuf,
}

impl Followed {
    async fn open(first: Option<&[u8]>) -> Self {
        Self::with(first, &[]).await
    }

    async fn with(first: Option<&[u8]>, more: &[&str]) -> Self {
        let files = tempfile::tempdir().unwrap();
        let file = files.path().join("data.json");
        if let Some(first) = first {
            fs::write(&file, first).unwrap();
        }
        let spec = format!("vendas={}", file.display());
        let server = Server::start(&[&["--demo", "--feed", &spec], more].concat()).await;
        let (manager, _) = server.caller().sign_in("lucas", "1234").await;
        Self { server, manager, files, file }
    }

    /// Replaces the file in one step.
    fn replace(&self, text: impl AsRef<[u8]>) {
        let next = self.files.path().join("next");
        fs::write(&next, text).unwrap();
        fs::rename(next, &self.file).unwrap();
    }

    /// Writes over the file where it lies.
    fn overwrite(&self, text: impl AsRef<[u8]>) {
        fs::write(&self.file, text).unwrap();
    }

    fn append(&self, text: impl AsRef<[u8]>) {
        fs::OpenOptions::new().append(true).open(&self.file).unwrap().write_all(text.as_ref()).unwrap();
    }

    async fn feed(&self) -> Feed {
        let feeds: Vec<Feed> = self.manager.get("/api/v1/feeds").await.expect(200);
        feeds.into_iter().next().unwrap()
    }

    /// Waits until the feed's state is as it is meant to be.
    async fn until(&self, what: &str, done: impl Fn(&Feed) -> bool) -> Feed {
        let begun = Instant::now();
        loop {
            let feed = self.feed().await;
            if done(&feed) {
                return feed;
            }
            assert!(begun.elapsed() < Duration::from_mins(1), "{what}: {feed:#?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn data(&self) -> Vec<Value> {
        self.manager.get("/data").await.expect(200)
    }

    async fn history(&self, id: &str) -> Vec<FeedVersion> {
        self.manager.get(&format!("/api/v1/feeds/vendas/history?record_id={id}")).await.expect(200)
    }

    async fn stop(self) {
        self.server.stop().await;
    }
}

fn lines(records: &[Value]) -> String {
    records.iter().flat_map(|record| [record.to_string(), "\n".to_owned()]).collect()
}

fn record(id: i64, note: &str) -> Value {
    json!({ "id": id, "note": note })
}

#[tokio::test]
async fn an_array_is_taken_once_and_changes_are_kept() {
    let shop = Followed::open(Some(json!([record(1, "a"), record(2, "b")]).to_string().as_bytes())).await;
    let feed = shop.until("taken", |feed| feed.records == 2 && feed.state == FeedState::Current).await;
    assert_eq!((feed.format, feed.last_seq, feed.updates), (Some(FeedFormat::Json), 2, 0));
    assert_eq!(shop.data().await, [record(1, "a"), record(2, "b")]);
    // Written anew with other blanks and one record more: two are the same, one is new.
    let pretty =
        serde_json::to_string_pretty(&json!([record(2, "b"), record(1, "a"), record(3, "c")])).unwrap();
    shop.replace(pretty);
    let feed = shop.until("the third", |feed| feed.records == 3).await;
    assert_eq!((feed.last_seq, feed.updates), (3, 0));
    // The same id with other content, in a file that is written over in place.
    shop.overwrite(json!([record(1, "x"), record(2, "b"), record(3, "c")]).to_string());
    let feed = shop.until("the change", |feed| feed.updates == 1).await;
    assert_eq!((feed.records, feed.last_seq), (3, 4));
    let history: Vec<_> = shop.history("1").await.iter().map(|v| v.body.get().to_owned()).collect();
    assert_eq!(history, [record(1, "a").to_string(), record(1, "x").to_string()]);
    // Back to what it was is a change too.
    shop.replace(json!([record(1, "a")]).to_string());
    shop.until("the change back", |feed| feed.updates == 2).await;
    // What the file no longer has stays here.
    assert_eq!(shop.data().await, [record(1, "a"), record(2, "b"), record(3, "c")]);
    shop.stop().await;
}

#[tokio::test]
async fn two_contents_of_one_id_in_one_file_do_not_change_places_for_ever() {
    let twice = |more: i64| json!([record(1, "old"), record(more, "m"), record(1, "new")]).to_string();
    let shop = Followed::open(Some(twice(2).as_bytes())).await;
    shop.until("taken", |feed| feed.records == 2 && feed.updates == 1).await;
    for more in 3..6 {
        shop.replace(twice(more));
        let feed = shop.until("read again", |feed| feed.records == more).await;
        assert_eq!(feed.updates, 1, "{feed:#?}");
    }
    assert_eq!(shop.data().await[0], record(1, "new"));
    shop.stop().await;
}

#[tokio::test]
async fn half_written_truncated_and_strange_files_change_nothing() {
    let good = json!([record(1, "a"), record(2, "b")]).to_string();
    let shop = Followed::open(Some(good.as_bytes())).await;
    shop.until("taken", |feed| feed.records == 2).await;
    for (text, fault) in [
        (&good[..good.len() - 1], "not complete"),
        (&good[..good.len() / 2], "inside of the record that begins on line 1"),
        ("[", "not complete"),
        ("", "emptied"),
        ("<html>", "neither"),
        ("\u{0}\u{0}", "neither"),
        ("[{\"id\":9}]\n[{\"id\":10}]", "behind the end"),
        ("[{\"id\":9,\"a\":\"},\n{\"id\":10}]", "begins on line 1"),
    ] {
        shop.overwrite(text);
        let said = |feed: &Feed| feed.last_fault.as_ref().is_some_and(|f| f.detail.contains(fault));
        let feed = shop.until(fault, |feed| feed.state == FeedState::Failed && said(feed)).await;
        assert_eq!((feed.records, feed.last_seq), (2, 2), "{text}");
    }
    let more = json!([record(1, "a"), record(2, "b"), record(3, "c")]).to_string();
    shop.replace(more);
    let feed = shop.until("good again", |feed| feed.records == 3 && feed.state == FeedState::Current).await;
    assert_eq!((feed.updates, feed.last_fault), (0, None));
    shop.stop().await;
}

#[tokio::test]
async fn gone_a_directory_and_back() {
    let shop = Followed::open(None).await;
    let told = |text: &'static str| {
        move |feed: &Feed| feed.last_fault.as_ref().is_some_and(|f| f.detail.contains(text))
    };
    shop.until("not there", told("no such file")).await;
    assert_eq!(shop.data().await, Vec::<Value>::new());
    shop.replace(json!([record(1, "a")]).to_string());
    shop.until("there", |feed| feed.records == 1 && feed.state == FeedState::Current).await;
    fs::remove_file(&shop.file).unwrap();
    shop.until("deleted", told("no such file")).await;
    fs::create_dir(&shop.file).unwrap();
    shop.until("a directory", told("directory")).await;
    fs::remove_dir(&shop.file).unwrap();
    shop.replace(lines(&[record(1, "a"), record(2, "b")]));
    let feed = shop.until("back", |feed| feed.records == 2 && feed.state == FeedState::Current).await;
    assert_eq!((feed.format, feed.updates), (Some(FeedFormat::Ndjson), 0));
    shop.stop().await;
}

#[tokio::test]
async fn lines_are_added_and_half_a_line_waits() {
    let shop = Followed::open(Some(lines(&[record(1, "a")]).as_bytes())).await;
    shop.until("taken", |feed| feed.records == 1).await;
    shop.append("{\"id\":2,\"no");
    let at = shop.file.metadata().unwrap().len();
    let waits = shop.until("half a line", |feed| feed.size_bytes == at as i64).await;
    assert_eq!((waits.records, waits.bad_records, waits.state), (1, 0, FeedState::Current));
    shop.append("te\":\"b\"}\r\n\n{\"id\":3}");
    // The last has no line end, but is whole.
    shop.until("the rest", |feed| feed.records == 3).await;
    shop.append("\n{\"id\":4}\n");
    let feed = shop.until("one more", |feed| feed.records == 4).await;
    assert_eq!((feed.bad_records, feed.updates), (0, 0));
    // Another file with the same beginning is read from its beginning.
    shop.replace(lines(&[record(1, "z"), record(5, "e")]));
    let feed = shop.until("replaced", |feed| feed.records == 5).await;
    assert_eq!(feed.updates, 1);
    shop.overwrite("{\"id\":6}\n");
    shop.until("truncated", |feed| feed.records == 6).await;
    shop.stop().await;
}

#[tokio::test]
async fn one_bad_record_among_good_ones_is_named() {
    let mut text = lines(&[record(1, "a")]).into_bytes();
    text.extend(b"{\"id\":\"V-2\",\"note\":\"\xff\xfe\"}\n");
    text.extend(b"{\"id\":3,\"note\":}\n[4]\n{\"note\":\"no id\"}\n");
    text.extend(format!("{{\"id\":6,\"note\":\"{}\"}}\n", "x".repeat(1_000_000)).bytes());
    text.extend(lines(&[record(7, "g")]).bytes());
    let shop = Followed::open(Some(&text)).await;
    let feed = shop.until("taken", |feed| feed.records == 2 && feed.bad_records == 5).await;
    let named: Vec<_> =
        feed.faults.iter().map(|fault| (fault.line.unwrap(), fault.record_id.as_deref())).collect();
    assert_eq!(named, [(2, Some("V-2")), (3, Some("3")), (4, None), (5, None), (6, Some("6"))]);
    assert!(feed.last_fault.unwrap().to_string().starts_with("line 6: record 6: longer than"));
    assert_eq!(shop.data().await, [record(1, "a"), record(7, "g")]);
    // The same in an array.
    let mut array = b"[".to_vec();
    array.extend(b"{\"id\":1,\"note\":\"a\"},\n{\"id\":3,\"note\":},\n{\"id\":8}]");
    shop.replace(array);
    let feed = shop.until("the array", |feed| feed.records == 3 && feed.bad_records == 1).await;
    let fault = feed.last_fault.unwrap();
    assert_eq!((fault.line, fault.record_id.as_deref()), (Some(2), Some("3")));
    shop.stop().await;
}

#[tokio::test]
async fn a_hundred_thousand_duplicates_are_one_record() {
    let one = format!("{}\n", record(1, "a"));
    let shop = Followed::open(Some(one.repeat(100_000).as_bytes())).await;
    let size = shop.file.metadata().unwrap().len() as i64;
    let read = |feed: &Feed| feed.state == FeedState::Current && feed.position_bytes == size;
    let feed = shop.until("read", read).await;
    assert_eq!((feed.records, feed.updates, feed.last_seq), (1, 0, 1));
    let tip = shop.server.tip();
    shop.append(&one);
    shop.until("and one more", |feed| feed.position_bytes == size + one.len() as i64).await;
    assert_eq!(shop.server.tip(), tip, "a duplicate costs no row of the journal");
    shop.stop().await;
}

#[tokio::test]
async fn clocks_that_jump_lose_and_double_nothing() {
    let shop = Followed::open(Some(lines(&[record(1, "a")]).as_bytes())).await;
    shop.until("taken", |feed| feed.records == 1).await;
    // The file's time goes back to 1970 and far ahead; the server's clock goes ten years back.
    for (number, seconds) in [(2, 0_u64), (3, 4_000_000_000)] {
        shop.append(lines(&[record(number, "b")]));
        let time = std::time::UNIX_EPOCH + Duration::from_secs(seconds);
        fs::File::options().append(true).open(&shop.file).unwrap().set_modified(time).unwrap();
        shop.until("taken", |feed| feed.records == number).await;
    }
    shop.server.clock.advance(-3650 * DAY);
    let (manager, _) = shop.server.caller().sign_in("lucas", "1234").await;
    let shop = Followed { manager, ..shop };
    shop.append(lines(&[record(4, "d")]));
    let feed = shop.until("taken", |feed| feed.records == 4).await;
    assert_eq!((feed.updates, feed.last_seq), (0, 4));
    // An array of the same length in the same place, older than what was read before.
    for (number, seconds) in [(5, 4_000_000_000_u64), (6, 0), (7, 0)] {
        shop.overwrite(json!([record(number, "e")]).to_string());
        let time = std::time::UNIX_EPOCH + Duration::from_secs(seconds);
        fs::File::options().append(true).open(&shop.file).unwrap().set_modified(time).unwrap();
        shop.until("an array", |feed| feed.records == number && feed.state == FeedState::Current).await;
    }
    shop.stop().await;
}

#[tokio::test]
async fn polls_move_only_what_is_new() {
    let records: Vec<Value> = (1..=2_500).map(|id| record(id, "conteúdo que se repete")).collect();
    let shop = Followed::open(Some(Value::from(records.clone()).to_string().as_bytes())).await;
    shop.until("taken", |feed| feed.records == 2_500).await;
    // The whole array, and nothing when there is nothing new.
    let whole = shop.manager.get("/data?feed=vendas").await;
    let tag = whole.header("etag").unwrap().to_owned();
    assert_eq!(whole.expect::<Vec<Value>>(200), records);
    let request = |path: &str, tag: &str| {
        shop.manager.request(reqwest::Method::GET, path).header("if-none-match", tag.to_owned())
    };
    let same = common::caller::send(request("/data?feed=vendas", &tag)).await;
    assert_eq!((same.status, same.bytes.len()), (304, 0));
    // The same with a cursor.
    let (mut after, mut seen) = (0, Vec::new());
    loop {
        let path = format!("/api/v1/feeds/vendas/records?after={after}&limit=999");
        let page: FeedRecords = shop.manager.get(&path).await.expect(200);
        seen.extend(page.records.iter().map(|r| serde_json::from_str::<Value>(r.body.get()).unwrap()));
        after = page.next_after;
        if !page.more {
            break;
        }
    }
    assert_eq!((seen, after), (records, 2_500));
    let path = format!("/api/v1/feeds/vendas/records?after={after}");
    let nothing = shop.manager.get(&path).await;
    let tag = nothing.header("etag").unwrap().to_owned();
    assert!(nothing.expect::<FeedRecords>(200).records.is_empty());
    let head: usize = nothing.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    assert!(head + nothing.bytes.len() < 500, "{} bytes", head + nothing.bytes.len());
    assert_eq!(common::caller::send(request(&path, &tag)).await.status, 304);
    // Compressed, where the caller takes it.
    let path = "/api/v1/feeds/vendas/records?limit=2000";
    let plain = shop.manager.get(path).await;
    let packed = common::caller::send(
        shop.manager.request(reqwest::Method::GET, path).header("accept-encoding", "gzip"),
    )
    .await;
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    assert!(packed.bytes.len() * 5 < plain.bytes.len());
    // One record more: it alone is moved, and the tags no longer hold.
    let more: Vec<Value> = (1..=2_501).map(|id| record(id, "conteúdo que se repete")).collect();
    shop.replace(Value::from(more).to_string());
    shop.until("one more", |feed| feed.records == 2_501).await;
    let path = format!("/api/v1/feeds/vendas/records?after={after}");
    let page: FeedRecords = common::caller::send(request(&path, &tag)).await.expect(200);
    assert_eq!((page.records.len(), page.next_after, page.more), (1, 2_501, false));
    let nobody = shop.server.caller();
    nobody.get("/data").await.problem(401, "not_signed_in");
    shop.manager.get("/data?feed=x").await.problem(404, "unknown_feed");
    shop.manager.get("/api/v1/feeds/x/records").await.problem(404, "unknown_feed");
    shop.manager.get("/api/v1/feeds/vendas/history?record_id=x").await.problem(404, "unknown_record");
    shop.stop().await;
}

fn sale(id: &str, store: &str, product: &str) -> Value {
    json!({
        "id": id, "chain": "MAX ATACADO", "store": store, "seller": "Ana Souza", "amount": 55.8,
        "when": "2026-06-15T11:30:00-03:00",
        "items": [{ "product": product, "quantity": 2, "price": 27.9 }]
    })
}

#[tokio::test]
async fn records_that_are_sales_become_sales_once() {
    let shop = Followed::open(None).await;
    let before: Vec<Sale> = all(&shop.manager, "/api/v1/sales").await;
    let records = [sale("V-1", "max atacado centro", "ARROZ BRANCO 5 KG"), record(2, "no sale")];
    shop.replace(json!(records).to_string());
    shop.until("sold", |feed| feed.sales == 1 && feed.waiting == 0).await;
    let after: Vec<Sale> = all(&shop.manager, "/api/v1/sales").await;
    assert_eq!(after.len(), before.len() + 1);
    let made = after.last().unwrap();
    assert_eq!((made.total_cents.0, made.person_name.as_str()), (5580, "Ana Souza"));
    assert_eq!((made.store_name.as_str(), made.lines.len()), ("Max Atacado Centro", 1));
    assert_eq!(made.sold_at.to_string(), "2026-06-15T14:30:00Z");
    // Changed after it was sold: the sale stands, and a person is asked.
    let mut changed = records;
    changed[0]["amount"] = json!(50);
    shop.replace(json!(changed).to_string());
    shop.until("parked", |feed| feed.parked == 1).await;
    let parked: Page<ParkedRecord> = shop.manager.get("/api/v1/feeds/vendas/parked").await.expect(200);
    assert_eq!((parked.items[0].reason, parked.items[0].version), (ParkReason::Changed, 2));
    let path = "/api/v1/feeds/vendas/dismissals";
    shop.manager.post(path, &json!({ "record_id": "V-1" })).await.expect::<Value>(201);
    shop.manager.post(path, &json!({ "record_id": "V-1" })).await.problem(404, "unknown_record");
    let feed = shop.until("put away", |feed| feed.parked == 0).await;
    assert_eq!((feed.sales, feed.waiting), (1, 0));
    assert_eq!(all::<Sale>(&shop.manager, "/api/v1/sales").await.len(), before.len() + 1);
    shop.stop().await;
}

#[tokio::test]
async fn unknown_names_wait_for_a_person() {
    let mut broken = sale("V-5", "Max Atacado Centro", "Arroz branco 5 kg");
    broken["amount"] = json!(1);
    let mut seller = sale("V-4", "Max Atacado Centro", "Arroz branco 5 kg");
    seller["seller"] = json!("Zé");
    let records = json!([
        sale("V-1", "Loja 3", "Arroz branco 5 kg"),
        sale("V-2", "loja  3", "Arroz branco 5 kg"),
        sale("V-3", "Max Atacado Centro", "Arroz do fornecedor"),
        seller,
        broken,
    ]);
    let shop = Followed::open(Some(records.to_string().as_bytes())).await;
    shop.until("parked", |feed| feed.parked == 5).await;
    let parked: Vec<ParkedRecord> = all(&shop.manager, "/api/v1/feeds/vendas/parked").await;
    let reasons: Vec<_> =
        parked.iter().map(|p| (p.record_id.as_str(), p.reason, p.subject.as_str())).collect();
    assert_eq!(
        reasons[..4],
        [
            ("V-1", ParkReason::UnknownStore, "Loja 3"),
            ("V-2", ParkReason::UnknownStore, "loja 3"),
            ("V-3", ParkReason::UnknownProduct, "Arroz do fornecedor"),
            ("V-4", ParkReason::UnknownSeller, "Zé"),
        ]
    );
    assert_eq!((reasons[4].0, reasons[4].1), ("V-5", ParkReason::BadSale));
    let stores: Vec<Store> = shop.manager.get("/api/v1/stores").await.expect(200);
    let products: Vec<Product> = all(&shop.manager, "/api/v1/products").await;
    let people: Vec<Person> = all(&shop.manager, "/api/v1/people").await;
    let path = "/api/v1/feeds/vendas/aliases";
    let alias = |kind: &str, name: &str, id: Value| json!({ "kind": kind, "name": name, "target_id": id });
    let set = shop.manager.post(path, &alias("store", "LOJA 3", json!(stores[0].id))).await;
    assert_eq!(set.expect::<Value>(201)["released"], 2);
    shop.until("two", |feed| feed.sales == 2).await;
    let product = alias("product", "Arroz do fornecedor", json!(products[0].id));
    shop.manager.post(path, &product).await.expect::<Value>(201);
    let person = people.iter().find(|p| p.username == "bruno").unwrap();
    shop.manager.post(path, &alias("seller", "Zé", json!(person.id))).await.expect::<Value>(201);
    let feed = shop.until("four", |feed| feed.sales == 4).await;
    assert_eq!((feed.parked, feed.waiting), (1, 0));
    let sales: Vec<Sale> = all(&shop.manager, "/api/v1/sales").await;
    assert!(sales.iter().rev().take(4).any(|sale| sale.person_name == "Bruno Lima"));
    // A seller may not decide.
    let (seller, _) = shop.server.caller().sign_in("ana", "1234").await;
    seller.post(path, &product).await.problem(403, "role_not_allowed");
    seller.get("/api/v1/feeds/vendas/parked").await.problem(403, "role_not_allowed");
    shop.stop().await;
}

#[tokio::test]
async fn unknown_names_are_added_where_the_settings_say_so() {
    let mut first = sale("V-1", "Loja Nova", "Produto novo");
    first["chain"] = json!("REDE NOVA");
    first["seller"] = json!("Zé da Silva");
    let mut second = first.clone();
    second["id"] = json!("V-2");
    second.as_object_mut().unwrap().remove("seller");
    let text = lines(&[first, second]);
    let shop = Followed::with(Some(text.as_bytes()), &["--feed-unknown", "create"]).await;
    let feed = shop.until("sold", |feed| feed.sales == 2).await;
    assert_eq!((feed.parked, feed.waiting), (0, 0));
    let products: Vec<Product> = all(&shop.manager, "/api/v1/products").await;
    assert_eq!(products.iter().filter(|product| product.name == "Produto novo").count(), 1);
    // A person made for a feed has no password that would open a door.
    for password in ["", "1234", " "] {
        let body = json!({ "username": "Zé da Silva", "password": password });
        let answer = shop.server.caller().post("/api/v1/sessions", &body).await;
        assert!((400..=401).contains(&answer.status), "{}", answer.text());
    }
    shop.stop().await;
}

/// A server on a data directory that was used before.
async fn again(dir: TempDir, file: &Path) -> Followed {
    let spec = format!("vendas={}", file.display());
    let server = Server::open(dir, &["--demo", "--feed", &spec], common::inside::clock()).await;
    let (manager, _) = server.caller().sign_in("lucas", "1234").await;
    Followed { server, manager, files: tempfile::tempdir().unwrap(), file: file.to_owned() }
}

#[tokio::test]
async fn bad_records_are_known_after_a_restart() {
    let files = tempfile::tempdir().unwrap();
    let file = files.path().join("vendas.ndjson");
    let bad = |id: i64| format!("{{\"id\":{id},\"note\":}}\n");
    let named = |feed: &Feed| -> Vec<_> {
        feed.faults.iter().map(|fault| (fault.line.unwrap(), fault.record_id.clone().unwrap())).collect()
    };
    // The one before the good record is kept with it; the one behind it is found again.
    fs::write(&file, format!("{}{}{}", bad(7), lines(&[record(1, "a")]), bad(8))).unwrap();
    let mut dir = common::inside::demo_dir().await;
    let mut want = vec![(1, "7".to_owned()), (3, "8".to_owned())];
    let mut end = 3;
    for _ in 0..3 {
        let shop = again(dir, &file).await;
        let done = |feed: &Feed| feed.state == FeedState::Current && feed.bad_records == want.len() as i64;
        let feed = shop.until("the bad ones", done).await;
        assert_eq!(named(&feed), want);
        shop.append(format!("{}{}", bad(end), lines(&[record(100 + end, "b")])));
        want.push((end + 1, end.to_string()));
        end += 2;
        let done = |feed: &Feed| feed.bad_records == want.len() as i64 && feed.records == (end - 1) / 2;
        assert_eq!(named(&shop.until("one more", done).await), want);
        dir = shop.server.stop().await;
    }
    // An array is read no second time: what was bad in it is remembered.
    fs::write(&file, "[{\"id\":9,\"note\":},\n{\"id\":10}]").unwrap();
    for _ in 0..2 {
        let shop = again(dir, &file).await;
        let feed = shop.until("the array", |feed| feed.bad_records == 1 && feed.records == 5).await;
        assert_eq!(named(&feed), [(1, "9".to_owned())]);
        dir = shop.server.stop().await;
    }
}

#[tokio::test]
async fn a_stop_and_a_start_take_nothing_twice() {
    let files = tempfile::tempdir().unwrap();
    let file = files.path().join("vendas.ndjson");
    fs::write(&file, lines(&[record(1, "a"), sale("V-1", "Max Atacado Centro", "Arroz branco 5 kg")]))
        .unwrap();
    let mut dir = common::inside::demo_dir().await;
    let mut tip = None;
    for _ in 0..3 {
        let shop = again(dir, &file).await;
        let feed = shop.until("sold", |feed| feed.sales == 1 && feed.state == FeedState::Current).await;
        assert_eq!((feed.records, feed.updates, feed.last_seq), (2, 0, 2));
        // But for the sign-in of this round nothing was added.
        assert!(tip.is_none_or(|tip| shop.server.tip() == tip + 1));
        tip = Some(shop.server.tip());
        dir = shop.server.stop().await;
    }
}

#[test]
fn names_and_paths() {
    let good = |text: &str| text.parse::<tillwatch_server::feeds::FeedPath>();
    assert_eq!(good("vendas=/tmp/a=b.json").unwrap().path, Path::new("/tmp/a=b.json"));
    assert!(good("vendas=a.json").unwrap().path.is_absolute());
    for bad in ["", "vendas", "=x", "a/b=x", "vendas=", "..=x", "é=x"] {
        assert!(good(bad).is_err(), "{bad}");
    }
}
