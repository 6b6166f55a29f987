//! The log of the pulse as a file, streamed: the whole of it is never in memory.

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::{self, Bytes, Data, Query};
use actix_web::{HttpResponse, get};
use futures_util::stream;
use tillwatch_shared::api::PulseMessage;
use tokio::sync::OwnedSemaphorePermit;

use super::extract::Manager;
use super::pulse::LogQuery;
use super::{ApiError, App};
use crate::ledger::queries::viewer::Viewer;
use crate::pulse::{Filter, Pulse, PulseError};

/// Messages that are read and sent at a time.
const PIECE: usize = 2_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Csv,
    Ndjson,
}

/// An export that is under way.
struct Export {
    pulse: Pulse,
    filter: Filter,
    form: Form,
    done: bool,
    _leave: OwnedSemaphorePermit,
}

/// The log as CSV (id, at, client, direction, content). A cell that a spreadsheet would take for a formula
/// begins with an apostrophe; the NDJSON has every message as it is in the log.
#[utoipa::path(
    path = "/api/v1/pulse/messages.csv", tag = "pulse", params(LogQuery),
    responses((status = 200, body = String, content_type = "text/csv")), security(("bearer" = []))
)]
#[get("/pulse/messages.csv")]
pub async fn csv(app: Data<App>, caller: Manager, query: Query<LogQuery>) -> Result<HttpResponse, ApiError> {
    export(&app, &caller.0, query.into_inner(), Form::Csv)
}

/// The log as NDJSON: one message a line, as in the list.
#[utoipa::path(
    path = "/api/v1/pulse/messages.ndjson", tag = "pulse", params(LogQuery),
    responses((status = 200, body = String, content_type = "application/x-ndjson")), security(("bearer" = []))
)]
#[get("/pulse/messages.ndjson")]
pub async fn ndjson(
    app: Data<App>,
    caller: Manager,
    query: Query<LogQuery>,
) -> Result<HttpResponse, ApiError> {
    export(&app, &caller.0, query.into_inner(), Form::Ndjson)
}

fn export(app: &App, caller: &Viewer, query: LogQuery, form: Form) -> Result<HttpResponse, ApiError> {
    let leave = app.pulse.begin_export()?;
    let mut filter = Filter { limit: PIECE, ..query.filter(app, caller)? };
    // What comes while it runs is not in it, so that it ends.
    let now = app.now().plus(1);
    filter.to = Some(filter.to.map_or(now, |to| to.min(now)));
    let (media_type, name) = match form {
        Form::Csv => ("text/csv; charset=utf-8", "pulse.csv"),
        Form::Ndjson => ("application/x-ndjson", "pulse.ndjson"),
    };
    let head = match form {
        Form::Csv => PulseMessage::CSV_HEAD,
        Form::Ndjson => "",
    };
    let export = Export { pulse: app.pulse.clone(), filter, form, done: false, _leave: leave };
    let body =
        stream::unfold((export, Some(Bytes::from_static(head.as_bytes()))), |(mut export, head)| async {
            let piece = match head {
                Some(head) => Ok(head),
                None if export.done => return None,
                None => export.next().await,
            };
            export.done |= piece.is_err();
            Some((piece, (export, None)))
        });
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, media_type))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .streaming(body))
}

impl Export {
    /// The next piece. An error in the middle breaks the connection off, so that nobody takes the part for the
    /// whole.
    async fn next(&mut self) -> Result<Bytes, PulseError> {
        let (pulse, filter) = (self.pulse.clone(), self.filter.clone());
        let page =
            web::block(move || pulse.messages(&filter)).await.map_err(|_| PulseError::Unavailable)??;
        self.filter.after = page.next;
        self.done = page.next.is_none();
        let mut text = String::new();
        for message in &page.items {
            match self.form {
                Form::Csv => text += &message.csv_line(),
                Form::Ndjson => {
                    text += &serde_json::to_string(message).map_err(|_| PulseError::Unavailable)?;
                    text.push('\n');
                }
            }
        }
        Ok(text.into())
    }
}
