mod common;
use common::*;
use egui::vec2;
use tillwatch_desk::{Lang, Theme};
use tillwatch_monitor::samples::server::MadeUp;
use tillwatch_monitor::charts::RangeChoice;
use tillwatch_monitor::input::*;
use tillwatch_monitor::state::Page;

#[test]
fn pictures() {
    let out = std::path::Path::new("/tmp/mon");
    std::fs::create_dir_all(out).unwrap();
    let only = std::env::args().last().unwrap_or_default();
    let _ = only;
    for (name, lang, theme, page, size, ppp) in [
        ("overview", Lang::Pt, Theme::Dark, Page::Overview, vec2(1366.0, 768.0), 1.0),
        ("live", Lang::Pt, Theme::Dark, Page::Live, vec2(1366.0, 768.0), 1.0),
        ("sensors", Lang::Pt, Theme::Dark, Page::Sensors, vec2(1366.0, 768.0), 1.0),
        ("stock", Lang::Pt, Theme::Dark, Page::Stock, vec2(1366.0, 768.0), 1.0),
        ("sales", Lang::Pt, Theme::Dark, Page::Sales, vec2(1366.0, 768.0), 1.0),
        ("settings", Lang::En, Theme::Light, Page::Settings, vec2(1366.0, 768.0), 1.0),
        ("overview-light", Lang::En, Theme::Light, Page::Overview, vec2(1366.0, 768.0), 1.0),
        ("overview-200", Lang::Pt, Theme::Dark, Page::Overview, vec2(683.0, 384.0), 2.0),
        ("sensors-200", Lang::Pt, Theme::Light, Page::Sensors, vec2(683.0, 384.0), 2.0),
        ("live-200", Lang::En, Theme::Light, Page::Live, vec2(683.0, 384.0), 2.0),
        ("stock-200", Lang::En, Theme::Light, Page::Stock, vec2(683.0, 384.0), 2.0),
        ("sales-200", Lang::En, Theme::Light, Page::Sales, vec2(683.0, 384.0), 2.0),
    ] {
        if !std::env::var("ONLY").is_ok_and(|only| !only.split(',').any(|o| o == name)) {
            let made_up = MadeUp { demo: page == Page::Sales, ..MadeUp::default() };
            let app = loaded(settings(lang, theme), made_up, page);
            let mut harness = window(app, size, ppp);
            settle(&mut harness, made_up);
            harness.render().unwrap().save(out.join(format!("{name}.png"))).unwrap();
        }
    }
    let made_up = MadeUp::default();
    let start = |page, lang, theme| {
        let mut harness = window(loaded(settings(lang, theme), made_up, page), vec2(1366.0, 768.0), 1.0);
        settle(&mut harness, made_up);
        harness
    };
    let save = |harness: &mut egui_kittest::Harness<'_, tillwatch_monitor::app::App>, name: &str| {
        harness.render().unwrap().save(out.join(format!("{name}.png"))).unwrap();
    };
    // An open sale.
    let mut h = start(Page::Live, Lang::Pt, Theme::Dark);
    let number = h.state().state.log.shown(3).unwrap().0;
    act(&mut h, User::Log(LogAct::Expand(number)));
    save(&mut h, "x-expanded");
    // One sensor large, with the cursor.
    let mut h = start(Page::Sensors, Lang::Pt, Theme::Dark);
    let sensor = h.state().state.sensors()[4].id.clone();
    act(&mut h, User::View(ViewAct::Sensor(Some(sensor))));
    settle(&mut h, made_up);
    h.hover_at(egui::pos2(900.0, 300.0));
    h.run_steps(2);
    save(&mut h, "x-large");
    act(&mut h, User::View(ViewAct::Range(RangeChoice::Day)));
    settle(&mut h, made_up);
    act(&mut h, User::View(ViewAct::Pan(-3_600_000_000)));
    settle(&mut h, made_up);
    h.run_steps(2);
    save(&mut h, "x-large-day");
    // The server goes away.
    let mut h = start(Page::Overview, Lang::Pt, Theme::Dark);
    advance(90_000_000);
    h.run_steps(1);
    let failure = || tillwatch_shared::client::ClientError::Unreachable;
    h.state_mut().pending.clear();
    h.state_mut().take(Input::Answer(Answer::Changes(Err(failure()), 0)));
    h.run_steps(2);
    save(&mut h, "x-stale");
    // Nothing there, first load, failed first load.
    for (name, page, made) in [
        ("x-empty-live", Page::Live, MadeUp { changes: 0, ..made_up }),
        ("x-empty-sensors", Page::Sensors, MadeUp { sensors: 0, ..made_up }),
        ("x-empty-stock", Page::Stock, MadeUp { products: 0, ..made_up }),
        ("x-empty-overview", Page::Overview, MadeUp { sensors: 0, changes: 0, products: 0, stores: 1, demo: true }),
    ] {
        let mut h = window(loaded(settings(Lang::Pt, Theme::Dark), made, page), vec2(1024.0, 600.0), 1.0);
        settle(&mut h, made);
        save(&mut h, name);
    }
    let mut first = app(settings(Lang::Pt, Theme::Dark));
    let mut h = window(first, vec2(1024.0, 600.0), 1.0);
    save(&mut h, "x-sign-in");
    first = app(settings(Lang::Pt, Theme::Dark));
    made_up.enter(&mut first);
    let mut h = window(first, vec2(1024.0, 600.0), 1.0);
    save(&mut h, "x-first");
    h.state_mut().take(Input::Answer(Answer::Latest(Err(failure()), 0)));
    h.run_steps(2);
    save(&mut h, "x-failed");
    act(&mut h, User::Keys(true));
    save(&mut h, "x-keys");
}

fn act(h: &mut egui_kittest::Harness<'_, tillwatch_monitor::app::App>, user: User) {
    h.state_mut().take(Input::User(user));
    h.run_steps(3);
}
