//! `/health/live`, `/health/ready` and `/metrics`.

use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpResponse, get};
use tillwatch_shared::api::Health;

use super::{App, group};
use crate::telemetry::Condition;
use crate::tls::Tls;

pub fn routes(config: &mut ServiceConfig) {
    config.service(live).service(ready).service(metrics);
}

/// The process answers.
#[utoipa::path(path = "/health/live", tag = "health", responses((status = 200, body = Health)))]
#[get("/health/live")]
pub async fn live() -> web::Json<Health> {
    web::Json(Health {
        status: "ok".into(),
        ledger: "unchecked".into(),
        telemetry: "unchecked".into(),
        tls: None,
        tls_until: None,
    })
}

/// The ledger and the sensor history can be read and, as far as is known, written. While the readings'
/// database is away and readings are held on disk, or older ones are still on their way from another server of the
/// group, this is still ready, with the status `degraded`: a server that takes readings and sells must not be taken out of service. 503 means that something is refused.
#[utoipa::path(
    path = "/health/ready", tag = "health",
    responses((status = 200, body = Health), (status = 503, body = Health))
)]
#[get("/health/ready")]
pub async fn ready(app: Data<App>) -> HttpResponse {
    let readable = app.ledger.read(|db| db.query_row("SELECT 1", [], |_| Ok(()))).is_ok();
    let ledger = match (readable, app.ledger.healthy()) {
        _ if group::is_out_of_service(&app) => "differs from that of the other servers, and is made anew",
        (true, true) => "ok",
        (true, false) => "cannot be written",
        (false, _) => "cannot be read",
    };
    let (telemetry, taken, degraded) = match app.telemetry.condition() {
        Condition::Good if app.lacks_readings() => {
            ("lacks readings: a copy of another server's is on its way".to_owned(), true, true)
        }
        Condition::Good => ("ok".to_owned(), true, false),
        Condition::Holding { reason, readings, bytes } => {
            let text =
                format!("held on disk: {readings} readings, {bytes} bytes. PostgreSQL is away: {reason}");
            (text, true, true)
        }
        Condition::Failing(reason) => (reason, false, false),
    };
    let good = ledger == "ok" && taken;
    let status = match (good, degraded) {
        (true, false) => "ok",
        (true, true) => "degraded",
        (false, _) => "not ready",
    };
    // A certificate in trouble does not make the server unready: whoever can still connect is served.
    let tls = app.tls.as_ref().map(|tls| tls.health(app.now()));
    let tls_until = app.tls.as_ref().and_then(Tls::until);
    let health = Health { status: status.into(), ledger: ledger.into(), telemetry, tls, tls_until };
    if good { HttpResponse::Ok().json(health) } else { HttpResponse::ServiceUnavailable().json(health) }
}

/// Figures for Prometheus.
#[utoipa::path(path = "/metrics", tag = "health", responses((status = 200, body = String, content_type = "text/plain")))]
#[get("/metrics")]
pub async fn metrics(app: Data<App>) -> HttpResponse {
    let stats = app.telemetry.stats();
    ::metrics::gauge!("tillwatch_ledger_seq").set(app.ledger.tip() as f64);
    ::metrics::gauge!("tillwatch_ledger_queue_room").set(app.ledger.queue_room() as f64);
    ::metrics::gauge!("tillwatch_telemetry_queued").set(stats.queued as f64);
    ::metrics::gauge!("tillwatch_telemetry_last_commit_seconds").set(stats.last_commit_micros as f64 / 1e6);
    ::metrics::gauge!("tillwatch_telemetry_sensors").set(stats.sensors as f64);
    ::metrics::gauge!("tillwatch_telemetry_held_readings").set(stats.held as f64);
    ::metrics::gauge!("tillwatch_telemetry_held_bytes").set(stats.held_bytes as f64);
    ::metrics::counter!("tillwatch_readings_stored_total").absolute(stats.stored);
    ::metrics::counter!("tillwatch_readings_busy_total").absolute(stats.busy);
    let pulse = app.pulse.stats();
    ::metrics::gauge!("tillwatch_pulse_connected").set(pulse.connected as f64);
    ::metrics::gauge!("tillwatch_pulse_last_commit_seconds").set(pulse.last_commit_micros as f64 / 1e6);
    ::metrics::counter!("tillwatch_pulse_commits_total").absolute(pulse.commits);
    ::metrics::counter!("tillwatch_pulse_messages_total").absolute(pulse.messages);
    let watching = app.alarms.figures();
    ::metrics::gauge!("tillwatch_alarms_open").set(watching.open as f64);
    ::metrics::gauge!("tillwatch_alarms_sensors").set(watching.sensors as f64);
    ::metrics::gauge!("tillwatch_alarms_waiting").set(watching.waiting as f64);
    ::metrics::gauge!("tillwatch_alarms_lag_seconds").set(watching.lag_seconds);
    ::metrics::gauge!("tillwatch_alarms_last_round_seconds").set(watching.last_round_seconds);
    ::metrics::counter!("tillwatch_alarms_readings_total").absolute(watching.readings);
    let fan_out = app.live.figures();
    ::metrics::gauge!("tillwatch_live_clients").set(fan_out.clients as f64);
    ::metrics::counter!("tillwatch_live_readings_total").absolute(fan_out.published);
    ::metrics::counter!("tillwatch_live_dropped_total").absolute(fan_out.dropped);
    if let Some(tls) = &app.tls {
        let trouble = tls.health(app.now()) != "ok";
        ::metrics::gauge!("tillwatch_tls_trouble").set(if trouble { 1.0 } else { 0.0 });
        // While there is no certificate: 1970.
        let until = tls.until().unwrap_or_default();
        ::metrics::gauge!("tillwatch_tls_certificate_until_seconds").set(until.0 as f64 / 1e6);
    }
    let text = app.metrics.as_ref().map(metrics_exporter_prometheus::PrometheusHandle::render);
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"))
        .body(text.unwrap_or_default())
}
