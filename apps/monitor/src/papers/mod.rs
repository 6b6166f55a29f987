//! What is filed or taken along: reports, monthly sheets and lists as sheets of paper. Pure; `desk::files::pdf` writes them.

mod list;
mod report;
mod temperatures;

use jiff::tz::TimeZone;
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::{Lang, format};
use tillwatch_shared::UtcMicros;

pub use self::list::list;
pub use self::report::report;
pub use self::temperatures::temperatures;
use crate::paper_texts::Text;

/// At the bottom of each sheet.
fn foot(at: UtcMicros, zone: &TimeZone, lang: Lang) -> String {
    format!("Tillwatch · {}", Text::MadeAt.with(lang, &[("at", &format::date_time(at, zone))]))
}

fn fact(label: &str, value: impl Into<String>) -> (String, String) {
    (label.to_owned(), value.into())
}
