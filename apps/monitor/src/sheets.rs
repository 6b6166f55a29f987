//! The monthly temperature sheet of a sensor, as plain data: which one is open, and what the server said of it. Pure.

use jiff::ToSpan;
use jiff::civil::Date;
use tillwatch_desk::remote::Remote;
use tillwatch_shared::SensorId;
use tillwatch_shared::api::TemperatureSheet;
use tillwatch_shared::client::{ReportFile, SheetAsk, SheetPart};

use crate::asking::Wait;

/// The sheet that lies over the window.
#[derive(Debug)]
pub struct OpenSheet {
    pub sensor: SensorId,
    /// The first day of the month.
    pub month: Date,
    pub sheet: Remote<TemperatureSheet>,
    /// The request under way, or the last one.
    pub ticket: u64,
    /// Since when it is waited for, or that it was stopped.
    pub wait: Wait,
    /// Excursions in place of days.
    pub excursions: bool,
}

/// The sheet that is open, and what is kept from one to the next.
#[derive(Debug, Default)]
pub struct Sheets {
    pub open: Option<OpenSheet>,
    /// Whoever answers for the equipment, as typed last.
    pub responsible: String,
}

/// Something done to the sheet.
#[derive(Clone, Debug, PartialEq)]
pub enum SheetAct {
    Open(SensorId),
    /// Later by so many months.
    Month(i32),
    Responsible(String),
    Excursions(bool),
    Save(ReportFile),
    /// Days and excursions on paper.
    SavePdf,
    Retry,
    /// The month is not waited for any more.
    Stop,
    Close,
}

impl Sheets {
    /// What the open sheet asks.
    pub fn ask(&self) -> Option<SheetAsk> {
        let open = self.open.as_ref()?;
        let responsible = self.responsible.trim();
        let responsible = (!responsible.is_empty()).then(|| responsible.to_owned());
        Some(SheetAsk { sensor: open.sensor.clone(), month: open.month, responsible })
    }
}

impl OpenSheet {
    /// Which half a CSV file is to hold: the one that is shown.
    pub const fn part(&self) -> SheetPart {
        if self.excursions { SheetPart::Excursions } else { SheetPart::Days }
    }

    /// The month that lies so many months later, unless it has not begun.
    pub fn month_from(&self, months: i32, today: Date) -> Option<Date> {
        let month = self.month.checked_add(months.months()).ok()?;
        (month <= today && month.year() >= 1970).then_some(month)
    }
}
