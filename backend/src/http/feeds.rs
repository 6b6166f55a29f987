//! Feeds: their state, their records with a cursor, and what a person decides about records that are parked.

use actix_web::http::header::{ACCEPT_LANGUAGE, EntityTag};
use actix_web::web::{self, Data, Path, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, get, post};
use serde::Deserialize;
use tillwatch_shared::api::{
    Dismissal, Feed, FeedAlias, FeedAliasSet, FeedRecords, FeedState, FeedVersion, NewDismissal, Page,
    ParkedRecord,
};
use tillwatch_shared::limits::FEED_ROWS;
use utoipa::IntoParams;

use super::body::Json;
use super::error::Malformed;
use super::extract::{Cashier, CommandKey, Manager};
use super::listing::{ListQuery, answered_as};
use super::{ApiError, App};
use crate::domain::feeds::{DismissRecord, SetFeedAlias};
use crate::domain::rejection::Noun;
use crate::domain::{Payload, Rejection};
use crate::feeds::status::Status;
use crate::language::Language;
use crate::ledger::queries::feeds::{self, Kept};

/// Records in an answer unless the caller says otherwise.
const USUAL: u32 = 1_000;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RecordsQuery {
    /// `next_after` of the answer before; 0 for the beginning.
    #[param(minimum = 0)]
    pub after: Option<i64>,
    #[param(minimum = 1, maximum = 10_000)]
    pub limit: Option<u32>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct HistoryQuery {
    /// The record's id.
    #[param(min_length = 1, max_length = 256)]
    pub record_id: String,
}

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list)
        .service(records)
        .service(history)
        .service(parked)
        .service(set_alias)
        .service(dismiss);
}

/// The feeds that the server follows or followed, and what is wrong with them.
#[utoipa::path(
    path = "/api/v1/feeds", tag = "feeds",
    responses((status = 200, body = Vec<Feed>)), security(("bearer" = []))
)]
#[get("/feeds")]
pub async fn list(
    app: Data<App>,
    _caller: Cashier,
    request: HttpRequest,
) -> Result<web::Json<Vec<Feed>>, ApiError> {
    let kept = app.ledger.read_long(feeds::all).await?;
    let mut followed = app.feeds.all();
    let mut found: Vec<Feed> = kept
        .into_iter()
        .map(|kept| {
            let status = followed.remove(&kept.name);
            feed(kept.name.clone(), Some(&kept), status.as_ref())
        })
        .collect();
    found.extend(followed.iter().map(|(name, status)| feed(name.clone(), None, Some(status))));
    found.sort_by(|a, b| a.name.cmp(&b.name));
    let header = request.headers().get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    tell_faults(&mut found, Language::of(header));
    Ok(web::Json(found))
}

/// Puts what is wrong into the words of whoever asks.
fn tell_faults(feeds: &mut [Feed], language: Language) {
    for fault in feeds.iter_mut().flat_map(|feed| feed.faults.iter_mut().chain(&mut feed.last_fault)) {
        fault.detail = match language {
            Language::Portuguese => fault.portuguese(),
            Language::English => fault.english(),
        };
    }
}

fn feed(name: String, kept: Option<&Kept>, status: Option<&Status>) -> Feed {
    let bytes = |count: Option<u64>| count.and_then(|count| i64::try_from(count).ok()).unwrap_or(0);
    Feed {
        name,
        path: status.map(|status| status.path.display().to_string()),
        format: status.and_then(|status| status.format),
        state: status.map_or(FeedState::NotFollowed, |status| status.state),
        position_bytes: bytes(status.map(|status| status.position_bytes)),
        size_bytes: bytes(status.map(|status| status.size_bytes)),
        last_seq: kept.map_or(0, |kept| kept.last_seq),
        records: kept.map_or(0, |kept| kept.records),
        updates: kept.map_or(0, |kept| kept.updates),
        sales: kept.map_or(0, |kept| kept.sales),
        waiting: kept.map_or(0, |kept| kept.waiting),
        parked: kept.map_or(0, |kept| kept.parked),
        bad_records: status.map_or(0, |status| status.bad_records),
        last_fault: status.and_then(Status::last_fault),
        faults: status.map(|status| status.faults.iter().cloned().collect()).unwrap_or_default(),
        looked_at: status.and_then(|status| status.looked_at),
    }
}

/// The records after a place in the feed. With `If-None-Match`, 304 when there is nothing new.
#[utoipa::path(
    path = "/api/v1/feeds/{id}/records", tag = "feeds",
    params(("id" = String, Path, description = "The feed's name"), RecordsQuery),
    responses((status = 200, body = FeedRecords), (status = 304, description = "Nothing new")),
    security(("bearer" = []))
)]
#[get("/feeds/{id}/records")]
pub async fn records(
    app: Data<App>,
    _caller: Cashier,
    name: Path<String>,
    query: Query<RecordsQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let limit = query.limit.unwrap_or(USUAL);
    if !(1..=FEED_ROWS).contains(&limit) {
        return Err(ApiError::malformed(Malformed::Query, format!("limit: 1 to {FEED_ROWS}")));
    }
    let after = query.after.unwrap_or(0);
    if after < 0 {
        return Err(ApiError::malformed(Malformed::Query, "after: 0 or more"));
    }
    let (feed, last_seq) = known(&app, &name)?;
    let tag = EntityTag::new_weak(format!("{feed}-{last_seq}-{after}-{limit}"));
    match answered_as(&request, &tag) {
        Err(answer) => Ok(*answer),
        // The usual poll finds nothing new; it is answered without leaving this thread.
        Ok(mut answer) if after >= last_seq => {
            let records = FeedRecords { records: Vec::new(), next_after: after, last_seq, more: false };
            Ok(answer.json(records))
        }
        Ok(mut answer) => {
            Ok(answer.json(app.ledger.read_long(move |db| feeds::records(db, feed, after, limit)).await?))
        }
    }
}

/// Every content that a record had, oldest first.
#[utoipa::path(
    path = "/api/v1/feeds/{id}/history", tag = "feeds",
    params(("id" = String, Path, description = "The feed's name"), HistoryQuery),
    responses((status = 200, body = Vec<FeedVersion>)), security(("bearer" = []))
)]
#[get("/feeds/{id}/history")]
pub async fn history(
    app: Data<App>,
    _caller: Cashier,
    name: Path<String>,
    query: Query<HistoryQuery>,
) -> Result<web::Json<Vec<FeedVersion>>, ApiError> {
    let (feed, _) = known(&app, &name)?;
    let versions = app.ledger.read(|db| feeds::history(db, feed, &query.record_id))?;
    if versions.is_empty() { Err(Rejection::Unknown(Noun::Record).into()) } else { Ok(web::Json(versions)) }
}

/// The records that need a person, and why.
#[utoipa::path(
    path = "/api/v1/feeds/{id}/parked", tag = "feeds",
    params(("id" = String, Path, description = "The feed's name"), ListQuery),
    responses((status = 200, body = Page<ParkedRecord>)), security(("bearer" = []))
)]
#[get("/feeds/{id}/parked")]
pub async fn parked(
    app: Data<App>,
    _caller: Manager,
    name: Path<String>,
    query: Query<ListQuery>,
) -> Result<web::Json<Page<ParkedRecord>>, ApiError> {
    let slice = query.slice()?;
    let (feed, _) = known(&app, &name)?;
    Ok(web::Json(app.ledger.read_long(move |db| feeds::parked(db, feed, slice)).await?))
}

/// Says what a name of the feed means here: a store, a seller or a product. Records that were parked for
/// that name are tried again.
#[utoipa::path(
    path = "/api/v1/feeds/{id}/aliases", tag = "feeds", request_body = FeedAlias,
    params(("id" = String, Path, description = "The feed's name")),
    responses((status = 201, body = FeedAliasSet)), security(("bearer" = []))
)]
#[post("/feeds/{id}/aliases")]
pub async fn set_alias(
    app: Data<App>,
    caller: Manager,
    name: Path<String>,
    key: CommandKey,
    body: Json<FeedAlias>,
) -> Result<HttpResponse, ApiError> {
    let payload = Payload::SetFeedAlias(SetFeedAlias { feed: name.into_inner(), alias: body.0 });
    let set = app.command_for::<FeedAliasSet>(&caller.0, key, payload).await?;
    app.feeds.sales_may_wait();
    Ok(HttpResponse::Created().json(set))
}

/// Puts a parked record away: it becomes no sale, or, if it was one already, that sale stands.
#[utoipa::path(
    path = "/api/v1/feeds/{id}/dismissals", tag = "feeds", request_body = NewDismissal,
    params(("id" = String, Path, description = "The feed's name")),
    responses((status = 201, body = Dismissal)), security(("bearer" = []))
)]
#[post("/feeds/{id}/dismissals")]
pub async fn dismiss(
    app: Data<App>,
    caller: Manager,
    name: Path<String>,
    key: CommandKey,
    body: Json<NewDismissal>,
) -> Result<HttpResponse, ApiError> {
    let record_id = body.0.record_id;
    let payload = Payload::DismissRecord(DismissRecord { feed: name.into_inner(), record_id });
    Ok(HttpResponse::Created().json(app.command_for::<Dismissal>(&caller.0, key, payload).await?))
}

/// Row key and last place of a feed. One that is followed and gave nothing yet is empty.
fn known(app: &App, name: &str) -> Result<(i64, i64), ApiError> {
    let found = app.ledger.read(|db| feeds::ends(db, Some(name)))?;
    match found.first() {
        Some(end) => Ok(*end),
        None if app.feeds.follows(name) => Ok((0, 0)),
        None => Err(Rejection::Unknown(Noun::Feed).into()),
    }
}
