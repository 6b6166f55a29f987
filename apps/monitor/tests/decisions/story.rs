//! A monitor without a window, its clock, and what it asks for.

use tillwatch_desk::clock::Moment;
use tillwatch_desk::failure::Failure;
use tillwatch_desk::settings::Settings;
use tillwatch_desk::sign_in;
use tillwatch_monitor::input::{Answer, ChartsShown, Effect, Input, User, ViewAct};
use tillwatch_monitor::samples::server::MadeUp;
use tillwatch_monitor::samples::{self, NOW};
use tillwatch_monitor::state::{Page, State};
use tillwatch_monitor::update::update;
use tillwatch_shared::api::{Change, Changes, Event, Problem};
use tillwatch_shared::client::SeriesQuery;
use tillwatch_shared::{CommandId, UtcMicros};

pub const SERVER: MadeUp = MadeUp { stores: 2, sensors: 3, changes: 40, products: 12, demo: false };

/// A state, its clock, and what it has asked for.
pub struct Story {
    pub state: State,
    pub now: UtcMicros,
    pub asked: Vec<Effect>,
}

impl Story {
    pub fn new() -> Self {
        let sign_in = sign_in::State::new("a".into(), None, "monitor".into());
        Self { state: State::new(Settings::default(), sign_in), now: NOW, asked: Vec::new() }
    }

    pub fn signed_in() -> Self {
        let mut story = Self::new();
        let session = samples::session(SERVER.stores);
        story.take(Input::SignIn(sign_in::Input::Happened(sign_in::Event::SignedIn(Ok(session)))));
        story
    }

    /// Everything that is asked has been answered.
    pub fn loaded(page: Page) -> Self {
        let mut story = Self::signed_in();
        story.user(User::Open(page));
        story.answer_all();
        story
    }

    pub fn take(&mut self, input: Input) {
        let moment = Moment { at: self.now, fresh: CommandId::now() };
        self.asked.extend(update(&mut self.state, input, moment));
    }

    pub fn user(&mut self, user: User) {
        self.take(Input::User(user));
    }

    pub fn answer(&mut self, answer: Answer) {
        self.take(Input::Answer(answer));
    }

    pub fn answer_all(&mut self) {
        for _ in 0..100 {
            let asked = std::mem::take(&mut self.asked);
            if asked.is_empty() {
                return;
            }
            for effect in asked {
                if let Some(answer) = SERVER.answer(&effect, self.now) {
                    self.answer(answer);
                }
            }
        }
        panic!("the monitor never stops asking");
    }

    pub fn after(&mut self, micros: i64) {
        self.now = self.now.plus(micros);
        self.take(Input::Tick);
    }

    pub fn series(&mut self) -> Option<(u64, SeriesQuery)> {
        let position = self.asked.iter().position(|e| matches!(e, Effect::Series { .. }))?;
        if let Effect::Series { ticket, query } = self.asked.remove(position) {
            Some((ticket, query))
        } else {
            None
        }
    }

    pub fn changes(&mut self, changes: Vec<Change>, next_after: i64, more: bool) {
        let answer = Changes { changes, next_after, more, server_at: self.now };
        self.answer(Answer::Changes(Ok(answer), 1_000));
    }

    pub fn show_charts(&mut self, points: u32) {
        let sensors = (0..SERVER.sensors).map(samples::sensor_id).collect();
        self.user(User::View(ViewAct::Shown(ChartsShown { sensors, points })));
    }
}

pub fn change(seq: i64, event: Event) -> Change {
    let command_id = CommandId::now();
    Change { seq, command_id, actor_id: None, store_id: None, client_at: NOW, server_at: NOW, event }
}

pub fn problem(status: u16, code: &str, retry_after: Option<u32>) -> Failure {
    let problem = Problem {
        kind: String::new(),
        title: String::new(),
        status,
        code: code.into(),
        detail: "detail".into(),
        hint: String::new(),
        field: None,
    };
    Failure::Problem(Box::new(problem), retry_after)
}
