//! Receipts: to the printer, into files, and back from the disk and the server.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tillwatch_desk::failure::Failure;
use tillwatch_desk::printer::LabelLayout;
use tillwatch_desk::worker::Events;
use tillwatch_desk::{clock, files};
use tillwatch_shared::api::Sale;
use tillwatch_shared::{StoreId, mark};
use tokio::sync::Mutex;
use uuid::Uuid;

use super::Register;
use crate::input::Event;
use crate::labels::{self, Label};
use crate::pdf;
use crate::printer::{Delivered, PrintError, deliver};
use crate::receipt::Document;
use crate::receipt::escpos::{self, Paper};
use crate::state::receipts::{PrintJob, ReceiptsEffect, ReceiptsEvent};
use crate::state::sold::Find;

/// How long a document may take to reach the printer; a long receipt on a slow serial line takes half of it.
const PATIENCE: Duration = Duration::from_secs(12);

/// One document at a time: a printer that holds one back gets no second.
#[derive(Debug, Default)]
pub struct Spool {
    turn: Arc<Mutex<()>>,
}

impl Spool {
    /// Waits its turn and for the printer, but not for ever. A write that hangs keeps the turn until it ends.
    pub async fn print(&self, job: PrintJob, patience: Duration) -> Delivered {
        let turn = tokio::time::timeout(patience, Arc::clone(&self.turn).lock_owned());
        let Ok(turn) = turn.await else { return Err(PrintError::Busy) };
        let work = tokio::task::spawn_blocking(move || {
            let delivered = deliver(&job.printer, &job.document.name, &bytes(&job));
            drop(turn);
            delivered
        });
        match tokio::time::timeout(patience, work).await {
            Ok(Ok(delivered)) => delivered,
            Ok(Err(error)) => Err(PrintError::Failed(error.to_string())),
            Err(_) => Err(PrintError::TimedOut),
        }
    }
}

/// What goes to the printer. The drawer opens before the paper moves: change is given meanwhile.
pub fn bytes(job: &PrintJob) -> Vec<u8> {
    let printer = &job.printer;
    let paper = Paper { columns: printer.width.columns(), page: printer.page, cut: printer.cut };
    let drawer = if job.open_drawer { escpos::OPEN_DRAWER } else { &[] };
    [drawer, &escpos::bytes(&job.document, paper)].concat()
}

impl Register {
    pub(super) async fn receipts(&self, events: &Events<Event>, effect: ReceiptsEffect) {
        let event = match effect {
            ReceiptsEffect::Print(job) => ReceiptsEvent::Printed(self.print(*job).await),
            ReceiptsEffect::SavePdf { id, document } => {
                ReceiptsEvent::Saved(self.save_pdf(id, *document).await)
            }
            ReceiptsEffect::SaveLabels { title, labels, layout, skip } => {
                ReceiptsEvent::LabelsSaved(save_labels(title, labels, layout, skip).await)
            }
            ReceiptsEffect::Issue(slip) => match self.on_disk(move |file| file.issue_slip(&slip)).await {
                Ok(()) => return,
                Err(reason) => ReceiptsEvent::NotIssued(reason),
            },
            ReceiptsEffect::Recall(sale) => {
                let issued = self.on_disk(move |file| file.issued(sale.0)).await;
                ReceiptsEvent::Recalled(sale, issued.ok().flatten().map(Box::new))
            }
            ReceiptsEffect::Fetch { store, find } => {
                ReceiptsEvent::Fetched { find, answer: self.fetch(store, find).await }
            }
        };
        events.send(Event::Receipts(event)).await;
    }

    async fn print(&self, mut job: PrintJob) -> Delivered {
        if let Some(id) = job.id {
            job.document = self.issue(id, job.document).await;
        }
        self.spool.print(job, PATIENCE).await
    }

    async fn save_pdf(&self, id: Option<Uuid>, document: Document) -> Result<PathBuf, String> {
        let document = match id {
            Some(id) => self.issue(id, document).await,
            None => document,
        };
        let bytes = pdf::receipt(&document)?;
        files::save(document.name, "pdf", bytes).await
    }

    /// The document that counts under this id. A disk that does not answer holds no paper back.
    async fn issue(&self, id: Uuid, document: Document) -> Document {
        let fresh = document.clone();
        let issued = self.on_disk(move |file| file.issue(id, &fresh, clock::system())).await;
        issued.unwrap_or_else(|error| {
            tracing::warn!(%error, "the document is not kept");
            document
        })
    }

    /// A sale of this number in this store, or with this mark in any store of the person.
    async fn fetch(&self, store: StoreId, find: Find) -> Result<Option<Box<Sale>>, Failure> {
        let client = self.link.client().ok_or(Failure::Unreachable)?;
        let found = match find {
            Find::Newest => None,
            Find::Number(number) => client.sale_by_number(store, number).await?,
            Find::Between(first, _) => client.sale_by_mark(&mark::of(first)).await?,
            Find::Id(id) => Some(client.sale(id).await?),
        };
        Ok(found.map(Box::new))
    }
}

async fn save_labels(
    title: String,
    labels: Vec<(Label, u32)>,
    layout: LabelLayout,
    skip: usize,
) -> Result<PathBuf, String> {
    // Thousands of labels take longer than the other effects should wait.
    let draw = move || labels::sheet(&title, &labels, layout, skip).map(|bytes| (title, bytes));
    let drawn = tokio::task::spawn_blocking(draw).await.map_err(|error| error.to_string())?;
    let (title, bytes) = drawn?;
    files::save(title, "pdf", bytes).await
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::io::Read as _;

    use rustix::fs::{CWD, FileType, Mode, mknodat};
    use tillwatch_desk::printer::{Printer, Way};

    use super::*;
    use crate::till_file::TillFile;

    fn papers(text: &str) -> Document {
        let mut document = Document::new("recibo-1");
        document.text(text);
        document
    }

    #[tokio::test]
    async fn what_is_printed_again_is_what_was_printed_first() {
        let (folder, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let file = Arc::new(TillFile::open(folder.path()).unwrap());
        let register = Register::new(file, Duration::from_mins(1));
        let address = out.path().display().to_string();
        let printer = Printer { way: Way::Folder, address, ..Printer::default() };
        let job = |text: &str| PrintJob {
            id: Some(Uuid::from_u128(7)),
            document: papers(text),
            printer: printer.clone(),
            open_drawer: false,
        };
        for text in ["número: ainda não", "número: 42"] {
            let path = register.print(job(text)).await.unwrap().unwrap();
            assert_eq!(std::fs::read(path).unwrap(), bytes(&job("número: ainda não")), "{text}");
        }
        let other = PrintJob { id: Some(Uuid::from_u128(8)), ..job("outro") };
        let path = register.print(other.clone()).await.unwrap().unwrap();
        assert_eq!(std::fs::read(path).unwrap(), bytes(&other));
    }

    /// A pipe that nobody reads stands for a printer without paper: opening it waits.
    #[tokio::test]
    async fn a_printer_that_holds_its_breath_stops_nobody() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("lp0");
        mknodat(CWD, &path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        let printer = Printer { way: Way::Device, address: path.display().to_string(), ..Printer::default() };
        let job = PrintJob { id: None, document: papers("Pão de açúcar"), printer, open_drawer: true };
        let spool = Spool::default();
        let soon = Duration::from_millis(30);
        assert_eq!(spool.print(job.clone(), soon).await, Err(PrintError::TimedOut));
        assert_eq!(spool.print(job.clone(), soon).await, Err(PrintError::Busy), "it still has the first");

        // Paper again: the first comes out whole, and the next one is taken.
        let read = |path: PathBuf| {
            tokio::task::spawn_blocking(move || {
                let mut bytes = Vec::new();
                std::fs::File::open(path).unwrap().read_to_end(&mut bytes).unwrap();
                bytes
            })
        };
        assert_eq!(read(path.clone()).await.unwrap(), bytes(&job));
        let paper = read(path);
        assert_eq!(spool.print(job.clone(), PATIENCE).await, Ok(None));
        assert_eq!(paper.await.unwrap(), bytes(&job));
        assert!(bytes(&job).starts_with(escpos::OPEN_DRAWER));
    }
}
