//! X and Z on paper: the lines that the screen shows, under the head of the store.

use tillwatch_desk::texts::Table as _;
use tillwatch_desk::{Lang, format};
use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::CashReport;

use super::document::{Document, Style};
use super::sale::Head;
use super::texts::Text;
use crate::cash_report::{self, Weight};

/// `blind` as in [`cash_report::report`]. X says when it was issued; Z stands for the moment of its close.
pub fn document(report: &CashReport, blind: bool, at: UtcMicros, head: &Head, lang: Lang) -> Document {
    let (name, at) = match &report.closing {
        Some(closing) => (Text::FileZ, closing.closed_at),
        None => (Text::FileX, at),
    };
    let stamp = at.timestamp().to_zoned(head.zone.clone()).strftime("%Y-%m-%d-%H%M").to_string();
    let mut document = Document::new(name.with(lang, &[("at", &stamp)]));
    head.put(&mut document, lang);
    let page = cash_report::report(report, blind, lang, &head.zone);
    document.rule().centred(page.title, Style::Big);
    if report.closing.is_none() {
        document.pair(Text::Issued.get(lang), format::date_time(at, &head.zone));
    }
    for line in page.lines {
        match line.weight {
            Weight::Plain => document.pair(line.label, line.value),
            Weight::Strong => document.styled_pair(line.label, line.value, Style::Strong),
            Weight::Heading => document.rule().styled_pair(line.label, line.value, Style::Strong),
        };
    }
    document.rule();
    document
}
