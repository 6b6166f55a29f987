//! Everything the monitor knows, as plain data. It changes in [`crate::update`] alone.

use jiff::tz::TimeZone;
use tillwatch_desk::connection::Connection;
use tillwatch_desk::failure::Failure;
use tillwatch_desk::remote::Remote;
use tillwatch_desk::settings::Settings;
use tillwatch_desk::sign_in;
use tillwatch_desk::toasts::Toasts;
use tillwatch_desk::{Lang, Theme, format};
use tillwatch_shared::api::{DayTotal, Person, Sensor, ServerInfo, Store};
use tillwatch_shared::time::{DEFAULT_ZONE, MINUTE};
use tillwatch_shared::{Cents, SensorId, StoreId, UtcMicros};

use crate::calls::Calls;
use crate::charts::{Block, Range, View};
use crate::compare::Compare;
use crate::day::Day;
use crate::feeds::Feeds;
use crate::forms::Form;
use crate::import::Import;
use crate::input::ChartsShown;
use crate::keeping::Keeping;
use crate::layout;
use crate::lists::Lists;
use crate::livelog::Log;
use crate::past::Past;
use crate::reports::Reports;
use crate::saving::Saving;
use crate::sensor_notes::SensorNotes;
use crate::sensor_view::SensorView;
use crate::servers::Servers;
use crate::sheets::Sheets;
use crate::stock::Stock;
use crate::terminals::Terminals;
use crate::wall::Wall;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Page {
    #[default]
    Overview,
    Live,
    Sensors,
    Alarms,
    Stock,
    Sales,
    Money,
    Reports,
    Terminals,
    Feeds,
    Servers,
    Manage,
    Settings,
}

impl Page {
    /// In the order of the navigation. The first of them have keys: Ctrl+1 … Ctrl+9.
    pub const ALL: [Self; 13] = [
        Self::Overview,
        Self::Live,
        Self::Sensors,
        Self::Alarms,
        Self::Stock,
        Self::Sales,
        Self::Money,
        Self::Reports,
        Self::Terminals,
        Self::Feeds,
        Self::Servers,
        Self::Manage,
        Self::Settings,
    ];
}

/// What lies over the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialog {
    Keys,
    SignOut,
    /// Forget the terminal that is chosen.
    Forget,
    /// How long messages are kept.
    Retention,
}

/// Who is signed in, and where that person works.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub person: Person,
    pub stores: Vec<Store>,
}

/// Where the change feed is.
#[derive(Debug, Default)]
pub struct Feed {
    /// Read up to here; unknown until the first answer.
    pub seq: Option<i64>,
    /// Nothing up to this place is in the log.
    pub oldest: i64,
    pub past: Past,
    /// A request for the newest changes is under way since then.
    pub asked_at: Option<UtcMicros>,
    /// Requests for older changes that the first load may still make.
    pub backfill: u32,
    pub next_at: UtcMicros,
    /// Failures in a row.
    pub failures: u32,
    /// Requests in this round.
    pub drained: u32,
    pub failure: Option<Failure>,
    /// When it was last up to date, by this machine's clock.
    pub current_at: Option<UtcMicros>,
    pub turns: Turns,
}

/// The question whether an alarm has turned, which the server answers when one has: the poll then comes at once.
#[derive(Debug, Default)]
pub struct Turns {
    pub asked_at: Option<UtcMicros>,
    pub next_at: UtcMicros,
    /// There was news after this place: not asked about again before the poll has read past it.
    pub news_after: Option<i64>,
}

/// A request for a series that is under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesAsked {
    pub ticket: u64,
    pub sensors: Vec<SensorId>,
    pub kind: SeriesKind,
    /// What it was made for.
    pub span: i64,
    pub points: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeriesKind {
    /// Everything on the screen.
    Whole,
    /// What came since.
    Tail,
}

/// The charts of one page.
#[derive(Debug, Default)]
pub struct Charts {
    pub view: View,
    pub shown: ChartsShown,
    pub block: Option<Block>,
    /// Span and points that the block was asked for.
    pub block_for: (i64, u32),
    /// When that was.
    pub block_at: UtcMicros,
    pub asked: Option<SeriesAsked>,
    /// When the user last moved the view; requests wait until it rests.
    pub moved_at: UtcMicros,
    pub tail_at: UtcMicros,
    pub whole_at: UtcMicros,
    /// How long the whole is trusted.
    pub whole_age: i64,
    pub retry_at: UtcMicros,
    pub failure: Option<Failure>,
}

#[derive(Debug, Default)]
pub struct State {
    pub settings: Settings,
    /// The number of a further window; the first has none, and it alone calls somebody.
    pub further: Option<u32>,
    /// Counts sessions; answers to an earlier one are dropped.
    pub epoch: u64,
    pub sign_in: sign_in::State,
    pub signed_in: Option<SignedIn>,
    pub server: Option<ServerInfo>,
    /// When its facts are asked for next.
    pub server_at: UtcMicros,
    pub connection: Connection,
    pub toasts: Toasts,
    pub page: Page,
    pub dialog: Option<Dialog>,
    /// The newest moment that this machine's clock has told.
    pub seen_at: UtcMicros,
    /// The server's clock minus this machine's.
    pub clock_offset: i64,

    pub feed: Feed,
    pub log: Log,
    /// The row whose lines are open.
    pub expanded: Option<i64>,
    /// The row that the keyboard is at.
    pub marked: Option<i64>,
    /// The user paused, as opposed to reading below the top.
    pub paused: bool,

    pub totals: Remote<Vec<DayTotal>>,
    pub totals_stale: bool,
    pub sensors: Remote<Vec<Sensor>>,
    pub sensors_at: UtcMicros,
    pub stock: Stock,
    pub stock_retry_at: UtcMicros,
    pub reports: Reports,
    pub day: Day,
    pub terminals: Terminals,
    pub feeds: Feeds,
    pub servers: Servers,
    pub lists: Lists,
    pub sheets: Sheets,
    /// What people said of the sensor that is shown large.
    pub notes: SensorNotes,
    pub keeping: Keeping,
    pub form: Option<Form>,
    pub calls: Calls,
    pub wall: Option<Wall>,
    /// A file is being made.
    pub saving: Option<Saving>,
    /// A sheet of products that is being taken in.
    pub import: Option<Import>,

    pub overview_charts: Charts,
    pub sensor_charts: Charts,
    /// The sensor that is shown large.
    pub large: Option<SensorId>,
    pub sensor_view: SensorView,
    /// What it is compared with.
    pub compare: Compare,
    /// Where the pointer is on the time axis of a page's charts.
    pub cursor: Option<i64>,
    pub tickets: u64,
}

impl State {
    pub fn new(settings: Settings, sign_in: sign_in::State) -> Self {
        let mut state = Self { settings, sign_in, ..Self::default() };
        state.overview_charts.view = View::default().choose(crate::charts::RangeChoice::Hour);
        layout::restore(&mut state);
        state
    }

    pub const fn lang(&self) -> Lang {
        self.settings.lang
    }

    /// Dark unless chosen otherwise: monitors hang on walls and in back rooms.
    pub fn theme(&self) -> Theme {
        self.settings.theme.unwrap_or(Theme::Dark)
    }

    /// Now by the server's clock, in which readings and sales are stamped.
    pub const fn server_now(&self, now: UtcMicros) -> UtcMicros {
        UtcMicros(now.0.saturating_add(self.clock_offset))
    }

    pub fn stores(&self) -> &[Store] {
        self.signed_in.as_ref().map_or(&[], |s| &s.stores)
    }

    pub fn store_name(&self, id: StoreId) -> &str {
        self.stores().iter().find(|s| s.id == id).map_or("", |s| &s.name)
    }

    /// The sensor whose charts fill the page.
    pub fn large_sensor(&self) -> Option<&Sensor> {
        self.large.as_ref().and_then(|id| self.sensors().iter().find(|sensor| sensor.id == *id))
    }

    /// The zone in which that store's times are shown; without a store the first store's, or the server's.
    pub fn zone(&self, store: Option<StoreId>) -> TimeZone {
        let own = store.and_then(|id| self.stores().iter().find(|s| s.id == id));
        let name = own
            .or_else(|| self.stores().first())
            .map(|s| s.zone.as_str())
            .or_else(|| self.server.as_ref().map(|s| s.zone.as_str()));
        format::zone(name.unwrap_or(DEFAULT_ZONE))
    }

    pub fn charts(&self) -> Option<&Charts> {
        match self.page {
            Page::Overview => Some(&self.overview_charts),
            Page::Sensors => Some(&self.sensor_charts),
            Page::Live
            | Page::Alarms
            | Page::Stock
            | Page::Sales
            | Page::Money
            | Page::Reports
            | Page::Terminals
            | Page::Feeds
            | Page::Servers
            | Page::Manage
            | Page::Settings => None,
        }
    }

    pub fn charts_mut(&mut self) -> Option<&mut Charts> {
        match self.page {
            Page::Overview => Some(&mut self.overview_charts),
            Page::Sensors => Some(&mut self.sensor_charts),
            Page::Live
            | Page::Alarms
            | Page::Stock
            | Page::Sales
            | Page::Money
            | Page::Reports
            | Page::Terminals
            | Page::Feeds
            | Page::Servers
            | Page::Manage
            | Page::Settings => None,
        }
    }

    pub fn range(&self, charts: &Charts, now: UtcMicros) -> Range {
        charts.view.range(self.server_now(now).0)
    }

    pub fn sensors(&self) -> &[Sensor] {
        self.sensors.value().map_or(&[], Vec::as_slice)
    }

    /// Sales and takings of today, over all stores.
    pub fn today(&self) -> Option<(i64, Cents)> {
        let totals = self.totals.value()?;
        Some((totals.iter().map(|t| t.sales).sum(), totals.iter().map(|t| t.total_cents).sum()))
    }

    /// By store, then by name: a sensor keeps its place whatever happens to it.
    pub fn sensors_in_order(&self) -> Vec<&Sensor> {
        let mut sensors: Vec<&Sensor> = self.sensors().iter().collect();
        let store = |sensor: &Sensor| sensor.store_id.map_or("", |id| self.store_name(id));
        sensors.sort_by(|a, b| {
            (a.store_id.is_none(), store(a))
                .cmp(&(b.store_id.is_none(), store(b)))
                .then_with(|| a.name.cmp(&b.name))
        });
        sensors
    }

    pub fn alerts(&self, now: UtcMicros) -> usize {
        let now = self.server_now(now);
        self.sensors().iter().filter(|s| Health::of(s, now).needs_somebody()).count()
    }
}

/// A sensor without a reading for so long is silent, where the server does not say how often it usually tells something.
pub const SILENT_AFTER: i64 = 10 * MINUTE;

/// How a sensor is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    TooWarm,
    TooCold,
    /// No reading for a while.
    Silent,
    /// Never sent a reading.
    Unheard,
    Good,
}

impl Health {
    pub fn of(sensor: &Sensor, now: UtcMicros) -> Self {
        let Some(last) = &sensor.last else { return Self::Unheard };
        if now.since(last.measured_at) > sensor.silent_after_micros.unwrap_or(SILENT_AFTER) {
            return Self::Silent;
        }
        if sensor.high_celsius.is_some_and(|high| last.temperature > high) {
            return Self::TooWarm;
        }
        if sensor.low_celsius.is_some_and(|low| last.temperature < low) {
            return Self::TooCold;
        }
        Self::Good
    }

    pub const fn is_out_of_band(self) -> bool {
        matches!(self, Self::TooWarm | Self::TooCold)
    }

    pub const fn needs_somebody(self) -> bool {
        matches!(self, Self::TooWarm | Self::TooCold | Self::Silent)
    }
}
