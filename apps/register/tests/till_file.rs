//! What the till's file promises: all is there after the program has died, and one program uses it.
#![allow(clippy::unwrap_used, reason = "the helpers of tests may fail as the tests do")]

use rusqlite::Connection;
use tillwatch_desk::failure::Failure;
use tillwatch_desk::printer::CodePage;
use tillwatch_desk::settings::Settings;
use tillwatch_register::input::{Effect, Input};
use tillwatch_register::pdf;
use tillwatch_register::receipt::escpos::{self, Paper};
use tillwatch_register::receipt::{Document, Style};
use tillwatch_register::samples;
use tillwatch_register::state::cart::{Cart, Discount, Scope};
use tillwatch_register::state::carts::KeptCart;
use tillwatch_register::state::offline::{Memory, Place};
use tillwatch_register::state::outbox::{Outbox, Parcel, Stage, Work};
use tillwatch_register::state::sold::{Find, SoldHere};
use tillwatch_register::state::stock::{Purpose, StockEffect, StockInput, Task};
use tillwatch_register::till_file::{PORTION, Portion, TillFile, TillFileError};
use tillwatch_shared::api::{
    NewProduct, NewReturn, NewReturnLine, NewSale, NewSaleLine, NewStockEntry, Payment, PaymentMethod,
    Product, ProductChange, Sale, SaleLine, StockEntryKind, Unit,
};
use tillwatch_shared::time::DAY;
use tillwatch_shared::{Cents, CommandId, PersonId, ProductId, Quantity, SaleId, StoreId, UtcMicros, mark};
use uuid::Uuid;

fn parcel(number: i64, work: Work) -> Parcel {
    Parcel {
        number,
        command: CommandId::now(),
        person: PersonId::now(),
        work,
        subject: "Pão de açúcar \"grande\"".to_owned(),
        replaces: None,
        change: Cents(37),
        sold: None,
        cash: None,
        debtor: None,
        made_at: samples::NOW,
        tried_at: samples::NOW,
        tries: 0,
        stage: Stage::Waiting(None),
    }
}

fn one_of_each() -> Vec<Parcel> {
    let sale = NewSale {
        lines: vec![NewSaleLine::of(ProductId::now(), Quantity(450), Cents(3990))],
        payments: vec![Payment { method: PaymentMethod::Cash, amount_cents: Cents(2000) }],
        total_cents: Cents(1796),
        till: Some("Caixa 1".to_owned()),
        sold_at: Some(samples::NOW),
        ..NewSale::of(StoreId::now())
    };
    let entry = NewStockEntry {
        kind: StockEntryKind::Receive,
        store_id: StoreId::now(),
        product_id: ProductId::now(),
        quantity_thousandths: Quantity(50_000),
        reason: None,
        lot: None,
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

/// What the till remembers of a sale before the server has answered.
fn sold(parcel: &Parcel, at: UtcMicros) -> Sale {
    let Work::Sale(sale) = &parcel.work else { panic!("a sale") };
    Sale {
        id: SaleId(parcel.command.0),
        number: 0,
        store_id: sale.store_id,
        store_name: "Loja Centro".to_owned(),
        person_id: parcel.person,
        person_name: "Maria".to_owned(),
        till: sale.till.clone(),
        lines: Vec::new(),
        payments: sale.payments.clone(),
        total_cents: sale.total_cents,
        change_cents: parcel.change,
        discount_cents: Cents::ZERO,
        approved_by: None,
        approved_by_name: None,
        customer_cpf: None,
        customer_cpf_masked: None,
        business_day: "2026-12-31".to_owned(),
        sold_at: at,
        received_at: UtcMicros(0),
        returned: None,
        cash_session: None,
        customer_name: None,
    }
}

/// A sale made at this time, kept in the file.
fn sell(file: &TillFile, number: i64, at: UtcMicros) -> Sale {
    let mut parcel = Parcel { number, made_at: at, ..one_of_each().swap_remove(2) };
    if let Work::Sale(sale) = &mut parcel.work {
        sale.store_id = STORE;
    }
    let sale = sold(&parcel, at);
    file.keep(&Parcel { sold: Some(Box::new(sale.clone())), ..parcel }).unwrap();
    sale
}

const STORE: StoreId = StoreId(uuid::Uuid::from_u128(7));

fn ids(file: &TillFile, find: Find) -> Vec<SaleId> {
    file.sold(STORE, find).unwrap().into_iter().map(|sold| sold.sale.id).collect()
}

#[test]
fn sales_are_remembered_with_what_the_server_said_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let file = TillFile::open(folder.path()).unwrap();
    let first = sell(&file, 1, samples::NOW);
    let second = sell(&file, 2, samples::NOW.plus(1));
    assert_eq!(file.sold(StoreId::now(), Find::Newest).unwrap(), [], "another store's");
    let answer = Sale { number: 1042, received_at: samples::NOW, ..first.clone() };
    file.confirm_sale(&answer).unwrap();
    file.forget(CommandId(first.id.0)).unwrap();
    drop(file);

    let file = TillFile::open(folder.path()).unwrap();
    assert_eq!(ids(&file, Find::Newest), [second.id, first.id]);
    assert_eq!(file.sold(STORE, Find::Number(1042)).unwrap(), [SoldHere { sale: answer }]);
    assert_eq!(ids(&file, Find::Id(second.id)), [second.id]);
    assert_eq!(file.sold(STORE, Find::Id(second.id)).unwrap()[0].number(), None);
    assert_eq!(ids(&file, Find::Number(1043)), []);
    let (from, to) = mark::range(&mark::of(second.id)).unwrap();
    assert!(ids(&file, Find::Between(from, to)).contains(&second.id));
    let (from, to) = mark::range("00112957891123641020").unwrap();
    assert_eq!(ids(&file, Find::Between(from, to)), []);
    file.drop_sale(CommandId(second.id.0)).unwrap();
    assert_eq!(ids(&file, Find::Newest), [first.id], "refused: it has not happened");
}

#[test]
fn what_came_back_is_remembered_with_its_command_until_it_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = TillFile::open(folder.path()).unwrap();
    let sale = Sale { lines: vec![line(3000, 999)], ..sell(&file, 1, samples::NOW) };
    file.confirm_sale(&sale).unwrap();
    let back = NewReturn {
        void: false,
        lines: vec![NewReturnLine { position: 0, quantity_thousandths: Quantity(1000), restock: true }],
        reason: "furado".to_owned(),
        refunds: Vec::new(),
        total_cents: Cents(333),
        till: None,
        returned_at: None,
        cash_session: None,
        approved_by: None,
    };
    let after = sale.after_return(&back).unwrap();
    let work = Work::Return(sale.id, Box::new(back.clone()));
    file.keep(&Parcel { sold: Some(Box::new(after.clone())), ..parcel(2, work.clone()) }).unwrap();
    let left = |file: &TillFile| file.sold(STORE, Find::Id(sale.id)).unwrap()[0].sale.left(0);
    // The server's word on the sale, which comes later, does not undo it.
    file.confirm_sale(&Sale { number: 1042, ..sale.clone() }).unwrap();
    drop(file);
    let file = TillFile::open(folder.path()).unwrap();
    assert_eq!(left(&file), Quantity(2000));
    assert_eq!(file.parcels().unwrap()[1].work, work);
    file.drop_return(sale.id, &back).unwrap();
    assert_eq!(left(&file), Quantity(3000));

    // A sale of another till does not become one of this till.
    let foreign = Sale { id: SaleId::now(), ..after };
    let work = Work::Return(foreign.id, Box::new(back));
    file.keep(&Parcel { sold: Some(Box::new(foreign)), ..parcel(3, work) }).unwrap();
    assert_eq!(ids(&file, Find::Newest), [sale.id]);
}

fn line(quantity: i64, total: i64) -> SaleLine {
    let made = samples::sell(&mut samples::till(Settings::default())).unwrap();
    SaleLine {
        quantity_thousandths: Quantity(quantity),
        total_cents: Cents(total),
        ..made.lines.first().unwrap().clone()
    }
}

#[test]
fn a_sale_is_remembered_with_its_command_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let file = TillFile::open(folder.path()).unwrap();
    let sale = sell(&file, 1, samples::NOW);
    let again = Parcel { number: 1, ..one_of_each().swap_remove(2) };
    let other = sold(&again, samples::NOW);
    assert!(file.keep(&Parcel { sold: Some(Box::new(other)), ..again }).is_err(), "its place is taken");
    assert_eq!(ids(&file, Find::Newest), [sale.id]);
}

#[test]
fn what_is_old_and_settled_is_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let file = TillFile::open(folder.path()).unwrap();
    let long_ago = samples::NOW.plus(-31 * DAY);
    let settled = sell(&file, 1, long_ago);
    let unsent = sell(&file, 2, long_ago);
    file.confirm_sale(&Sale { number: 7, ..settled.clone() }).unwrap();
    file.forget(CommandId(settled.id.0)).unwrap();
    let lately = sell(&file, 3, samples::NOW.plus(-29 * DAY));
    assert_eq!(ids(&file, Find::Newest), [lately.id, unsent.id, settled.id], "at its age all are young");
    let now = sell(&file, 4, samples::NOW);
    assert_eq!(ids(&file, Find::Newest), [now.id, lately.id, unsent.id]);
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

#[test]
fn goods_are_remembered_whole_and_in_parts() {
    let folder = tempfile::tempdir().unwrap();
    let file = TillFile::open(folder.path()).unwrap();
    assert_eq!(file.goods().unwrap(), None);
    let store = StoreId::now();
    let products = samples::products();
    let all: Vec<_> = products.iter().cloned().map(|product| (product, Some(Quantity(5000)), 12)).collect();
    let memory = |whole, place, items| Memory { store, whole, heard_at: Some(samples::NOW), place, items };
    let place = |seq| Some(Place { store, seq, command: CommandId::now(), reached: seq + 3 });
    let (first, second) = (place(10), place(14));
    file.remember(&memory(true, first, all.clone())).unwrap();
    assert_eq!(file.goods().unwrap().unwrap().place, first);
    let dearer = Product { price_cents: Cents(9999), ..products[3].clone() };
    let new = samples::product(99, "Vinagre", "", 350, Unit::Un);
    let part = vec![(dearer.clone(), Some(Quantity(4000)), 0), (new.clone(), None, 0)];
    file.remember(&memory(false, second, part.clone())).unwrap();
    drop(file);
    let file = TillFile::open(folder.path()).unwrap();
    let goods = file.goods().unwrap().unwrap();
    assert_eq!((goods.store, goods.items.len()), (store, products.len() + 1));
    assert_eq!((goods.heard_at, goods.place), (Some(samples::NOW), second));
    for expected in part.iter().chain(all.iter().filter(|(product, _, _)| product.id != dearer.id)) {
        assert!(goods.items.contains(expected), "{}", expected.0.name);
    }
    file.remember(&memory(true, None, part.clone())).unwrap();
    assert_eq!(file.goods().unwrap().unwrap().place, None);
    assert_eq!(file.goods().unwrap().unwrap().items.len(), 2, "a whole catalogue replaces what was there");
}

/// However the program dies between two portions, the file holds one catalogue or the other.
#[test]
fn a_whole_catalogue_counts_when_all_of_it_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let catalogue = |products: usize| {
        let make = |number| samples::product(number, &format!("Produto {number}"), "", 100, Unit::Un);
        let items = (1..=i64::try_from(products).unwrap()).map(|number| (make(number), None, 0)).collect();
        Memory { store: StoreId::now(), whole: true, heard_at: Some(samples::NOW), place: None, items }
    };
    let there = || {
        let goods = TillFile::open(folder.path()).unwrap().goods().unwrap();
        goods.map(|goods| (goods.store, goods.items.len()))
    };
    let (first, second, third) = (catalogue(3), catalogue(2 * PORTION + 1), catalogue(2));
    let told = |goods: &Memory| Some((goods.store, goods.items.len()));
    for (goods, before) in [(&first, None), (&second, told(&first)), (&third, told(&second))] {
        let (mut next, mut switched) = (Some(Portion::first(goods)), false);
        while let Some(portion) = next {
            next = TillFile::open(folder.path()).unwrap().remember_portion(goods, portion).unwrap();
            switched |= portion == Portion::Switch;
            assert_eq!(there(), if switched { told(goods) } else { before }, "after {portion:?}");
        }
    }

    // A write that broke off leaves nothing in the next catalogue, and changes of what is not here are none.
    let file = TillFile::open(folder.path()).unwrap();
    file.remember_portion(&second, Portion::Put(0)).unwrap();
    file.remember(&Memory { whole: false, ..first.clone() }).unwrap();
    drop(file);
    assert_eq!(there(), told(&third));
    TillFile::open(folder.path()).unwrap().remember(&first).unwrap();
    assert_eq!(there(), told(&first));
    let rows = Connection::open(folder.path().join("till.sqlite")).unwrap();
    let rows: i64 = rows.query_row("SELECT count(*) FROM product", (), |row| row.get(0)).unwrap();
    assert_eq!(rows, 3, "nothing of the others is left");
}

#[test]
fn a_file_of_the_form_before_keeps_its_goods() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("till.sqlite");
    let forms = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/till_file");
    let mut forms: Vec<_> = std::fs::read_dir(forms).unwrap().map(|entry| entry.unwrap().path()).collect();
    forms.retain(|path| path.extension().is_some_and(|extension| extension == "sql"));
    forms.sort();
    let (store, rice) = (StoreId::now(), samples::products().swap_remove(0));
    let old = Connection::open(&path).unwrap();
    for form in &forms[..11] {
        old.execute_batch(&std::fs::read_to_string(form).unwrap()).unwrap();
    }
    old.pragma_update(None, "user_version", 11).unwrap();
    old.execute("INSERT INTO place (only, store) VALUES (1, ?1)", [store.0.as_bytes()]).unwrap();
    let body = serde_json::to_string(&rice).unwrap();
    old.execute("INSERT INTO product VALUES (?1, ?2, 5000)", rusqlite::params![rice.id.0.as_bytes(), body])
        .unwrap();
    drop(old);
    let goods = TillFile::open(folder.path()).unwrap().goods().unwrap().unwrap();
    assert_eq!((goods.store, goods.items), (store, vec![(rice, Some(Quantity(5000)), 0)]));
}

#[test]
fn a_document_stays_as_it_was_issued() {
    let folder = tempfile::tempdir().unwrap();
    let id = Uuid::now_v7();
    let first = receipt("MAX ATACADO Praça da Árvore");
    // The shop has another name meanwhile.
    let later = receipt("Atacadão");
    let paper = Paper { columns: 48, page: CodePage::Latin850, cut: true };
    let file = TillFile::open(folder.path()).unwrap();
    assert_eq!(file.issued(id).unwrap(), None);
    assert_eq!(file.issue(id, &first, samples::NOW).unwrap(), first);
    drop(file);

    let file = TillFile::open(folder.path()).unwrap();
    let again = file.issue(id, &later, samples::NOW.plus(DAY)).unwrap();
    assert_eq!(escpos::bytes(&again, paper), escpos::bytes(&first, paper), "the same to the byte");
    assert_eq!(pdf::receipt(&again), pdf::receipt(&first), "and so is the file");
    assert_ne!(escpos::bytes(&later, paper), escpos::bytes(&first, paper));
    assert_eq!(file.issued(id).unwrap(), Some(first));

    let other = Uuid::now_v7();
    assert_eq!(file.issue(other, &later, samples::NOW.plus(500 * DAY)).unwrap(), later);
    assert_eq!(file.issued(id).unwrap(), None, "papers of last year are forgotten");
}

fn receipt(store: &str) -> Document {
    let mut document = Document::new("recibo-1");
    document
        .centred(store, Style::Big)
        .amount("Total", Cents(6233))
        .rule()
        .gap()
        .barcode("00112957891123641020");
    document
}

#[test]
fn a_list_outlives_the_program_until_its_command_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let mut state = samples::stock::counting(Settings::default());
    let store = state.store.as_ref().unwrap().id;
    let file = TillFile::open(folder.path()).unwrap();
    for draft in state.stock.drafts.clone() {
        file.note_stock(&StockEffect::KeepDraft(Box::new(draft))).unwrap();
    }
    let known = state.stock.known(store).unwrap().clone();
    file.note_stock(&StockEffect::Remember(store, Box::new(known))).unwrap();
    drop(file);
    let file = TillFile::open(folder.path()).unwrap();
    assert_eq!(file.stock_desk().unwrap(), state.stock, "as it was");

    samples::take(&mut state, Input::Stock(StockInput::Choose(Task::Count)));
    let effects = samples::take(&mut state, Input::Stock(StockInput::Finish));
    let [Effect::Keep(parcel)] = effects.as_slice() else { panic!("{effects:?}") };
    file.keep(parcel).unwrap();
    drop(file);
    // The program died before it knew: the count is on its way, and its list is not there to be sent again.
    let file = TillFile::open(folder.path()).unwrap();
    let desk = file.stock_desk().unwrap();
    assert!(desk.draft(Purpose::Count, store).is_none() && desk.draft(Purpose::Send, store).is_some());
    assert_eq!(file.parcels().unwrap()[0].work, parcel.work);
    file.note_stock(&StockEffect::DropDraft(Purpose::Send, store)).unwrap();
    assert!(file.stock_desk().unwrap().drafts.is_empty());
}

fn cart(sale: CommandId, lines: usize) -> KeptCart {
    let mut cart = Cart::default();
    for product in samples::products().iter().take(lines) {
        cart.add(product, Quantity::ONE).unwrap();
    }
    cart.set_discount(Scope::Whole, Discount::Amount(Cents(10)));
    cart.name_sale(sale);
    KeptCart {
        basket: cart.basket().clone(),
        store: StoreId::now(),
        person: PersonId::now(),
        person_name: "Ana".to_owned(),
        at: samples::NOW,
        note: String::new(),
        suspended: false,
    }
}

#[test]
fn an_unfinished_sale_is_there_as_it_was_last_and_leaves_with_its_sale() {
    let folder = tempfile::tempdir().unwrap();
    let file = TillFile::open(folder.path()).unwrap();
    let parcel = one_of_each().swap_remove(0);
    let (open, aside) = (parcel.command, CommandId::now());
    file.keep_cart(&cart(open, 1)).unwrap();
    let second = KeptCart { at: samples::NOW.plus(1), suspended: true, ..cart(aside, 2) };
    file.keep_cart(&second).unwrap();
    let first = cart(open, 3);
    file.keep_cart(&first).unwrap();
    drop(file);
    let file = TillFile::open(folder.path()).unwrap();
    assert_eq!(file.carts().unwrap(), [first.clone(), second.clone()]);
    // Its sale could not be written: the cart stays. Then it could.
    let taken = Parcel { command: CommandId::now(), ..parcel.clone() };
    file.keep(&taken).unwrap();
    assert!(file.keep(&parcel).is_err(), "the number is taken");
    assert_eq!(file.carts().unwrap().len(), 2);
    file.forget(taken.command).unwrap();
    file.keep(&parcel).unwrap();
    assert_eq!(file.carts().unwrap(), [second]);
    // A write that was on its way does not bring it back.
    file.keep_cart(&first).unwrap();
    assert_eq!(file.carts().unwrap().len(), 1);
    file.drop_cart(aside).unwrap();
    assert_eq!(file.carts().unwrap(), []);
}
