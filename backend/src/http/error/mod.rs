//! Every error a client can get. What is told about each is in `table`; how it is written (problem+json, or
//! the shapes of the fixed routes) is decided in [`super::render`].

mod rejections;
mod returns;
mod row;
mod table;

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, ResponseError};

pub use self::row::{Row, Text};
use super::docs;
use crate::auth::passwords::PasswordError;
use crate::domain::Rejection;
use crate::domain::rejection::Noun;
use crate::ledger::SubmitError;
use crate::pulse::PulseError;
use crate::telemetry::{SeriesError, StoreError};
use tillwatch_shared::api::SheetProblem;

#[derive(Clone, Debug)]
pub enum ApiError {
    Rejected(Rejection),
    /// The body, query, path or a header is not what the route takes.
    Malformed {
        what: Malformed,
        detail: String,
    },
    BodyTooLarge {
        limit: usize,
    },
    BodyTooSlow,
    NotSignedIn,
    TokenExpired,
    WrongCredentials,
    TooManyAttempts {
        seconds: u32,
    },
    RegistrationClosed,
    WrongSetupCode,
    BadKey,
    KeyNotForSensor,
    BadTillKey,
    NoSuchRoute,
    MethodNotAllowed {
        allow: String,
    },
    Series(SeriesError),
    BadReading {
        detail: &'static str,
    },
    /// A file that is no sheet of products.
    BadSheet(SheetProblem),
    /// The sheet of an import is no longer kept.
    UnknownSheet,
    /// No more terminals are taken.
    TooManyTerminals,
    /// A terminal that is connected is not forgotten.
    TerminalConnected,
    /// One backup at a time.
    BackupUnderWay,
    Busy,
    Unavailable,
    /// No server of the group coordinates.
    NoCoordinator,
    /// This server of the group does not know yet what is asked.
    OlderMember(u64),
    /// The group has not said in time whether a command was applied.
    OutcomeUnknown,
    /// This server's ledger is another one than that of the others of its group.
    Differs,
    /// The caller has seen more of the ledger than this server has.
    Behind,
    Internal,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    Body,
    Query,
    Path,
    Header,
}

impl ApiError {
    pub fn malformed(what: Malformed, detail: impl fmt::Display) -> Self {
        Self::Malformed { what, detail: detail.to_string() }
    }

    pub fn path(error: &actix_web::error::PathError) -> Self {
        Self::malformed(Malformed::Path, error)
    }

    pub fn query(error: &actix_web::error::QueryPayloadError) -> Self {
        Self::malformed(Malformed::Query, error)
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = self.row();
        write!(f, "{} ({})", row.code, row.status.as_u16())
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.row().status
    }

    /// Bare; [`super::render`] writes the body, in the language and shape of the request.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}

impl From<Rejection> for ApiError {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

impl From<SubmitError> for ApiError {
    fn from(error: SubmitError) -> Self {
        match error {
            SubmitError::Rejected(rejection) => Self::Rejected(rejection),
            SubmitError::Busy | SubmitError::Closed => Self::Busy,
            SubmitError::Unavailable(_) | SubmitError::Refused => Self::Unavailable,
            SubmitError::NoCoordinator => Self::NoCoordinator,
            SubmitError::OlderMember(member) => Self::OlderMember(member),
            SubmitError::Unknown => Self::OutcomeUnknown,
        }
    }
}

impl From<rusqlite::Error> for ApiError {
    fn from(error: rusqlite::Error) -> Self {
        tracing::error!(%error, "the ledger cannot be read");
        Self::Internal
    }
}

impl From<PasswordError> for ApiError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy => Self::Busy,
            PasswordError::Failed => Self::Internal,
        }
    }
}

impl From<PulseError> for ApiError {
    fn from(error: PulseError) -> Self {
        match error {
            PulseError::TooManyTerminals => Self::TooManyTerminals,
            PulseError::Busy | PulseError::TakenOver => Self::Busy,
            PulseError::Unavailable => Self::Unavailable,
            PulseError::UnknownTerminal => Rejection::Unknown(Noun::Terminal).into(),
            PulseError::Connected => Self::TerminalConnected,
        }
    }
}

impl From<SeriesError> for ApiError {
    fn from(error: SeriesError) -> Self {
        Self::Series(error)
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy | StoreError::Closed => Self::Busy,
            StoreError::Unavailable => Self::Unavailable,
            StoreError::NoCoordinator => Self::NoCoordinator,
            StoreError::Unknown => Self::OutcomeUnknown,
            StoreError::Invalid => {
                Self::BadReading { detail: "sensor id, time or a value is not acceptable" }
            }
            StoreError::TooManySensors => Self::BadReading { detail: "too many different sensors" },
            StoreError::Batch => Self::BadReading { detail: "the batch has too many rows or sensors" },
        }
    }
}

/// What no route took: an address that does not exist, or one that does not take this method.
pub async fn no_such_route(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let allow = docs::methods_of(request.path());
    if allow.is_empty() { Err(ApiError::NoSuchRoute) } else { Err(ApiError::MethodNotAllowed { allow }) }
}
