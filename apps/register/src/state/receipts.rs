//! Receipts: the one that goes with the sale just made, the dialog that prints others again, and what is asked
//! of printer, disk and server.

use std::path::PathBuf;

use tillwatch_desk::Lang;
use tillwatch_desk::failure::Failure;
use tillwatch_desk::printer::{AfterSale, CodePage, LabelLayout, Printer, Way, Width};
use tillwatch_shared::api::Sale;
use tillwatch_shared::{SaleId, StoreId};
use uuid::Uuid;

use super::labels::{LabelsForm, LabelsInput};
use super::papers::SlipHere;
use super::sold::Find;
use crate::labels::Label;
use crate::printer::Delivered;
use crate::receipt::Document;

/// What the register holds of receipts beside the open dialog.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Receipts {
    /// The sale made last, as far as it is told.
    pub last: Option<Box<Sale>>,
    /// The sale whose receipt was printed, or left to the person.
    pub settled: Option<SaleId>,
    /// Documents on their way to the printer.
    pub printing: usize,
    /// Of the return just made, until it is printed or something else is sold.
    pub slip: Option<Box<Slip>>,
    /// Made, and not yet on their way to the till's file.
    pub unissued: Vec<SlipHere>,
}

/// A slip that is to be printed.
#[derive(Clone, Debug, PartialEq)]
pub struct Slip {
    pub here: SlipHere,
    /// Cash goes back out of the drawer.
    pub cash: bool,
}

/// The dialogs of receipts.
#[derive(Clone, Debug, PartialEq)]
pub enum ReceiptsDialog {
    List(ListForm),
    Printer,
    Labels(LabelsForm),
}

/// Finding a sale, and its receipt.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListForm {
    /// A number, what stands under a receipt's barcode, or a customer's name.
    pub wanted: String,
    pub row: usize,
    pub elsewhere: Elsewhere,
    /// The document issued for the sale that is shown, once that is known; it takes the place of a new one. That of a
    /// slip comes with it.
    pub issued: Option<(SaleId, Option<Box<Document>>)>,
}

/// Looking at the server for a sale that this till did not make.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Elsewhere {
    #[default]
    NotAsked,
    Asked(Find),
    Found(Box<Sale>),
    /// Nobody has such a sale.
    Nowhere,
    /// What was typed is neither a number nor a mark.
    NotUnderstood,
    Failed(Failure),
}

/// What a person does about receipts.
#[derive(Clone, Debug, PartialEq)]
pub enum ReceiptsInput {
    /// Prints the receipt of the sale just made, or opens the list.
    Open,
    List,
    Wanted(String),
    Find,
    Row(usize),
    Move(isize),
    Print,
    SavePdf,
    OpenPrinter,
    Printer(PrinterInput),
    TestPrint,
    Labels(LabelsInput),
}

/// A setting of the printer was changed.
#[derive(Clone, Debug, PartialEq)]
pub enum PrinterInput {
    Way(Way),
    Address(String),
    Baud(u32),
    Width(Width),
    Page(CodePage),
    Lang(Lang),
    AfterSale(AfterSale),
    Cut(bool),
    Drawer(bool),
}

/// A document for the printer.
#[derive(Clone, Debug, PartialEq)]
pub struct PrintJob {
    /// Under this id it is kept as it was issued, and printed the same ever after. Absent for what is no
    /// document of a sale or session.
    pub id: Option<Uuid>,
    pub document: Document,
    pub printer: Printer,
    pub open_drawer: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ReceiptsEffect {
    Print(Box<PrintJob>),
    /// Writes a PDF among the person's downloads.
    SavePdf {
        /// As in [`PrintJob`].
        id: Option<Uuid>,
        document: Box<Document>,
    },
    SaveLabels {
        title: String,
        labels: Vec<(Label, u32)>,
        layout: LabelLayout,
        skip: usize,
    },
    /// Keeps a slip in the till's file, for this print and any other.
    Issue(Box<SlipHere>),
    /// What was issued for this sale?
    Recall(SaleId),
    /// Asks the server for a sale that this till did not make.
    Fetch {
        store: StoreId,
        find: Find,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub enum ReceiptsEvent {
    Printed(Delivered),
    Saved(Result<PathBuf, String>),
    LabelsSaved(Result<PathBuf, String>),
    /// Why a slip could not be kept.
    NotIssued(String),
    Recalled(SaleId, Option<Box<Document>>),
    Fetched {
        find: Find,
        answer: Result<Option<Box<Sale>>, Failure>,
    },
}

impl ReceiptsEffect {
    /// What it means that it could not even be queued.
    pub fn not_done(&self) -> ReceiptsEvent {
        match self {
            Self::Print(_) => ReceiptsEvent::Printed(Err(crate::printer::PrintError::Busy)),
            Self::SavePdf { .. } => ReceiptsEvent::Saved(Err("worker".to_owned())),
            Self::SaveLabels { .. } => ReceiptsEvent::LabelsSaved(Err("worker".to_owned())),
            Self::Issue(_) => ReceiptsEvent::NotIssued("worker".to_owned()),
            Self::Recall(sale) => ReceiptsEvent::Recalled(*sale, None),
            Self::Fetch { find, .. } => {
                ReceiptsEvent::Fetched { find: *find, answer: Err(Failure::Unreachable) }
            }
        }
    }
}
