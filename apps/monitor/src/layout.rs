//! How the window was left, so that it opens the same way: its page, the range and columns of the charts, the sensor that was
//! large and with what it was compared, and what the log and the stock were narrowed to. What somebody searched for is
//! theirs and is not kept.

use std::fmt::Debug;

use crate::charts::RangeChoice;
use crate::livelog::{Filter, KindFilter};
use crate::sensor_view;
use crate::state::{Page, State};
use crate::stock::StockFilter;
use crate::windows;

const PAGE: &str = "page";
const RANGE: &str = "charts.range";
const COLUMNS: &str = "charts.columns";
const SENSOR: &str = "charts.sensor";
const COMPARED: &str = "charts.compared";
const LOG_KIND: &str = "log.kind";
const LOG_STORE: &str = "log.store";
const STOCK_STORE: &str = "stock.store";
const STOCK_LOW: &str = "stock.low";

fn word(one: impl Debug) -> String {
    format!("{one:?}")
}

fn find<T: Debug>(all: impl IntoIterator<Item = T>, said: Option<&str>) -> Option<T> {
    all.into_iter().find(|one| Some(word(one).as_str()) == said)
}

/// Notes it among the settings.
pub fn remember(state: &mut State) {
    let mut layout = windows::others(&state.settings.layout);
    let mut note = |name: &str, value: Option<String>| {
        layout.extend(value.map(|value| (name.to_owned(), value)));
    };
    note(PAGE, Some(word(state.page)));
    note(RANGE, state.sensor_charts.view.choice().map(word));
    note(COLUMNS, state.sensor_view.columns.map(|columns| columns.to_string()));
    note(SENSOR, state.large.as_ref().and_then(|id| serde_json::to_string(id).ok()));
    note(COMPARED, state.compare.with.as_ref().and_then(|with| serde_json::to_string(with).ok()));
    let log = state.log.filter();
    note(LOG_KIND, Some(word(log.kind)));
    note(LOG_STORE, log.store.map(|store| store.to_string()));
    let stock = state.stock.filter();
    note(STOCK_STORE, stock.store.map(|store| store.to_string()));
    note(STOCK_LOW, stock.low_only.then(|| word(true)));
    state.settings.layout = layout;
}

/// Takes it from the settings; what they do not know stays as usual.
pub fn restore(state: &mut State) {
    let layout = std::mem::take(&mut state.settings.layout);
    let said = |name: &str| layout.get(name).map(String::as_str);
    if let Some(page) = find(Page::ALL, said(PAGE)) {
        state.page = page;
    }
    if let Some(range) = find(RangeChoice::ALL, said(RANGE)) {
        state.sensor_charts.view = state.sensor_charts.view.choose(range);
    }
    state.sensor_view.columns = find(sensor_view::COLUMNS, said(COLUMNS));
    state.large = said(SENSOR).and_then(|id| serde_json::from_str(id).ok());
    state.compare.with = said(COMPARED).and_then(|with| serde_json::from_str(with).ok());
    let store = |name| said(name).and_then(|id| id.parse().ok());
    let kind = find(KindFilter::ALL, said(LOG_KIND)).unwrap_or_default();
    state.log.set_filter(Filter { kind, store: store(LOG_STORE), ..Filter::default() });
    let low_only = said(STOCK_LOW).is_some();
    state.stock.set_filter(StockFilter { store: store(STOCK_STORE), low_only, ..StockFilter::default() });
    state.settings.layout = layout;
}
