//! What a window remembers between runs: a small JSON file in the user's configuration directory.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::{fs, io};

use serde::{Deserialize, Serialize};

use crate::printer::{LabelLayout, Printer};
use crate::{Lang, Theme};

pub const ZOOM_LEAST: u32 = 100;
pub const ZOOM_MOST: u32 = 300;
const ZOOM_STEP: u32 = 10;
/// Readers send a key every 1 to 20 ms; the fastest typists need 60.
pub const READER_GAP_MS: u32 = 35;
/// Long enough for a talk with a customer, short enough for a till that nobody looks after.
const LOCK_AFTER_MINUTES: u32 = 5;
/// Time to go and look, and not so long that it is forgotten.
const REPEAT_MINUTES: u32 = 5;
/// Long enough to read a page from across a room.
const WALL_SECONDS: u32 = 20;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Where the server was last; several addresses are separated by commas.
    pub server: Option<String>,
    pub lang: Lang,
    /// The window's own default if absent.
    pub theme: Option<Theme>,
    /// Per cent, 100–300.
    pub zoom: u32,
    /// Inner size of the window in points.
    pub size: Option<(f32, f32)>,
    /// Where its upper left corner was, likewise; unknown where the desktop tells no places.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<(f32, f32)>,
    /// Who signed in last, to be offered again. Never a secret.
    pub username: Option<String>,
    /// The store in which this machine stands, as its id.
    pub store: Option<String>,
    /// How this till calls itself.
    pub till: Option<String>,
    /// Keys that were changed: what is done, and the key as [`crate::keys::Chord`] writes it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub keys: BTreeMap<String, String>,
    /// This till's receipt printer.
    pub printer: Printer,
    /// The longest time between two keys of a barcode reader, in milliseconds.
    pub reader_gap_ms: u32,
    /// The layouts of the scale's labels; what is usual if absent.
    pub scale_layouts: Option<String>,
    /// Minutes without a key after which the register locks itself; 0 is never.
    pub lock_after_minutes: u32,
    /// The sheets of labels that this shop uses.
    pub label_layout: LabelLayout,
    /// How alarms call the person at this machine.
    pub calls: Calls,
    /// How long each page stays on the wall, in seconds.
    pub wall_seconds: u32,
    /// How the window was left, in words of its own.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub layout: BTreeMap<String, String>,
}

/// How alarms call the person at this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Calls {
    pub sound: bool,
    /// By a notice of the desktop.
    pub show: bool,
    /// A critical alarm that nobody took care of calls again after this long; 0 is never.
    pub repeat_minutes: u32,
}

impl Default for Calls {
    fn default() -> Self {
        Self { sound: true, show: true, repeat_minutes: REPEAT_MINUTES }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            server: None,
            lang: Lang::default(),
            theme: None,
            zoom: ZOOM_LEAST,
            size: None,
            place: None,
            username: None,
            store: None,
            till: None,
            keys: BTreeMap::new(),
            printer: Printer::default(),
            reader_gap_ms: READER_GAP_MS,
            scale_layouts: None,
            lock_after_minutes: LOCK_AFTER_MINUTES,
            label_layout: LabelLayout::default(),
            calls: Calls::default(),
            wall_seconds: WALL_SECONDS,
            layout: BTreeMap::new(),
        }
    }
}

/// A change that the person asks of the window itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preference {
    Lang(Lang),
    Theme(Theme),
    ZoomIn,
    ZoomOut,
    ZoomReset,
}

impl Settings {
    pub const fn prefer(&mut self, preference: Preference) {
        match preference {
            Preference::Lang(lang) => self.lang = lang,
            Preference::Theme(theme) => self.theme = Some(theme),
            Preference::ZoomIn => self.zoom_in(),
            Preference::ZoomOut => self.zoom_out(),
            Preference::ZoomReset => self.set_zoom(ZOOM_LEAST),
        }
    }

    pub const fn zoom_in(&mut self) {
        self.set_zoom(self.zoom.saturating_add(ZOOM_STEP));
    }

    pub const fn zoom_out(&mut self) {
        self.set_zoom(self.zoom.saturating_sub(ZOOM_STEP));
    }

    pub const fn set_zoom(&mut self, per_cent: u32) {
        self.zoom = match per_cent {
            0..ZOOM_LEAST => ZOOM_LEAST,
            ZOOM_LEAST..=ZOOM_MOST => per_cent,
            _ => ZOOM_MOST,
        };
    }

    pub fn zoom_factor(&self) -> f32 {
        self.zoom.clamp(ZOOM_LEAST, ZOOM_MOST) as f32 / 100.0
    }
}

/// The file in which one window's settings are.
#[derive(Clone, Debug)]
pub struct SettingsFile {
    path: Option<PathBuf>,
    /// One at a time: what is written first lies beside it.
    writing: Arc<Mutex<()>>,
}

impl SettingsFile {
    /// `<name>.json` in `directory`, or in the user's configuration directory.
    pub fn new(directory: Option<&Path>, name: &str) -> Self {
        let own = || directories::ProjectDirs::from("", "", "tillwatch").map(|d| d.config_dir().to_owned());
        let path = directory.map(Path::to_owned).or_else(own).map(|dir| dir.join(format!("{name}.json")));
        Self { path, writing: Arc::default() }
    }

    /// Another file beside it, for what the program keeps and no person sets.
    pub fn beside(&self, name: &str) -> Option<PathBuf> {
        self.path.as_ref().map(|path| path.with_extension(format!("{name}.json")))
    }

    /// What the file says. A missing or damaged file gives the defaults: a window always opens.
    pub fn load(&self) -> Settings {
        let text = self.path.as_ref().and_then(|path| fs::read_to_string(path).ok());
        let mut settings: Settings =
            text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        settings.set_zoom(settings.zoom);
        settings
    }

    /// Replaces the file as a whole, so that a crash leaves the old or the new one.
    pub fn save(&self, settings: &Settings) -> io::Result<()> {
        let Some(path) = &self.path else { return Ok(()) };
        if let Some(directory) = path.parent() {
            fs::create_dir_all(directory)?;
        }
        let _alone = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = path.with_extension("json.new");
        fs::write(&fresh, serde_json::to_vec_pretty(settings)?)?;
        fs::rename(fresh, path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_survive_and_damage_is_forgiven() {
        let directory = tempfile::tempdir().unwrap();
        let file = SettingsFile::new(Some(directory.path()), "register");
        assert_eq!(file.load(), Settings::default());
        let mut settings = Settings { lang: Lang::En, theme: Some(Theme::Dark), ..Settings::default() };
        settings.set_zoom(1000);
        assert_eq!(settings.zoom, 300);
        file.save(&settings).unwrap();
        assert_eq!(file.load(), settings);
        fs::write(directory.path().join("register.json"), "{").unwrap();
        assert_eq!(file.load(), Settings::default());
    }
}
