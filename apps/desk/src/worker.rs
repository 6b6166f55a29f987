//! Runs a window's effects on one thread of its own, so that nothing blocks a frame.
//!
//! Effects and events go through bounded channels. When the effects' channel is full the effect comes
//! back to the caller; when the events' channel is full the work waits until the window has caught up.
//! A repaint is asked for with each event. The worker knows nothing about commands: their ids are made in
//! `update` and travel inside the effect, so a retry is always the same command.

use std::future::Future;
use std::io;
use std::sync::mpsc as blocking;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use egui::Context;
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
}

impl<Event> Clone for Events<Event> {
    fn clone(&self) -> Self {
        Self { sender: self.sender.clone(), ctx: self.ctx.clone() }
    }
}

impl<Event> Events<Event> {
    /// Hands over an event; waits while the window is behind. `false` once the window is gone.
    pub async fn send(&self, event: Event) -> bool {
        let sent = self.sender.send(event).await.is_ok();
        self.ctx.request_repaint();
        sent
    }

    /// Leaves an event for the next frame without asking for one: an idle window stays idle. It is lost
    /// when the window is far behind, so nothing may depend on it.
    pub fn whisper(&self, event: Event) {
        let _ = self.sender.try_send(event);
    }
}

/// The window's end of the worker. Dropping it ends the thread.
#[derive(Debug)]
pub struct Worker<Effect, Event> {
    effects: mpsc::Sender<Effect>,
    events: Mutex<mpsc::Receiver<Event>>,
    ctx: Context,
}

impl<Effect: Send + 'static, Event: Send + 'static> Worker<Effect, Event> {
    pub fn start<J>(ctx: &Context, job: J) -> io::Result<Self>
    where
        J: Job<Effect = Effect, Event = Event>,
    {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (effects, queue) = mpsc::channel(EFFECTS);
        let (sender, events) = mpsc::channel(EVENTS);
        let back = Events { sender, ctx: ctx.clone() };
        let (ready, started) = blocking::sync_channel(1);
        thread::Builder::new().name("worker".to_owned()).spawn(move || {
            let _ = ready.send(());
            runtime.block_on(serve(queue, Arc::new(job), back));
            runtime.shutdown_timeout(LAST_WAIT);
        })?;
        // Bounded by the thread's start; its end shows as an error, which changes nothing here.
        let _ = started.recv();
        Ok(Self { effects, events: Mutex::new(events), ctx: ctx.clone() })
    }

    /// Queues an effect; gives it back when the queue is full or the worker is gone.
    pub fn submit(&self, effect: Effect) -> Result<(), Effect> {
        self.effects.try_send(effect).map_err(mpsc::error::TrySendError::into_inner)
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
        self.ctx.request_repaint();
        taken
    }
}

async fn serve<J: Job>(mut queue: mpsc::Receiver<J::Effect>, job: Arc<J>, events: Events<J::Event>) {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    while let Some(effect) = queue.recv().await {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let (job, events) = (Arc::clone(&job), events.clone());
        tokio::spawn(async move {
            job.run(effect, events).await;
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
}
