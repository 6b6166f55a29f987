//! The till's drawer: the session that is open here, what happened in it, and what is typed about it. It is the
//! till's own book; the server makes the same report from what it is told.

use serde::{Deserialize, Serialize};
use tillwatch_shared::api::{CashCount, CashMovementKind, CashReport};
use tillwatch_shared::cash::{self, DENOMINATIONS, Entry, Opening};
use tillwatch_shared::{CashSessionId, CommandId, PersonId, StoreId};

use super::forms::{Complaint, Trouble};

/// A session as the till opened it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Session {
    pub id: CashSessionId,
    pub store: StoreId,
    pub opened_by: PersonId,
    pub opening: Opening,
}

/// The open session, and what happened in it, each under the command that did it.
#[derive(Clone, Debug, PartialEq)]
pub struct Book {
    pub session: Session,
    pub entries: Vec<(CommandId, Entry)>,
}

impl Book {
    pub const fn new(session: Session) -> Self {
        Self { session, entries: Vec::new() }
    }

    /// X: what it adds up to now.
    pub fn report(&self) -> CashReport {
        cash::report(&self.session.opening, self.entries.iter().map(|(_, entry)| entry))
    }
}

/// What a command does to the drawer. It is written to the till's file together with the command.
#[derive(Clone, Debug, PartialEq)]
pub struct Note {
    pub session: CashSessionId,
    pub of: NoteOf,
}

#[derive(Clone, Debug, PartialEq)]
pub enum NoteOf {
    Opened(Session),
    Happened(Entry),
    Closed(Box<CashReport>),
}

/// A session that was closed, and its Z.
#[derive(Clone, Debug, PartialEq)]
pub struct Closed {
    pub session: CashSessionId,
    pub report: Box<CashReport>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct CashDesk {
    pub open: Option<Book>,
    /// The last close.
    pub last: Option<Closed>,
    /// How many closes the till's file has, the last among them.
    pub closes: usize,
}

impl CashDesk {
    /// The open session, if it is this store's.
    pub fn here(&self, store: Option<StoreId>) -> Option<&Book> {
        self.open.as_ref().filter(|book| Some(book.session.store) == store)
    }

    /// What was noted with the command is on the disk.
    pub fn take(&mut self, command: CommandId, note: &Note) {
        match &note.of {
            NoteOf::Opened(session) => self.open = Some(Book::new(session.clone())),
            NoteOf::Happened(entry) => {
                if let Some(book) = self.open.as_mut().filter(|book| book.session.id == note.session) {
                    book.entries.push((command, entry.clone()));
                }
            }
            NoteOf::Closed(report) => {
                let is_new = self.last.as_ref().is_none_or(|last| last.session != note.session);
                self.last = Some(Closed { session: note.session, report: report.clone() });
                self.closes += usize::from(is_new);
                // A close that is told anew leaves the session that was opened after it.
                self.open = self.open.take().filter(|book| book.session.id != note.session);
            }
        }
    }

    /// What was noted with the command has not happened.
    pub fn undo(&mut self, command: CommandId) {
        if self.open.as_ref().is_some_and(|book| book.session.id.0 == command.0) {
            self.open = None;
        }
        if let Some(book) = &mut self.open {
            book.entries.retain(|(own, _)| *own != command);
        }
    }
}

/// A field of the drawer's dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CashField {
    Float,
    Amount,
    Reason,
    /// How many of this note or coin, by its place in [`DENOMINATIONS`].
    Count(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CashPage {
    /// Nothing is open: with what does it begin?
    Open,
    /// What can be done with the open session.
    Menu,
    Move(CashMovementKind),
    /// Counting, without being told what should be there.
    Count,
    /// What was counted, before it is final.
    Confirm,
    /// X, as it is now.
    X,
    /// Z of the last close, or of an earlier one.
    Z,
}

/// What is typed into the drawer's dialog.
#[derive(Clone, Debug, PartialEq)]
pub struct CashForm {
    pub page: CashPage,
    pub float: String,
    pub amount: String,
    pub reason: String,
    pub counts: Vec<String>,
    pub complaint: Option<(CashField, Complaint)>,
    pub trouble: Trouble,
    /// How many closes before the last one is looked for.
    pub back: usize,
    /// The earlier close that the till's file has told, and its place.
    pub turned: Option<(usize, Closed)>,
}

impl CashForm {
    pub fn new(page: CashPage) -> Self {
        Self {
            page,
            float: String::new(),
            amount: String::new(),
            reason: String::new(),
            counts: vec![String::new(); DENOMINATIONS.len()],
            complaint: None,
            trouble: Trouble::default(),
            back: 0,
            turned: None,
        }
    }

    /// The close that Z shows, and how many came after it. Until the one that is looked for is read, the one before
    /// stays.
    pub fn close<'a>(&'a self, desk: &'a CashDesk) -> Option<(usize, &'a Closed)> {
        let turned = self.turned.as_ref().filter(|_| self.back > 0);
        turned.map(|(back, closed)| (*back, closed)).or_else(|| desk.last.as_ref().map(|last| (0, last)))
    }

    pub fn text_mut(&mut self, field: CashField) -> Option<&mut String> {
        match field {
            CashField::Float => Some(&mut self.float),
            CashField::Amount => Some(&mut self.amount),
            CashField::Reason => Some(&mut self.reason),
            CashField::Count(place) => self.counts.get_mut(place),
        }
    }

    /// The complaint about a field.
    pub fn about(&self, field: CashField) -> Option<Complaint> {
        self.complaint.filter(|(place, _)| *place == field).map(|(_, complaint)| complaint)
    }

    /// These counts, as they are typed.
    pub fn count(&mut self, counts: &[CashCount]) {
        for (text, value) in self.counts.iter_mut().zip(DENOMINATIONS) {
            let own = counts.iter().find(|count| count.value_cents == value && count.count != 0);
            *text = own.map(|count| count.count.to_string()).unwrap_or_default();
        }
    }

    /// What was counted; the place of the first count that is not a number otherwise.
    pub fn counted(&self) -> Result<Vec<CashCount>, usize> {
        let mut counts = Vec::with_capacity(DENOMINATIONS.len());
        for (place, (text, value_cents)) in self.counts.iter().zip(DENOMINATIONS).enumerate() {
            let text = text.trim();
            let count = if text.is_empty() { Ok(0) } else { text.parse::<u32>() };
            let count =
                count.map(i64::from).ok().filter(|count| *count <= tillwatch_shared::limits::CASH_COUNT);
            counts.push(CashCount { value_cents, count: count.ok_or(place)? });
        }
        Ok(counts)
    }
}

/// What the person does about the drawer.
#[derive(Clone, Debug, PartialEq)]
pub enum CashInput {
    Open,
    Page(CashPage),
    Text(CashField, String),
    /// Enter in a field.
    Entered(CashField),
    Submit,
    /// To so many closes earlier on the page of Z; negative: later.
    Turn(isize),
    /// The report that is shown.
    Print,
    SavePdf,
}
