//! A damaged till's file: put aside, never deleted, read as far as it goes; and the till sells.
#![allow(clippy::unwrap_used, reason = "the helpers of tests may fail as the tests do")]

use std::fs;
use std::path::Path;

use tillwatch_desk::settings::Settings;
use tillwatch_register::state::outbox::{Parcel, Stage, Work};
use tillwatch_register::till_file::TillFile;
use tillwatch_register::{State, samples};
use tillwatch_shared::api::{NewProduct, Unit};
use tillwatch_shared::{Cents, CommandId, PersonId, Quantity};

/// Enough that the file has pages to lose.
const PARCELS: i64 = 400;
const PAGE: usize = 4096;

fn parcel(number: i64) -> Parcel {
    let product = NewProduct {
        name: format!("Produto {number}"),
        code: None,
        unit: Unit::Un,
        price_cents: Cents(number),
        minimum_thousandths: Quantity::ZERO,
    };
    Parcel {
        number,
        command: CommandId::now(),
        person: PersonId::now(),
        work: Work::Product(product),
        subject: "x".repeat(200),
        replaces: None,
        change: Cents(0),
        sold: None,
        cash: None,
        debtor: None,
        made_at: samples::NOW,
        tried_at: samples::NOW,
        tries: 0,
        stage: Stage::Waiting(None),
    }
}

/// A folder with a till's file of one piece.
fn full(folder: &Path) -> Vec<Parcel> {
    let file = TillFile::open(folder).unwrap();
    file.identity().unwrap();
    let parcels: Vec<Parcel> = (1..=PARCELS).map(parcel).collect();
    for parcel in &parcels {
        file.keep(parcel).unwrap();
    }
    parcels
}

/// Whether the row of this parcel lies somewhere in the bytes.
fn holds(bytes: &[u8], parcel: &Parcel) -> bool {
    let Work::Product(product) = &parcel.work else { panic!("a product") };
    let name = format!("\"{}\"", product.name);
    bytes.windows(name.len()).any(|window| window == name.as_bytes())
}

/// The numbers of what is to be sent.
fn numbers(folder: &Path) -> Vec<i64> {
    let parcels = TillFile::open(folder).unwrap().parcels().unwrap();
    parcels.iter().map(|parcel| parcel.number).collect()
}

/// That the till sells on with a new file, and says what became of the old one.
fn goes_on(folder: &Path, was: &[u8]) -> usize {
    let file = TillFile::open(folder).unwrap();
    let rescued = file.rescued().unwrap().clone();
    assert_eq!(fs::read(&rescued.aside).unwrap().len(), was.len(), "it is all there still");
    let kept = file.kept().unwrap();
    assert_eq!(kept.parcels.len(), rescued.parcels);
    let state = State::new(Settings::default(), None, "test".to_owned(), kept, samples::NOW);
    let name = rescued.aside.file_name().unwrap().to_str().unwrap().to_owned();
    assert!(state.toasts.texts().any(|text| text.contains(&name)), "the person is told");
    file.keep(&parcel(PARCELS + 1)).unwrap();
    drop(file);
    let again = TillFile::open(folder).unwrap();
    assert!(again.rescued().is_none(), "once");
    assert_eq!(again.parcels().unwrap().len(), rescued.parcels + 1);
    rescued.parcels
}

#[test]
fn garbage_in_place_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    drop(full(folder.path()));
    let path = folder.path().join("till.sqlite");
    let garbage = b"this is no till ".repeat(2000);
    fs::write(&path, &garbage).unwrap();
    assert_eq!(goes_on(folder.path(), &garbage), 0);
    // A second time the first one stays.
    fs::write(&path, &garbage).unwrap();
    goes_on(folder.path(), &garbage);
    for name in ["till-damaged-1.sqlite", "till-damaged-2.sqlite"] {
        assert_eq!(fs::read(folder.path().join(name)).unwrap(), garbage, "{name}");
    }
}

#[test]
fn a_file_of_which_the_end_is_missing_gives_back_what_it_has() {
    let folder = tempfile::tempdir().unwrap();
    let parcels = full(folder.path());
    let identity = TillFile::open(folder.path()).unwrap().identity().unwrap();
    let path = folder.path().join("till.sqlite");
    let whole = fs::read(&path).unwrap();
    let beginning = &whole[..whole.len() / PAGE / 4 * 3 * PAGE];
    fs::write(&path, beginning).unwrap();
    let found = goes_on(folder.path(), beginning);
    assert!(found > 50 && found < parcels.len(), "{found} of {}", parcels.len());
    let there = parcels.iter().filter(|parcel| holds(beginning, parcel)).map(|parcel| parcel.number);
    let there: Vec<i64> = there.chain([PARCELS + 1]).collect();
    assert_eq!(numbers(folder.path()), there, "to the last row that is there, and the new one");
    assert_eq!(TillFile::open(folder.path()).unwrap().identity().unwrap(), identity, "it is the same till");
}

#[test]
fn a_page_that_went_bad_costs_only_what_was_on_it() {
    let folder = tempfile::tempdir().unwrap();
    let parcels = full(folder.path());
    let path = folder.path().join("till.sqlite");
    let whole = fs::read(&path).unwrap();
    // One in the middle that holds parcels.
    let on = |page: usize| -> Vec<i64> {
        let bytes = &whole[page * PAGE..(page + 1) * PAGE];
        parcels.iter().filter(|parcel| holds(bytes, parcel)).map(|parcel| parcel.number).collect()
    };
    let bad = (whole.len() / PAGE / 2..whole.len() / PAGE).find(|page| on(*page).len() > 1).unwrap();
    let lost = on(bad);
    let mut bytes = whole.clone();
    bytes[bad * PAGE..(bad + 1) * PAGE].fill(0x55);
    fs::write(&path, &bytes).unwrap();
    goes_on(folder.path(), &bytes);
    let left: Vec<i64> = (1..=PARCELS + 1).filter(|number| !lost.contains(number)).collect();
    assert_eq!(numbers(folder.path()), left);
}
