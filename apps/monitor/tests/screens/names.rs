//! Every control that can have the focus says what it is, for screen readers: on every page, in every list and form,
//! in both languages.

use egui::accesskit::Action;
use egui_kittest::kittest::{AccessKitNode as Node, By, Queryable as _};
use tillwatch_desk::Lang;
use tillwatch_monitor::compare::CompareAct;
use tillwatch_monitor::forms::{About, FormAct};
use tillwatch_monitor::input::{User, ViewAct};
use tillwatch_monitor::lists::{ListAct, Row, Topic};
use tillwatch_monitor::sheets::SheetAct;
use tillwatch_monitor::state::{Dialog, Page};
use tillwatch_monitor::terminals::TerminalAct;
use tillwatch_monitor::wall::WallAct;

use crate::common::{Window, settle, user};
use crate::hands::{USUAL, at};

/// Controls without a name.
fn nameless(window: &Window<'_>) -> Vec<String> {
    let silent = |node: &Node<'_>| node.label().is_none_or(|label| label.trim().is_empty());
    let wanted = By::new()
        .predicate(|node| node.data().supports_action(Action::Focus) && !node.is_hidden() && silent(node));
    window.query_all(wanted).map(|node| format!("{node:?}")).collect()
}

struct Walk {
    lang: Lang,
    found: Vec<String>,
    looked: usize,
}

impl Walk {
    fn look(&mut self, window: &mut Window<'_>, what: &str) {
        settle(window, USUAL);
        self.looked += 1;
        let lang = self.lang;
        self.found.extend(nameless(window).into_iter().map(|node| format!("{lang:?} {what}: {node}")));
    }

    fn act(&mut self, window: &mut Window<'_>, act: User, what: &str) {
        user(window, act);
        self.look(window, what);
    }
}

/// What a manager may set up with this row.
fn forms(row: &Row) -> Vec<About> {
    match row {
        Row::Product(one) => vec![About::NewProduct, About::Product(one.id), About::Prices(one.id)],
        Row::Store(one, _) => vec![About::Store(one.id), About::Limits(one.id)],
        Row::Person(one) => vec![About::NewPerson, About::Person(one.id)],
        Row::Sensor(one) => vec![
            About::Sensor(one.id.clone()),
            About::Calibrate(one.id.clone()),
            About::Annotate(one.id.clone()),
        ],
        Row::Key(one) => vec![About::NewKey, About::RevokeKey(one.id)],
        Row::Till(one) => vec![About::ShutOutTill(one.id)],
        Row::Alarm(one) if one.ended_at.is_none() => vec![About::Acknowledge(one.id)],
        Row::Rule(one) => vec![About::NewRule, About::Rule(one.id), About::RemoveRule(one.id)],
        Row::Quiet(one) => vec![About::NewQuiet, About::EndQuiet(one.id)],
        Row::Lot(_)
        | Row::Transfer(_)
        | Row::Count(_)
        | Row::Session(_)
        | Row::Account(_)
        | Row::Change(..)
        | Row::Alarm(_) => Vec::new(),
    }
}

fn every_control_has_a_name(lang: Lang) {
    let mut walk = Walk { lang, found: Vec::new(), looked: 0 };
    for page in Page::ALL {
        walk.look(&mut at(page, lang), &format!("{page:?}"));
    }
    for topic in Topic::ALL {
        let mut window = at(topic.page(), lang);
        let tab = User::List(ListAct::Tab(topic.page(), Some(topic)));
        walk.act(&mut window, tab, &format!("{topic:?}"));
        let rows = window.state().state.lists.get(topic).map(|list| list.rows().to_vec()).unwrap_or_default();
        let first = rows.first().unwrap_or_else(|| panic!("{topic:?} has no row"));
        walk.act(&mut window, User::List(ListAct::Open(topic, first.id())), &format!("a row of {topic:?}"));
        user(&mut window, User::List(ListAct::Close));
        for about in forms(first) {
            let what = format!("{about:?}");
            walk.act(&mut window, User::Form(FormAct::Open(about)), &what);
            if window.state().state.form.is_none() {
                walk.found.push(format!("{what} does not open"));
            }
            user(&mut window, User::Form(FormAct::Close));
        }
    }
    for dialog in [Dialog::Keys, Dialog::SignOut] {
        walk.act(&mut at(Page::Overview, lang), User::Dialog(Some(dialog)), &format!("{dialog:?}"));
    }
    let mut window = at(Page::Terminals, lang);
    let terminals = window.state().state.terminals.list.value().cloned().unwrap_or_default();
    let last = terminals.last().map(|terminal| terminal.client.clone());
    walk.act(&mut window, User::Terminal(TerminalAct::EditRetention), "the retention");
    user(&mut window, User::Dialog(None));
    walk.act(&mut window, User::Terminal(TerminalAct::Choose(last)), "the messages of a terminal");
    walk.act(&mut window, User::Dialog(Some(Dialog::Forget)), "forgetting a terminal");
    user(&mut window, User::Dialog(None));
    walk.act(&mut window, User::Terminal(TerminalAct::Everything(true)), "all messages");
    let mut window = at(Page::Sensors, lang);
    let Some(sensor) = window.state().state.sensors().first().map(|sensor| sensor.id.clone()) else {
        panic!("no sensor")
    };
    walk.act(&mut window, User::View(ViewAct::Sensor(Some(sensor.clone()))), "a sensor");
    walk.act(&mut window, User::Compare(CompareAct::Toggle), "comparing");
    walk.act(&mut window, User::Sheet(SheetAct::Open(sensor)), "a sheet");
    walk.act(&mut at(Page::Overview, lang), User::Wall(WallAct::Enter), "the wall");
    assert!(walk.looked > 60, "{}", walk.looked);
    assert!(walk.found.is_empty(), "{} of {}: {:#?}", walk.found.len(), walk.looked, walk.found);
}

#[test]
fn every_control_has_a_name_in_portuguese() {
    every_control_has_a_name(Lang::Pt);
}

#[test]
fn every_control_has_a_name_in_english() {
    every_control_has_a_name(Lang::En);
}
