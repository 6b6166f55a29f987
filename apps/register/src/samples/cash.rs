//! The drawer of the made-up shop.

use tillwatch_desk::settings::Settings;
use tillwatch_shared::api::{CashMovementKind, PaymentMethod};

use super::{enter, happened, kept, sale_answer, sell, take, till};
use crate::input::{Event, FormInput, Input};
use crate::state::State;
use crate::state::cash::{CashField, CashInput, CashPage};
use crate::state::forms::Part;

fn cash(state: &mut State, input: CashInput) {
    take(state, Input::Cash(input));
}

fn page(state: &mut State, page: CashPage) {
    cash(state, CashInput::Open);
    cash(state, CashInput::Page(page));
}

fn type_in(state: &mut State, field: CashField, text: &str) {
    cash(state, CashInput::Text(field, text.to_owned()));
}

/// Opens the drawer with this float; it is on the disk.
pub fn open_with(state: &mut State, float: &str) {
    cash(state, CashInput::Open);
    type_in(state, CashField::Float, float);
    cash(state, CashInput::Submit);
    kept(state);
}

/// Counts so many of the notes and coins in these places, and closes.
pub fn close_with(state: &mut State, counts: &[(usize, &str)]) {
    page(state, CashPage::Count);
    for (place, count) in counts {
        type_in(state, CashField::Count(*place), count);
    }
    cash(state, CashInput::Submit);
    cash(state, CashInput::Submit);
    kept(state);
}

/// The dialog that opens the drawer.
pub fn opening(settings: Settings) -> State {
    let mut state = till(settings);
    cash(&mut state, CashInput::Open);
    type_in(&mut state, CashField::Float, "150");
    state
}

/// The drawer is open: sales in cash, by Pix and on account, and money that was taken out.
pub fn working(settings: Settings) -> State {
    let mut state = till(settings);
    open_with(&mut state, "150");
    sell(&mut state);
    for (method, line) in
        [(PaymentMethod::Pix, "2*7896005800027"), (PaymentMethod::Account, "5*7891910000197")]
    {
        enter(&mut state, line);
        take(&mut state, Input::OpenPay);
        take(&mut state, Input::PayMethod(method));
        let debtor = "João Batista de Albuquerque Cavalcanti".to_owned();
        take(&mut state, Input::Form(FormInput::Text(Part::Debtor, debtor)));
        take(&mut state, Input::Submit);
        kept(&mut state);
        sale_answer(&mut state);
    }
    page(&mut state, CashPage::Move(CashMovementKind::Withdrawal));
    type_in(&mut state, CashField::Amount, "100");
    type_in(&mut state, CashField::Reason, "depósito no banco da praça, levado pela gerente");
    cash(&mut state, CashInput::Submit);
    kept(&mut state);
    take(&mut state, Input::Close);
    state
}

/// On this page of the open drawer.
pub fn at(settings: Settings, shown: CashPage) -> State {
    let mut state = working(settings);
    page(&mut state, shown);
    state
}

/// A count with a number that is none.
pub fn counting(settings: Settings) -> State {
    let mut state = at(settings, CashPage::Count);
    for (place, count) in [(2, "1"), (3, "3"), (4, "abc")] {
        type_in(&mut state, CashField::Count(place), count);
    }
    cash(&mut state, CashInput::Submit);
    state
}

/// The Z before the last one.
pub fn turned_back(settings: Settings) -> State {
    let mut state = closed(settings);
    let first = state.cash.last.clone();
    take(&mut state, Input::Close);
    open_with(&mut state, "80");
    enter(&mut state, "2*7896005800027");
    sell(&mut state);
    close_with(&mut state, &[(2, "3")]);
    cash(&mut state, CashInput::Turn(1));
    happened(&mut state, Event::EarlierClose(1, Ok(first)));
    state
}

/// Z, with a little missing.
pub fn closed(settings: Settings) -> State {
    let mut state = working(settings);
    close_with(&mut state, &[(2, "2"), (4, "1")]);
    state
}
