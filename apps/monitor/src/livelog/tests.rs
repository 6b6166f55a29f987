//! The log against a plain list of rows.

use proptest::prelude::*;
use tillwatch_shared::api::{Event, Return, Sale, SessionEvent, TransferState};
use tillwatch_shared::{ReturnId, UtcMicros};

use super::{Filter, KindFilter, Left, Log, News, SignIn, Told, What};
use crate::samples;

fn news(seq: i64, event: &Event) -> News<'_> {
    News { seq, at: samples::NOW, event }
}

fn numbers(log: &Log) -> Vec<i64> {
    (0..log.shown_len()).map(|i| log.shown(i).unwrap().1.number).collect()
}

fn sale(number: i64) -> Event {
    Event::SaleRecorded(samples::sale(number, 0, UtcMicros(number)))
}

fn entry(number: i64) -> Event {
    Event::StockEntered(samples::entry(number, 1, UtcMicros(number)))
}

#[test]
fn newest_first_and_each_once() {
    let mut log = Log::default();
    let (first, second) = (sale(1), sale(2));
    assert!(log.append(news(1, &first), None));
    assert!(log.append(news(2, &second), None));
    assert!(!log.append(news(2, &second), None));
    assert_eq!(numbers(&log), [2, 1]);
}

#[test]
fn a_transfer_is_told_when_it_leaves_and_when_it_arrives() {
    let mut log = Log::default();
    let transfer = |state| samples::goods::transfer(7, state, UtcMicros(1));
    let sent = Event::TransferSent(transfer(TransferState::Sent));
    let received = Event::TransferReceived(transfer(TransferState::Received));
    assert!(log.append(news(1, &sent), None) && log.append(news(2, &received), None));
    assert!(!log.append(news(2, &received), None));
    log.append(news(3, &Event::StockCounted(samples::goods::count(9, UtcMicros(3)))), None);
    assert_eq!(numbers(&log), [9, 7, 7]);
    assert_eq!(log.shown(1).unwrap().1.store_id, Some(samples::store(1).id), "where it arrived");
    for (text, found) in [("leite", vec![9, 7, 7]), ("parafuso", vec![9]), ("maria", vec![7])] {
        log.set_filter(Filter { text: text.into(), kind: KindFilter::Entries, ..Filter::default() });
        assert_eq!(numbers(&log), found, "{text}");
    }
}

#[test]
fn what_happens_to_the_drawers_is_told() {
    let mut log = Log::default();
    let now = samples::NOW;
    let report = samples::money::report(samples::money::session(8, now).id, now);
    let opened = Event::CashSessionOpened(samples::money::session(8, now));
    assert!(
        log.append(news(1, &opened), None) && log.append(news(2, &Event::CashSessionClosed(report)), None)
    );
    assert!(log.append(news(3, &sale(3)), None));
    let told = |log: &Log, index: usize| match &log.shown(index).unwrap().1.what {
        What::Money { told, amount, .. } => Some((*told, amount.0)),
        What::Sale { .. }
        | What::Return { .. }
        | What::Entry { .. }
        | What::Count { .. }
        | What::Alarm { .. }
        | What::Session { .. }
        | What::Coordinates(_)
        | What::Transfer { .. } => None,
    };
    assert_eq!(
        [told(&log, 0), told(&log, 1), told(&log, 2)],
        [None, Some((Told::DrawerClosed, -1_250)), Some((Told::DrawerOpened, 20_000))]
    );
    for (kind, text, shown) in
        [(KindFilter::Money, "", 2), (KindFilter::Sales, "", 1), (KindFilter::All, "caixa 1", 2)]
    {
        log.set_filter(Filter { kind, text: text.into(), ..Filter::default() });
        assert_eq!(log.shown_len(), shown, "{kind:?} {text}");
    }
}

#[test]
fn alarms_and_sign_ins_are_told_at_each_turn() {
    let mut log = Log::default();
    let alarm = samples::alarms::alarm(1, samples::NOW);
    let session = samples::sign_in(1);
    let ended = |reason: &str| {
        Event::SessionEnded(SessionEvent { reason: Some(reason.to_owned()), ..session.clone() })
    };
    let events = [
        Event::AlarmOpened(alarm.clone()),
        Event::AlarmAcknowledged(alarm.clone()),
        Event::AlarmCleared(alarm.clone()),
        Event::SessionOpened(session.clone()),
        ended("signed_out"),
        ended("token_reused"),
    ];
    for (seq, event) in (1..).zip(&events) {
        assert!(log.append(news(seq, event), None), "{event:?}");
    }
    assert!(!log.append(news(7, &Event::SessionRefreshed(session.clone())), None), "it goes on unseen");
    log.set_filter(Filter { kind: KindFilter::Alarms, text: alarm.name.to_uppercase(), ..Filter::default() });
    assert_eq!(numbers(&log), [3, 2, 1]);
    log.set_filter(Filter { kind: KindFilter::SignIns, text: "caixa 2".into(), ..Filter::default() });
    let told = |index| {
        let What::Session { told, .. } = log.shown(index).unwrap().1.what else { panic!("no sign-in") };
        told
    };
    assert_eq!([told(0), told(1), told(2)], [SignIn::Reused, SignIn::Out, SignIn::In]);
    // An alarm is its store's; a sign-in is no store's.
    for (kind, shown) in [(KindFilter::Alarms, 3), (KindFilter::SignIns, 0), (KindFilter::All, 3)] {
        log.set_filter(Filter { kind, store: alarm.store_id, ..Filter::default() });
        assert_eq!(log.shown_len(), shown, "{kind:?}");
    }
}

#[test]
fn an_alarm_has_the_name_of_its_store() {
    let mut log = Log::default();
    let alarm = samples::alarms::alarm(2, samples::NOW);
    let older = [(1, sale(1))];
    // Its store is known from older rows as well.
    assert_eq!(log.prepend(older.iter().map(|(seq, event)| news(*seq, event))), 1);
    assert!(log.append(news(2, &Event::AlarmOpened(alarm.clone())), None));
    let row = log.shown(0).unwrap().1;
    assert_eq!((row.store_id, log.name(row.store)), (alarm.store_id, samples::store(0).name.as_str()));
}

#[test]
fn older_rows_go_below() {
    let mut log = Log::default();
    log.append(news(10, &sale(10)), None);
    let older = [(8, sale(8)), (9, entry(9))];
    assert_eq!(log.prepend(older.iter().map(|(seq, event)| news(*seq, event))), 2);
    assert_eq!(numbers(&log), [10, 9, 8]);
    assert_eq!(log.place_of(log.shown(2).unwrap().0), Some(2));
}

fn back_of(sold: &Sale) -> Return {
    Return {
        id: ReturnId::now(),
        number: 1,
        sale_id: sold.id,
        sale_number: sold.number,
        store_id: sold.store_id,
        store_name: sold.store_name.clone(),
        person_id: sold.person_id,
        person_name: sold.person_name.clone(),
        approved_by: None,
        approved_by_name: None,
        seller_id: sold.person_id,
        seller_name: sold.person_name.clone(),
        till: None,
        void: true,
        lines: Vec::new(),
        reason: "troca".into(),
        refunds: Vec::new(),
        total_cents: sold.total_cents,
        business_day: sold.business_day.clone(),
        returned_at: sold.sold_at,
        received_at: sold.received_at,
        cash_session: None,
    }
}

#[test]
fn where_there_is_no_room_the_other_end_leaves() {
    let mut log = Log::with_room(3);
    let ids: Vec<Event> = (1..=3).map(sale).collect();
    for (seq, event) in (11..).zip(&ids) {
        log.append(news(seq, event), None);
    }
    let Event::SaleRecorded(sold) = &ids[2] else { panic!("a sale") };
    let back = Event::SaleReturned(back_of(sold));
    log.append(news(14, &back), None);
    assert_eq!(log.take_left(), Left { oldest: Some(11), newest: None });
    let cancelled = |log: &Log| {
        let (_, row) = (0..3).filter_map(|place| log.shown(place)).find(|(_, row)| row.seq == 13).unwrap();
        log.returned(row)
    };
    let told = cancelled(&log).expect("it came back");
    // Further back the return leaves, and the sale still knows of it; forward again it counts once.
    let older = [(11, &ids[0])];
    assert_eq!(log.prepend(older.iter().map(|(seq, event)| news(*seq, event))), 1);
    assert_eq!(log.take_left(), Left { oldest: None, newest: Some(14) });
    assert_eq!((log.len(), cancelled(&log)), (3, Some(told)));
    log.append(news(14, &back), None);
    assert_eq!(cancelled(&log), Some(told));
    assert_eq!(log.take_left(), Left { oldest: Some(11), newest: None });
}

#[test]
fn while_held_new_rows_wait() {
    let mut log = Log::default();
    log.append(news(1, &sale(1)), None);
    log.hold();
    log.append(news(2, &sale(2)), None);
    log.append(news(3, &entry(3)), None);
    assert_eq!((numbers(&log), log.waiting()), (vec![1], 2));
    log.set_filter(Filter { kind: KindFilter::Sales, ..Filter::default() });
    assert_eq!(log.waiting(), 1);
    log.release();
    assert_eq!(numbers(&log), [2, 1]);
}

#[test]
fn finds_by_product_person_store_and_number_without_accents() {
    let mut log = Log::default();
    log.append(news(1, &sale(41)), None);
    log.append(news(2, &entry(7)), None);
    for (text, found) in
        [("PAO DE", vec![41]), ("parafuso", vec![7]), ("#41", vec![41]), ("lucas", vec![41]), ("xyz", vec![])]
    {
        log.set_filter(Filter { text: text.into(), ..Filter::default() });
        assert_eq!(numbers(&log), found, "{text}");
    }
}

proptest! {
    /// Whatever comes in whatever order, what is shown is what a naive filter over all rows shows.
    #[test]
    fn filtering_as_rows_come_equals_filtering_at_the_end(
        steps in prop::collection::vec((0_u8..6, 1_i64..500), 1..60),
    ) {
        let mut log = Log::default();
        let mut model: Vec<(i64, bool)> = Vec::new();
        let mut sales_only = false;
        for (kind, number) in steps {
            let is_sale = number % 3 != 0;
            let known = model.iter().any(|(n, _)| *n == number);
            let event = if is_sale { sale(number) } else { entry(number) };
            match kind {
                0..=2 => { log.append(news(number, &event), None); if !known { model.push((number, is_sale)); } }
                3 => { log.prepend(std::iter::once(news(number, &event))); if !known { model.insert(0, (number, is_sale)); } }
                _ => {
                    sales_only = !sales_only;
                    let kind = if sales_only { KindFilter::Sales } else { KindFilter::All };
                    log.set_filter(Filter { kind, ..Filter::default() });
                }
            }
            let expected: Vec<i64> =
                model.iter().rev().filter(|(_, s)| *s || !sales_only).map(|(n, _)| *n).collect();
            prop_assert_eq!(numbers(&log), expected);
        }
    }
}
