//! Bodies: bounded in size and time, read before anything is refused (a handler that answers without
//! reading the body makes the connection close, and every request would connect anew).

use std::time::Duration;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::web::{Bytes, BytesMut};
use actix_web::{Error, FromRequest, HttpMessage, HttpRequest};
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use tillwatch_shared::limits::BODY_BYTES;

use super::ApiError;
use super::error::Malformed;

/// What is too large is read on up to here, so that the refusal arrives: a client that is cut off while it
/// sends never sees why.
const READ_ON_BYTES: usize = 16 * 1024 * 1024;
/// How long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(20);

/// Middleware: reads the body of any request before its handler and its checks run.
pub async fn buffer<B: MessageBody>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let mut payload = request.take_payload();
    match read(&mut payload, BODY_BYTES).await {
        Ok(bytes) => {
            request.set_payload(Payload::from(bytes));
            next.call(request).await.map(ServiceResponse::map_into_left_body)
        }
        // As a response, not as an error: only so it can be written in the shape of the route.
        Err(error) => Ok(request.error_response(error).map_into_right_body()),
    }
}

/// Reads a body up to `limit`.
pub async fn read(payload: &mut Payload, limit: usize) -> Result<Bytes, ApiError> {
    let collect = async {
        let mut body = BytesMut::new();
        let mut length = 0;
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|error| ApiError::malformed(Malformed::Body, error))?;
            length += chunk.len();
            if length <= limit {
                body.extend_from_slice(&chunk);
            } else if length > READ_ON_BYTES {
                break;
            }
        }
        if length <= limit { Ok(body.freeze()) } else { Err(ApiError::BodyTooLarge { limit }) }
    };
    tokio::time::timeout(PATIENCE, collect).await.unwrap_or(Err(ApiError::BodyTooSlow))
}

/// A JSON body. Whatever content type it came with: a device that forgets it is still understood.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(_: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let mut payload = payload.take();
        Box::pin(async move { parse(&read(&mut payload, BODY_BYTES).await?).map(Json) })
    }
}

/// Reads a JSON object. A list of its values would be taken by the JSON library too; it is not what is
/// documented.
pub fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    if body.trim_ascii_start().starts_with(b"[") {
        return Err(ApiError::malformed(Malformed::Body, "a JSON object is expected, not a list"));
    }
    serde_json::from_slice(body).map_err(|error| ApiError::malformed(Malformed::Body, error))
}
