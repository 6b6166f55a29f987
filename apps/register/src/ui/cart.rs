//! The cart: lines that scroll, a total that does not.

use egui::{
    Align, Align2, Frame, Id, Layout, Panel, Pos2, Rect, Role, ScrollArea, Sense, Ui, Vec2, WidgetInfo,
};
use tillwatch_desk::icons;
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens::{self, Palette, Tone};
use tillwatch_desk::widgets::{self, ButtonSize, Call};
use tillwatch_shared::Cents;

use super::{pay, words};
use crate::input::Input;
use crate::state::State;
use crate::state::cart::Line;
use crate::texts::Text;

const ROW: f32 = 48.0;

pub fn ui(ui: &mut Ui, state: &State, out: &mut Vec<Input>) {
    let lang = state.lang();
    ui.horizontal(|ui| {
        widgets::strong(ui, Text::Sale.get(lang));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if !state.cart.is_empty() {
                widgets::weak(ui, &words::items(state.cart.lines().len(), lang));
            }
        });
    });
    Panel::bottom("cart-foot").frame(Frame::new()).show_separator_line(false).show(ui, |ui| {
        foot(ui, state, out);
    });
    if state.cart.is_empty() {
        let (title, hint) = (Text::CartEmpty.get(lang), Text::CartEmptyHint.get(lang));
        let call = Call { text: Text::AmountTitle.get(lang), key: Some("F9") };
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
            // The three fit beside each other in the narrowest cart.
            ui.spacing_mut().item_spacing.x = 0.0;
            ui.spacing_mut().button_padding.x = 6.0;
            let buttons = [
                (Text::Quantity, "F4", Input::OpenQuantity),
                (Text::RemoveLine, "Del", Input::RemoveLine),
                (Text::CancelShort, "F8", Input::OpenCancelSale),
            ];
            for (text, key, input) in buttons {
                if widgets::quiet_button(ui, text.get(lang), Some(key)).clicked() {
                    out.push(input);
                }
            }
        });
    }
    if !low {
        ui.separator();
    }
    let total = state.cart.total();
    pay::figure(ui, Text::Total.get(lang), total, tokens::total(), Tone::Neutral);
    let words = if total == Cents::ZERO && !empty {
        Text::FinishFree.get(lang).to_owned()
    } else {
        Text::Receive.with(lang, &[("amount", &total)])
    };
    if widgets::primary_button(ui, &words, Some("F12"), ButtonSize::Large, !empty).clicked() {
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
    let detail = format!("{} {} × {}", line.quantity, line.unit.symbol(), line.unit_price.plain());
    response.widget_info(|| {
        let label = format!("{}, {detail}, {}", line.name, line.total);
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
        line.total.plain(),
        tokens::strong(),
        palette.text,
    );
    let width = total.left() - inner.left() - tokens::SPACE_12;
    let name = widgets::fit_middle(ui, &line.name, &tokens::body(), width);
    painter.text(inner.left_top(), Align2::LEFT_TOP, name, tokens::body(), palette.text);
    painter.text(inner.left_bottom(), Align2::LEFT_BOTTOM, detail, tokens::small(), palette.text_weak);
    response.clicked()
}
