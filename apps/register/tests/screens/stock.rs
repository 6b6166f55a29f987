//! The desk's work on stock, by keyboard.

use egui::{Key, Role};
use egui_kittest::kittest::Queryable;
use tillwatch_desk::settings::Settings;
use tillwatch_register::samples;
use tillwatch_register::state::outbox::Work;
use tillwatch_register::state::stock::StockWork;
use tillwatch_shared::Quantity;

use super::{click, desk, kept_work, key, write};

#[test]
fn goods_come_in_with_what_is_printed_on_them() {
    let mut harness = desk(samples::till(Settings::default()));
    write(&mut harness, "leite integral");
    key(&mut harness, Key::F5);
    key(&mut harness, Key::Num1);
    write(&mut harness, "24");
    key(&mut harness, Key::Tab);
    assert!(harness.get_by_role_and_label(Role::TextInput, "Lote").is_focused());
    write(&mut harness, "L77");
    key(&mut harness, Key::Tab);
    assert!(harness.get_by_role_and_label(Role::TextInput, "Validade").is_focused());
    write(&mut harness, "051");
    harness.get_by_label_contains("Digite 0517, 202607e");
    write(&mut harness, "7");
    harness.get_by_label_contains("Vence em 17/05/2027 (137 dias)");
    key(&mut harness, Key::Enter);
    let Work::Entry(entry) = kept_work(&harness) else { panic!("no entry") };
    assert_eq!(entry.lot.unwrap().code.as_deref(), Some("L77"));
}

#[test]
fn a_count_is_scanned_without_seeing_what_there_should_be() {
    let mut harness = desk(samples::till(Settings::default()));
    key(&mut harness, Key::F5);
    for _ in 0..2 {
        key(&mut harness, Key::ArrowDown);
    }
    key(&mut harness, Key::Enter);
    assert!(harness.get_by_role_and_label(Role::TextInput, "Ler produto").is_focused());
    for line in ["7891000315507", "7891000315507", "0,450*QM"] {
        write(&mut harness, line);
        key(&mut harness, Key::Enter);
    }
    harness.get_by_label("2 un");
    harness.get_by_label("0,450 kg");
    harness.get_by_label("2 produtos");
    write(&mut harness, "vinho do porto");
    key(&mut harness, Key::Enter);
    harness.get_by_label_contains("Nada encontrado para “vinho do porto”.");
    key(&mut harness, Key::F12);
    let Work::Stock(StockWork::Count(count)) = kept_work(&harness) else { panic!("no count") };
    assert_eq!(count.lines[0].counted_thousandths, Quantity(2_000));
}

#[test]
fn what_a_count_found_is_shown() {
    let harness = desk(samples::stock::counted(Settings::default()));
    harness.get_by_label("Resultado da contagem");
    harness.get_by_label("Diferença: -R$\u{a0}27,90");
    harness.get_by_label("-1");
}

#[test]
fn a_count_is_made_lot_by_lot() {
    let mut harness = desk(samples::till(Settings::default()));
    key(&mut harness, Key::F5);
    key(&mut harness, Key::Num3);
    write(&mut harness, "7896036090244");
    key(&mut harness, Key::Enter);
    harness.get_by_label_contains("digite o que está impresso antes de ler");
    key(&mut harness, Key::Tab);
    assert!(harness.get_by_role_and_label(Role::TextInput, "Lote").is_focused());
    write(&mut harness, "L77");
    key(&mut harness, Key::Tab);
    assert!(harness.get_by_role_and_label(Role::TextInput, "Validade").is_focused());
    write(&mut harness, "30/12/26");
    harness.get_by_label_contains("Venceu em 30/12/2026");
    key(&mut harness, Key::Enter);
    assert!(harness.get_by_role_and_label(Role::TextInput, "Ler produto").is_focused());
    harness.get_by_label("L77 · 30/12/2026");
    write(&mut harness, "7896036090244");
    key(&mut harness, Key::Enter);
    harness.get_by_label("2 un");
    harness.get_by_label("1 produto");
    key(&mut harness, Key::F12);
    let Work::Stock(StockWork::Count(count)) = kept_work(&harness) else { panic!("no count") };
    assert_eq!(count.lines[0].lot.as_ref().unwrap().code.as_deref(), Some("L77"));
}

#[test]
fn what_was_found_of_each_lot_is_shown() {
    let harness = desk(samples::stock::counted_lots(Settings::default()));
    for label in ["L77-0926 · 17/05/2027", "L81 · 30/11/2025", "sem lote"] {
        harness.get_by_label_contains(label);
    }
    assert_eq!(harness.query_all_by_label("-1").count(), 2, "of the product, and of what has no lot");
}

#[test]
fn a_transfer_is_received_by_keyboard() {
    let mut harness = desk(samples::stock::counting(Settings::default()));
    key(&mut harness, Key::F5);
    harness.get_by_label_contains("2 a caminho");
    key(&mut harness, Key::Num5);
    harness.get_by_role_and_label(Role::Button, "De MAX ATACADO Norte");
    key(&mut harness, Key::Enter);
    assert!(harness.get_by_role_and_label(Role::TextInput, "Chegou").is_focused());
    write(&mut harness, "9");
    key(&mut harness, Key::Enter);
    key(&mut harness, Key::Enter);
    assert!(harness.get_by_role_and_label(Role::TextInput, "Motivo da diferença").is_focused());
    write(&mut harness, "1");
    key(&mut harness, Key::Enter);
    let Work::Stock(StockWork::Arrive(_, arrival)) = kept_work(&harness) else { panic!("no arrival") };
    assert_eq!(arrival.lines[0].arrived_thousandths, Quantity(9_000));
    assert_eq!(arrival.lines[0].reason.as_deref(), Some("Quebra ou avaria"));
}

#[test]
fn a_list_is_thrown_away_only_after_a_question() {
    let mut harness = desk(samples::stock::counting(Settings::default()));
    key(&mut harness, Key::F5);
    key(&mut harness, Key::Num3);
    click(&mut harness, "Descartar a lista");
    harness.get_by_label_contains("Descartar a lista com 3 produtos?");
    key(&mut harness, Key::Enter);
    assert!(harness.query_by_label_contains("O que foi lido se perde").is_none(), "the safe answer");
    click(&mut harness, "Descartar a lista");
    click(&mut harness, "Descartar");
    let state = &harness.state().state;
    assert!(state.dialog.is_none());
    assert_eq!(state.stock.drafts.len(), 1, "the other list is still there");
}

#[test]
fn the_stock_tells_its_age_without_the_server() {
    let harness = desk(samples::offline(Settings::default()));
    harness.get_by_label("Leite integral 1 L, R$\u{a0}5,49, 118 un · há 12 min");
}
