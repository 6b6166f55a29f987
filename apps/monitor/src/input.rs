//! What can happen to the monitor, and what it can ask to be done.

use std::path::PathBuf;

use tillwatch_desk::failure::Failure;
use tillwatch_desk::settings::{Preference, Settings};
use tillwatch_desk::sign_in;
use tillwatch_shared::api::{
    AliasKind, Chain, Changes, DayTotal, Direction, Feed, FeedAlias, FeedAliasSet, Page as ListPage,
    ParkedRecord, Person, PulseMessage, PulseRetention, PulseRetentionSetting, SalesReport, Sensor,
    SeriesAnswer, ServerInfo, StockLevel, Terminal,
};
use tillwatch_shared::client::{PulseLogQuery, ReportAsk, ReportFile, SeriesQuery};
use tillwatch_shared::{CommandId, SensorId, UtcMicros};

use crate::charts::RangeChoice;
use crate::export::ExportError;
use crate::feeds::{FeedAct, Target};
use crate::livelog::Filter;
use crate::reports::ReportAct;
use crate::state::{Dialog, Page};
use crate::stock::{PageAt, StockFilter};
use crate::terminals::{Exported, TerminalAct};

/// Something happened.
#[derive(Debug)]
pub enum Input {
    /// Time went by.
    Tick,
    SignIn(sign_in::Input),
    Answer(Answer),
    User(User),
}

/// What the server said, or why it did not.
#[derive(Debug)]
pub enum Answer {
    Server(Result<ServerInfo, Failure>),
    /// With the round trip in microseconds.
    Latest(Result<Changes, Failure>, i64),
    Changes(Result<Changes, Failure>, i64),
    Older(Result<Changes, Failure>),
    DayTotals(Result<Vec<DayTotal>, Failure>),
    Sensors(Result<Vec<Sensor>, Failure>),
    Series {
        ticket: u64,
        result: Result<SeriesAnswer, Failure>,
    },
    Stock(PageAt, Result<ListPage<StockLevel>, Failure>),
    Report(ReportAsk, Result<SalesReport, Failure>),
    People(Result<Vec<Person>, Failure>),
    Chains(Result<Vec<Chain>, Failure>),
    /// A report was written to this file.
    Saved(Result<PathBuf, SaveFailure>),
    Terminals(Result<Vec<Terminal>, Failure>),
    PulseLog {
        ticket: u64,
        result: Result<ListPage<PulseMessage>, Failure>,
    },
    Exported(Result<Exported, ExportError>),
    /// This terminal.
    Forgotten(String, Result<(), Failure>),
    Retention(Result<PulseRetentionSetting, Failure>),
    RetentionSet(Result<PulseRetentionSetting, Failure>),
    Feeds(Result<Vec<Feed>, Failure>),
    Parked {
        ticket: u64,
        result: Result<ListPage<ParkedRecord>, Failure>,
    },
    Targets {
        ticket: u64,
        result: Result<Vec<Target>, Failure>,
    },
    AliasSet(Result<FeedAliasSet, Failure>),
    PutAway(Result<(), Failure>),
}

/// Why a report was not saved.
#[derive(Clone, Debug, PartialEq)]
pub enum SaveFailure {
    Server(Failure),
    /// In the words of the operating system.
    Disk(String),
}

/// What a person did.
#[derive(Clone, Debug, PartialEq)]
pub enum User {
    Open(Page),
    /// Everything on the page again, now.
    Refresh,
    Log(LogAct),
    View(ViewAct),
    /// The rows behind a figure.
    ShowStock(StockFilter),
    FilterStock(StockFilter),
    Report(ReportAct),
    Terminal(TerminalAct),
    Feed(FeedAct),
    Prefer(Preference),
    Dialog(Option<Dialog>),
    SignOut,
    CloseToast(u64),
}

/// Something done to the log.
#[derive(Clone, Debug, PartialEq)]
pub enum LogAct {
    /// The rows behind a figure.
    Show(Filter),
    Filter(Filter),
    Hold(bool),
    /// Reading below the top holds the log; back at the top it runs again.
    AtTop(bool),
    /// Open or close the row with that number.
    Expand(i64),
    /// Move the mark by so many rows.
    Mark(i64),
    Older,
}

/// Something done to the charts of the page.
#[derive(Clone, Debug, PartialEq)]
pub enum ViewAct {
    /// One sensor large, or the wall of all.
    Sensor(Option<SensorId>),
    Shown(ChartsShown),
    Range(RangeChoice),
    /// Later by so many microseconds.
    Pan(i64),
    Zoom {
        factor: f64,
        at: Option<i64>,
    },
    Select {
        from: i64,
        to: i64,
    },
    Follow,
    Cursor(Option<i64>),
}

/// Which charts the page has drawn, and how wide.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChartsShown {
    /// Ascending.
    pub sensors: Vec<SensorId>,
    pub points: u32,
}

/// Something to be done outside.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    Server,
    Latest,
    Changes {
        after: i64,
        limit: u32,
    },
    /// The same request, for the rows before the first.
    Older {
        after: i64,
        limit: u32,
    },
    DayTotals,
    Sensors,
    Series {
        ticket: u64,
        query: SeriesQuery,
    },
    Stock {
        page: PageAt,
        limit: u32,
    },
    Report(ReportAsk),
    People,
    Chains,
    /// Fetch the file and write it among the downloads, under this name.
    SaveReport {
        ask: ReportAsk,
        file: ReportFile,
        name: String,
    },
    Terminals,
    PulseLog {
        ticket: u64,
        query: PulseLogQuery,
    },
    /// Write the messages of a terminal to a file.
    Export {
        client: String,
        direction: Option<Direction>,
        /// By the server's clock.
        now: UtcMicros,
    },
    /// Forget this terminal.
    Forget(String),
    Retention,
    SetRetention(PulseRetention),
    Feeds,
    Parked {
        ticket: u64,
        feed: String,
    },
    /// What a name of a feed may mean.
    Targets {
        ticket: u64,
        kind: AliasKind,
        search: String,
    },
    SetAlias {
        command: CommandId,
        feed: String,
        alias: FeedAlias,
    },
    PutAway {
        command: CommandId,
        feed: String,
        record_id: String,
    },
    SignIn(sign_in::Effect),
    Save(Settings),
}
