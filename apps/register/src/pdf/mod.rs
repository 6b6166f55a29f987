//! Receipts as PDF files; [`tillwatch_desk::files::pdf`] writes them.

mod receipt;

pub use receipt::receipt;

#[cfg(test)]
#[path = "../../../desk/src/files/pdf/read.rs"]
pub(crate) mod read;
