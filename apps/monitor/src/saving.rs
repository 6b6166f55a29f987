//! A file that is being made for a person: how far it is, and that it can be stopped. Plain data; `job::files` makes
//! it. One window makes one file at a time.

use std::path::PathBuf;

use jiff::tz::TimeZone;
use tillwatch_desk::Lang;
use tillwatch_desk::failure::Failure;
use tillwatch_desk::files::pdf::Paper;
use tillwatch_shared::UtcMicros;
use tillwatch_shared::client::{PulseLogQuery, ReportAsk, ReportFile, SheetAsk, SheetPart};

use crate::lists::{Context, Filter, Topic};

/// Rows of one file. A longer one would fill the memory of a small PC, and no spreadsheet's sheet holds many more.
pub const MOST_ROWS: usize = 500_000;

/// A file as it is being made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saving {
    pub since: UtcMicros,
    pub step: Step,
    /// A person wants no file any more.
    pub stopping: bool,
}

/// How far a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Waiting for the server, or writing what is there.
    Working,
    /// So many rows have come.
    Read(usize),
    /// So many of these rows stand on paper.
    Drawn(usize, usize),
}

/// What a person does about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SavingAct {
    Stop,
}

/// A file to be written among the downloads.
#[derive(Clone, Debug, PartialEq)]
pub enum FileEffect {
    /// These bytes.
    Bytes { name: String, end: &'static str, bytes: Vec<u8> },
    /// These sheets of paper, as PDF.
    Paper { name: String, paper: Box<Paper> },
    /// What the server makes.
    Report { ask: ReportAsk, file: ReportFile, name: String },
    /// What the server makes.
    Sheet { ask: SheetAsk, file: ReportFile, part: SheetPart, name: String },
    /// All products, as they can be taken in again.
    Products { name: String },
    /// All rows of a list, whatever part of it the window has.
    List { ask: Box<ListAsk>, name: String },
    /// Messages of one terminal or of all.
    Messages(Box<MessagesAsk>),
    /// The file that is being made is not wanted any more.
    Stop,
}

/// Messages up to now, by the server's clock.
#[derive(Clone, Debug, PartialEq)]
pub struct MessagesAsk {
    pub query: PulseLogQuery,
    pub file: ReportFile,
    /// In which a workbook tells the time, and in which language.
    pub zone: TimeZone,
    pub lang: Lang,
    pub now: UtcMicros,
}

/// A list as it is to stand in a file.
#[derive(Clone, Debug, PartialEq)]
pub struct ListAsk {
    pub topic: Topic,
    pub filter: Filter,
    pub context: Context,
    pub as_paper: bool,
}

/// Why a file was not saved.
#[derive(Clone, Debug, PartialEq)]
pub enum SaveFailure {
    Server(Failure),
    /// In the words of the operating system.
    Disk(String),
    /// Somebody stopped it.
    Stopped,
    /// It would have more rows than that.
    TooLong(usize),
}

/// What came of a file, or how far it is.
#[derive(Debug)]
pub enum FileAnswer {
    Step(Step),
    Saved(Result<PathBuf, SaveFailure>),
}

impl SaveFailure {
    pub const fn of_server(&self) -> Option<&Failure> {
        match self {
            Self::Server(failure) => Some(failure),
            Self::Disk(_) | Self::Stopped | Self::TooLong(_) => None,
        }
    }
}

impl Saving {
    /// It has just begun.
    pub const fn begun(since: UtcMicros) -> Self {
        Self { since, step: Step::Working, stopping: false }
    }
}
