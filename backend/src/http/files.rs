//! Answers that are files for spreadsheets: in which form and language they are wanted, and writing them.

use actix_web::http::header::{ACCEPT, ACCEPT_LANGUAGE, CONTENT_DISPOSITION, CONTENT_TYPE, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use serde::{Deserialize, Serialize};

use super::ApiError;
use super::error::Malformed;
use crate::export::{self, Book};
use crate::language::Language;

const CSV: &str = "text/csv";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    #[default]
    Json,
    Csv,
    Xlsx,
}

/// What a CSV file holds; an XLSX file holds both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    #[default]
    Rows,
    Series,
}

/// In which form and language an answer is wanted: as the query says, else as the headers say.
pub fn asked(request: &HttpRequest, form: Option<Form>) -> Result<(Form, Language), ApiError> {
    let header = |name| request.headers().get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let form = form.map_or_else(|| accepted(header(ACCEPT)), Ok)?;
    Ok((form, Language::of(header(ACCEPT_LANGUAGE))))
}

/// The form that an `Accept` header asks for; JSON where anything will do.
fn accepted(header: Option<&str>) -> Result<Form, ApiError> {
    let Some(header) = header else { return Ok(Form::Json) };
    let forms = header.split(',').filter_map(|range| {
        match range.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
            "*/*" | "application/*" | "application/json" => Some(Form::Json),
            CSV | "text/*" => Some(Form::Csv),
            XLSX => Some(Form::Xlsx),
            _ => None,
        }
    });
    let mut forms = forms.peekable();
    let first = forms.peek().copied();
    first.ok_or_else(|| ApiError::malformed(Malformed::Header, "accept: application/json, text/csv or XLSX"))
}

/// Answers with the book as a file of this name, which has no more than letters, digits and hyphens.
pub async fn answer(
    mut response: HttpResponseBuilder,
    book: Book,
    name: &str,
    form: Form,
    part: Part,
) -> Result<HttpResponse, ApiError> {
    let (media, end) = if form == Form::Xlsx { (XLSX, "xlsx") } else { ("text/csv; charset=utf-8", "csv") };
    // Packing the sheets takes longer than a thread that serves connections may be held.
    let written = actix_web::rt::task::spawn_blocking(move || match (form, part) {
        (Form::Xlsx, _) => export::to_xlsx(&book),
        (Form::Csv | Form::Json, Part::Rows) => Ok(export::to_csv(&book.rows, book.language)),
        (Form::Csv | Form::Json, Part::Series) => Ok(export::to_csv(&book.series, book.language)),
    });
    let bytes = written.await.map_err(|_| ApiError::Internal)?.map_err(|error| {
        tracing::error!(%error, "a file could not be written");
        ApiError::Internal
    })?;
    response.insert_header((CONTENT_TYPE, media));
    response.insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"tillwatch-{name}.{end}\"")));
    Ok(response.body(bytes))
}
