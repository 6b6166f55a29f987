//! Receipts, the printer's settings and labels, by keyboard and by their labels.

use egui::{Key, Role};
use egui_kittest::kittest::Queryable;
use tillwatch_desk::Lang;
use tillwatch_desk::printer::{CodePage, Way, Width};
use tillwatch_desk::settings::Settings;
use tillwatch_register::input::Effect;
use tillwatch_register::samples::{self, receipts};
use tillwatch_register::state::receipts::ReceiptsEffect;

use crate::common::Window;
use crate::{click, ctrl, desk, key, write};

fn with_printer() -> Settings {
    Settings { printer: receipts::printer(), ..Settings::default() }
}

fn asked(harness: &Window<'_>) -> ReceiptsEffect {
    let effects = harness.state().effects.iter().rev();
    let mut asked = effects.filter_map(|effect| match effect {
        Effect::Receipts(effect) => Some(effect.clone()),
        _ => None,
    });
    asked.next().unwrap_or_else(|| panic!("nothing was asked for"))
}

#[test]
fn the_receipt_of_the_sale_just_made_is_one_key_away() {
    let mut state = receipts::paid(with_printer());
    samples::sale_answer(&mut state);
    let mut harness = desk(state);
    harness.get_by_role_and_label(Role::Button, "Imprimir recibo");
    ctrl(&mut harness, Key::P);
    assert!(matches!(asked(&harness), ReceiptsEffect::Print(_)));
    assert!(harness.query_by_role_and_label(Role::Button, "Imprimir recibo").is_none(), "once");
}

#[test]
fn an_earlier_receipt_is_found_looked_at_and_printed() {
    let mut harness = desk(receipts::listed(with_printer()));
    harness.get_by_label_contains("sem número · ");
    harness.get_by_label_contains("Número: aguardando servidor");
    key(&mut harness, Key::ArrowDown);
    key(&mut harness, Key::ArrowDown);
    let paper = "Venda 1041";
    harness.get_by_label_contains(&format!("{paper} 31/12/2026"));
    key(&mut harness, Key::Enter);
    let ReceiptsEffect::Print(job) = asked(&harness) else { panic!("{:?}", asked(&harness)) };
    assert_eq!(job.document.name, "recibo-1041");
    ctrl(&mut harness, Key::S);
    assert!(matches!(asked(&harness), ReceiptsEffect::SavePdf { .. }));
    write(&mut harness, "arroz");
    key(&mut harness, Key::Enter);
    harness.get_by_label_contains("Digite o número da venda");
    key(&mut harness, Key::Escape);
    assert!(harness.state().state.dialog.is_none());
}

/// Slips stand among the sales, are looked at, printed again, and found by the customer's name.
#[test]
fn slips_are_looked_at_and_printed_again() {
    let mut harness = desk(receipts::slips(with_printer()));
    harness.get_by_label_contains("Cancelamento · ");
    harness.get_by_label_contains("COMPROVANTE 3");
    key(&mut harness, Key::ArrowDown);
    key(&mut harness, Key::ArrowDown);
    harness.get_by_label_contains("Devolução 1042 · ");
    harness.get_by_label_contains("COMPROVANTE 1");
    let printed = |harness: &Window<'_>| match asked(harness) {
        ReceiptsEffect::Print(job) => job.document.name.clone(),
        other => panic!("{other:?}"),
    };
    key(&mut harness, Key::Enter);
    assert_eq!(printed(&harness), "comprovante-1");
    write(&mut harness, "socorro");
    assert!(harness.query_by_label_contains("Devolução 1042").is_none(), "only the customer's");
    key(&mut harness, Key::Enter);
    assert_eq!(printed(&harness), "comprovante-3");
}

/// With the arrow keys or the buttons: each turn asks the till's file for the close before, or after.
#[test]
fn earlier_closes_are_one_key_away() {
    let mut harness = desk(samples::cash::turned_back(with_printer()));
    harness.get_by_label("Fechamento 1 de 2");
    key(&mut harness, Key::ArrowRight);
    harness.get_by_label("Fechamento 2 de 2");
    let asked = |harness: &Window<'_>| {
        let asks = |effect: &&Effect| matches!(effect, Effect::EarlierClose(1));
        harness.state().effects.iter().filter(asks).count()
    };
    for times in [1, 2, 3] {
        match times {
            1 => key(&mut harness, Key::ArrowLeft),
            2 => key(&mut harness, Key::PageUp),
            _ => click(&mut harness, "Anterior"),
        }
        assert_eq!(asked(&harness), times);
        key(&mut harness, Key::PageDown);
    }
}

#[test]
fn a_printer_is_set_up() {
    let mut harness = desk(samples::till(Settings::default()));
    key(&mut harness, Key::F10);
    click(&mut harness, "Impressora de recibos: Nenhuma");
    assert!(harness.query_by_label("Imprimir teste").is_none());
    click(&mut harness, "Rede");
    harness.get_by_role_and_label(Role::TextInput, "Endereço (porta 9100 se não disser outra)").focus();
    harness.run_steps(3);
    write(&mut harness, "192.168.0.9");
    click(&mut harness, "58 mm");
    click(&mut harness, "860");
    // The window's language stands in the menu only; here it is the paper's.
    click(&mut harness, "English");
    let printer = harness.state().state.settings.printer.clone();
    assert_eq!((printer.way, printer.address.as_str()), (Way::Network, "192.168.0.9"));
    assert_eq!(
        (printer.width, printer.page, printer.lang),
        (Width::Mm58, CodePage::Portuguese860, Some(Lang::En))
    );
    click(&mut harness, "Imprimir teste");
    let ReceiptsEffect::Print(job) = asked(&harness) else { panic!("{:?}", asked(&harness)) };
    assert_eq!((job.id, job.document.name.as_str()), (None, "printer-test"));
}

#[test]
fn labels_by_keyboard() {
    let mut harness = desk(samples::till(Settings::default()));
    ctrl(&mut harness, Key::B);
    assert!(harness.get_by_role_and_label(Role::TextInput, "Produto").is_focused());
    write(&mut harness, "12*queijo");
    key(&mut harness, Key::Enter);
    write(&mut harness, "7891000315507");
    key(&mut harness, Key::Enter);
    click(&mut harness, "Mais uma de Arroz agulhinha tipo 1 5 kg");
    harness.get_by_label_contains("70,0 × 37,0 mm");
    click(&mut harness, "Salvar 14 etiquetas em PDF");
    let ReceiptsEffect::SaveLabels { labels, .. } = asked(&harness) else { panic!("{:?}", asked(&harness)) };
    assert_eq!(labels.iter().map(|(_, copies)| *copies).collect::<Vec<_>>(), [12, 2]);
}
