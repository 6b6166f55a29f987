//! What the till's file promises: all is there after the program has died, and one program uses it.
#![allow(clippy::unwrap_used, reason = "the helpers of tests may fail as the tests do")]

use rusqlite::Connection;
use tillwatch_desk::failure::Failure;
use tillwatch_register::samples;
use tillwatch_register::state::outbox::{Outbox, Parcel, Stage, Work};
use tillwatch_register::till_file::{TillFile, TillFileError};
use tillwatch_shared::api::{
    NewProduct, NewSale, NewSaleLine, NewStockEntry, Payment, PaymentMethod, ProductChange, StockEntryKind,
    Unit,
};
use tillwatch_shared::{Cents, CommandId, PersonId, ProductId, Quantity, StoreId};

fn parcel(number: i64, work: Work) -> Parcel {
    Parcel {
        number,
        command: CommandId::now(),
        person: PersonId::now(),
        work,
        subject: "Pão de açúcar \"grande\"".to_owned(),
        change: Cents(37),
        made_at: samples::NOW,
        tried_at: samples::NOW,
        tries: 0,
        stage: Stage::Waiting(None),
    }
}

fn one_of_each() -> Vec<Parcel> {
    let sale = NewSale {
        store_id: StoreId::now(),
        lines: vec![NewSaleLine {
            product_id: ProductId::now(),
            quantity_thousandths: Quantity(450),
            unit_price_cents: Cents(3990),
        }],
        payments: vec![Payment { method: PaymentMethod::Cash, amount_cents: Cents(2000) }],
        total_cents: Cents(1796),
        till: Some("Caixa 1".to_owned()),
        sold_at: Some(samples::NOW),
    };
    let entry = NewStockEntry {
        kind: StockEntryKind::Receive,
        store_id: StoreId::now(),
        product_id: ProductId::now(),
        quantity_thousandths: Quantity(50_000),
        reason: None,
        recorded_at: Some(samples::NOW),
    };
    let product = NewProduct {
        name: "Parafuso 10mm".to_owned(),
        code: None,
        unit: Unit::Un,
        price_cents: Cents(25),
        minimum_thousandths: Quantity::ZERO,
    };
    let change = ProductChange { price_cents: Some(Cents(30)), ..ProductChange::default() };
    let works = [
        Work::Product(product),
        Work::Entry(entry),
        Work::Sale(sale),
        Work::ProductChange(ProductId::now(), change),
    ];
    (1..).zip(works).map(|(number, work)| parcel(number, work)).collect()
}

#[test]
fn everything_is_there_again_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let parcels = one_of_each();
    let file = TillFile::open(folder.path()).unwrap();
    // Tasks may write in another order than the one in which the commands were made.
    for parcel in parcels.iter().rev() {
        file.keep(parcel).unwrap();
    }
    drop(file);
    let file = TillFile::open(folder.path()).unwrap();
    assert_eq!(file.parcels().unwrap(), parcels);
    assert_eq!(Outbox::of(parcels).next_number(), 5, "later ones come after them");
}

#[test]
fn a_refusal_waits_for_a_person_after_a_restart_too() {
    let folder = tempfile::tempdir().unwrap();
    let mut parcels = one_of_each().into_iter();
    let (first, second) = (parcels.next().unwrap(), parcels.next().unwrap());
    let refusal = samples::problem(422, "total_wrong", "O total não confere.", "Atualize os preços.");
    let Failure::Problem(problem, _) = &refusal else { panic!("a problem") };
    let file = TillFile::open(folder.path()).unwrap();
    file.keep(&first).unwrap();
    file.keep(&second).unwrap();
    file.refuse(first.command, Some(problem)).unwrap();
    drop(file);
    let file = TillFile::open(folder.path()).unwrap();
    let stages = |file: &TillFile| -> Vec<Stage> {
        file.parcels().unwrap().into_iter().map(|parcel| parcel.stage).collect()
    };
    assert_eq!(stages(&file), [Stage::Rejected(refusal.clone()), Stage::Waiting(None)]);
    file.refuse(first.command, None).unwrap();
    file.forget(second.command).unwrap();
    assert_eq!(stages(&file), [Stage::Waiting(None)], "sent again; the other is settled");
}

#[test]
fn one_program_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let file = TillFile::open(folder.path()).unwrap();
    let second = TillFile::open(folder.path());
    assert!(matches!(second, Err(TillFileError::InUse { .. })), "{second:?}");
    drop(file);
    TillFile::open(folder.path()).unwrap();
}

#[test]
fn a_newer_file_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    drop(TillFile::open(folder.path()).unwrap());
    let path = folder.path().join("till.sqlite");
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let opened = TillFile::open(folder.path());
    assert!(matches!(opened, Err(TillFileError::Newer { found: 99, .. })), "{opened:?}");
}

#[test]
fn the_same_command_is_kept_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = TillFile::open(folder.path()).unwrap();
    let first = one_of_each().swap_remove(0);
    file.keep(&first).unwrap();
    assert!(file.keep(&Parcel { number: 2, ..first }).is_err());
}
