//! Sheets of products: taking one in, and handing out the one of the shop.
//!
//! Each row is a command of its own, and so done or refused by itself: of a thousand rows nine hundred good ones
//! count, and the others are told. Its id is made of the import's id and the row, so whoever sends the file again
//! under the same `Idempotency-Key` finds what was done.

use actix_web::dev::Payload as Stream;
use actix_web::http::header::{ACCEPT_LANGUAGE, CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::middleware::Compress;
use actix_web::web::{self, Bytes, Data, Query, ServiceConfig};
use actix_web::{FromRequest, HttpRequest, HttpResponse, get, post};
use futures_util::future::{LocalBoxFuture, join_all};
use rusqlite::Connection;
use serde::Deserialize;
use tillwatch_shared::CommandId;
use tillwatch_shared::api::{ImportOutcome, Product, ProductImport, Store};
use tillwatch_shared::limits::{IMPORT_BYTES, IMPORT_ROWS, PAGE_ROWS};
use tillwatch_shared::product_sheet::{self, Sheet, SheetRow};
use utoipa::IntoParams;

use super::error::Malformed;
use super::extract::{CommandKey, Manager};
use super::{ApiError, App, body};
use crate::domain::feeds::command_id;
use crate::import::{Planned, Planner, Seen, in_words, not_taken};
use crate::language::Language;
use crate::ledger::queries::viewer::Viewer;
use crate::ledger::queries::{Slice, products, stores};

/// Rows that wait for the ledger together. Between them the server looks whether somebody still wants the answer.
const TOGETHER: usize = 250;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ImportQuery {
    /// Only says what would come of it. So it is unless `false` is said.
    pub dry_run: Option<bool>,
    /// `next` of the piece before: as many rows of the file are left out.
    #[param(minimum = 0, maximum = 20_000)]
    pub after: Option<u64>,
    /// Rows of this piece; all of them if absent.
    #[param(minimum = 1, maximum = 20_000)]
    pub limit: Option<u64>,
    /// `sheet` of an answer before, in place of the file.
    pub sheet: Option<String>,
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(take_in).service(sheet);
}

/// A file, and who sent it. It is read before a caller is refused, so that the connection stays.
#[derive(Debug)]
pub struct Sent {
    body: Bytes,
    caller: Manager,
}

impl FromRequest for Sent {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Stream) -> Self::Future {
        let caller = Manager::from_request(request, &mut Stream::None);
        let mut payload = payload.take();
        Box::pin(async move {
            let body = body::read(&mut payload, IMPORT_BYTES).await;
            let caller = caller.await?;
            Ok(Self { body: body?, caller })
        })
    }
}

/// Takes in a CSV file of products: UTF-8, UTF-16 or Latin-1; semicolons, commas or tabs; decimal commas or points;
/// a first line that names the columns in Portuguese or English (`Código;Nome;Unidade;Preço;Mínimo;Ativo`). A row
/// is about the product with its code or, without one, with its name; blank cells change nothing. A row with a
/// first day (`De`), and a store (`Loja`) or none, is a price of a price list. Each row is done or refused by itself.
/// With `limit` the file is taken in by pieces: the same request again, with `next` as `after`, and with `sheet`
/// of the answer before in place of the body. A server that no longer has the sheet says `unknown_sheet`: the same
/// piece then goes with the whole file as its body.
#[utoipa::path(
    path = "/api/v1/products/import", tag = "products", params(ImportQuery),
    request_body(content = Vec<u8>, content_type = "text/csv"),
    responses((status = 200, body = ProductImport)), security(("bearer" = []))
)]
#[post("/products/import", wrap = "Compress::default()")]
pub async fn take_in(
    app: Data<App>,
    sent: Sent,
    key: CommandKey,
    query: Query<ImportQuery>,
    request: HttpRequest,
) -> Result<web::Json<ProductImport>, ApiError> {
    let Sent { body, caller } = sent;
    let language = language_of(&request);
    let owner = caller.0.id;
    let bytes = match query.sheet.as_deref().filter(|_| body.is_empty()) {
        Some(digest) => app.kept_sheets.find(owner, digest).ok_or(ApiError::UnknownSheet)?,
        None => body,
    };
    let file = bytes.clone();
    let read = web::block(move || product_sheet::read(&file)).await.map_err(|_| ApiError::Busy)?;
    let Sheet { encoding, separator, ignored_columns, rows } = read.map_err(ApiError::BadSheet)?;
    let piece = piece(&query, rows.len())?;
    let total = rows.len() as u64;
    let next = Some(piece.end as u64).filter(|next| *next < total);
    let dry_run = query.dry_run.unwrap_or(true);
    let stores = app.ledger.read(|db| stores::visible(db, &caller.0))?;
    let work = Work { app: &app, viewer: &caller.0, key: key.0, stores, language };
    let rows = if dry_run { work.looked_at(rows, piece).await? } else { work.done(rows, piece).await? };
    let rows = rows.into_iter().map(|planned| planned.row).collect();
    let (encoding, separator) = (encoding.to_owned(), separator.to_string());
    let mut kept = Some(app.kept_sheets.keep(owner, &bytes));
    if let Some(digest) = kept.take_if(|_| !dry_run && next.is_none()) {
        app.kept_sheets.forget(owner, &digest);
    }
    Ok(web::Json(ProductImport {
        dry_run,
        encoding,
        separator,
        ignored_columns,
        total,
        rows,
        next,
        sheet: kept,
    }))
}

/// The rows that are meant.
fn piece(query: &ImportQuery, rows: usize) -> Result<std::ops::Range<usize>, ApiError> {
    let bounded = |name: &str, value: Option<u64>, least: usize, usual: usize| match value
        .map(usize::try_from)
    {
        None => Ok(usual),
        Some(Ok(value)) if (least..=IMPORT_ROWS).contains(&value) => Ok(value),
        Some(_) => Err(ApiError::malformed(Malformed::Query, format!("{name}: {least} to {IMPORT_ROWS}"))),
    };
    let after = bounded("after", query.after, 0, 0)?.min(rows);
    let limit = bounded("limit", query.limit, 1, IMPORT_ROWS)?;
    Ok(after..(after + limit).min(rows))
}

/// An import that is under way.
struct Work<'a> {
    app: &'a App,
    viewer: &'a Viewer,
    key: CommandId,
    stores: Vec<Store>,
    language: Language,
}

impl Work<'_> {
    /// What would come of the piece. The rows before it are looked at too: what they add, it may name.
    async fn looked_at(
        &self,
        mut rows: Vec<SheetRow>,
        piece: std::ops::Range<usize>,
    ) -> Result<Vec<Planned>, ApiError> {
        rows.truncate(piece.end);
        let (mut planned, _) = self.planned(rows, false, Seen::default()).await?;
        Ok(planned.split_off(piece.start.min(planned.len())))
    }

    /// Does the piece.
    async fn done(
        &self,
        mut rows: Vec<SheetRow>,
        piece: std::ops::Range<usize>,
    ) -> Result<Vec<Planned>, ApiError> {
        rows.truncate(piece.end);
        let mut left = rows.split_off(piece.start.min(rows.len())).into_iter().peekable();
        let mut seen = self.passed(rows).await?;
        let mut all = Vec::with_capacity(piece.len());
        while left.peek().is_some() {
            let together: Vec<SheetRow> = left.by_ref().take(TOGETHER).collect();
            let (planned, now_seen) = self.planned(together, true, seen).await?;
            seen = now_seen;
            all.extend(self.submitted(planned).await?);
        }
        Ok(all)
    }

    /// What rows that are done were about.
    async fn passed(&self, rows: Vec<SheetRow>) -> Result<Seen, ApiError> {
        let language = self.language;
        let pass = move |db: &Connection| {
            let mut planner = Planner::new(db, &[], language, false, Seen::default());
            rows.iter().try_for_each(|row| planner.pass(row))?;
            Ok(planner.into_seen())
        };
        Ok(self.app.ledger.read_long(pass).await?)
    }

    async fn planned(
        &self,
        rows: Vec<SheetRow>,
        done_counts: bool,
        seen: Seen,
    ) -> Result<(Vec<Planned>, Seen), ApiError> {
        let (stores, language, key) = (self.stores.clone(), self.language, self.key);
        let plan = move |db: &Connection| {
            let mut planner = Planner::new(db, &stores, language, done_counts, seen);
            let planned = rows.iter().map(|row| planner.plan(row, row_id(key, row)));
            let planned = planned.collect::<rusqlite::Result<Vec<_>>>()?;
            Ok((planned, planner.into_seen()))
        };
        Ok(self.app.ledger.read_long(plan).await?)
    }

    /// Hands the commands to the ledger, in their order, and waits for all of them.
    async fn submitted(&self, mut planned: Vec<Planned>) -> Result<Vec<Planned>, ApiError> {
        let commands = planned.iter_mut().filter_map(|one| Some((one.command.take()?, one)));
        let outcomes = join_all(commands.map(|((id, payload), one)| async move {
            let outcome = self.app.command(self.viewer, CommandKey(id), payload).await;
            (outcome, one)
        }))
        .await;
        for (outcome, one) in outcomes {
            match outcome {
                Ok(_) => {}
                Err(ApiError::Rejected(rejection)) => {
                    one.row.outcome = ImportOutcome::Refused;
                    one.row.changes.clear();
                    one.row.faults.push(in_words(not_taken(rejection, self.language), self.language));
                }
                Err(other) => return Err(other),
            }
        }
        Ok(planned)
    }
}

/// The id of what is done for a row.
fn row_id(import: CommandId, row: &SheetRow) -> CommandId {
    command_id(&[b"import", import.0.as_bytes(), &row.line.to_le_bytes(), row.content.as_bytes()])
}

/// The shop's products and prices as a CSV file that can be taken in again: with semicolons, decimal commas, and
/// the price lists of the caller's stores.
#[utoipa::path(
    path = "/api/v1/products/sheet", tag = "products",
    responses((status = 200, content_type = "text/csv", body = String)), security(("bearer" = []))
)]
#[get("/products/sheet", wrap = "Compress::default()")]
pub async fn sheet(app: Data<App>, caller: Manager, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let language = language_of(&request);
    let viewer = caller.0;
    let bytes = app.ledger.read_long(move |db| {
        let stores = stores::visible(db, &viewer)?;
        Ok(product_sheet::write(&all_products(db)?, &stores, language.picker()))
    });
    let bytes = bytes.await?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"tillwatch-products.csv\""))
        .body(bytes))
}

fn all_products(db: &Connection) -> rusqlite::Result<Vec<Product>> {
    let mut all = Vec::new();
    let mut slice = Slice { after: None, limit: PAGE_ROWS, newest_first: false };
    loop {
        let page = products::list(db, None, slice)?;
        all.extend(page.items);
        slice.after = page.next;
        if slice.after.is_none() {
            return Ok(all);
        }
    }
}

fn language_of(request: &HttpRequest) -> Language {
    let header = request.headers().get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    Language::of(header)
}
