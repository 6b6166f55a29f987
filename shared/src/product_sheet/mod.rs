//! Sheets of products: CSV files as people make them in spreadsheets, read into rows and written from products.
//!
//! Pure: bytes in, rows or text out. What a row means to a shop is decided by the server.

mod cells;
mod decode;
mod headings;
mod number;
mod read;
mod table;
#[cfg(test)]
mod tests;
mod write;

pub use cells::written_day;
pub use read::{Sheet, SheetRow, read};
pub use write::{answer, write};
