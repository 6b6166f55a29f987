//! Taking in a sheet of products: choosing the file, what would come of its rows, and how far it is.

use egui::{Align, Id, Label, Layout, ProgressBar, RichText, ScrollArea, Ui};
use egui_extras::{Column as Width, TableBuilder, TableRow};
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens::{self, Palette, Tone};
use tillwatch_desk::widgets::{self, ButtonSize, Field};
use tillwatch_desk::{failure, format, icons};
use tillwatch_shared::api::{ImportOutcome, ImportedRow};

use super::row_keys::RowKeys;
use super::{Screen, parts};
use crate::import::{Found, Import, ImportAct, ReadFailure, Step, Trouble};
use crate::import_texts::{self, Text};
use crate::input::User;

const ROW_HEIGHT: f32 = 32.0;
/// Below this width the line and the code give way.
const NARROW: f32 = 760.0;
/// From this width on all controls fit into one line.
const WIDE: f32 = 1100.0;

fn act(screen: &mut Screen<'_>, act: ImportAct) {
    screen.act(User::Import(act));
}

/// The button that opens it, beside the one that adds a product.
pub fn button(ui: &mut Ui, screen: &mut Screen<'_>) {
    let name = Text::Import.get(screen.lang());
    let words = format!("{} {name}", icons::TABLE);
    let button = widgets::secondary_button(ui, &words, None, ButtonSize::Normal, true);
    if button.accessible_name(name).clicked() {
        act(screen, ImportAct::Open);
    }
}

pub fn show(ui: &mut Ui, screen: &mut Screen<'_>, import: &Import) {
    dropped(ui, screen);
    head(ui, screen, import);
    if let Some(trouble) = &import.trouble {
        let text = trouble_words(screen, trouble);
        widgets::Banner { tone: Tone::Danger, text: &text, call: None }.show(ui);
        ui.add_space(tokens::SPACE_8);
    }
    match import.step {
        Step::Choosing | Step::Reading => choose(ui, screen, import),
        Step::Looking => waiting(ui, screen, Text::Looking),
        Step::Ready | Step::Working | Step::Halted | Step::Done => rows(ui, screen, import),
    }
}

/// A file that was dropped onto the window.
fn dropped(ui: &Ui, screen: &mut Screen<'_>) {
    let path = ui.input(|input| input.raw.dropped_files.first().map(|file| file.path().to_owned()));
    if let Some(path) = path {
        act(screen, ImportAct::Pick(path));
    }
}

fn waiting(ui: &mut Ui, screen: &Screen<'_>, text: Text) {
    ui.add_space((ui.available_height() * 0.3).min(160.0));
    ui.vertical_centered(|ui| widgets::loading(ui, text.get(screen.lang())));
}

fn head(ui: &mut Ui, screen: &mut Screen<'_>, import: &Import) {
    let lang = screen.lang();
    ui.horizontal(|ui| {
        let back = format!("{} {}", icons::CARET_LEFT, Text::Back.get(lang));
        let back =
            widgets::secondary_button(ui, &back, None, ButtonSize::Normal, import.step != Step::Working);
        let back = back.accessible_name(Text::Back.get(lang));
        let ready = import.step == Step::Ready;
        let was_ready = ui.data_mut(|data| {
            std::mem::replace(data.get_temp_mut_or_default::<bool>(Id::unique("import-ready")), ready)
        });
        if ready && !was_ready {
            // The safe answer; what is to be done is the next one.
            back.request_focus();
        }
        if back.clicked() {
            act(screen, ImportAct::Close);
        }
        if !widgets::is_low(ui) {
            widgets::strong(ui, Text::Title.get(lang));
        }
        if let Some(words) = as_read(screen, import) {
            let words = widgets::fit_middle(ui, &words, &tokens::body(), ui.available_width()).into_owned();
            widgets::weak(ui, &words);
        }
    });
    ui.add_space(tokens::SPACE_8);
}

/// The file's name, and how it was read.
fn as_read(screen: &Screen<'_>, import: &Import) -> Option<String> {
    let lang = screen.lang();
    let (file, told) = (import.file.as_ref()?, import.told.as_ref()?);
    let separator = if told.separator == "\t" { Text::Tab.get(lang) } else { &told.separator };
    let mut words = Text::AsRead
        .with(lang, &[("name", &file.name), ("encoding", &told.encoding), ("separator", &separator)]);
    if !told.ignored_columns.is_empty() {
        words.push_str(" · ");
        words.push_str(&Text::Ignored.with(lang, &[("names", &told.ignored_columns.join(", "))]));
    }
    Some(words)
}

fn trouble_words(screen: &Screen<'_>, trouble: &Trouble) -> String {
    let lang = screen.lang();
    match trouble {
        Trouble::File(ReadFailure::TooLarge) => Text::TooLarge.get(lang).to_owned(),
        Trouble::File(ReadFailure::NotAFile) => Text::NotAFile.get(lang).to_owned(),
        Trouble::File(ReadFailure::Disk(why)) => Text::NotRead.with(lang, &[("why", why)]),
        Trouble::Server(failed) => {
            format!("{} {}", failure::what(failed, lang), failure::hint(failed, lang)).trim_end().to_owned()
        }
    }
}

fn choose(ui: &mut Ui, screen: &mut Screen<'_>, import: &Import) {
    ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
        ui.set_max_width(720.0_f32.min(ui.available_width()));
        widgets::weak(ui, Text::What.get(screen.lang()));
        ui.add_space(tokens::SPACE_8);
        path(ui, screen, import);
        ui.horizontal_wrapped(|ui| {
            widgets::weak(ui, Text::Drop.get(screen.lang()));
            let text = Text::SaveSheet.get(screen.lang());
            let words = format!("{} {text}", icons::DOWNLOAD_SIMPLE);
            if widgets::link_button(ui, &words).accessible_name(text).clicked() {
                act(screen, ImportAct::SaveSheet);
            }
        });
        ui.add_space(tokens::SPACE_12);
        files(ui, screen, import);
    });
}

fn path(ui: &mut Ui, screen: &mut Screen<'_>, import: &Import) {
    let lang = screen.lang();
    let width = (ui.available_width() - 110.0).max(160.0);
    let reading = import.step == Step::Reading;
    ui.horizontal(|ui| {
        ui.with_layout(Layout::left_to_right(Align::Max), |ui| {
            let field = Field::new("import-path", Text::Path.get(lang), &import.path)
                .hint(Text::PathHint.get(lang))
                .limit(4_096)
                .width(width)
                .focus(ui.memory(|memory| memory.focused().is_none()));
            let answer = ui.vertical(|ui| field.show(ui)).inner;
            if let Some(path) = answer.changed {
                act(screen, ImportAct::Path(path));
            }
            let ready = !import.path.trim().is_empty() && !reading;
            let open = widgets::primary_button(ui, Text::Open.get(lang), None, ButtonSize::Normal, ready);
            if open.clicked() || answer.entered && ready {
                act(screen, ImportAct::Read);
            }
        });
    });
    if reading {
        widgets::loading(ui, Text::Reading.get(lang));
    }
}

fn files(ui: &mut Ui, screen: &mut Screen<'_>, import: &Import) {
    let lang = screen.lang();
    let Some(found) = &import.found else { return };
    widgets::strong(ui, Text::Downloads.get(lang));
    ui.separator();
    if found.is_empty() {
        widgets::weak(ui, Text::NoDownloads.get(lang));
    }
    for one in found {
        file(ui, screen, one);
    }
}

fn file(ui: &mut Ui, screen: &mut Screen<'_>, found: &Found) {
    ui.horizontal(|ui| {
        let room = ui.available_width();
        let name = format!("{} {}", icons::FILE_TEXT, found.name);
        let name = widgets::fit_middle(ui, &name, &tokens::body(), room - 260.0).into_owned();
        let spoken = Text::OpenFile.with(screen.lang(), &[("name", &found.name)]);
        if widgets::link_button(ui, &name).accessible_name(spoken).clicked() {
            act(screen, ImportAct::Pick(found.path.clone()));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let when = format::date_time(found.changed_at, &screen.state.zone(None));
            widgets::weak(ui, &format!("{} · {when}", format::bytes(found.bytes)));
        });
    });
}

fn rows(ui: &mut Ui, screen: &mut Screen<'_>, import: &Import) {
    progress(ui, screen, import);
    toolbar(ui, screen, import);
    ui.add_space(tokens::SPACE_4);
    if import.shown.is_empty() {
        let text = Text::NoRows.get(screen.lang());
        widgets::empty_state(ui, icons::TABLE, text, "", None);
        return;
    }
    table(ui, screen, import);
}

fn count(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

fn progress(ui: &mut Ui, screen: &Screen<'_>, import: &Import) {
    let lang = screen.lang();
    let all = import.rows.len();
    let (done, of) =
        (format::integer(i64::try_from(import.done).unwrap_or(i64::MAX)), format::integer(count(all)));
    let so_far: [(&str, &dyn std::fmt::Display); 2] = [("done", &done), ("all", &of)];
    match import.step {
        Step::Working => {
            let words = Text::Progress.with(lang, &so_far);
            ui.add(ProgressBar::new(import.done as f32 / all.max(1) as f32).text(words));
        }
        Step::Halted => {
            let text = Text::Halted.with(lang, &so_far);
            widgets::Banner { tone: Tone::Attention, text: &text, call: None }.show(ui);
        }
        Step::Done => {
            let of = |outcome| format::integer(count(import.count(outcome)));
            let (new, changed) = (of(ImportOutcome::New), of(ImportOutcome::Changed));
            let (same, refused) = (of(ImportOutcome::Same), of(ImportOutcome::Refused));
            let text = Text::Finished
                .with(lang, &[("new", &new), ("changed", &changed), ("same", &same), ("refused", &refused)]);
            widgets::Banner { tone: Tone::Good, text: &text, call: None }.show(ui);
        }
        Step::Choosing | Step::Reading | Step::Looking | Step::Ready => return,
    }
    ui.add_space(tokens::SPACE_8);
}

/// Where the window is not wide, the choice of rows has a line of its own.
fn toolbar(ui: &mut Ui, screen: &mut Screen<'_>, import: &Import) {
    if (NARROW..WIDE).contains(&ui.available_width()) {
        ui.horizontal(|ui| buttons(ui, screen, import));
        ui.horizontal(|ui| kinds(ui, screen, import));
    } else {
        ui.horizontal_wrapped(|ui| {
            buttons(ui, screen, import);
            kinds(ui, screen, import);
        });
    }
}

fn buttons(ui: &mut Ui, screen: &mut Screen<'_>, import: &Import) {
    main_button(ui, screen, import);
    if import.count(ImportOutcome::Refused) == 0 || import.step == Step::Working {
        return;
    }
    let text = Text::SaveRefused.get(screen.lang());
    let words = format!("{} {text}", icons::DOWNLOAD_SIMPLE);
    let ready = screen.state.saving.is_none();
    let save = widgets::secondary_button(ui, &words, None, ButtonSize::Normal, ready);
    if save.accessible_name(text).clicked() {
        act(screen, ImportAct::SaveRefused);
    }
}

/// Of which rows this comes, and how many there are of each kind.
fn kinds(ui: &mut Ui, screen: &mut Screen<'_>, import: &Import) {
    let lang = screen.lang();
    let words = |text: Text, rows: usize| text.with(lang, &[("n", &format::integer(count(rows)))]);
    let all = words(Text::All, import.rows.len());
    let kinds = [
        (ImportOutcome::New, Text::New),
        (ImportOutcome::Changed, Text::Changed),
        (ImportOutcome::Same, Text::Same),
        (ImportOutcome::Refused, Text::Refused),
    ]
    .map(|(outcome, text)| (Some(outcome), words(text, import.count(outcome))));
    let mut options = vec![(None, all.as_str())];
    options.extend(kinds.iter().map(|(outcome, words)| (*outcome, words.as_str())));
    let picked = if ui.ctx().content_rect().width() < NARROW {
        parts::one_of(ui, "import-show", Text::State.get(lang), Some(import.show), &options)
    } else {
        widgets::segmented(ui, Some(import.show), &options, None)
    };
    if let Some(outcome) = picked {
        act(screen, ImportAct::Show(outcome));
    }
}

/// What is to be done next with the file.
fn main_button(ui: &mut Ui, screen: &mut Screen<'_>, import: &Import) {
    let lang = screen.lang();
    let size = ButtonSize::Normal;
    match import.step {
        Step::Ready => {
            let words = match import.work() {
                0 => Text::Nothing.get(lang).to_owned(),
                1 => Text::StartOne.get(lang).to_owned(),
                rows => Text::Start.with(lang, &[("n", &format::integer(count(rows)))]),
            };
            if widgets::primary_button(ui, &words, None, size, import.work() > 0).clicked() {
                act(screen, ImportAct::Start);
            }
            if widgets::secondary_button(ui, Text::Again.get(lang), None, size, true).clicked() {
                act(screen, ImportAct::Read);
            }
        }
        Step::Working => {
            let text = if import.stopping { Text::Stopping } else { Text::Stop };
            if widgets::secondary_button(ui, text.get(lang), None, size, !import.stopping).clicked() {
                act(screen, ImportAct::Stop);
            }
        }
        Step::Halted => {
            if widgets::primary_button(ui, Text::GoOn.get(lang), None, size, true).clicked() {
                act(screen, ImportAct::Start);
            }
        }
        Step::Done => {
            if widgets::secondary_button(ui, Text::Other.get(lang), None, size, true).clicked() {
                act(screen, ImportAct::Open);
            }
        }
        Step::Choosing | Step::Reading | Step::Looking => {}
    }
}

fn table(ui: &mut Ui, screen: &Screen<'_>, import: &Import) {
    let narrow = ui.available_width() < NARROW;
    ui.spacing_mut().item_spacing.y = 0.0;
    let lang = screen.lang();
    let row_at = |at: usize| import.shown.get(at).and_then(|place| import.rows.get(*place));
    let keys = RowKeys::of(ui, Text::Rows.get(lang), import.shown.len(), |at| {
        let spoken = |row: &ImportedRow| {
            let outcome = import_texts::outcome(row.outcome).get(lang);
            format!(
                "{} {}, {}, {outcome}, {}",
                Text::Line.get(lang),
                row.line,
                row.name,
                import_texts::about(row, lang)
            )
        };
        row_at(at).map(spoken).unwrap_or_default()
    });
    let mut builder = keys
        .follow(TableBuilder::new(ui))
        .id_salt("import")
        .striped(true)
        .auto_shrink([false, false])
        .cell_layout(Layout::left_to_right(Align::Center));
    let mut heads = Vec::new();
    if !narrow {
        builder = builder.column(Width::exact(60.0)).column(Width::exact(140.0).clip(true));
        heads.extend([Text::Line, Text::Code]);
    }
    let name = if narrow { 150.0 } else { 260.0 };
    builder = builder
        .column(Width::exact(name).clip(true))
        .column(Width::exact(104.0).clip(true))
        .column(Width::remainder().at_least(120.0).clip(true));
    heads.extend([Text::Product, Text::State, Text::About]);
    builder
        .header(30.0, |mut header| {
            for head in heads {
                header.col(|ui| {
                    let colour = Palette::in_ui(ui).text_weak;
                    let words = RichText::new(head.get(screen.lang())).font(tokens::small()).color(colour);
                    ui.add(Label::new(words).selectable(false));
                });
            }
        })
        .body(|body| {
            body.rows(ROW_HEIGHT, import.shown.len(), |mut row| {
                if let Some(shown) = row_at(row.index()) {
                    row_of(&mut row, screen, shown, narrow);
                }
                keys.ring(&row);
            });
        });
}

fn row_of(row: &mut TableRow<'_, '_>, screen: &Screen<'_>, shown: &ImportedRow, narrow: bool) {
    let lang = screen.lang();
    if !narrow {
        row.col(|ui| {
            ui.label(shown.line.to_string());
        });
        row.col(|ui| {
            let code = shown.code.as_deref().unwrap_or("–");
            ui.add(Label::new(code).truncate());
        });
    }
    row.col(|ui| {
        ui.add(Label::new(&shown.name).truncate());
    });
    row.col(|ui| {
        widgets::status(ui, tone(shown.outcome), import_texts::outcome(shown.outcome).get(lang));
    });
    row.col(|ui| {
        // Cut off, it is told whole where the pointer rests on it.
        ui.add(Label::new(import_texts::about(shown, lang)).truncate());
    });
}

const fn tone(outcome: ImportOutcome) -> Tone {
    match outcome {
        ImportOutcome::New => Tone::Good,
        ImportOutcome::Changed => Tone::Info,
        ImportOutcome::Same => Tone::Neutral,
        ImportOutcome::Refused => Tone::Danger,
    }
}
