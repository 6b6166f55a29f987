//! Backups that an admin asks for.

use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpResponse, get, post};
use tillwatch_shared::api::{Backups as Listed, Upkeep};

use super::extract::{Admin, CommandKey, to_its_end};
use super::{ApiError, App};
use crate::backups::Backups;

pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(make);
}

/// The backups that this server made, newest first, and how far the one is that is under way.
#[utoipa::path(
    path = "/api/v1/backups", tag = "server", responses((status = 200, body = Listed)), security(("bearer" = []))
)]
#[get("/backups")]
pub async fn list(app: Data<App>, _caller: Admin) -> Result<web::Json<Listed>, ApiError> {
    listed(app).await.map(web::Json)
}

/// Makes a backup in the data directory and checks it. While one is under way there is no other.
#[utoipa::path(
    path = "/api/v1/backups", tag = "server", responses((status = 202, body = Listed)), security(("bearer" = []))
)]
#[post("/backups")]
pub async fn make(app: Data<App>, caller: Admin, key: CommandKey) -> Result<HttpResponse, ApiError> {
    let now = app.now();
    if !app.backups.claim(now) {
        return Err(ApiError::BackupUnderWay);
    }
    let begun = app.clone();
    to_its_end(async move {
        // What is written down is in it.
        let noted = begun.note(&caller.0, key, Upkeep::BackupAskedFor {}).await;
        match &noted {
            Ok(()) => Backups::start(&begun, now),
            Err(_) => begun.backups.release(None),
        }
        noted
    })
    .await?;
    Ok(HttpResponse::Accepted().json(listed(app).await?))
}

async fn listed(app: Data<App>) -> Result<Listed, ApiError> {
    web::block(move || Backups::list(&app)).await.map_err(|_| ApiError::Busy)
}
