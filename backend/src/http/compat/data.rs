//! `GET /data`: the records of the feeds as one JSON array, for clients that poll it all.

use actix_web::http::header::EntityTag;
use actix_web::web::{Bytes, Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::stream;
use serde::Deserialize;
use tillwatch_shared::api::Problem;
use utoipa::IntoParams;

use crate::domain::Rejection;
use crate::domain::rejection::Noun;
use crate::http::extract::Cashier;
use crate::http::listing::answered_as;
use crate::http::{ApiError, App};
use crate::ledger::queries::feeds;

/// Records read at a time.
const CHUNK: u32 = 1_000;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DataQuery {
    /// A feed's name; the records of all feeds if absent.
    pub feed: Option<String>,
}

/// The records as they stand, oldest first. With `If-None-Match`, 304 when nothing is new.
#[utoipa::path(
    get, path = "/data", tag = "fixed routes", params(DataQuery),
    responses(
        (status = 200, body = Vec<Object>), (status = 304, description = "Nothing new"),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn all(
    app: Data<App>,
    _caller: Cashier,
    query: Query<DataQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let name = query.feed.as_deref();
    let ends = app.ledger.read(|db| feeds::ends(db, name))?;
    if let Some(name) = name
        && ends.is_empty()
        && !app.feeds.follows(name)
    {
        return Err(Rejection::Unknown(Noun::Feed).into());
    }
    let tag: Vec<String> = ends.iter().map(|(feed, last)| format!("{feed}.{last}")).collect();
    match answered_as(&request, &EntityTag::new_weak(format!("data-{}", tag.join("-")))) {
        Err(answer) => Ok(*answer),
        Ok(mut answer) => {
            let feeds = ends.into_iter().map(|(feed, _)| feed).collect();
            Ok(answer.content_type("application/json").streaming(array(app, feeds)))
        }
    }
}

/// Where the stream is.
struct Place {
    app: Data<App>,
    /// Those that are not written yet, the present one last.
    feeds: Vec<i64>,
    after: i64,
    begun: bool,
    ended: bool,
}

/// The array, in parts. An error breaks the answer off, so that nobody takes a part for the whole.
fn array(app: Data<App>, mut feeds: Vec<i64>) -> impl stream::Stream<Item = Result<Bytes, rusqlite::Error>> {
    feeds.reverse();
    let place = Place { app, feeds, after: 0, begun: false, ended: false };
    stream::try_unfold(place, |mut place| async move {
        if place.ended {
            return Ok(None);
        }
        while let Some(feed) = place.feeds.last().copied() {
            let after = place.after;
            let read = place.app.ledger.read_long(move |db| feeds::bodies(db, feed, after, CHUNK));
            let (text, last) = read.await?;
            if text.is_empty() {
                place.feeds.pop();
                place.after = 0;
                continue;
            }
            place.after = last;
            let before = if std::mem::replace(&mut place.begun, true) { ',' } else { '[' };
            return Ok(Some((Bytes::from(format!("{before}{text}")), place)));
        }
        place.ended = true;
        let end = if place.begun { "]" } else { "[]" };
        Ok(Some((Bytes::from_static(end.as_bytes()), place)))
    })
}
