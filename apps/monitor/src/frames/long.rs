//! What takes long: a log of a million rows scrolled through from end to end, and a day of polls.

use std::io::{self, Write};
use std::time::Instant;

use egui::{Event, MouseWheelSource, MouseWheelUnit, TouchPhase, pos2, vec2};
use tillwatch_shared::time::{HOUR, MINUTE, SECOND};

use super::{Bench, dark, millis};
use crate::input::{Input, User};
use crate::samples::server::MadeUp;
use crate::samples::stage::{advance, clock, loaded};
use crate::state::Page;

/// Changes in the journal of a chain some years old.
const MILLION: i64 = 1_000_000;
/// What a turn of the wheel moves, in points.
const TURN: f32 = -4_000.0;
/// What happens in a busy chain between two polls.
const EACH_POLL: i64 = 3;
const POLL: i64 = 5 * SECOND;

/// Turns the wheel from the newest of a million rows until the first is there. What the server answers on the way is
/// taken in before the next frame, and counts.
pub(super) fn log(desk: &Bench, out: &mut impl Write) -> io::Result<()> {
    let made_up = MadeUp { changes: MILLION, ..MadeUp::default() };
    let mut app = loaded(dark(), made_up, Page::Live);
    desk.settle(&mut app, made_up);
    let over = desk.size / 2.0;
    let mut frames = Vec::new();
    let begun = Instant::now();
    while app.state.feed.oldest > 0 && frames.len() < 200_000 {
        let wheel = Event::MouseWheel {
            unit: MouseWheelUnit::Point,
            delta: vec2(0.0, TURN),
            phase: TouchPhase::Move,
            modifiers: egui::Modifiers::NONE,
            source: MouseWheelSource::Unknown,
        };
        let moved = Event::PointerMoved(pos2(over.x, over.y));
        let started = Instant::now();
        made_up.settle(&mut app, clock());
        desk.frame_with(&mut app, vec![moved, wheel]);
        frames.push(started.elapsed());
        advance(SECOND / 60);
    }
    frames.sort_unstable();
    let at = |share: usize| frames.get((frames.len() * share / 1_000).min(frames.len().saturating_sub(1)));
    let took = |share| at(share).copied().map(millis).unwrap_or_default();
    writeln!(
        out,
        "Live, from the newest of {MILLION} rows to row {}: {} frames in {:.0} s, with layout, tessellation and what \
         the server answered: median {:.2} ms, 99 of 100 {:.2} ms, worst {:.2} ms; {} held",
        app.state.feed.oldest,
        frames.len(),
        begun.elapsed().as_secs_f64(),
        took(500),
        took(990),
        took(1_000),
        memory()
    )
}

/// So many hours of a chain of six stores in which something happens all the time: a poll and a frame every five
/// seconds, another page every minute.
pub fn day(hours: u32, out: &mut impl Write) -> io::Result<()> {
    let desk = Bench::new(vec2(1920.0, 1080.0), 1);
    let mut made_up = MadeUp::default();
    let mut app = loaded(dark(), made_up, Page::Overview);
    desk.settle(&mut app, made_up);
    let begun = clock();
    writeln!(out, "signed in: {} held", memory())?;
    for hour in 1..=hours {
        let until = begun.plus(HOUR * i64::from(hour));
        while clock() < until {
            advance(POLL);
            made_up.changes += EACH_POLL;
            let minute = usize::try_from(clock().since(begun) / MINUTE).unwrap_or_default();
            if clock().since(begun) % MINUTE == 0
                && let Some(page) = Page::ALL.get(minute % Page::ALL.len())
            {
                app.take(Input::User(User::Open(*page)));
            }
            desk.frame(&mut app);
            made_up.settle(&mut app, clock());
        }
        let rows = app.state.log.len();
        writeln!(out, "after {hour} h: {} held, {rows} rows in the log", memory())?;
    }
    Ok(())
}

/// What this program holds in memory, as Linux counts it.
fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.map_or_else(|| "an unknown amount".to_owned(), |held| held.trim().to_owned())
}
