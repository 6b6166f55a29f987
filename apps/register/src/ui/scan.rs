//! The keys of a barcode reader, told from a person's before any field sees them; and the page to set it up.

use std::time::Duration;

use egui::text_edit::TextEditState;
use egui::{Context, Event, Id, ImeEvent, Key};
use tillwatch_desk::Lang;
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens::{self, Tone};
use tillwatch_desk::typed_ahead;
use tillwatch_desk::widgets::{self, Dialog, Field};
use tillwatch_shared::scale_label::{Amount, LayoutError, USUAL};

use crate::input::{Input, ReaderInput};
use crate::scan_texts::ScanText;
use crate::state::State;
use crate::state::burst::{Outcome, Stroke, StrokeKey};
use crate::state::scan::{Meaning, Reader, ReaderForm, Tried};

/// The field that has the focus, and its cursor.
type Place = Option<(Id, Option<TextEditState>)>;

/// What was keyed in this frame. Takes a scan's end, and what came with it in this frame, out of the input: no field
/// and no button gets it. What was keyed after a scan's end waits until the fields are again what they were before it
/// ([`typed_ahead`]).
pub fn read(ctx: &Context, state: &State) -> Option<Input> {
    let gap = i64::from(state.settings.reader_gap_ms) * 1000;
    let keyed = keyed(ctx, &state.reader, gap);
    stay_awake(ctx, &state.reader, gap);
    let by_reader = typed_ahead::came_by_reader(ctx);
    let mut burst = state.reader.burst.clone();
    let (mut from, mut strokes, mut going, mut taken) = (0, Vec::new(), Vec::new(), None);
    for (event, stroke) in keyed {
        let outcome = burst.take(stroke, gap);
        let outcome = if state.asks_for_secrets() { outcome.beside_secrets() } else { outcome };
        // What was typed before it must stand in its field first.
        if !strokes.is_empty() && matches!(outcome, Outcome::Begun | Outcome::Resumed) {
            typed_ahead::put_back(ctx, with_its_key(ctx, event));
            break;
        }
        strokes.push(stroke);
        match outcome {
            outcome @ (Outcome::Begun | Outcome::Resumed) => {
                from = event;
                note_place(ctx, outcome == Outcome::Resumed);
            }
            Outcome::Going => going.push(event),
            // The character goes where it may be a person's; but it presses nothing.
            Outcome::Typed if by_reader.get(event) == Some(&true) => going.push(event),
            Outcome::Typed | Outcome::Passed => {}
            Outcome::Scanned { resumed, .. } => {
                taken = Some(from..=event);
                back_to_place(ctx, resumed);
                break;
            }
        }
    }
    remove(ctx, |index, event| {
        let in_scan = |index: usize| taken.as_ref().is_some_and(|taken| taken.contains(&index));
        // The key comes just before the character that it writes. It also presses buttons, and chooses how the
        // customer pays.
        let key = matches!(event, Event::Key { pressed: true, .. });
        let writes = in_scan(index + 1) || going.contains(&(index + 1));
        let text = matches!(event, Event::Text(_) | Event::Ime(_));
        (key && writes) || ((key || text) && in_scan(index))
    });
    (!strokes.is_empty()).then_some(Input::Keyed(strokes))
}

/// The place of the key that writes this character, which comes just before it.
fn with_its_key(ctx: &Context, event: usize) -> usize {
    let key = event.checked_sub(1).filter(|before| {
        ctx.input(|input| matches!(input.events.get(*before), Some(Event::Key { pressed: true, .. })))
    });
    key.unwrap_or(event)
}

/// The characters and ends of this frame, each with its place among the events. They came while the last frame was made
/// and shown, or have waited for this one since they came.
fn keyed(ctx: &Context, reader: &Reader, gap_micros: i64) -> Vec<(usize, Stroke)> {
    let (previous, now) = frames(ctx);
    let told = typed_ahead::came(ctx);
    let is_new = |index: usize| told.get(index).is_none_or(|came| micros(came.until) >= now);
    let count = ctx.input(|input| {
        let events = input.events.iter().enumerate().filter(|(index, _)| is_new(*index));
        events.map(|(_, event)| strokes_of(event).len()).sum()
    });
    let from = reader.keys_came_after(previous, now, count, gap_micros);
    typed_ahead::came_after(ctx, Duration::from_micros(from.unsigned_abs()).as_secs_f64());
    let came = typed_ahead::came(ctx);
    let stroke = |index: usize, key| {
        let (from_micros, at_micros) =
            came.get(index).map_or((from, now), |came| (micros(came.after), micros(came.until)));
        Stroke { from_micros, at_micros, key }
    };
    ctx.input(|input| {
        let events = input.events.iter().enumerate();
        let keys =
            events.flat_map(|(index, event)| strokes_of(event).into_iter().map(move |key| (index, key)));
        keys.map(|(index, key)| (index, stroke(index, key))).collect()
    })
}

/// When the frame before this one was told what had happened, and when this one was.
fn frames(ctx: &Context) -> (i64, i64) {
    let (time, since) = ctx.input(|input| (input.time, f64::from(input.unstable_dt)));
    (micros(time - since), micros(time))
}

fn micros(seconds: f64) -> i64 {
    let time = Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or_default();
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}

/// A frame without keys, a reader's pause after the last key, is what tells the next key from that one's run.
fn stay_awake(ctx: &Context, reader: &Reader, gap_micros: i64) {
    let (_, now) = frames(ctx);
    let wait = reader.burst.waits_until(gap_micros).map(|until| until.saturating_sub(now));
    if let Some(wait) = wait.filter(|wait| (0..=gap_micros).contains(wait)) {
        ctx.request_repaint_after(Duration::from_micros(wait.unsigned_abs() + 1));
    }
}

fn strokes_of(event: &Event) -> Vec<StrokeKey> {
    if let Event::Text(text) | Event::Ime(ImeEvent::Commit(text)) = event {
        return text.chars().filter(|c| !c.is_control()).map(StrokeKey::Char).collect();
    }
    let end = matches!(event, Event::Key { key: Key::Enter | Key::Tab, pressed: true, .. });
    if end { vec![StrokeKey::End] } else { Vec::new() }
}

fn remove(ctx: &Context, mut unwanted: impl FnMut(usize, &Event) -> bool) {
    ctx.input_mut(|input| {
        let mut index = 0;
        input.events.retain(|event| {
            let keep = !unwanted(index, event);
            index += 1;
            keep
        });
    });
}

fn noted() -> Id {
    Id::unique("places-before-the-scan")
}

/// Where the keys of this run go, and where those of the run before went.
fn note_place(ctx: &Context, resumed: bool) {
    let focused = ctx.memory(egui::Memory::focused);
    let place: Place = focused.map(|id| (id, TextEditState::load(ctx, id)));
    let (_, last) = ctx.data(|data| data.get_temp::<(Place, Place)>(noted())).unwrap_or_default();
    let earlier = if resumed { last } else { None };
    ctx.data_mut(|data| data.insert_temp::<(Place, Place)>(noted(), (earlier, place)));
}

/// The focus stays where it was although a reader may end with Tab, and what was selected is selected.
fn back_to_place(ctx: &Context, resumed: bool) {
    ctx.memory_mut(|memory| memory.move_focus(egui::FocusDirection::None));
    let (earlier, last) = ctx.data(|data| data.get_temp::<(Place, Place)>(noted())).unwrap_or_default();
    if let Some((id, cursor)) = if resumed { earlier } else { last } {
        ctx.memory_mut(|memory| memory.request_focus(id));
        if let Some(cursor) = cursor {
            cursor.store(ctx, id);
        }
    }
}

/// The page to set up reader and scale, and to try them. `true` when it was closed.
pub fn page(ctx: &Context, state: &State, form: &ReaderForm, out: &mut Vec<Input>) -> bool {
    let lang = state.lang();
    let dialog = Dialog { id: "reader", title: ScanText::ReaderTitle.get(lang), width: 560.0, lang };
    let answer = dialog.show(ctx, |ui| {
        ui.spacing_mut().item_spacing.y = tokens::SPACE_8;
        widgets::strong(ui, ScanText::Speed.get(lang));
        let speeds = [(20, ScanText::Fast), (35, ScanText::Usual), (70, ScanText::Slow)]
            .map(|(ms, text)| (ms, text.with(lang, &[("ms", &ms)])));
        let options = speeds.each_ref().map(|(ms, words)| (*ms, words.as_str()));
        let width = Some(ui.available_width());
        let chosen = widgets::segmented(ui, Some(state.settings.reader_gap_ms), &options, width);
        out.extend(chosen.map(|ms| Input::Reader(ReaderInput::Gap(ms))));
        widgets::weak(ui, ScanText::SpeedHint.get(lang));
        ui.add_space(tokens::SPACE_8);
        let error = form.complaint.map(|error| complaint(error).get(lang));
        let answer = Field::new("scale-layouts", ScanText::Layouts.get(lang), &form.layouts)
            .hint(USUAL)
            .limit(64)
            .error(error)
            .show(ui);
        out.extend(answer.changed.map(|text| Input::Reader(ReaderInput::Layouts(text))));
        widgets::weak(ui, ScanText::LayoutsHint.get(lang));
        ui.separator();
        match &form.tried {
            None => widgets::status(ui, Tone::Info, ScanText::TryHere.get(lang)),
            Some(tried) => {
                let tone = if tried.is_known() { Tone::Good } else { Tone::Attention };
                widgets::status(ui, tone, &meaning(tried, lang))
            }
        }
    });
    answer.closed
}

const fn complaint(error: LayoutError) -> ScanText {
    match error {
        LayoutError::Length => ScanText::LayoutLength,
        LayoutError::Letter => ScanText::LayoutLetter,
        LayoutError::Prefix => ScanText::LayoutPrefix,
        LayoutError::CheckDigit => ScanText::LayoutCheckDigit,
        LayoutError::Code => ScanText::LayoutCode,
        LayoutError::Amount => ScanText::LayoutAmount,
        LayoutError::TooMany => ScanText::LayoutTooMany,
    }
}

fn meaning(tried: &Tried, lang: Lang) -> String {
    let code = &tried.code;
    match &tried.means {
        Meaning::Product(name) => ScanText::TriedProduct.with(lang, &[("code", code), ("name", name)]),
        Meaning::Unknown => ScanText::TriedUnknown.with(lang, &[("code", code)]),
        Meaning::Label { code: own, amount, product } => {
            let amount = match amount {
                Amount::Total(total) => ScanText::LabelTotal.with(lang, &[("amount", total)]),
                Amount::Weight(weight) => ScanText::LabelWeight.with(lang, &[("amount", weight)]),
            };
            let name = product.as_deref().unwrap_or_else(|| ScanText::NoSuchCode.get(lang));
            ScanText::TriedLabel
                .with(lang, &[("code", code), ("own", own), ("amount", &amount), ("name", &name)])
        }
    }
}

impl Tried {
    fn is_known(&self) -> bool {
        match &self.means {
            Meaning::Product(_) => true,
            Meaning::Label { product, .. } => product.is_some(),
            Meaning::Unknown => false,
        }
    }
}
