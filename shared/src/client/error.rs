//! What can go wrong between a program and the server, with a text for the person at the window.

use std::path::PathBuf;

use crate::api::Problem;

/// The languages that the programs speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    #[default]
    Portuguese,
    English,
}

impl Language {
    /// As it goes into `Accept-Language`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Portuguese => "pt-BR",
            Self::English => "en",
        }
    }
}

/// Why a [`super::Client`] could not be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OptionsError {
    #[error("no server address")]
    NoServer,
    #[error("not a server address like http://192.168.0.10:8080: {0}")]
    Address(String),
    #[error("{}: no authorities to trust: {reason}", path.display())]
    Authorities { path: PathBuf, reason: String },
    #[error("the HTTP client cannot start: {0}")]
    Start(String),
}

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ClientError {
    /// No server took the connection, so nothing was sent.
    #[error("the server cannot be reached")]
    Unreachable,
    /// The request went out, and no answer came in time.
    #[error("the server did not answer in time")]
    TimedOut,
    /// The connection broke after the request went out.
    #[error("the connection broke before the answer came")]
    Interrupted,
    /// The server said no; the second part is how many seconds to wait before trying again.
    #[error("{}", .0.detail)]
    Problem(Box<Problem>, Option<u32>),
    /// The answer is not what this program understands.
    #[error("the server's answer makes no sense: {0}")]
    BadAnswer(String),
}

impl ClientError {
    /// The session that a request wanted to use is over.
    pub(super) fn session_ended(language: Language) -> Self {
        let (title, detail, hint) = match language {
            Language::Portuguese => ("Sessão encerrada", "A sessão foi encerrada.", "Entre de novo."),
            Language::English => ("Session ended", "The session has ended.", "Sign in again."),
        };
        let problem = Problem {
            kind: "/problems/session_ended".into(),
            title: title.into(),
            status: 401,
            code: "session_ended".into(),
            detail: detail.into(),
            hint: hint.into(),
            field: None,
        };
        Self::Problem(Box::new(problem), None)
    }

    /// The command may or may not have happened: ask again with the same id.
    pub fn outcome_unknown(&self) -> bool {
        match self {
            Self::Unreachable => false,
            Self::TimedOut | Self::Interrupted | Self::BadAnswer(_) => true,
            Self::Problem(problem, _) => {
                matches!(problem.status, 500 | 502 | 504) || problem.code == "outcome_unknown"
            }
        }
    }

    /// The server answers, but cannot do its work now: another one of its group may.
    pub(super) fn turned_away(&self) -> bool {
        match self {
            Self::Unreachable | Self::TimedOut | Self::Interrupted | Self::BadAnswer(_) => false,
            Self::Problem(problem, _) => {
                let of_a_proxy = matches!(problem.status, 502 | 504) || problem.code == "http_503";
                of_a_proxy
                    || ["no_coordinator", "outcome_unknown", "behind", "differs"]
                        .contains(&problem.code.as_str())
            }
        }
    }

    /// Worth trying again later without any change: the server is away or busy.
    pub const fn is_temporary(&self) -> bool {
        match self {
            Self::Unreachable | Self::TimedOut | Self::Interrupted => true,
            Self::BadAnswer(_) => false,
            Self::Problem(problem, _) => problem.status >= 500 || matches!(problem.status, 408 | 429),
        }
    }

    /// Nobody is signed in, or not any more.
    pub const fn needs_sign_in(&self) -> bool {
        matches!(self, Self::Problem(problem, _) if problem.status == 401)
    }

    /// The stable code of the server's problem, if it is one.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Problem(problem, _) => Some(&problem.code),
            Self::Unreachable | Self::TimedOut | Self::Interrupted | Self::BadAnswer(_) => None,
        }
    }

    pub const fn retry_after_seconds(&self) -> Option<u32> {
        match self {
            Self::Problem(_, seconds) => *seconds,
            Self::Unreachable | Self::TimedOut | Self::Interrupted | Self::BadAnswer(_) => None,
        }
    }

    /// What happened and what to do about it. A problem's own text is in the language of the request.
    pub fn text(&self, language: Language) -> String {
        let portuguese = language == Language::Portuguese;
        match self {
            Self::Unreachable if portuguese => {
                "O servidor não responde. Confira o endereço e a rede; tentaremos de novo.".into()
            }
            Self::Unreachable => {
                "The server cannot be reached. Check the address and the network; we keep trying.".into()
            }
            Self::TimedOut if portuguese => {
                "O servidor demorou demais para responder. Tente de novo: nada é contado duas vezes.".into()
            }
            Self::TimedOut => {
                "The server took too long to answer. Try again: nothing is counted twice.".into()
            }
            Self::Interrupted if portuguese => {
                "A conexão caiu antes da resposta. Tente de novo: nada é contado duas vezes.".into()
            }
            Self::Interrupted => {
                "The connection broke before the answer. Try again: nothing is counted twice.".into()
            }
            Self::BadAnswer(_) if portuguese => {
                "O endereço respondeu algo que não é deste sistema. Confira o endereço e as versões.".into()
            }
            Self::BadAnswer(_) => {
                "What answers at this address is not this system. Check the address and the versions.".into()
            }
            Self::Problem(problem, _) if problem.hint.is_empty() => problem.detail.clone(),
            Self::Problem(problem, _) => format!("{} {}", problem.detail, problem.hint),
        }
    }
}
