//! The till that is tortured: the register without its window, in a hurry. It notes what it does and what it has
//! confirmed (`deeds.rs`); what it does is drawn by lot (`life.rs`).

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

use tillwatch_desk::clock::{self, Moment};
use tillwatch_desk::failure::Failure;
use tillwatch_desk::settings::SettingsFile;
use tillwatch_desk::worker::Worker;
use tillwatch_desk::{Theme, tokens};
use tillwatch_register::input::{Effect, Event, Input};
use tillwatch_register::job::Register;
use tillwatch_register::state::State;
use tillwatch_register::state::carts::CartEffect;
use tillwatch_register::state::outbox::{Errand, Parcel};
use tillwatch_register::till_file::TillFile;
use tillwatch_register::update;
use tillwatch_shared::api::Role;
use tillwatch_shared::random::Random;
use tillwatch_shared::{CommandId, UtcMicros};

use super::deeds::Notes;
use super::stocktaking::Stocktaking;
use super::{LAST_WAIT, Outcome, Plant};

/// While this file is in the folder, the till begins nothing more, and ends when all is sent.
pub const LAST: &str = "last";
/// How long the loop waits for news.
const BREATH: Duration = Duration::from_millis(10);

pub fn run(folder: &Path, address: &str, seed: u64, plant: Option<Plant>) -> Outcome<()> {
    let mut till = Till::open(folder, address, seed, plant)?;
    till.jump()?;
    till.act(Input::Start)?;
    let mut ends = None;
    loop {
        till.hear()?;
        if !folder.join(LAST).exists() {
            till.live()?;
        } else if till.finish()? {
            return Ok(());
        } else if ends.get_or_insert_with(Instant::now).elapsed() > LAST_WAIT {
            return Err(format!("the till did not get rid of all that it had: {}", till.left()).into());
        }
        till.breathe();
    }
}

pub struct Till {
    pub state: State,
    pub notes: Notes,
    pub dice: Random,
    /// By how much its clock is wrong.
    pub off: i64,
    /// When it last tried to get in.
    pub tried: Option<Instant>,
    pub stocktaking: Stocktaking,
    worker: Worker<Effect, Event>,
    ctx: egui::Context,
    asked: Receiver<()>,
    settings: SettingsFile,
    plant: Option<Plant>,
    /// What was sent at least once.
    sent: HashSet<CommandId>,
    /// The planted fault's new ids, and what they stand for.
    aliases: HashMap<CommandId, CommandId>,
}

impl Till {
    pub fn open(folder: &Path, address: &str, seed: u64, plant: Option<Plant>) -> Outcome<Self> {
        let file = Arc::new(TillFile::open(folder)?);
        let notes = Notes::open(folder)?;
        let settings = SettingsFile::new(Some(folder), "register");
        let ctx = egui::Context::default();
        let (sender, asked) = sync_channel(1);
        ctx.set_request_repaint_callback(move |_| {
            // One that was not yet taken says the same.
            let _ = sender.try_send(());
        });
        let kept = file.kept()?;
        let worker = Worker::start(&ctx, Register::new(file, Duration::from_millis(200)))?;
        tokens::install(&ctx, Theme::Light);
        let (dice, off, tried) = (Random::new(seed), 0, None);
        let address = Some(address.to_owned());
        let state = State::new(settings.load(), address, "torture".to_owned(), kept, clock::system());
        let (sent, aliases, stocktaking) = (HashSet::new(), HashMap::new(), Stocktaking::default());
        Ok(Self {
            state,
            notes,
            dice,
            off,
            tried,
            stocktaking,
            worker,
            ctx,
            asked,
            settings,
            plant,
            sent,
            aliases,
        })
    }

    /// Takes what has happened, and lets time pass.
    pub fn hear(&mut self) -> Outcome<()> {
        for event in self.worker.drain() {
            self.news(event)?;
        }
        self.act(Input::Tick)
    }

    /// Waits for news, for a moment.
    pub fn breathe(&mut self) {
        // A frame, as the window would draw: only after it the next event asks for a repaint.
        self.ctx.run_ui(egui::RawInput::default(), |_| {}).drop_without_applying_deltas();
        // Running out of time is the usual case.
        let _ = self.asked.recv_timeout(BREATH);
    }

    /// What is still to be done, for whoever reads why it did not end.
    fn left(&self) -> String {
        let State { screen, people, feed, .. } = &self.state;
        let parcels: Vec<_> = self.state.outbox.parcels().iter().take(3).collect();
        format!(
            "{screen:?}, locked: {}, {} unsent, {} refused, the first of them {parcels:?}; the drawer {:?}; paying {:?}; \
             the form {:?}; news after {:?} in round {}, loading {:?}, failure {:?}; {:?}",
            people.lock.is_some(),
            self.state.outbox.unsent(),
            self.state.outbox.rejected(),
            self.state.cash.open.as_ref().map(|book| &book.session),
            self.state.pay,
            self.state.dialog,
            feed.after,
            feed.round,
            feed.loading,
            feed.failure,
            self.stocktaking
        )
    }

    fn now(&self) -> UtcMicros {
        clock::system().plus(self.off)
    }

    pub fn act(&mut self, input: Input) -> Outcome<()> {
        let moment = Moment { at: self.now(), fresh: CommandId::now() };
        for effect in update(&mut self.state, input, moment) {
            self.run(effect)?;
        }
        Ok(())
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "what is not noted goes to the worker as it is")]
    fn run(&mut self, effect: Effect) -> Outcome<()> {
        match &effect {
            Effect::SaveSettings => return Ok(self.settings.save(&self.state.settings)?),
            Effect::CloseWindow => return Ok(()),
            Effect::Keep(parcel) => self.notes.made(parcel)?,
            Effect::Cart(CartEffect::Keep(cart)) => {
                if let Some(sale) = cart.basket.sale {
                    self.notes.cart(sale)?;
                }
            }
            Effect::Refuse(command, Some(problem)) => self.notes.refused(*command, &problem.code)?,
            Effect::Refuse(command, None) => self.notes.retried(*command)?,
            _ => {}
        }
        let effect = self.planted(effect);
        if let Err(refused) = self.worker.submit(effect)
            && let Some(event) = Event::not_sent(&refused)
        {
            self.act(Input::Happened(Box::new(event)))?;
        }
        Ok(())
    }

    /// With the planted fault, what is sent again goes under a new id.
    fn planted(&mut self, effect: Effect) -> Effect {
        let Effect::Send(mut errands) = effect else { return effect };
        for errand in &mut errands {
            let again = !self.sent.insert(errand.command);
            if again && self.plant == Some(Plant::RetryWithNewId) {
                let new = CommandId::now();
                self.aliases.insert(new, errand.command);
                errand.command = new;
            }
        }
        Effect::Send(errands)
    }

    /// With the planted fault, what a person throws away is sent all the same, by somebody who may do it.
    pub fn send_discarded(&mut self, parcel: &Parcel) -> Outcome<()> {
        if self.plant != Some(Plant::SendDiscarded) {
            return Ok(());
        }
        self.send_besides(parcel, parcel.command)
    }

    /// With the planted fault, what was corrected is sent once more under another id.
    fn send_corrected(&mut self, command: CommandId) -> Outcome<()> {
        let parcel = self.state.outbox.get(command).filter(|parcel| parcel.replaces.is_some()).cloned();
        match parcel.filter(|_| self.plant == Some(Plant::CorrectTwice)) {
            Some(parcel) => self.send_besides(&parcel, CommandId::now()),
            None => Ok(()),
        }
    }

    fn send_besides(&mut self, parcel: &Parcel, command: CommandId) -> Outcome<()> {
        let known = self.state.people.known().iter();
        let manager = known.map(|known| &known.person).find(|person| person.role == Role::Manager);
        let Some(person) = manager.map(|person| person.id) else { return Ok(()) };
        self.run(Effect::Send(vec![Errand { command, person, work: parcel.work.clone() }]))
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "only what is told of commands names them")]
    fn news(&mut self, event: Event) -> Outcome<()> {
        let own = |id: CommandId, aliases: &HashMap<_, _>| aliases.get(&id).copied().unwrap_or(id);
        let event = match event {
            Event::Sent { command, answer } => Event::Sent { command: own(command, &self.aliases), answer },
            Event::HeldBack(commands) => {
                Event::HeldBack(commands.into_iter().map(|id| own(id, &self.aliases)).collect())
            }
            other => other,
        };
        if let Event::Kept { command, result: Ok(()) } = &event {
            self.notes.confirmed(*command)?;
            self.send_corrected(*command)?;
        }
        let sent = match &event {
            Event::Sent { command, answer: Err(failure @ Failure::Problem(..)) } => {
                Some((*command, format!("{failure:?}")))
            }
            _ => None,
        };
        self.act(Input::Happened(Box::new(event)))?;
        // Refused while a person waited for it: the form has the words, and the outbox has it no more.
        match sent {
            Some((command, why)) if self.state.outbox.get(command).is_none() => {
                self.stocktaking.refused();
                self.notes.refused(command, &why)
            }
            Some(_) | None => Ok(()),
        }
    }
}
