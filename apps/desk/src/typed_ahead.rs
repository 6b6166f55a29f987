//! Keys typed ahead of the screen: on a slow PC several keys come with one frame, and none may be lost or taken for
//! another.
//!
//! egui gives all keys of a frame to what has the focus when the frame begins. What opens a dialog, moves the focus or
//! presses a button is a step: only after it, it is known where the next key goes. Keys behind a step wait until its
//! outcome is on the screen and has the focus; whatever frames they came in, they do the same.
//!
//! A step whose outcome another thread decides (a sale that is put on the disk) is [`unfinished`] until it is there: keys
//! wait for that as well, up to `LONGEST_STEP`.
//!
//! What waits keeps the time at which it came ([`came`]), which tells a barcode reader from a person. A reader's keys are
//! not slowed down: what no person can have typed since the last frame passes in one.

use std::collections::VecDeque;
use std::time::Duration;

use egui::{Context, Event, FullOutput, Key, Plugin, RawInput, Ui, ViewportId, ViewportIdMap};

use crate::keys::is_modifier;

/// Frames until a step's outcome has the focus: in the first it is drawn and asks for it, in the second what is below
/// it loses it.
const FRAMES_OF_A_STEP: u8 = 2;
/// In seconds; a server that does not answer is waited for two. What is still unfinished then says so on the screen.
const LONGEST_STEP: f64 = 2.5;
/// Nobody types faster, in seconds from key to key.
const FASTEST_PERSON: f64 = 0.06;

/// When an event came: after the one time, not after the other. In seconds, as egui counts them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    pub after: f64,
    pub until: f64,
}

/// How an event came.
#[derive(Clone, Copy, Debug)]
struct Came {
    span: Span,
    /// With more than a person can have typed.
    by_reader: bool,
}

/// When each event of this frame came, in their order.
pub fn came(ctx: &Context) -> Vec<Span> {
    in_window(ctx, |keys| keys.came.clone()).unwrap_or_default()
}

/// Which events of this frame came with more keys than a person can have typed, unless the window was woken late.
pub fn came_by_reader(ctx: &Context) -> Vec<bool> {
    in_window(ctx, |keys| keys.by_reader.clone()).unwrap_or_default()
}

/// What came of this frame from that place on waits for the next one: it begins something of its own.
pub fn put_back(ctx: &Context, from: usize) {
    if in_window(ctx, |_| ()).is_none() {
        return;
    }
    let events = ctx.input_mut(|input| {
        let from = from.min(input.events.len());
        input.events.split_off(from)
    });
    in_window(ctx, |keys| keys.put_back(from, events));
}

/// The window was busy for less time than since its last frame: what came with this frame came after `time`.
pub fn came_after(ctx: &Context, time: f64) {
    in_window(ctx, |keys| keys.came_after(time));
}

/// Tells in each frame whether there is a step whose outcome is not known yet.
pub fn unfinished(ctx: &Context, is: bool) {
    in_window(ctx, |keys| keys.unfinished(is));
}

/// With the keys of the window that is being drawn.
fn in_window<T>(ctx: &Context, act: impl FnOnce(&mut Keys) -> T) -> Option<T> {
    let window = ctx.viewport_id();
    ctx.with_plugin(|ahead: &mut TypedAhead| act(ahead.windows.entry(window).or_default()))
}

/// Lets the keys of each frame through as far as it is known where they go; in each window by itself.
#[derive(Debug, Default)]
pub struct TypedAhead {
    windows: ViewportIdMap<Keys>,
    /// The one whose frame it is.
    current: ViewportId,
}

/// The keys of one window.
#[derive(Debug)]
struct Keys {
    waiting: VecDeque<(Came, Event)>,
    /// Of this frame.
    now: f64,
    /// How long a frame keeps the window busy, in seconds: what wakes a sleeping window came within that.
    busy: f64,
    /// The last frame did not ask for this one.
    slept: bool,
    /// Frames that a step still has for itself.
    rest: u8,
    /// When the frame was that began an unfinished step.
    unfinished_since: Option<f64>,
    came: Vec<Span>,
    by_reader: Vec<bool>,
    /// A field had the focus at the end of the last frame.
    writes: bool,
}

impl Default for Keys {
    /// The first frames are for what is on the screen first.
    fn default() -> Self {
        Self {
            waiting: VecDeque::new(),
            now: 0.0,
            busy: 0.0,
            slept: true,
            rest: FRAMES_OF_A_STEP,
            unfinished_since: None,
            came: Vec::new(),
            by_reader: Vec::new(),
            writes: false,
        }
    }
}

impl Plugin for TypedAhead {
    fn debug_name(&self) -> &'static str {
        "typed-ahead"
    }

    fn input_hook(&mut self, ctx: &Context, input: &mut RawInput) {
        let window = input.viewport_id;
        let again = std::mem::replace(&mut self.current, window) == window;
        let keys = self.windows.entry(window).or_default();
        let previous = ctx.input_for(window, |input| input.time);
        let until = input.time.unwrap_or_else(|| previous + f64::from(input.predicted_dt));
        let after = if keys.slept { previous.max(until - keys.busy) } else { previous };
        // Before its frame has begun, egui tells the focus of the window that was drawn last.
        let known = again && window == ViewportId::ROOT;
        let writes = if known { ctx.text_edit_focused() } else { keys.writes };
        input.events = keys.frame(std::mem::take(&mut input.events), Span { after, until }, writes);
    }

    fn on_end_pass(&mut self, ui: &mut Ui) {
        let Some(keys) = self.windows.get_mut(&self.current) else { return };
        keys.writes = ui.ctx().text_edit_focused();
        if let Some(left) = keys.unfinished_for() {
            // Its outcome wakes the window.
            ui.ctx().request_repaint_after(Duration::from_secs_f64(left));
            return;
        }
        // A step's frames are over before a person has found the next key.
        if !keys.waiting.is_empty() || keys.rest > 0 {
            ui.ctx().request_repaint();
        }
    }

    fn output_hook(&mut self, _ctx: &Context, output: &mut FullOutput) {
        if let Some(keys) = self.windows.get_mut(&self.current) {
            let told = output.viewport_output.get(&self.current);
            keys.slept = told.is_none_or(|window| !window.repaint_delay.is_zero());
        }
        // What belonged to a window that was closed goes with it.
        self.windows.retain(|window, _| output.viewport_output.contains_key(window));
    }
}

/// What a key is while a field is written into, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Goes into the field that has the focus.
    Writes,
    /// Moves in a list: one a frame, for the frame draws what is chosen.
    Moves,
    /// Opens, closes, presses or chooses something.
    Steps,
}

impl Keys {
    /// The events of the frame that now begins, out of those that waited and those that came.
    fn frame(&mut self, arrived: Vec<Event>, span: Span, writes: bool) -> Vec<Event> {
        let arrival = Came { span, by_reader: !is_typed_by_a_person(&arrived, span) };
        self.now = span.until;
        let waits = self.rest > 0 || self.unfinished_for().is_some();
        let room = if waits { Room::None } else { Room::ForAny };
        let mut gate = Gate { writes, room, ..Gate::default() };
        self.rest = self.rest.saturating_sub(1);
        let mut waiting = std::mem::take(&mut self.waiting);
        waiting.extend(arrived.into_iter().map(|event| (arrival, event)));
        let mut events = Vec::with_capacity(waiting.len());
        self.came.clear();
        self.by_reader.clear();
        for (came, event) in waiting {
            if gate.lets(&event, came.by_reader) {
                events.push(event);
                self.came.push(came.span);
                self.by_reader.push(came.by_reader);
            } else if !self.is_held_down(&event) {
                self.waiting.push_back((came, event));
            }
        }
        if gate.stepped {
            self.rest = FRAMES_OF_A_STEP;
        }
        events
    }

    fn unfinished(&mut self, is: bool) {
        match (is, self.unfinished_since) {
            (true, None) => self.unfinished_since = Some(self.now),
            (false, Some(_)) => {
                self.unfinished_since = None;
                self.rest = FRAMES_OF_A_STEP;
            }
            (true, Some(_)) | (false, None) => {}
        }
    }

    /// For how many seconds more keys wait for an unfinished step.
    fn unfinished_for(&self) -> Option<f64> {
        let left = self.unfinished_since? + LONGEST_STEP - self.now;
        Some(left).filter(|left| *left > 0.0)
    }

    fn put_back(&mut self, from: usize, events: Vec<Event>) {
        let came: Vec<Came> = std::iter::zip(self.came.iter().skip(from), self.by_reader.iter().skip(from))
            .map(|(span, by_reader)| Came { span: *span, by_reader: *by_reader })
            .collect();
        self.came.truncate(from);
        self.by_reader.truncate(from);
        for waits in came.into_iter().zip(events).rev() {
            self.waiting.push_front(waits);
        }
    }

    fn came_after(&mut self, time: f64) {
        let now = self.now;
        self.busy = (now - time).max(0.0);
        let spans = self.waiting.iter_mut().map(|(came, _)| &mut came.span).chain(&mut self.came);
        for span in spans.filter(|span| span.until >= now) {
            span.after = time;
        }
    }

    /// A key that is held down and repeats itself does so at the screen's speed: it does not pile up.
    fn is_held_down(&self, event: &Event) -> bool {
        let Event::Key { key, pressed: true, .. } = event else { return false };
        let same = |waiting: &Event| matches!(waiting, Event::Key { key: waiting, .. } if waiting == key);
        let last = self.waiting.iter().rev().find(|(_, waiting)| same(waiting));
        !prints(*key) && matches!(last, Some((_, Event::Key { pressed: true, .. })))
    }
}

/// What may still pass in this frame.
#[derive(Debug, Default)]
struct Gate {
    /// A field has the focus.
    writes: bool,
    room: Room,
    stepped: bool,
    /// The last event was a key that also writes: its character comes next.
    expects_text: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Room {
    #[default]
    ForAny,
    /// Something was written.
    ForWriting,
    None,
}

impl Gate {
    fn lets(&mut self, event: &Event, by_reader: bool) -> bool {
        let expected = std::mem::take(&mut self.expects_text);
        let open = self.room != Room::None;
        #[expect(
            clippy::wildcard_enum_match_arm,
            reason = "the pointer and the window have no place in the order"
        )]
        match event {
            Event::Key { key, pressed: true, .. } if is_modifier(*key) => open,
            Event::Key { key, pressed: true, modifiers, .. } => {
                let commands = modifiers.command || modifiers.ctrl || modifiers.alt;
                self.key(*key, commands, by_reader)
            }
            Event::Text(_) | Event::Ime(_) | Event::Copy | Event::Cut | Event::Paste(_) => {
                if open {
                    self.room = Room::ForWriting;
                }
                open || (expected && matches!(event, Event::Text(_) | Event::Ime(_)))
            }
            Event::Key { pressed: false, .. } => {
                // Another key may be let go of before this one's character comes.
                self.expects_text = expected;
                open
            }
            // A click may give the focus to another field.
            Event::PointerButton { pressed: false, .. } => {
                self.room = Room::None;
                self.stepped = true;
                true
            }
            _ => true,
        }
    }

    fn key(&mut self, key: Key, commands: bool, by_reader: bool) -> bool {
        let kind = self.kind(key, commands, by_reader);
        let ends_scan = by_reader && matches!(key, Key::Enter | Key::Tab);
        let passes = match self.room {
            Room::ForAny => true,
            Room::ForWriting => kind == Kind::Writes || ends_scan,
            Room::None => false,
        };
        self.room = if passes && kind == Kind::Writes { Room::ForWriting } else { Room::None };
        self.stepped |= passes && kind == Kind::Steps;
        self.expects_text = passes && prints(key);
        passes
    }

    fn kind(&self, key: Key, commands: bool, by_reader: bool) -> Kind {
        let edits = matches!(key, Key::Backspace | Key::Delete | Key::Insert | Key::Home | Key::End);
        let along = matches!(key, Key::ArrowLeft | Key::ArrowRight);
        let moves = matches!(key, Key::ArrowUp | Key::ArrowDown | Key::PageUp | Key::PageDown);
        let printed = prints(key) && ((self.writes && !commands) || by_reader);
        if printed || (self.writes && (edits || along)) {
            Kind::Writes
        } else if moves {
            Kind::Moves
        } else {
            Kind::Steps
        }
    }
}

/// Whether it writes a character.
fn prints(key: Key) -> bool {
    let arrow = matches!(key, Key::ArrowUp | Key::ArrowDown | Key::ArrowLeft | Key::ArrowRight);
    key == Key::Space || (!arrow && key.symbol_or_name().chars().count() == 1)
}

fn is_typed_by_a_person(events: &[Event], span: Span) -> bool {
    let keyed = |event: &&Event| {
        matches!(event, Event::Key { key, pressed: true, .. }
            if prints(*key) || matches!(key, Key::Enter | Key::Tab))
    };
    let count = events.iter().filter(keyed).count();
    let gaps = u32::try_from(count.saturating_sub(1)).unwrap_or(u32::MAX);
    f64::from(gaps) * FASTEST_PERSON <= span.until - span.after
}

#[cfg(test)]
mod tests {
    use egui::Modifiers;

    use super::*;

    fn down(key: Key) -> Event {
        Event::Key { key, physical_key: None, pressed: true, repeat: false, modifiers: Modifiers::NONE }
    }

    fn up(key: Key) -> Event {
        Event::Key { key, physical_key: None, pressed: false, repeat: false, modifiers: Modifiers::NONE }
    }

    fn text(c: &str) -> Event {
        Event::Text(c.to_owned())
    }

    /// Frames of `length` seconds, all keys with the first; what passes in each until nothing waits.
    fn frames(length: f64, writes: bool, arrived: Vec<Event>) -> Vec<Vec<Event>> {
        let mut ahead = Keys { rest: 0, ..Keys::default() };
        let mut arrived = Some(arrived);
        let mut passed = Vec::new();
        let mut until = 0.0;
        while arrived.is_some() || !ahead.waiting.is_empty() {
            let span = Span { after: until, until: until + length };
            passed.push(ahead.frame(arrived.take().unwrap_or_default(), span, writes));
            assert_eq!(passed.last().unwrap().len(), ahead.came.len());
            until = span.until;
            assert!(passed.len() < 50, "something waits for ever");
        }
        passed
    }

    #[test]
    fn keys_of_one_window_do_not_wait_for_a_step_in_another() {
        let ctx = Context::default();
        ctx.set_embed_viewports(false);
        ctx.add_plugin(TypedAhead::default());
        let other = ViewportId::from_hash_of("other");
        let passed = |window: ViewportId, events: Vec<Event>| {
            let viewports = std::iter::once((window, egui::ViewportInfo::default())).collect();
            let input = RawInput { viewport_id: window, viewports, events, ..RawInput::default() };
            let mut passed = 0;
            let frame = ctx.run_ui(input, |ui| {
                passed = ui.ctx().input(|input| input.events.len());
                if window == ViewportId::ROOT {
                    ui.ctx().show_viewport_deferred(other, egui::ViewportBuilder::default(), |_, _| {});
                }
            });
            frame.drop_without_applying_deltas();
            passed
        };
        for window in [ViewportId::ROOT, other].repeat(4) {
            passed(window, Vec::new());
        }
        assert_eq!(passed(other, vec![down(Key::Enter)]), 1);
        assert_eq!(passed(ViewportId::ROOT, vec![down(Key::Enter)]), 1);
        assert_eq!(passed(other, vec![down(Key::Num1), text("1")]), 0, "its own step is not over");
    }

    #[test]
    fn what_is_typed_passes_at_once() {
        let typed = vec![down(Key::A), text("a"), up(Key::A), down(Key::Backspace), text("ç")];
        assert_eq!(frames(0.3, true, typed.clone()), [typed]);
    }

    #[test]
    fn a_key_that_presses_takes_its_character_with_it() {
        let one = vec![down(Key::Num1), text("1")];
        let rest = vec![up(Key::Num1), down(Key::Num2), text("2")];
        let mut wanted = vec![one.clone()];
        wanted.extend(std::iter::repeat_n(Vec::new(), usize::from(FRAMES_OF_A_STEP)));
        wanted.push(rest.clone());
        assert_eq!(frames(0.3, false, [one, rest].concat()), wanted);
    }

    #[test]
    fn a_moving_key_has_a_frame_of_its_own_and_does_not_pile_up() {
        let held = vec![down(Key::ArrowDown); 9];
        assert_eq!(frames(0.3, true, held), [[down(Key::ArrowDown)], [down(Key::ArrowDown)]]);
        let twice = vec![down(Key::ArrowDown), up(Key::ArrowDown), down(Key::ArrowDown), up(Key::ArrowDown)];
        assert_eq!(frames(0.3, true, twice).concat().len(), 4);
    }

    #[test]
    fn a_reader_is_not_slowed_down() {
        let code: Vec<Event> =
            "7891".chars().map(|c| down(Key::from_name(&c.to_string()).unwrap())).collect();
        let scan = [code, vec![down(Key::Enter)]].concat();
        for writes in [true, false] {
            assert_eq!(frames(0.016, writes, scan.clone()).first(), Some(&scan));
        }
        assert_ne!(frames(0.3, true, scan.clone()), [scan], "a person may have typed this");
    }

    #[test]
    fn a_click_passes_before_what_is_typed_after_it() {
        let click = Event::PointerButton {
            pos: egui::Pos2::ZERO,
            button: egui::PointerButton::Primary,
            pressed: false,
            modifiers: Modifiers::NONE,
        };
        let passed = frames(0.3, true, vec![click.clone(), text("a"), Event::PointerMoved(egui::Pos2::ZERO)]);
        assert_eq!(passed.first().unwrap(), &[click, Event::PointerMoved(egui::Pos2::ZERO)]);
        assert_eq!(passed.last().unwrap(), &[text("a")]);
    }

    #[test]
    fn keys_wait_for_an_unfinished_step_but_not_for_ever() {
        for finished in [true, false] {
            let mut ahead = Keys { rest: 0, ..Keys::default() };
            let passed = |ahead: &mut Keys, until: f64, arrived: &[Event]| {
                ahead.frame(arrived.to_vec(), Span { after: until, until }, true)
            };
            assert_eq!(passed(&mut ahead, 1.0, &[down(Key::Enter)]), [down(Key::Enter)]);
            ahead.unfinished(true);
            assert_eq!(passed(&mut ahead, 1.5, &[text("a")]), []);
            ahead.unfinished(true);
            assert_eq!(passed(&mut ahead, 1.0 + LONGEST_STEP - 0.1, &[text("b")]), []);
            // Its outcome is drawn and takes the focus.
            ahead.unfinished(!finished);
            let frames = if finished { usize::from(FRAMES_OF_A_STEP) } else { 0 };
            for _ in 0..frames {
                assert_eq!(passed(&mut ahead, 1.0 + LONGEST_STEP, &[]), []);
            }
            assert_eq!(passed(&mut ahead, 1.0 + LONGEST_STEP, &[]), [text("a"), text("b")]);
        }
    }

    #[test]
    fn what_waited_keeps_its_time() {
        let mut ahead = Keys { rest: 1, ..Keys::default() };
        let came = Span { after: 1.0, until: 2.0 };
        assert_eq!(ahead.frame(vec![text("a")], came, true), []);
        ahead.came_after(1.5);
        let later = Span { after: 2.0, until: 3.0 };
        assert_eq!(ahead.frame(vec![text("b")], later, true), [text("a"), text("b")]);
        ahead.came_after(2.5);
        assert_eq!(ahead.came, [Span { after: 1.5, ..came }, Span { after: 2.5, ..later }]);
    }
}
