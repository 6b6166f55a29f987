//! Debts, by the labels of the window.

use egui::{Key, Role};
use egui_kittest::kittest::Queryable;
use tillwatch_desk::Lang;
use tillwatch_desk::settings::Settings;
use tillwatch_register::input::Input;
use tillwatch_register::samples::{self, debts};
use tillwatch_register::state::debts::DebtsInput;
use tillwatch_register::state::outbox::Work;
use tillwatch_shared::Cents;
use tillwatch_shared::api::PaymentMethod;

use crate::{ctrl, desk, kept_work, key, write};

#[test]
fn a_debt_is_paid_by_keyboard_alone() {
    let mut harness = desk(samples::till(Settings::default()));
    ctrl(&mut harness, Key::F);
    harness.get_by_label_contains("Buscando as contas no servidor.");
    debts::answer(&mut harness.state_mut().state);
    harness.run_steps(3);
    assert!(harness.get_by_role_and_label(Role::TextInput, "Nome ou CPF do cliente").is_focused());
    harness.get_by_label_contains("Restaurante e Lanchonete");
    write(&mut harness, "zezé");
    harness.get_by_label("Nenhum cliente que deve tem este nome ou CPF.");
    for _ in 0..4 {
        key(&mut harness, Key::Backspace);
    }
    write(&mut harness, "o");
    key(&mut harness, Key::ArrowDown);
    key(&mut harness, Key::ArrowDown);
    harness.get_by_role_and_label(Role::Button, "Maria do Carmo · ***.982.247-**, R$\u{a0}85,60");
    key(&mut harness, Key::Enter);
    harness.get_by_label("Maria do Carmo");
    harness.get_by_label("Venda 1040");
    harness.get_by_label("Pagamento · Pix");
    assert!(harness.get_by_role_and_label(Role::TextInput, "Valor a pagar").is_focused());
    write(&mut harness, "900");
    key(&mut harness, Key::Enter);
    harness.get_by_label_contains("A dívida é de R$\u{a0}85,60.");
    for _ in 0..3 {
        key(&mut harness, Key::Backspace);
    }
    write(&mut harness, "35");
    harness.get_by_label_contains("O caixa está fechado");
    key(&mut harness, Key::F2);
    assert!(harness.query_by_role_and_label(Role::TextInput, "Dinheiro recebido").is_none());
    key(&mut harness, Key::F1);
    key(&mut harness, Key::Tab);
    assert!(harness.get_by_role_and_label(Role::TextInput, "Dinheiro recebido").is_focused());
    write(&mut harness, "50");
    harness.get_by_label("15,00");
    harness.get_by_role_and_label(Role::Button, "Receber R$\u{a0}35,00");
    key(&mut harness, Key::Enter);
    let Work::DebtPaid(_, payment) = kept_work(&harness) else { panic!("no payment") };
    assert_eq!((payment.method, payment.amount_cents), (PaymentMethod::Cash, Cents(3_500)));
    harness.get_by_label_contains("Registrando o pagamento.");
    samples::kept(&mut harness.state_mut().state);
    debts::confirm(&mut harness.state_mut().state);
    harness.run_steps(3);
    harness.get_by_label("Recebido de Maria do Carmo");
    harness.get_by_label("50,60");
    key(&mut harness, Key::Enter);
    assert!(harness.state().state.dialog.is_none());
}

#[test]
fn without_the_server_the_age_of_the_balances_is_told() {
    let mut state = debts::paid(Settings { lang: Lang::En, ..Settings::default() });
    state.now = samples::NOW;
    let mut harness = desk(state);
    harness.get_by_label_contains("Kept at this till until the server answers.");
    key(&mut harness, Key::Enter);
    ctrl(&mut harness, Key::O);
    harness.get_by_label_contains("Payment of R$\u{a0}35,00 by Maria do Carmo");
    key(&mut harness, Key::Escape);
    ctrl(&mut harness, Key::F);
    harness.get_by_label_contains("The server does not answer.");
    write(&mut harness, "maria");
    key(&mut harness, Key::Enter);
    harness.get_by_label_contains("R$\u{a0}35,00 paid at this till not confirmed");
}

/// At 200 % on a screen of 1366×768, with all that the dialog can have to say: what is typed and the button are seen.
#[test]
fn a_debt_can_be_paid_in_a_low_window() {
    let mut state = debts::paid(Settings { zoom: 200, ..Settings::default() });
    samples::take(&mut state, Input::Submit);
    for input in [
        DebtsInput::Open,
        DebtsInput::Wanted("maria".to_owned()),
        DebtsInput::Pick(0),
        DebtsInput::Amount("35".to_owned()),
        DebtsInput::Received("50".to_owned()),
    ] {
        samples::take(&mut state, Input::Debts(input));
    }
    let harness = desk(state);
    // Less what the dialog leaves free at its edge.
    let screen = harness.ctx.content_rect().shrink(16.0);
    let button = harness.get_by_role_and_label(Role::Button, "Receber R$\u{a0}35,00").rect();
    assert!(screen.contains_rect(button), "{button:?} in {screen:?}");
    let above = button.top();
    let change = harness.get_by_label("15,00").rect();
    let received = harness.get_by_role_and_label(Role::TextInput, "Dinheiro recebido").rect();
    let closed = harness.get_by_label_contains("O caixa está fechado").rect();
    for seen in [change, received, closed] {
        assert!(screen.contains_rect(seen) && seen.bottom() <= above, "{seen:?} above {above}");
    }
}
