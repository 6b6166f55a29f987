//! The words about who works at the till.

use tillwatch_desk::Lang;
use tillwatch_desk::texts::Table as _;
use tillwatch_shared::time::MINUTE;

use crate::state::people::NotLetIn;
use crate::till_file::rescue::Rescued;

tillwatch_desk::texts! {
    pub Text {
        Locked: "Caixa bloqueado", "The till is locked";
        WhoAreYou: "Quem está no caixa?", "Who is at the till?";
        LockHint: "Setas escolhem a pessoa. Digite o PIN ou a senha e Enter.",
            "Arrows choose the person. Type the PIN or password, then Enter.";
        Secret: "PIN ou senha", "PIN or password";
        Unlock: "Entrar", "Sign in";
        Checking: "Conferindo…", "Checking…";
        SomebodyElse: "Outra pessoa", "Somebody else";
        OpenSale: "Venda aberta: {items}, {total}. Continua com quem entrar.",
            "Open sale: {items}, {total}. It goes on with whoever signs in.";
        LockNow: "Bloquear ou trocar de pessoa", "Lock, or change the person";
        LockAfter: "Bloquear sozinho depois de", "Lock by itself after";
        Never: "nunca", "never";
        Minutes: "{n} min", "{n} min";
        Wrong: "Não confere. Tente de novo.", "That is not right. Try again.";
        Wait: "Tentativas demais. Espere {s} s.", "Too many tries. Wait {s} s.";
        ServerOnly: "Este caixa não conhece este PIN ou senha. Sem o servidor, use o outro; ou espere o servidor voltar.",
            "This till does not know this PIN or password. Without the server, use the other one; or wait for the server.";
        OtherStore: "Há uma venda aberta numa loja em que esta pessoa não trabalha. Quem abriu a venda precisa concluir ou cancelar.",
            "A sale is open in a store where this person does not work. Whoever opened it has to finish or cancel it.";
        ClockAhead: "O relógio deste computador está adiantado {by}. Acerte-o: a hora das vendas vem dele.",
            "This computer's clock is {by} ahead. Set it right: sales take their time from it.";
        ClockBehind: "O relógio deste computador está atrasado {by}. Acerte-o: a hora das vendas vem dele.",
            "This computer's clock is {by} behind. Set it right: sales take their time from it.";
        Rescued: "O arquivo deste caixa estava danificado e foi guardado como {file}. Por enviar, foi possível ler {n}. Chame quem cuida do sistema antes de apagar qualquer coisa.",
            "This till's file was damaged and is kept as {file}. Of what was to be sent, {n} could be read. Ask whoever looks after the system before anything is deleted.";
        KeyLock: "Bloquear ou trocar de pessoa", "Lock, or change the person";
    }
}

impl Text {
    /// A banner about a clock that is off by so many microseconds; ahead, if positive.
    pub fn clock_off(ahead: i64, lang: Lang) -> String {
        let minutes = ahead.abs() / MINUTE;
        let (days, hours) = (minutes / (24 * 60), minutes / 60);
        let by = match (days, hours) {
            (0, 0) => format!("{minutes} min"),
            (0, hours) => format!("{hours} h {:02} min", minutes % 60),
            (days, _) => format!("{days} d {} h", hours % 24),
        };
        let text = if ahead > 0 { Self::ClockAhead } else { Self::ClockBehind };
        text.with(lang, &[("by", &by)])
    }

    /// What is said about a damaged file.
    pub fn rescued(rescued: &Rescued, lang: Lang) -> String {
        let file = rescued.aside.display();
        Self::Rescued.with(lang, &[("file", &file), ("n", &rescued.parcels)])
    }

    /// Why the till does not let somebody in by itself.
    pub fn not_let_in(why: NotLetIn, lang: Lang) -> String {
        match why {
            NotLetIn::Wrong => Self::Wrong.get(lang).to_owned(),
            NotLetIn::Wait { seconds } => Self::Wait.with(lang, &[("s", &seconds)]),
            NotLetIn::Unknown | NotLetIn::ServerOnly => Self::ServerOnly.get(lang).to_owned(),
        }
    }
}
