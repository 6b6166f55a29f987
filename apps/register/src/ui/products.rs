//! The search line and the list of products.

use egui::{Align2, Id, Pos2, Rect, Response, Role, ScrollArea, Sense, Ui, Vec2, WidgetInfo};
use tillwatch_desk::failure::Failure;
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens::{self, Palette, Tone};
use tillwatch_desk::widgets::{self, Banner, Call, Field};
use tillwatch_desk::{Lang, format, icons};
use tillwatch_shared::{Cents, barcode};

use crate::action::Action;
use crate::input::Input;
use crate::search_line;
use crate::state::catalogue::Item;
use crate::state::forms::Part;
use crate::state::held::Moved;
use crate::state::{Notice, State};
use crate::texts::Text;
use crate::update::{may_change_products, refusal};

const ROW: f32 = 34.0;
const CODE_WIDTH: f32 = 130.0;
/// Price and stock, in a wide and in a narrow list.
const WIDE: (f32, f32) = (90.0, 110.0);
/// What the age of the stock takes beside it.
const AGE_WIDTH: f32 = 72.0;
const NARROW: (f32, f32) = (66.0, 84.0);
/// Narrower rows leave the code out.
const WITH_CODE: f32 = 520.0;

pub fn ui(ui: &mut Ui, state: &State, out: &mut Vec<Input>) {
    search(ui, state, out);
    notice(ui, state, out);
    let low = widgets::is_low(ui);
    let foot = if low { 0.0 } else { 40.0 + tokens::SPACE_8 };
    let height = (ui.available_height() - foot).max(80.0);
    ui.allocate_ui(Vec2::new(ui.available_width(), height), |ui| {
        ui.set_min_height(height);
        body(ui, state, out);
    });
    if !low {
        actions(ui, state, out);
    }
}

fn search(ui: &mut Ui, state: &State, out: &mut Vec<Input>) {
    let lang = state.lang();
    let idle = state.dialog.is_none() && state.pay.is_none() && !state.asks_to_leave;
    // The search line has the focus unless something else was given it.
    let nobody = ui.memory(|memory| memory.focused().is_none());
    let field = Field::new("search", Text::Search.get(lang), &state.search.text)
        .hint(Text::SearchHint.get(lang))
        .label_hidden()
        .limit(160)
        .font(tokens::body(), 40.0)
        .select_all()
        .focus(idle && (nobody || state.focus == Some(Part::Search)));
    let answer = field.show(ui);
    out.extend(answer.changed.map(Input::Search));
    if answer.entered && idle {
        out.push(Input::EnterLine);
    }
}

fn notice(ui: &mut Ui, state: &State, out: &mut Vec<Input>) {
    let lang = state.lang();
    let words = match &state.search.notice {
        None => return,
        // The empty list says it, and offers the product.
        Some(Notice::NotFound(_)) if state.search.hits.is_empty() && !state.catalogue.is_empty() => return,
        Some(Notice::NotFound(text)) => return not_found(ui, state, text, out),
        Some(Notice::QuantityBad(text)) => Text::QuantityBadLine.with(lang, &[("text", text)]),
        Some(Notice::Refused(error)) => refusal(*error).get(lang).to_owned(),
    };
    widgets::status(ui, Tone::Danger, &words);
}

/// Other products were found by a part of it: what is missing is told above them, and offered.
fn not_found(ui: &mut Ui, state: &State, text: &str, out: &mut Vec<Input>) {
    let words = Text::NothingFound.with(state.lang(), &[("text", &widgets::cut_middle(text, 30))]);
    // Where there is no room for the button, its key does the same.
    let call = (!widgets::is_low(ui)).then(|| new_product(state));
    if (Banner { tone: Tone::Danger, text: &words, call }).show(ui) {
        out.push(Input::OpenProduct);
    }
}

fn new_product(state: &State) -> Call<'_> {
    Call { text: Text::NewProduct.get(state.lang()), key: state.keys.label(Action::NewProduct) }
}

fn body(ui: &mut Ui, state: &State, out: &mut Vec<Input>) {
    let lang = state.lang();
    if state.catalogue.is_empty() {
        return nothing_yet(ui, state, out);
    }
    if state.search.hits.is_empty() {
        let wanted = match &state.search.notice {
            Some(Notice::NotFound(text)) => text,
            _ => search_line::wanted(&state.search.text),
        };
        let title = Text::NothingFound.with(lang, &[("text", &widgets::cut_middle(wanted, 30))]);
        let (hint, call) = (Text::NothingFoundHint.get(lang), Some(new_product(state)));
        if widgets::empty_state(ui, icons::MAGNIFYING_GLASS, &title, hint, call) {
            out.push(Input::OpenProduct);
        }
        return;
    }
    let age = state.stock_age_micros().map(|age| format::age(lang, age));
    head(ui, age.as_deref(), lang);
    list(ui, state, age.as_deref(), out);
}

fn nothing_yet(ui: &mut Ui, state: &State, out: &mut Vec<Input>) {
    let lang = state.lang();
    if let Some(count) = state.feed.loading {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let words = Text::LoadingProducts.with(lang, &[("n", &format::integer(count))]);
        widgets::loading(ui, &words);
        return;
    }
    let failure: Option<&Failure> = state.feed.failure.as_ref();
    if let Some(failure) = failure {
        if widgets::error_state(ui, failure, lang) {
            out.push(Input::Reload);
        }
        return;
    }
    let title = Text::NoProducts.get(lang);
    let hint = Text::NoProductsHint.with(lang, &[("key", &state.keys.word(Action::Stock))]);
    if widgets::empty_state(ui, icons::PACKAGE, title, &hint, Some(new_product(state))) {
        out.push(Input::OpenProduct);
    }
}

/// Where the columns of a row stand.
struct Columns {
    name: f32,
    name_width: f32,
    code: Option<f32>,
    price: f32,
    stock: f32,
}

impl Columns {
    /// `aged`: the stock stands there with its age.
    fn of(rect: Rect, aged: bool) -> Self {
        let wide = rect.width() >= WITH_CODE;
        let (price_width, stock_width) = if wide { WIDE } else { NARROW };
        let stock = rect.right() - tokens::SPACE_16;
        let age = if aged && wide { AGE_WIDTH } else { 0.0 };
        let price = stock - stock_width - age;
        let name = rect.left() + tokens::SPACE_12;
        let before_price = price - price_width + tokens::SPACE_8;
        let code = wide.then_some(before_price - CODE_WIDTH);
        let name_width = (code.unwrap_or(before_price) - name - tokens::SPACE_12).max(0.0);
        Self { name, name_width, code, price, stock }
    }
}

/// A narrow list tells the stock's age here only.
fn head(ui: &mut Ui, age: Option<&str>, lang: Lang) {
    let palette = Palette::in_ui(ui);
    let (rect, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), 20.0), Sense::hover());
    let columns = Columns::of(rect, age.is_some());
    let stock = match age.filter(|_| columns.code.is_none()) {
        Some(age) => age,
        None => Text::Stock.get(lang),
    };
    let cells = [
        (Some(columns.name), Align2::LEFT_CENTER, Text::Name.get(lang)),
        (columns.code, Align2::LEFT_CENTER, Text::Code.get(lang)),
        (Some(columns.price), Align2::RIGHT_CENTER, Text::Price.get(lang)),
        (Some(columns.stock), Align2::RIGHT_CENTER, stock),
    ];
    for (x, align, text) in cells {
        let Some(x) = x else { continue };
        let at = Pos2::new(x, rect.center().y);
        ui.painter().text(at, align, text, tokens::small(), palette.text_weak);
    }
}

fn list(ui: &mut Ui, state: &State, age: Option<&str>, out: &mut Vec<Input>) {
    let palette = Palette::in_ui(ui);
    let count = state.search.hits.len();
    let frame = egui::Frame::new()
        .fill(palette.raised)
        .stroke(egui::Stroke::new(1.0, palette.line))
        .corner_radius(tokens::CORNER);
    frame.show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        // It lies over the rows, so that they are as wide as their head.
        ui.spacing_mut().scroll = egui::style::ScrollStyle::floating();
        let area = ScrollArea::vertical().auto_shrink([false, false]).animated(false);
        let moved = Moved::of(state);
        area.show_rows(ui, ROW, count, |ui, range| {
            follow_selection(ui, state.search.selected, range.start);
            for index in range {
                let item = state.search.hits.get(index).and_then(|id| state.catalogue.get(*id));
                let Some(item) = item else { continue };
                let selected = index == state.search.selected;
                let price = state.price(&item.product);
                let response = row(ui, &moved.apply(item), price, age, selected, state.lang());
                if response.double_clicked() {
                    out.push(Input::AddProduct(index));
                } else if response.clicked() {
                    out.push(Input::SelectProduct(index));
                }
            }
        });
    });
}

/// Scrolls to the selection when it has moved, and leaves the scrolling alone otherwise.
fn follow_selection(ui: &Ui, selected: usize, first: usize) {
    let id = Id::unique("products-selection-seen");
    let seen = ui.data(|data| data.get_temp::<usize>(id));
    if seen != Some(selected) {
        ui.data_mut(|data| data.insert_temp(id, selected));
        let top = ui.max_rect().top() + (selected as f32 - first as f32) * ROW;
        let rect = Rect::from_min_size(Pos2::new(ui.max_rect().left(), top), Vec2::new(1.0, ROW));
        ui.scroll_to_rect(rect, None);
    }
}

fn row(ui: &mut Ui, item: &Item, price: Cents, age: Option<&str>, selected: bool, lang: Lang) -> Response {
    let palette = Palette::in_ui(ui);
    let product = &item.product;
    let (rect, response) = ui.allocate_exact_size(Vec2::new(ui.available_width(), ROW), Sense::CLICK);
    let stock = item.balance.map_or_else(|| "…".to_owned(), |b| format!("{b} {}", product.unit.symbol()));
    response.widget_info(|| {
        let age = age.map(|age| format!(" · {age}")).unwrap_or_default();
        let label = format!("{}, {price}, {stock}{age}", product.name);
        WidgetInfo::selected(Role::ListBoxOption, true, selected, label)
    });
    if !ui.is_rect_visible(rect) {
        return response;
    }
    let fill = match (selected, response.hovered()) {
        (true, _) => Some(palette.accent_soft),
        (false, true) => Some(palette.hover),
        (false, false) => None,
    };
    let painter = ui.painter();
    if let Some(fill) = fill {
        painter.rect_filled(rect, 0.0, fill);
    }
    if selected {
        let bar = Rect::from_min_size(rect.min, Vec2::new(3.0, rect.height()));
        painter.rect_filled(bar, 0.0, palette.accent);
    }
    painter.hline(rect.x_range(), rect.bottom() - 0.5, egui::Stroke::new(1.0, palette.line));
    let columns = Columns::of(rect, age.is_some());
    let y = rect.center().y;
    let name = widgets::fit_middle(ui, &product.name, &tokens::body(), columns.name_width);
    painter.text(Pos2::new(columns.name, y), Align2::LEFT_CENTER, &name, tokens::body(), palette.text);
    if let (Some(x), Some(code)) = (columns.code, product.code.as_deref()) {
        let code = barcode::printed(code);
        let code = widgets::fit_middle(ui, code, &tokens::small(), CODE_WIDTH - tokens::SPACE_8);
        painter.text(Pos2::new(x, y), Align2::LEFT_CENTER, &code, tokens::small(), palette.text_weak);
    }
    let price = price.plain();
    painter.text(
        Pos2::new(columns.price, y),
        Align2::RIGHT_CENTER,
        price,
        tokens::body_strong(),
        palette.text,
    );
    let low = item.is_low();
    let colour = if low { palette.attention } else { palette.text };
    let mut at = Pos2::new(columns.stock, y);
    if let Some(age) = age.filter(|_| columns.code.is_some()) {
        let words = format!(" · {age}");
        at.x = painter.text(at, Align2::RIGHT_CENTER, words, tokens::small(), palette.text_weak).left();
    }
    let words = painter.text(at, Align2::RIGHT_CENTER, stock, tokens::body(), colour);
    if low {
        let at = Pos2::new(words.left() - 10.0, y);
        painter.add(widgets::tone_shape(Tone::Attention, at, 4.5, palette));
        return response.on_hover_text_at_pointer(Text::Low.get(lang));
    }
    if name == product.name { response } else { response.on_hover_text_at_pointer(&product.name) }
}

fn actions(ui: &mut Ui, state: &State, out: &mut Vec<Input>) {
    let lang = state.lang();
    ui.horizontal(|ui| {
        let buttons = [
            (icons::PLUS_CIRCLE, Text::NewProduct, Action::NewProduct),
            (icons::PACKAGE, Text::StockEntry, Action::Stock),
            (icons::PENCIL_SIMPLE, Text::EditProduct, Action::EditProduct),
            (icons::KEYBOARD, Text::Keys, Action::Keys),
        ];
        for (icon, text, action) in buttons {
            let words = format!("{icon} {}", text.get(lang));
            let key = state.keys.label(action);
            let may = action != Action::EditProduct || may_change_products(state);
            let button = ui.add_enabled_ui(may, |ui| widgets::quiet_button(ui, &words, key)).inner;
            let button = button.accessible_name(text.get(lang)).on_disabled_hover_ui(|ui| {
                let key = state.keys.word(Action::Lock);
                ui.label(Text::ChangeNeedsManager.with(lang, &[("key", &key)]));
            });
            if button.clicked() {
                out.push(action.input());
            }
        }
        if !state.search.hits.is_empty() {
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let count = state.search.hits.len();
                let shown = format::integer(i64::try_from(count).unwrap_or(i64::MAX));
                let words = match count {
                    1 => Text::ShownOne.get(lang).to_owned(),
                    _ => Text::Shown.with(lang, &[("n", &shown)]),
                };
                widgets::small_weak(ui, &words);
            });
        }
    });
}
