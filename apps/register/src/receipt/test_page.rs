//! A page that shows whether width and code page are those of the printer.

use tillwatch_desk::Lang;
use tillwatch_desk::printer::Printer;
use tillwatch_desk::texts::Table as _;

use super::document::{Document, Style};
use super::texts::Text;

const LETTERS: &str = "áàâãçéêíóôõúü ÁÀÂÃÇÉÊÍÓÔÕÚÜ ºª";

pub fn document(printer: &Printer, lang: Lang) -> Document {
    let columns = printer.width.columns();
    let mut document = Document::new(Text::FileTest.get(lang));
    document.centred(Text::TestTitle.get(lang), Style::Strong);
    document.centred(Text::TestPage.with(lang, &[("page", &printer.page.name())]), Style::Plain);
    document.text(Text::TestAccents.with(lang, &[("letters", &LETTERS)]));
    document.text(Text::TestWidth.with(lang, &[("columns", &columns)]));
    document.text("1234567890".chars().cycle().take(columns).collect::<String>());
    document.rule().barcode("01234567890123456789");
    document
}
