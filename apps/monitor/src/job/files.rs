//! Makes the files that a person asked for: fetched from the server in one piece or page by page, or drawn here. It
//! tells how far it is, and can be stopped until the file is written; then there is the whole file or none.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use egui::ViewportId;
use tillwatch_desk::failure::Failure;
use tillwatch_desk::files;
use tillwatch_desk::files::pdf::{self, Paper};
use tillwatch_desk::worker::Events;
use tillwatch_shared::api::Page;
use tillwatch_shared::client::Client;
use tillwatch_shared::limits::PAGE_ROWS;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::{Of, lists};
use crate::export;
use crate::input::{Answer, Input};
use crate::lists::{Row, Sheet};
use crate::papers;
use crate::saving::{FileAnswer, FileEffect, ListAsk, MOST_ROWS, SaveFailure, Step};

/// Between two words about how far it is: each is a frame.
const TOLD_EVERY: Duration = Duration::from_millis(150);

/// Says that a file is not wanted any more.
#[derive(Debug, Default)]
pub struct Stop {
    said: AtomicBool,
    woken: Notify,
}

impl Stop {
    pub fn say(&self) {
        self.said.store(true, Ordering::Release);
        self.woken.notify_one();
    }

    fn is_said(&self) -> bool {
        self.said.load(Ordering::Acquire)
    }

    /// Waits for the work, or for its end before its time: then it is dropped.
    pub async fn or<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = self.woken.notified() => None,
            done = work => Some(done),
        }
    }
}

/// The files that are being made, one a window.
#[derive(Debug, Default)]
pub struct Making(Mutex<HashMap<ViewportId, Arc<Stop>>>);

impl Making {
    fn begin(&self, window: ViewportId) -> Arc<Stop> {
        let stop = Arc::new(Stop::default());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(window, Arc::clone(&stop));
        stop
    }

    fn end(&self, window: ViewportId, stop: &Arc<Stop>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.get(&window).is_some_and(|known| Arc::ptr_eq(known, stop)) {
            all.remove(&window);
        }
    }

    fn stop(&self, window: ViewportId) {
        if let Some(stop) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&window) {
            stop.say();
        }
    }
}

/// Tells the window how far its file or question is, from time to time.
pub struct Told {
    window: ViewportId,
    say: Box<dyn Fn(Answer) + Send + Sync>,
    last: Mutex<Option<Instant>>,
}

impl fmt::Debug for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Told").field("window", &self.window).finish_non_exhaustive()
    }
}

impl Told {
    pub fn new(events: Events<Of<Vec<Input>>>, epoch: u64) -> Self {
        let window = events.window();
        let say = move |answer| {
            events.tell(Of { epoch, what: vec![Input::Answer(answer)] });
        };
        Self { window, say: Box::new(say), last: Mutex::default() }
    }

    /// The window that hears it.
    pub const fn window(&self) -> ViewportId {
        self.window
    }

    fn step(&self, step: Step) {
        self.tell(Answer::File(FileAnswer::Step(step)));
    }

    /// One that comes soon after another one is not told: the next makes up for it.
    pub fn tell(&self, answer: Answer) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_none_or(|last| last.elapsed() >= TOLD_EVERY) {
            *last = Some(Instant::now());
            (self.say)(answer);
        }
    }
}

pub async fn run(
    making: &Making,
    folder: &Path,
    client: Result<Client, Failure>,
    effect: FileEffect,
    told: Told,
) -> Option<Answer> {
    let window = told.window;
    if effect == FileEffect::Stop {
        making.stop(window);
        return None;
    }
    let stop = making.begin(window);
    let answer = make(folder, client, effect, &stop, told).await;
    making.end(window, &stop);
    answer
}

async fn make(
    folder: &Path,
    client: Result<Client, Failure>,
    effect: FileEffect,
    stop: &Arc<Stop>,
    told: Told,
) -> Option<Answer> {
    let client = client.map_err(SaveFailure::Server);
    let made =
        match effect {
            FileEffect::Stop => return None,
            FileEffect::Messages(ask) => {
                let told = |rows| told.step(Step::Read(rows));
                let done = match &client {
                    Ok(client) => {
                        let work = export::export(client, folder, *ask, told);
                        stop.or(work).await.unwrap_or(Err(SaveFailure::Stopped))
                    }
                    Err(failure) => Err(failure.clone()),
                };
                return Some(Answer::Exported(done));
            }
            FileEffect::Bytes { name, end, bytes } => Ok((name, end, bytes)),
            FileEffect::Paper { name, paper } => {
                drawn(paper, stop, told).await.map(|bytes| (name, "pdf", bytes))
            }
            FileEffect::Report { ask, file, name } => {
                fetched(client, stop, |client| async move { client.report_file(&ask, file).await })
                    .await
                    .map(|bytes| (name, file.word(), bytes))
            }
            FileEffect::Sheet { ask, file, part, name } => fetched(client, stop, |client| async move {
                client.temperature_sheet_file(&ask, file, part).await
            })
            .await
            .map(|bytes| (name, file.word(), bytes)),
            FileEffect::Products { name } => {
                fetched(client, stop, |client| async move { client.product_sheet().await })
                    .await
                    .map(|bytes| (name, "csv", bytes))
            }
            FileEffect::List { ask, name } => {
                let end = if ask.as_paper { "pdf" } else { "csv" };
                listed(client, *ask, stop, told).await.map(|bytes| (name, end, bytes))
            }
        };
    let saved = match made {
        Ok((name, end, bytes)) => written(folder, name, end, bytes).await,
        Err(failure) => Err(failure),
    };
    Some(Answer::File(FileAnswer::Saved(saved)))
}

/// From here on it is not stopped: the file is there as a whole in a moment.
async fn written(
    folder: &Path,
    name: String,
    end: &'static str,
    bytes: Vec<u8>,
) -> Result<PathBuf, SaveFailure> {
    let folder = folder.to_owned();
    let write = move || files::write_new(&folder, &name, end, &bytes);
    let written = tokio::task::spawn_blocking(write).await.map_err(|error| error.to_string());
    written.flatten().map_err(SaveFailure::Disk)
}

/// What the server makes.
async fn fetched<F: Future<Output = Result<Vec<u8>, Failure>>>(
    client: Result<Client, SaveFailure>,
    stop: &Stop,
    fetch: impl FnOnce(Client) -> F,
) -> Result<Vec<u8>, SaveFailure> {
    let bytes = stop.or(fetch(client?)).await.ok_or(SaveFailure::Stopped)?;
    bytes.map_err(SaveFailure::Server)
}

/// Thousands of rows take longer to draw than a request may wait for.
async fn drawn(paper: Box<Paper>, stop: &Arc<Stop>, told: Told) -> Result<Vec<u8>, SaveFailure> {
    let stop = Arc::clone(stop);
    let draw = move || {
        pdf::write_watched(&paper, &mut |done, of| {
            told.step(Step::Drawn(done, of));
            !stop.is_said()
        })
    };
    let bytes = tokio::task::spawn_blocking(draw).await.map_err(|error| error.to_string()).flatten();
    bytes.map_err(SaveFailure::Disk)?.ok_or(SaveFailure::Stopped)
}

/// All rows of a list, in the order and with the filter in which it is shown.
async fn listed(
    client: Result<Client, SaveFailure>,
    ask: ListAsk,
    stop: &Arc<Stop>,
    told: Told,
) -> Result<Vec<u8>, SaveFailure> {
    let client = client?;
    let (topic, store) = (ask.topic, ask.filter.store);
    let tell = |rows: usize| told.step(Step::Read(rows));
    let page = |after| lists::rows(&client, topic, store, after, PAGE_ROWS);
    let rows = stop.or(all_rows(MOST_ROWS, page, tell)).await.ok_or(SaveFailure::Stopped)??;
    let ListAsk { filter, context, as_paper, .. } = ask;
    if as_paper {
        let paper = move || {
            let sheet = Sheet::new(topic, &rows, &filter, &context);
            papers::list(topic, &sheet, &filter, &context)
        };
        let paper = tokio::task::spawn_blocking(paper).await;
        let paper = paper.map_err(|error| SaveFailure::Disk(error.to_string()))?;
        return drawn(Box::new(paper), stop, told).await;
    }
    let text = move || Sheet::new(topic, &rows, &filter, &context).csv(topic, &context);
    let text = stop.or(tokio::task::spawn_blocking(text)).await.ok_or(SaveFailure::Stopped)?;
    text.map_err(|error| SaveFailure::Disk(error.to_string()))
}

/// Reads a list to its end; tells how many rows there are after each page.
async fn all_rows<F: Future<Output = Result<Page<Row>, Failure>>>(
    most: usize,
    mut page: impl FnMut(Option<i64>) -> F,
    tell: impl Fn(usize),
) -> Result<Vec<Row>, SaveFailure> {
    let mut rows = Vec::new();
    let mut after = None;
    loop {
        let came = page(after).await.map_err(SaveFailure::Server)?;
        rows.extend(came.items);
        tell(rows.len());
        match came.next {
            None => return Ok(rows),
            Some(_) if rows.len() >= most => return Err(SaveFailure::TooLong(most)),
            // A list that stands still would never end.
            Some(next) if Some(next) == after => {
                return Err(SaveFailure::Server(Failure::BadAnswer(format!("next: {next} again"))));
            }
            Some(next) => after = Some(next),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use tillwatch_desk::files::pdf::{Column, Part, Table};
    use tillwatch_shared::UtcMicros;

    use super::*;
    use crate::samples::goods;

    fn page(from: i64, next: Option<i64>) -> Page<Row> {
        let row = |number| Row::Transfer(goods::one_of_transfers(number, UtcMicros(0)));
        Page { items: (from..from + 3).map(row).collect(), next }
    }

    #[tokio::test]
    async fn a_list_is_read_to_its_end() {
        let told = Cell::new(Vec::new());
        let tell = |rows| told.set([told.take(), vec![rows]].concat());
        let pages = |after: Option<i64>| {
            let at = after.unwrap_or_default();
            async move { Ok(page(at, (at < 6).then_some(at + 3))) }
        };
        let rows = all_rows(100, pages, tell).await.unwrap();
        let numbers: Vec<String> = rows.iter().map(Row::id).collect();
        let wanted: Vec<String> = page(0, None).items.iter().map(Row::id).collect();
        assert_eq!((rows.len(), &numbers[..3]), (9, &wanted[..]));
        assert_eq!(told.take(), [3, 6, 9]);
        assert_eq!(all_rows(6, pages, |_| ()).await, Err(SaveFailure::TooLong(6)));
        let stands = |_| async { Ok(page(0, Some(3))) };
        let failure = all_rows(100, stands, |_| ()).await;
        assert!(matches!(failure, Err(SaveFailure::Server(Failure::BadAnswer(_)))), "{failure:?}");
        let silent = |after: Option<i64>| async move {
            if after.is_none() { Ok(page(0, Some(3))) } else { Err(Failure::TimedOut) }
        };
        assert_eq!(all_rows(100, silent, |_| ()).await, Err(SaveFailure::Server(Failure::TimedOut)));
    }

    #[tokio::test]
    async fn a_reading_that_waits_for_the_server_is_stopped() {
        let stop = Stop::default();
        let pages = |after: Option<i64>| {
            let stop = &stop;
            async move {
                if after.is_some() {
                    stop.say();
                    std::future::pending::<()>().await;
                }
                Ok(page(0, Some(3)))
            }
        };
        assert_eq!(stop.or(all_rows(100, pages, |_| ())).await, None);
    }

    fn long_paper() -> FileEffect {
        let rows = (0..5_000).map(|row: i32| vec![row.to_string()]).collect();
        let table = Table { columns: vec![Column::words("n")], rows, ..Table::default() };
        let paper = Box::new(Paper { parts: vec![Part::Table(table)], ..Paper::default() });
        FileEffect::Paper { name: "lista".to_owned(), paper }
    }

    /// What a window is told, and what it does then.
    fn told(window: ViewportId, say: impl Fn(Answer) + Send + Sync + 'static) -> Told {
        Told { window, say: Box::new(say), last: Mutex::default() }
    }

    #[tokio::test]
    async fn a_paper_is_stopped_in_its_window_and_leaves_nothing() {
        let place = tempfile::tempdir().unwrap();
        let making = Arc::new(Making::default());
        let (mine, other) = (ViewportId::ROOT, ViewportId::from_hash_of("other"));
        let end = |window: ViewportId, stopped: ViewportId| {
            let making = Arc::clone(&making);
            let folder = place.path().to_owned();
            let stops = Arc::clone(&making);
            let told = told(window, move |_| stops.stop(stopped));
            async move { run(&making, &folder, Err(Failure::Unreachable), long_paper(), told).await }
        };
        let answer = end(mine, mine).await;
        assert!(
            matches!(answer, Some(Answer::File(FileAnswer::Saved(Err(SaveFailure::Stopped))))),
            "{answer:?}"
        );
        assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0);
        let answer = end(mine, other).await;
        assert!(matches!(answer, Some(Answer::File(FileAnswer::Saved(Ok(_))))), "{answer:?}");
        assert!(making.0.lock().unwrap().is_empty(), "nothing is left to stop");
    }
}
