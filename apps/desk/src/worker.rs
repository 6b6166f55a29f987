//! Runs a window's effects on one thread of its own, so that nothing blocks a frame.
//!
//! Effects and events go through bounded channels. When the effects' channel is full the effect comes
//! back to the caller; when the events' channel is full the work waits until the window has caught up.
//! A repaint is asked for with each event. The worker knows nothing about commands: their ids are made in
//! `update` and travel inside the effect, so a retry is always the same command.
//!
//! Several windows of one program share one thread, and with it the connections of one API client, which belong to the
//! thread that opened them: each window has its own [`Worker`], made by [`Worker::beside`], and hears only of its own.

use std::future::Future;
use std::io;
use std::sync::mpsc as blocking;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use egui::{Context, ViewportId};
use tokio::sync::{Semaphore, mpsc};

/// Effects that wait for the worker.
const EFFECTS: usize = 256;
/// Events that wait for the window.
const EVENTS: usize = 1024;
/// Effects that run at the same time.
const AT_ONCE: usize = 16;
/// Events taken in one frame; the rest waits for the next, so that a frame stays short.
const EVENTS_A_FRAME: usize = 64;
/// How long a closing window waits for requests under way.
const LAST_WAIT: Duration = Duration::from_millis(500);

/// What a window does outside of itself.
pub trait Job: Send + Sync + 'static {
    type Effect: Send + 'static;
    type Event: Send + 'static;

    /// Does one effect and tells what came of it.
    fn run(
        self: Arc<Self>,
        effect: Self::Effect,
        events: Events<Self::Event>,
    ) -> impl Future<Output = ()> + Send;
}

/// The way back to the window.
#[derive(Debug)]
pub struct Events<Event> {
    sender: mpsc::Sender<Event>,
    ctx: Context,
    window: ViewportId,
}

impl<Event> Clone for Events<Event> {
    fn clone(&self) -> Self {
        Self { sender: self.sender.clone(), ctx: self.ctx.clone(), window: self.window }
    }
}

impl<Event> Events<Event> {
    /// Hands over an event; waits while the window is behind. `false` once the window is gone.
    pub async fn send(&self, event: Event) -> bool {
        let sent = self.sender.send(event).await.is_ok();
        // A window that is gone is not called back to life.
        if sent {
            self.ctx.request_repaint_of(self.window);
        }
        sent
    }

    /// Hands over an event of which the next makes up for a lost one: it is, when the window is far behind.
    pub fn tell(&self, event: Event) {
        if self.sender.try_send(event).is_ok() {
            self.ctx.request_repaint_of(self.window);
        }
    }

    /// The window that hears it.
    pub const fn window(&self) -> ViewportId {
        self.window
    }

    /// Leaves an event for the next frame without asking for one: an idle window stays idle. It is lost
    /// when the window is far behind, so nothing may depend on it.
    pub fn whisper(&self, event: Event) {
        let _ = self.sender.try_send(event);
    }
}

/// An effect with the window that hears what came of it.
#[derive(Debug)]
struct Asked<Effect, Event> {
    effect: Effect,
    back: Events<Event>,
}

/// The window's end of the worker. Dropping the last of them ends the thread.
#[derive(Debug)]
pub struct Worker<Effect, Event> {
    effects: mpsc::Sender<Asked<Effect, Event>>,
    back: Events<Event>,
    events: Mutex<mpsc::Receiver<Event>>,
}

impl<Effect: Send + 'static, Event: Send + 'static> Worker<Effect, Event> {
    pub fn start<J>(ctx: &Context, job: J) -> io::Result<Self>
    where
        J: Job<Effect = Effect, Event = Event>,
    {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (effects, queue) = mpsc::channel(EFFECTS);
        let (ready, started) = blocking::sync_channel(1);
        thread::Builder::new().name("worker".to_owned()).spawn(move || {
            let _ = ready.send(());
            runtime.block_on(serve(queue, Arc::new(job)));
            runtime.shutdown_timeout(LAST_WAIT);
        })?;
        // Bounded by the thread's start; its end shows as an error, which changes nothing here.
        let _ = started.recv();
        Ok(Self::new(effects, ctx, ViewportId::ROOT))
    }

    /// Another window's end of the same worker.
    #[must_use]
    pub fn beside(&self, window: ViewportId) -> Self {
        Self::new(self.effects.clone(), &self.back.ctx, window)
    }

    fn new(effects: mpsc::Sender<Asked<Effect, Event>>, ctx: &Context, window: ViewportId) -> Self {
        let (sender, events) = mpsc::channel(EVENTS);
        let back = Events { sender, ctx: ctx.clone(), window };
        Self { effects, back, events: Mutex::new(events) }
    }

    /// Queues an effect; gives it back when the queue is full or the worker is gone.
    pub fn submit(&self, effect: Effect) -> Result<(), Effect> {
        let asked = Asked { effect, back: self.back.clone() };
        self.effects.try_send(asked).map_err(|full| full.into_inner().effect)
    }

    /// What has happened since the last call, a bounded part of it at a time.
    pub fn drain(&self) -> Vec<Event> {
        let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        let mut taken = Vec::new();
        while taken.len() < EVENTS_A_FRAME {
            match events.try_recv() {
                Ok(event) => taken.push(event),
                Err(_) => return taken,
            }
        }
        self.back.ctx.request_repaint_of(self.back.window);
        taken
    }
}

async fn serve<J: Job>(mut queue: mpsc::Receiver<Asked<J::Effect, J::Event>>, job: Arc<J>) {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    while let Some(Asked { effect, back }) = queue.recv().await {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let job = Arc::clone(&job);
        tokio::spawn(async move {
            job.run(effect, back).await;
            drop(place);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Double;

    impl Job for Double {
        type Effect = u32;
        type Event = u32;

        async fn run(self: Arc<Self>, effect: u32, events: Events<u32>) {
            events.send(effect * 2).await;
        }
    }

    #[test]
    fn effects_come_back_as_events_and_ask_for_a_repaint() {
        let ctx = Context::default();
        let (repaint, asked) = blocking::sync_channel(64);
        ctx.set_request_repaint_callback(move |_| {
            let _ = repaint.try_send(());
        });
        let worker = Worker::start(&ctx, Double).unwrap();
        worker.submit(21).unwrap();
        let mut seen = Vec::new();
        while seen.is_empty() {
            asked.recv_timeout(Duration::from_secs(10)).unwrap();
            seen.extend(worker.drain());
        }
        assert_eq!(seen, [42]);
    }

    #[test]
    fn each_window_hears_of_its_own_effects_and_the_last_one_ends_the_thread() {
        let ctx = Context::default();
        let (repaint, asked) = blocking::sync_channel(64);
        ctx.set_request_repaint_callback(move |info| {
            let _ = repaint.try_send(info.viewport_id);
        });
        let other = ViewportId::from_hash_of("other");
        let first = Worker::start(&ctx, Double).unwrap();
        let second = first.beside(other);
        second.submit(4).unwrap();
        assert_eq!(asked.recv_timeout(Duration::from_secs(10)), Ok(other));
        assert_eq!((first.drain(), second.drain()), (vec![], vec![8]));
        drop(first);
        second.submit(5).unwrap();
        let heard = second.events.lock().unwrap().blocking_recv();
        assert_eq!(heard, Some(10));
    }
}
