//! From bytes to text, and what stands between its cells.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

use super::headings;
use crate::api::SheetProblem;

/// How an archive begins, which an Excel workbook is.
const ARCHIVE: &[u8] = b"PK\x03\x04";
/// How an old Excel workbook begins.
const OLD_WORKBOOK: &[u8] = b"\xd0\xcf\x11\xe0";
/// The separators that are tried; the first counts where several fit as well.
const SEPARATORS: [char; 3] = [';', ',', '\t'];

/// The text, and the name of its encoding. Without a mark it is UTF-8 where it can be, else what Windows writes
/// in Brazil, of which Latin-1 is a part.
pub fn decode(bytes: &[u8]) -> Result<(Cow<'_, str>, &'static str), SheetProblem> {
    if bytes.starts_with(ARCHIVE) || bytes.starts_with(OLD_WORKBOOK) {
        return Err(SheetProblem::Workbook);
    }
    let (encoding, mark) = Encoding::for_bom(bytes).unwrap_or_else(|| {
        let valid = std::str::from_utf8(bytes).is_ok();
        (if valid { UTF_8 } else { WINDOWS_1252 }, 0)
    });
    let (text, _) = encoding.decode_without_bom_handling(bytes.get(mark..).unwrap_or_default());
    Ok((text, encoding.name()))
}

/// What stands between the cells, and the text that is left to read: Excel takes a first line `sep=;` for itself.
pub fn separator(text: &str) -> (char, &str) {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let told = first
        .trim_end_matches('\r')
        .strip_prefix("sep=")
        .and_then(|told| SEPARATORS.into_iter().find(|separator| told.chars().eq([*separator])));
    if let Some(told) = told {
        return (told, rest);
    }
    let fits = |separator: &char| headings::known(text, *separator);
    // `max_by_key` takes the last of several; the first is meant.
    let best = SEPARATORS.into_iter().rev().max_by_key(fits);
    (best.unwrap_or(';'), text)
}
