//! Reports about sales, as JSON for programs, as CSV and XLSX for people. Sellers ask about themselves,
//! managers about their stores, admins about all.

use actix_web::http::header::{HeaderValue, VARY};
use actix_web::web::{Data, Path, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, get};
use jiff::civil::Date;
use serde::Deserialize;
use tillwatch_shared::api::{ReportKind, ReportRows, ReportStep, Role, SalesReport};
use tillwatch_shared::limits::PAGE_ROWS;
use tillwatch_shared::{ChainId, PersonId, StoreId};
use utoipa::IntoParams;

use super::extract::{Cashier, Manager};
use super::files::{self, Form, Part};
use super::listing::{answered_as, tag};
use super::{ApiError, App};
use crate::domain::Rejection;
use crate::domain::rejection::{Invalid, Noun};
use crate::export::{self, Book};
use crate::ledger::queries::periods::Period;
use crate::ledger::queries::reports::{self, ChainScope, Figures};
use crate::ledger::queries::viewer::Viewer;
use crate::ledger::queries::{compared, goods_and_methods};

#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReportQuery {
    /// The first day, such as `2026-12-01`.
    #[param(format = Date, value_type = String)]
    pub from: Date,
    /// The last day, included. At most 3660 days.
    #[param(format = Date, value_type = String)]
    pub to: Date,
    /// The hours of one day, days up to a quarter, weeks up to two years, else months, if absent.
    pub step: Option<ReportStep>,
    #[param(minimum = 1, maximum = 1000)]
    pub limit: Option<u32>,
    /// As the `Accept` header says if absent.
    pub format: Option<Form>,
    #[serde(default)]
    pub part: Part,
}

#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ScopeQuery {
    /// Only this chain.
    pub chain_id: Option<ChainId>,
    /// Only this store.
    pub store_id: Option<StoreId>,
}

#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CompareQuery {
    /// Adds to each row what was sold before this hour of the stores' days, in the period and on the same weekdays a
    /// week before. 24 compares whole days.
    #[param(minimum = 0, maximum = 24)]
    pub compare_until_hour: Option<i8>,
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(best_sellers).service(best_stores).service(best_products).service(payment_methods);
    config.service(of_seller).service(of_store).service(of_chain);
}

/// What every report is asked with.
type Asked = (Data<App>, Query<ReportQuery>, HttpRequest);

/// Which sellers sold most, best first.
#[utoipa::path(
    path = "/api/v1/reports/best-sellers", tag = "reports", params(ReportQuery, ScopeQuery, CompareQuery),
    responses((status = 200, body = SalesReport), (status = 304)), security(("bearer" = []))
)]
#[get("/reports/best-sellers")]
pub async fn best_sellers(
    caller: Manager,
    scope: Query<ScopeQuery>,
    compare: Query<CompareQuery>,
    asked: Asked,
) -> Result<HttpResponse, ApiError> {
    let about = About { compare_until: until(*compare)?, ..in_scope(&asked.0, &caller.0, *scope)? };
    answer(asked, &caller.0, ReportKind::BestSellers, about).await
}

/// Which stores sold most, best first.
#[utoipa::path(
    path = "/api/v1/reports/best-stores", tag = "reports", params(ReportQuery, ScopeQuery, CompareQuery),
    responses((status = 200, body = SalesReport), (status = 304)), security(("bearer" = []))
)]
#[get("/reports/best-stores")]
pub async fn best_stores(
    caller: Manager,
    scope: Query<ScopeQuery>,
    compare: Query<CompareQuery>,
    asked: Asked,
) -> Result<HttpResponse, ApiError> {
    let about = About { compare_until: until(*compare)?, ..in_scope(&asked.0, &caller.0, *scope)? };
    answer(asked, &caller.0, ReportKind::BestStores, about).await
}

/// Which products brought most, best first: quantity and amount of each. What was sold by amount stands in a row
/// without a product.
#[utoipa::path(
    path = "/api/v1/reports/best-products", tag = "reports", params(ReportQuery, ScopeQuery),
    responses((status = 200, body = SalesReport), (status = 304)), security(("bearer" = []))
)]
#[get("/reports/best-products")]
pub async fn best_products(
    caller: Manager,
    scope: Query<ScopeQuery>,
    asked: Asked,
) -> Result<HttpResponse, ApiError> {
    let about = in_scope(&asked.0, &caller.0, *scope)?;
    answer(asked, &caller.0, ReportKind::BestProducts, about).await
}

/// How sales were paid, less the change, and how returns were refunded; most money first.
#[utoipa::path(
    path = "/api/v1/reports/payment-methods", tag = "reports", params(ReportQuery, ScopeQuery),
    responses((status = 200, body = SalesReport), (status = 304)), security(("bearer" = []))
)]
#[get("/reports/payment-methods")]
pub async fn payment_methods(
    caller: Manager,
    scope: Query<ScopeQuery>,
    asked: Asked,
) -> Result<HttpResponse, ApiError> {
    let about = in_scope(&asked.0, &caller.0, *scope)?;
    answer(asked, &caller.0, ReportKind::PaymentMethods, about).await
}

/// What one seller sold, by store. Everybody may ask about themselves.
#[utoipa::path(
    path = "/api/v1/reports/sellers/{id}", tag = "reports", params(("id" = PersonId, Path), ReportQuery),
    responses((status = 200, body = SalesReport), (status = 304)), security(("bearer" = []))
)]
#[get("/reports/sellers/{id}")]
pub async fn of_seller(caller: Cashier, id: Path<PersonId>, asked: Asked) -> Result<HttpResponse, ApiError> {
    let about = about_seller(&asked.0, &caller.0, *id)?;
    answer(asked, &caller.0, ReportKind::Seller, about).await
}

/// What one store sold, by seller.
#[utoipa::path(
    path = "/api/v1/reports/stores/{id}", tag = "reports", params(("id" = StoreId, Path), ReportQuery),
    responses((status = 200, body = SalesReport), (status = 304)), security(("bearer" = []))
)]
#[get("/reports/stores/{id}")]
pub async fn of_store(caller: Manager, id: Path<StoreId>, asked: Asked) -> Result<HttpResponse, ApiError> {
    let about = in_scope(&asked.0, &caller.0, ScopeQuery { chain_id: None, store_id: Some(*id) })?;
    answer(asked, &caller.0, ReportKind::Store, about).await
}

/// What one chain sold, by store.
#[utoipa::path(
    path = "/api/v1/reports/chains/{id}", tag = "reports", params(("id" = ChainId, Path), ReportQuery),
    responses((status = 200, body = SalesReport), (status = 304)), security(("bearer" = []))
)]
#[get("/reports/chains/{id}")]
pub async fn of_chain(caller: Manager, id: Path<ChainId>, asked: Asked) -> Result<HttpResponse, ApiError> {
    let about = in_scope(&asked.0, &caller.0, ScopeQuery { chain_id: Some(*id), store_id: None })?;
    answer(asked, &caller.0, ReportKind::Chain, about).await
}

/// What a report is about, once it is clear that the caller may ask.
struct About {
    subject: Option<String>,
    /// Row key of the seller.
    person: Option<i64>,
    /// Row keys as a JSON array; every store if absent.
    stores: Option<String>,
    partial: bool,
    /// Before which hour each row is compared with a week before.
    compare_until: Option<i8>,
}

fn until(query: CompareQuery) -> Result<Option<i8>, ApiError> {
    let hour = query.compare_until_hour;
    if hour.is_some_and(|hour| !(0..=24).contains(&hour)) {
        let range = Invalid::Range { min: 0, max: 24 };
        return Err(Rejection::invalid("compare_until_hour", range).into());
    }
    Ok(hour)
}

fn in_scope(app: &App, viewer: &Viewer, scope: ScopeQuery) -> Result<About, ApiError> {
    let within = scope.chain_id.map(|id| in_chain(app, viewer, id)).transpose()?;
    if let Some(id) = scope.store_id {
        let own = viewer.stores.iter().find(|(_, own)| *own == id);
        let (key, _) = *own.ok_or(Rejection::StoreNotAllowed)?;
        if within.is_some_and(|within| !within.stores.contains(&key)) {
            return Err(Rejection::Unknown(Noun::Store).into());
        }
        let subject = app.ledger.read(|db| reports::store_name(db, key))?;
        let stores = Some(format!("[{key}]"));
        return Ok(About { subject, person: None, stores, partial: false, compare_until: None });
    }
    let Some(ChainScope { name, stores, all_stores }) = within else {
        let partial = (viewer.stores.len() as i64) < app.ledger.read(reports::store_count)?;
        let stores = Some(viewer.store_keys());
        return Ok(About { subject: None, person: None, stores, partial, compare_until: None });
    };
    let partial = (stores.len() as i64) < all_stores;
    let keys: Vec<String> = stores.iter().map(i64::to_string).collect();
    let stores = Some(format!("[{}]", keys.join(",")));
    Ok(About { subject: Some(name), person: None, stores, partial, compare_until: None })
}

/// The chain with those of its stores that the viewer works in. One without any is not theirs.
fn in_chain(app: &App, viewer: &Viewer, id: ChainId) -> Result<ChainScope, ApiError> {
    let found = app.ledger.read(|db| reports::chain(db, id, &viewer.store_keys()))?;
    let scope = found.ok_or(Rejection::Unknown(Noun::Chain))?;
    if scope.stores.is_empty() && scope.all_stores > 0 {
        return Err(Rejection::StoreNotAllowed.into());
    }
    Ok(scope)
}

fn about_seller(app: &App, viewer: &Viewer, id: PersonId) -> Result<About, ApiError> {
    let everywhere = viewer.id == id || viewer.role == Role::Admin;
    if !everywhere && viewer.role < Role::Manager {
        return Err(Rejection::RoleNotAllowed.into());
    }
    let stores = (!everywhere).then(|| viewer.store_keys());
    let found = app.ledger.read(|db| reports::seller(db, id, stores.as_deref()))?;
    let (person, name) = found.ok_or(Rejection::Unknown(Noun::Person))?;
    let partial = !everywhere && (viewer.stores.len() as i64) < app.ledger.read(reports::store_count)?;
    Ok(About { subject: Some(name), person: Some(person), stores, partial, compare_until: None })
}

/// Checks the period, then reads and writes the report, unless the caller has it.
async fn answer(
    (app, query, request): Asked,
    viewer: &Viewer,
    kind: ReportKind,
    about: About,
) -> Result<HttpResponse, ApiError> {
    let period = Period::new(query.from, query.to)?;
    let step = query.step.unwrap_or_else(|| period.usual_step());
    let limit = query.limit.unwrap_or(PAGE_ROWS);
    if !(1..=PAGE_ROWS).contains(&limit) {
        return Err(Rejection::invalid("limit", Invalid::Range { min: 1, max: i64::from(PAGE_ROWS) }).into());
    }
    let (form, language) = files::asked(&request, query.format)?;
    let variant = format!("{form:?}-{language:?}");
    let tag = tag(viewer, app.ledger.tip(), &variant);
    let mut response = match answered_as(&request, &tag) {
        Err(unchanged) => *unchanged,
        Ok(mut response) => {
            let mut report = read(&app, kind, about, period, step, limit).await?;
            export::name_rows(&mut report, language);
            match form {
                Form::Json => response.json(report),
                Form::Csv | Form::Xlsx => {
                    let name = format!("{}-{}-{}", word(report.kind), report.from, report.to);
                    files::answer(response, Book::new(&report, language), &name, form, query.part).await?
                }
            }
        }
    };
    response.headers_mut().append(VARY, HeaderValue::from_static("accept, accept-language"));
    Ok(response)
}

async fn read(
    app: &Data<App>,
    kind: ReportKind,
    about: About,
    period: Period,
    step: ReportStep,
    limit: u32,
) -> Result<SalesReport, ApiError> {
    let About { subject, person, stores, partial, compare_until } = about;
    let figures = app.ledger.read_long(move |db| {
        let within = stores.as_deref().unwrap_or("[]");
        let mut figures = match (person, kind.rows()) {
            (Some(person), _) => reports::of_seller(db, person, stores.as_deref(), period, step)?,
            (None, ReportRows::Stores) => reports::by_store(db, within, period, step)?,
            (None, ReportRows::Sellers) => reports::by_seller(db, within, period, step)?,
            (None, ReportRows::Products) => goods_and_methods::by_product(db, within, period, step)?,
            (None, ReportRows::Methods) => goods_and_methods::by_method(db, within, period, step)?,
        };
        if let Some(hour) = compare_until {
            compared::compare(db, &mut figures.rows, kind.rows(), within, period, hour)?;
        }
        Ok(figures)
    });
    let Figures { mut rows, series, sum } = figures.await?;
    let rows_left_out = rows.len().saturating_sub(limit as usize) as i64;
    rows.truncate(limit as usize);
    Ok(SalesReport {
        kind,
        subject,
        from: period.from(),
        to: period.to(),
        partial,
        sales: sum.sales,
        total_cents: sum.total_cents,
        returns: sum.returns,
        returned_cents: sum.returned_cents,
        rows,
        rows_left_out,
        step,
        series,
        server_at: app.now(),
    })
}

/// In the names of files.
const fn word(kind: ReportKind) -> &'static str {
    match kind {
        ReportKind::BestSellers => "best-sellers",
        ReportKind::BestStores => "best-stores",
        ReportKind::Seller => "seller",
        ReportKind::Store => "store",
        ReportKind::Chain => "chain",
        ReportKind::BestProducts => "best-products",
        ReportKind::PaymentMethods => "payment-methods",
    }
}
