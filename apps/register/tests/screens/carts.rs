//! Discounts, approvals, the customer's CPF and sales put aside, by their labels and keys.

use egui::{Key, Role};
use egui_kittest::kittest::Queryable;
use tillwatch_desk::settings::Settings;
use tillwatch_register::input::{Effect, Event};
use tillwatch_register::samples;
use tillwatch_register::state::cart::Allowed;
use tillwatch_register::state::carts::{Approver, CartEffect, CartEvent};
use tillwatch_shared::api::Role as Duty;
use tillwatch_shared::{Cents, PersonId};

use super::common::Window;
use super::{click, desk, key, write};

fn till<'a>(duty: Duty) -> Window<'a> {
    let mut state = samples::till(Settings::default());
    if let Some(person) = &mut state.person {
        person.role = duty;
    }
    desk(state)
}

fn field<'a>(harness: &'a Window<'_>, label: &'a str) -> egui_kittest::Node<'a> {
    harness.get_by_role_and_label(Role::TextInput, label)
}

#[test]
fn a_discount_shows_what_becomes_of_the_total() {
    let mut harness = till(Duty::Manager);
    key(&mut harness, Key::F6);
    assert!(field(&harness, "Porcentagem").is_focused());
    write(&mut harness, "10");
    harness.get_by_label("Total: 62,33 → 56,10");
    key(&mut harness, Key::Enter);
    harness.get_by_label_contains("Desconto 10");
    harness.get_by_label("−6,23");
    harness.get_by_label("56,10");
    // One item: down from the whole sale to the line that is selected.
    key(&mut harness, Key::F6);
    key(&mut harness, Key::ArrowDown);
    click(&mut harness, "R$");
    assert!(field(&harness, "Valor em reais").is_focused());
    harness.get_by_label_contains("↑ ↓");
    key(&mut harness, Key::Escape);
    assert_eq!(harness.state().state.cart.total(), Cents(5610));
    key(&mut harness, Key::F6);
    write(&mut harness, "101");
    key(&mut harness, Key::Enter);
    harness.get_by_label_contains("Digite até 100 %");
}

#[test]
fn a_supervisor_approves_with_a_name_and_a_pin() {
    let mut harness = till(Duty::Seller);
    key(&mut harness, Key::F6);
    write(&mut harness, "20");
    harness.get_by_label_contains("pede a aprovação");
    key(&mut harness, Key::Enter);
    harness.get_by_label_contains("Maria das Dores pode dar até R$\u{a0}3,12");
    assert!(field(&harness, "Usuário ou CPF de quem aprova").is_focused());
    write(&mut harness, "lucas");
    key(&mut harness, Key::Enter);
    let pin = harness.get_by_role_and_label(Role::PasswordInput, "PIN ou senha");
    assert!(pin.is_focused(), "Enter goes on to the PIN");
    write(&mut harness, "4821");
    key(&mut harness, Key::Enter);
    harness.get_by_label_contains("Perguntando ao servidor");
    harness.get_by_role_and_label(Role::Button, "Desistir da aprovação");
    let Some(Effect::Cart(CartEffect::Approve(ask))) = harness.state().effects.last().cloned() else {
        panic!("nobody is asked")
    };
    assert_eq!((ask.body.username.as_str(), ask.body.password.as_str()), ("lucas", "4821"));
    let lucas = Allowed { person: PersonId::now(), name: "Lucas".to_owned(), limit: Cents(1247) };
    let answer = Ok(Approver::Server(lucas));
    let event = Event::Cart(Box::new(CartEvent::Approved { command: ask.command, answer }));
    samples::happened(&mut harness.state_mut().state, event);
    harness.run_steps(3);
    harness.get_by_label("−12,47");
    assert!(field(&harness, "Produto ou código").is_focused());
}

#[test]
fn a_cpf_is_written_with_its_signs_and_masked_in_the_cart() {
    let mut harness = till(Duty::Seller);
    key(&mut harness, Key::F7);
    assert!(field(&harness, "CPF ou CNPJ").is_focused());
    for digit in "52998224726".chars() {
        write(&mut harness, &digit.to_string());
    }
    assert_eq!(field(&harness, "CPF ou CNPJ").value().as_deref(), Some("529.982.247-26"));
    key(&mut harness, Key::Enter);
    harness.get_by_label_contains("Os dígitos não conferem");
    key(&mut harness, Key::Backspace);
    write(&mut harness, "5");
    key(&mut harness, Key::Enter);
    harness.get_by_label("***.982.247-**");
    assert!(harness.query_by_label_contains("529.982").is_none());
}

#[test]
fn sales_are_put_aside_and_taken_up_by_keyboard() {
    let mut harness = till(Duty::Seller);
    key(&mut harness, Key::F9);
    assert!(field(&harness, "Anotação").is_focused());
    write(&mut harness, "boné azul");
    key(&mut harness, Key::Enter);
    harness.get_by_label("Carrinho vazio");
    harness.get_by_label_contains("Suspensas: 1");
    key(&mut harness, Key::F9);
    harness.get_by_label("21:05 · Maria das Dores, 3 itens · boné azul, R$\u{a0}62,33");
    key(&mut harness, Key::Delete);
    harness.get_by_label_contains("Os itens se perdem");
    key(&mut harness, Key::Enter);
    assert!(harness.query_by_label_contains("Os itens se perdem").is_none(), "the safe answer");
    key(&mut harness, Key::Enter);
    assert_eq!(harness.state().state.cart.lines().len(), 3);
    assert!(harness.query_by_label_contains("Suspensas").is_none());
    assert!(field(&harness, "Produto ou código").is_focused());
}
