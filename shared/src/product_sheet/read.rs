//! From a file to rows: what each says, and what is wrong with it by itself.

use std::collections::HashMap;

use jiff::civil::Date;

use super::cells;
use super::decode;
use super::headings::Headings;
use super::number::{self, Marks};
use super::table::{Record, records};
use crate::api::{ImportFault, ImportFaultCode as Code, ProductColumn as Column, SheetProblem, Unit};
use crate::limits::{CODE_CHARS, IMPORT_ROWS, NAME_CHARS, PRICE_CENTS, QUANTITY_THOUSANDTHS};
use crate::{Cents, Quantity, barcode, names};

/// A sheet that was read.
#[derive(Clone, Debug)]
pub struct Sheet {
    pub encoding: &'static str,
    pub separator: char,
    /// Columns that mean nothing to us, as they are called.
    pub ignored_columns: Vec<String>,
    pub rows: Vec<SheetRow>,
}

/// What a row says; what it leaves open is absent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SheetRow {
    /// On which it begins, from 1.
    pub line: u64,
    /// As the shop keeps codes.
    pub code: Option<String>,
    pub name: Option<String>,
    pub unit: Option<Unit>,
    pub price: Option<Cents>,
    pub minimum: Option<Quantity>,
    pub active: Option<bool>,
    pub store: Option<String>,
    pub from: Option<Date>,
    pub until: Option<Date>,
    pub faults: Vec<ImportFault>,
    /// All of its cells, as they are.
    pub content: String,
}

impl SheetRow {
    /// Whether it is a price of a price list, and not the product itself.
    pub const fn is_of_list(&self) -> bool {
        self.store.is_some() || self.from.is_some() || self.until.is_some()
    }

    fn fault(&mut self, column: Column, code: Code, about: impl Into<String>) {
        self.faults.push(ImportFault::new(Some(column), code, about));
    }

    fn take(&mut self, column: Column, cell: &str, marks: Marks) {
        let Some(cell) = cells::text(cell) else { return };
        let failed = match column {
            Column::Code => self.take_code(cell).err(),
            Column::Name => match names::clean(cell, NAME_CHARS) {
                Some(name) => keep(&mut self.name, Ok(name)),
                None => Some((Code::Text, NAME_CHARS.to_string())),
            },
            Column::Unit => keep(&mut self.unit, plain(cells::unit(cell))),
            Column::Price => keep(&mut self.price, number::money(cell, marks, Cents(PRICE_CENTS))),
            Column::Minimum => {
                keep(&mut self.minimum, number::quantity(cell, marks, Quantity(QUANTITY_THOUSANDTHS)))
            }
            Column::Active => keep(&mut self.active, plain(cells::yes_or_no(cell))),
            Column::Store => keep(&mut self.store, Ok(cell.to_owned())),
            Column::From => keep(&mut self.from, plain(cells::day(cell))),
            Column::Until => keep(&mut self.until, plain(cells::day(cell))),
        };
        if let Some((code, about)) = failed {
            self.fault(column, code, about);
        }
    }

    fn take_code(&mut self, cell: &str) -> Result<(), (Code, String)> {
        if cells::is_rounded(cell) {
            return Err((Code::Scientific, cell.chars().take(CODE_CHARS).collect()));
        }
        let code = names::clean(cell, CODE_CHARS).ok_or((Code::Text, CODE_CHARS.to_string()))?;
        self.code = Some(barcode::normalise(&code));
        Ok(())
    }

    /// What can be said once all of its cells are read.
    fn finish(&mut self) {
        let named = |column| self.faults.iter().any(|fault| fault.column == Some(column));
        if self.code.is_none() && self.name.is_none() && !named(Column::Code) && !named(Column::Name) {
            self.fault(Column::Name, Code::Missing, "");
        }
        if !self.is_of_list() {
            return;
        }
        let broken = |column| self.faults.iter().any(|fault| fault.column == Some(column));
        let (no_day, no_price) =
            (self.from.is_none() && !broken(Column::From), self.price.is_none() && !broken(Column::Price));
        if no_day {
            self.fault(Column::From, Code::NoFirstDay, "");
        }
        if no_price {
            self.fault(Column::Price, Code::Missing, "");
        }
        if let (Some(from), Some(until)) = (self.from, self.until)
            && until < from
        {
            self.fault(Column::Until, Code::Crossed, "");
        }
    }

    /// What no two rows of a file may say.
    fn identity(&self) -> Option<(String, Option<String>, Option<Date>)> {
        let product = match (&self.code, &self.name) {
            (Some(code), _) => format!("c{code}"),
            (None, Some(name)) => format!("n{}", names::fold(name)),
            (None, None) => return None,
        };
        Some((product, self.store.as_deref().map(names::fold), self.from))
    }
}

fn keep<T, E>(place: &mut Option<T>, found: Result<T, E>) -> Option<E> {
    match found {
        Ok(value) => {
            *place = Some(value);
            None
        }
        Err(problem) => Some(problem),
    }
}

/// A problem of which there is nothing more to say.
fn plain<T>(found: Result<T, Code>) -> Result<T, (Code, String)> {
    found.map_err(|code| (code, String::new()))
}

/// Reads a file. What is wrong with a row is told with it; a problem is with the file as a whole.
pub fn read(bytes: &[u8]) -> Result<Sheet, SheetProblem> {
    let (whole, encoding) = decode::decode(bytes)?;
    let (separator, text) = decode::separator(&whole);
    let first_line = 1 + u64::from(text.len() < whole.len());
    let mut records = records(text, separator, first_line).filter(|record| !record.is_blank());
    let headings = Headings::new(&records.next().ok_or(SheetProblem::Empty)?)?;
    let records: Vec<Record> = records.take(IMPORT_ROWS + 1).collect();
    if records.len() > IMPORT_ROWS {
        return Err(SheetProblem::TooManyRows { max: IMPORT_ROWS });
    }
    let mut marks = Marks::default();
    for record in &records {
        for (cell, column) in record.cells.iter().zip(&headings.columns) {
            if matches!(column, Some(Column::Price | Column::Minimum)) {
                marks.note(cell);
            }
        }
    }
    let mut rows: Vec<SheetRow> = records.iter().map(|record| row(record, &headings, marks)).collect();
    find_repeated(&mut rows);
    Ok(Sheet { encoding, separator, ignored_columns: headings.ignored, rows })
}

fn row(record: &Record, headings: &Headings, marks: Marks) -> SheetRow {
    let cells = &record.cells;
    let mut row = SheetRow { line: record.line, content: cells.join("\u{1f}"), ..SheetRow::default() };
    for (cell, column) in cells.iter().zip(&headings.columns) {
        if let Some(column) = column {
            row.take(*column, cell, marks);
        }
    }
    if cells.iter().skip(headings.columns.len()).any(|cell| !cell.is_empty()) {
        row.faults.push(ImportFault::new(None, Code::Cells, ""));
    }
    row.finish();
    row
}

fn find_repeated(rows: &mut [SheetRow]) {
    let mut first = HashMap::new();
    for row in rows {
        let Some(identity) = row.identity() else { continue };
        let line = *first.entry(identity).or_insert(row.line);
        if line != row.line {
            row.faults.push(ImportFault::new(None, Code::Repeated, line.to_string()));
        }
    }
}
