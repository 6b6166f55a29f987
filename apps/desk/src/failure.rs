//! A failed request in words: what happened, and what to do about it.

use tillwatch_shared::client::{ClientError, Language};

use crate::{Lang, texts};

/// Why a request failed.
pub type Failure = ClientError;

texts! {
    Text {
        Unreachable: "O servidor não responde.", "The server cannot be reached.";
        UnreachableHint: "Confira se ele está ligado, o endereço e a rede. Tentamos de novo sozinhos.",
            "Check that it is running, the address and the network. We keep trying.";
        TimedOut: "O servidor demorou demais para responder.", "The server took too long to answer.";
        Interrupted: "A conexão caiu antes da resposta.", "The connection broke before the answer.";
        AgainHint: "Tente de novo: nada é contado duas vezes.", "Try again: nothing is counted twice.";
        BadAnswer: "Este endereço respondeu algo que não é o Tillwatch.",
            "What answers at this address is not Tillwatch.";
        BadAnswerHint: "Confira o endereço e a versão do servidor.",
            "Check the address and the server's version.";
    }
}

/// What happened. A problem's own text is in the language in which the request was made.
pub fn what(failure: &Failure, lang: Lang) -> String {
    match failure {
        ClientError::Unreachable => Text::Unreachable.get(lang).to_owned(),
        ClientError::TimedOut => Text::TimedOut.get(lang).to_owned(),
        ClientError::Interrupted => Text::Interrupted.get(lang).to_owned(),
        ClientError::BadAnswer(_) => Text::BadAnswer.get(lang).to_owned(),
        ClientError::Problem(problem, _) => sentence(&problem.detail),
    }
}

/// The server's words are a heading; here the hint follows on the same line.
fn sentence(heading: &str) -> String {
    if heading.is_empty() || heading.ends_with(['.', '!', '?', '…', ':']) {
        heading.to_owned()
    } else {
        format!("{heading}.")
    }
}

/// What to do next; may be empty.
pub fn hint(failure: &Failure, lang: Lang) -> String {
    match failure {
        ClientError::Unreachable => Text::UnreachableHint.get(lang).to_owned(),
        ClientError::TimedOut | ClientError::Interrupted => Text::AgainHint.get(lang).to_owned(),
        ClientError::BadAnswer(_) => Text::BadAnswerHint.get(lang).to_owned(),
        ClientError::Problem(problem, _) => problem.hint.clone(),
    }
}

/// Nobody answered at all: the connection is gone, as opposed to an answer that says no.
pub const fn is_silence(failure: &Failure) -> bool {
    match failure {
        ClientError::Unreachable | ClientError::TimedOut | ClientError::Interrupted => true,
        ClientError::BadAnswer(_) | ClientError::Problem(..) => false,
    }
}

/// The field of the request that the server names as wrong.
pub fn field(failure: &Failure) -> Option<&str> {
    match failure {
        ClientError::Problem(problem, _) => problem.field.as_deref(),
        ClientError::Unreachable
        | ClientError::TimedOut
        | ClientError::Interrupted
        | ClientError::BadAnswer(_) => None,
    }
}

impl Lang {
    /// The same language as the API client names it.
    pub const fn client(self) -> Language {
        match self {
            Self::Pt => Language::Portuguese,
            Self::En => Language::English,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happened_is_a_sentence_and_what_to_do_another() {
        for (heading, told) in [
            ("Usuário ou senha incorretos", "Usuário ou senha incorretos."),
            ("O preço mudou.", "O preço mudou."),
            ("Tem certeza?", "Tem certeza?"),
            ("", ""),
        ] {
            assert_eq!(sentence(heading), told);
        }
    }
}
