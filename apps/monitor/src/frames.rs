//! How long a frame takes, measured without a screen over made-up data: `tillwatch-monitor --bench-frames 300`.

mod long;

use std::io::{self, Write};
use std::time::{Duration, Instant};

use crate::app::App;
use crate::charts::RangeChoice;
use crate::input::{ChartsShown, Input, LogAct, User, ViewAct};
use crate::livelog::{Filter, MOST_ROWS, News};
use crate::samples::server::MadeUp;
use crate::samples::stage::{clock, loaded, settings};
use crate::samples::{NOW, sale};
use crate::state::Page;
use egui::{RawInput, Rect, pos2, vec2};
use tillwatch_desk::settings::Settings;
use tillwatch_desk::shell::{self, Window};
use tillwatch_desk::{Lang, Theme};
use tillwatch_shared::api::Event;
use tillwatch_shared::time::HOUR;

pub use self::long::day;

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
        self.frame_with(app, Vec::new())
    }

    /// The same with what mouse and keyboard did before it.
    fn frame_with(&self, app: &mut App, events: Vec<egui::Event>) -> (Duration, Duration) {
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(pos2(0.0, 0.0), self.size)),
            events,
            ..RawInput::default()
        };
        let started = Instant::now();
        let mut inside = Duration::ZERO;
        let mut output = self.ctx.run_ui(input, |ui| {
            let started = Instant::now();
            app.step(ui.ctx());
            app.draw(ui);
            inside = started.elapsed();
        });
        // There is no graphics card to hand the textures to.
        output.textures_delta.clear();
        let _ = self.ctx.tessellate(std::mem::take(&mut output.shapes), 1.0);
        (inside, started.elapsed())
    }

    fn settle(&self, app: &mut App, made_up: MadeUp) {
        for _ in 0..8 {
            self.frame(app);
            made_up.settle(app, clock());
        }
    }

    fn report(&self, name: &str, app: &mut App, out: &mut impl Write) -> io::Result<()> {
        self.report_moving(name, app, |_| (), out)
    }

    /// The same while something is done before each frame, which does not count.
    fn report_moving(
        &self,
        name: &str,
        app: &mut App,
        mut act: impl FnMut(&mut App),
        out: &mut impl Write,
    ) -> io::Result<()> {
        let frame = |_| {
            act(app);
            self.frame(app)
        };
        let mut frames: Vec<_> = (0..self.frames).map(frame).collect();
        frames.sort_unstable();
        let (inside, whole) = frames.get(frames.len() / 2).copied().unwrap_or_default();
        let worst = frames.iter().map(|f| f.1).max().unwrap_or_default();
        writeln!(
            out,
            "{name:<52} ui() {:>6.2} ms   with layout and tessellation {:>6.2} ms   worst {:>6.2} ms",
            millis(inside),
            millis(whole),
            millis(worst)
        )
    }
}

/// Measures so many frames of each page and writes a line about each.
pub fn measure(frames: u32, out: &mut impl Write) -> io::Result<()> {
    let desk = Bench::new(vec2(1366.0, 768.0), frames);
    let usual = MadeUp::default();
    for page in [Page::Overview, Page::Sensors, Page::Stock, Page::Sales] {
        let mut app = loaded(dark(), usual, page);
        desk.settle(&mut app, usual);
        desk.report(&format!("{page:?}"), &mut app, out)?;
    }
    let large = Bench::new(vec2(1920.0, 1080.0), frames);
    charts(&desk, 4, RangeChoice::Day, None, out)?;
    charts(&large, 8, RangeChoice::Day, None, out)?;
    charts(&large, 8, RangeChoice::Year, Some(RangeChoice::Day.span()), out)?;
    full_log(&desk, out)?;
    long::log(&desk, out)
}

fn dark() -> Settings {
    settings(Lang::Pt, Theme::Dark)
}

/// So many sensors with three charts each, a thousand points in every chart; moved by so much before each frame, with
/// what the server answers to that.
fn charts(
    desk: &Bench,
    sensors: usize,
    range: RangeChoice,
    pan: Option<i64>,
    out: &mut impl Write,
) -> io::Result<()> {
    let made_up = MadeUp { sensors, ..MadeUp::default() };
    let mut app = loaded(dark(), made_up, Page::Sensors);
    desk.settle(&mut app, made_up);
    let shown = app.state.sensors().iter().map(|s| s.id.clone()).collect();
    let user = |act| Input::User(User::View(act));
    app.take(user(ViewAct::Shown(ChartsShown { sensors: shown, points: 1_000 })));
    app.take(user(ViewAct::Range(range)));
    made_up.settle(&mut app, clock());
    let moving = if pan.is_some() { ", panned" } else { "" };
    let (charts, points) = (sensors * 3, points(&app));
    let name = format!("Sensors, {charts} charts of {points} points, {range:?}{moving}");
    let step = |app: &mut App| {
        if let Some(by) = pan {
            app.take(user(ViewAct::Pan(-by)));
            made_up.settle(app, clock());
        }
    };
    desk.report_moving(&name, &mut app, step, out)
}

fn points(app: &App) -> usize {
    let charts = &app.state.sensor_charts;
    let range = app.state.range(charts, clock());
    let Some(block) = &charts.block else { return 0 };
    let visible = block.sensors().filter_map(|id| block.get(id)).map(|h| h.visible(range).len());
    visible.max().unwrap_or_default()
}

fn full_log(desk: &Bench, out: &mut impl Write) -> io::Result<()> {
    let usual = MadeUp::default();
    let mut app = loaded(dark(), usual, Page::Live);
    desk.settle(&mut app, usual);
    let started = Instant::now();
    for number in (1_000..).take(MOST_ROWS) {
        let event = Event::SaleRecorded(sale(number, 0, NOW.plus(-HOUR)));
        app.state.log.append(News { seq: number, at: NOW, event: &event }, None);
    }
    let filled = millis(started.elapsed());
    desk.report(&format!("Live, {} rows", app.state.log.len()), &mut app, out)?;
    let started = Instant::now();
    let filter = Filter { text: "arroz".to_owned(), ..Filter::default() };
    app.take(Input::User(User::Log(LogAct::Filter(filter))));
    let filtered = millis(started.elapsed());
    writeln!(out, "Live: making and taking in those rows {filled:.0} ms, filtering them {filtered:.1} ms")
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}
