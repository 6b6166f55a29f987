//! The form for what a file names and the shop does not have.

use egui::Ui;
use tillwatch_desk::widgets::{self, ButtonSize, Field};
use tillwatch_desk::{failure, tokens};
use tillwatch_shared::api::{AliasKind, Unit};
use tillwatch_shared::limits;

use super::{Screen, parts};
use crate::feed_new::{NewAct, NewPart, NewThing, Wrong};
use crate::feed_texts::Text;
use crate::feeds::{FeedAct, Matching};
use crate::input::User;
use crate::texts::Text as Common;
use crate::update::known_chains;

const UNITS: [Unit; 8] = [Unit::Un, Unit::Kg, Unit::G, Unit::L, Unit::Ml, Unit::M, Unit::Cx, Unit::Pct];
const CNPJ_CHARS: usize = 18;

/// Whether the person gave up.
pub fn form(ui: &mut Ui, screen: &mut Screen<'_>, matching: &Matching, new: &NewThing) -> bool {
    ui.spacing_mut().item_spacing.y = tokens::SPACE_12;
    let wrong = new.addition(matching.kind, known_chains(&screen.state.reports.chains)).err();
    let wrong = wrong.filter(|_| new.tried);
    let mut one = FieldOf { wrong, entered: false };
    let label = Text::NewName.get(screen.lang());
    one.show(ui, screen, NewPart::Name, label, &new.name);
    match matching.kind {
        AliasKind::Product => product(ui, screen, new, &mut one),
        AliasKind::Store => store(ui, screen, new, &mut one),
        AliasKind::Seller => {}
    }
    buttons(ui, screen, one.entered)
}

fn product(ui: &mut Ui, screen: &mut Screen<'_>, new: &NewThing, one: &mut FieldOf) {
    let lang = screen.lang();
    one.show(ui, screen, NewPart::Code, Text::NewCode.get(lang), &new.code);
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = tokens::SPACE_4;
        widgets::small_weak(ui, Text::NewUnit.get(lang));
        let units = UNITS.map(|unit| (unit, unit.symbol()));
        let width = ui.available_width();
        if let Some(unit) = widgets::segmented(ui, Some(new.unit), &units, Some(width)) {
            act(screen, NewAct::Unit(unit));
        }
    });
    one.show(ui, screen, NewPart::Price, Text::NewPrice.get(lang), &new.price);
}

fn store(ui: &mut Ui, screen: &mut Screen<'_>, new: &NewThing, one: &mut FieldOf) {
    let lang = screen.lang();
    let held = &screen.state.reports.chains;
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = tokens::SPACE_4;
        widgets::small_weak(ui, Common::Chain.get(lang));
        match (held.value(), held.failure()) {
            (Some(chains), _) => {
                let options: Vec<_> = chains.iter().map(|chain| (chain.id, chain.name.as_str())).collect();
                let chosen = new.chain(chains);
                if let Some(id) = parts::one_of(ui, "new-store", Common::Chain.get(lang), chosen, &options) {
                    act(screen, NewAct::Chain(id));
                }
            }
            (None, Some(failure)) => {
                widgets::weak(ui, &failure::what(failure, lang));
            }
            (None, None) => {
                widgets::loading(ui, Text::LoadingChains.get(lang));
            }
        }
        if one.wrong == Some(Wrong::NoChain) {
            widgets::weak(ui, Text::ChooseChain.get(lang));
        }
    });
    one.show(ui, screen, NewPart::Cnpj, Text::NewCnpj.get(lang), &new.cnpj);
}

struct FieldOf {
    wrong: Option<Wrong>,
    /// Enter was pressed in one of them.
    entered: bool,
}

impl FieldOf {
    fn show(&mut self, ui: &mut Ui, screen: &mut Screen<'_>, part: NewPart, label: &str, value: &str) {
        let lang = screen.lang();
        let (hint, limit, error) = match part {
            NewPart::Name => ("", limits::NAME_CHARS, Text::WrongName),
            NewPart::Code => ("", limits::CODE_CHARS, Text::WrongName),
            NewPart::Price => ("0,00", 20, Text::WrongPrice),
            NewPart::Cnpj => ("00.000.000/0000-00", CNPJ_CHARS, Text::WrongCnpj),
        };
        let error = Some(error.get(lang)).filter(|_| self.wrong == Some(Wrong::In(part)));
        let focus = part == NewPart::Name && ui.memory(|memory| memory.focused().is_none());
        let mut field =
            Field::new(("feed-new", part), label, value).hint(hint).limit(limit).error(error).focus(focus);
        if part == NewPart::Price {
            field = field.right();
        }
        let answer = field.show(ui);
        if let Some(text) = answer.changed {
            act(screen, NewAct::Text(part, text));
        }
        self.entered |= answer.entered;
    }
}

fn buttons(ui: &mut Ui, screen: &mut Screen<'_>, entered: bool) -> bool {
    let lang = screen.lang();
    let ready = !screen.state.feeds.deciding;
    ui.horizontal(|ui| {
        let words = Text::AddAndUse.get(lang);
        let save = widgets::primary_button(ui, words, Some("Enter"), ButtonSize::Normal, ready).clicked();
        if save || (entered && ready) {
            act(screen, NewAct::Save);
        }
        if widgets::secondary_button(ui, Text::BackToList.get(lang), None, ButtonSize::Normal, true).clicked()
        {
            act(screen, NewAct::Back);
        }
        widgets::secondary_button(ui, Text::Cancel.get(lang), Some("Esc"), ButtonSize::Normal, true).clicked()
    })
    .inner
}

fn act(screen: &mut Screen<'_>, act: NewAct) {
    screen.act(User::Feed(FeedAct::New(act)));
}
