//! The one table of errors: status, code and texts of each.

use actix_web::http::StatusCode as S;
use tillwatch_shared::api::SheetProblem;

use super::ApiError;
use super::rejections::rejected;
use super::row::{Row, row};
use crate::telemetry::{ReadError, SeriesError};

impl ApiError {
    /// All that there is to say about it.
    pub fn row(&self) -> Row {
        match self {
            Self::Rejected(rejection) => rejected(rejection),
            Self::Malformed { detail, .. } => row(S::BAD_REQUEST, "malformed_request")
                .pt("O pedido não pode ser lido", "Confira o pedido com a documentação em /swagger-ui/.")
                .en(
                    "The request cannot be read",
                    "Compare the request with the documentation at /swagger-ui/.",
                )
                .technical(detail.clone()),
            Self::BodyTooLarge { limit } => row(S::PAYLOAD_TOO_LARGE, "body_too_large")
                .pt("O pedido é grande demais", "Divida o pedido em partes menores.")
                .en("The request is too large", "Split the request into smaller parts.")
                .detail(
                    format!("O limite é de {} kB.", limit / 1024),
                    format!("The limit is {} kB.", limit / 1024),
                ),
            Self::BodyTooSlow => row(S::REQUEST_TIMEOUT, "body_too_slow")
                .pt("O pedido demorou demais para chegar", "Confira a rede e envie de novo.")
                .en("The request took too long to arrive", "Check the network and send it again."),
            Self::Series(error) => series(error),
            Self::BadReading { detail } => row(S::UNPROCESSABLE_ENTITY, "bad_reading")
                .pt(
                    "A leitura não é aceita",
                    "Envie temperatura, umidade e pressão como números e o identificador do sensor.",
                )
                .en(
                    "The reading is not acceptable",
                    "Send temperature, humidity and pressure as numbers, and the sensor's id.",
                )
                .technical(*detail),
            Self::BadSheet(problem) => bad_sheet(problem),
            Self::UnknownSheet => row(S::NOT_FOUND, "unknown_sheet")
                .pt("O servidor não tem mais esta planilha", "Envie o arquivo de novo, com a mesma chave.")
                .en("The server no longer has this sheet", "Send the file again, under the same key."),
            Self::NoSuchRoute => row(S::NOT_FOUND, "no_such_route")
                .pt("Este endereço não existe", "Veja os endereços em /swagger-ui/.")
                .en("This address does not exist", "See the addresses at /swagger-ui/."),
            Self::MethodNotAllowed { .. } => row(S::METHOD_NOT_ALLOWED, "method_not_allowed")
                .pt("Este endereço não aceita este método", "Veja os métodos em /swagger-ui/.")
                .en("This address does not take this method", "See the methods at /swagger-ui/."),
            Self::NotSignedIn => row(S::UNAUTHORIZED, "not_signed_in")
                .pt("É preciso entrar", "Entre com seu usuário e sua senha.")
                .en("You need to sign in", "Sign in with your user name and password."),
            Self::TokenExpired => row(S::UNAUTHORIZED, "token_expired")
                .pt("A sessão precisa ser renovada", "Renove a sessão ou entre de novo.")
                .en("The session needs to be renewed", "Refresh the session or sign in again."),
            Self::WrongCredentials => row(S::UNAUTHORIZED, "wrong_credentials")
                .pt("Usuário ou senha incorretos", "Confira o usuário (ou CPF) e a senha.")
                .en("Wrong user name or password", "Check the user name (or CPF) and the password."),
            Self::TooManyAttempts { seconds } => row(S::TOO_MANY_REQUESTS, "too_many_attempts")
                .pt("Tentativas demais", "Espere um pouco e tente de novo.")
                .en("Too many attempts", "Wait a moment and try again.")
                .detail(format!("Espere {seconds} s."), format!("Wait {seconds} s."))
                .retry_after(*seconds),
            Self::RegistrationClosed => row(S::FORBIDDEN, "registration_closed")
                .pt(
                    "O cadastro está fechado; um gerente ou administrador pode cadastrar você",
                    "Peça a um gerente ou administrador.",
                )
                .en("Registration is closed; a manager or admin can add you", "Ask a manager or an admin."),
            Self::WrongSetupCode => row(S::FORBIDDEN, "wrong_setup_code")
                .pt("O código de instalação não confere", "Use o código que o servidor mostrou ao iniciar.")
                .en("The set-up code is wrong", "Use the code that the server showed when it started."),
            Self::BadKey => row(S::UNAUTHORIZED, "bad_api_key")
                .pt("A chave de API falta, não existe ou venceu", "Envie uma chave válida em X-API-Key.")
                .en("The API key is missing, unknown or expired", "Send a good key in X-API-Key."),
            Self::BadTillKey => row(S::UNAUTHORIZED, "bad_till_key")
                .pt(
                    "A chave deste caixa falta, não existe ou foi revogada",
                    "Entre de novo neste caixa: ele se apresenta outra vez.",
                )
                .en(
                    "This till's key is missing, unknown or revoked",
                    "Sign in at this till again: it presents itself anew.",
                ),
            Self::KeyNotForSensor => row(S::FORBIDDEN, "key_not_for_sensor")
                .pt("A chave não vale para este sensor", "Use a chave deste sensor ou amplie a chave.")
                .en("The key is not for this sensor", "Use this sensor's key, or widen the key."),
            Self::TooManyTerminals => row(S::SERVICE_UNAVAILABLE, "too_many_terminals")
                .pt("Há terminais demais", "Use o nome de um terminal que já existe.")
                .en("There are too many terminals", "Use the name of a terminal that exists already."),
            Self::TerminalConnected => row(S::CONFLICT, "terminal_connected")
                .pt("O terminal está ligado", "Feche o programa naquele terminal e tente de novo.")
                .en("The terminal is connected", "Close the program at that terminal and try again."),
            Self::BackupUnderWay => backup_under_way(),
            Self::Busy => busy(),
            Self::Unavailable => unavailable(),
            Self::NoCoordinator => no_coordinator(),
            Self::OlderMember(member) => older_member(*member),
            Self::OutcomeUnknown => outcome_unknown(),
            Self::Behind => behind(),
            Self::Differs => differs(),
            Self::Internal => row(S::INTERNAL_SERVER_ERROR, "internal")
                .pt(
                    "Algo deu errado no servidor",
                    "Tente de novo; se continuar, veja o registro do servidor.",
                )
                .en("Something went wrong in the server", "Try again; if it stays, see the server's log."),
        }
    }
}

fn bad_sheet(problem: &SheetProblem) -> Row {
    let [pt, en] = problem.words();
    row(S::BAD_REQUEST, "bad_sheet")
        .pt(
            "O arquivo não é uma planilha de produtos",
            "Baixe a planilha dos produtos, veja a primeira linha e salve o arquivo como CSV.",
        )
        .en(
            "The file is no sheet of products",
            "Get the sheet of your products, look at its first line, and save the file as CSV.",
        )
        .detail(pt, en)
}

fn backup_under_way() -> Row {
    row(S::CONFLICT, "backup_under_way")
        .pt("Já há uma cópia em andamento", "Espere até que ela termine.")
        .en("A backup is under way already", "Wait until it is done.")
}

fn behind() -> Row {
    row(S::SERVICE_UNAVAILABLE, "behind")
        .pt("O servidor ainda não tem o que você já viu", "Tente de novo daqui a pouco.")
        .en("The server does not yet have what you have seen", "Try again in a moment.")
        .retry_after(1)
}

fn differs() -> Row {
    row(S::SERVICE_UNAVAILABLE, "differs")
        .pt(
            "O diário deste servidor é outro que o dos demais",
            "Use outro servidor do grupo: este volta sozinho assim que tiver uma cópia do que os demais têm.",
        )
        .en(
            "This server's journal is another one than that of the others",
            "Use another server of the group: this one is back by itself once it has a copy of what the others have.",
        )
        .retry_after(5)
}

fn no_coordinator() -> Row {
    row(S::SERVICE_UNAVAILABLE, "no_coordinator")
        .pt(
            "Nenhum servidor do grupo coordena agora",
            "Tente de novo daqui a pouco. Se continuar, veja quais servidores do grupo estão ligados.",
        )
        .en(
            "No server of the group coordinates at present",
            "Try again in a moment. If it stays, see which servers of the group are running.",
        )
        .retry_after(1)
}

fn older_member(member: u64) -> Row {
    row(S::SERVICE_UNAVAILABLE, "older_member")
        .pt(
            "Um servidor do grupo ainda não conhece este pedido",
            "Ponha a versão nova do programa nesse servidor também e envie o mesmo pedido de novo.",
        )
        .en(
            "A server of the group does not know this request yet",
            "Put the new version of the program on that server, too, and send the same request again.",
        )
        .detail(format!("servidor {member}"), format!("server {member}"))
        .retry_after(30)
}

fn outcome_unknown() -> Row {
    row(S::SERVICE_UNAVAILABLE, "outcome_unknown")
        .pt(
            "Ainda não se sabe se o pedido foi feito",
            "Envie de novo com o mesmo Idempotency-Key: ele não será feito duas vezes.",
        )
        .en(
            "Whether this was done is not known yet",
            "Send it again with the same Idempotency-Key: it will not be done twice.",
        )
        .retry_after(1)
}

fn busy() -> Row {
    row(S::SERVICE_UNAVAILABLE, "busy")
        .pt("O servidor está ocupado", "Nada foi perdido: envie o mesmo pedido de novo daqui a pouco.")
        .en("The server is busy", "Nothing was lost: send the same request again in a moment.")
        .retry_after(1)
}

fn unavailable() -> Row {
    row(S::SERVICE_UNAVAILABLE, "storage_unavailable")
        .pt(
            "O servidor não consegue gravar agora",
            "Confira o espaço em disco do servidor e envie o mesmo pedido de novo.",
        )
        .en("The server cannot write now", "Check the server's disk space and send the same request again.")
        .retry_after(5)
}

/// A chart that cannot be drawn.
fn series(error: &SeriesError) -> Row {
    let row = match error {
        SeriesError::Read(ReadError::Busy) => busy(),
        SeriesError::Read(ReadError::Unavailable(_)) => unavailable(),
        SeriesError::Read(ReadError::Away(_)) => row(S::SERVICE_UNAVAILABLE, "readings_database_away")
            .pt(
                "O banco de dados das leituras está fora do ar",
                "As leituras continuam a ser guardadas; os gráficos voltam com o banco de dados.",
            )
            .en(
                "The database of the readings is away",
                "Readings are still being kept; charts come back with the database.",
            ),
        SeriesError::Range | SeriesError::Points | SeriesError::Step | SeriesError::Sensors => {
            row(S::BAD_REQUEST, "bad_series_request")
                .pt("O período ou o número de pontos não é aceito", "Peça um período menor ou menos pontos.")
                .en(
                    "The range or the number of points is not acceptable",
                    "Ask for a shorter range or fewer points.",
                )
        }
    };
    row.technical(error.to_string())
}
