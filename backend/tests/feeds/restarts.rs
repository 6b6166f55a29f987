//! A server that stops and starts, and what a feed may be called.

use std::fs;
use std::path::Path;

use tillwatch_shared::api::{Feed, FeedState};

use crate::common::inside;
use crate::followed::{again, lines, record};
use crate::sales::sale;

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
    let mut dir = inside::demo_dir().await;
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
    let mut dir = inside::demo_dir().await;
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
