//! Bodies: bounded in size and time, read before anything is refused (a handler that answers without
//! reading the body makes the connection close, and every request would connect anew).

use std::time::Duration;

use actix_web::body::MessageBody;
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

/// How long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(20);

/// Middleware: reads the body of any request before its handler and its checks run.
pub async fn buffer<B: MessageBody>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let mut payload = request.take_payload();
    let bytes = read(&mut payload, BODY_BYTES).await?;
    request.set_payload(Payload::from(bytes));
    next.call(request).await
}

/// Reads a body up to `limit`.
pub async fn read(payload: &mut Payload, limit: usize) -> Result<Bytes, ApiError> {
    let collect = async {
        let mut body = BytesMut::new();
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|error| ApiError::malformed(Malformed::Body, error))?;
            if body.len() + chunk.len() > limit {
                return Err(ApiError::BodyTooLarge { limit });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
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

pub fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    serde_json::from_slice(body).map_err(|error| ApiError::malformed(Malformed::Body, error))
}
