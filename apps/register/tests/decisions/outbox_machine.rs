//! The outbox as a state machine: whatever comes in whatever order (selling, the disk, the server's answers and
//! its silence, the power), every sale that the till has confirmed happens once, under its first id and in order.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use proptest::prelude::*;
use tillwatch_desk::clock::Moment;
use tillwatch_desk::failure::Failure;
use tillwatch_desk::settings::Settings;
use tillwatch_register::input::{Effect, Event, Input};
use tillwatch_register::samples::{self, NOW, problem};
use tillwatch_register::state::outbox::{Done, Errand, Parcel, Stage};
use tillwatch_register::state::{Kept, Screen};
use tillwatch_register::update::corrections::{self, Way};
use tillwatch_register::{State, update};
use tillwatch_shared::api::{PaymentMethod, Store};
use tillwatch_shared::time::SECOND;
use tillwatch_shared::{CommandId, UtcMicros};

use crate::offline::{goods, known, session};

#[derive(Clone, Copy, Debug)]
enum Step {
    Sell,
    /// The disk has written what was asked for first, or could not.
    Write {
        works: bool,
    },
    Answer(Answer),
    Pass {
        seconds: i64,
    },
    PowerCut {
        request_arrived: bool,
    },
    /// A person looks at what was refused: sends it again, or throws it away.
    Retry,
    Discard,
    /// Goods are taken out of the stock; if that was refused, it is corrected and told anew.
    Enter,
    Correct,
}

#[derive(Clone, Copy, Debug)]
enum Answer {
    Done,
    /// It happened, and the answer got lost.
    Lost,
    Silence,
    Busy,
    Refused,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let answer = prop_oneof![
        5 => Just(Answer::Done),
        2 => Just(Answer::Lost),
        2 => Just(Answer::Silence),
        1 => Just(Answer::Busy),
        1 => Just(Answer::Refused),
    ];
    let step = prop_oneof![
        6 => Just(Step::Sell),
        6 => prop::bool::weighted(0.9).prop_map(|works| Step::Write { works }),
        8 => answer.prop_map(Step::Answer),
        6 => (0_i64..90).prop_map(|seconds| Step::Pass { seconds }),
        1 => any::<bool>().prop_map(|request_arrived| Step::PowerCut { request_arrived }),
        1 => Just(Step::Retry),
        1 => Just(Step::Discard),
        2 => Just(Step::Enter),
        2 => Just(Step::Correct),
    ];
    prop::collection::vec(step, 1..120)
}

struct World {
    state: State,
    now: UtcMicros,
    store: Store,
    /// What the till's file holds, with what was refused.
    disk: BTreeMap<i64, (Parcel, bool)>,
    writes: VecDeque<Parcel>,
    /// The errands that the worker has, and whether it has any.
    sending: Option<VecDeque<Errand>>,
    /// What the server has done, in order.
    happened: Vec<CommandId>,
    /// As they were made.
    works: BTreeMap<CommandId, Parcel>,
    /// Durable, and so told to the customer.
    confirmed: BTreeSet<CommandId>,
    /// Refused, and taken back by the person.
    given_back: BTreeSet<CommandId>,
    attempted: BTreeSet<i64>,
    settled: BTreeSet<CommandId>,
}

impl World {
    fn new() -> Self {
        let store = samples::store("Loja Centro");
        let mut world = Self {
            state: State::default(),
            now: NOW,
            store,
            disk: BTreeMap::new(),
            writes: VecDeque::new(),
            sending: None,
            happened: Vec::new(),
            works: BTreeMap::new(),
            confirmed: BTreeSet::new(),
            given_back: BTreeSet::new(),
            attempted: BTreeSet::new(),
            settled: BTreeSet::new(),
        };
        world.start();
        world
    }

    fn made(&self, command: CommandId) -> &Parcel {
        self.works.get(&command).unwrap()
    }

    /// The program starts, and the same person signs in.
    fn start(&mut self) {
        let parcels = self.disk.values().map(|(parcel, refused)| {
            let stage = if *refused { Stage::Rejected(refusal()) } else { Stage::Waiting(None) };
            Parcel { stage, tries: 0, tried_at: parcel.made_at, sold: None, ..parcel.clone() }
        });
        let kept = Kept { parcels: parcels.collect(), goods: Some(goods(&self.store)), ..Kept::default() };
        self.state = State::new(Settings::default(), None, "test".to_owned(), kept, self.now);
        // The clock of the made-up shop stands still; the catalogue is the one from memory.
        let mut known = known(&self.store);
        known.person.id = tillwatch_shared::PersonId(uuid::Uuid::from_u128(1));
        self.take(Input::Start);
        self.event(Event::SignedInHere(Box::new(known.clone())));
        self.event(Event::Reconnected(Ok(session(&known))));
        assert_eq!(self.state.screen, Screen::Till);
    }

    fn take(&mut self, input: Input) {
        let moment = Moment { at: self.now, fresh: CommandId::now() };
        let effects = update(&mut self.state, input, moment);
        for effect in effects {
            self.run(effect);
        }
    }

    fn event(&mut self, event: Event) {
        self.take(Input::Happened(Box::new(event)));
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "the rest is not the outbox's")]
    fn run(&mut self, effect: Effect) {
        match effect {
            Effect::Keep(parcel) => {
                let known = self.works.insert(parcel.command, Parcel::clone(&parcel));
                assert!(known.is_none(), "an id is used once");
                self.writes.push_back(*parcel);
            }
            Effect::Send(errands) => {
                assert!(self.sending.is_none(), "one request at a time");
                assert!(!errands.is_empty());
                for errand in &errands {
                    let Parcel { number, work, person, .. } = self.made(errand.command);
                    assert_eq!(
                        (&errand.work, &errand.person),
                        (work, person),
                        "what is sent is what was made"
                    );
                    assert!(self.disk.contains_key(number), "what is sent is on the disk");
                    assert!(!self.settled.contains(&errand.command), "what is settled is not sent again");
                }
                let numbers: Vec<i64> =
                    errands.iter().map(|errand| self.made(errand.command).number).collect();
                assert!(numbers.is_sorted(), "in order: {numbers:?}");
                self.sending = Some(errands.into());
            }
            Effect::Forget(command) => {
                let number = self.made(command).number;
                self.disk.remove(&number);
                self.settled.insert(command);
                if !self.happened.contains(&command) {
                    self.given_back.insert(command);
                }
            }
            Effect::Refuse(command, refusal) => {
                let number = self.made(command).number;
                if let Some((_, refused)) = self.disk.get_mut(&number) {
                    *refused = refusal.is_some();
                }
            }
            _ => {}
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Sell => self.sell(),
            Step::Write { works } => self.write(works),
            Step::Answer(answer) => self.answer(answer),
            Step::Pass { seconds } => {
                self.now = self.now.plus(seconds * SECOND);
                self.take(Input::Tick);
            }
            Step::PowerCut { request_arrived } => self.power_cut(request_arrived),
            Step::Retry => {
                if let Some(command) = self.refused() {
                    self.take(Input::RetryParcel(command));
                }
            }
            Step::Enter => {
                if self.state.pay.is_none() && self.state.dialog.is_none() {
                    samples::fill_stock(&mut |input| self.take(input), "-1", "quebra");
                }
            }
            Step::Correct => self.correct(),
            Step::Discard => {
                if let Some(command) = self.refused() {
                    self.take(Input::DiscardParcel(command));
                }
            }
        }
        self.check();
    }

    fn sell(&mut self) {
        if self.state.pay.is_some() {
            return;
        }
        self.take(Input::Search("7891000315507".to_owned()));
        self.take(Input::EnterLine);
        self.take(Input::OpenPay);
        self.take(Input::PayMethod(PaymentMethod::Cash));
        self.take(Input::Submit);
    }

    /// What was refused is told anew under another id, which takes its place on the disk.
    fn correct(&mut self) {
        let parcels = self.state.outbox.parcels();
        let in_form = |parcel: &&Parcel| corrections::way(&self.state, parcel) == Some(Way::Form);
        let Some(command) = parcels.iter().find(in_form).map(|parcel| parcel.command) else { return };
        if self.state.pay.is_none() && self.state.dialog.is_none() {
            self.take(Input::CorrectParcel(command));
            self.take(Input::Submit);
        }
    }

    fn write(&mut self, works: bool) {
        let Some(parcel) = self.writes.pop_front() else { return };
        let command = parcel.command;
        if works {
            if let Some(replaced) = parcel.replaces {
                let number = self.made(replaced).number;
                let (_, refused) = self.disk.remove(&number).unwrap();
                assert!(refused && !self.happened.contains(&replaced), "it was refused for good");
                self.given_back.insert(replaced);
            }
            self.disk.insert(parcel.number, (parcel, false));
            self.confirmed.insert(command);
            self.event(Event::Kept { command, result: Ok(()) });
        } else {
            self.event(Event::Kept { command, result: Err("cheio".to_owned()) });
            // The person sees it, and leaves the sale.
            self.take(Input::Close);
            self.take(Input::Close);
            self.take(Input::CancelSale);
        }
    }

    fn answer(&mut self, answer: Answer) {
        let Some(errand) = self.sending.as_mut().and_then(VecDeque::pop_front) else { return };
        let command = errand.command;
        let number = self.made(command).number;
        let earlier =
            self.disk.range(..number).map(|(number, (parcel, refused))| (*number, parcel, *refused));
        for (earlier, parcel, refused) in earlier {
            let tried = self.attempted.contains(&earlier);
            assert!(tried || refused, "{earlier} waits and {number} is sent first: {:?}", parcel.stage);
        }
        self.attempted.insert(number);
        let known = self.happened.contains(&command);
        let (happens, result) = match answer {
            Answer::Done => (true, Ok(())),
            Answer::Lost => (true, Err(Failure::Interrupted)),
            Answer::Silence => (false, Err(Failure::TimedOut)),
            Answer::Busy => (false, Err(problem(503, "busy", "Ocupado.", ""))),
            // What has happened once is not refused later.
            Answer::Refused if known => (true, Ok(())),
            Answer::Refused => (false, Err(refusal())),
        };
        if happens && !known {
            self.happened.push(command);
        }
        let over = matches!(result, Err(Failure::Interrupted | Failure::TimedOut));
        let made = self.made(command);
        let done = || match samples::sale_of(made) {
            Some(sale) => Done::Sale(Box::new(sale)),
            None => Done::Entry(samples::entry_of(made).unwrap()),
        };
        let answer = result.map(|()| done());
        self.event(Event::Sent { command, answer });
        if over || self.sending.as_ref().is_some_and(VecDeque::is_empty) {
            let left = self.sending.take().unwrap_or_default();
            self.event(Event::HeldBack(left.into_iter().map(|errand| errand.command).collect()));
        }
    }

    /// What was asked of the disk and not answered did not happen; a request may have arrived.
    fn power_cut(&mut self, request_arrived: bool) {
        self.writes.clear();
        let first = self.sending.take().and_then(|mut errands| errands.pop_front());
        if let Some(errand) = first.filter(|_| request_arrived) {
            self.attempted.insert(self.made(errand.command).number);
            if !self.happened.contains(&errand.command) {
                self.happened.push(errand.command);
            }
        }
        self.start();
    }

    fn refused(&self) -> Option<CommandId> {
        let parcels = self.state.outbox.parcels();
        parcels.iter().find(|p| matches!(p.stage, Stage::Rejected(_))).map(|parcel| parcel.command)
    }

    fn check(&self) {
        for command in &self.confirmed {
            let number = &self.made(*command).number;
            let somewhere = self.happened.contains(command)
                || self.disk.contains_key(number)
                || self.given_back.contains(command);
            assert!(somewhere, "a confirmed sale is lost");
        }
        let once: BTreeSet<_> = self.happened.iter().collect();
        assert_eq!(once.len(), self.happened.len(), "a sale happened twice");
        assert!(
            self.happened.iter().all(|command| self.confirmed.contains(command)),
            "sent before it was durable"
        );
        let told = self.state.outbox.unsent() + self.state.outbox.rejected();
        assert_eq!(told, self.disk.len() + self.writes.len(), "the number of unsent is the truth");
    }
}

fn refusal() -> Failure {
    problem(409, "price_changed", "O preço mudou.", "Confira.")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost_doubled_or_out_of_order(steps in steps()) {
        let mut world = World::new();
        for step in steps {
            world.step(step);
        }
        // The disk works and the server answers: all that was not refused gets there.
        for _ in 0..400 {
            world.step(Step::Write { works: true });
            world.step(Step::Answer(Answer::Done));
            world.step(Step::Pass { seconds: 61 });
        }
        let left = world.state.outbox.unsent();
        prop_assert_eq!(left, 0, "all is sent in the end");
        let owed = world.confirmed.difference(&world.given_back).count() - world.state.outbox.rejected();
        prop_assert_eq!(world.happened.len(), owed);
    }
}
