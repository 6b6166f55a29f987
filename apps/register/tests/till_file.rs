//! What the till's file promises: all is there after the program has died, and one program uses it.
#![allow(clippy::unwrap_used, reason = "the helpers of tests may fail as the tests do")]

use rusqlite::Connection;
use tillwatch_desk::failure::Failure;
use tillwatch_register::samples;
use tillwatch_register::state::offline::{Known, Memory};
use tillwatch_register::state::outbox::{Outbox, Parcel, Stage, Work};
use tillwatch_register::till_file::{TillFile, TillFileError};
use tillwatch_shared::api::{
    NewProduct, NewSale, NewSaleLine, NewStockEntry, Payment, PaymentMethod, Person, Product, ProductChange,
    Role, StockEntryKind, Unit,
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

fn known(name: &str) -> Known {
    let person = Person {
        id: PersonId::now(),
        username: name.to_owned(),
        name: name.to_owned(),
        role: Role::Seller,
        cpf_masked: None,
        has_pin: false,
        stores: Vec::new(),
        active: true,
        created_at: samples::NOW,
    };
    Known { person, stores: vec![samples::store("Loja Centro")], until: samples::NOW }
}

#[test]
fn a_known_person_is_let_in_with_the_last_password_only() {
    let folder = tempfile::tempdir().unwrap();
    let file = TillFile::open(folder.path()).unwrap();
    let ana = known("ana");
    file.remember_person("Ana", "1234", &ana).unwrap();
    assert_eq!(file.person("ANA", "1234").unwrap(), Some(ana.clone()));
    for (username, password) in [("ana", "12345"), ("ana", ""), ("bia", "1234"), ("", "")] {
        assert_eq!(file.person(username, password).unwrap(), None, "{username} {password}");
    }
    file.remember_person("ana", "nova", &ana).unwrap();
    assert_eq!(file.person("ana", "1234").unwrap(), None, "the old password is over");
    assert_eq!(file.person("ana", "nova").unwrap(), Some(ana));
    let bytes = std::fs::read(folder.path().join("till.sqlite")).unwrap();
    let log = std::fs::read(folder.path().join("till.sqlite-wal")).unwrap();
    for secret in [b"1234".as_slice(), b"nova"] {
        let found = |file: &[u8]| file.windows(secret.len()).any(|part| part == secret);
        assert!(!found(&bytes) && !found(&log), "no password on the disk");
    }
    file.forget_person("ana").unwrap();
    assert_eq!(file.person("ana", "nova").unwrap(), None);
}

#[test]
fn goods_are_remembered_whole_and_in_parts() {
    let folder = tempfile::tempdir().unwrap();
    let file = TillFile::open(folder.path()).unwrap();
    assert_eq!(file.goods().unwrap(), None);
    let store = StoreId::now();
    let products = samples::products();
    let all: Vec<_> = products.iter().cloned().map(|product| (product, Some(Quantity(5000)))).collect();
    file.remember(&Memory { store, whole: true, items: all.clone() }).unwrap();
    let dearer = Product { price_cents: Cents(9999), ..products[3].clone() };
    let new = samples::product(99, "Vinagre", "", 350, Unit::Un);
    let part = vec![(dearer.clone(), Some(Quantity(4000))), (new.clone(), None)];
    file.remember(&Memory { store, whole: false, items: part.clone() }).unwrap();
    drop(file);
    let file = TillFile::open(folder.path()).unwrap();
    let goods = file.goods().unwrap().unwrap();
    assert_eq!((goods.store, goods.items.len()), (store, products.len() + 1));
    for expected in part.iter().chain(all.iter().filter(|(product, _)| product.id != dearer.id)) {
        assert!(goods.items.contains(expected), "{}", expected.0.name);
    }
    file.remember(&Memory { store, whole: true, items: part.clone() }).unwrap();
    assert_eq!(file.goods().unwrap().unwrap().items.len(), 2, "a whole catalogue replaces what was there");
}
