//! What was refused, in the list: corrected where it was made, or with the reason why that is no use.

use egui::{Key, Role};
use egui_kittest::kittest::Queryable;
use tillwatch_desk::settings::Settings;
use tillwatch_register::State;
use tillwatch_register::input::Event;
use tillwatch_register::samples::{self, happened, problem};
use tillwatch_register::state::outbox::Work;
use tillwatch_shared::{Cents, CommandId};

use crate::{click, ctrl, desk, kept_work, key, write};

/// A drawer from which money was taken; the server has refused all of it.
fn refused_drawer() -> State {
    let mut state = samples::cash::working(Settings::default());
    let commands: Vec<CommandId> = state.outbox.parcels().iter().map(|parcel| parcel.command).collect();
    for command in commands {
        let failure = problem(422, "invalid", "O valor é alto demais.", "Confira o valor.");
        happened(&mut state, Event::Sent { command, answer: Err(failure) });
    }
    state
}

#[test]
fn a_refused_movement_of_the_drawer_is_typed_again_and_its_opening_says_why_not() {
    let mut harness = desk(refused_drawer());
    ctrl(&mut harness, Key::O);
    harness.get_by_label_contains("Já houve vendas ou movimentos neste caixa");
    // One button: the movement's.
    click(&mut harness, "Corrigir");
    harness.get_by_label_contains("O valor é alto demais.");
    assert!(harness.get_by_role_and_label(Role::TextInput, "Valor").is_focused());
    write(&mut harness, "10");
    key(&mut harness, Key::Enter);
    key(&mut harness, Key::Enter);
    let Work::CashMove(_, movement) = kept_work(&harness) else { panic!("no movement") };
    assert_eq!(movement.amount_cents, Cents(1_000));
}
