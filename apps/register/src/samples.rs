//! A made-up shop, for tests and pictures of the screens. The program itself does not use it.

pub mod cash;
pub mod debts;
pub mod receipts;
pub mod refused;
pub mod stock;

use std::sync::Arc;

use tillwatch_desk::clock::Moment;
use tillwatch_desk::failure::Failure;
use tillwatch_desk::settings::Settings;
use tillwatch_desk::sign_in;
use tillwatch_shared::api::{
    Change, Changes, DiscountLimits, PaymentMethod, Person, Problem, Product, Role, Sale, SaleReturned,
    ServerInfo, Session, StockEntry, StockLevel, Store, Unit,
};
use tillwatch_shared::time::{MINUTE, SECOND};
use tillwatch_shared::{
    Cents, ChainId, CommandId, PersonId, ProductId, Quantity, SessionId, StoreId, UtcMicros, barcode,
};

use crate::input::{Effect, Event, FormInput, Input, ReturnsInput};
use crate::state::Kept;
use crate::state::burst::{Stroke, StrokeKey};
use crate::state::forms::Part;
use crate::state::offline::Known;
use crate::state::outbox::{Done, Parcel, Work};
use crate::state::people::{NotLetIn, PeopleEvent, PeopleInput};
use crate::state::returns::FindAtServer;
use crate::state::sold::{Find, Found, SoldHere};
use crate::state::stock::{StockInput, Task};
use crate::{State, update};

/// 31/12/2026 21:05 in São Paulo.
pub const NOW: UtcMicros = UtcMicros(1_798_761_900 * SECOND);

pub fn take(state: &mut State, input: Input) -> Vec<Effect> {
    update(state, input, Moment { at: NOW, fresh: CommandId::now() })
}

pub fn happened(state: &mut State, event: Event) -> Vec<Effect> {
    take(state, Input::Happened(Box::new(event)))
}

pub fn signed_out(settings: Settings, reachable: bool) -> State {
    let mut state = State::new(settings, None, "test".to_owned(), Kept::default(), NOW);
    take(&mut state, Input::Start);
    let answer = if reachable { Ok(server()) } else { Err(Failure::Unreachable) };
    happened(&mut state, Event::SignIn(sign_in::Event::Server(answer)));
    state
}

fn server() -> ServerInfo {
    ServerInfo {
        version: "0.1.0".to_owned(),
        demo: true,
        open_registration: true,
        needs_setup: false,
        zone: "America/Sao_Paulo".to_owned(),
        server_at: NOW,
        readings_held: None,
    }
}

pub fn store(name: &str) -> Store {
    Store {
        id: StoreId::now(),
        chain_id: ChainId::now(),
        name: name.to_owned(),
        cnpj_masked: None,
        cnpj: None,
        zone: "America/Sao_Paulo".to_owned(),
        created_at: NOW,
        discount_limits: DiscountLimits::default(),
    }
}

pub fn sign_in_to(state: &mut State, stores: Vec<Store>) -> Vec<Effect> {
    let person = Person {
        id: PersonId::now(),
        username: "maria".to_owned(),
        name: "Maria das Dores".to_owned(),
        role: Role::Manager,
        cpf_masked: None,
        has_pin: false,
        stores: stores.iter().map(|store| store.id).collect(),
        active: true,
        created_at: NOW,
    };
    let session = Session {
        id: SessionId::now(),
        access_token: "access".to_owned(),
        access_expires_at: NOW.plus(900 * SECOND),
        refresh_token: "refresh".to_owned(),
        refresh_expires_at: NOW.plus(90_000 * SECOND),
        person,
        stores,
        mandate: None,
    };
    happened(state, Event::SignIn(sign_in::Event::SignedIn(Ok(Arc::new(session)))))
}

pub fn choosing(settings: Settings) -> State {
    let mut state = signed_out(settings, true);
    let names =
        ["MAX ATACADO Centro", "MAX ATACADO Norte", "ATAKADAO Praça da Árvore e Região Metropolitana"];
    sign_in_to(&mut state, names.into_iter().map(store).collect());
    state
}

/// In the shop, with no product yet.
pub fn empty(settings: Settings) -> State {
    let mut state = signed_out(settings, true);
    sign_in_to(&mut state, vec![store("Loja Centro")]);
    let round = state.feed.round;
    happened(&mut state, Event::Loaded { round, after: 7, place: None });
    happened(&mut state, changes(round, 7, Vec::new()));
    state
}

pub fn changes(round: u64, next_after: i64, changes: Vec<Change>) -> Event {
    let answer = Ok(Changes { changes, next_after, more: false, server_at: NOW });
    Event::Changes { round, answer, round_trip_micros: 12_000 }
}

pub fn product(number: i64, name: &str, code: &str, price: i64, unit: Unit) -> Product {
    Product {
        id: ProductId::now(),
        number,
        name: name.to_owned(),
        code: Some(code).filter(|code| !code.is_empty()).map(barcode::normalise),
        unit,
        price_cents: Cents(price),
        minimum_thousandths: Quantity(5000),
        active: true,
        created_at: NOW,
        changed_at: NOW,
        price_lists: Vec::new(),
    }
}

pub fn products() -> Vec<Product> {
    vec![
        product(1, "Arroz agulhinha tipo 1 5 kg", "7891000315507", 2790, Unit::Un),
        product(2, "Leite integral 1 L", "7896036090244", 549, Unit::Un),
        product(3, "Leite desnatado 1 L", "7891000100103", 579, Unit::Un),
        product(
            4,
            "Leite em pó integral instantâneo vitaminado com ferro, lata econômica de 400 g",
            "7891000055120",
            1890,
            Unit::Un,
        ),
        product(5, "Queijo minas", "QM", 3990, Unit::Kg),
        product(6, "Açúcar União 1 kg", "7891910000197", 489, Unit::Un),
        product(7, "Café torrado e moído 500 g", "7896005800027", 1790, Unit::Un),
        product(8, "Feijão carioca 1 kg", "", 899, Unit::Un),
        product(9, "Parafuso 10mm", "", 25, Unit::Un),
    ]
}

/// In the shop with products, stock and three lines in the cart.
pub fn till(settings: Settings) -> State {
    let mut state = empty(settings);
    let round = state.feed.round;
    let Some(store_id) = state.store.as_ref().map(|store| store.id) else { return state };
    let products = products();
    let levels =
        products.iter().zip([31_i64, 118, 40, 3, 12, 0, 64, 22, 50]).map(|(product, held)| StockLevel {
            store_id,
            product_id: product.id,
            product_number: product.number,
            product_name: product.name.clone(),
            unit: product.unit,
            balance_thousandths: Quantity(held * 1000),
            minimum_thousandths: product.minimum_thousandths,
            low: held <= 5,
            changed_until: 7,
        });
    let levels = levels.collect();
    happened(&mut state, Event::Products { round, items: products });
    happened(&mut state, Event::Levels { round, items: levels });
    for line in ["7891000315507", "3*7896036090244", "0,450*QM"] {
        enter(&mut state, line);
    }
    state
}

/// The keys of a barcode reader, 8 ms apart.
pub fn scan(code: &str) -> Input {
    let keys = code.chars().map(StrokeKey::Char).chain([StrokeKey::End]);
    Input::Keyed((1..).zip(keys).map(|(place, key)| Stroke::at(place * 8_000, key)).collect())
}

/// A line in the search field, and Enter.
pub fn enter(state: &mut State, line: &str) {
    take(state, Input::Search(line.to_owned()));
    take(state, Input::EnterLine);
}

/// What was decided is on the disk.
pub fn kept(state: &mut State) -> Vec<Effect> {
    let command = waiting(state);
    happened(state, Event::Kept { command, result: Ok(()) })
}

/// The command that waits for its outcome; one that nobody knows if none does.
pub fn waiting(state: &State) -> CommandId {
    state.outbox.parcels().last().map_or_else(CommandId::now, |parcel| parcel.command)
}

pub fn no_answer(state: &mut State) -> Vec<Effect> {
    let command = waiting(state);
    happened(state, Event::Sent { command, answer: Err(Failure::TimedOut) })
}

pub fn sale_answer(state: &mut State) -> Vec<Effect> {
    let Some(parcel) = state.outbox.parcels().last().cloned() else { return Vec::new() };
    let Some(sale) = sale_of(&parcel) else { return Vec::new() };
    happened(state, Event::Sent { command: parcel.command, answer: Ok(Done::Sale(Box::new(sale))) })
}

/// As the server tells it.
pub fn sale_of(parcel: &Parcel) -> Option<Sale> {
    let Work::Sale(sale) = &parcel.work else { return None };
    Some(Sale {
        id: tillwatch_shared::SaleId(parcel.command.0),
        number: 1042,
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
        sold_at: NOW,
        received_at: NOW,
        returned: None,
        cash_session: sale.cash_session,
        customer_name: sale.customer_name.clone(),
    })
}

/// Sells what is in the cart for R$ 100 in cash, and tells the sale as the till remembers it.
pub fn sell(state: &mut State) -> Option<Sale> {
    take(state, Input::OpenPay);
    take(state, Input::PayMethod(PaymentMethod::Cash));
    take(state, Input::Form(FormInput::Text(Part::Amount, "100".to_owned())));
    take(state, Input::Submit);
    let sold = state.outbox.parcels().last().and_then(|parcel| parcel.sold.clone());
    kept(state);
    sale_answer(state);
    sold.map(|sale| Sale { number: 1042, received_at: NOW, ..*sale })
}

/// The dialog for returns, with the last sales of this till: one as it was made, one that came back in part,
/// one that was cancelled, and one that the server has not confirmed.
pub fn finding(settings: Settings) -> State {
    let mut state = till(settings);
    let Some(sale) = sell(&mut state) else { return state };
    let returned = |void| SaleReturned { total_cents: Cents(1099), void, lines: Vec::new() };
    let sales = vec![
        SoldHere { sale: Sale { number: 0, ..sale.clone() } },
        SoldHere { sale: Sale { sold_at: NOW.plus(-9 * MINUTE), ..sale.clone() } },
        SoldHere { sale: Sale { number: 1041, returned: Some(returned(false)), ..sale.clone() } },
        SoldHere { sale: Sale { number: 1040, returned: Some(returned(true)), ..sale } },
    ];
    take(&mut state, Input::Returns(ReturnsInput::Open));
    answer_find(&mut state, Find::Newest, sales);
    state
}

/// What the till's file says.
pub fn answer_find(state: &mut State, find: Find, sales: Vec<SoldHere>) -> Vec<Effect> {
    let Some(store) = state.store.as_ref().map(|store| store.id) else { return Vec::new() };
    happened(state, Event::Sold(Found { store, find, sales: Ok(sales), slips: Vec::new() }))
}

/// The lines of one of them; the server knows of no return.
pub fn returning(settings: Settings) -> State {
    let mut state = finding(settings);
    let sale = state.sold.sales.as_ref().and_then(|sales| sales.get(1)).map(|sold| sold.sale.clone());
    let (Some(sale), Some(store)) = (sale, state.store.as_ref().map(|store| store.id)) else { return state };
    take(&mut state, Input::Returns(ReturnsInput::Pick(1)));
    let question = FindAtServer { store, find: Find::Id(sale.id) };
    happened(&mut state, Event::SaleFound(question, Ok(Some(sale))));
    state
}

/// A seller wants to take back what was sold yesterday, and is asked for a manager.
pub fn consenting(settings: Settings) -> State {
    let mut state = returning(settings);
    if let Some(person) = &mut state.person {
        person.role = Role::Seller;
    }
    if let Some(crate::state::Dialog::Return(form)) = &mut state.dialog
        && let Some(lines) = form.lines_mut()
    {
        "2026-12-30".clone_into(&mut lines.sale.business_day);
    }
    for input in [ReturnsInput::All, ReturnsInput::Reason("com defeito".to_owned()), ReturnsInput::Submit] {
        take(&mut state, Input::Returns(input));
    }
    state
}

pub fn problem(status: u16, code: &str, detail: &str, hint: &str) -> Failure {
    let problem = Problem {
        kind: format!("/problems/{code}"),
        title: detail.to_owned(),
        status,
        code: code.to_owned(),
        detail: detail.to_owned(),
        hint: hint.to_owned(),
        field: None,
    };
    Failure::Problem(Box::new(problem), None)
}

pub fn name_taken(state: &mut State) -> Vec<Effect> {
    let command = waiting(state);
    let failure = problem(409, "name_taken", "Já existe um produto com este nome.", "Escolha outro nome.");
    happened(state, Event::Sent { command, answer: Err(failure) })
}

pub fn refused_later(state: &mut State) -> Vec<Effect> {
    let command = waiting(state);
    let failure =
        problem(409, "price_changed", "O preço de Queijo minas mudou.", "Devolva ao carrinho e confira.");
    happened(state, Event::Sent { command, answer: Err(failure) })
}

pub fn first_start(settings: Settings) -> State {
    let mut state = signed_out(settings, true);
    let server = ServerInfo { needs_setup: true, demo: false, open_registration: false, ..server() };
    happened(&mut state, Event::SignIn(sign_in::Event::Server(Ok(server))));
    state
}

pub fn wrong_password(settings: Settings) -> State {
    let mut state = signed_out(settings, true);
    take(&mut state, Input::SignIn(sign_in::Input::Text(sign_in::Place::Username, "maria".to_owned())));
    take(&mut state, Input::SignIn(sign_in::Input::Text(sign_in::Place::Password, "12345".to_owned())));
    take(&mut state, Input::SignIn(sign_in::Input::Submit));
    let failure =
        problem(401, "wrong_credentials", "Usuário ou senha incorretos.", "Confira e tente de novo.");
    happened(&mut state, Event::SignIn(sign_in::Event::SignedIn(Err(failure))));
    state
}

pub fn load_failed(settings: Settings) -> State {
    let mut state = signed_out(settings, true);
    sign_in_to(&mut state, vec![store("Loja Centro")]);
    let round = state.feed.round;
    happened(&mut state, Event::LoadFailed { round, failure: Failure::Unreachable });
    state
}

/// Locked, with an open sale, a wrong PIN, and three people who work here.
pub fn locked(settings: Settings) -> State {
    let mut state = till(settings);
    let names = ["Ana Beatriz de Albuquerque Cavalcanti e Vasconcelos", "Zé"];
    let (person, stores) = (state.person.clone(), state.stores.clone());
    for (name, mut person) in names.into_iter().zip(std::iter::repeat(person).flatten()) {
        person.id = PersonId::now();
        name.clone_into(&mut person.name);
        person.role = Role::Seller;
        let stores = stores.clone();
        state.people.remember(Known { person, stores, until: NOW, mandate_until: None });
    }
    take(&mut state, Input::People(PeopleInput::Lock));
    take(&mut state, Input::People(PeopleInput::Secret("4821".to_owned())));
    take(&mut state, Input::People(PeopleInput::Unlock));
    let waiting = state.people.lock.as_ref().and_then(|lock| lock.waiting);
    if let Some(command) = waiting {
        happened(&mut state, Event::People(PeopleEvent::NotLetIn { command, why: NotLetIn::Wrong }));
    }
    state
}

/// The server was last heard twelve minutes ago.
pub fn offline(settings: Settings) -> State {
    let mut state = till(settings);
    state.connection.answered(NOW.plus(-12 * MINUTE), 12_000);
    state.connection.silent(NOW);
    state
}

/// A refused sale, in the list of what is not sent, and the question whether to throw it away.
pub fn discarding(settings: Settings) -> State {
    let mut state = till(settings);
    take(&mut state, Input::OpenPay);
    take(&mut state, Input::PayMethod(PaymentMethod::Cash));
    take(&mut state, Input::Submit);
    kept(&mut state);
    no_answer(&mut state);
    refused_later(&mut state);
    let command = waiting(&state);
    take(&mut state, Input::OpenOutbox);
    take(&mut state, Input::AskDiscard(Some(command)));
    state
}

/// Takes so much of the first product out of the stock, for this reason.
pub fn enter_stock(state: &mut State, quantity: &str, reason: &str) {
    fill_stock(&mut |input| drop(take(state, input)), quantity, reason);
}

/// The same, as what a person does.
pub fn fill_stock(does: &mut dyn FnMut(Input), quantity: &str, reason: &str) {
    does(Input::Search("7891000315507".to_owned()));
    does(Input::Stock(StockInput::Choose(Task::Adjust)));
    does(Input::Form(FormInput::Text(Part::Quantity, quantity.to_owned())));
    does(Input::Form(FormInput::Text(Part::Reason, reason.to_owned())));
    does(Input::Submit);
}

/// As the server tells it.
pub fn entry_of(parcel: &Parcel) -> Option<StockEntry> {
    let Work::Entry(entry) = &parcel.work else { return None };
    Some(StockEntry {
        id: tillwatch_shared::ids::StockEntryId(parcel.command.0),
        number: 1,
        kind: entry.kind,
        store_id: entry.store_id,
        store_name: "Loja Centro".to_owned(),
        product_id: entry.product_id,
        product_number: 1,
        product_name: parcel.subject.clone(),
        unit: Unit::Un,
        quantity_thousandths: entry.quantity_thousandths,
        moved_thousandths: entry.quantity_thousandths,
        balance_after_thousandths: Quantity(7000),
        reason: entry.reason.clone(),
        person_id: parcel.person,
        person_name: "Maria".to_owned(),
        recorded_at: NOW,
        received_at: NOW,
        lots: Vec::new(),
    })
}

/// The clock of the machine is an hour behind the server's.
pub fn clock_behind(settings: Settings) -> State {
    let mut state = till(settings);
    state.offline.heard_clock(NOW.plus(3_725 * SECOND), NOW, 0);
    state
}
