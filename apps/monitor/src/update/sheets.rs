//! When a monthly sheet is asked for, and what becomes of the answers.

use jiff::civil::Date;
use tillwatch_desk::Lang;
use tillwatch_desk::failure::Failure;
use tillwatch_desk::remote::Remote;
use tillwatch_shared::api::TemperatureSheet;
use tillwatch_shared::client::SheetAsk;
use tillwatch_shared::limits::NAME_CHARS;
use tillwatch_shared::{SensorId, UtcMicros};

use super::saving;
use crate::asking::{Long, Wait};
use crate::input::Effect;
use crate::papers;
use crate::saving::FileEffect;
use crate::sheet_texts::Text;
use crate::sheets::{OpenSheet, SheetAct};
use crate::state::State;

pub(super) fn act(state: &mut State, act: SheetAct, now: UtcMicros, effects: &mut Vec<Effect>) {
    match act {
        SheetAct::Open(sensor) => {
            let today = today(state, &sensor, now);
            let sheet = Remote::default();
            let month = today.first_of_month();
            let wait = Wait::default();
            state.sheets.open = Some(OpenSheet { sensor, month, sheet, ticket: 0, wait, excursions: false });
            ask(state, now, effects);
        }
        SheetAct::Month(by) => {
            let Some(open) = &state.sheets.open else { return };
            let today = today(state, &open.sensor, now);
            if let Some(month) = open.month_from(by, today)
                && let Some(open) = &mut state.sheets.open
            {
                effects.extend(unheard(open));
                open.month = month;
                // Figures of another month would be taken for this one's.
                open.sheet = Remote::default();
                ask(state, now, effects);
            }
        }
        SheetAct::Responsible(name) => state.sheets.responsible = name.chars().take(NAME_CHARS).collect(),
        SheetAct::Excursions(shown) => {
            if let Some(open) = &mut state.sheets.open {
                open.excursions = shown;
            }
        }
        SheetAct::Save(file) => {
            let Some(asked) = state.sheets.ask() else { return };
            let Some(open) = &state.sheets.open else { return };
            let part = open.part();
            let name = file_name(&asked, state.lang());
            saving::begin(state, FileEffect::Sheet { ask: asked, file, part, name }, effects);
        }
        SheetAct::SavePdf => save_pdf(state, effects),
        SheetAct::Retry => ask(state, now, effects),
        SheetAct::Stop => {
            if let Some(open) = state.sheets.open.as_mut().filter(|open| open.sheet.is_loading()) {
                effects.extend(unheard(open));
                open.wait.stopped = true;
                open.sheet.stop();
            }
        }
        SheetAct::Close => effects.extend(state.sheets.open.take().as_ref().and_then(unheard)),
    }
}

/// What is not waited for any more.
fn unheard(open: &OpenSheet) -> Option<Effect> {
    open.sheet.is_loading().then_some(Effect::Drop(Long::Sheet(open.ticket)))
}

/// With whoever answers for it as typed now, not as it was when the month was asked for.
fn save_pdf(state: &mut State, effects: &mut Vec<Effect>) {
    let lang = state.lang();
    let Some(asked) = state.sheets.ask() else { return };
    let Some(sheet) = state.sheets.open.as_ref().and_then(|open| open.sheet.value()) else { return };
    let paper = papers::temperatures(sheet, asked.responsible.as_deref(), lang);
    let name = file_name(&asked, lang);
    saving::paper(state, &name, paper, effects);
}

fn file_name(asked: &SheetAsk, lang: Lang) -> String {
    format!("{}-{}", Text::FileName.get(lang), asked.month.strftime("%Y-%m"))
}

/// The day in the store in which the sensor stands.
pub fn today(state: &State, sensor: &SensorId, now: UtcMicros) -> Date {
    let store = state.sensors().iter().find(|known| known.id == *sensor).and_then(|known| known.store_id);
    state.server_now(now).timestamp().to_zoned(state.zone(store)).date()
}

fn ask(state: &mut State, now: UtcMicros, effects: &mut Vec<Effect>) {
    let Some(asked) = state.sheets.ask() else { return };
    state.tickets += 1;
    let ticket = state.tickets;
    let lang = state.lang();
    if let Some(open) = &mut state.sheets.open {
        open.ticket = ticket;
        open.wait = Wait::begun(now);
        open.sheet.begin(Text::Loading.get(lang));
        effects.push(Effect::Sheet { ticket, ask: asked });
    }
}

pub(super) fn answered(
    state: &mut State,
    ticket: u64,
    result: Result<Box<TemperatureSheet>, Failure>,
    now: UtcMicros,
) {
    if let Some(open) = state.sheets.open.as_mut().filter(|open| open.ticket == ticket) {
        open.sheet.finish(result.map(|sheet| *sheet), now);
    }
}
