//! The log against a plain list of rows.

use proptest::prelude::*;
use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::Event;

use super::{Filter, KindFilter, Log};
use crate::samples;

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
    assert!(log.append(1, &first, None));
    assert!(log.append(2, &second, None));
    assert!(!log.append(2, &second, None));
    assert_eq!(numbers(&log), [2, 1]);
}

#[test]
fn older_rows_go_below() {
    let mut log = Log::default();
    log.append(10, &sale(10), None);
    let older = [(8, sale(8)), (9, entry(9))];
    assert_eq!(log.prepend(older.iter().map(|(seq, event)| (*seq, event))), 2);
    assert_eq!(numbers(&log), [10, 9, 8]);
    assert_eq!(log.place_of(log.shown(2).unwrap().0), Some(2));
}

#[test]
fn while_held_new_rows_wait() {
    let mut log = Log::default();
    log.append(1, &sale(1), None);
    log.hold();
    log.append(2, &sale(2), None);
    log.append(3, &entry(3), None);
    assert_eq!((numbers(&log), log.waiting()), (vec![1], 2));
    log.set_filter(Filter { kind: KindFilter::Sales, ..Filter::default() });
    assert_eq!(log.waiting(), 1);
    log.release();
    assert_eq!(numbers(&log), [2, 1]);
}

#[test]
fn finds_by_product_person_store_and_number_without_accents() {
    let mut log = Log::default();
    log.append(1, &sale(41), None);
    log.append(2, &entry(7), None);
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
                0..=2 => { log.append(number, &event, None); if !known { model.push((number, is_sale)); } }
                3 => { log.prepend(std::iter::once((number, &event))); if !known { model.insert(0, (number, is_sale)); } }
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
