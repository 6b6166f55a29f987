//! Setting up, lists and files: what a manager does, and what the server has then.

use tillwatch_desk::Lang;
use tillwatch_desk::link::Link;
use tillwatch_monitor::forms::{About, Part};
use tillwatch_monitor::input::User;
use tillwatch_monitor::lists::{ListAct, Row, Topic};
use tillwatch_monitor::manage_texts::{Text as Told, told};
use tillwatch_monitor::samples::NOW;
use tillwatch_monitor::state::Page;
use tillwatch_shared::api::{CashCount, NewCashClosing, NewCashSession, NewCount, NewCountLine, SignIn};
use tillwatch_shared::client::Client;
use tillwatch_shared::discount::Percent;
use tillwatch_shared::{Cents, CommandId, Quantity, StoreId};

use crate::desk::{Desk, MANAGER, server};

/// Somebody at a till, who opens a drawer and closes it with a little too much in it.
async fn a_drawer(address: &str, store_id: StoreId) {
    let client: Client = Link::new("till").connect(address, Lang::Pt).unwrap();
    let body = SignIn { username: MANAGER.to_owned(), password: "1234".to_owned(), device: None, till: None };
    client.sign_in(CommandId::now(), &body).await.unwrap();
    let drawer = NewCashSession {
        store_id,
        till: "Caixa 7".to_owned(),
        float_cents: Cents(10_000),
        rename_if_open: false,
        opened_at: None,
    };
    let session = client.open_cash_session(CommandId::now(), &drawer).await.unwrap();
    let closing = NewCashClosing {
        counts: vec![CashCount { value_cents: Cents(5_000), count: 3 }],
        reason: None,
        closed_at: None,
    };
    client.close_cash_session(CommandId::now(), session.id, &closing).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_set_up_here_is_so_at_the_server() {
    let directory = tempfile::tempdir().unwrap();
    let running = server(directory.path()).await;
    let address = running.url();
    let mut desk = Desk::new(&address, directory.path());
    desk.sign_in();
    for topic in Topic::ALL {
        desk.rows(topic);
    }
    a_drawer(&address, desk.app.state.stores()[0].id).await;
    let sessions = desk.rows(Topic::Sessions);
    let [Row::Session(session), ..] = &sessions[..] else { panic!("{sessions:?}") };
    assert_eq!(session.closing.as_ref().map(|closing| closing.difference_cents), Some(Cents(5_000)));
    desk.act(User::List(ListAct::Open(Topic::Sessions, session.id.to_string())));
    desk.wait("the report", |state| {
        state.lists.open.as_ref().is_some_and(|open| open.report.value().is_some())
    });

    desk.fill(Topic::Products, About::NewProduct, &[(Part::Name, "Rapadura"), (Part::Price, "7,90")]);
    let product = desk
        .rows(Topic::Products)
        .into_iter()
        .find_map(
            |row| if let Row::Product(one) = row { (one.name == "Rapadura").then_some(one) } else { None },
        )
        .unwrap();
    let prices = [(Part::Price, "5,90"), (Part::FirstDay, "31/12/2026"), (Part::LastDay, "02/01/2027")];
    desk.fill(Topic::Products, About::Prices(product.id), &prices);
    let store = desk.app.state.stores()[0].clone();
    desk.fill(Topic::Stores, About::Limits(store.id), &[(Part::SellerLimit, "7,5")]);
    desk.wait("the limits", |state| state.stores()[0].discount_limits.seller == Percent(750));
    let person = [(Part::Name, "Ana"), (Part::Username, "ana.p"), (Part::Password, "senha boa")];
    desk.fill(Topic::People, About::NewPerson, &person);
    desk.fill(Topic::Keys, About::NewKey, &[(Part::Name, "Coletor")]);
    desk.fill(Topic::Rules, About::NewRule, &[(Part::Limit, "7,5")]);
    desk.fill(Topic::Quiet, About::NewQuiet, &[(Part::Reason, "Degelo")]);

    let names: Vec<String> = desk.rows(Topic::Rules).iter().map(Row::id).collect();
    assert!(!names.is_empty(), "the rule is there beside those of the server");
    let quiet = desk.rows(Topic::Quiet);
    let [Row::Quiet(quiet)] = &quiet[..] else { panic!("{quiet:?}") };
    desk.fill(Topic::Quiet, About::EndQuiet(quiet.id), &[]);
    assert_eq!(desk.rows(Topic::Quiet), []);
    // The newest changes are his; among them those of the people of his stores.
    let history = desk.rows(Topic::History);
    let told: Vec<(&str, Option<Told>)> = history
        .iter()
        .take(8)
        .filter_map(|row| if let Row::Change(change, who) = row { Some((change, who)) } else { None })
        .map(|(change, who)| (who.as_str(), told(&change.event).map(|(told, _)| told)))
        .collect();
    let wanted = [
        Told::QuietEnded,
        Told::QuietSet,
        Told::RuleSet,
        Told::KeyIssued,
        Told::PersonAdded,
        Told::StoreChanged,
        Told::ProductChanged,
        Told::ProductAdded,
    ];
    assert_eq!(told, wanted.map(|one| ("Lucas Almeida", Some(one))));
    desk.act(User::Open(Page::Overview));
    desk.wait("the day", |state| state.day.today.value().is_some() && state.day.before.value().is_some());
    running.stop().await.unwrap();
}

/// Counts of one product in that store, one after the other.
async fn counts(address: &str, store_id: StoreId, many: i64) -> usize {
    let client: Client = Link::new("till").connect(address, Lang::Pt).unwrap();
    let body = SignIn { username: MANAGER.to_owned(), password: "1234".to_owned(), device: None, till: None };
    client.sign_in(CommandId::now(), &body).await.unwrap();
    let product_id = client.products(None, None, 1).await.unwrap().items.first().unwrap().id;
    for number in 0..many {
        let line = NewCountLine {
            product_id,
            counted_thousandths: Quantity(1_000 * number),
            counted_at: NOW,
            seen_seq: None,
            lot: None,
        };
        let count = NewCount { store_id, started_at: NOW, lines: vec![line], note: None };
        client.new_count(CommandId::now(), &count).await.unwrap();
    }
    let (mut all, mut after) = (0, None);
    loop {
        let page = client.latest_counts(None, after, 100).await.unwrap();
        all += page.items.len();
        after = page.next;
        if after.is_none() {
            return all;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_has_the_rows_that_the_window_never_read() {
    let directory = tempfile::tempdir().unwrap();
    let running = server(&directory.path().join("server")).await;
    let address = running.url();
    let downloads = directory.path().join("downloads");
    std::fs::create_dir(&downloads).unwrap();
    let mut desk = Desk::new(&address, &downloads);
    desk.sign_in();
    let all = counts(&address, desk.app.state.stores()[0].id, 230).await;
    let shown = desk.rows(Topic::Counts).len();
    assert!(shown < all && all >= 230, "{shown} of {all}");
    desk.act(User::List(ListAct::SaveCsv(Topic::Counts)));
    desk.wait("the file", |state| state.saving.is_none());
    let files = std::fs::read_dir(&downloads).unwrap().map(|entry| entry.unwrap().path());
    let [file] =
        &files.filter(|path| path.extension().is_some_and(|end| end == "csv")).collect::<Vec<_>>()[..]
    else {
        panic!("one file")
    };
    let text = std::fs::read_to_string(file).unwrap();
    let numbers: std::collections::BTreeSet<&str> = text.lines().skip(1).collect();
    assert_eq!((text.lines().count() - 1, numbers.len()), (all, all), "each of them once");
    running.stop().await.unwrap();
}
