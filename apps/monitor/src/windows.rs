//! Several windows of one program. The first owns the settings; each further one is kept among them, with how it was
//! left, under a prefix with its number, and opens again after the next sign-in. All of them share the session: who
//! leaves one has left all. `program` opens and closes them, `update::windows` decides.

use std::collections::{BTreeMap, BTreeSet};

use tillwatch_desk::settings::Settings;

/// Windows of one program, with the first. Each asks the server by itself.
pub const MOST: u32 = 8;
/// Of the first further one.
const SECOND: u32 = 2;
const PREFIX: &str = "window.";
const SIZE: &str = "size";
const PLACE: &str = "place";

/// What a person does with windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WindowAct {
    /// One more, as this one is.
    Open,
    /// This one; the first is closed by the desktop.
    Close,
}

/// What another window has done that counts for this one too.
#[derive(Clone, Debug, PartialEq)]
pub enum Shared {
    /// These are the settings now.
    Settings(Box<Settings>),
    /// The server ended the session.
    SessionOver,
    /// There are [`MOST`] windows.
    TooMany,
}

type Layout = BTreeMap<String, String>;

/// What the layout says of the first window.
pub fn own(layout: &Layout) -> Layout {
    let own = layout.iter().filter(|(name, _)| !name.starts_with(PREFIX));
    own.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// What the layout says of all further windows.
pub fn others(layout: &Layout) -> Layout {
    let others = layout.iter().filter(|(name, _)| name.starts_with(PREFIX));
    others.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// The further windows that are kept, by their numbers.
pub fn kept(settings: &Settings) -> BTreeSet<u32> {
    let number = |name: &String| name.strip_prefix(PREFIX)?.split_once('.')?.0.parse().ok();
    settings.layout.keys().filter_map(number).filter(|number| (SECOND..=MOST).contains(number)).collect()
}

/// The number of one more window, if there may be one.
pub fn free(taken: &BTreeSet<u32>) -> Option<u32> {
    (SECOND..=MOST).find(|number| !taken.contains(number))
}

/// The settings with how that window was left.
pub fn settings_of(settings: &Settings, number: u32) -> Settings {
    let prefix = prefix(number);
    let own = settings.layout.iter().filter_map(|(name, value)| Some((name.strip_prefix(&prefix)?, value)));
    let mut layout: Layout = own.map(|(name, value)| (name.to_owned(), value.clone())).collect();
    let size = layout.remove(SIZE).and_then(|said| pair(&said));
    let place = layout.remove(PLACE).and_then(|said| pair(&said));
    Settings { layout, size, place, ..settings.clone() }
}

/// Notes in the settings how that window was left, which its own settings say.
pub fn keep(settings: &mut Settings, number: u32, left: &Settings) {
    forget(settings, number);
    let prefix = prefix(number);
    let mut layout = own(&left.layout);
    let pairs = [(SIZE, left.size), (PLACE, left.place)];
    layout.extend(pairs.into_iter().filter_map(|(name, pair)| {
        let (x, y) = pair?;
        Some((name.to_owned(), format!("{x} {y}")))
    }));
    settings.layout.extend(layout.into_iter().map(|(name, value)| (format!("{prefix}{name}"), value)));
}

/// The window was closed for good.
pub fn forget(settings: &mut Settings, number: u32) {
    let prefix = prefix(number);
    settings.layout.retain(|name, _| !name.starts_with(&prefix));
}

/// Takes over what counts for all windows: everything but how each of them was left.
pub fn share(into: &mut Settings, from: &Settings) {
    let layout = std::mem::take(&mut into.layout);
    *into = Settings { layout, size: into.size, place: into.place, ..from.clone() };
}

fn prefix(number: u32) -> String {
    format!("{PREFIX}{number}.")
}

fn pair(said: &str) -> Option<(f32, f32)> {
    let (x, y) = said.split_once(' ')?;
    Some((x.parse().ok()?, y.parse().ok()?))
}
