//! Every error a client can get: one table of code, status and texts in both languages. How it is written
//! (problem+json, or the shapes of the fixed routes) is decided in [`super::render`].

use std::borrow::Cow;
use std::fmt;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use tillwatch_shared::Cents;

use super::docs;
use crate::auth::passwords::PasswordError;
use crate::domain::Rejection;
use crate::domain::rejection::{Invalid, Noun, Taken};
use crate::ledger::SubmitError;
use crate::pulse::PulseError;
use crate::telemetry::{SeriesError, StoreError};

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
    NoSuchRoute,
    MethodNotAllowed {
        allow: String,
    },
    Series(SeriesError),
    BadReading {
        detail: &'static str,
    },
    /// No more terminals are taken.
    TooManyTerminals,
    Busy,
    Unavailable,
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

/// An error in one language.
#[derive(Debug)]
pub struct Text {
    pub title: &'static str,
    pub detail: String,
    pub hint: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    Portuguese,
    English,
}

impl Language {
    /// The first language of `Accept-Language` that we speak; Portuguese if none is.
    pub fn of(header: Option<&str>) -> Self {
        let english = header.unwrap_or_default().split(',').find_map(|range| {
            let tag = range.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
            match tag.get(..2) {
                Some("pt") => Some(false),
                Some("en") => Some(true),
                Some(_) | None => None,
            }
        });
        if english == Some(true) { Self::English } else { Self::Portuguese }
    }

    pub const fn pick(self, pt: &'static str, en: &'static str) -> &'static str {
        match self {
            Self::Portuguese => pt,
            Self::English => en,
        }
    }
}

/// One row of the table: status, stable code, title and hint in both languages.
struct Row(StatusCode, &'static str, [&'static str; 2], [&'static str; 2]);

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

    pub fn status(&self) -> StatusCode {
        self.row().0
    }

    pub fn code(&self) -> &'static str {
        self.row().1
    }

    /// Seconds after which the caller may try again.
    pub const fn retry_after(&self) -> Option<u32> {
        match self {
            Self::TooManyAttempts { seconds } => Some(*seconds),
            Self::Busy | Self::Behind => Some(1),
            Self::Unavailable => Some(5),
            Self::Rejected(_)
            | Self::Malformed { .. }
            | Self::BodyTooLarge { .. }
            | Self::BodyTooSlow
            | Self::NotSignedIn
            | Self::TokenExpired
            | Self::WrongCredentials
            | Self::RegistrationClosed
            | Self::WrongSetupCode
            | Self::BadKey
            | Self::KeyNotForSensor
            | Self::NoSuchRoute
            | Self::MethodNotAllowed { .. }
            | Self::Series(_)
            | Self::BadReading { .. }
            | Self::TooManyTerminals
            | Self::Internal => None,
        }
    }

    /// The field of the request that is wrong.
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::Rejected(Rejection::Invalid { field, .. }) => Some(field),
            Self::Rejected(Rejection::Taken(what)) => Some(match what {
                Taken::Name => "name",
                Taken::Code => "code",
                Taken::Username => "username",
                Taken::Cpf => "cpf",
                Taken::Cnpj => "cnpj",
            }),
            Self::Rejected(_)
            | Self::Malformed { .. }
            | Self::BodyTooLarge { .. }
            | Self::BodyTooSlow
            | Self::NotSignedIn
            | Self::TokenExpired
            | Self::WrongCredentials
            | Self::TooManyAttempts { .. }
            | Self::RegistrationClosed
            | Self::WrongSetupCode
            | Self::BadKey
            | Self::KeyNotForSensor
            | Self::NoSuchRoute
            | Self::MethodNotAllowed { .. }
            | Self::Series(_)
            | Self::BadReading { .. }
            | Self::TooManyTerminals
            | Self::Busy
            | Self::Unavailable
            | Self::Behind
            | Self::Internal => None,
        }
    }

    pub fn text(&self, language: Language) -> Text {
        let Row(_, _, [title_pt, title_en], [hint_pt, hint_en]) = self.row();
        let title = language.pick(title_pt, title_en);
        let detail = self.detail(language).unwrap_or(Cow::Borrowed(title)).into_owned();
        Text { title, detail, hint: language.pick(hint_pt, hint_en) }
    }

    #[expect(clippy::too_many_lines, reason = "it is the table")]
    fn row(&self) -> Row {
        use StatusCode as S;
        match self {
            Self::Rejected(rejection) => rejection_row(rejection),
            Self::Malformed { .. } => Row(
                S::BAD_REQUEST,
                "malformed_request",
                ["O pedido não pode ser lido", "The request cannot be read"],
                [
                    "Confira o pedido com a documentação em /swagger-ui/.",
                    "Compare the request with the documentation at /swagger-ui/.",
                ],
            ),
            Self::BodyTooLarge { .. } => Row(
                S::PAYLOAD_TOO_LARGE,
                "body_too_large",
                ["O pedido é grande demais", "The request is too large"],
                ["Divida o pedido em partes menores.", "Split the request into smaller parts."],
            ),
            Self::BodyTooSlow => Row(
                S::REQUEST_TIMEOUT,
                "body_too_slow",
                ["O pedido demorou demais para chegar", "The request took too long to arrive"],
                ["Confira a rede e envie de novo.", "Check the network and send it again."],
            ),
            Self::NotSignedIn => Row(
                S::UNAUTHORIZED,
                "not_signed_in",
                ["É preciso entrar", "You need to sign in"],
                ["Entre com seu usuário e sua senha.", "Sign in with your user name and password."],
            ),
            Self::TokenExpired => Row(
                S::UNAUTHORIZED,
                "token_expired",
                ["A sessão precisa ser renovada", "The session needs to be renewed"],
                ["Renove a sessão ou entre de novo.", "Refresh the session or sign in again."],
            ),
            Self::WrongCredentials => Row(
                S::UNAUTHORIZED,
                "wrong_credentials",
                ["Usuário ou senha incorretos", "Wrong user name or password"],
                ["Confira o usuário (ou CPF) e a senha.", "Check the user name (or CPF) and the password."],
            ),
            Self::TooManyAttempts { .. } => Row(
                S::TOO_MANY_REQUESTS,
                "too_many_attempts",
                ["Tentativas demais", "Too many attempts"],
                ["Espere um pouco e tente de novo.", "Wait a moment and try again."],
            ),
            Self::RegistrationClosed => Row(
                S::FORBIDDEN,
                "registration_closed",
                [
                    "O cadastro está fechado; um gerente ou administrador pode cadastrar você",
                    "Registration is closed; a manager or admin can add you",
                ],
                ["Peça a um gerente ou administrador.", "Ask a manager or an admin."],
            ),
            Self::WrongSetupCode => Row(
                S::FORBIDDEN,
                "wrong_setup_code",
                ["O código de instalação não confere", "The set-up code is wrong"],
                [
                    "Use o código que o servidor mostrou ao iniciar.",
                    "Use the code that the server showed when it started.",
                ],
            ),
            Self::BadKey => Row(
                S::UNAUTHORIZED,
                "bad_api_key",
                ["A chave de API falta, não existe ou venceu", "The API key is missing, unknown or expired"],
                ["Envie uma chave válida em X-API-Key.", "Send a good key in X-API-Key."],
            ),
            Self::KeyNotForSensor => Row(
                S::FORBIDDEN,
                "key_not_for_sensor",
                ["A chave não vale para este sensor", "The key is not for this sensor"],
                ["Use a chave deste sensor ou amplie a chave.", "Use this sensor's key, or widen the key."],
            ),
            Self::NoSuchRoute => Row(
                S::NOT_FOUND,
                "no_such_route",
                ["Este endereço não existe", "This address does not exist"],
                ["Veja os endereços em /swagger-ui/.", "See the addresses at /swagger-ui/."],
            ),
            Self::MethodNotAllowed { .. } => Row(
                S::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                ["Este endereço não aceita este método", "This address does not take this method"],
                ["Veja os métodos em /swagger-ui/.", "See the methods at /swagger-ui/."],
            ),
            Self::Series(SeriesError::Busy) | Self::Busy => Row(
                S::SERVICE_UNAVAILABLE,
                "busy",
                ["O servidor está ocupado", "The server is busy"],
                [
                    "Nada foi perdido: envie o mesmo pedido de novo daqui a pouco.",
                    "Nothing was lost: send the same request again in a moment.",
                ],
            ),
            Self::Series(SeriesError::Unavailable(_)) | Self::Unavailable => Row(
                S::SERVICE_UNAVAILABLE,
                "storage_unavailable",
                ["O servidor não consegue gravar agora", "The server cannot write now"],
                [
                    "Confira o espaço em disco do servidor e envie o mesmo pedido de novo.",
                    "Check the server's disk space and send the same request again.",
                ],
            ),
            Self::Series(SeriesError::Away(_)) => Row(
                S::SERVICE_UNAVAILABLE,
                "readings_database_away",
                ["O banco de dados das leituras está fora do ar", "The database of the readings is away"],
                [
                    "As leituras continuam a ser guardadas; os gráficos voltam com o banco de dados.",
                    "Readings are still being kept; charts come back with the database.",
                ],
            ),
            Self::Series(
                SeriesError::Range | SeriesError::Points | SeriesError::Step | SeriesError::Sensors,
            ) => Row(
                S::BAD_REQUEST,
                "bad_series_request",
                [
                    "O período ou o número de pontos não é aceito",
                    "The range or the number of points is not acceptable",
                ],
                ["Peça um período menor ou menos pontos.", "Ask for a shorter range or fewer points."],
            ),
            Self::BadReading { .. } => Row(
                S::UNPROCESSABLE_ENTITY,
                "bad_reading",
                ["A leitura não é aceita", "The reading is not acceptable"],
                [
                    "Envie temperatura, umidade e pressão como números e o identificador do sensor.",
                    "Send temperature, humidity and pressure as numbers, and the sensor's id.",
                ],
            ),
            Self::TooManyTerminals => Row(
                S::SERVICE_UNAVAILABLE,
                "too_many_terminals",
                ["Há terminais demais", "There are too many terminals"],
                [
                    "Use o nome de um terminal que já existe.",
                    "Use the name of a terminal that exists already.",
                ],
            ),
            Self::Behind => Row(
                S::SERVICE_UNAVAILABLE,
                "behind",
                [
                    "O servidor ainda não tem o que você já viu",
                    "The server does not yet have what you have seen",
                ],
                ["Tente de novo daqui a pouco.", "Try again in a moment."],
            ),
            Self::Internal => Row(
                S::INTERNAL_SERVER_ERROR,
                "internal",
                ["Algo deu errado no servidor", "Something went wrong in the server"],
                [
                    "Tente de novo; se continuar, veja o registro do servidor.",
                    "Try again; if it stays, see the server's log.",
                ],
            ),
        }
    }

    fn detail(&self, language: Language) -> Option<Cow<'static, str>> {
        match self {
            Self::Rejected(rejection) => rejection_detail(rejection, language),
            Self::Malformed { detail, .. } => Some(Cow::Owned(detail.clone())),
            Self::BodyTooLarge { limit } => Some(Cow::Owned(match language {
                Language::Portuguese => format!("O limite é de {} kB.", limit / 1024),
                Language::English => format!("The limit is {} kB.", limit / 1024),
            })),
            Self::TooManyAttempts { seconds } => Some(Cow::Owned(match language {
                Language::Portuguese => format!("Espere {seconds} s."),
                Language::English => format!("Wait {seconds} s."),
            })),
            Self::Series(error) => Some(Cow::Owned(error.to_string())),
            Self::BadReading { detail } => Some(Cow::Borrowed(detail)),
            Self::BodyTooSlow
            | Self::NotSignedIn
            | Self::TokenExpired
            | Self::WrongCredentials
            | Self::RegistrationClosed
            | Self::WrongSetupCode
            | Self::BadKey
            | Self::KeyNotForSensor
            | Self::NoSuchRoute
            | Self::MethodNotAllowed { .. }
            | Self::TooManyTerminals
            | Self::Busy
            | Self::Unavailable
            | Self::Behind
            | Self::Internal => None,
        }
    }
}

fn rejection_row(rejection: &Rejection) -> Row {
    use StatusCode as S;
    match rejection {
        Rejection::Invalid { .. } => Row(
            S::BAD_REQUEST,
            "invalid_value",
            ["Um valor não é aceito", "A value is not acceptable"],
            ["Corrija o campo indicado.", "Mend the field that is named."],
        ),
        Rejection::Taken(what) => taken_row(*what),
        Rejection::Unknown(noun) => unknown_row(*noun),
        Rejection::RoleNotAllowed => Row(
            S::FORBIDDEN,
            "role_not_allowed",
            ["Seu perfil não permite isto", "Your role does not allow this"],
            ["Peça a um gerente ou administrador.", "Ask a manager or an admin."],
        ),
        Rejection::StoreNotAllowed => Row(
            S::FORBIDDEN,
            "store_not_allowed",
            ["Você não trabalha nesta loja", "You do not work in this store"],
            ["Escolha uma das suas lojas.", "Choose one of your stores."],
        ),
        Rejection::PersonInactive => Row(
            S::UNAUTHORIZED,
            "person_inactive",
            ["Seu acesso foi desativado", "Your access was stopped"],
            ["Fale com um gerente ou administrador.", "Talk to a manager or an admin."],
        ),
        Rejection::SessionEnded => Row(
            S::UNAUTHORIZED,
            "session_ended",
            ["A sessão terminou", "The session has ended"],
            ["Entre de novo.", "Sign in again."],
        ),
        Rejection::TokenReused => Row(
            S::UNAUTHORIZED,
            "token_reused",
            ["A sessão foi encerrada por segurança", "The session was ended for safety"],
            [
                "Entre de novo e, se não foi você, troque a senha.",
                "Sign in again and, if it was not you, change the password.",
            ],
        ),
        Rejection::CommandIdReused => Row(
            S::CONFLICT,
            "command_id_reused",
            [
                "A chave Idempotency-Key já foi usada para outro pedido",
                "The Idempotency-Key was used for another request",
            ],
            ["Use uma chave nova para um pedido novo.", "Use a new key for a new request."],
        ),
        Rejection::TotalMismatch { .. } => Row(
            S::BAD_REQUEST,
            "total_mismatch",
            ["O total não é a soma dos itens", "The total is not the sum of the lines"],
            ["Some os itens de novo.", "Add up the lines again."],
        ),
        Rejection::Underpaid { .. } => Row(
            S::BAD_REQUEST,
            "underpaid",
            ["O pagamento não cobre o total", "The payment does not cover the total"],
            ["Receba o que falta.", "Take what is missing."],
        ),
        Rejection::ChangeNotFromCash => Row(
            S::BAD_REQUEST,
            "change_not_from_cash",
            ["O troco só sai do dinheiro", "Change comes out of cash only"],
            ["Receba o valor exato no cartão ou Pix.", "Take the exact amount by card or Pix."],
        ),
        Rejection::BalanceOutOfBounds => Row(
            S::CONFLICT,
            "balance_out_of_bounds",
            ["O saldo ficaria fora dos limites", "The balance would leave its bounds"],
            ["Confira a quantidade.", "Check the quantity."],
        ),
        Rejection::LastAdmin => Row(
            S::CONFLICT,
            "last_admin",
            ["Não sobraria nenhum administrador", "No admin would be left"],
            ["Torne outra pessoa administradora antes.", "Make somebody else an admin first."],
        ),
        Rejection::AlreadySetUp => Row(
            S::CONFLICT,
            "already_set_up",
            ["A instalação já foi feita", "The set-up was done already"],
            ["Entre com seu usuário e sua senha.", "Sign in with your user name and password."],
        ),
    }
}

fn taken_row(what: Taken) -> Row {
    let (code, title) = match what {
        Taken::Name => ("name_taken", ["Este nome já existe", "This name exists already"]),
        Taken::Code => ("code_taken", ["Este código já existe", "This code exists already"]),
        Taken::Username => ("username_taken", ["Este usuário já existe", "This user name exists already"]),
        Taken::Cpf => ("cpf_taken", ["Este CPF já está cadastrado", "This CPF is registered already"]),
        Taken::Cnpj => ("cnpj_taken", ["Este CNPJ já está cadastrado", "This CNPJ is registered already"]),
    };
    Row(
        StatusCode::CONFLICT,
        code,
        title,
        [
            "Escolha outro, ou use o que já existe. Maiúsculas e acentos não contam.",
            "Choose another, or use the one there is. Case and accents do not count.",
        ],
    )
}

fn unknown_row(noun: Noun) -> Row {
    let (code, title) = match noun {
        Noun::Chain => ("unknown_chain", ["Rede não encontrada", "Chain not found"]),
        Noun::Store => ("unknown_store", ["Loja não encontrada", "Store not found"]),
        Noun::Person => ("unknown_person", ["Pessoa não encontrada", "Person not found"]),
        Noun::Product => ("unknown_product", ["Produto não encontrado", "Product not found"]),
        Noun::Sale => ("unknown_sale", ["Venda não encontrada", "Sale not found"]),
        Noun::Key => ("unknown_key", ["Chave não encontrada", "Key not found"]),
        Noun::Sensor => ("unknown_sensor", ["Sensor não encontrado", "Sensor not found"]),
        Noun::Feed => ("unknown_feed", ["Fonte não encontrada", "Feed not found"]),
        Noun::Record => ("unknown_record", ["Registro não encontrado", "Record not found"]),
    };
    Row(
        StatusCode::NOT_FOUND,
        code,
        title,
        ["Atualize a lista e escolha de novo.", "Refresh the list and choose again."],
    )
}

fn rejection_detail(rejection: &Rejection, language: Language) -> Option<Cow<'static, str>> {
    let pt = language == Language::Portuguese;
    match rejection {
        Rejection::Invalid { field, problem } => {
            Some(Cow::Owned(format!("{field}: {}", invalid_text(*problem, pt))))
        }
        Rejection::TotalMismatch { expected_cents } => {
            let sum = Cents(*expected_cents);
            Some(Cow::Owned(if pt { format!("A soma é {sum}.") } else { format!("The sum is {sum}.") }))
        }
        Rejection::Underpaid { missing_cents } => {
            let missing = Cents(*missing_cents);
            Some(Cow::Owned(if pt { format!("Faltam {missing}.") } else { format!("{missing} is missing.") }))
        }
        Rejection::Taken(_)
        | Rejection::Unknown(_)
        | Rejection::RoleNotAllowed
        | Rejection::StoreNotAllowed
        | Rejection::PersonInactive
        | Rejection::SessionEnded
        | Rejection::TokenReused
        | Rejection::CommandIdReused
        | Rejection::ChangeNotFromCash
        | Rejection::BalanceOutOfBounds
        | Rejection::LastAdmin
        | Rejection::AlreadySetUp => None,
    }
}

fn invalid_text(problem: Invalid, pt: bool) -> String {
    match (problem, pt) {
        (Invalid::Text { max_chars }, true) => format!("de 1 a {max_chars} caracteres visíveis"),
        (Invalid::Text { max_chars }, false) => format!("1 to {max_chars} visible characters"),
        (Invalid::Range { min, max }, true) => format!("entre {min} e {max}"),
        (Invalid::Range { min, max }, false) => format!("between {min} and {max}"),
        (Invalid::Zero, true) => "não pode ser zero".into(),
        (Invalid::Zero, false) => "must not be zero".into(),
        (Invalid::Missing, true) => "é preciso preencher".into(),
        (Invalid::Missing, false) => "must be given".into(),
        (Invalid::TooMany { max }, true) => format!("no máximo {max}"),
        (Invalid::TooMany { max }, false) => format!("at most {max}"),
        (Invalid::TaxId, true) => "os dígitos verificadores não conferem".into(),
        (Invalid::TaxId, false) => "the check digits do not match".into(),
        (Invalid::Zone, true) => "fuso horário desconhecido, como America/Sao_Paulo".into(),
        (Invalid::Zone, false) => "unknown time zone; one is like America/Sao_Paulo".into(),
        (Invalid::NotANumber, true) => "não é um número aceito".into(),
        (Invalid::NotANumber, false) => "is not an acceptable number".into(),
        (Invalid::Crossed, true) => "o mínimo está acima do máximo".into(),
        (Invalid::Crossed, false) => "the lower bound is above the upper one".into(),
        (Invalid::Time, true) => "entre os anos 1970 e 2200".into(),
        (Invalid::Time, false) => "between the years 1970 and 2200".into(),
        (Invalid::TimeTold, true) => "a partir do ano 2000, e no máximo um dia à frente".into(),
        (Invalid::TimeTold, false) => "from the year 2000 on, and at most a day ahead".into(),
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.code(), self.status().as_u16())
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    /// Bare; [`super::render`] writes the body, in the language and shape of the request.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status())
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
            SubmitError::Unavailable(_) => Self::Unavailable,
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
