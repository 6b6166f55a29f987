//! A made-up shop, for tests and pictures of the screens. The program itself does not use it.

use std::sync::Arc;

use tillwatch_desk::clock::Moment;
use tillwatch_desk::failure::Failure;
use tillwatch_desk::settings::Settings;
use tillwatch_desk::sign_in;
use tillwatch_shared::api::{
    Change, Changes, Person, Problem, Product, Role, Sale, ServerInfo, Session, StockLevel, Store, Unit,
};
use tillwatch_shared::time::SECOND;
use tillwatch_shared::{
    Cents, ChainId, CommandId, PersonId, ProductId, Quantity, SessionId, StoreId, UtcMicros, barcode,
};

use crate::input::{Effect, Event, Input};
use crate::state::Kept;
use crate::state::outbox::{Done, Work};
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
        zone: "America/Sao_Paulo".to_owned(),
        created_at: NOW,
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
    happened(&mut state, Event::Loaded { round, after: 7 });
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
        });
    let levels = levels.collect();
    happened(&mut state, Event::Products { round, items: products });
    happened(&mut state, Event::Levels { round, items: levels });
    for line in ["7891000315507", "3*7896036090244", "0,450*QM"] {
        take(&mut state, Input::Search(line.to_owned()));
        take(&mut state, Input::EnterLine);
    }
    state
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
    let Work::Sale(sale) = &parcel.work else { return Vec::new() };
    let sale = Sale {
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
        business_day: "2026-12-31".to_owned(),
        sold_at: NOW,
        received_at: NOW,
    };
    happened(state, Event::Sent { command: parcel.command, answer: Ok(Done::Sale(sale)) })
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
