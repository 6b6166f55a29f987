//! Tills: who may be spoken for by which, and an end to it.

use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{delete, get};
use tillwatch_shared::api::{Till, TillSignIn};
use tillwatch_shared::{CommandId, PersonId, TillId, UtcMicros};

use super::extract::{CommandKey, Manager};
use super::{ApiError, App};
use crate::auth::keyring;
use crate::domain::rejection::Invalid;
use crate::domain::tills::{EnrolTill, RevokeTill};
use crate::domain::{Payload, Rejection};
use crate::ledger::queries::tills;

/// Characters in a till's secret: too many to be guessed, few enough for a header.
const KEY_CHARS: std::ops::RangeInclusive<usize> = 32..=128;

pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(revoke);
}

/// The tills of the caller's stores, and whose commands each may send.
#[utoipa::path(path = "/api/v1/tills", tag = "tills", responses((status = 200, body = Vec<Till>)), security(("bearer" = [])))]
#[get("/tills")]
pub async fn list(app: Data<App>, caller: Manager) -> Result<web::Json<Vec<Till>>, ApiError> {
    Ok(web::Json(app.ledger.read(|db| tills::list(db, &caller.0, app.now()))?))
}

/// Revokes a till: from now on it sends nothing in anybody's name. People can still sign in there.
#[utoipa::path(
    path = "/api/v1/tills/{id}", tag = "tills", params(("id" = TillId, Path)),
    responses((status = 200, body = Till)), security(("bearer" = []))
)]
#[delete("/tills/{id}")]
pub async fn revoke(
    app: Data<App>,
    caller: Manager,
    key: CommandKey,
    id: Path<TillId>,
) -> Result<web::Json<Till>, ApiError> {
    let payload = Payload::RevokeTill(RevokeTill { till_id: *id });
    app.command_for(&caller.0, key, payload).await.map(web::Json)
}

/// The till that a person signs in at, enrolled if it is new. One that was revoked, or that shows another
/// secret than it was enrolled with, is nobody: the person gets in, and the till no mandate.
pub async fn present(
    app: &App,
    person: PersonId,
    till: TillSignIn,
    now: UtcMicros,
) -> Result<Option<TillId>, ApiError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if !KEY_CHARS.contains(&till.key.len()) || !till.key.chars().all(plain) {
        let problem = Invalid::Text { max_chars: *KEY_CHARS.end() };
        return Err(Rejection::invalid("till.key", problem).into());
    }
    let digest = keyring::digest(&till.key);
    if let Some(known) = app.ledger.read(|db| tills::enrolled(db, till.id))? {
        return Ok((known.digest == digest && !known.revoked).then_some(till.id));
    }
    let payload = Payload::EnrolTill(EnrolTill { name: till.name, digest });
    app.server_command(CommandId(till.id.0), Some(person), now, payload).await?;
    Ok(Some(till.id))
}
