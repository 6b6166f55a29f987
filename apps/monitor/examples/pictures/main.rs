//! Renders the screens in their states to PNG files, to be looked at:
//! `cargo run -p tillwatch-monitor --example pictures -- DIR [page|wall|log|state|held|list|form|sheet|chart|compare|import|paper|keeping|report]`. Needs Vulkan; Mesa's software driver will do.

mod charts;
#[path = "../../tests/common/mod.rs"]
mod common;

use std::error::Error;
use std::path::PathBuf;

use common::{Window, settle, user, window};
use egui::{Vec2, vec2};
use tillwatch_desk::failure::Failure;
use tillwatch_desk::{Lang, Theme};
use tillwatch_monitor::feed_new::NewAct;
use tillwatch_monitor::feeds::FeedAct;
use tillwatch_monitor::forms::{About, FormAct, Part};
use tillwatch_monitor::import::ImportAct;
use tillwatch_monitor::input::{Answer, Effect, Input, LogAct, User};
use tillwatch_monitor::keeping::KeepingAct;
use tillwatch_monitor::lists::{Context, Filter, ListAct, Topic};
use tillwatch_monitor::livelog::News;
use tillwatch_monitor::reports::ReportAct;
use tillwatch_monitor::samples::server::MadeUp;
use tillwatch_monitor::samples::stage::{advance, app, loaded, settings};
use tillwatch_monitor::samples::{NOW, alarms, manage, product_id, sensor_id, sign_in, store};
use tillwatch_monitor::sheets::SheetAct;
use tillwatch_monitor::state::{Dialog, Page};
use tillwatch_monitor::terminals::TerminalAct;
use tillwatch_monitor::wall::WallAct;
use tillwatch_shared::api::{Event, ImportOutcome, ReadingsHeld, ReportKind, Role, SessionEvent};
use tillwatch_shared::client::SheetAsk;
use tillwatch_shared::time::{MINUTE, SECOND};

type Outcome = Result<(), Box<dyn Error>>;
type Draw = fn(&Album) -> Outcome;

const DESK: Vec2 = vec2(1366.0, 768.0);
const SMALL: Vec2 = vec2(1024.0, 600.0);
/// The desk's window at 200 %.
const DOUBLE: Vec2 = vec2(683.0, 384.0);

struct Album {
    directory: PathBuf,
    only: Option<String>,
}

impl Album {
    fn add(&self, name: &str, mut window: Window<'_>) -> Outcome {
        self.add_shared(name, &mut window)
    }

    /// The window goes on.
    fn add_shared(&self, name: &str, window: &mut Window<'_>) -> Outcome {
        window.render()?.save(self.directory.join(format!("{name}.png")))?;
        Ok(())
    }
}

fn main() -> Outcome {
    let directory = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "target/pictures".to_owned()));
    std::fs::create_dir_all(&directory)?;
    // With a second argument only that part of them.
    let album = Album { directory, only: std::env::args().nth(2) };
    let parts: [(&str, Draw); 14] = [
        ("page", pages),
        ("wall", wall),
        ("log", log),
        ("state", states),
        ("held", held),
        ("list", lists),
        ("form", forms),
        ("sheet", sheets),
        ("chart", charts::ranges),
        ("compare", charts::compared),
        ("import", imports),
        ("paper", papers),
        ("keeping", keeping),
        ("report", reports),
    ];
    for (name, draw) in parts {
        if album.only.as_ref().is_none_or(|only| only == name) {
            draw(&album)?;
        }
    }
    Ok(())
}

/// Reports by product and by payment method.
fn reports(album: &Album) -> Outcome {
    for (name, kind, lang, theme, size) in [
        ("report-products", ReportKind::BestProducts, Lang::Pt, Theme::Dark, DESK),
        ("report-methods", ReportKind::PaymentMethods, Lang::En, Theme::Light, SMALL),
    ] {
        let made_up = MadeUp::default();
        let mut window = at(Page::Reports, lang, theme, size, 1.0, made_up);
        user(&mut window, User::Report(ReportAct::Kind(kind)));
        settle(&mut window, made_up);
        album.add(name, window)?;
    }
    Ok(())
}

/// The settings as an admin sees them.
fn keeping(album: &Album) -> Outcome {
    for (name, lang, theme, size, scale) in [
        ("keeping", Lang::Pt, Theme::Dark, vec2(1366.0, 1150.0), 1.0),
        ("keeping-light", Lang::En, Theme::Light, vec2(1024.0, 1250.0), 1.0),
        ("keeping-200", Lang::Pt, Theme::Dark, vec2(683.0, 1400.0), 1.0),
    ] {
        let mut window = at(Page::Overview, lang, theme, size, scale, MadeUp::default());
        if let Some(signed_in) = &mut window.state_mut().state.signed_in {
            signed_in.person.role = Role::Admin;
        }
        user(&mut window, User::Open(Page::Settings));
        user(&mut window, User::Keeping(KeepingAct::Trial));
        settle(&mut window, MadeUp::default());
        album.add(name, window)?;
    }
    Ok(())
}

/// PDF files, which another program turns into pictures.
fn papers(album: &Album) -> Outcome {
    let window =
        at(Page::Reports, Lang::Pt, Theme::Dark, DESK, 1.0, MadeUp { stores: 6, ..MadeUp::default() });
    let state = &window.state().state;
    let report = state.reports.report.value().ok_or("no report")?;
    let mut named = report.clone();
    if let Some(row) = named.rows.get_mut(1) {
        row.name = "Maria Aparecida de Nossa Senhora da Conceição dos Santos Albuquerque ".repeat(8);
    }
    let ask = SheetAsk { sensor: sensor_id(1), month: named.to.first_of_month(), responsible: None };
    let sheet = tillwatch_monitor::samples::sheets::sheet(&ask, NOW);
    let who = Some("Ana Conceição, CRF-SP 12.345");
    for (name, lang) in [("pt", Lang::Pt), ("en", Lang::En)] {
        for (what, paper) in [
            ("report", tillwatch_monitor::papers::report(&named, &state.zone(None), lang)),
            ("sheet", tillwatch_monitor::papers::temperatures(&sheet, who, lang)),
        ] {
            let bytes = tillwatch_desk::files::pdf::write(&paper)?;
            std::fs::write(album.directory.join(format!("paper-{what}-{name}.pdf")), bytes)?;
        }
    }
    for topic in [Topic::Lots, Topic::Products, Topic::People] {
        let window = at_topic(topic, 40);
        let state = &window.state().state;
        let context = Context::new(state, NOW);
        let list = state.lists.get(topic).ok_or("no list")?;
        let paper = tillwatch_monitor::papers::list(topic, &list.sheet, &list.filter, &context);
        let bytes = tillwatch_desk::files::pdf::write(&paper)?;
        std::fs::write(album.directory.join(format!("paper-{topic:?}.pdf")), bytes)?;
    }
    Ok(())
}

fn at_topic(topic: Topic, products: i64) -> Window<'static> {
    let made_up = MadeUp { products, ..MadeUp::default() };
    let mut window = at(topic.page(), Lang::Pt, Theme::Dark, DESK, 1.0, made_up);
    user(&mut window, User::List(ListAct::Tab(topic.page(), Some(topic))));
    settle(&mut window, made_up);
    window
}

fn at(page: Page, lang: Lang, theme: Theme, size: Vec2, scale: f32, made_up: MadeUp) -> Window<'static> {
    let mut window = window(loaded(settings(lang, theme), made_up, page), size, scale);
    settle(&mut window, made_up);
    window
}

/// What there is in the log beside sales and goods; the alarm is open.
fn log(album: &Album) -> Outcome {
    let made_up = MadeUp { changes: 60, ..MadeUp::default() };
    let alarm = alarms::alarm(8, NOW);
    let events = [
        Event::SessionOpened(sign_in(2)),
        Event::AlarmOpened(alarms::alarm(9, NOW)),
        Event::AlarmCleared(alarms::alarm(3, NOW)),
        Event::AlarmAcknowledged(alarm),
        Event::SessionEnded(SessionEvent { reason: Some("token_reused".to_owned()), ..sign_in(3) }),
    ];
    for (name, lang, theme, size, scale) in [
        ("log", Lang::Pt, Theme::Dark, DESK, 1.0),
        ("log-light", Lang::En, Theme::Light, SMALL, 1.0),
        ("log-200", Lang::Pt, Theme::Light, DOUBLE, 2.0),
    ] {
        let mut window = at(Page::Live, lang, theme, size, scale, made_up);
        for (seq, event) in (61..).zip(&events) {
            let news = News { seq, at: NOW, event };
            window.state_mut().state.log.append(news, None);
        }
        let opened = window.state().state.log.shown(1).map(|(number, _)| number);
        window.state_mut().state.expanded = opened;
        window.run_steps(3);
        album.add(name, window)?;
    }
    Ok(())
}

/// The wall, turning and stopped by an alarm, and what is set about it.
fn wall(album: &Album) -> Outcome {
    let usual = MadeUp::default();
    let large = vec2(1920.0, 1080.0);
    for (name, lang, theme, size) in
        [("wall", Lang::Pt, Theme::Dark, large), ("wall-light", Lang::En, Theme::Light, SMALL)]
    {
        let mut window = at(Page::Overview, lang, theme, size, 1.0, usual);
        user(&mut window, User::Wall(WallAct::Enter));
        album.add_shared(name, &mut window)?;
        let alarm = alarms::alarm(9, NOW);
        if let Some(wall) = &mut window.state_mut().state.wall {
            wall.held_by.insert(alarm.id);
        }
        user(&mut window, User::Open(Page::Alarms));
        settle(&mut window, usual);
        album.add(&format!("{name}-stopped"), window)?;
    }
    for (name, lang, theme) in
        [("wall-settings", Lang::Pt, Theme::Dark), ("wall-settings-light", Lang::En, Theme::Light)]
    {
        album.add(name, at(Page::Settings, lang, theme, vec2(1366.0, 1000.0), 1.0, usual))?;
    }
    Ok(())
}

fn pages(album: &Album) -> Outcome {
    let names = [
        "overview",
        "live",
        "sensors",
        "alarms",
        "stock",
        "sales",
        "money",
        "reports",
        "terminals",
        "feeds",
        "manage",
        "settings",
    ];
    let (usual, demo) = (MadeUp::default(), MadeUp { demo: true, ..MadeUp::default() });
    for (name, page) in names.into_iter().zip(Page::ALL) {
        album.add(name, at(page, Lang::Pt, Theme::Dark, DESK, 1.0, usual))?;
        album.add(&format!("{name}-light"), at(page, Lang::En, Theme::Light, DESK, 1.0, demo))?;
        album.add(&format!("{name}-200"), at(page, Lang::Pt, Theme::Light, DOUBLE, 2.0, usual))?;
    }
    Ok(())
}

/// A sheet of products: choosing it, what would come of it, on its way, done.
fn imports(album: &Album) -> Outcome {
    let usual = MadeUp::default();
    let act = |window: &mut Window<'_>, act| user(window, User::Import(act));
    for (name, lang, theme, size, scale) in [
        ("", Lang::Pt, Theme::Dark, DESK, 1.0),
        ("-light", Lang::En, Theme::Light, SMALL, 1.0),
        ("-200", Lang::Pt, Theme::Light, DOUBLE, 2.0),
    ] {
        let mut window = at(Page::Manage, lang, theme, size, scale, usual);
        act(&mut window, ImportAct::Open);
        settle(&mut window, usual);
        album.add_shared(&format!("import-choose{name}"), &mut window)?;
        act(&mut window, ImportAct::Pick("/home/lucas/Downloads/produtos.csv".into()));
        settle(&mut window, usual);
        album.add_shared(&format!("import-ready{name}"), &mut window)?;
        act(&mut window, ImportAct::Start);
        album.add_shared(&format!("import-working{name}"), &mut window)?;
        settle(&mut window, usual);
        act(&mut window, ImportAct::Show(Some(ImportOutcome::Refused)));
        album.add_shared(&format!("import-done{name}"), &mut window)?;
    }
    Ok(())
}

fn lists(album: &Album) -> Outcome {
    let usual = MadeUp::default();
    for (name, lang, theme, size, scale) in [
        ("", Lang::Pt, Theme::Dark, DESK, 1.0),
        ("-light", Lang::En, Theme::Light, SMALL, 1.0),
        ("-200", Lang::Pt, Theme::Light, DOUBLE, 2.0),
    ] {
        for topic in Topic::ALL {
            let mut window = at(topic.page(), lang, theme, size, scale, usual);
            user(&mut window, User::List(ListAct::Show(topic, Filter::default())));
            settle(&mut window, usual);
            let first =
                window.state().state.lists.get(topic).and_then(|list| list.sheet.lines.get(1).cloned());
            album.add_shared(&format!("list-{topic:?}{name}"), &mut window)?;
            if let Some(line) = first {
                user(&mut window, User::List(ListAct::Open(topic, line.id)));
                settle(&mut window, usual);
                album.add(&format!("open-{topic:?}{name}"), window)?;
            }
        }
    }
    Ok(())
}

/// The monthly sheet of a sensor.
fn sheets(album: &Album) -> Outcome {
    let usual = MadeUp::default();
    for (name, lang, theme, size, scale) in [
        ("", Lang::Pt, Theme::Dark, DESK, 1.0),
        ("-light", Lang::En, Theme::Light, SMALL, 1.0),
        ("-200", Lang::Pt, Theme::Light, DOUBLE, 2.0),
    ] {
        let mut window = at(Page::Sensors, lang, theme, size, scale, usual);
        user(&mut window, User::Sheet(SheetAct::Open(sensor_id(1))));
        settle(&mut window, usual);
        album.add_shared(&format!("sheet{name}"), &mut window)?;
        user(&mut window, User::Sheet(SheetAct::Excursions(true)));
        settle(&mut window, usual);
        album.add(&format!("sheet-excursions{name}"), window)?;
    }
    Ok(())
}

/// Forms, and what stands in them once they are reviewed.
fn forms(album: &Album) -> Outcome {
    let usual = MadeUp::default();
    for (name, lang, theme, size, scale) in [
        ("", Lang::Pt, Theme::Dark, DESK, 1.0),
        ("-light", Lang::En, Theme::Light, SMALL, 1.0),
        ("-200", Lang::Pt, Theme::Light, DOUBLE, 2.0),
    ] {
        for (what, topic, about, part, value) in [
            ("prices", Topic::Products, About::Prices(product_id(4)), Part::Price, "4,99"),
            ("limits", Topic::Stores, About::Limits(store(4).id), Part::SellerLimit, "7,5"),
            ("person", Topic::People, About::NewPerson, Part::Password, "ab"),
            (
                "care",
                Topic::Alarms,
                About::Acknowledge(alarms::alarm(9, NOW).id),
                Part::Reason,
                "Porta aberta",
            ),
            ("rule", Topic::Rules, About::NewRule, Part::Limit, "7,5"),
            ("quiet", Topic::Quiet, About::NewQuiet, Part::Hours, "3"),
            ("revoke", Topic::Keys, About::RevokeKey(manage::key(3, NOW).id), Part::Name, ""),
        ] {
            let mut window = at(topic.page(), lang, theme, size, scale, usual);
            user(&mut window, User::List(ListAct::Tab(topic.page(), Some(topic))));
            settle(&mut window, usual);
            user(&mut window, User::Form(FormAct::Open(about)));
            user(&mut window, User::Form(FormAct::Set(part, value.to_owned())));
            if what != "revoke" {
                user(&mut window, User::Form(FormAct::Go));
                settle(&mut window, usual);
            }
            album.add(&format!("form-{what}{name}"), window)?;
        }
    }
    Ok(())
}

/// Readings that wait on the server's disk.
fn held(album: &Album) -> Outcome {
    let usual = MadeUp::default();
    for (name, lang, theme, size, scale, refused) in [
        ("held", Lang::Pt, Theme::Dark, DESK, 1.0, false),
        ("held-light", Lang::En, Theme::Light, DESK, 1.0, false),
        ("held-refused-200", Lang::Pt, Theme::Light, DOUBLE, 2.0, true),
    ] {
        let mut away = at(Page::Overview, lang, theme, size, scale, usual);
        if let Some(Answer::Server(Ok(mut info))) = usual.answer(&Effect::Server, NOW) {
            let since = NOW.plus(-25 * MINUTE);
            let (bytes, room_bytes) = (6_420_000, 64 << 20);
            info.readings_held = Some(ReadingsHeld { since, readings: 138_204, bytes, room_bytes, refused });
            away.state_mut().take(Input::Answer(Answer::Server(Ok(info))));
        }
        away.run_steps(2);
        album.add(name, away)?;
    }
    Ok(())
}

fn states(album: &Album) -> Outcome {
    let usual = MadeUp::default();
    let empty = MadeUp { sensors: 0, changes: 0, products: 0, stores: 1, demo: true };
    for (name, page) in [
        ("overview", Page::Overview),
        ("live", Page::Live),
        ("sensors", Page::Sensors),
        ("stock", Page::Stock),
        ("sales", Page::Sales),
        ("reports", Page::Reports),
        ("terminals", Page::Terminals),
        ("feeds", Page::Feeds),
    ] {
        album.add(&format!("empty-{name}"), at(page, Lang::Pt, Theme::Dark, SMALL, 1.0, empty))?;
    }
    let dark = settings(Lang::Pt, Theme::Dark);
    album.add("sign-in", window(app(dark.clone()), SMALL, 1.0))?;

    let mut first = app(dark.clone());
    usual.enter(&mut first);
    album.add("first", window(first, SMALL, 1.0))?;

    let mut failed = app(dark);
    usual.enter(&mut failed);
    failed.take(Input::Answer(Answer::Latest(Err(Failure::Unreachable), 0)));
    album.add("failed", window(failed, SMALL, 1.0))?;

    let mut stale = at(Page::Overview, Lang::Pt, Theme::Dark, DESK, 1.0, usual);
    advance(90 * SECOND);
    stale.run_steps(1);
    stale.state_mut().take(Input::Answer(Answer::Changes(Err(Failure::Unreachable), 0)));
    stale.run_steps(2);
    album.add("stale", stale)?;

    let mut terminals = at(Page::Terminals, Lang::Pt, Theme::Dark, DESK, 1.0, usual);
    let chosen = terminals.state().state.terminals.list.value().and_then(|list| list.first().cloned());
    user(&mut terminals, User::Terminal(TerminalAct::Choose(chosen.map(|terminal| terminal.client))));
    settle(&mut terminals, usual);
    album.add("terminals-open", terminals)?;
    for (lang, theme, size, scale, suffix) in
        [(Lang::Pt, Theme::Dark, DESK, 1.0, ""), (Lang::En, Theme::Light, DOUBLE, 2.0, "-200")]
    {
        for (name, dialog) in [("terminals-forget", Dialog::Forget), ("terminals-kept", Dialog::Retention)] {
            let mut window = at(Page::Terminals, lang, theme, size, scale, usual);
            let last = window.state().state.terminals.list.value().and_then(|list| list.last().cloned());
            user(&mut window, User::Terminal(TerminalAct::Choose(last.map(|terminal| terminal.client))));
            settle(&mut window, usual);
            user(&mut window, User::Terminal(TerminalAct::EditRetention));
            user(&mut window, User::Dialog(Some(dialog)));
            album.add(&format!("{name}{suffix}"), window)?;
        }
    }

    for (name, group) in [("feeds-store", 0), ("feeds-product", 1)] {
        let mut window = at(Page::Feeds, Lang::Pt, Theme::Dark, DESK, 1.0, usual);
        user(&mut window, User::Feed(FeedAct::Choose("bairro".to_owned())));
        settle(&mut window, usual);
        if let Some(group) = window.state().state.feeds.groups().get(group).cloned() {
            user(&mut window, User::Feed(FeedAct::Match(group)));
        }
        settle(&mut window, usual);
        album.add_shared(name, &mut window)?;
        user(&mut window, User::Feed(FeedAct::New(NewAct::Open)));
        settle(&mut window, usual);
        album.add(&format!("{name}-new"), window)?;
    }
    for (name, lang, theme, size, scale) in [
        ("feeds-needy", Lang::Pt, Theme::Dark, DESK, 1.0),
        ("feeds-needy-light", Lang::En, Theme::Light, SMALL, 1.0),
        ("feeds-needy-tall", Lang::Pt, Theme::Light, egui::vec2(1000.0, 1100.0), 1.0),
        ("feeds-needy-200", Lang::Pt, Theme::Light, DOUBLE, 2.0),
    ] {
        let mut window = at(Page::Feeds, lang, theme, size, scale, usual);
        user(&mut window, User::Feed(FeedAct::Choose("bairro".to_owned())));
        settle(&mut window, usual);
        album.add(name, window)?;
    }
    let mut broken = at(Page::Feeds, Lang::Pt, Theme::Dark, DESK, 1.0, usual);
    user(&mut broken, User::Feed(FeedAct::Choose("shopping".to_owned())));
    settle(&mut broken, usual);
    album.add("feeds-broken", broken)?;

    let mut open = at(Page::Live, Lang::Pt, Theme::Dark, DESK, 1.0, usual);
    if let Some((number, _)) = open.state().state.log.shown(3) {
        user(&mut open, User::Log(LogAct::Expand(number)));
    }
    album.add("live-open", open)?;
    for (name, dialog) in [("keys", Dialog::Keys), ("sign-out", Dialog::SignOut)] {
        let mut window = at(Page::Live, Lang::Pt, Theme::Dark, SMALL, 1.0, usual);
        user(&mut window, User::Dialog(Some(dialog)));
        album.add(name, window)?;
    }
    Ok(())
}
