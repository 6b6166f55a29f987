//! A sheet of products that is taken in: the file, what the server says of its rows, and how far it is. Plain data.

use std::path::PathBuf;
use std::sync::Arc;

use tillwatch_desk::failure::Failure;
use tillwatch_shared::api::{ImportOutcome, ImportedRow, ProductImport};
use tillwatch_shared::{CommandId, UtcMicros};

/// Rows that go to the server at once.
pub const PIECE: u64 = 500;
/// Files that are offered, the newest first.
pub const FILES: usize = 12;

/// A file among the person's downloads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub path: PathBuf,
    pub name: String,
    pub bytes: u64,
    pub changed_at: UtcMicros,
}

/// A file that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetFile {
    pub name: String,
    pub bytes: Arc<Vec<u8>>,
}

/// What a person does with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportAct {
    Open,
    Close,
    /// Typed into the field.
    Path(String),
    /// Reads the file whose path is typed; once more, if it was read before.
    Read,
    /// Out of the list, or dropped onto the window.
    Pick(PathBuf),
    /// Only rows of which this comes; all of them.
    Show(Option<ImportOutcome>),
    /// Takes it in, or goes on with it.
    Start,
    Stop,
    /// The rows that are refused, as a file.
    SaveRefused,
    /// The shop's products as a file, to be changed and taken in.
    SaveSheet,
}

/// Something to be done outside.
#[derive(Clone, Debug, PartialEq)]
pub enum ImportEffect {
    /// Which files there are.
    Look,
    Read {
        ticket: u64,
        path: PathBuf,
    },
    /// Sends a piece of the file; with a dry run all of it.
    Send {
        ticket: u64,
        /// None for a dry run.
        command: Option<CommandId>,
        after: u64,
        /// Goes to a server that does not have it.
        sheet: Arc<Vec<u8>>,
        /// By which name the server has it.
        kept: Option<String>,
    },
}

#[derive(Debug)]
pub enum ImportAnswer {
    Found(Vec<Found>),
    /// The error is in the words of the operating system.
    Read {
        ticket: u64,
        result: Result<SheetFile, ReadFailure>,
    },
    Came {
        ticket: u64,
        result: Result<Box<ProductImport>, Failure>,
    },
}

/// Why a file was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadFailure {
    /// In the words of the operating system.
    Disk(String),
    TooLarge,
    NotAFile,
}

/// How far it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Step {
    #[default]
    Choosing,
    Reading,
    /// The server looks at the rows.
    Looking,
    /// What would come of each row is known.
    Ready,
    /// Rows go to the server.
    Working,
    /// It was stopped, or a piece failed, before the end.
    Halted,
    Done,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Trouble {
    File(ReadFailure),
    Server(Failure),
}

/// A sheet that is being taken in.
#[derive(Debug, Default)]
pub struct Import {
    pub path: String,
    /// `None` until somebody has looked.
    pub found: Option<Vec<Found>>,
    pub file: Option<SheetFile>,
    pub step: Step,
    pub trouble: Option<Trouble>,
    /// What the server says of the file; its rows are in `rows`.
    pub told: Option<Box<ProductImport>>,
    pub rows: Vec<ImportedRow>,
    /// The rows that are shown, by their places.
    pub shown: Vec<usize>,
    pub show: Option<ImportOutcome>,
    /// Under which it is done; a piece that is sent again is sent under the same.
    pub command: Option<CommandId>,
    /// By which name the server has the file.
    pub kept: Option<String>,
    /// Rows that are done.
    pub done: u64,
    /// No more pieces are to be sent.
    pub stopping: bool,
    /// Answers to other tickets are of no interest any more.
    pub ticket: u64,
}

impl Import {
    pub fn count(&self, outcome: ImportOutcome) -> usize {
        self.rows.iter().filter(|row| row.outcome == outcome).count()
    }

    /// Rows for which there is something to do.
    pub fn work(&self) -> usize {
        self.count(ImportOutcome::New) + self.count(ImportOutcome::Changed)
    }

    pub const fn is_busy(&self) -> bool {
        matches!(self.step, Step::Reading | Step::Looking | Step::Working)
    }

    /// Which rows are shown, after rows or the choice have changed.
    pub fn filter(&mut self) {
        let passes = |row: &ImportedRow| self.show.is_none_or(|wanted| row.outcome == wanted);
        let rows = self.rows.iter().enumerate();
        self.shown = rows.filter(|(_, row)| passes(row)).map(|(place, _)| place).collect();
    }
}
