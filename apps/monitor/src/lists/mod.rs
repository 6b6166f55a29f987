//! Lists of what the server keeps, one for each topic: lots, cash sessions, products, people, who changed what …
//! Plain data; asking for it is the work of `update::lists`. What is drawn and exported is a [`Sheet`], made when
//! something changes and not with every frame.

mod alarms;
mod cash_report;
mod detail;
pub mod goods;
mod history;
mod manage;
mod money;
mod row;
mod sheet;
mod topic;

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use tillwatch_desk::failure::Failure;
use tillwatch_desk::remote::Remote;
use tillwatch_desk::{Lang, format};
use tillwatch_shared::api::{AlarmHistory, CashSessionReport, Count, Transfer};
use tillwatch_shared::limits::PAGE_ROWS;
use tillwatch_shared::{StoreId, UtcMicros};

pub use self::detail::{Detail, Part, period_words, plain};
pub use self::history::same_thing;
pub use self::row::Row;
pub(crate) use self::sheet::push_line;
pub use self::sheet::{Cell, Column, Line, Sheet};
pub use self::topic::Topic;
use crate::input::ReportOf;
use crate::lists_texts::Text;
use crate::state::{Page, State};

/// Pages of a list that is read to its end.
pub const MOST_PAGES: usize = 60;

/// Which rows are shown, and in which order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub store: Option<StoreId>,
    pub text: String,
    /// The place among the topic's [`Topic::choices`].
    pub choice: usize,
    /// The column, and whether its greatest comes first; as the topic does by itself if absent.
    pub sort: Option<(usize, bool)>,
}

impl Filter {
    /// Whether rows may be hidden by it.
    pub const fn hides(&self) -> bool {
        self.store.is_some() || !self.text.is_empty() || self.choice > 0
    }
}

/// What is being asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Asking {
    #[default]
    Nothing,
    /// The list from its beginning.
    Fresh,
    /// More behind what is there.
    Older,
}

#[derive(Debug, Default)]
pub struct List {
    pub filter: Filter,
    rows: Vec<Row>,
    /// Pages of a reading that is under way; they take the rows' place once it is through.
    coming: Vec<Row>,
    /// Where more begins.
    pub next: Option<i64>,
    pub ticket: u64,
    pub asking: Asking,
    pub failure: Option<Failure>,
    pub fetched_at: Option<UtcMicros>,
    pub asked_at: UtcMicros,
    /// When it is read next while somebody looks.
    pub due_at: UtcMicros,
    pub sheet: Sheet,
    /// How many rows pass each of the topic's choices.
    pub counts: Vec<usize>,
}

impl List {
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Takes an answer; `true` when its reading goes on with the next page.
    pub fn take(&mut self, topic: Topic, rows: Vec<Row>, next: Option<i64>, now: UtcMicros) -> bool {
        self.failure = None;
        let fresh = self.asking == Asking::Fresh;
        if topic.whole() {
            self.coming.extend(rows);
            self.next = next;
            let read = self.coming.len().div_ceil(PAGE_ROWS as usize);
            if next.is_some() && read < MOST_PAGES {
                return true;
            }
            self.rows = std::mem::take(&mut self.coming);
        } else if fresh {
            // Older rows that somebody asked for stay.
            let known: Vec<String> = rows.iter().map(Row::id).collect();
            let kept: Vec<Row> = self.rows.drain(..).filter(|row| !known.contains(&row.id())).collect();
            if kept.is_empty() {
                self.next = next;
            }
            self.rows = rows;
            self.rows.extend(kept);
        } else {
            self.rows.extend(rows);
            self.next = next;
        }
        self.asking = Asking::Nothing;
        self.fetched_at = Some(now);
        false
    }

    pub fn fail(&mut self, failure: Failure) {
        self.asking = Asking::Nothing;
        self.coming.clear();
        self.failure = Some(failure);
    }

    /// Marks the reading's beginning; the answer belongs to the ticket.
    pub fn begin(&mut self, asking: Asking, now: UtcMicros) -> u64 {
        self.ticket += 1;
        self.asking = asking;
        self.asked_at = now;
        if asking == Asking::Fresh {
            self.coming.clear();
        }
        self.ticket
    }

    /// Rows are there that no answer tells any more.
    pub fn clear(&mut self) {
        let (filter, ticket) = (std::mem::take(&mut self.filter), self.ticket);
        *self = Self { filter, ticket, ..Self::default() };
    }

    /// Counts how many rows pass each of the topic's choices, whatever else is filtered.
    pub fn count(&mut self, topic: Topic, context: &Context) {
        let passing = |choice| self.rows.iter().filter(|row| row.passes(choice, context)).count();
        self.counts = (0..topic.choices().len()).map(passing).collect();
    }

    pub fn find(&self, id: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.id() == id)
    }

    /// Not everything that there is was read.
    pub const fn is_cut(&self, topic: Topic) -> bool {
        topic.whole() && self.next.is_some()
    }
}

/// A row that is looked at closely.
#[derive(Debug)]
pub struct Open {
    pub topic: Topic,
    pub id: String,
    pub detail: Detail,
    /// Which only the server can tell.
    pub report: Remote<Report>,
}

/// What there is beside a row; with the row itself, which may be older than those of the list.
#[derive(Clone, Debug, PartialEq)]
pub enum Report {
    Cash(Box<CashSessionReport>),
    Alarm(Box<AlarmHistory>),
    Count(Box<Count>),
    Transfer(Box<Transfer>),
}

impl Report {
    pub fn row(&self) -> Row {
        match self {
            Self::Cash(report) => Row::Session(report.session.clone()),
            Self::Alarm(history) => Row::Alarm(Box::new(history.alarm.clone())),
            Self::Count(count) => Row::Count((**count).clone()),
            Self::Transfer(transfer) => Row::Transfer((**transfer).clone()),
        }
    }
}

impl Open {
    /// As the list has it, or as the server told it alone.
    pub fn row<'r>(&self, list: Option<&'r List>) -> Option<Cow<'r, Row>> {
        let listed = list.and_then(|list| list.find(&self.id)).map(Cow::Borrowed);
        listed.or_else(|| self.report.value().map(|report| Cow::Owned(report.row())))
    }
}

#[derive(Debug, Default)]
pub struct Lists {
    by_topic: BTreeMap<Topic, List>,
    /// The topic that is open on a page, if another than its first.
    pub tabs: BTreeMap<Page, Option<Topic>>,
    pub open: Option<Open>,
    /// The language in which the sheets are.
    pub lang: Lang,
}

impl Lists {
    pub fn get(&self, topic: Topic) -> Option<&List> {
        self.by_topic.get(&topic)
    }

    pub fn of(&mut self, topic: Topic) -> &mut List {
        self.by_topic.entry(topic).or_default()
    }

    pub fn each(&mut self) -> impl Iterator<Item = (Topic, &mut List)> {
        self.by_topic.iter_mut().map(|(topic, list)| (*topic, list))
    }
}

/// What a person does with lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListAct {
    /// The topic of a page; none for what the page itself shows.
    Tab(Page, Option<Topic>),
    /// The rows behind a figure.
    Show(Topic, Filter),
    Filter(Topic, Filter),
    Older(Topic),
    SaveCsv(Topic),
    SavePdf(Topic),
    Open(Topic, String),
    /// One row of a topic, wherever in its list it stands.
    Record(Topic, ReportOf),
    Close,
    /// What is looked at closely, as text.
    SaveDetail,
}

/// Where and when rows are looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Context {
    pub lang: Lang,
    pub today: Date,
    pub now: UtcMicros,
    stores: Vec<(StoreId, String, TimeZone)>,
    zone: TimeZone,
}

impl Context {
    pub fn new(state: &State, now: UtcMicros) -> Self {
        let zone = state.zone(None);
        let now = state.server_now(now);
        let stores = state.stores().iter().map(|s| (s.id, s.name.clone(), format::zone(&s.zone)));
        let today = now.timestamp().to_zoned(zone.clone()).date();
        Self { lang: state.lang(), today, now, stores: stores.collect(), zone }
    }

    /// In which what is made for all stores is dated.
    pub const fn own_zone(&self) -> &TimeZone {
        &self.zone
    }

    fn zone(&self, store: StoreId) -> &TimeZone {
        self.stores.iter().find(|(id, _, _)| *id == store).map_or(&self.zone, |(_, _, zone)| zone)
    }

    pub fn store(&self, store: StoreId) -> &str {
        self.stores.iter().find(|(id, _, _)| *id == store).map_or("–", |(_, name, _)| name)
    }

    /// `31/12/2026 21:05` in the store's zone.
    fn when(&self, at: UtcMicros, store: StoreId) -> Cell {
        Cell::number(format::date_time(at, self.zone(store)), at.0)
    }

    fn text_of(&self, topic: Topic) -> &'static str {
        crate::lists_texts::topic(topic).get(self.lang)
    }

    fn text(&self, text: Text) -> &'static str {
        text.get(self.lang)
    }
}
