//! Taking in a sheet of products, as a person does it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::accesskit::Role;
use egui::{DroppedFile, Key};
use tillwatch_desk::Lang;
use tillwatch_monitor::import::Step;
use tillwatch_monitor::state::Page;

use crate::common::{Window, settle};
use crate::hands::{USUAL, at, click, control, has};
use crate::row_keys::key;

fn opened(lang: Lang, button: &str) -> Window<'static> {
    let mut window = at(Page::Manage, lang);
    click(&mut window, button);
    settle(&mut window, USUAL);
    window
}

fn step(window: &Window<'_>) -> Option<Step> {
    window.state().state.import.as_ref().map(|import| import.step.clone())
}

#[test]
fn a_file_among_the_downloads_is_looked_at_and_taken_in() {
    let mut window = opened(Lang::Pt, "Importar planilha…");
    assert!(has(&window, "Nos seus downloads") && has(&window, "61 kB"));
    click(&mut window, "Abrir produtos.csv");
    settle(&mut window, USUAL);
    assert!(has(&window, "windows-1252") && has(&window, "colunas sem uso: Fornecedor, NCM"));
    assert!(has(&window, "Todas (1.240)") && has(&window, "Preço 27,90 → 29,90"));
    control(&window, Role::Button, "Recusadas (").click();
    window.run_steps(3);
    assert!(has(&window, "número arredondado (7,89E+12)") && !has(&window, "27,90 → 29,90"));
    control(&window, Role::Button, "Todas (").click();
    window.run_steps(3);
    control(&window, Role::Button, "Importar 552 linhas").click();
    settle(&mut window, USUAL);
    assert_eq!(step(&window), Some(Step::Done));
    assert!(has(&window, "Importação feita: 138 novos, 414 mudados"));
    click(&mut window, "Voltar");
    assert!(window.state().state.import.is_none() && has(&window, "Novo produto"));
}

#[derive(Debug)]
struct Dropped(PathBuf);

impl DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        Err("it is read by its path".to_owned())
    }
}

#[test]
fn a_file_is_dropped_onto_the_window() {
    let mut window = opened(Lang::En, "Import a sheet…");
    window.input_mut().dropped_files.push(Arc::new(Dropped("/x/prices.csv".into())));
    window.run_steps(1);
    settle(&mut window, USUAL);
    assert_eq!(step(&window), Some(Step::Ready));
    assert!(has(&window, "prices.csv · windows-1252 · separator ;"));
    assert!(has(&window, "refused"));
    // Its rows are read out one by one, with what is wrong with them.
    let mut first = String::new();
    for _ in 0..40 {
        first = key(&mut window, Key::Tab);
        if !first.is_empty() {
            break;
        }
    }
    assert!(first.starts_with("Rows: Line 2, "), "{first}");
    let second = key(&mut window, Key::ArrowDown);
    assert!(second.starts_with("Rows: Line 3, "), "{second}");
}
