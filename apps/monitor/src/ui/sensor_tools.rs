//! Above the sensors' charts: the time range, how near, and in how many columns.

use egui::{Button, ComboBox, RichText, Ui, Vec2};
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens::{self, Palette};
use tillwatch_desk::widgets::{ButtonSize, Field};
use tillwatch_desk::{format, icons, widgets};
use tillwatch_shared::UtcMicros;

use super::Screen;
use crate::charts::RangeChoice;
use crate::input::{User, ViewAct};
use crate::sensor_view::{COLUMNS, ToolAct, TypedRange};
use crate::sensor_view_texts::Text as Tools;
use crate::state::SeriesKind;
use crate::texts::{self, Text};

const FIELD_WIDTH: f32 = 190.0;
/// A window of this width has room for a further tool in the line.
const ROOMY: f32 = 1150.0;

fn act(screen: &mut Screen<'_>, act: ToolAct) {
    screen.act(User::View(ViewAct::Tool(act)));
}

pub fn time_range(ui: &mut Ui, screen: &mut Screen<'_>) {
    let charts = &screen.state.sensor_charts;
    let lang = screen.lang();
    let options = RangeChoice::ALL.map(|choice| (choice, texts::range(choice).get(lang)));
    if let Some(choice) = widgets::segmented(ui, charts.view.choice(), &options, None) {
        screen.act(User::View(ViewAct::Range(choice)));
    }
    if widgets::secondary_button(ui, Tools::Typed.get(lang), Some("P"), ButtonSize::Normal, true).clicked() {
        act(screen, ToolAct::Toggle);
    }
    for (icon, text, factor) in [
        (icons::MAGNIFYING_GLASS_PLUS, Text::ZoomIn, 0.5),
        (icons::MAGNIFYING_GLASS_MINUS, Text::ZoomOut, 2.0),
    ] {
        if widgets::icon_button(ui, icon, screen.text(text)).clicked() {
            screen.act(User::View(ViewAct::Zoom { factor, at: None }));
        }
    }
    if charts.view.follows() {
        let words = format!("{} {}", icons::BROADCAST, screen.text(Text::Following));
        ui.label(RichText::new(words).color(Palette::in_ui(ui).good));
    } else {
        let words = screen.text(Text::BackToNow);
        if widgets::primary_button(ui, words, Some("Home"), ButtonSize::Normal, true).clicked() {
            screen.act(User::View(ViewAct::Follow));
        }
        widgets::weak(ui, &held_range(screen));
    }
    if charts.asked.as_ref().is_some_and(|a| a.kind == SeriesKind::Whole) {
        widgets::loading(ui, screen.text(Text::LoadingCharts));
    }
}

/// `20/11/2026 14:30 – 21/11/2026 02:40`
fn held_range(screen: &Screen<'_>) -> String {
    let range = screen.state.range(&screen.state.sensor_charts, screen.now);
    let zone = screen.state.zone(None);
    let end = |at| format::date_time(UtcMicros(at), &zone);
    format!("{} – {}", end(range.from), end(range.to))
}

/// Which sensors stand on the wall, and in how many columns.
pub fn wall(ui: &mut Ui, screen: &mut Screen<'_>) {
    columns(ui, screen);
    let on = screen.state.sensor_view.troubled;
    let offered = screen.state.alerts(screen.now) > 0 && ui.ctx().content_rect().width() >= ROOMY;
    if on || offered {
        let words = Tools::Troubled.get(screen.lang());
        let button = Button::selectable(on, words)
            .frame_when_inactive(true)
            .min_size(Vec2::new(0.0, tokens::CONTROL_HEIGHT));
        if ui.add(button).clicked() {
            act(screen, ToolAct::Troubled(!on));
        }
    }
}

fn columns(ui: &mut Ui, screen: &mut Screen<'_>) {
    let lang = screen.lang();
    let words = |columns: Option<u8>| match columns {
        None => Tools::ColumnsAuto.get(lang).to_owned(),
        Some(1) => Tools::OneColumn.get(lang).to_owned(),
        Some(n) => Tools::ColumnsOf.with(lang, &[("n", &n)]),
    };
    let now = screen.state.sensor_view.columns;
    // Narrow, so that a small window has all of the tools in one line.
    let shown = now.map_or_else(|| Tools::Auto.get(lang).to_owned(), |n| n.to_string());
    let shown = format!("{}  {shown}", icons::SQUARES_FOUR);
    let answer = ComboBox::from_id_salt("columns").width(76.0).selected_text(shown).show_ui(ui, |ui| {
        let mut choices = std::iter::once(None).chain(COLUMNS.map(Some));
        choices.find(|one| ui.selectable_label(*one == now, words(*one)).clicked())
    });
    answer.response.accessible_name(format!("{}: {}", Tools::Columns.get(lang), words(now)));
    if let Some(chosen) = answer.inner.flatten() {
        act(screen, ToolAct::Columns(chosen));
    }
}

/// The two fields of a range that is typed.
pub fn typed(ui: &mut Ui, screen: &mut Screen<'_>, range: &TypedRange) {
    let lang = screen.lang();
    let complaint = range.complaint.map(|complaint| (complaint.is_at_from(), complaint.text().get(lang)));
    let error = |at_from: bool| complaint.filter(|(from, _)| *from == at_from).map(|(_, words)| words);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = tokens::SPACE_12;
        let mut entered = false;
        for (at_from, id, label, text) in
            [(true, "range-from", Tools::From, &range.from), (false, "range-to", Tools::To, &range.to)]
        {
            let field = Field::new((id, ui.ctx().viewport_id()), label.get(lang), text)
                .hint(Tools::Hint.get(lang))
                .limit(20)
                .width(FIELD_WIDTH)
                .select_all()
                .error(error(at_from))
                .focus(at_from && range.fresh);
            let answer = field.show(ui);
            entered |= answer.entered;
            if let Some(text) = answer.changed {
                act(screen, if at_from { ToolAct::From(text) } else { ToolAct::To(text) });
            }
        }
        if range.fresh {
            act(screen, ToolAct::Focused);
        }
        ui.vertical(|ui| {
            // On the height of the fields, below their labels.
            ui.add_space(tokens::SPACE_24);
            ui.horizontal(|ui| {
                let show = Tools::Show.get(lang);
                let shown =
                    widgets::primary_button(ui, show, Some("Enter"), ButtonSize::Normal, true).clicked();
                if shown || entered {
                    act(screen, ToolAct::Apply);
                }
                let cancel = Tools::Cancel.get(lang);
                if widgets::quiet_button(ui, cancel, Some("Esc")).clicked() {
                    act(screen, ToolAct::Toggle);
                }
            });
        });
    });
    ui.add_space(tokens::SPACE_4);
}
