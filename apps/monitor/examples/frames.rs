//! How long the monitor takes for a frame, without a screen:
//! `cargo run --release -p tillwatch-monitor --example frames -- [FRAMES]`.

use std::io::Write as _;
use std::time::{Duration, Instant};

use egui::{RawInput, Rect, pos2, vec2};
use tillwatch_desk::shell::{self, Window};
use tillwatch_desk::{Lang, Theme};
use tillwatch_monitor::app::App;
use tillwatch_monitor::charts::RangeChoice;
use tillwatch_monitor::input::{Input, LogAct, User, ViewAct};
use tillwatch_monitor::livelog::{Filter, MOST_ROWS};
use tillwatch_monitor::samples::NOW;
use tillwatch_monitor::samples::server::MadeUp;
use tillwatch_monitor::samples::stage::{clock, loaded, settings};
use tillwatch_monitor::state::Page;
use tillwatch_shared::api::Event;
use tillwatch_shared::time::HOUR;

struct Bench {
    ctx: egui::Context,
    size: egui::Vec2,
    frames: u32,
}

impl Bench {
    fn new(size: egui::Vec2, frames: u32) -> Self {
        let ctx = egui::Context::default();
        let settings = settings(Lang::Pt, Theme::Dark);
        shell::dress(
            &ctx,
            Window { app_id: "bench", title: "bench", theme: Theme::Dark, settings: &settings },
        );
        Self { ctx, size, frames }
    }

    /// One frame: the time inside `ui()`, and with egui's own work and tessellation.
    fn frame(&self, app: &mut App) -> (Duration, Duration) {
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(pos2(0.0, 0.0), self.size)),
            ..RawInput::default()
        };
        let started = Instant::now();
        let mut inside = Duration::ZERO;
        let output = self.ctx.run_ui(input, |ui| {
            let started = Instant::now();
            app.step(ui.ctx());
            app.draw(ui);
            inside = started.elapsed();
        });
        let _ = self.ctx.tessellate(output.shapes, 1.0);
        (inside, started.elapsed())
    }

    fn run(&self, name: &str, app: &mut App, made_up: MadeUp) {
        for _ in 0..8 {
            self.frame(app);
            made_up.settle(app, clock());
        }
        let mut frames: Vec<_> = (0..self.frames).map(|_| self.frame(app)).collect();
        frames.sort_unstable();
        let middle = frames.get(frames.len() / 2).copied().unwrap_or_default();
        let worst = frames.iter().map(|f| f.1).max().unwrap_or_default();
        let millis = |d: Duration| d.as_secs_f64() * 1_000.0;
        let _ = writeln!(
            std::io::stdout(),
            "{name:<46} ui() {:>6.2} ms  whole frame {:>6.2} ms  worst {:>6.2} ms",
            millis(middle.0),
            millis(middle.1),
            millis(worst)
        );
    }
}

fn main() {
    let frames = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(300);
    let desk = Bench::new(vec2(1366.0, 768.0), frames);
    let dark = || settings(Lang::Pt, Theme::Dark);
    let usual = MadeUp::default();
    for page in [Page::Overview, Page::Sensors, Page::Stock, Page::Sales] {
        desk.run(&format!("{page:?}, 1366×768"), &mut loaded(dark(), usual, page), usual);
    }

    // Four large cards side by side: twelve charts of a thousand points each.
    let wide = Bench::new(vec2(1366.0, 768.0), frames);
    let four = MadeUp { sensors: 4, ..usual };
    let mut app = loaded(dark(), four, Page::Sensors);
    for _ in 0..4 {
        wide.frame(&mut app);
        four.settle(&mut app, clock());
    }
    let shown = tillwatch_monitor::input::ChartsShown {
        sensors: app.state.sensors().iter().map(|s| s.id.clone()).collect(),
        points: 1_000,
    };
    app.take(Input::User(User::View(ViewAct::Shown(shown))));
    app.take(Input::User(User::View(ViewAct::Range(RangeChoice::Day))));
    four.settle(&mut app, clock());
    let points = |app: &App| {
        let charts = &app.state.sensor_charts;
        let range = app.state.range(charts, clock());
        charts.block.as_ref().map_or(0, |block| {
            let histories = block.sensors().filter_map(|id| block.get(id));
            histories.map(|h| h.visible(range).len()).max().unwrap_or_default()
        })
    };
    let name = format!("Sensors, 12 charts of {} points", points(&app));
    let mut times: Vec<_> = (0..frames).map(|_| wide.frame(&mut app)).collect();
    times.sort_unstable();
    if let Some(middle) = times.get(times.len() / 2) {
        let millis = |d: Duration| d.as_secs_f64() * 1_000.0;
        let _ = writeln!(
            std::io::stdout(),
            "{name:<46} ui() {:>6.2} ms  whole frame {:>6.2} ms",
            millis(middle.0),
            millis(middle.1)
        );
    }

    // A full log, scrolled and filtered.
    let mut app = loaded(dark(), usual, Page::Live);
    let started = Instant::now();
    for number in 0..MOST_ROWS {
        let number = i64::try_from(number).unwrap_or_default() + 1_000;
        let event = Event::SaleRecorded(tillwatch_monitor::samples::sale(number, 0, NOW.plus(-HOUR)));
        app.state.log.append(number, &event, None);
    }
    let filled = started.elapsed();
    desk.run(&format!("Live, {} rows", app.state.log.len()), &mut app, usual);
    let started = Instant::now();
    app.take(Input::User(User::Log(LogAct::Filter(Filter { text: "arroz".into(), ..Filter::default() }))));
    let filtered = started.elapsed();
    let _ = writeln!(
        std::io::stdout(),
        "filling the log {:.0} ms, filtering it {:.1} ms",
        filled.as_secs_f64() * 1_000.0,
        filtered.as_secs_f64() * 1_000.0
    );
}
