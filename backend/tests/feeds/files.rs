//! What becomes of the records, whatever happens to the file.

use std::fs;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tillwatch_shared::api::FaultCode as Code;
use tillwatch_shared::api::{Feed, FeedFormat, FeedRecords, FeedState};
use tillwatch_shared::time::DAY;

use crate::common::caller::send;
use crate::followed::{Followed, lines, record};

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
    for (text, code, about) in [
        (&good[..good.len() - 1], Code::CutInside, "1"),
        (&good[..good.len() / 2], Code::CutInside, "1"),
        ("[", Code::NotClosed, ""),
        ("", Code::Emptied, ""),
        ("<html>", Code::UnknownForm, "\"<html>\""),
        ("\u{0}\u{0}", Code::UnknownForm, "\"\\0\\0\""),
        ("[{\"id\":9}]\n[{\"id\":10}]", Code::BehindTheEnd, "2"),
        ("[{\"id\":9,\"a\":\"},\n{\"id\":10}]", Code::CutInside, "1"),
    ] {
        shop.overwrite(text);
        let said = |feed: &Feed| {
            feed.last_fault.as_ref().is_some_and(|fault| (fault.code, &*fault.about) == (Some(code), about))
        };
        let feed = shop.until(text, |feed| feed.state == FeedState::Failed && said(feed)).await;
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
    let told = |code: Code| {
        move |feed: &Feed| feed.last_fault.as_ref().is_some_and(|fault| fault.code == Some(code))
    };
    shop.until("not there", told(Code::NoSuchFile)).await;
    assert_eq!(shop.data().await, Vec::<Value>::new());
    shop.replace(json!([record(1, "a")]).to_string());
    shop.until("there", |feed| feed.records == 1 && feed.state == FeedState::Current).await;
    fs::remove_file(&shop.file).unwrap();
    shop.until("deleted", told(Code::NoSuchFile)).await;
    fs::create_dir(&shop.file).unwrap();
    shop.until("a directory", told(Code::Directory)).await;
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
    let codes: Vec<_> = feed.faults.iter().map(|fault| fault.code.unwrap()).collect();
    assert_eq!(codes, [Code::NotUtf8, Code::NotJson, Code::NotAnObject, Code::NoId, Code::TooLong]);
    // In words, in the language of whoever asks.
    let portuguese: Vec<Feed> = shop.manager.get("/api/v1/feeds").await.expect(200);
    assert_eq!(portuguese[0].faults[0].detail, "não é UTF-8 no seu byte 21");
    assert!(portuguese[0].last_fault.as_ref().unwrap().detail.starts_with("mais longo que"));
    let asked = shop.manager.request(Method::GET, "/api/v1/feeds").header("accept-language", "en");
    let english: Vec<Feed> = send(asked).await.expect(200);
    assert_eq!(english[0].faults[0].detail, "not UTF-8 at its byte 21");
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
    let same = send(request("/data?feed=vendas", &tag)).await;
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
    assert_eq!(send(request(&path, &tag)).await.status, 304);
    // Compressed, where the caller takes it.
    let path = "/api/v1/feeds/vendas/records?limit=2000";
    let plain = shop.manager.get(path).await;
    let packed =
        send(shop.manager.request(reqwest::Method::GET, path).header("accept-encoding", "gzip")).await;
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    assert!(packed.bytes.len() * 5 < plain.bytes.len());
    // One record more: it alone is moved, and the tags no longer hold.
    let more: Vec<Value> = (1..=2_501).map(|id| record(id, "conteúdo que se repete")).collect();
    shop.replace(Value::from(more).to_string());
    shop.until("one more", |feed| feed.records == 2_501).await;
    let path = format!("/api/v1/feeds/vendas/records?after={after}");
    let page: FeedRecords = send(request(&path, &tag)).await.expect(200);
    assert_eq!((page.records.len(), page.next_after, page.more), (1, 2_501, false));
    let nobody = shop.server.caller();
    nobody.get("/data").await.problem(401, "not_signed_in");
    shop.manager.get("/data?feed=x").await.problem(404, "unknown_feed");
    shop.manager.get("/api/v1/feeds/x/records").await.problem(404, "unknown_feed");
    shop.manager.get("/api/v1/feeds/vendas/history?record_id=x").await.problem(404, "unknown_record");
    shop.stop().await;
}
