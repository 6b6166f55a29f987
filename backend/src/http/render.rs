//! Writes errors in the shape of the route that was asked: problem+json, `mensagem` for the fixed
//! inventory routes, `detail` for the fixed sensor route.

use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT_LANGUAGE, ALLOW, CONTENT_TYPE, RETRY_AFTER};
use actix_web::middleware::Next;
use actix_web::{Error, HttpRequest, HttpResponse};
use serde_json::json;
use tillwatch_shared::api::Problem;

use super::ApiError;
use super::error::{Malformed, Row};
use crate::language::Language;

/// Which family of routes a path belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Problem,
    Mensagem,
    Detail,
}

impl Shape {
    fn of(path: &str) -> Self {
        match path {
            "/registrar_usuario_app" | "/login" | "/produtos" | "/inventario" => Self::Mensagem,
            "/api/temperature_reading" => Self::Detail,
            _ => Self::Problem,
        }
    }
}

/// Middleware around everything: turns errors into bodies.
pub async fn errors<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, Error> {
    let response = match next.call(request).await {
        Ok(response) => response,
        // Errors of the server library itself, such as a head that is too large.
        Err(error) => return Err(error),
    };
    let Some(error) = error_of(&response) else { return Ok(response.map_into_left_body()) };
    let (request, _) = response.into_parts();
    let written = write(&error, &request);
    Ok(ServiceResponse::new(request, written).map_into_right_body())
}

fn error_of<B>(response: &ServiceResponse<B>) -> Option<ApiError> {
    let status = response.status();
    if let Some(error) = response.response().error() {
        let known = error.as_error::<ApiError>().cloned();
        return Some(known.unwrap_or_else(|| match status {
            StatusCode::PAYLOAD_TOO_LARGE => {
                ApiError::BodyTooLarge { limit: tillwatch_shared::limits::BODY_BYTES }
            }
            status if status.is_client_error() => ApiError::malformed(Malformed::Body, error),
            _ => {
                tracing::error!(%error, "a request failed");
                ApiError::Internal
            }
        }));
    }
    let allow = || super::docs::methods_of(response.request().path());
    (status == StatusCode::METHOD_NOT_ALLOWED).then(|| ApiError::MethodNotAllowed { allow: allow() })
}

fn write(error: &ApiError, request: &HttpRequest) -> HttpResponse {
    let shape = Shape::of(request.path());
    let row = error.row();
    let status = match (shape, error) {
        // The sensor route answers 422 to any body that it cannot use.
        (Shape::Detail, ApiError::Malformed { .. }) => StatusCode::UNPROCESSABLE_ENTITY,
        _ => row.status,
    };
    let mut response = HttpResponse::build(status);
    if let Some(seconds) = row.retry_after {
        response.insert_header((RETRY_AFTER, seconds.to_string()));
    }
    if let ApiError::MethodNotAllowed { allow } = error {
        response.insert_header((ALLOW, allow.as_str()));
    }
    if status == StatusCode::UNAUTHORIZED && shape != Shape::Detail {
        response.insert_header(("www-authenticate", "Bearer"));
    }
    let header = request.headers().get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    match shape {
        Shape::Problem => {
            response.insert_header((CONTENT_TYPE, "application/problem+json"));
            response.json(problem(&row, status, Language::of(header)))
        }
        Shape::Mensagem => {
            let text = row.text(Language::Portuguese);
            let (title, detail) = (text.title, text.detail());
            let message = if detail == title { title.to_owned() } else { format!("{title}: {detail}") };
            response.json(json!({ "mensagem": message }))
        }
        Shape::Detail => response.json(json!({ "detail": row.text(Language::of(header)).detail() })),
    }
}

fn problem(row: &Row, status: StatusCode, language: Language) -> Problem {
    let text = row.text(language);
    Problem {
        kind: format!("/problems/{}", row.code),
        title: text.title.to_owned(),
        status: status.as_u16(),
        code: row.code.to_owned(),
        detail: text.detail().to_owned(),
        hint: text.hint.to_owned(),
        field: row.field.as_deref().map(str::to_owned),
    }
}
