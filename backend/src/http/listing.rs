//! Lists: the page that is asked for, the stores that it is about, and whether the caller has it already.

use actix_web::http::header::{CACHE_CONTROL, ContentType, ETAG, EntityTag, IF_NONE_MATCH, IfNoneMatch};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, HttpResponseBuilder};
use serde::{Deserialize, Serialize};
use tillwatch_shared::StoreId;
use tillwatch_shared::limits::PAGE_ROWS;
use utoipa::IntoParams;

use super::ApiError;
use super::error::Malformed;
use crate::domain::Rejection;
use crate::ledger::queries::Slice;
use crate::ledger::queries::viewer::Viewer;

/// Rows on a page unless the caller says otherwise.
const USUAL: u32 = 100;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    #[default]
    Oldest,
    /// Newest first; `after` then leads to older rows.
    Newest,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// `next` of the page before.
    pub after: Option<i64>,
    #[param(minimum = 1, maximum = 1000)]
    pub limit: Option<u32>,
    #[serde(default)]
    pub order: Order,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StoreQuery {
    /// One store; all of the caller's stores if absent.
    pub store_id: Option<StoreId>,
}

impl ListQuery {
    pub fn slice(&self) -> Result<Slice, ApiError> {
        let limit = self.limit.unwrap_or(USUAL);
        if !(1..=PAGE_ROWS).contains(&limit) {
            return Err(ApiError::malformed(Malformed::Query, format!("limit: 1 to {PAGE_ROWS}")));
        }
        Ok(Slice { after: self.after, limit, newest_first: self.order == Order::Newest })
    }
}

impl StoreQuery {
    /// The row keys of the stores that are meant, as a JSON array.
    pub fn keys(&self, viewer: &Viewer) -> Result<String, ApiError> {
        match self.store_id {
            None => Ok(viewer.store_keys()),
            Some(store) => viewer.store_key(store).ok_or(Rejection::StoreNotAllowed.into()),
        }
    }
}

/// Answers 304 when the caller has the list as of this place in the journal.
pub fn unless_known<T: Serialize>(
    request: &HttpRequest,
    viewer: &Viewer,
    tip: i64,
    body: impl FnOnce() -> Result<T, ApiError>,
) -> Result<HttpResponse, ApiError> {
    match answered_as(request, &tag(viewer, tip, "")) {
        Err(unchanged) => Ok(*unchanged),
        Ok(mut response) => Ok(response.json(body()?)),
    }
}

/// Answers 304 when the caller has this already, for what changes without the journal.
pub fn unless_same<T: Serialize>(request: &HttpRequest, body: &T) -> Result<HttpResponse, ApiError> {
    let body = serde_json::to_vec(body).map_err(|_| ApiError::Internal)?;
    let tag = EntityTag::new_weak(blake3::hash(&body).to_hex().to_string());
    Ok(match answered_as(request, &tag) {
        Err(unchanged) => *unchanged,
        Ok(mut response) => response.content_type(ContentType::json()).body(body),
    })
}

/// Names what a viewer sees at this place in the journal, in one of several forms.
pub fn tag(viewer: &Viewer, tip: i64, variant: &str) -> EntityTag {
    EntityTag::new_weak(format!("{tip}-{}{variant}", viewer.id.0.simple()))
}

/// The beginning of an answer with this tag; the whole answer, 304, when the caller has it already.
pub fn answered_as(request: &HttpRequest, tag: &EntityTag) -> Result<HttpResponseBuilder, Box<HttpResponse>> {
    let known = request.headers().contains_key(IF_NONE_MATCH)
        && request.get_header::<IfNoneMatch>().is_some_and(|header| match header {
            IfNoneMatch::Any => true,
            IfNoneMatch::Items(tags) => tags.iter().any(|known| known.weak_eq(tag)),
        });
    let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header((ETAG, tag.clone())).insert_header((CACHE_CONTROL, "private, no-cache"));
    if known { Err(Box::new(response.finish())) } else { Ok(response) }
}
