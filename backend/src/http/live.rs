//! `GET /ws/sensor_updates`: the live readings, as a WebSocket.

use actix_http::ws;
use actix_web::body::BodyStream;
use actix_web::http::StatusCode;
use actix_web::http::header::{SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY};
use actix_web::web::{Data, Payload, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, get};
use serde::Deserialize;
use tillwatch_shared::api::Problem;
use utoipa::IntoParams;

use super::error::Malformed;
use super::{ApiError, App};
use crate::live::client::Client;
use crate::live::{Local, Pass};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LiveQuery {
    /// A key that may listen.
    #[serde(rename = "api-key")]
    #[param(rename = "api-key")]
    pub api_key: Option<String>,
    /// Instead of a key: the access token of a signed-in person, who hears the sensors of their stores.
    pub token: Option<String>,
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(sensor_updates);
}

/// Every accepted reading, as it is stored. A WebSocket; each message is a reading in the shape that
/// `POST /api/temperature_reading` answers. The newest reading comes first. It is closed with 1008 when the
/// key is wrong, has too many connections, expires or is revoked; with 1013 when the client falls too far
/// behind; with 1009 when the client sends a large message; with 1001 when the server stops.
#[utoipa::path(
    path = "/ws/sensor_updates", tag = "fixed routes", params(LiveQuery),
    responses(
        (status = 101, description = "The WebSocket is open"),
        (status = 400, description = "Not a WebSocket request", body = Problem, content_type = "application/problem+json")
    )
)]
#[get("/ws/sensor_updates")]
pub async fn sensor_updates(
    app: Data<App>,
    query: Query<LiveQuery>,
    request: HttpRequest,
    incoming: Payload,
) -> Result<HttpResponse, ApiError> {
    let not_ours = |error| ApiError::malformed(Malformed::Header, error);
    ws::verify_handshake(request.head()).map_err(not_ours)?;
    let key = request.headers().get(SEC_WEBSOCKET_KEY).ok_or(ApiError::Internal)?;
    let accept = ws::hash_key(key.as_bytes());
    let local = request.app_data::<Local>().ok_or(ApiError::Internal)?;
    let pass = Pass::of(&app, query.api_key.as_deref(), query.token.as_deref());
    let client = Client::new(app, local, pass, incoming);
    Ok(HttpResponse::build(StatusCode::SWITCHING_PROTOCOLS)
        .upgrade("websocket")
        .insert_header((SEC_WEBSOCKET_ACCEPT, accept.as_slice()))
        .body(BodyStream::new(client)))
}
