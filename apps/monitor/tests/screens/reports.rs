//! Reports.

use egui::accesskit::Role;
use tillwatch_desk::Lang;
use tillwatch_desk::failure::Failure;
use tillwatch_desk::settings::Preference;
use tillwatch_monitor::asking::Long;
use tillwatch_monitor::input::{Answer, Effect, Input, User};
use tillwatch_monitor::reports::ReportAct;
use tillwatch_monitor::samples::stage::advance;
use tillwatch_monitor::samples::{self, NOW};
use tillwatch_monitor::saving::{FileAnswer, SaveFailure};
use tillwatch_monitor::state::Page;
use tillwatch_shared::client::{ReportAbout, ReportScope};
use tillwatch_shared::time::SECOND;

use crate::common::{settle, user};
use crate::hands::{USUAL, at, click, control, has};

#[test]
fn a_report_is_chosen_seen_and_saved() {
    let mut window = at(Page::Reports, Lang::Pt);
    for part in ["Melhores vendedores", "30 dias", "Pessoa 1", "Vendas no período: R$"] {
        assert!(has(&window, part), "{part}");
    }
    click(&mut window, "Ontem");
    settle(&mut window, USUAL);
    let day = jiff::civil::date(2026, 12, 30);
    let shown = window.state().state.reports.report.value().unwrap();
    assert_eq!((shown.from, shown.to), (day, day));
    control(&window, Role::ComboBox, "Relatório").click();
    window.run_steps(3);
    click(&mut window, "Melhores lojas");
    settle(&mut window, USUAL);
    assert!(has(&window, "1. Loja Centro"), "stores are listed, best first");
    click(&mut window, "Salvar CSV");
    settle(&mut window, USUAL);
    assert!(has(&window, "Salvo em /home/lucas/Downloads/relatorio-2026-12-30-2026-12-30.csv"));
    click(&mut window, "Salvar PDF");
    settle(&mut window, USUAL);
    assert!(has(&window, "Salvo em /home/lucas/Downloads/relatorio-2026-12-30-2026-12-30.pdf"));

    click(&mut window, "Por hora");
    settle(&mut window, USUAL);
    let shown = window.state().state.reports.report.value().unwrap();
    assert_eq!(shown.series.len(), 24);
    assert!(has(&window, "em 24 partes"));
    click(&mut window, "Por dia da semana");
    settle(&mut window, USUAL);
    assert!(has(&window, "em 7 partes"));
    click(&mut window, "Ao longo do período");
    settle(&mut window, USUAL);

    click(&mut window, "De … a …");
    assert!(has(&window, "Primeiro dia"));
    user(&mut window, User::Report(ReportAct::From("31/02/2026".to_owned())));
    assert!(has(&window, "escreva dois dias em ordem"));
    user(&mut window, User::Report(ReportAct::From("01/12/2026".to_owned())));
    settle(&mut window, USUAL);
    let shown = window.state().state.reports.report.value().unwrap();
    assert_eq!((shown.from, shown.to), (jiff::civil::date(2026, 12, 1), day));

    window.state_mut().take(Input::Answer(Answer::File(FileAnswer::Saved(Err(SaveFailure::Disk(
        "disco cheio".to_owned(),
    ))))));
    window.run_steps(2);
    assert!(has(&window, "O arquivo não foi salvo: disco cheio"));
    let english = at(Page::Reports, Lang::En);
    assert!(has(&english, "Save spreadsheet") && has(&english, "Best sellers"));
}

fn choose_report(window: &mut crate::common::Window<'_>, name: &str) {
    control(window, Role::ComboBox, "Relatório").click();
    window.run_steps(3);
    click(window, name);
    settle(window, USUAL);
}

#[test]
fn products_stand_with_their_quantity_and_methods_by_their_name() {
    let mut window = at(Page::Reports, Lang::Pt);
    choose_report(&mut window, "Produtos mais vendidos");
    for part in ["Produto", "Quantidade", "1. Pão de queijo congelado", "Sem produto (só o valor)"] {
        assert!(has(&window, part), "{part}");
    }
    // 30 days of 39 kg less a quarter of a kilogram.
    assert!(has(&window, "1.169,750 kg"), "the quantity has its unit");
    click(&mut window, "Salvar planilha");
    settle(&mut window, USUAL);
    assert!(has(&window, "relatorio-2026-12-02-2026-12-31.xlsx"));
    // One store alone, of both.
    control(&window, Role::ComboBox, "Loja").click();
    window.run_steps(3);
    click(&mut window, "ATAKADAO Rodoviária");
    settle(&mut window, USUAL);
    let scope = ReportScope { chain: None, store: Some(samples::store(3).id) };
    let about = |window: &crate::common::Window<'_>| window.state().state.reports.asked.unwrap().about;
    assert_eq!(about(&window), ReportAbout::BestProducts(scope));
    choose_report(&mut window, "Formas de pagamento");
    assert_eq!(about(&window), ReportAbout::PaymentMethods(scope));
    for part in ["1. Dinheiro: R$", "2. Pix: R$", "5. Fiado: R$"] {
        assert!(has(&window, part), "{part}");
    }
    // The names are the window's: they follow its language.
    user(&mut window, User::Prefer(Preference::Lang(Lang::En)));
    for part in ["1. Cash: R$", "5. On account: R$", "Payment methods"] {
        assert!(has(&window, part), "{part}");
    }
}

#[test]
fn a_report_that_fails_or_is_empty_says_so() {
    let mut window = at(Page::Reports, Lang::En);
    let ask = window.state().state.reports.asked.unwrap();
    let mut nothing = samples::report(&ask, 1, NOW);
    (nothing.sales, nothing.total_cents) = (0, tillwatch_shared::Cents::ZERO);
    nothing.rows.clear();
    window.state_mut().take(Input::Answer(Answer::Report(ask, Ok(nothing))));
    window.run_steps(2);
    assert!(has(&window, "Nothing sold in this period"));
    click(&mut window, "Yesterday");
    window.state_mut().pending.clear();
    let ask = window.state().state.reports.asked.unwrap();
    window.state_mut().take(Input::Answer(Answer::Report(ask, Err(Failure::TimedOut))));
    window.run_steps(2);
    click(&mut window, "Try again");
    settle(&mut window, USUAL);
    assert!(has(&window, "Pessoa 1"), "asked again");
}

/// Lets time go by while the server says nothing.
fn wait(window: &mut crate::common::Window<'_>, seconds: i64) {
    advance(seconds * SECOND);
    window.run_steps(2);
}

#[test]
fn a_report_that_takes_long_says_so_and_can_be_stopped() {
    let mut window = at(Page::Reports, Lang::Pt);
    click(&mut window, "Ontem");
    let ask = window.state().state.reports.asked.unwrap();
    window.state_mut().pending.clear();
    assert!(!has(&window, "Parar"), "what is answered soon is not talked about");
    wait(&mut window, 3);
    assert!(has(&window, "somando o relatório… há 3 s"));
    window.state_mut().pending.clear();
    click(&mut window, "Parar");
    let dropped = Effect::Drop(Long::Report(ask));
    assert!(window.state().pending.iter().any(|asked| asked.what == dropped));
    for words in ["Parado", "O servidor não trabalha mais nisto.", "Pedir de novo"] {
        assert!(has(&window, words), "{words}");
    }
    // Nothing asks for it behind the person's back.
    window.state_mut().pending.clear();
    wait(&mut window, 30);
    let asks = |window: &crate::common::Window<'_>| {
        window.state().pending.iter().filter(|asked| asked.what == Effect::Report(ask)).count()
    };
    assert_eq!(asks(&window), 0);
    click(&mut window, "Pedir de novo");
    settle(&mut window, USUAL);
    assert!(has(&window, "Pessoa 1") && !has(&window, "Parado"));
}
