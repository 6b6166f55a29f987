//! Putting the open sale aside, and the list of those that are.

use egui::{Align, Align2, Context, Key, Layout, Pos2, Rect, Role, Sense, Ui, Vec2, WidgetInfo};
use tillwatch_desk::keys::pressed;
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens::{self, Palette, Tone};
use tillwatch_desk::widgets::{self, Banner, ButtonSize, Dialog, Field};
use tillwatch_desk::{format, icons};
use tillwatch_shared::CommandId;

use super::words;
use crate::cart_texts::Text;
use crate::input::Input;
use crate::state::State;
use crate::state::carts::{AsideForm, CartInput, Field as Place, KeptCart};
use crate::state::forms::Part;

const ROW: f32 = 52.0;

/// `true` when it was closed.
pub fn ui(ctx: &Context, state: &State, form: &AsideForm, out: &mut Vec<Input>) -> bool {
    let lang = state.lang();
    let panel = Dialog { id: "aside", title: Text::AsideTitle.get(lang), width: 560.0, lang };
    let answer = panel.show(ctx, |ui| {
        ui.spacing_mut().item_spacing.y = tokens::SPACE_8;
        if !state.cart.is_empty() {
            open_sale(ui, state, form, out);
            ui.separator();
        }
        list(ui, state, form, out);
    });
    answer.closed
}

/// What the keys do beyond the field.
pub fn keys(ctx: &Context, state: &State, form: &AsideForm, by: i32, out: &mut Vec<Input>) {
    if by != 0 {
        out.push(Input::Cart(CartInput::Row(by as isize)));
    }
    let Some(row) = form.row else { return };
    if pressed(ctx, Key::Delete)
        && let Some(sale) = sales(state).get(row)
    {
        out.push(Input::Cart(CartInput::Drop(*sale)));
    }
    if ctx.memory(|memory| memory.focused().is_none()) && pressed(ctx, Key::Enter) {
        // The safe answer to the question whether to delete.
        let keep = form.dropping.is_some();
        out.push(if keep { Input::Cart(CartInput::Keep) } else { Input::Submit });
    }
}

/// The ids of those of this store, as the list shows them.
fn sales(state: &State) -> Vec<CommandId> {
    let Some(store) = &state.store else { return Vec::new() };
    state.carts.of_store(store.id).filter_map(|cart| cart.basket.sale).collect()
}

fn open_sale(ui: &mut Ui, state: &State, form: &AsideForm, out: &mut Vec<Input>) {
    let lang = state.lang();
    let field = Field::new("aside-note", Text::AsideNote.get(lang), &form.note)
        .hint(Text::AsideNoteHint.get(lang))
        .focus(state.focus == Some(Part::Note));
    let answer = field.show(ui);
    out.extend(answer.changed.map(|text| Input::Cart(CartInput::Text(Place::Note, text))));
    let action = Text::SuspendThis.with(lang, &[("total", &state.cart.total())]);
    let key = form.row.is_none().then_some("Enter");
    let button = widgets::primary_button(ui, &action, key, ButtonSize::Large, true);
    if button.clicked() {
        out.push(Input::Cart(CartInput::Suspend));
    } else if answer.entered {
        out.push(Input::Submit);
    }
}

fn list(ui: &mut Ui, state: &State, form: &AsideForm, out: &mut Vec<Input>) {
    let lang = state.lang();
    let Some(store) = &state.store else { return };
    let mut any = false;
    for (row, cart) in state.carts.of_store(store.id).enumerate() {
        any = true;
        let Some(sale) = cart.basket.sale else { continue };
        one(ui, state, cart, sale, form.row == Some(row) && form.dropping.is_none(), out);
        if form.dropping == Some(sale) {
            confirm(ui, state, cart, sale, out);
        }
    }
    if !any {
        widgets::strong(ui, Text::AsideNone.get(lang));
        if state.cart.is_empty() {
            widgets::weak(ui, Text::AsideNoneHint.get(lang));
        }
    } else if !state.cart.is_empty() {
        widgets::small_weak(ui, Text::RecallSwap.get(lang));
    }
}

fn one(ui: &mut Ui, state: &State, cart: &KeptCart, sale: CommandId, on: bool, out: &mut Vec<Input>) {
    let lang = state.lang();
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = tokens::SPACE_8;
        let buttons = 170.0;
        let width = (ui.available_width() - buttons).max(120.0);
        if summary(ui, state, cart, on, width) {
            out.push(Input::Cart(CartInput::Recall(sale)));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if widgets::icon_button(ui, icons::TRASH, Text::Drop.get(lang)).clicked() {
                out.push(Input::Cart(CartInput::Drop(sale)));
            }
            let recall = Text::Recall.get(lang);
            let key = on.then_some("Enter");
            if widgets::secondary_button(ui, recall, key, ButtonSize::Normal, true).clicked() {
                out.push(Input::Cart(CartInput::Recall(sale)));
            }
        });
    });
}

/// When, who, what for how much. `true` when it was clicked twice.
fn summary(ui: &mut Ui, state: &State, cart: &KeptCart, on: bool, width: f32) -> bool {
    let lang = state.lang();
    let palette = Palette::in_ui(ui);
    let zone = format::zone(state.store.as_ref().map_or("", |store| store.zone.as_str()));
    let now = format::date(state.now, &zone) == format::date(cart.at, &zone);
    let when = if now { format::time(cart.at, &zone) } else { format::date_time(cart.at, &zone) };
    let head = format!("{when} · {}", cart.person_name);
    let items = words::items(cart.basket.lines.len(), lang);
    let note = if cart.suspended { cart.note.as_str() } else { Text::WasOpen.get(lang) };
    let detail = if note.is_empty() { items } else { format!("{items} · {note}") };
    let total = cart.basket.total();
    let (rect, response) = ui.allocate_exact_size(Vec2::new(width, ROW), Sense::CLICK);
    response.widget_info(|| {
        WidgetInfo::selected(Role::ListBoxOption, true, on, format!("{head}, {detail}, {total}"))
    });
    let painter = ui.painter();
    if on {
        painter.rect_filled(rect, 0.0, palette.accent_soft);
        let bar = Rect::from_min_size(rect.min, Vec2::new(3.0, rect.height()));
        painter.rect_filled(bar, 0.0, palette.accent);
        response.scroll_to_me(None);
    } else if response.hovered() {
        painter.rect_filled(rect, 0.0, palette.hover);
    }
    let inner = rect.shrink2(Vec2::new(tokens::SPACE_12, 6.0));
    let right = Pos2::new(inner.right(), inner.center().y);
    let figure = painter.text(right, Align2::RIGHT_CENTER, total.plain(), tokens::strong(), palette.text);
    let room = figure.left() - inner.left() - tokens::SPACE_12;
    let head = widgets::fit_middle(ui, &head, &tokens::body(), room);
    let detail = widgets::fit_middle(ui, &detail, &tokens::small(), room);
    painter.text(inner.left_top(), Align2::LEFT_TOP, head, tokens::body(), palette.text);
    painter.text(inner.left_bottom(), Align2::LEFT_BOTTOM, detail, tokens::small(), palette.text_weak);
    response.double_clicked()
}

/// Its items would be lost, so it is asked once; the safe answer comes first.
fn confirm(ui: &mut Ui, state: &State, cart: &KeptCart, sale: CommandId, out: &mut Vec<Input>) {
    let lang = state.lang();
    let total = cart.basket.total();
    let text = Text::DropAsk.with(lang, &[("name", &cart.person_name), ("total", &total)]);
    Banner { tone: Tone::Danger, text: &text, call: None }.show(ui);
    ui.horizontal(|ui| {
        let keep = Text::DropNo.get(lang);
        if widgets::secondary_button(ui, keep, Some("Enter"), ButtonSize::Normal, true).clicked() {
            out.push(Input::Cart(CartInput::Keep));
        }
        if widgets::danger_button(ui, Text::DropYes.get(lang), Some("Del"), ButtonSize::Normal).clicked() {
            out.push(Input::Cart(CartInput::Drop(sale)));
        }
    });
}
