//! API keys.

use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpResponse, delete, get, post};
use tillwatch_shared::ApiKeyId;
use tillwatch_shared::api::{ApiKey, IssuedApiKey, NewApiKey};

use super::body::Json;
use super::extract::{CommandKey, Manager, noun};
use super::{ApiError, App};
use crate::auth::{keyring, secret};
use crate::domain::Payload;
use crate::domain::keys::{IssueKey, RevokeKey};
use crate::ledger::queries::keys;

pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(issue).service(revoke);
}

#[utoipa::path(path = "/api/v1/api-keys", tag = "keys", responses((status = 200, body = Vec<ApiKey>)), security(("bearer" = [])))]
#[get("/api-keys")]
pub async fn list(app: Data<App>, _caller: Manager) -> Result<web::Json<Vec<ApiKey>>, ApiError> {
    let used = app.telemetry.keys_used();
    let mut keys = app.ledger.read(keys::list)?;
    for key in &mut keys {
        key.last_used_at = used.get(&key.id).copied();
    }
    Ok(web::Json(keys))
}

/// Makes a key. Its secret is in this answer and nowhere else.
#[utoipa::path(
    path = "/api/v1/api-keys", tag = "keys", request_body = NewApiKey,
    responses((status = 201, body = IssuedApiKey)), security(("bearer" = []))
)]
#[post("/api-keys")]
pub async fn issue(
    app: Data<App>,
    caller: Manager,
    key: CommandKey,
    body: Json<NewApiKey>,
) -> Result<HttpResponse, ApiError> {
    let secret = new_secret().map_err(|_| ApiError::Internal)?;
    let payload = Payload::IssueKey(IssueKey { key: body.0, digest: keyring::digest(&secret) });
    let receipt = app.command(&caller.0, key, payload).await?;
    app.reload_keys()?;
    let secret = (!receipt.repeated).then_some(secret);
    let key = noun(receipt.event)?;
    Ok(HttpResponse::Created().json(IssuedApiKey { key, secret }))
}

/// Revokes a key: it is refused from now on.
#[utoipa::path(
    path = "/api/v1/api-keys/{id}", tag = "keys", params(("id" = ApiKeyId, Path)),
    responses((status = 200, body = ApiKey)), security(("bearer" = []))
)]
#[delete("/api-keys/{id}")]
pub async fn revoke(
    app: Data<App>,
    caller: Manager,
    key: CommandKey,
    id: Path<ApiKeyId>,
) -> Result<web::Json<ApiKey>, ApiError> {
    let payload = Payload::RevokeKey(RevokeKey { key_id: *id });
    let key = app.command_for(&caller.0, key, payload).await?;
    app.reload_keys()?;
    Ok(web::Json(key))
}

/// 192 random bits with a prefix by which a scanner for leaked secrets knows it.
pub fn new_secret() -> std::io::Result<String> {
    let bits: [u8; 24] = secret::random()?;
    let hex = bits.iter().fold(String::with_capacity(48), |mut text, byte| {
        use std::fmt::Write as _;
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    });
    Ok(format!("tw_{hex}"))
}
