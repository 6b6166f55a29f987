//! Writes messages of terminals to a file in the person's folder of downloads: page by page, or as a workbook.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, XlsxError};
use tillwatch_desk::Lang;
use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::{Direction, PulseMessage};
use tillwatch_shared::client::{Client, PulseLogQuery, ReportFile};
use tillwatch_shared::limits::PAGE_ROWS;

use crate::charts::table::excel;
use crate::saving::{MessagesAsk, SaveFailure};
use crate::terminal_texts::{self, Text as Words};
use crate::terminals::Exported;
use crate::texts::Text;

/// Messages of one file.
const MOST_MESSAGES: usize = 2_000_000;
/// A workbook is made in memory, and no spreadsheet's sheet holds many more.
const MOST_OF_A_WORKBOOK: usize = 200_000;

/// A file that goes again unless it is written to its end.
struct Unfinished {
    path: PathBuf,
    whole: bool,
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.whole {
            // A part of it would be taken for the whole.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// What becomes of messages as they come.
enum Sink {
    /// Written at once.
    Csv(BufWriter<File>),
    /// A workbook is made of all of them.
    Xlsx(Vec<PulseMessage>),
}

impl Sink {
    const fn most(&self) -> usize {
        match self {
            Self::Csv(_) => MOST_MESSAGES,
            Self::Xlsx(_) => MOST_OF_A_WORKBOOK,
        }
    }
}

/// Writes messages, oldest first, and tells how many there are so far.
pub async fn export(
    client: &Client,
    folder: &Path,
    ask: MessagesAsk,
    told: impl Fn(usize),
) -> Result<Exported, SaveFailure> {
    let MessagesAsk { query, file, zone, lang, now } = ask;
    let path = folder.join(file_name(query.client.as_deref(), file, now));
    let failed = |error: io::Error| SaveFailure::Disk(format!("{}: {error}", path.display()));
    // Under another name until it is whole: the program may end before.
    let part = path.with_extension(format!("{}.part", file.word()));
    let mut out = BufWriter::new(File::create_new(&part).map_err(failed)?);
    let mut unfinished = Unfinished { path: part.clone(), whole: false };
    let mut sink = match file {
        ReportFile::Csv => {
            out.write_all(PulseMessage::CSV_HEAD.as_bytes()).map_err(failed)?;
            Sink::Csv(out)
        }
        ReportFile::Xlsx => Sink::Xlsx(Vec::new()),
    };
    let messages = all(client, query, now, &mut sink, &failed, told).await?;
    match sink {
        Sink::Csv(out) => {
            out.into_inner().map_err(|error| failed(error.into_error()))?.sync_all().map_err(failed)?;
        }
        Sink::Xlsx(all) => {
            let to = part.clone();
            let write = move || write_workbook(&to, &workbook(&all, &zone, lang, now)?);
            let written = tokio::task::spawn_blocking(write).await.map_err(|error| error.to_string());
            written.flatten().map_err(SaveFailure::Disk)?;
        }
    }
    std::fs::rename(&part, &path).map_err(failed)?;
    unfinished.whole = true;
    Ok(Exported { path, messages })
}

/// Reads page after page into the sink; the answer is how many messages there are.
async fn all(
    client: &Client,
    query: PulseLogQuery,
    now: UtcMicros,
    sink: &mut Sink,
    failed: &impl Fn(io::Error) -> SaveFailure,
    told: impl Fn(usize),
) -> Result<usize, SaveFailure> {
    let mut query = PulseLogQuery { limit: PAGE_ROWS, newest_first: false, after: None, ..query };
    let mut messages = 0;
    loop {
        let page = client.pulse_messages(&query).await.map_err(SaveFailure::Server)?;
        let came = page.items.len();
        // What came after it was asked for is not in it, so that it ends.
        let wanted: Vec<PulseMessage> = page.items.into_iter().filter(|one| one.at <= now).collect();
        let count = wanted.len();
        match sink {
            Sink::Csv(out) => {
                for message in &wanted {
                    out.write_all(message.csv_line().as_bytes()).map_err(failed)?;
                }
            }
            Sink::Xlsx(held) => held.extend(wanted),
        }
        messages += count;
        told(messages);
        query.after = page.next;
        if query.after.is_none() || count < came {
            return Ok(messages);
        }
        if messages >= sink.most() {
            return Err(SaveFailure::TooLong(sink.most()));
        }
    }
}

fn write_workbook(path: &Path, bytes: &[u8]) -> Result<(), String> {
    let mut file = File::create(path).map_err(|error| error.to_string())?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(|error| error.to_string())
}

/// One sheet: when by the shop's clocks, which terminal, which way, what kind, and the content as text.
fn workbook(
    messages: &[PulseMessage],
    zone: &TimeZone,
    lang: Lang,
    made_at: UtcMicros,
) -> Result<Vec<u8>, String> {
    let mut workbook = Workbook::new();
    let make = |workbook: &mut Workbook| -> Result<(), XlsxError> {
        let made = ExcelDateTime::from_timestamp(made_at.timestamp().as_second())?;
        workbook.set_properties(&DocProperties::new().set_author("Tillwatch").set_creation_datetime(&made));
        let sheet = workbook.add_worksheet();
        sheet.set_name(Words::Messages.get(lang))?.set_freeze_panes(1, 0)?;
        let head = Format::new().set_bold();
        let date = Format::new().set_num_format("dd/mm/yyyy hh:mm:ss");
        let columns = [
            (Words::When.get(lang), 20),
            (Text::Terminal.get(lang), 28),
            (Words::Way.get(lang), 12),
            (Words::Kind.get(lang), 14),
            (Words::Content.get(lang), 70),
        ];
        for (place, (name, width)) in (0..).zip(columns) {
            sheet.write_string_with_format(0, place, name, &head)?;
            sheet.set_column_width(place, width)?;
        }
        for (row, message) in (1..).zip(messages) {
            let at = excel(&message.at.timestamp().to_zoned(zone.clone()))?;
            sheet.write_datetime_with_format(row, 0, at, &date)?;
            let way = match message.direction {
                Direction::Received => Text::ReceivedOne,
                Direction::Sent => Text::SentOne,
            };
            let kind = terminal_texts::kind(message.kind());
            let cells = [message.client.as_str(), way.get(lang), kind.get(lang), message.content.as_str()];
            for (place, words) in (1..).zip(cells) {
                sheet.write_string(row, place, words)?;
            }
        }
        Ok(())
    };
    make(&mut workbook).map_err(|error| error.to_string())?;
    workbook.save_to_buffer().map_err(|error| error.to_string())
}

/// Where files go that a person asked for.
pub fn folder() -> PathBuf {
    let dirs = directories::UserDirs::new();
    let downloads = dirs.as_ref().and_then(|dirs| dirs.download_dir()).filter(|dir| dir.is_dir());
    let home = dirs.as_ref().map(directories::UserDirs::home_dir);
    downloads.or(home).map_or_else(std::env::temp_dir, Path::to_path_buf)
}

fn file_name(terminal: Option<&str>, file: ReportFile, now: UtcMicros) -> String {
    let safe: String =
        terminal.unwrap_or("mensagens").chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
    format!("tillwatch-{safe}-{}.{}", now.timestamp().strftime("%Y%m%d-%H%M%S"), file.word())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files() {
        let at = "2026-12-31T23:59:58Z".parse().unwrap();
        let name = |terminal| file_name(terminal, ReportFile::Csv, at);
        assert_eq!(name(Some("Loja/..\\1")), "tillwatch-Loja----1-20261231-235958.csv");
        assert_eq!(name(None), "tillwatch-mensagens-20261231-235958.csv");
    }

    #[test]
    fn a_workbook_tells_the_time_as_the_shop_does_and_has_no_formulas() {
        let message = |content: &str| PulseMessage {
            id: 1,
            at: "2027-01-01T02:30:00Z".parse().unwrap(),
            client: "Caixa 1".to_owned(),
            direction: Direction::Received,
            content: content.to_owned(),
        };
        let messages = [message("=1+1"), message(r#"{"type":"ack","value":3}"#)];
        let zone = TimeZone::get("America/Sao_Paulo").unwrap();
        let bytes = workbook(&messages, &zone, Lang::Pt, UtcMicros(0)).unwrap();
        let mut archive = zip::ZipArchive::new(io::Cursor::new(bytes)).unwrap();
        let mut part = |name: &str| io::read_to_string(archive.by_name(name).unwrap()).unwrap();
        let (sheet, words) = (part("xl/worksheets/sheet1.xml"), part("xl/sharedStrings.xml"));
        // 31/12/2026 23:30, in days since 1900.
        assert!(sheet.contains("<v>46387.9791666"), "{sheet}");
        assert!(!sheet.contains("<f>"));
        for wanted in ["=1+1", "Caixa 1", "recebida", "confirmação", "Conteúdo"] {
            assert!(words.contains(wanted), "{wanted}: {words}");
        }
    }
}
