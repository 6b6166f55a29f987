//! Returning goods, by the labels of the window.

use egui::{Key, Role};
use egui_kittest::kittest::Queryable;
use tillwatch_desk::settings::Settings;
use tillwatch_register::input::{Effect, Event, Input, ReturnsInput};
use tillwatch_register::samples;
use tillwatch_register::state::cart::Allowed;
use tillwatch_register::state::carts::Approver;
use tillwatch_register::state::consent::Consented;
use tillwatch_register::state::outbox::Work;
use tillwatch_register::state::returns::FindAtServer;
use tillwatch_register::state::sold::Find;
use tillwatch_shared::api::PaymentMethod;
use tillwatch_shared::{Cents, PersonId, Quantity};

use crate::{click, ctrl, desk, kept_work, key, write};

#[test]
fn a_part_of_a_sale_comes_back_by_keyboard_alone() {
    let mut state = samples::till(Settings::default());
    let sale = samples::sell(&mut state).unwrap();
    let store = state.store.as_ref().unwrap().id;
    let mut harness = desk(state);
    ctrl(&mut harness, Key::D);
    samples::answer_find(&mut harness.state_mut().state, Find::Newest, Vec::new());
    harness.run_steps(3);
    harness.get_by_label_contains("Este caixa ainda não tem vendas.");
    assert!(
        harness.get_by_role_and_label(Role::TextInput, "Número da venda ou código do recibo").is_focused()
    );
    write(&mut harness, "1042");
    key(&mut harness, Key::Enter);
    assert!(harness.state().effects.iter().any(|effect| matches!(effect, Effect::FindSale(_))));
    harness.get_by_label_contains("Procurando a venda");
    let question = FindAtServer { store, find: Find::Number(1042) };
    samples::happened(&mut harness.state_mut().state, Event::SaleFound(question, Ok(Some(sale))));
    harness.run_steps(3);
    harness.get_by_label("Devolver da venda 1042");
    let milk = "Quantidade devolvida de Leite integral 1 L";
    key(&mut harness, Key::ArrowDown);
    assert!(harness.get_by_role_and_label(Role::TextInput, milk).is_focused());
    write(&mut harness, "4");
    key(&mut harness, Key::Enter);
    harness.get_by_label_contains("Até 3.");
    write(&mut harness, "2");
    key(&mut harness, Key::F6);
    key(&mut harness, Key::Enter);
    assert!(harness.get_by_role_and_label(Role::TextInput, "Motivo").is_focused());
    key(&mut harness, Key::Enter);
    harness.get_by_label_contains("Diga o motivo.");
    key(&mut harness, Key::ArrowDown);
    harness.get_by_label("10,98");
    click(&mut harness, "Pix");
    harness.get_by_role_and_label(Role::TextInput, "Motivo").focus();
    harness.run_steps(3);
    key(&mut harness, Key::Enter);
    let Work::Return(_, back) = kept_work(&harness) else { panic!("no return") };
    let line = back.lines.first().unwrap();
    assert_eq!((line.position, line.quantity_thousandths, line.restock), (1, Quantity(2000), false));
    assert_eq!((back.reason.as_str(), back.total_cents), ("Com defeito", Cents(1098)));
    assert_eq!(back.refunds.first().map(|refund| refund.method), Some(PaymentMethod::Pix));
    harness.get_by_label_contains("Registrando a devolução");
}

#[test]
fn a_whole_sale_of_today_is_cancelled() {
    let mut harness = desk(samples::returning(Settings::default()));
    key(&mut harness, Key::F9);
    harness.get_by_label("Cancelar a venda 1042");
    harness.get_by_role_and_label(Role::Button, "Como foi pago");
    click(&mut harness, "Erro no caixa");
    click(&mut harness, "Cancelar a venda e devolver R$\u{a0}62,33");
    let Work::Return(_, back) = kept_work(&harness) else { panic!("no return") };
    assert!(back.void && back.reason == "Erro no caixa");
    assert_eq!(back.refunds.first().map(|refund| refund.amount_cents), Some(Cents(6233)));
}

#[test]
fn a_return_that_waits_is_listed_as_one() {
    let mut state = samples::returning(Settings::default());
    for input in [ReturnsInput::All, ReturnsInput::Reason("engano".to_owned()), ReturnsInput::Submit] {
        samples::take(&mut state, Input::Returns(input));
    }
    samples::kept(&mut state);
    samples::no_answer(&mut state);
    let mut harness = desk(state);
    harness.get_by_label_contains("Devolução guardada neste caixa: entregue R$\u{a0}62,33");
    ctrl(&mut harness, Key::O);
    harness.get_by_label_contains("Cancelamento de R$\u{a0}62,33");
}

#[test]
fn a_manager_allows_a_return_by_keyboard() {
    let mut harness = desk(samples::consenting(Settings::default()));
    harness.get_by_label_contains("A venda é de outro dia e Maria das Dores não a devolve sem um gerente");
    assert!(harness.get_by_role_and_label(Role::TextInput, "Usuário ou CPF de quem aprova").is_focused());
    write(&mut harness, "gerente");
    key(&mut harness, Key::Tab);
    write(&mut harness, "4321");
    key(&mut harness, Key::Enter);
    let Some(Effect::Consent(ask)) = harness.state().effects.last().cloned() else {
        panic!("nobody is asked")
    };
    assert_eq!((ask.body.username.as_str(), ask.body.password.as_str()), ("gerente", "4321"));
    let allowed = Allowed { person: PersonId::now(), name: "Lucas".to_owned(), limit: ask.body.limit_cents };
    let answer = Ok(Approver::Server(allowed.clone()));
    let told = Consented { command: ask.command, answer };
    samples::happened(&mut harness.state_mut().state, Event::Consent(Box::new(told)));
    harness.run_steps(3);
    harness.get_by_label_contains("Registrando a devolução");
    let parcel = harness.state().state.outbox.parcels().last().unwrap().clone();
    let Work::Return(_, back) = parcel.work else { panic!("no return") };
    assert_eq!(back.approved_by, Some(allowed.person));
}

#[test]
fn escape_leaves_everything_as_it_was() {
    let mut harness = desk(samples::finding(Settings::default()));
    harness.get_by_label_contains("devolvida em parte");
    harness.get_by_label_contains("cancelada");
    harness.get_by_label_contains("Venda ainda sem número");
    key(&mut harness, Key::Escape);
    assert!(harness.state().state.dialog.is_none());
}
