//! The cart: lines that scroll, a total that does not.

use egui::{
    Align, Align2, Frame, Id, Layout, Panel, Pos2, Rect, RichText, Role, ScrollArea, Sense, Ui, Vec2,
    WidgetInfo,
};
use tillwatch_desk::icons;
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens::{self, Palette, Tone};
use tillwatch_desk::widgets::{self, ButtonSize, Call};
use tillwatch_shared::Cents;
use tillwatch_shared::tax_id::TaxId;

use super::{pay, words};
use crate::action::Action;
use crate::cart_texts::Text as Words;
use crate::input::Input;
use crate::state::State;
use crate::state::cart::{Discount, Line};
use crate::texts::Text;

const ROW: f32 = 48.0;
/// A cart in which buttons need not stand close.
const ROOMY: f32 = 400.0;

pub fn ui(ui: &mut Ui, state: &State, out: &mut Vec<Input>) {
    let lang = state.lang();
    ui.horizontal(|ui| {
        widgets::strong(ui, Text::Sale.get(lang));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if !state.cart.is_empty() {
                widgets::weak(ui, &words::items(state.cart.lines().len(), lang));
            }
            aside(ui, state, out);
        });
    });
    Panel::bottom("cart-foot").frame(Frame::new()).show_separator_line(false).show(ui, |ui| {
        foot(ui, state, out);
    });
    if state.cart.is_empty() {
        let (title, hint) = (Text::CartEmpty.get(lang), Text::CartEmptyHint.get(lang));
        let call = Call { text: Text::AmountTitle.get(lang), key: state.keys.label(Action::Amount) };
        if widgets::empty_state(ui, icons::BASKET, title, hint, Some(call)) {
            out.push(Input::OpenAmount);
        }
        return;
    }
    ui.spacing_mut().item_spacing.y = 0.0;
    let area = ScrollArea::vertical().auto_shrink([false, false]).animated(false);
    area.show_rows(ui, ROW, state.cart.lines().len(), |ui, range| {
        follow(ui, state, range.start);
        for index in range {
            let Some(line) = state.cart.lines().get(index) else { continue };
            if row(ui, line, index == state.cart.selected()) {
                out.push(Input::SelectLine(index));
            }
        }
    });
}

/// Puts the open sale aside, or says how many are.
fn aside(ui: &mut Ui, state: &State, out: &mut Vec<Input>) {
    let lang = state.lang();
    let count = state.store.as_ref().map_or(0, |store| state.carts.of_store(store.id).count());
    let words = match (state.cart.is_empty(), count) {
        (true, 0) => return,
        (false, 0) => Words::Suspend.get(lang).to_owned(),
        (_, count) => Words::Aside.with(lang, &[("n", &count)]),
    };
    if widgets::quiet_button(ui, &words, state.keys.label(Action::Aside)).clicked() {
        out.push(Action::Aside.input());
    }
}

/// The discount on the sale and the customer's CPF; in a low window only those that there are.
fn extras(ui: &mut Ui, state: &State, out: &mut Vec<Input>) {
    let (lang, basket, low) = (state.lang(), state.cart.basket(), widgets::is_low(ui));
    let discount = basket.discount_cents();
    if !low || discount > Cents::ZERO {
        let words = match basket.discount {
            Discount::Percent(percent) => format!("{} {percent}", Words::Discount.get(lang)),
            Discount::Amount(_) | Discount::None => Words::Discount.get(lang).to_owned(),
        };
        let sign = if discount == Cents::ZERO { "" } else { "−" };
        let figure = format!("{sign}{}", discount.plain());
        extra(ui, state, &words, Action::Discount, &figure, out);
    }
    if !low || basket.customer.is_some() {
        let masked = basket.customer.as_ref().map(TaxId::masked).unwrap_or_default();
        extra(ui, state, Words::Customer.get(lang), Action::Customer, &masked, out);
    }
}

/// What it is and its key on the left, which open it; how it stands on the right.
fn extra(ui: &mut Ui, state: &State, words: &str, action: Action, figure: &str, out: &mut Vec<Input>) {
    ui.horizontal(|ui| {
        ui.spacing_mut().button_padding.x = 0.0;
        if widgets::quiet_button(ui, words, state.keys.label(action)).clicked() {
            out.push(action.input());
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.add(egui::Label::new(RichText::new(figure).font(tokens::body())).extend());
        });
    });
}

fn foot(ui: &mut Ui, state: &State, out: &mut Vec<Input>) {
    let lang = state.lang();
    let empty = state.cart.is_empty();
    let low = widgets::is_low(ui);
    if !low {
        ui.add_space(tokens::SPACE_8);
    }
    // Their keys work all the same.
    if !empty && !low {
        ui.horizontal_wrapped(|ui| {
            // The three fit beside each other in the narrowest cart; where there is room, each key stands nearer
            // to its own word than to the next one.
            let roomy = ui.available_width() >= ROOMY;
            ui.spacing_mut().item_spacing.x = if roomy { tokens::SPACE_16 } else { 0.0 };
            ui.spacing_mut().button_padding.x = 6.0;
            let buttons = [
                (Text::Quantity, Action::Quantity),
                (Text::RemoveLine, Action::RemoveLine),
                (Text::CancelShort, Action::CancelSale),
            ];
            for (text, action) in buttons {
                if widgets::quiet_button(ui, text.get(lang), state.keys.label(action)).clicked() {
                    out.push(action.input());
                }
            }
        });
    }
    if !low {
        ui.separator();
    }
    if !empty {
        extras(ui, state, out);
    }
    let total = state.cart.total();
    pay::figure(ui, Text::Total.get(lang), total, tokens::total(), Tone::Neutral);
    let words = if total == Cents::ZERO && !empty {
        Text::FinishFree.get(lang).to_owned()
    } else {
        Text::Receive.with(lang, &[("amount", &total)])
    };
    if widgets::primary_button(ui, &words, state.keys.label(Action::Pay), ButtonSize::Large, !empty).clicked()
    {
        out.push(Input::OpenPay);
    }
}

/// Scrolls to the selected line when it or the cart has changed.
fn follow(ui: &Ui, state: &State, first: usize) {
    let id = Id::unique("cart-selection-seen");
    let now = (state.cart.selected(), state.cart.lines().len());
    if ui.data(|data| data.get_temp::<(usize, usize)>(id)) != Some(now) {
        ui.data_mut(|data| data.insert_temp(id, now));
        let top = ui.max_rect().top() + (now.0 as f32 - first as f32) * ROW;
        let rect = Rect::from_min_size(Pos2::new(ui.max_rect().left(), top), Vec2::new(1.0, ROW));
        ui.scroll_to_rect(rect, None);
    }
}

fn row(ui: &mut Ui, line: &Line, selected: bool) -> bool {
    let palette = Palette::in_ui(ui);
    let (rect, response) = ui.allocate_exact_size(Vec2::new(ui.available_width(), ROW), Sense::CLICK);
    let mut detail = format!("{} {} × {}", line.quantity, line.unit.symbol(), line.unit_price.plain());
    if line.discount != Discount::None {
        detail.extend([" − ", &line.discount_cents().plain()]);
    }
    response.widget_info(|| {
        let label = format!("{}, {detail}, {}", line.name, line.total());
        WidgetInfo::selected(Role::ListBoxOption, true, selected, label)
    });
    let painter = ui.painter();
    if selected {
        painter.rect_filled(rect, 0.0, palette.accent_soft);
        let bar = Rect::from_min_size(rect.min, Vec2::new(3.0, rect.height()));
        painter.rect_filled(bar, 0.0, palette.accent);
    } else if response.hovered() {
        painter.rect_filled(rect, 0.0, palette.hover);
    }
    painter.hline(rect.x_range(), rect.bottom() - 0.5, egui::Stroke::new(1.0, palette.line));
    let inner = rect.shrink2(Vec2::new(tokens::SPACE_12, 6.0));
    let total = painter.text(
        Pos2::new(inner.right(), inner.center().y),
        Align2::RIGHT_CENTER,
        line.total().plain(),
        tokens::strong(),
        palette.text,
    );
    let width = total.left() - inner.left() - tokens::SPACE_12;
    let name = widgets::fit_middle(ui, &line.name, &tokens::body(), width);
    painter.text(inner.left_top(), Align2::LEFT_TOP, name, tokens::body(), palette.text);
    painter.text(inner.left_bottom(), Align2::LEFT_BOTTOM, detail, tokens::small(), palette.text_weak);
    response.clicked()
}
