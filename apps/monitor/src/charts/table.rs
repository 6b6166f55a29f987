//! What a large chart shows, as a table for spreadsheets: one line for each bucket in sight, which is one reading or,
//! over longer times, as many as the line's count says.

use jiff::Zoned;
use jiff::tz::TimeZone;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError};
use tillwatch_desk::Lang;
use tillwatch_desk::texts::Table as _;
use tillwatch_shared::UtcMicros;

use super::history::{Bucket, History, Measure, Stat};
use super::view::Range;
use crate::chart_texts::Text;
use crate::lists::push_line;
use crate::texts;

/// One curve of the chart.
#[derive(Clone, Copy, Debug)]
pub struct Saved<'a> {
    pub name: &'a str,
    pub history: &'a History,
    /// Width of a bucket in microseconds.
    pub step: i64,
    /// What is in sight, by the curve's own times.
    pub range: Range,
    /// How much later it is drawn than it was measured.
    pub later: i64,
}

/// The curves of one chart, which are saved together with the same columns.
#[derive(Debug)]
pub struct Curves<'a> {
    pub all: Vec<Saved<'a>>,
    pub zone: &'a TimeZone,
    pub lang: Lang,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    /// Which curve; where there is more than one.
    Curve,
    From,
    /// Under which time of the chart an earlier curve is drawn.
    DrawnAt,
    Readings,
    Value(Measure, Part),
    /// The temperature as the device sent it; where a calibration counts.
    Raw(Part),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Mean,
    Least,
    Most,
}

impl Part {
    const ALL: [Self; 3] = [Self::Mean, Self::Least, Self::Most];

    const fn of(self, stat: Stat) -> f64 {
        match self {
            Self::Mean => stat.mean,
            Self::Least => stat.min,
            Self::Most => stat.max,
        }
    }

    const fn text(self) -> Text {
        match self {
            Self::Mean => Text::Mean,
            Self::Least => Text::Least,
            Self::Most => Text::Most,
        }
    }
}

enum Cell<'a> {
    Text(&'a str),
    Moment(Zoned),
    Count(u32),
    /// Not always finite.
    Value(f64),
}

impl Saved<'_> {
    fn in_sight(&self) -> impl Iterator<Item = &Bucket> {
        let range = self.range;
        let inside = move |b: &&Bucket| b.start < range.to && range.from < b.start.saturating_add(self.step);
        self.history.buckets().iter().filter(inside)
    }
}

impl Curves<'_> {
    fn columns(&self) -> Vec<Column> {
        let mut columns = Vec::new();
        columns.extend((self.all.len() > 1).then_some(Column::Curve));
        columns.push(Column::From);
        columns.extend(self.all.iter().any(|one| one.later != 0).then_some(Column::DrawnAt));
        columns.push(Column::Readings);
        let calibrated = self.all.iter().any(|one| one.in_sight().any(|bucket| bucket.raw.is_some()));
        for measure in Measure::ALL {
            columns.extend(Part::ALL.map(|part| Column::Value(measure, part)));
            if measure == Measure::Temperature && calibrated {
                columns.extend(Part::ALL.map(Column::Raw));
            }
        }
        columns
    }

    fn heading(&self, column: Column) -> String {
        let value = |text: Text, measure: Measure| {
            let name = texts::measure(measure).get(self.lang);
            text.with(self.lang, &[("measure", &name), ("unit", &measure.unit())])
        };
        match column {
            Column::Curve => Text::Curve.get(self.lang).to_owned(),
            Column::From => Text::From.get(self.lang).to_owned(),
            Column::DrawnAt => Text::DrawnAt.get(self.lang).to_owned(),
            Column::Readings => Text::Readings.get(self.lang).to_owned(),
            Column::Value(measure, part) => value(part.text(), measure),
            Column::Raw(part) => {
                Text::Raw.with(self.lang, &[("what", &value(part.text(), Measure::Temperature))])
            }
        }
    }

    fn moment(&self, micros: i64) -> Zoned {
        UtcMicros(micros).timestamp().to_zoned(self.zone.clone())
    }

    fn cell<'s>(&self, column: Column, curve: &Saved<'s>, bucket: &Bucket) -> Cell<'s> {
        match column {
            Column::Curve => Cell::Text(curve.name),
            Column::From => Cell::Moment(self.moment(bucket.start)),
            Column::DrawnAt => Cell::Moment(self.moment(bucket.start.saturating_add(curve.later))),
            Column::Readings => Cell::Count(bucket.count),
            Column::Value(measure, part) => Cell::Value(part.of(bucket.of(measure))),
            // Where no calibration counts, what was sent is what is shown.
            Column::Raw(part) => Cell::Value(part.of(bucket.raw.unwrap_or(bucket.temperature))),
        }
    }

    /// As spreadsheets in Brazil read it: UTF-8 with its mark, semicolons, decimal commas.
    pub fn csv(&self) -> Vec<u8> {
        let columns = self.columns();
        let mut text = String::from('\u{feff}');
        let head: Vec<String> = columns.iter().map(|column| self.heading(*column)).collect();
        push_line(&mut text, head.iter().map(String::as_str));
        for curve in &self.all {
            for bucket in curve.in_sight() {
                let cells: Vec<String> =
                    columns.iter().map(|column| self.cell(*column, curve, bucket).in_csv()).collect();
                push_line(&mut text, cells.iter().map(String::as_str));
            }
        }
        text.into_bytes()
    }

    /// A workbook with a sheet for each curve, times as dates by the shop's clocks and numbers as numbers.
    pub fn xlsx(&self, made_at: UtcMicros) -> Result<Vec<u8>, XlsxError> {
        let mut workbook = Workbook::new();
        let made = ExcelDateTime::from_timestamp(made_at.timestamp().as_second())?;
        let properties = DocProperties::new().set_author("Tillwatch").set_creation_datetime(&made);
        workbook.set_properties(&properties);
        for (curve, name) in self.all.iter().zip([Text::Sheet, Text::OtherSheet]) {
            self.sheet(workbook.add_worksheet(), curve, name.get(self.lang))?;
        }
        workbook.save_to_buffer()
    }

    fn sheet(&self, sheet: &mut Worksheet, curve: &Saved<'_>, name: &str) -> Result<(), XlsxError> {
        let head = Format::new().set_bold().set_text_wrap().set_align(FormatAlign::Top);
        let (date, value) =
            (Format::new().set_num_format("dd/mm/yyyy hh:mm:ss"), Format::new().set_num_format("0.00"));
        sheet.set_name(name)?.set_freeze_panes(1, 0)?;
        let columns = self.columns();
        for (place, column) in (0..).zip(&columns) {
            sheet.write_string_with_format(0, place, self.heading(*column), &head)?;
            sheet.set_column_width(place, column.width(curve.name))?;
        }
        for (row, bucket) in (1..).zip(curve.in_sight()) {
            for (place, column) in (0..).zip(&columns) {
                match self.cell(*column, curve, bucket) {
                    Cell::Text(words) => sheet.write_string(row, place, words)?,
                    Cell::Moment(at) => sheet.write_datetime_with_format(row, place, excel(&at)?, &date)?,
                    Cell::Count(count) => sheet.write_number(row, place, count)?,
                    Cell::Value(number) if number.is_finite() => {
                        sheet.write_number_with_format(row, place, number, &value)?
                    }
                    Cell::Value(_) => continue,
                };
            }
        }
        Ok(())
    }
}

impl Column {
    /// In characters; headings are broken into lines.
    fn width(self, name: &str) -> f64 {
        match self {
            Self::Curve => name.chars().count().clamp(12, 40) as f64,
            Self::From | Self::DrawnAt => 20.0,
            Self::Readings => 10.0,
            Self::Value(..) | Self::Raw(_) => 15.0,
        }
    }
}

impl Cell<'_> {
    fn in_csv(&self) -> String {
        match self {
            Cell::Text(words) => (*words).to_owned(),
            Cell::Moment(at) => at.strftime("%Y-%m-%d %H:%M:%S").to_string(),
            Cell::Count(count) => count.to_string(),
            Cell::Value(value) if value.is_finite() => format!("{value:.2}").replace('.', ","),
            Cell::Value(_) => String::new(),
        }
    }
}

/// What a clock on the wall said, as a spreadsheet counts it.
pub fn excel(at: &Zoned) -> Result<ExcelDateTime, XlsxError> {
    // Years of readings are positive, and so are months, days, hours and minutes.
    let part = |part: i8| part.unsigned_abs();
    let day = ExcelDateTime::from_ymd(at.year().unsigned_abs(), part(at.month()), part(at.day()))?;
    let millis = at.millisecond().unsigned_abs();
    day.and_hms_milli(at.hour().unsigned_abs().into(), part(at.minute()), part(at.second()), millis)
}
