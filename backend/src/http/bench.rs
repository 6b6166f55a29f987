//! A route for comparison only, there when the server is started with `--bench-routes`: everything that
//! `POST /api/temperature_reading` does, but storing.

use actix_web::HttpResponse;
use actix_web::middleware::from_fn;
use actix_web::web::{self, Data, ServiceConfig};

use super::body::{self, Json};
use super::compat::reading::{DeviceReading, answer};
use super::extract::{Address, Device};
use super::{ApiError, App};

pub fn routes(config: &mut ServiceConfig) {
    config.service(
        web::resource("/bench/echo_reading").wrap(from_fn(body::buffer)).route(web::post().to(echo)),
    );
}

async fn echo(
    app: Data<App>,
    _device: Device,
    address: Address,
    body: Json<DeviceReading>,
) -> Result<HttpResponse, ApiError> {
    Ok(answer(&app.settings.time_zone, body.0, 0, app.now(), address.0))
}
