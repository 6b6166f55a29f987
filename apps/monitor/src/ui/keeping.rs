//! Cards of the settings for those who look after the shop's server: backups, and a trial of who is told of alarms.

use egui::{ProgressBar, RichText, Ui};
use jiff::tz::TimeZone;
use tillwatch_desk::failure;
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens::{self, Palette, Tone};
use tillwatch_desk::widgets::{self, ButtonSize};
use tillwatch_desk::{Lang, format, icons};
use tillwatch_shared::api::{Backup, BackupStep, BackupWork, Backups, RestoreOutcome, Telling};

use super::{Screen, parts};
use crate::input::User;
use crate::keeping::KeepingAct;
use crate::keeping_texts::Text;
use crate::texts::Text as Common;
use crate::update::keeping::{may_back_up, may_try};

/// Below this width a backup's state stands on a line of its own.
const STATUS: f32 = 260.0;

pub fn cards(ui: &mut Ui, screen: &mut Screen<'_>) {
    if may_back_up(screen.state) {
        card(ui, |ui| backups(ui, screen));
    }
    if may_try(screen.state) {
        card(ui, |ui| trial(ui, screen));
    }
}

fn card(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    parts::card(ui).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = tokens::SPACE_8;
        content(ui);
    });
    ui.add_space(tokens::SPACE_12);
}

fn button(ui: &mut Ui, icon: &str, name: &str, able: bool) -> bool {
    let words = format!("{icon} {name}");
    let button = widgets::secondary_button(ui, &words, None, ButtonSize::Normal, able);
    button.accessible_name(name).clicked()
}

fn backups(ui: &mut Ui, screen: &mut Screen<'_>) {
    let lang = screen.lang();
    let keeping = &screen.state.keeping;
    widgets::strong(ui, Text::Backups.get(lang));
    let Some(listed) = keeping.backups.value() else {
        match keeping.backups.failure() {
            Some(failed) => {
                widgets::status(ui, Tone::Danger, &failure::what(failed, lang));
                if button(ui, icons::ARROW_CLOCKWISE, Common::Refresh.get(lang), true) {
                    screen.act(User::Keeping(KeepingAct::Retry));
                }
            }
            None => {
                widgets::loading(ui, Text::Loading.get(lang));
            }
        }
        return;
    };
    ui.horizontal_wrapped(|ui| {
        let able = !keeping.beginning && listed.work.is_none();
        if button(ui, icons::PLUS, Text::Make.get(lang), able) {
            screen.act(User::Keeping(KeepingAct::MakeBackup));
        }
        match &listed.work {
            Some(work) => progress(ui, work, lang),
            None if keeping.beginning => {
                widgets::loading(ui, Text::Beginning.get(lang));
            }
            None => {}
        }
    });
    if let Some(refused) = &keeping.refused {
        widgets::status(ui, Tone::Attention, &failure::what(refused, lang));
    }
    problem(ui, listed, lang);
    let zone = screen.state.zone(None);
    last_good(ui, listed, &zone, lang);
    for backup in &listed.items {
        one(ui, backup, &zone, lang);
    }
    if listed.items.is_empty() && listed.work.is_none() {
        widgets::status(ui, Tone::Attention, Text::None.get(lang));
    }
    let nightly = match &listed.nightly {
        Some(at) => Text::Nightly.with(lang, &[("at", at)]),
        None => Text::NotNightly.get(lang).to_owned(),
    };
    let words = format!("{nightly} {}", Text::Where.with(lang, &[("folder", &listed.folder)]));
    let hint = RichText::new(words).font(tokens::small()).color(Palette::in_ui(ui).text_weak);
    ui.add(egui::Label::new(hint).wrap());
}

fn progress(ui: &mut Ui, work: &BackupWork, lang: Lang) {
    let bytes = |text: Text| {
        let (done, all) = (format::bytes(work.bytes), format::bytes(work.of_bytes));
        (text.with(lang, &[("done", &done), ("all", &all)]), work.bytes as f32 / work.of_bytes.max(1) as f32)
    };
    let (words, share) = match work.step {
        BackupStep::Copying => bytes(Text::Copying),
        BackupStep::Restoring => bytes(Text::Restoring),
        BackupStep::Checking => {
            let (done, all) = (format::integer(work.rows), format::integer(work.of_rows));
            let words = Text::Checking.with(lang, &[("done", &done), ("all", &all)]);
            (words, work.rows as f32 / work.of_rows.max(1) as f32)
        }
    };
    ui.add(ProgressBar::new(share.min(1.0)).desired_width(120.0));
    widgets::weak(ui, &words);
}

/// Which backup is known to be good, and since when.
fn last_good(ui: &mut Ui, listed: &Backups, zone: &TimeZone, lang: Lang) {
    let good = listed.items.iter().find_map(|backup| Some((backup, backup.verified_at?)));
    let Some((backup, at)) = good else {
        if !listed.items.is_empty() {
            widgets::status(ui, Tone::Attention, Text::NoneGood.get(lang));
        }
        return;
    };
    let (at, made) = (format::date_time(at, zone), format::date_time(backup.made_at, zone));
    widgets::status(ui, Tone::Good, &Text::LastGood.with(lang, &[("at", &at), ("made", &made)]));
}

fn problem(ui: &mut Ui, listed: &Backups, lang: Lang) {
    let Some(failed) = &listed.failure else { return };
    let words = if failed.disk_full {
        Text::DiskFull.get(lang).to_owned()
    } else {
        let why = widgets::cut_middle(&failed.detail, 200);
        Text::Failed.with(lang, &[("why", &why)])
    };
    let palette = Palette::in_ui(ui);
    let words = format!("{} {words}", icons::WARNING_CIRCLE);
    ui.add(egui::Label::new(RichText::new(words).color(palette.danger)).wrap());
}

fn one(ui: &mut Ui, backup: &Backup, zone: &TimeZone, lang: Lang) {
    ui.horizontal_wrapped(|ui| {
        let made = format::date_time(backup.made_at, zone);
        ui.label(RichText::new(made).font(tokens::body_strong()));
        widgets::weak(ui, &format::bytes(backup.bytes));
        let rows = format::integer(backup.journal_seq);
        widgets::weak(ui, &Text::Rows.with(lang, &[("n", &rows)]));
        if ui.available_size_before_wrap().x < STATUS {
            ui.end_row();
        }
        let failed = backup.trial.as_ref().map(|trial| (trial.outcome, trial.detail.as_deref()));
        match (backup.verified_at, failed) {
            (Some(at), _) => {
                let at = format::date_time(at, zone);
                widgets::status(ui, Tone::Good, &Text::Verified.with(lang, &[("at", &at)]))
            }
            (None, Some((RestoreOutcome::Failed, why))) => {
                let why = widgets::cut_middle(why.unwrap_or("–"), 120);
                widgets::status(ui, Tone::Danger, &Text::NotRestored.with(lang, &[("why", &why)]))
            }
            (None, Some((RestoreOutcome::NoRoom, _))) => {
                widgets::status(ui, Tone::Attention, Text::NoRoom.get(lang))
            }
            (None, Some((RestoreOutcome::Passed, _)) | None) => {
                widgets::status(ui, Tone::Attention, Text::NotVerified.get(lang))
            }
        };
        if !backup.has_readings {
            widgets::weak(ui, Text::NoReadings.get(lang));
        }
    });
}

fn trial(ui: &mut Ui, screen: &mut Screen<'_>) {
    let lang = screen.lang();
    let trial = &screen.state.keeping.trial;
    widgets::strong(ui, Text::Recipients.get(lang));
    ui.horizontal_wrapped(|ui| {
        if button(ui, icons::BELL, Text::Trial.get(lang), !trial.is_loading()) {
            screen.act(User::Keeping(KeepingAct::Trial));
        }
        if let Some(reason) = trial.loading() {
            widgets::loading(ui, reason);
        }
    });
    if let Some(failed) = trial.failure() {
        widgets::status(ui, Tone::Danger, &failure::what(failed, lang));
    }
    match trial.value().map(Vec::as_slice) {
        None => {}
        Some([]) => {
            widgets::status(ui, Tone::Attention, Text::Nobody.get(lang));
        }
        Some(tellings) => {
            for telling in tellings {
                told(ui, telling, lang);
            }
        }
    }
    let hint = RichText::new(Text::TrialHint.get(lang)).font(tokens::small());
    ui.add(egui::Label::new(hint.color(Palette::in_ui(ui).text_weak)).wrap());
}

fn told(ui: &mut Ui, telling: &Telling, lang: Lang) {
    ui.horizontal_wrapped(|ui| {
        let (tone, word) =
            if telling.told { (Tone::Good, Text::Told) } else { (Tone::Danger, Text::NotTold) };
        let name = widgets::cut_middle(&telling.recipient, 60);
        ui.label(RichText::new(name).font(tokens::body_strong()));
        widgets::status(ui, tone, word.get(lang));
        if telling.second {
            widgets::weak(ui, Text::Second.get(lang));
        }
        widgets::weak(ui, &widgets::cut_middle(&telling.answer, 160));
    });
}
