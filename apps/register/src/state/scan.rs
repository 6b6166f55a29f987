//! The barcode reader of this till: its keys so far, and what was typed before they came.
//!
//! Until a burst's end has come nobody can know whose it is ([`super::burst`]), and a person must see what is typed at
//! once: the characters go where the focus is, and when they turn out to be a scan, everything that can be typed into
//! becomes what it was before ([`Before`]).

use std::time::Duration;

use tillwatch_desk::sign_in;
use tillwatch_shared::scale_label::{self, Layout, LayoutError};

use super::burst::Burst;
use super::forms::PayForm;
use super::people::Lock;
use super::{Dialog, State};

/// The barcode reader of this till.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reader {
    pub burst: Burst,
    /// Everything that can be typed into, as it was when the last run of keys began.
    pub before: Option<Box<Before>>,
    /// The same for the run of keys just before it, which may turn out to be the beginning of the same scan.
    pub earlier: Option<Box<Before>>,
    /// How long the last frame took. Keys that came meanwhile are told in one go and had this time.
    pub busy_micros: i64,
    /// How much of that was showing it, when that was last measured.
    showing_micros: i64,
    /// What the scale prints; made from the settings.
    pub layouts: Vec<Layout>,
}

impl Reader {
    pub fn of(settings: &tillwatch_desk::settings::Settings) -> Self {
        let layouts = read_layouts(settings.scale_layouts.as_deref().unwrap_or_default());
        Self { layouts: layouts.unwrap_or_default(), ..Self::default() }
    }

    /// `count` keys that a frame at `now` is told came after this, the frame before having been at `previous`. The
    /// window is kept awake as long as a burst may go on, so that this is not before the next key could belong to it; a
    /// window that slept was woken by the first key, or had not yet shown its last frame. If it is told of more than one,
    /// it may not have been woken in time (a busy machine), and they came whenever they came.
    pub fn keys_came_after(&self, previous: i64, now: i64, count: usize, gap_micros: i64) -> i64 {
        let awake = self.burst.waits_until(gap_micros).is_some_and(|until| previous <= until);
        let overslept = count > 1;
        if awake || overslept { previous } else { previous.max(now.saturating_sub(self.busy_micros)) }
    }

    /// In seconds: what it took to make it, and, where this frame followed at once, from its beginning to this one's.
    /// That is the whole truth: on a slow screen, showing it takes longer than making it. Where this frame did not
    /// follow at once, the last one is taken to have been shown as slowly as the one before.
    pub fn last_frame_took(&mut self, making: Option<f32>, until_this: Option<f32>) {
        let making = micros(making.unwrap_or_default());
        if let Some(whole) = until_this.map(micros) {
            self.showing_micros = whole.saturating_sub(making).max(0);
        }
        self.busy_micros = making.saturating_add(self.showing_micros);
    }
}

fn micros(seconds: f32) -> i64 {
    let time = Duration::try_from_secs_f32(seconds).unwrap_or_default();
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}

/// An empty text stands for what scales usually print.
pub fn read_layouts(text: &str) -> Result<Vec<Layout>, LayoutError> {
    scale_label::layouts(if text.trim().is_empty() { scale_label::USUAL } else { text })
}

/// What was typed so far, wherever that is possible.
#[derive(Clone, Debug, PartialEq)]
pub struct Before {
    dialog: Option<Dialog>,
    pay: Option<PayForm>,
    search: String,
    till: Option<String>,
    printer: String,
    sign_in: [String; 4],
    address: Option<String>,
    lock: Option<Lock>,
}

impl Before {
    pub fn of(state: &State) -> Self {
        let sign_in = &state.sign_in;
        Self {
            dialog: state.dialog.clone(),
            pay: state.pay.clone(),
            search: state.search.text.clone(),
            till: state.settings.till.clone(),
            printer: state.settings.printer.address.clone(),
            sign_in: [&sign_in.code, &sign_in.username, &sign_in.password, &sign_in.store_name]
                .map(Clone::clone),
            address: sign_in.address_draft.clone(),
            lock: state.people.lock.clone(),
        }
    }

    /// Puts it back, also where the first keys have chosen another form. A form that was meanwhile closed, or sent, or
    /// has its answer, stays as it is. The words of the search line are returned, for the list has to follow them.
    pub fn restore(self, state: &mut State) -> String {
        let waits = |dialog: &Option<Dialog>| dialog.as_ref().map(Dialog::waiting);
        if waits(&self.dialog) == waits(&state.dialog) {
            state.dialog = self.dialog;
        }
        let waits = |pay: &Option<PayForm>| pay.as_ref().map(|pay| pay.trouble.waiting);
        if waits(&self.pay) == waits(&state.pay) {
            state.pay = self.pay;
        }
        let asked = |lock: &Option<Lock>| lock.as_ref().map(|lock| lock.waiting);
        if asked(&self.lock) == asked(&state.people.lock) {
            state.people.lock = self.lock;
        }
        let (till, printer) = (&mut state.settings.till, &mut state.settings.printer.address);
        state.settings_dirty |= *till != self.till || *printer != self.printer;
        (*till, *printer) = (self.till, self.printer);
        let [code, username, password, store_name] = self.sign_in;
        let address_draft = self.address;
        let known = std::mem::take(&mut state.sign_in);
        state.sign_in = sign_in::State { code, username, password, store_name, address_draft, ..known };
        self.search
    }
}

/// The page on which the reader and the scale are set up and tried.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReaderForm {
    pub layouts: String,
    /// What is wrong with them.
    pub complaint: Option<LayoutError>,
    /// What was read here, to try it.
    pub tried: Option<Tried>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Tried {
    pub code: String,
    pub means: Meaning,
}

/// What a code means at this till.
#[derive(Clone, Debug, PartialEq)]
pub enum Meaning {
    /// A product, by its name.
    Product(String),
    Label {
        code: String,
        amount: scale_label::Amount,
        product: Option<String>,
    },
    Unknown,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_took_as_long_as_the_next_one_had_to_wait() {
        let mut reader = Reader::default();
        for (making, until_this, micros) in [
            (Some(0.004), None, 4_000),
            (Some(0.004), Some(0.15), 150_000),
            (Some(0.008), None, 154_000),
            (Some(0.004), Some(0.016), 16_000),
            (None, None, 12_000),
        ] {
            reader.last_frame_took(making, until_this);
            assert_eq!(reader.busy_micros, micros);
        }
    }
}
