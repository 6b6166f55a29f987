//! The dialog for a new product and for changes to one.

use egui::{Context, Ui};
use tillwatch_desk::tokens::{self, Tone};
use tillwatch_desk::widgets::{self, Banner, ButtonSize, Dialog, Field};
use tillwatch_desk::{Lang, failure};
use tillwatch_shared::api::Unit;
use tillwatch_shared::{Cents, limits};

use super::words;
use crate::input::{FormInput, Input};
use crate::state::State;
use crate::state::forms::{Part, ProductForm, Trouble};
use crate::texts::Text;

const UNITS: [Unit; 8] = [Unit::Un, Unit::Kg, Unit::G, Unit::L, Unit::Ml, Unit::M, Unit::Cx, Unit::Pct];

/// `true` when it was closed.
pub fn ui(ctx: &Context, state: &State, form: &ProductForm, out: &mut Vec<Input>) -> bool {
    let lang = state.lang();
    let title = if form.editing.is_some() { Text::EditProductTitle } else { Text::NewProductTitle };
    let dialog = Dialog { id: "product", title: title.get(lang), width: 520.0, lang };
    let body = |ui: &mut Ui, out: &mut Vec<Input>| {
        ui.spacing_mut().item_spacing.y =
            if widgets::is_low(ui) { tokens::SPACE_8 } else { tokens::SPACE_12 };
        fields(ui, state, form, out)
    };
    let foot = |ui: &mut Ui, out: &mut Vec<Input>, entered: bool| {
        if foot(ui, &form.trouble, Text::SaveProduct, lang) || entered {
            out.push(Input::Submit);
        }
    };
    dialog.show_with_foot(ctx, out, body, foot).closed
}

/// `true` when Enter was pressed in one of them.
fn fields(ui: &mut Ui, state: &State, form: &ProductForm, out: &mut Vec<Input>) -> bool {
    let lang = state.lang();
    let one = FieldOf { state, trouble: &form.trouble, out };
    let mut entered = false;
    let mut one = one;
    let name = Text::Name.get(lang);
    entered |= one.show(ui, Part::Name, name, &form.name, "", limits::NAME_CHARS, None);
    let code = Text::Code.get(lang);
    let hint = Text::CodeHint.get(lang);
    entered |= one.show(ui, Part::Code, code, &form.code, hint, limits::CODE_CHARS, None);
    widgets::small_weak(ui, Text::Unit.get(lang));
    let units = UNITS.map(|unit| (unit, unit.symbol()));
    let width = ui.available_width();
    if let Some(unit) = widgets::segmented(ui, Some(form.unit), &units, Some(width)) {
        one.out.push(Input::Form(FormInput::Unit(unit)));
    }
    ui.horizontal_top(|ui| {
        let half = Some((ui.available_width() - tokens::SPACE_8) / 2.0);
        let price = Text::Price.get(lang);
        entered |= one.show(ui, Part::Price, price, &form.price, "0,00", 20, half);
        let minimum = Text::Minimum.get(lang);
        let hint = Text::MinimumHint.get(lang);
        entered |= one.show(ui, Part::Minimum, minimum, &form.minimum, hint, 20, half);
    });
    entered
}

struct FieldOf<'a> {
    state: &'a State,
    trouble: &'a Trouble,
    out: &'a mut Vec<Input>,
}

impl FieldOf<'_> {
    #[expect(clippy::too_many_arguments, reason = "a field's parts, named at the call by their values")]
    fn show(
        &mut self,
        ui: &mut Ui,
        part: Part,
        label: &str,
        value: &str,
        hint: &str,
        limit: usize,
        width: Option<f32>,
    ) -> bool {
        let lang = self.state.lang();
        let error = self.trouble.about(part).map(|c| words::complaint(c, Cents::ZERO, lang));
        let mut field = Field::new(("product", part), label, value)
            .hint(hint)
            .limit(limit)
            .error(error.as_deref())
            .enabled(self.trouble.waiting.is_none())
            .focus(self.state.focus == Some(part));
        if let Some(width) = width {
            field = field.right().width(width);
        }
        let answer = field.show(ui);
        self.out.extend(answer.changed.map(|text| Input::Form(FormInput::Text(part, text))));
        answer.entered
    }
}

/// What stands in the way, and the button that saves. `true` when it was pressed.
pub fn foot(ui: &mut Ui, trouble: &Trouble, action: Text, lang: Lang) -> bool {
    if let Some(failure) = &trouble.failure {
        let words = format!("{} {}", failure::what(failure, lang), failure::hint(failure, lang));
        let tone = if trouble.waiting.is_some() { Tone::Attention } else { Tone::Danger };
        Banner { tone, text: &words, call: None }.show(ui);
    }
    let waiting = trouble.waiting.is_some();
    if waiting && trouble.failure.is_none() {
        widgets::loading(ui, Text::Sending.get(lang));
    }
    let text = if waiting { Text::TryAgain } else { action };
    let enabled = !waiting || trouble.failure.is_some();
    widgets::primary_button(ui, text.get(lang), Some("Enter"), ButtonSize::Large, enabled).clicked()
}
