//! Choosing products for a sheet of labels.

use egui::{Align, Context, Direction, Key, Layout, Ui};
use tillwatch_desk::keys::{command_pressed, pressed};
use tillwatch_desk::printer::LabelLayout;
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens;
use tillwatch_desk::widgets::{self, ButtonSize, Dialog, Field};
use tillwatch_desk::{Lang, icons};
use tillwatch_shared::ProductId;

use crate::input::Input;
use crate::labels::grid;
use crate::receipts_texts::Text;
use crate::state::State;
use crate::state::forms::Part;
use crate::state::labels::{LabelsForm, LabelsInput, Wanted};
use crate::state::receipts::ReceiptsInput;
use crate::update::labels::complaint;

/// Characters of a name in the list of hits.
const HIT: usize = 54;
/// Room for a price, and for how many copies.
const PRICE: f32 = 80.0;
const COUNT: f32 = 44.0;

/// `true` when it was closed.
pub fn ui(ctx: &Context, state: &State, form: &LabelsForm, out: &mut Vec<Input>) -> bool {
    let lang = state.lang();
    let dialog = Dialog { id: "labels", title: Text::Labels.get(lang), width: 560.0, lang };
    let mut did = Vec::new();
    let body = |ui: &mut Ui, did: &mut Vec<LabelsInput>| {
        ui.spacing_mut().item_spacing.y = tokens::SPACE_8;
        keys(ui, did);
        search(ui, state, form, did);
        ui.separator();
        if form.wanted.is_empty() {
            widgets::weak(ui, Text::LabelsEmpty.get(lang));
        }
        for wanted in &form.wanted {
            one(ui, state, *wanted, did);
        }
        ui.separator();
        sheet(ui, state, form, did);
    };
    let answer = dialog.show_with_foot(ctx, &mut did, body, |ui, did, ()| save(ui, lang, form, did));
    out.extend(did.into_iter().map(|input| Input::Receipts(ReceiptsInput::Labels(input))));
    answer.closed
}

fn keys(ui: &Ui, out: &mut Vec<LabelsInput>) {
    for (key, by) in [(Key::ArrowDown, 1), (Key::ArrowUp, -1)] {
        if pressed(ui.ctx(), key) {
            out.push(LabelsInput::MoveHit(by));
        }
    }
    if command_pressed(ui.ctx(), Key::S) {
        out.push(LabelsInput::Save);
    }
}

fn search(ui: &mut Ui, state: &State, form: &LabelsForm, out: &mut Vec<LabelsInput>) {
    let lang = state.lang();
    let error = form.complaint.map(|about| complaint(state, about));
    let field = Field::new("label-product", Text::LabelProduct.get(lang), &form.search)
        .hint(Text::LabelProductHint.get(lang))
        .error(error.as_deref())
        .focus(state.focus == Some(Part::Product));
    let answer = field.show(ui);
    out.extend(answer.changed.map(LabelsInput::Search));
    if answer.entered {
        out.push(LabelsInput::Enter);
    }
    for (index, hit) in form.hits.iter().enumerate() {
        let name = widgets::cut_middle(name(state, *hit), HIT);
        if ui.selectable_label(index == form.hit, name.as_ref()).clicked() {
            out.push(LabelsInput::Add(*hit));
        }
    }
}

fn name(state: &State, product: ProductId) -> &str {
    state.catalogue.get(product).map_or("", |item| item.product.name.as_str())
}

fn one(ui: &mut Ui, state: &State, wanted: Wanted, out: &mut Vec<LabelsInput>) {
    let lang = state.lang();
    let product = wanted.product;
    let name = name(state, product);
    let price = state.catalogue.get(product).map(|item| state.price(&item.product).plain());
    ui.horizontal(|ui| {
        let room = ui.available_width() - PRICE - COUNT - 4.0 * tokens::CONTROL_HEIGHT;
        let shown = widgets::fit_middle(ui, name, &tokens::body(), room).into_owned();
        ui.label(shown).on_hover_text(name);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let remove = Text::LabelRemove.with(lang, &[("name", &name)]);
            if widgets::icon_button(ui, icons::TRASH, &remove).clicked() {
                out.push(LabelsInput::Remove(product));
            }
            let more = Text::LabelMore.with(lang, &[("name", &name)]);
            if widgets::icon_button(ui, icons::PLUS, &more).clicked() {
                out.push(LabelsInput::Copies(product, 1));
            }
            // As wide as the most copies there may be, so that the buttons stand below each other.
            let size = egui::Vec2::new(COUNT, tokens::CONTROL_HEIGHT);
            ui.allocate_ui_with_layout(size, Layout::centered_and_justified(Direction::LeftToRight), |ui| {
                widgets::strong(ui, &wanted.copies.to_string());
            });
            let fewer = Text::LabelFewer.with(lang, &[("name", &name)]);
            if widgets::icon_button(ui, icons::MINUS, &fewer).clicked() {
                out.push(LabelsInput::Copies(product, -1));
            }
            widgets::weak(ui, &price.unwrap_or_default());
        });
    });
}

fn sheet(ui: &mut Ui, state: &State, form: &LabelsForm, out: &mut Vec<LabelsInput>) {
    let lang = state.lang();
    let layout = state.settings.label_layout;
    widgets::small_weak(ui, Text::LabelLayout.get(lang));
    let words = LabelLayout::ALL.map(|layout| {
        let grid = grid(layout);
        format!("{} × {} ({})", grid.columns, grid.rows, grid.labels())
    });
    let choices: Vec<(LabelLayout, &str)> =
        LabelLayout::ALL.into_iter().zip(words.iter().map(String::as_str)).collect();
    let width = Some(ui.available_width());
    out.extend(widgets::segmented(ui, Some(layout), &choices, width).map(LabelsInput::Layout));
    let size = grid(layout).size;
    let millimetres = |side: f32| tillwatch_desk::format::decimal(f64::from(side), 1);
    let size = [("width", millimetres(size.0)), ("height", millimetres(size.1))];
    let [(wide, across), (high, along)] = &size;
    widgets::small_weak(ui, &Text::LabelSize.with(lang, &[(wide, across), (high, along)]));
    let field = Field::new("label-skip", Text::LabelsSkip.get(lang), &form.skip).hint("0").limit(3);
    out.extend(field.show(ui).changed.map(LabelsInput::Skip));
}

fn save(ui: &mut Ui, lang: Lang, form: &LabelsForm, out: &mut Vec<LabelsInput>) {
    let labels = form.labels();
    let words = if labels == 1 {
        Text::LabelsSaveOne.get(lang).to_owned()
    } else {
        Text::LabelsSave.with(lang, &[("n", &labels)])
    };
    let ready = labels > 0 && !form.waiting;
    if widgets::primary_button(ui, &words, Some("Ctrl+S"), ButtonSize::Large, ready).clicked() {
        out.push(LabelsInput::Save);
    }
}
