//! A made-up sheet of products, and what a server says of its rows.

use std::sync::Arc;

use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::{
    ImportChange, ImportFault, ImportFaultCode as Code, ImportOutcome as Outcome, ImportedRow,
    ProductColumn as Column, ProductImport,
};
use tillwatch_shared::time::{DAY, HOUR};

use super::PRODUCTS;
use crate::import::{Found, ImportAnswer, ImportEffect, PIECE, SheetFile};
use crate::input::Answer;

/// Rows of the made-up sheet.
pub const ROWS: u64 = 1_240;
/// By which name the made-up server has it.
pub const SHEET: &str = "5a1f";

/// As the machine and a server would answer.
pub fn answer(effect: &ImportEffect, now: UtcMicros) -> Answer {
    match effect {
        ImportEffect::Look => Answer::Import(ImportAnswer::Found(files(now))),
        ImportEffect::Read { ticket, path } => {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let file = SheetFile { name, bytes: Arc::new(b"codigo;nome;preco".to_vec()) };
            Answer::Import(ImportAnswer::Read { ticket: *ticket, result: Ok(file) })
        }
        ImportEffect::Send { ticket, command, after, .. } => {
            let end = if command.is_some() { ROWS.min(after + PIECE) } else { ROWS };
            let told = piece(command.is_none(), *after, end);
            Answer::Import(ImportAnswer::Came { ticket: *ticket, result: Ok(Box::new(told)) })
        }
    }
}

fn files(now: UtcMicros) -> Vec<Found> {
    let file = |name: &str, bytes: u64, age: i64| Found {
        path: format!("/home/lucas/Downloads/{name}").into(),
        name: name.to_owned(),
        bytes,
        changed_at: now.plus(-age),
    };
    vec![
        file("produtos.csv", 61_440, HOUR),
        file(
            "tabela de preços do distribuidor, semana 52, com os descontos de fim de ano e os prazos.csv",
            912_000,
            2 * DAY,
        ),
        file("inventario.txt", 4_200, 30 * DAY),
    ]
}

/// What the server says of the rows from `after` on, up to `end`.
pub fn piece(dry_run: bool, after: u64, end: u64) -> ProductImport {
    ProductImport {
        dry_run,
        encoding: "windows-1252".to_owned(),
        separator: ";".to_owned(),
        ignored_columns: vec!["Fornecedor".to_owned(), "NCM".to_owned()],
        total: ROWS,
        rows: (after..end).map(row).collect(),
        next: Some(end).filter(|next| *next < ROWS),
        sheet: Some(SHEET.to_owned()),
    }
}

fn row(place: u64) -> ImportedRow {
    let number = usize::try_from(place).unwrap_or_default();
    let name = PRODUCTS
        .iter()
        .filter(|name| !name.is_empty())
        .nth(number % (PRODUCTS.len() - 1).max(1))
        .copied()
        .unwrap_or_default();
    let told = ImportedRow {
        line: place + 2,
        code: Some(format!("789{:010}", place * 7 + 1_000)),
        name: if number < PRODUCTS.len() { name.to_owned() } else { format!("{name}, lote {number}") },
        store: None,
        from: None,
        outcome: Outcome::Same,
        changes: Vec::new(),
        faults: Vec::new(),
    };
    let change = |column, before: &str, after: &str| ImportChange {
        column,
        before: before.to_owned(),
        after: after.to_owned(),
    };
    match place % 9 {
        0 => ImportedRow { outcome: Outcome::New, ..told },
        1 | 2 => ImportedRow {
            outcome: Outcome::Changed,
            changes: vec![change(Column::Price, "27,90", "29,90")],
            ..told
        },
        3 => ImportedRow {
            outcome: Outcome::Changed,
            store: Some("Loja Centro".to_owned()),
            from: Some(jiff::civil::date(2027, 1, 5)),
            changes: vec![change(Column::Price, "", "24,90"), change(Column::Until, "", "31/01/2027")],
            ..told
        },
        4 => {
            let fault = match place % 4 {
                0 => ImportFault::new(Some(Column::Code), Code::Scientific, "7,89E+12"),
                1 => ImportFault::at(Column::Price, Code::NotANumber),
                2 => ImportFault::new(Some(Column::Name), Code::NameTaken, "7891000100103"),
                _ => ImportFault::new(None, Code::Repeated, "3"),
            };
            ImportedRow { outcome: Outcome::Refused, faults: vec![fault], ..told }
        }
        _ => told,
    }
}
