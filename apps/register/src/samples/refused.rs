//! What the made-up shop has not sent, and what the server has refused of it.

use tillwatch_desk::settings::Settings;
use tillwatch_shared::api::{CashMovementKind, PaymentMethod};

use super::{cash, enter, enter_stock, happened, kept, no_answer, problem, returning, take, till, waiting};
use crate::input::{Event, Input, ReturnsInput};
use crate::state::State;
use crate::state::cash::{CashField, CashInput, CashPage};

/// The command given last is on the disk, and the server refuses it after the person has gone on.
fn refuse(state: &mut State, code: &str, detail: &str, hint: &str) {
    kept(state);
    no_answer(state);
    let command = waiting(state);
    let failure = problem(409, code, detail, hint);
    happened(state, Event::Sent { command, answer: Err(failure) });
}

/// A correction of the stock.
pub fn entry(settings: Settings) -> State {
    let mut state = till(settings);
    enter_stock(&mut state, "-3", "?");
    refuse(&mut state, "invalid", "O motivo diz pouco.", "Diga o que aconteceu.");
    state
}

/// Goods that came back, and money that was taken out of the drawer.
pub fn money(settings: Settings) -> State {
    let mut state = returning(settings);
    for input in [ReturnsInput::All, ReturnsInput::Reason("com defeito".to_owned()), ReturnsInput::Submit] {
        take(&mut state, Input::Returns(input));
    }
    let hint = "Confira a venda no servidor.";
    refuse(&mut state, "returned_already", "Estes itens já foram devolvidos.", hint);
    take(&mut state, Input::Close);
    cash::open_with(&mut state, "150");
    for input in [
        CashInput::Open,
        CashInput::Page(CashPage::Move(CashMovementKind::Withdrawal)),
        CashInput::Text(CashField::Amount, "100".to_owned()),
        CashInput::Text(CashField::Reason, "cofre".to_owned()),
        CashInput::Submit,
    ] {
        take(&mut state, Input::Cash(input));
    }
    let hint = "Registre no caixa que está aberto.";
    refuse(&mut state, "cash_session_closed", "Este caixa já foi fechado.", hint);
    state
}

/// A correction that the server has refused, and three sales that it has not answered.
pub fn unsettled(settings: Settings) -> State {
    let mut state = entry(settings);
    for _ in 0..3 {
        enter(&mut state, "7891000315507");
        take(&mut state, Input::OpenPay);
        take(&mut state, Input::PayMethod(PaymentMethod::Pix));
        take(&mut state, Input::Submit);
        kept(&mut state);
        no_answer(&mut state);
    }
    state
}
