//! The table's part about refused commands.

use actix_web::http::StatusCode as S;
use tillwatch_shared::Cents;

use super::returns;
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
        Rejection::DiscountNotAllowed { limit_cents } => row(S::FORBIDDEN, "discount_not_allowed")
            .pt("O desconto passa do que seu perfil permite", "Peça a aprovação de um gerente no caixa.")
            .en("The discount is more than your role may give", "Ask a manager to approve it at the till.")
            .detail(
                format!("Seu perfil permite até {}.", Cents(*limit_cents)),
                format!("Your role may give up to {}.", Cents(*limit_cents)),
            ),
        Rejection::ApproverNotAllowed { limit_cents } => row(S::FORBIDDEN, "approver_not_allowed")
            .pt("Quem aprova não pode dar este desconto", "Peça a alguém que possa, ou dê menos desconto.")
            .en("The approver may not give this discount", "Ask somebody who may, or give less.")
            .detail(
                format!("Nesta loja essa pessoa pode dar até {}.", Cents(*limit_cents)),
                format!("In this store this person may give up to {}.", Cents(*limit_cents)),
            ),
        Rejection::ApprovalMissing => row(S::FORBIDDEN, "approval_missing")
            .pt(
                "Falta a aprovação",
                "Quem é indicado aprova no caixa esta venda ou devolução, com a senha ou o PIN.",
            )
            .en(
                "It has not been approved",
                "The person who is named approves this sale or return at the till, with the password or PIN.",
            ),
        Rejection::TransferClosed => transfer_closed(),
        Rejection::CashSessionOpen => cash_session_open(),
        Rejection::CashSessionClosed => cash_session_closed(),
        Rejection::OverpaidAccount { owed_cents } => overpaid_account(Cents(*owed_cents)),
        Rejection::AlarmOpen | Rejection::AlarmOver | Rejection::AlarmAcknowledged => alarm(rejection),
        Rejection::BalanceOutOfBounds => row(S::CONFLICT, "balance_out_of_bounds")
            .pt("O saldo ficaria fora dos limites", "Confira a quantidade.")
            .en("The balance would leave its bounds", "Check the quantity."),
        Rejection::NoMandate => row(S::FORBIDDEN, "no_mandate")
            .pt(
                "Este caixa não pode enviar em nome desta pessoa",
                "A pessoa precisa entrar de novo neste caixa, com o servidor ligado.",
            )
            .en(
                "This till may not send in this person's name",
                "The person has to sign in at this till again, with the server there.",
            ),
        Rejection::NotReturned(why) => returns::row_of(why),
        Rejection::LastAdmin => row(S::CONFLICT, "last_admin")
            .pt("Não sobraria nenhum administrador", "Torne outra pessoa administradora antes.")
            .en("No admin would be left", "Make somebody else an admin first."),
        Rejection::AlreadySetUp => row(S::CONFLICT, "already_set_up")
            .pt("A instalação já foi feita", "Entre com seu usuário e sua senha.")
            .en("The set-up was done already", "Sign in with your user name and password."),
    }
}

fn alarm(rejection: &Rejection) -> Row {
    if *rejection == Rejection::AlarmAcknowledged {
        return row(S::CONFLICT, "alarm_acknowledged")
            .pt("Este alarme já foi reconhecido", "Atualize a lista; a primeira ação registrada vale.")
            .en("This alarm was acknowledged already", "Refresh the list; what was told first counts.");
    }
    row(S::CONFLICT, "alarm_changed")
        .pt("O alarme já está nesse estado", "Atualize a lista.")
        .en("The alarm is in that state already", "Refresh the list.")
}

fn transfer_closed() -> Row {
    row(S::CONFLICT, "transfer_closed")
        .pt(
            "Esta transferência já foi recebida ou cancelada",
            "Atualize a lista; o que chegou a mais entra como correção de estoque.",
        )
        .en(
            "This transfer was received or cancelled already",
            "Refresh the list; what came on top of it is a stock correction.",
        )
}

fn cash_session_open() -> Row {
    row(S::CONFLICT, "cash_session_open")
        .pt("Este caixa já está aberto", "Feche a sessão que está aberta, ou dê outro nome a este caixa.")
        .en("This till has an open session", "Close the open session, or give this till another name.")
        .field("till")
}

fn cash_session_closed() -> Row {
    row(S::CONFLICT, "cash_session_closed")
        .pt("Esta sessão de caixa já foi fechada", "Abra o caixa de novo.")
        .en("This cash session was closed already", "Open the till again.")
}

fn overpaid_account(owed: Cents) -> Row {
    row(S::CONFLICT, "overpaid_account")
        .pt("O cliente não deve tanto", "Receba no máximo o que está em aberto.")
        .en("The customer does not owe that much", "Take at most what is owed.")
        .detail(format!("Em aberto: {owed}."), format!("{owed} is owed."))
        .field("amount_cents")
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
        Taken::AlarmRule => (
            "watch",
            "alarm_rule_taken",
            "Já há uma regra deste tipo para este lugar",
            "There is a rule of this kind for this place already",
        ),
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
        Noun::CashSession => {
            ("unknown_cash_session", "Sessão de caixa não encontrada", "Cash session not found")
        }
        Noun::Account => {
            ("unknown_account", "Conta do cliente não encontrada", "Customer's account not found")
        }
        Noun::Key => ("unknown_key", "Chave não encontrada", "Key not found"),
        Noun::Sensor => ("unknown_sensor", "Sensor não encontrado", "Sensor not found"),
        Noun::Count => ("unknown_count", "Contagem não encontrada", "Count not found"),
        Noun::Transfer => ("unknown_transfer", "Transferência não encontrada", "Transfer not found"),
        Noun::Lot => ("unknown_lot", "Lote não encontrado", "Lot not found"),
        Noun::Feed => ("unknown_feed", "Fonte não encontrada", "Feed not found"),
        Noun::Record => ("unknown_record", "Registro não encontrado", "Record not found"),
        Noun::Till => ("unknown_till", "Caixa não encontrado", "Till not found"),
        Noun::Alarm => ("unknown_alarm", "Alarme não encontrado", "Alarm not found"),
        Noun::AlarmRule => ("unknown_alarm_rule", "Regra de alarme não encontrada", "Alarm rule not found"),
        Noun::QuietTime => {
            ("unknown_quiet_time", "Período de silêncio não encontrado", "Quiet time not found")
        }
        Noun::Calibration => ("unknown_calibration", "Calibração não encontrada", "Calibration not found"),
        Noun::Annotation => ("unknown_annotation", "Anotação não encontrada", "Annotation not found"),
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
        Invalid::SameStore => fixed(["precisa ser outra loja", "must be another store"]),
        Invalid::OtherChain => {
            fixed(["precisa ser uma loja da mesma rede", "must be a store of the same chain"])
        }
        Invalid::Zero => fixed(["não pode ser zero", "must not be zero"]),
        Invalid::Repeated => fixed(["já foi citado", "was named before"]),
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
        Invalid::Denomination => fixed([
            "cada nota ou moeda do real no máximo uma vez, em centavos: 20000, 10000, 5000, 2000, 1000, 500, \
             200, 100, 50, 25, 10, 5, 1",
            "each note or coin of the real at most once, in centavos: 20000, 10000, 5000, 2000, 1000, 500, \
             200, 100, 50, 25, 10, 5, 1",
        ]),
        Invalid::NotOfSensors => fixed(["este tipo não é de sensores", "this kind is not about sensors"]),
        Invalid::TooLong { days } => [
            format!("depois do início, e no máximo {days} dias"),
            format!("after the begin, and at most {days} days"),
        ],
        Invalid::NotOnAccount => fixed(["esta venda não foi fiado", "this sale was not on account"]),
        Invalid::OnAccount => {
            fixed(["uma dívida não se paga com outra", "a debt is not paid with another one"])
        }
        Invalid::TimeTold => fixed([
            "a partir do ano 2000, e no máximo um dia à frente",
            "from the year 2000 on, and at most a day ahead",
        ]),
    }
}
