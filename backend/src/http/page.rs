//! The page at `/` and its files under `/web/`, embedded in the binary. It fetches nothing from elsewhere, and
//! its policy lets nothing else in.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use actix_web::middleware::Compress;
use actix_web::web::{self, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};

use super::ApiError;

/// Scripts, styles, pictures and connections of this server only; nothing written into the page itself.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

struct File {
    name: &'static str,
    kind: &'static str,
    text: &'static str,
}

macro_rules! files {
    ($($name:literal: $kind:expr),* $(,)?) => {
        [$(File { name: $name, kind: $kind, text: include_str!(concat!("../web/", $name)) }),*]
    };
}

const INDEX: File = File { name: "index.html", kind: HTML, text: include_str!("../web/index.html") };
const FILES: [File; 12] = files![
    "style.css": "text/css; charset=utf-8",
    "icon.svg": "image/svg+xml",
    "app.js": SCRIPT,
    "api.js": SCRIPT,
    "chart.js": SCRIPT,
    "door.js": SCRIPT,
    "filter.js": SCRIPT,
    "page.js": SCRIPT,
    "pulse.js": SCRIPT,
    "sales.js": SCRIPT,
    "sensors.js": SCRIPT,
    "texts.js": SCRIPT,
];

pub fn routes(config: &mut ServiceConfig) {
    config.service(web::resource("/").wrap(Compress::default()).route(web::get().to(index)));
    config.service(web::resource("/web/{name}").wrap(Compress::default()).route(web::get().to(file)));
}

async fn index(request: HttpRequest) -> HttpResponse {
    serve(&INDEX, &request)
}

async fn file(name: Path<String>, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let found = FILES.iter().find(|file| file.name == name.as_str());
    found.map(|file| serve(file, &request)).ok_or(ApiError::NoSuchRoute)
}

/// Browsers keep a file, and ask each time whether it is still the same: a new server has a new page.
fn serve(file: &File, request: &HttpRequest) -> HttpResponse {
    let tag = format!("\"{:.32}\"", blake3::hash(file.text.as_bytes()).to_hex());
    let known = request.headers().get(IF_NONE_MATCH).is_some_and(|seen| seen.as_bytes() == tag.as_bytes());
    let mut answer = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer
        .insert_header((CONTENT_TYPE, file.kind))
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .insert_header((ETAG, tag));
    if known { answer.finish() } else { answer.body(file.text) }
}
