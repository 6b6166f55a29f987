//! What goes to paper: reports, the monthly sheet and lists, written as PDF and read again.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "the helpers of tests may fail as the tests do"
)]

use std::io::{Cursor, Read as _};

use jiff::civil::date;
use tillwatch_desk::files::pdf;
use tillwatch_desk::{Lang, format};
use tillwatch_monitor::input::{Answer, Effect, User};
use tillwatch_monitor::lists::{ListAct, Row, Topic};
use tillwatch_monitor::papers;
use tillwatch_monitor::reports::ReportAct;
use tillwatch_monitor::samples::{self, NOW, goods, sheets};
use tillwatch_monitor::saving::FileEffect;
use tillwatch_monitor::sheets::SheetAct;
use tillwatch_monitor::state::Page as PageOf;
use tillwatch_server::export::{Book, to_csv, to_xlsx};
use tillwatch_server::language::Language;
use tillwatch_shared::Cents;
use tillwatch_shared::api::{Page as ListPage, SalesReport, TemperatureSheet, average_sale, net};
use tillwatch_shared::client::{ReportAbout, ReportAsk, ReportScope, SheetAsk};
use tillwatch_shared::time::MINUTE;

use self::read::{Page, pages};
use crate::story::Story;

#[path = "../../../desk/src/files/pdf/read.rs"]
mod read;

/// All texts of a page, from top to bottom.
fn texts(page: &Page) -> Vec<&str> {
    page.texts.iter().map(|(_, _, text)| text.as_str()).collect()
}

/// As the paper has it: with the spaces that its letters have.
fn plain(shown: &impl ToString) -> String {
    shown.to_string().replace('\u{a0}', " ")
}

/// The texts that stand on one line with this one.
fn line_of(page: &Page, text: &str) -> Vec<String> {
    let (_, bottom, _) = page.texts.iter().find(|(_, _, one)| one == text).unwrap();
    let beside = page.texts.iter().filter(|(_, other, _)| (other - bottom).abs() < 0.1);
    beside.map(|(_, _, text)| text.clone()).collect()
}

/// The paper that was to be saved, and its name.
fn saved(story: &mut Story) -> (String, Vec<Page>) {
    let all = std::mem::take(&mut story.asked);
    let of = |effect| {
        if let Effect::File(FileEffect::Paper { name, paper }) = effect { Some((name, paper)) } else { None }
    };
    let [(name, paper)] = &all.into_iter().filter_map(of).collect::<Vec<_>>()[..] else { panic!("one file") };
    (name.clone(), pages(&pdf::write(paper).unwrap()))
}

fn stores() -> SalesReport {
    let about = ReportAbout::BestStores(ReportScope::default());
    let ask =
        ReportAsk { about, from: date(2026, 12, 1), to: date(2026, 12, 31), step: None, compare_until: None };
    let mut report = samples::report(&ask, 6, NOW);
    report.rows[3].name = format!("Armazém São João {}", "de Nossa Senhora da Conceição ".repeat(20));
    report
}

#[test]
fn a_report_on_paper_says_what_the_report_says() {
    let report = stores();
    let zone = format::zone("America/Sao_Paulo");
    let pages = pages(&pdf::write(&papers::report(&report, &zone, Lang::Pt)).unwrap());
    let all: Vec<&str> = pages.iter().flat_map(texts).collect();
    assert!(all.contains(&"Melhores lojas") && all.contains(&"01/12/2026 – 31/12/2026"), "{all:?}");
    for (place, row) in report.rows.iter().enumerate().filter(|(place, _)| *place != 3) {
        let line = line_of(&pages[0], &row.name);
        let average = average_sale(row.total_cents, row.sales).unwrap();
        let figures = [
            (place + 1).to_string(),
            row.name.clone(),
            row.chain_name.clone().unwrap(),
            format::integer(row.sales),
            plain(&average),
            plain(&row.total_cents),
            plain(&row.returned_cents),
            plain(&net(row.total_cents, row.returned_cents)),
        ];
        assert_eq!(line, figures);
    }
    assert!(all.iter().any(|text| text.starts_with("Armazém São João")));
    assert!(all.iter().any(|text| text.ends_with('…')), "a name without end is cut");
    // Once at the head, once under the rows, once under the days.
    let total = plain(&report.total_cents);
    assert_eq!(all.iter().filter(|text| **text == total).count(), 3);
    for point in &report.series {
        let day = point.from.strftime("%d/%m/%Y").to_string();
        let page = pages.iter().find(|page| texts(page).contains(&&*day)).unwrap();
        assert!(line_of(page, &day).contains(&plain(&point.total_cents)), "{day}");
    }
    assert!(all.contains(&&*format!("página 1 de {}", pages.len())));
}

#[test]
fn products_and_methods_on_paper_have_their_quantities_and_names() {
    let zone = format::zone("America/Sao_Paulo");
    let (from, to) = (date(2026, 12, 1), date(2026, 12, 31));
    let scope = ReportScope::default();
    let paper = |about, lang| {
        let report = samples::report(&ReportAsk { about, from, to, step: None, compare_until: None }, 6, NOW);
        let pages = pages(&pdf::write(&papers::report(&report, &zone, lang)).unwrap());
        (report, pages)
    };
    let (report, pages) = paper(ReportAbout::BestProducts(scope), Lang::Pt);
    assert!(texts(&pages[0]).contains(&"Produtos mais vendidos") && texts(&pages[0]).contains(&"Quantidade"));
    let milk = &report.rows[1];
    let line = line_of(&pages[0], &milk.name);
    let quantity = milk.goods.unwrap().quantity_thousandths;
    assert!(line.contains(&format!("{} kg", plain(&quantity))), "{line:?}");
    assert!(line.contains(&plain(&milk.total_cents)), "{line:?}");
    assert!(line_of(&pages[0], "Sem produto (só o valor)").contains(&plain(&report.rows[7].total_cents)));
    let (report, pages) = paper(ReportAbout::PaymentMethods(scope), Lang::En);
    assert!(line_of(&pages[0], "On account").contains(&plain(&report.rows[4].total_cents)));
}

#[test]
fn a_report_is_saved_under_its_days() {
    let mut story = Story::loaded(PageOf::Reports);
    story.asked.clear();
    story.user(User::Report(ReportAct::SavePdf));
    story.user(User::Report(ReportAct::SavePdf));
    let (name, pages) = saved(&mut story);
    assert_eq!(name, "relatorio-2026-12-02-2026-12-31");
    let shown = story.state.reports.report.value().unwrap();
    assert!(texts(&pages[0]).contains(&&*plain(&shown.total_cents)));
}

fn month() -> TemperatureSheet {
    let ask = SheetAsk { sensor: samples::sensor_id(1), month: date(2026, 12, 1), responsible: None };
    sheets::sheet(&ask, NOW)
}

#[test]
fn a_month_of_temperatures_is_ready_to_be_filed() {
    let sheet = month();
    let paper = papers::temperatures(&sheet, Some("Ana Conceição, CRF-SP 12.345"), Lang::Pt);
    let pages = pages(&pdf::write(&paper).unwrap());
    let all: Vec<&str> = pages.iter().flat_map(texts).collect();
    for words in [
        "Ana Conceição, CRF-SP 12.345",
        "2,0 °C – 8,0 °C",
        "4,87 °C",
        "Geladeira 2 (sensor-1)",
        "Estabelecimento",
        "Vacinas levadas à geladeira 2, porta ajustada",
        "↑ 11,2",
        "42 min",
        "ninguém anotou",
        "53 min",
        "Assinatura: Ana Conceição, CRF-SP 12.345",
    ] {
        assert!(all.contains(&words), "{words}: {all:?}");
    }
    assert!(pages.len() > 1, "24 days do not fit on one sheet");
    let shifts = ["manhã", "tarde", "noite"].map(|shift| all.iter().filter(|text| **text == shift).count());
    assert_eq!(shifts, [24; 3]);
    for (place, page) in pages.iter().enumerate() {
        let texts = texts(page);
        assert!(texts.contains(&&*format!("página {} de {}", place + 1, pages.len())));
        if texts.contains(&"manhã") {
            assert!(texts.contains(&"Rubrica") && texts.contains(&"Ação tomada"), "headings on page {place}");
        }
    }
    // What was noted stands beside the shift in which it began as well.
    let noted = line_of(&pages[0], "Vacinas levadas à geladeira 2, porta ajustada");
    assert!(noted.contains(&"09/12/2026".to_owned()) && noted.contains(&"tarde".to_owned()), "{noted:?}");
}

#[test]
fn a_sheet_has_the_name_as_it_is_typed_now() {
    let mut story = Story::loaded(PageOf::Sensors);
    let act = |story: &mut Story, act| story.user(User::Sheet(act));
    act(&mut story, SheetAct::Open(samples::sensor_id(1)));
    act(&mut story, SheetAct::SavePdf);
    assert!(!story.asked.iter().any(|effect| matches!(effect, Effect::File(_))), "nothing is there yet");
    let ticket = story.state.sheets.open.as_ref().unwrap().ticket;
    story.answer(Answer::Sheet { ticket, result: Ok(Box::new(month())) });
    act(&mut story, SheetAct::Responsible("Bia".to_owned()));
    story.asked.clear();
    act(&mut story, SheetAct::SavePdf);
    let (name, pages) = saved(&mut story);
    assert_eq!(name, "folha-de-temperatura-2026-12");
    assert!(pages.iter().any(|page| texts(page).contains(&"Assinatura: Bia")));
}

#[test]
fn a_list_on_paper_is_the_list_that_is_shown() {
    let mut story = Story::loaded(PageOf::Stock);
    story.user(User::List(ListAct::Tab(PageOf::Stock, Some(Topic::Lots))));
    let ticket = story.state.lists.get(Topic::Lots).unwrap().ticket;
    let items = (1..=60).map(|day| Row::Lot(goods::expiring(day))).collect();
    story.answer(Answer::List { topic: Topic::Lots, ticket, result: Ok(ListPage { items, next: None }) });
    story.asked.clear();
    story.user(User::List(ListAct::SavePdf(Topic::Lots)));
    let (name, pages) = saved(&mut story);
    assert_eq!(name, "Validade 2026-12-31");
    let sheet = &story.state.lists.get(Topic::Lots).unwrap().sheet;
    let all: Vec<&str> = pages.iter().flat_map(texts).collect();
    assert_eq!(sheet.lines.len(), 60);
    let mut rest = all.iter();
    for line in &sheet.lines {
        let expiry = plain(&line.cells[3].text);
        assert!(rest.any(|text| **text == expiry), "{expiry} in order");
    }
    let sum = plain(sheet.sum.as_ref().unwrap());
    assert!(all.contains(&&*sum) && sum != format!("valem {}", Cents::ZERO), "{sum}");
}

/// What was done in each shift: by day and shift, as far as anything was.
type Done = Vec<(String, String, String)>;

/// The same from rows of cells: the first two name the shift, the eighth says what was done.
fn done(rows: impl Iterator<Item = Vec<String>>) -> Done {
    let told = rows.filter_map(|cells| match &cells[..] {
        [day, shift, _, _, _, _, _, action] if !action.is_empty() => {
            Some((day.clone(), shift.clone(), action.clone()))
        }
        _ => None,
    });
    told.collect()
}

/// The cells of a sheet's rows, with their texts looked up; those that hold numbers as they are.
fn cells_of(book: &[u8]) -> Vec<Vec<String>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(book)).unwrap();
    let mut file = |name: &str| {
        let mut text = String::new();
        archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
        text
    };
    let between = |text: &str, from: &str, to: &str| {
        text.split_once(from).and_then(|(_, rest)| rest.split_once(to)).map(|(found, _)| found.to_owned())
    };
    let shared = file("xl/sharedStrings.xml");
    let texts: Vec<String> =
        shared.split("<si>").skip(1).filter_map(|one| between(one, ">", "</t>")).collect();
    let sheet = file("xl/worksheets/sheet1.xml");
    let cell = |one: &str| match between(one, "<v>", "</v>") {
        Some(place) if one.contains("t=\"s\"") => texts[place.parse::<usize>().unwrap()].clone(),
        other => other.unwrap_or_default(),
    };
    let column = |one: &str| usize::from(one.as_bytes()[0] - b'A');
    let row = |row: &str| {
        let mut cells = vec![String::new(); 8];
        for one in row.split("<c r=\"").skip(1) {
            cells[column(one)] = cell(one);
        }
        cells
    };
    sheet.split("<row ").skip(1).map(row).collect()
}

#[test]
fn the_sheet_says_the_same_was_done_in_all_its_files() {
    let mut sheet = month();
    // A second one in the same shift, and one at another time.
    let mut again = sheet.excursions[0].clone();
    again.start = again.start.plus(MINUTE);
    again.action = Some("Técnico chamado".to_owned());
    sheet.excursions.insert(1, again);
    sheet.excursions[2].action = Some("Nada a fazer".to_owned());
    let book = Book::of_temperatures(&sheet, Language::Portuguese);

    let csv = String::from_utf8(to_csv(&book.rows, Language::Portuguese)).unwrap();
    let of_csv = csv
        .lines()
        .skip(1)
        .map(|line| line.split(';').map(|cell| cell.trim_matches('"').to_owned()).collect::<Vec<_>>());
    // The first action holds a semicolon in the joined text: it is put together again.
    let of_csv = done(of_csv.map(|mut cells| {
        let action = cells.split_off(7).join(";");
        cells.push(action);
        cells
    }));
    let paper = pages(&pdf::write(&papers::temperatures(&sheet, None, Lang::Pt)).unwrap());
    let written: Vec<&str> = paper.iter().flat_map(texts).collect();
    let joined = "Vacinas levadas à geladeira 2, porta ajustada; Técnico chamado";
    let expected = [("tarde", joined), ("manhã", "Nada a fazer")];
    assert_eq!(of_csv.iter().map(|(_, shift, action)| (&**shift, &**action)).collect::<Vec<_>>(), expected);

    let of_xlsx = done(cells_of(&to_xlsx(&book).unwrap()).into_iter().filter(|cells| cells[0] != "Dia"));
    let words = |found: &Done| found.iter().map(|(_, b, c)| (b.clone(), c.clone())).collect::<Vec<_>>();
    assert_eq!(words(&of_xlsx), words(&of_csv));
    // On paper the words of a narrow column stand below each other: all of them, in the line of their shift.
    for (day, _, action) in &of_csv {
        let page = paper.iter().find(|page| texts(page).contains(&&**day)).unwrap();
        for word in action.split(' ') {
            assert!(texts(page).iter().any(|text| text.contains(word)), "{word} on {day}");
        }
    }
    assert!(written.iter().any(|text| text.contains("Técnico")), "{written:?}");
}

#[test]
fn english_paper_has_english_words() {
    let zone = format::zone("America/Sao_Paulo");
    let pages = pages(&pdf::write(&papers::report(&stores(), &zone, Lang::En)).unwrap());
    assert!(texts(&pages[0]).contains(&&*format!("page 1 of {}", pages.len())));
    assert!(texts(&pages[0]).contains(&"Best stores"));
    for page in &pages {
        assert!(page.bars.iter().all(|[left, bottom, ..]| *left > 40.0 && *bottom > 40.0));
    }
}
