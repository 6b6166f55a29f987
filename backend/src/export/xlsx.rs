//! XLSX: two sheets, money as numbers in reais, days as dates, the headings frozen. Names are written as
//! texts, so that none is read as a formula.

use jiff::civil::Date;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use super::{Book, Cell, Table};

/// Centavos are exact as numbers of a spreadsheet up to here: 15 digits.
const MONEY: &str = "[$R$-416] #,##0.00";
const DATE: &str = "dd/mm/yyyy";
const COUNT: &str = "#,##0";

struct Formats {
    plain: [Format; 4],
    bold: [Format; 4],
}

impl Formats {
    fn new() -> Self {
        let of = |format: &str| Format::new().set_num_format(format);
        let plain = [Format::new(), of(COUNT), of(MONEY), of(DATE)];
        let bold = plain.clone().map(Format::set_bold);
        Self { plain, bold }
    }
}

pub fn write(book: &Book) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let made = ExcelDateTime::from_timestamp(book.made_at.timestamp().as_second())?;
    let properties = DocProperties::new().set_title(&book.title).set_author("Tillwatch");
    workbook.set_properties(&properties.set_creation_datetime(&made));
    let formats = Formats::new();
    for table in [&book.rows, &book.series] {
        sheet(workbook.add_worksheet(), table, &book.title, &formats)?;
    }
    workbook.save_to_buffer()
}

/// The title, a blank row, the headings, the rows, the sum.
fn sheet(sheet: &mut Worksheet, table: &Table, title: &str, formats: &Formats) -> Result<(), XlsxError> {
    let [bold, ..] = &formats.bold;
    sheet.set_name(table.name)?;
    sheet.write_string_with_format(0, 0, title, bold)?;
    for (column, heading) in (0..).zip(&table.headings) {
        sheet.write_string_with_format(2, column, *heading, bold)?;
        sheet.set_column_width(column, width(table, usize::from(column), heading))?;
    }
    sheet.set_freeze_panes(3, 0)?;
    let mut at = 3;
    for cells in &table.rows {
        row(sheet, at, cells, &formats.plain)?;
        at += 1;
    }
    row(sheet, at, &table.sum, &formats.bold)
}

fn row(
    sheet: &mut Worksheet,
    row: u32,
    cells: &[Cell],
    [text, count, money, date]: &[Format; 4],
) -> Result<(), XlsxError> {
    for (column, cell) in (0..).zip(cells) {
        match cell {
            Cell::Text(words) => sheet.write_string_with_format(row, column, words, text)?,
            Cell::Count(number) => sheet.write_number_with_format(row, column, *number as f64, count)?,
            Cell::Money(cents) => {
                sheet.write_number_with_format(row, column, cents.0 as f64 / 100.0, money)?
            }
            Cell::Date(day) => sheet.write_datetime_with_format(row, column, excel_day(*day)?, date)?,
            Cell::Empty => continue,
        };
    }
    Ok(())
}

fn excel_day(day: Date) -> Result<ExcelDateTime, XlsxError> {
    // A report's years are positive, months and days always.
    let unsigned = |part: i8| part.unsigned_abs();
    ExcelDateTime::from_ymd(day.year().unsigned_abs(), unsigned(day.month()), unsigned(day.day()))
}

/// As wide as the longest text of the column, within reason.
fn width(table: &Table, column: usize, heading: &str) -> f64 {
    let longest = table.rows.iter().filter_map(|row| match row.get(column) {
        Some(Cell::Text(words)) => Some(words.chars().count()),
        Some(Cell::Count(_)) => Some(8),
        Some(Cell::Money(_)) => Some(18),
        Some(Cell::Date(_)) => Some(11),
        Some(Cell::Empty) | None => None,
    });
    longest.chain([heading.chars().count()]).max().unwrap_or(8).clamp(8, 60) as f64 + 2.0
}
