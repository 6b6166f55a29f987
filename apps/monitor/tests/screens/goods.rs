//! Stock, and what was sold by store.

use egui_kittest::kittest::Queryable as _;
use tillwatch_desk::Lang;
use tillwatch_monitor::livelog::KindFilter;
use tillwatch_monitor::samples;
use tillwatch_monitor::state::Page;

use crate::common::Window;
use crate::hands::{at, click, has, page_of};

#[test]
fn stock_is_sorted_filtered_and_leads_to_its_movements() {
    let mut window = at(Page::Stock, Lang::Pt);
    click(&mut window, "Ordenar por Saldo");
    let first = |window: &Window<'_>| window.state().state.stock.shown()[0].level.balance_thousandths;
    let lowest = first(&window);
    click(&mut window, "Ordenar por Saldo");
    assert!(first(&window) > lowest);
    window.get_by_label_contains("Só o que está baixo").click();
    window.run_steps(3);
    assert!(window.state().state.stock.shown().iter().all(|l| l.level.low));
    assert!(has(&window, ", baixo"));
    let name = window.state().state.stock.shown()[1].level.product_name.clone();
    window.get_all_by_label_contains(&name).next().unwrap().click();
    window.run_steps(3);
    assert_eq!(page_of(&window), Page::Live);
}

#[test]
fn sales_by_store_lead_to_their_rows() {
    let mut window = at(Page::Sales, Lang::En);
    window.get_by_label_contains("Show the sales of LOJAS MARTINS Praia").click();
    window.run_steps(3);
    assert_eq!(page_of(&window), Page::Live);
    let filter = window.state().state.log.filter().clone();
    assert_eq!((filter.kind, filter.store), (KindFilter::Sales, Some(samples::store(5).id)));
}
