//! Papers written and read again.

use super::super::read::{Page, pages};
use super::*;

fn texts(page: &Page) -> Vec<&str> {
    page.texts.iter().map(|(_, _, text)| text.as_str()).collect()
}

fn table(rows: usize) -> Table {
    let row = |number: usize| {
        let name = format!("Pão francês nº {number}");
        vec![name, format!("{number}"), format!("{},50", number * 2)]
    };
    Table {
        columns: vec![Column::words("Produto"), Column::figures("Vendas"), Column::figures("Total (R$)")],
        rows: (1..=rows).map(row).collect(),
        sum: vec!["Total".to_owned(), "9".to_owned(), "R$ 18,00".to_owned()],
        by_hand: false,
    }
}

fn paper(table: Table) -> Paper {
    let fact = |label: &str, value: &str| (label.to_owned(), value.to_owned());
    Paper {
        title: "Relatório de ação e opções".to_owned(),
        facts: vec![fact("Loja", "Açaí & Cia 日本"), fact("De", "01/12/2026"), fact("Até", "31/12/2026")],
        parts: vec![Part::Head("Linhas".to_owned()), Part::Table(table)],
        foot: "Tillwatch".to_owned(),
        lang: Lang::Pt,
    }
}

/// Nothing stands beyond the margins of a sheet of that size.
fn inside(page: &Page, (width, height): (f32, f32)) {
    for (left, bottom, text) in &page.texts {
        assert!(*left >= MARGIN - 0.1 && *left <= width - MARGIN + 0.1, "{left} {text}");
        assert!(*bottom >= MARGIN - 9.0 && *bottom <= height - MARGIN, "{bottom} {text}");
    }
    for [left, bottom, wide, high] in &page.bars {
        assert!(*left >= MARGIN - 0.1 && left + wide <= width - MARGIN + 0.6, "{left} {wide}");
        assert!(*bottom >= MARGIN && bottom + high <= height - MARGIN + 0.1, "{bottom} {high}");
    }
}

#[test]
fn ten_thousand_rows_stand_on_pages_under_their_headings() {
    let pages = pages(&write(&paper(table(10_000))).unwrap());
    assert!((150..400).contains(&pages.len()), "{}", pages.len());
    let mut number = 0;
    for (place, page) in pages.iter().enumerate() {
        let texts = texts(page);
        inside(page, A4);
        assert!(texts.contains(&"Produto") && texts.contains(&"Total (R$)"), "{place}");
        assert!(texts.contains(&format!("página {} de {}", place + 1, pages.len()).as_str()));
        for text in texts.iter().filter(|text| text.starts_with("Pão")) {
            number += 1;
            assert_eq!(*text, format!("Pão francês nº {number}"), "each row once, in order");
        }
    }
    assert_eq!(number, 10_000);
    let last = texts(&pages[pages.len() - 1]);
    assert!(last.contains(&"R$ 18,00"));
    assert!(texts(&pages[0]).contains(&"Açaí & Cia _"), "{:?}", &texts(&pages[0])[..8]);
}

#[test]
fn figures_end_at_the_same_place() {
    let pages = pages(&write(&paper(table(40))).unwrap());
    let drawing = Drawing::new("", A4).unwrap();
    let ends = pages[0].texts.iter().filter(|(_, _, text)| text.ends_with(",50"));
    let ends: Vec<f32> = ends.map(|(left, _, text)| left + BODY.width(&drawing, text)).collect();
    assert!(ends.len() == 40 && ends.iter().all(|end| (end - ends[0]).abs() < 0.05), "{ends:?}");
}

#[test]
fn whatever_is_too_long_stays_on_the_sheet() {
    let mut made = table(3);
    made.rows[1][0] = "W".repeat(10_000);
    made.rows[2][2] = "9".repeat(300);
    made.by_hand = true;
    let mut paper = paper(made);
    paper.title = "Título ".repeat(400);
    paper.foot = "rodapé ".repeat(400);
    paper.facts[1] = ("R".repeat(500), "V ".repeat(500));
    let bar = |height: f32| Bar { label: "31/12".repeat(9), height, value: "R$ 9".repeat(99) };
    paper.parts.extend([
        Part::Bars((0_u16..400).map(|place| bar(f32::from(place) - 3.0)).collect()),
        Part::Bars(Vec::new()),
        Part::Bars(vec![bar(0.0)]),
        Part::Note("nota ".repeat(900)),
        Part::Signatures(vec!["Responsável ".repeat(90), "Data".to_owned()]),
        Part::Table(Table::default()),
    ]);
    let pages = pages(&write(&paper).unwrap());
    assert!(pages.len() >= 3 && texts(&pages[0])[1].ends_with('…'));
    for page in &pages {
        inside(page, (A4.1, A4.0));
    }
}

#[test]
fn the_same_paper_is_the_same_file() {
    let bytes = write(&paper(table(30))).unwrap();
    assert_eq!(Ok(&bytes), write(&paper(table(30))).as_ref());
    assert!(bytes.len() < 40_000, "{}", bytes.len());
}
