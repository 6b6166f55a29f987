//! The table's part about refused commands.

use actix_web::http::StatusCode as S;
use tillwatch_shared::Cents;

use super::row::{Row, row};
use crate::domain::Rejection;
use crate::domain::rejection::{Invalid, Noun, Taken};

pub fn rejected(rejection: &Rejection) -> Row {
    match rejection {
        Rejection::Invalid { field, problem } => {
            let [pt, en] = invalid(*problem);
            row(S::BAD_REQUEST, "invalid_value")
                .pt("Um valor não é aceito", "Corrija o campo indicado.")
                .en("A value is not acceptable", "Mend the field that is named.")
                .detail(format!("{field}: {pt}"), format!("{field}: {en}"))
                .field(field.clone())
        }
        Rejection::Taken(what) => taken(*what),
        Rejection::Unknown(noun) => unknown(*noun),
        Rejection::RoleNotAllowed => row(S::FORBIDDEN, "role_not_allowed")
            .pt("Seu perfil não permite isto", "Peça a um gerente ou administrador.")
            .en("Your role does not allow this", "Ask a manager or an admin."),
        Rejection::StoreNotAllowed => row(S::FORBIDDEN, "store_not_allowed")
            .pt("Você não trabalha nesta loja", "Escolha uma das suas lojas.")
            .en("You do not work in this store", "Choose one of your stores."),
        Rejection::PersonInactive => row(S::UNAUTHORIZED, "person_inactive")
            .pt("Seu acesso foi desativado", "Fale com um gerente ou administrador.")
            .en("Your access was stopped", "Talk to a manager or an admin."),
        Rejection::SessionEnded => row(S::UNAUTHORIZED, "session_ended")
            .pt("A sessão terminou", "Entre de novo.")
            .en("The session has ended", "Sign in again."),
        Rejection::TokenReused => row(S::UNAUTHORIZED, "token_reused")
            .pt("A sessão foi encerrada por segurança", "Entre de novo e, se não foi você, troque a senha.")
            .en(
                "The session was ended for safety",
                "Sign in again and, if it was not you, change the password.",
            ),
        Rejection::CommandIdReused => row(S::CONFLICT, "command_id_reused")
            .pt(
                "A chave Idempotency-Key já foi usada para outro pedido",
                "Use uma chave nova para um pedido novo.",
            )
            .en("The Idempotency-Key was used for another request", "Use a new key for a new request."),
        Rejection::TotalMismatch { expected_cents } => row(S::BAD_REQUEST, "total_mismatch")
            .pt("O total não é a soma dos itens", "Some os itens de novo.")
            .en("The total is not the sum of the lines", "Add up the lines again.")
            .detail(
                format!("A soma é {}.", Cents(*expected_cents)),
                format!("The sum is {}.", Cents(*expected_cents)),
            ),
        Rejection::Underpaid { missing_cents } => row(S::BAD_REQUEST, "underpaid")
            .pt("O pagamento não cobre o total", "Receba o que falta.")
            .en("The payment does not cover the total", "Take what is missing.")
            .detail(
                format!("Faltam {}.", Cents(*missing_cents)),
                format!("{} is missing.", Cents(*missing_cents)),
            ),
        Rejection::ChangeNotFromCash => row(S::BAD_REQUEST, "change_not_from_cash")
            .pt("O troco só sai do dinheiro", "Receba o valor exato no cartão ou Pix.")
            .en("Change comes out of cash only", "Take the exact amount by card or Pix."),
        Rejection::BalanceOutOfBounds => row(S::CONFLICT, "balance_out_of_bounds")
            .pt("O saldo ficaria fora dos limites", "Confira a quantidade.")
            .en("The balance would leave its bounds", "Check the quantity."),
        Rejection::LastAdmin => row(S::CONFLICT, "last_admin")
            .pt("Não sobraria nenhum administrador", "Torne outra pessoa administradora antes.")
            .en("No admin would be left", "Make somebody else an admin first."),
        Rejection::AlreadySetUp => row(S::CONFLICT, "already_set_up")
            .pt("A instalação já foi feita", "Entre com seu usuário e sua senha.")
            .en("The set-up was done already", "Sign in with your user name and password."),
    }
}

fn taken(what: Taken) -> Row {
    let (field, code, pt, en) = match what {
        Taken::Name => ("name", "name_taken", "Este nome já existe", "This name exists already"),
        Taken::Code => ("code", "code_taken", "Este código já existe", "This code exists already"),
        Taken::Username => {
            ("username", "username_taken", "Este usuário já existe", "This user name exists already")
        }
        Taken::Cpf => ("cpf", "cpf_taken", "Este CPF já está cadastrado", "This CPF is registered already"),
        Taken::Cnpj => {
            ("cnpj", "cnpj_taken", "Este CNPJ já está cadastrado", "This CNPJ is registered already")
        }
    };
    row(S::CONFLICT, code)
        .pt(pt, "Escolha outro, ou use o que já existe. Maiúsculas e acentos não contam.")
        .en(en, "Choose another, or use the one there is. Case and accents do not count.")
        .field(field)
}

fn unknown(noun: Noun) -> Row {
    let (code, pt, en) = match noun {
        Noun::Chain => ("unknown_chain", "Rede não encontrada", "Chain not found"),
        Noun::Store => ("unknown_store", "Loja não encontrada", "Store not found"),
        Noun::Person => ("unknown_person", "Pessoa não encontrada", "Person not found"),
        Noun::Product => ("unknown_product", "Produto não encontrado", "Product not found"),
        Noun::Sale => ("unknown_sale", "Venda não encontrada", "Sale not found"),
        Noun::Key => ("unknown_key", "Chave não encontrada", "Key not found"),
        Noun::Sensor => ("unknown_sensor", "Sensor não encontrado", "Sensor not found"),
        Noun::Feed => ("unknown_feed", "Fonte não encontrada", "Feed not found"),
        Noun::Record => ("unknown_record", "Registro não encontrado", "Record not found"),
        Noun::Terminal => ("unknown_terminal", "Terminal não encontrado", "Terminal not found"),
    };
    row(S::NOT_FOUND, code)
        .pt(pt, "Atualize a lista e escolha de novo.")
        .en(en, "Refresh the list and choose again.")
}

/// What is wrong with a value, in Portuguese and in English.
fn invalid(problem: Invalid) -> [String; 2] {
    let fixed = |texts: [&str; 2]| texts.map(str::to_owned);
    match problem {
        Invalid::Text { max_chars } => [
            format!("de 1 a {max_chars} caracteres visíveis"),
            format!("1 to {max_chars} visible characters"),
        ],
        Invalid::Range { min, max } => [format!("entre {min} e {max}"), format!("between {min} and {max}")],
        Invalid::Zero => fixed(["não pode ser zero", "must not be zero"]),
        Invalid::Missing => fixed(["é preciso preencher", "must be given"]),
        Invalid::TooMany { max } => [format!("no máximo {max}"), format!("at most {max}")],
        Invalid::TaxId => fixed(["os dígitos verificadores não conferem", "the check digits do not match"]),
        Invalid::Zone => fixed([
            "fuso horário desconhecido, como America/Sao_Paulo",
            "unknown time zone; one is like America/Sao_Paulo",
        ]),
        Invalid::NotANumber => fixed(["não é um número aceito", "is not an acceptable number"]),
        Invalid::Crossed => {
            fixed(["o mínimo está acima do máximo", "the lower bound is above the upper one"])
        }
        Invalid::Time => fixed(["entre os anos 1970 e 2200", "between the years 1970 and 2200"]),
        Invalid::Pin { min, max } => {
            [format!("de {min} a {max} algarismos"), format!("{min} to {max} digits")]
        }
        Invalid::PinGuessed => fixed([
            "fácil de adivinhar: sequência, repetição, ano ou parte do CPF",
            "easy to guess: a run, a repetition, a year or a part of the CPF",
        ]),
        Invalid::PinNeedsStore => fixed([
            "só para quem trabalha em lojas; administradores entram com a senha",
            "only for people who work in stores; admins sign in with the password",
        ]),
        Invalid::TimeTold => fixed([
            "a partir do ano 2000, e no máximo um dia à frente",
            "from the year 2000 on, and at most a day ahead",
        ]),
    }
}
