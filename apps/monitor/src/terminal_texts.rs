//! The words of the table of terminals, in both languages.

use tillwatch_desk::texts;

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
        Spoken: "versão {version}, por enviar {unsent}, relógio {clock}",
            "version {version}, unsent {unsent}, clock {clock}";
    }
}
