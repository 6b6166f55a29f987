//! What can happen to the monitor, and what it can ask to be done.

use std::collections::BTreeMap;

use tillwatch_desk::failure::Failure;
use tillwatch_desk::settings::{Preference, Settings};
use tillwatch_desk::sign_in;
use tillwatch_shared::api::{
    AlarmTurns, AliasKind, Chain, Changes, DayTotal, Feed, FeedAlias, FeedAliasSet, GroupStatus,
    NewRehearsal, Page as ListPage, ParkedRecord, Person, PulseMessage, PulseRetention,
    PulseRetentionSetting, RehearsalLine, SalesReport, Sensor, SeriesAnswer, ServerInfo, StockLevel,
    TemperatureSheet, Terminal,
};
use tillwatch_shared::client::{PulseLogQuery, ReportAsk, SeriesQuery, SheetAsk};
use tillwatch_shared::ids::{CountId, TransferId};
use tillwatch_shared::{AlarmId, CashSessionId, CommandId, SensorId, StoreId};

use crate::asking::Long;
use crate::calls::{Call, CallAct, Reach};
use crate::charts::RangeChoice;
use crate::compare::CompareAct;
use crate::feed_new::Addition;
use crate::feeds::{FeedAct, Target};
use crate::forms::{FormAct, Order};
use crate::import::{ImportAct, ImportAnswer, ImportEffect};
use crate::keeping::{KeepingAct, KeepingAnswer, KeepingEffect};
use crate::lists::{ListAct, Report, Row, Topic};
use crate::livelog::Filter;
use crate::past::PastAct;
use crate::reports::ReportAct;
use crate::saving::{FileAnswer, FileEffect, SaveFailure, SavingAct};
use crate::sensor_notes::Said;
use crate::sensor_view::ToolAct;
use crate::sheets::SheetAct;
use crate::state::{Dialog, Page};
use crate::stock::{PageAt, StockFilter};
use crate::terminals::{Exported, TerminalAct};
use crate::wall::WallAct;
use crate::windows::{Shared, WindowAct};

/// Something happened.
#[derive(Debug)]
pub enum Input {
    /// Time went by.
    Tick,
    SignIn(sign_in::Input),
    Answer(Answer),
    User(User),
    /// Another window of the program did something.
    Shared(Shared),
}

/// What the server said, or why it did not.
#[derive(Debug)]
pub enum Answer {
    Server(Result<ServerInfo, Failure>),
    /// With the round trip in microseconds.
    Latest(Result<Changes, Failure>, i64),
    /// Whether an alarm has turned, and how long the question took.
    Turns(Result<AlarmTurns, Failure>, i64),
    Changes(Result<Changes, Failure>, i64),
    Past {
        ticket: u64,
        result: Result<Changes, Failure>,
    },
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
    /// The sheet that was asked for with this ticket.
    Sheet {
        ticket: u64,
        result: Result<Box<TemperatureSheet>, Failure>,
    },
    /// What people said of a sensor.
    Notes(SensorId, Result<Said, Failure>),
    /// A file that was asked for, or how far it is.
    File(FileAnswer),
    Terminals(Result<Vec<Terminal>, Failure>),
    /// The servers of the group, if there is one.
    Group(Result<Option<GroupStatus>, Failure>),
    PulseLog {
        ticket: u64,
        result: Result<ListPage<PulseMessage>, Failure>,
    },
    Exported(Result<Exported, SaveFailure>),
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
    /// What a name of a feed means is there now.
    ThingAdded(Result<Target, Failure>),
    PutAway(Result<(), Failure>),
    /// A page of a list.
    List {
        topic: Topic,
        ticket: u64,
        result: Result<ListPage<Row>, Failure>,
    },
    /// What there is beside the row with that id.
    Told(String, Result<Report, Failure>),
    /// How much of a rehearsal is done, in percent.
    Rehearsing {
        ticket: u64,
        percent: f64,
    },
    Rehearsed {
        ticket: u64,
        result: Result<Vec<RehearsalLine>, Failure>,
    },
    /// What became of a call.
    Called(Reach),
    /// Whether the screen stays on.
    Awake(bool),
    Import(ImportAnswer),
    Keeping(KeepingAnswer),
    /// The command of a form is done, with the secret that it made.
    Ordered(Result<Option<String>, Failure>),
}

/// What a person did.
#[derive(Clone, Debug, PartialEq)]
pub enum User {
    Open(Page),
    /// Everything on the page again, now.
    Refresh,
    Log(LogAct),
    View(ViewAct),
    Compare(CompareAct),
    /// The rows behind a figure.
    ShowStock(StockFilter),
    FilterStock(StockFilter),
    Report(ReportAct),
    Sheet(SheetAct),
    Terminal(TerminalAct),
    Feed(FeedAct),
    List(ListAct),
    Form(FormAct),
    Call(CallAct),
    Wall(WallAct),
    Window(WindowAct),
    Import(ImportAct),
    Keeping(KeepingAct),
    Saving(SavingAct),
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
    Past(PastAct),
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
    Tool(ToolAct),
    /// What the large chart shows, as a file: as a table, a workbook, or this picture of it.
    SaveCsv,
    SaveXlsx,
    SavePng(Vec<u8>),
}

/// Which charts the page has drawn, and how wide.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChartsShown {
    /// Ascending.
    pub sensors: Vec<SensorId>,
    pub points: u32,
}

/// Of what the server tells more than a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportOf {
    Cash(CashSessionId),
    Alarm(AlarmId),
    Count(CountId),
    Transfer(TransferId),
}

impl ReportOf {
    /// The id of the row.
    pub fn id(self) -> String {
        match self {
            Self::Cash(id) => id.to_string(),
            Self::Alarm(id) => id.to_string(),
            Self::Count(id) => id.to_string(),
            Self::Transfer(id) => id.to_string(),
        }
    }
}

/// Something to be done outside.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    Server,
    Latest,
    /// Waits for an alarm to turn.
    Turns {
        after: i64,
    },
    Changes {
        after: i64,
        limit: u32,
    },
    /// The same request, for rows that are not the newest.
    Past {
        ticket: u64,
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
    /// Nobody waits for that any more.
    Drop(Long),
    People,
    Chains,
    /// What people said of a sensor.
    Notes(SensorId),
    Sheet {
        ticket: u64,
        ask: SheetAsk,
    },
    Terminals,
    /// How the servers of the group are.
    Group,
    PulseLog {
        ticket: u64,
        query: PulseLogQuery,
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
    AddThing {
        command: CommandId,
        addition: Addition,
    },
    PutAway {
        command: CommandId,
        feed: String,
        record_id: String,
    },
    List {
        topic: Topic,
        ticket: u64,
        store: Option<StoreId>,
        after: Option<i64>,
    },
    /// What there is beside a row.
    Tell(ReportOf),
    /// Try a rule on what was measured.
    Rehearse {
        ticket: u64,
        rehearsal: Box<NewRehearsal>,
    },
    /// The command of a form.
    Order {
        command: CommandId,
        order: Box<Order>,
    },
    Import(ImportEffect),
    Keeping(KeepingEffect),
    /// Make a file, or stop making it.
    File(FileEffect),
    /// Call the person at this machine.
    Call(Call),
    /// Keep the screen on, or let it go off as usual.
    StayAwake(bool),
    SignIn(sign_in::Effect),
    Save(Settings),
    /// One more window, which opens as this says. The program does it, as the next.
    OpenWindow(BTreeMap<String, String>),
    /// This window goes, for good.
    CloseWindow,
}
