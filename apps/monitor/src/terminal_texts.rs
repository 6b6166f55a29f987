//! The words of the table of terminals, in both languages.

use tillwatch_desk::texts;
use tillwatch_shared::api::MessageKind;

texts! {
    pub Text {
        Version: "Versão", "Version";
        Unsent: "Por enviar", "Unsent";
        Clock: "Relógio", "Clock";
        SortBy: "Ordenar por {column}", "Sort by {column}";
        Untold: "—", "—";
        Growing: "{n} subindo", "{n} growing";
        GrowingHint: "Eram {first} há {time}. O caixa está ligado, mas o servidor não confirma o que ele envia.",
            "There were {first} {time} ago. The till is online, but the server does not confirm what it sends.";
        RefusedOne: "1 recusado", "1 refused";
        RefusedOnly: "{refused} recusados", "{refused} refused";
        Refused: "{n} + {refused} recus.", "{n} + {refused} refused";
        RefusedHint: "O servidor recusou {refused}: alguém precisa olhar no caixa.",
            "The server has refused {refused}: somebody has to look at the till.";
        ClockRight: "certo", "right";
        Behind: "{time} atrasado", "{time} slow";
        Ahead: "{time} adiantado", "{time} fast";
        ClockHint: "Acerte o relógio deste computador: as vendas saem com a hora errada.",
            "Set this machine's clock: its sales carry the wrong time.";
        ToldAt: "Dito pelo terminal {age}", "Told by the terminal {age}";
        Terminals: "Terminais", "Terminals";
        Messages: "Mensagens", "Messages";
        When: "Quando", "When";
        Way: "Sentido", "Direction";
        Kind: "Tipo", "Kind";
        Content: "Conteúdo", "Content";
        AnyTerminal: "Todos os terminais", "All terminals";
        AnyKind: "Todos os tipos", "All kinds";
        KindValue: "valor", "value";
        KindAck: "confirmação", "acknowledgement";
        KindRequest: "pedido", "request";
        KindStep: "passo", "step";
        KindError: "erro", "error";
        KindOther: "outra", "other";
        SearchContent: "Procurar no conteúdo", "Search the content";
        FirstDay: "Desde o dia", "From day";
        LastDay: "Até o dia", "To day";
        BadDays: "escreva dias como 31/12/2026, em ordem", "write days like 31/12/2026, in order";
        Nothing: "Nenhuma mensagem passa por este filtro.", "No message passes this filter.";
        NothingYet: "Nada encontrado até aqui; há mensagens mais antigas.",
            "Nothing found so far; there are older messages.";
        Searching: "procurando nas mensagens…", "searching the messages…";
        Shown: "{n} mensagens, a mais nova em cima", "{n} messages, newest first";
        MessageSpoken: "{when}, {terminal}, {way}, {kind}: {content}", "{when}, {terminal}, {way}, {kind}: {content}";
        Spoken: "versão {version}, por enviar {unsent}, relógio {clock}",
            "version {version}, unsent {unsent}, clock {clock}";
    }
}

/// What a message is.
pub const fn kind(kind: MessageKind) -> Text {
    match kind {
        MessageKind::Value => Text::KindValue,
        MessageKind::Ack => Text::KindAck,
        MessageKind::Request => Text::KindRequest,
        MessageKind::Step => Text::KindStep,
        MessageKind::Error => Text::KindError,
        MessageKind::Other => Text::KindOther,
    }
}
