//! The row of a table that the keyboard is at. A table is one stop of Tab; arrows, Home, End, Page Up and Page Down
//! choose among its rows, and Enter opens the chosen one. Like the focus itself, the choice is egui's to keep.

use egui::{
    Context, CornerRadius, EventFilter, FocusDirection, Key, Rect, Role, Sense, Stroke, StrokeKind, Ui,
    WidgetInfo,
};
use egui_extras::{TableBuilder, TableRow};
use tillwatch_desk::keys;
use tillwatch_desk::tokens::Palette;

/// Rows that Page Up and Page Down move by.
const SCREENFUL: isize = 15;

/// Rows begin so far before their words.
const BESIDE: f32 = 4.0;

/// What the mouse may do with a row. Its cells are no stops of Tab: the table is one.
pub const CLICKED: Sense = Sense::CLICK;

#[derive(Clone, Copy, Debug)]
pub struct RowKeys {
    focused: bool,
    marked: Option<usize>,
    moved: bool,
    entered: bool,
    ring: Stroke,
    clip: Rect,
}

impl RowKeys {
    /// Of a table that is drawn next. `name` is what its rows are, and `words` tell one of them to a screen reader.
    pub fn of(ui: &Ui, name: &str, rows: usize, words: impl Fn(usize) -> String) -> Self {
        let ctx = ui.ctx();
        let id = ui.scope_id().with(("rows", name));
        let clip = ui.clip_rect();
        let place = ui.available_rect_before_wrap().intersect(clip);
        let response = ui.interact(place, id, Sense::FOCUSABLE);
        let before = ctx.data(|data| data.get_temp::<usize>(id)).filter(|at| *at < rows);
        let focused = response.has_focus();
        if focused {
            let vertical_arrows = EventFilter { vertical_arrows: true, ..EventFilter::default() };
            ctx.memory_mut(|memory| memory.set_focus_lock_filter(id, vertical_arrows));
        }
        // Where nothing has the focus the arrows are the table's, unless a dialog is over it.
        let idle =
            ctx.memory(|memory| memory.focused().is_none() && memory.allows_interaction(ui.layer_id()));
        let to = if (focused || idle) && rows > 0 { walked(ctx, before, rows) } else { None };
        if to.is_some() && !focused {
            response.request_focus();
        }
        if to.is_some() {
            ctx.memory_mut(|memory| memory.move_focus(FocusDirection::None));
        }
        let first = (focused && rows > 0 && before.is_none()).then_some(0);
        let marked = to.or(before).or(first);
        if let Some(at) = marked {
            ctx.data_mut(|data| data.insert_temp(id, at));
        }
        let focused = focused || to.is_some();
        response.widget_info(|| {
            let at = marked.filter(|_| focused).map(|at| format!(": {}", words(at)));
            WidgetInfo::labeled(Role::ListBox, true, format!("{name}{}", at.unwrap_or_default()))
        });
        let entered = focused && marked.is_some() && keys::pressed(ctx, Key::Enter);
        let ring = Stroke::new(2.0, Palette::in_ui(ui).text);
        Self {
            focused,
            marked,
            moved: to.is_some() || first.is_some(),
            entered,
            ring,
            clip: place.expand(BESIDE),
        }
    }

    /// The row that is to be opened.
    pub fn opened(&self) -> Option<usize> {
        self.marked.filter(|_| self.entered)
    }

    /// The chosen row comes into sight.
    #[must_use]
    pub fn follow<'a>(&self, table: TableBuilder<'a>) -> TableBuilder<'a> {
        match self.marked.filter(|_| self.moved) {
            Some(at) => table.scroll_to_row(at, None),
            None => table,
        }
    }

    /// Draws the ring around the chosen row, once its cells are there.
    pub fn ring(&self, row: &TableRow<'_, '_>) {
        if self.focused && self.marked == Some(row.index()) {
            let response = row.response();
            let painter = response.ctx.layer_painter(response.layer_id).with_clip_rect(self.clip);
            let rect = response.rect.intersect(self.clip).shrink(1.0);
            painter.rect_stroke(rect, CornerRadius::same(3), self.ring, StrokeKind::Inside);
        }
    }
}

/// Where the keys of this frame lead.
fn walked(ctx: &Context, before: Option<usize>, rows: usize) -> Option<usize> {
    let last = rows - 1;
    let steps =
        [(Key::ArrowDown, 1), (Key::ArrowUp, -1), (Key::PageDown, SCREENFUL), (Key::PageUp, -SCREENFUL)];
    let mut at = None;
    for (key, by) in steps {
        while keys::pressed(ctx, key) {
            at = Some(at.or(before).map_or(0, |at: usize| at.saturating_add_signed(by).min(last)));
        }
    }
    for (key, to) in [(Key::Home, 0), (Key::End, last)] {
        if keys::pressed(ctx, key) {
            at = Some(to);
        }
    }
    at
}
