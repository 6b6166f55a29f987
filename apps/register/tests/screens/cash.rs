//! The drawer's day, by the labels of the window.

use egui::{Key, Role};
use egui_kittest::kittest::Queryable;
use tillwatch_desk::Lang;
use tillwatch_desk::settings::Settings;
use tillwatch_register::samples;
use tillwatch_register::state::Dialog;
use tillwatch_register::state::cash::{CashPage, NoteOf};
use tillwatch_register::state::outbox::Work;
use tillwatch_shared::Cents;
use tillwatch_shared::api::{CashMovementKind, Role as Rights};
use tillwatch_shared::cash::DENOMINATIONS;

use crate::common::Window;
use crate::{click, ctrl, desk, kept_work, key, write};

/// What was kept last is on the disk.
fn on_disk(harness: &mut Window<'_>) {
    samples::kept(&mut harness.state_mut().state);
    harness.run_steps(3);
}

fn page(harness: &Window<'_>) -> Option<CashPage> {
    match &harness.state().state.dialog {
        Some(Dialog::Cash(form)) => Some(form.page),
        _ => None,
    }
}

#[test]
fn the_drawer_is_opened_with_a_float() {
    let mut harness = desk(samples::till(Settings::default()));
    harness.get_by_label_contains("Caixa fechado");
    key(&mut harness, Key::F11);
    harness.get_by_label_contains("Quanto há na gaveta para o troco?");
    assert!(harness.get_by_role_and_label(Role::TextInput, "Fundo de troco").is_focused());
    write(&mut harness, "1o0");
    key(&mut harness, Key::Enter);
    assert_eq!(page(&harness), Some(CashPage::Open), "letters are no amount");
    for _ in 0..3 {
        key(&mut harness, Key::Backspace);
    }
    write(&mut harness, "150");
    key(&mut harness, Key::Enter);
    let Work::CashOpen(opening) = kept_work(&harness) else { panic!("no opening") };
    assert_eq!(opening.float_cents, Cents(15_000));
    on_disk(&mut harness);
    assert!(harness.state().state.dialog.is_none());
    harness.get_by_label_contains("Caixa aberto.");
}

#[test]
fn money_that_goes_in_and_out_needs_its_reason() {
    for (digit, title, kind, amount) in [
        (Key::Num1, "Sangria", CashMovementKind::Withdrawal, 5_000),
        (Key::Num2, "Suprimento", CashMovementKind::Deposit, 2_050),
    ] {
        let mut harness = desk(samples::cash::working(Settings::default()));
        key(&mut harness, Key::F11);
        harness.get_by_label_contains("Aberto por Maria");
        harness.get_by_role_and_label(Role::Button, title);
        key(&mut harness, digit);
        assert!(harness.get_by_role_and_label(Role::TextInput, "Valor").is_focused());
        write(&mut harness, &Cents(amount).plain());
        key(&mut harness, Key::Enter);
        assert!(harness.get_by_role_and_label(Role::TextInput, "Motivo").is_focused());
        let before = harness.state().effects.len();
        key(&mut harness, Key::Enter);
        assert_eq!(harness.state().effects.len(), before, "{title}: no reason, no record");
        write(&mut harness, "cofre");
        click(&mut harness, "Registrar");
        let Work::CashMove(_, movement) = kept_work(&harness) else { panic!("{title}: no movement") };
        assert_eq!((movement.kind, movement.amount_cents), (kind, Cents(amount)));
        on_disk(&mut harness);
        harness.get_by_label_contains("Registrado no caixa.");
    }
}

#[test]
fn the_drawer_is_counted_note_by_note_and_closed() {
    let mut harness = desk(samples::cash::working(Settings::default()));
    key(&mut harness, Key::F11);
    key(&mut harness, Key::Num4);
    harness.get_by_label_contains("Conte sem ver o esperado.");
    for (place, value) in DENOMINATIONS.into_iter().enumerate() {
        let label = value.to_string();
        assert!(harness.get_by_role_and_label(Role::TextInput, &label).is_focused(), "{label}");
        if place < 2 {
            write(&mut harness, "1");
        }
        key(&mut harness, Key::Enter);
    }
    assert_eq!(page(&harness), Some(CashPage::Confirm));
    harness.get_by_label_contains("O fechamento é definitivo.");
    click(&mut harness, "Voltar à contagem");
    let first = DENOMINATIONS.first().unwrap().to_string();
    harness.get_by_role_and_label(Role::TextInput, &first);
    click(&mut harness, "Continuar");
    let counted = DENOMINATIONS.iter().take(2).copied().sum::<Cents>();
    harness.get_by_label(&counted.plain());
    key(&mut harness, Key::Enter);
    let Work::CashClose(_, closing) = kept_work(&harness) else { panic!("no close") };
    assert_eq!(closing.counts.iter().map(|count| count.count).sum::<i64>(), 2);
    let kept = harness.state().state.outbox.parcels().last().unwrap();
    assert!(matches!(kept.cash.as_ref().map(|note| &note.of), Some(NoteOf::Closed(_))));
    on_disk(&mut harness);
    assert_eq!(page(&harness), Some(CashPage::Z));
    harness.get_by_label("Diferença");
    harness.get_by_label("Por forma de pagamento");
    key(&mut harness, Key::Escape);
    harness.get_by_label_contains("Caixa fechado");
}

#[test]
fn the_reports_are_read_and_saved() {
    let mut harness = desk(samples::cash::working(Settings { lang: Lang::En, ..Settings::default() }));
    key(&mut harness, Key::F11);
    key(&mut harness, Key::Num3);
    harness.get_by_role_and_label(Role::Label, "X report");
    for label in ["By method", "By seller", "By hour", "Withdrawals"] {
        assert!(harness.query_all_by_label_contains(label).next().is_some(), "{label}");
    }
    let before = harness.state().effects.len();
    ctrl(&mut harness, Key::S);
    assert_eq!(harness.state().effects.len(), before + 1, "a file is written");
    key(&mut harness, Key::Escape);

    let mut harness = desk(samples::cash::closed(Settings::default()));
    key(&mut harness, Key::Escape);
    key(&mut harness, Key::F11);
    click(&mut harness, "Fechamentos (Z)");
    harness.get_by_role_and_label(Role::Label, "Relatório Z");
    harness.get_by_label("Diferença");
}

#[test]
fn a_seller_counts_without_what_is_expected() {
    let mut state = samples::cash::working(Settings::default());
    state.person.as_mut().unwrap().role = Rights::Seller;
    let mut harness = desk(state);
    key(&mut harness, Key::F11);
    key(&mut harness, Key::Num3);
    assert!(harness.query_by_label("Esperado").is_none());
}
