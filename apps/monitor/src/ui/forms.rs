//! A form: its fields, then what is about to change, then what the server said.

use egui::{Align, Layout, ProgressBar, RichText, Ui, vec2};
use tillwatch_desk::failure;
use tillwatch_desk::texts::{Table as _, fill as fill_in};
use tillwatch_desk::tokens::{self, Palette};
use tillwatch_desk::widgets::{self, ButtonSize, Field as TextField};
use tillwatch_desk::{format, icons};
use tillwatch_shared::api::RehearsalLine;
use tillwatch_shared::limits;

use super::{Screen, parts};
use crate::alarm_texts::Text as Alarms;
use crate::asking_texts::Text as Asking;
use crate::forms::{Danger, Field, Form, FormAct, Kind, Order, Part, Step, Wrong};
use crate::input::User;
use crate::lists_texts::Word;
use crate::manage_texts::Text;

/// Times at which a rule would have fired that are shown.
const TIMES: usize = 8;

fn act(screen: &mut Screen<'_>, act: FormAct) {
    screen.act(User::Form(act));
}

fn title(form: &Form) -> Word {
    if form.secret.is_some() { Text::SecretTitle.into() } else { form.about.card().title }
}

pub fn dialog(ui: &Ui, screen: &mut Screen<'_>, form: &Form) {
    let lang = screen.lang();
    let head = title(form).get(lang);
    let head = if form.subject.is_empty() || form.is_danger() {
        head.to_owned()
    } else {
        format!("{head} · {}", widgets::cut_middle(&form.subject, 18))
    };
    let dialog = widgets::Dialog { id: "form", title: &head, width: 500.0, lang };
    let answer = dialog.show(ui.ctx(), |ui| {
        ui.spacing_mut().item_spacing.y = tokens::SPACE_8;
        if let Some(secret) = &form.secret {
            return show_secret(ui, screen, secret);
        }
        if let Some(failed) = &form.failure {
            let (what, hint) = (failure::what(failed, lang), failure::hint(failed, lang));
            let words = format!("{} {what} {hint}", icons::WARNING_CIRCLE);
            ui.label(RichText::new(words).color(Palette::in_ui(ui).danger));
        }
        match form.step {
            Step::Filling => fill(ui, screen, form),
            Step::Reviewing => match form.about.card().danger {
                Some(what) => danger(ui, screen, form, what),
                None => review(ui, screen, form),
            },
        }
    });
    if answer.inner || answer.closed {
        act(screen, FormAct::Close);
    }
}

/// Whether the person is done with it.
fn show_secret(ui: &mut Ui, screen: &Screen<'_>, secret: &str) -> bool {
    let lang = screen.lang();
    widgets::weak(ui, Text::SecretHint.get(lang));
    ui.label(RichText::new(secret).monospace().strong());
    ui.horizontal(|ui| {
        if widgets::primary_button(ui, Text::Copy.get(lang), None, ButtonSize::Normal, true).clicked() {
            ui.ctx().copy_text(secret.to_owned());
        }
        let close = screen.text(crate::texts::Text::Close);
        widgets::secondary_button(ui, close, Some("Esc"), ButtonSize::Normal, true).clicked()
    })
    .inner
}

fn fill(ui: &mut Ui, screen: &mut Screen<'_>, form: &Form) -> bool {
    if let Some(hint) = form.about.card().hint {
        widgets::weak(ui, hint.get(screen.lang()));
    }
    let wrong = form.wrong();
    let mut entered = false;
    for (place, field) in form.fields.iter().enumerate() {
        entered |= one_field(ui, screen, field, wrong, place == 0);
    }
    ui.add_space(tokens::SPACE_4);
    let lang = screen.lang();
    ui.horizontal(|ui| {
        let words = Text::Continue.get(lang);
        let go = widgets::primary_button(ui, words, Some("Enter"), ButtonSize::Normal, true).clicked();
        if go || entered {
            act(screen, FormAct::Go);
        }
        widgets::secondary_button(ui, Text::Cancel.get(lang), Some("Esc"), ButtonSize::Normal, true).clicked()
    })
    .inner
}

fn one_field(ui: &mut Ui, screen: &mut Screen<'_>, field: &Field, wrong: Option<Wrong>, first: bool) -> bool {
    let lang = screen.lang();
    let error = wrong.filter(|wrong| wrong.part == field.part).map(|wrong| wrong.why.get(lang));
    match &field.kind {
        Kind::Text { hint, limit } => {
            typed(ui, screen, field, error, first, |box_| box_.hint(hint).limit(*limit))
        }
        Kind::Amount { hint } => {
            typed(ui, screen, field, error, first, |box_| box_.right().hint(hint).limit(20))
        }
        Kind::Percent => typed(ui, screen, field, error, first, |box_| box_.right().hint("0 %").limit(20)),
        Kind::Secret => {
            typed(ui, screen, field, error, first, |box_| box_.password().limit(limits::PASSWORD_CHARS))
        }
        Kind::One(choices) => {
            labelled(ui, field, lang, error, |ui| {
                let options: Vec<(usize, &str)> =
                    choices.iter().enumerate().map(|(place, (_, name))| (place, name.as_str())).collect();
                let chosen = choices.iter().position(|(key, _)| *key == field.value);
                let picked = parts::one_of(
                    ui,
                    &format!("form-{:?}", field.part),
                    field.label.get(lang),
                    chosen,
                    &options,
                );
                if let Some((key, _)) = picked.and_then(|place| choices.get(place)) {
                    act(screen, FormAct::Set(field.part, key.clone()));
                }
            });
            false
        }
        Kind::Many(choices) if choices.is_empty() => false,
        Kind::Many(choices) => {
            labelled(ui, field, lang, error, |ui| {
                for (key, name) in choices {
                    let mut on = field.has(key);
                    let name = widgets::cut_middle(name, 56).into_owned();
                    if ui.checkbox(&mut on, name).changed() {
                        act(screen, FormAct::Set(field.part, field.toggled(key)));
                    }
                }
            });
            false
        }
    }
}

fn typed<'f>(
    ui: &mut Ui,
    screen: &mut Screen<'_>,
    field: &'f Field,
    error: Option<&'f str>,
    first: bool,
    shape: impl FnOnce(TextField<'f>) -> TextField<'f>,
) -> bool {
    let focus = first && ui.memory(|memory| memory.focused().is_none());
    let box_ = TextField::new(("form", field.part), field.label.get(screen.lang()), &field.value);
    let answer = shape(box_).error(error).focus(focus).show(ui);
    if let Some(text) = answer.changed {
        act(screen, FormAct::Set(field.part, text));
    }
    answer.entered
}

fn labelled(
    ui: &mut Ui,
    field: &Field,
    lang: tillwatch_desk::Lang,
    error: Option<&str>,
    add: impl FnOnce(&mut Ui),
) {
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = tokens::SPACE_4;
        widgets::small_weak(ui, field.label.get(lang));
        add(ui);
        if let Some(error) = error {
            ui.label(RichText::new(error).font(tokens::small()).color(Palette::in_ui(ui).danger));
        }
    });
}

/// What changes, each with what it was.
fn review(ui: &mut Ui, screen: &mut Screen<'_>, form: &Form) -> bool {
    let lang = screen.lang();
    let mut any = false;
    widgets::weak(ui, Text::Review.get(lang));
    for field in form.changes() {
        any = true;
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            widgets::small_weak(ui, field.label.get(lang));
            let value = field.shown(&field.value, lang);
            let words = if field.before.trim().is_empty() || field.part == Part::Store {
                value
            } else {
                format!("{} → {value}", field.shown(&field.before, lang))
            };
            ui.label(RichText::new(words).font(tokens::body_strong()));
        });
    }
    rehearsal(ui, screen, form);
    if !any {
        ui.label(Text::NothingChanged.get(lang));
    }
    ui.add_space(tokens::SPACE_4);
    ui.horizontal(|ui| {
        let words = Text::Confirm.get(lang);
        let ready = any && !form.saving && !form.rehearsal.is_loading();
        let save = widgets::primary_button(ui, words, Some("Enter"), ButtonSize::Normal, ready);
        if ui.memory(|memory| memory.focused().is_none()) && ready {
            save.request_focus();
        }
        if save.clicked() {
            act(screen, FormAct::Go);
        }
        if widgets::secondary_button(ui, Text::Back.get(lang), None, ButtonSize::Normal, !form.saving)
            .clicked()
        {
            act(screen, FormAct::Back);
        }
        widgets::secondary_button(ui, Text::Cancel.get(lang), Some("Esc"), ButtonSize::Normal, true).clicked()
    })
    .inner
}

/// Names what is lost; the safe answer has the focus.
fn danger(ui: &mut Ui, screen: &mut Screen<'_>, form: &Form, danger: Danger) -> bool {
    let lang = screen.lang();
    let Danger { loses, now } = danger;
    ui.label(fill_in(loses.get(lang), &[("name", &form.subject)]));
    ui.add_space(tokens::SPACE_8);
    ui.horizontal(|ui| {
        let keep = widgets::primary_button(ui, Text::Cancel.get(lang), Some("Esc"), ButtonSize::Normal, true);
        if ui.memory(|memory| memory.focused().is_none()) {
            keep.request_focus();
        }
        if widgets::danger_button(ui, now.get(lang), None, ButtonSize::Normal).clicked() {
            act(screen, FormAct::Go);
        }
        keep.clicked()
    })
    .inner
}

/// How much is done, and that it may be stopped.
#[expect(clippy::cast_possible_truncation, reason = "a share of 100")]
fn under_way(ui: &mut Ui, screen: &mut Screen<'_>, form: &Form, reason: &str) {
    let lang = screen.lang();
    widgets::loading(ui, reason);
    let row = vec2(ui.available_width(), tokens::CONTROL_HEIGHT);
    ui.allocate_ui_with_layout(row, Layout::right_to_left(Align::Center), |ui| {
        let stop = widgets::secondary_button(ui, Asking::Stop.get(lang), None, ButtonSize::Normal, true);
        if stop.clicked() {
            act(screen, FormAct::Stop);
        }
        let percent = format!("{:.0} %", form.rehearsed);
        let left = ui.available_width();
        ui.add(ProgressBar::new(form.rehearsed as f32 / 100.0).desired_width(left).text(percent));
    });
    widgets::small_weak(ui, Alarms::AfterTrial.get(lang));
}

fn again(ui: &mut Ui, screen: &mut Screen<'_>) {
    let words = Asking::Again.get(screen.lang());
    if widgets::secondary_button(ui, words, None, ButtonSize::Normal, true).clicked() {
        act(screen, FormAct::Again);
    }
}

/// When a rule would have fired.
fn rehearsal(ui: &mut Ui, screen: &mut Screen<'_>, form: &Form) {
    let lang = screen.lang();
    let held = &form.rehearsal;
    if let Some(reason) = held.loading() {
        under_way(ui, screen, form, reason);
        return;
    }
    if form.wait.stopped && held.value().is_none() && held.failure().is_none() {
        ui.label(RichText::new(Alarms::NotTried.get(lang)).color(Palette::in_ui(ui).attention));
        again(ui, screen);
        return;
    }
    let failed = held.value().into_iter().flatten().find_map(|line| match line {
        RehearsalLine::Failed { reason } => Some(reason.clone()),
        RehearsalLine::Alarm { .. }
        | RehearsalLine::KnownSince { .. }
        | RehearsalLine::Progress { .. }
        | RehearsalLine::Done { .. } => None,
    });
    let failed = failed.or_else(|| held.failure().map(|failure| failure::what(failure, lang)));
    if let Some(what) = failed {
        let words = Alarms::NotRehearsed.with(lang, &[("what", &what)]);
        ui.label(RichText::new(words).color(Palette::in_ui(ui).attention));
        again(ui, screen);
        return;
    }
    let Some(lines) = held.value() else { return };
    let fired: Vec<_> = lines
        .iter()
        .filter_map(|line| match line {
            RehearsalLine::Alarm { name, began_at, ended_at, .. } => Some((name, *began_at, *ended_at)),
            RehearsalLine::KnownSince { .. }
            | RehearsalLine::Failed { .. }
            | RehearsalLine::Progress { .. }
            | RehearsalLine::Done { .. } => None,
        })
        .collect();
    let words = match fired.len() {
        0 => Alarms::WouldNever.get(lang).to_owned(),
        1 => Alarms::WouldOnce.get(lang).to_owned(),
        n => Alarms::Would.with(lang, &[("n", &n)]),
    };
    ui.label(RichText::new(words).font(tokens::body_strong()));
    let zone = screen.state.zone(form.value(Part::Store).parse().ok());
    for (name, began, ended) in fired.iter().take(TIMES) {
        let at = format::date_time(*began, &zone);
        let words = match ended {
            Some(ended) => {
                let time = format::duration(lang, ended.since(*began));
                Alarms::FiredFor.with(lang, &[("name", name), ("at", &at), ("time", &time)])
            }
            None => Alarms::FiredStill.with(lang, &[("name", name), ("at", &at)]),
        };
        widgets::small_weak(ui, &words);
    }
    if fired.len() > TIMES {
        widgets::small_weak(ui, &Alarms::WouldMore.with(lang, &[("n", &(fired.len() - TIMES))]));
    }
    for line in lines {
        if let RehearsalLine::KnownSince { at } = line {
            let at = format::date_time(*at, &zone);
            widgets::small_weak(ui, &Alarms::KnownSince.with(lang, &[("at", &at)]));
        }
    }
    if matches!(form.order(), Ok(Order::SetRule(_, rule)) if rule.watch.kind().of_no_store()) {
        widgets::small_weak(ui, Alarms::OfAlarms.get(lang));
    }
}
