//! What is printed: receipts, reports of the cash session, slips of returns.
//!
//! [`document`] says what stands on the paper, [`lines`] breaks it into lines of so many characters, and three
//! renderers draw the same lines: [`escpos`] for receipt printers, [`mod@crate::pdf`] for files, and the
//! window's preview. All of it is pure; [`crate::printer`] carries bytes to a printer.

pub mod back;
pub mod debt;
pub mod document;
pub mod escpos;
pub mod lines;
pub mod report;
pub mod sale;
pub mod test_page;
pub mod texts;

pub use document::{Align, Block, Document, Style};
pub use lines::{Line, lay_out};
