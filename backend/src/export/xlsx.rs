//! XLSX: two sheets, money as numbers in reais, days as dates, the headings frozen. Names are written as
//! texts, so that none is read as a formula.

use jiff::civil::Date;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use super::{Book, Cell, Table};

/// Centavos are exact as numbers of a spreadsheet up to here: 15 digits.
const MONEY: &str = "[$R$-416] #,##0.00";
const DATE: &str = "dd/mm/yyyy";
const COUNT: &str = "#,##0";
const DECIMALS: [&str; 4] = ["0", "0.0", "0.00", "0.000"];

struct Formats {
    plain: [Format; 8],
    bold: [Format; 8],
}

impl Formats {
    fn new() -> Self {
        let of = |format: &str| Format::new().set_num_format(format);
        let [whole, one, two, three] = DECIMALS.map(of);
        let plain = [Format::new(), of(COUNT), of(MONEY), of(DATE), whole, one, two, three];
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
    sheet(workbook.add_worksheet(), &book.rows, book, &formats)?;
    sheet(workbook.add_worksheet(), &book.series, book, &formats)?;
    workbook.save_to_buffer()
}

/// The title, the notes, a blank row, the headings, the rows, the sum.
fn sheet(sheet: &mut Worksheet, table: &Table, book: &Book, formats: &Formats) -> Result<(), XlsxError> {
    let ([bold, ..], [plain, ..]) = (&formats.bold, &formats.plain);
    sheet.set_name(table.name)?;
    sheet.write_string_with_format(0, 0, &book.title, bold)?;
    let mut at = 1;
    for (label, words) in &book.notes {
        sheet.write_string_with_format(at, 0, format!("{label}: {words}"), plain)?;
        at += 1;
    }
    at += 1;
    for (column, heading) in (0..).zip(&table.headings) {
        sheet.write_string_with_format(at, column, *heading, bold)?;
        sheet.set_column_width(column, width(table, usize::from(column), heading))?;
    }
    at += 1;
    sheet.set_freeze_panes(at, 0)?;
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
    [text, count, money, date, decimals @ ..]: &[Format; 8],
) -> Result<(), XlsxError> {
    for (column, cell) in (0..).zip(cells) {
        match cell {
            Cell::Text(words) => sheet.write_string_with_format(row, column, words, text)?,
            Cell::Count(number) => sheet.write_number_with_format(row, column, *number as f64, count)?,
            Cell::Money(cents) => {
                sheet.write_number_with_format(row, column, cents.0 as f64 / 100.0, money)?
            }
            Cell::Date(day) => sheet.write_datetime_with_format(row, column, excel_day(*day)?, date)?,
            Cell::Decimal(value, places) => {
                let format = decimals.get(usize::from(*places)).unwrap_or(count);
                sheet.write_number_with_format(row, column, *value, format)?
            }
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
        Some(Cell::Count(_) | Cell::Decimal(..)) => Some(8),
        Some(Cell::Money(_)) => Some(18),
        Some(Cell::Date(_)) => Some(11),
        Some(Cell::Empty) | None => None,
    });
    longest.chain([heading.chars().count()]).max().unwrap_or(8).clamp(8, 60) as f64 + 2.0
}
