//! The words about the servers of a group, in both languages.

use tillwatch_desk::texts;

texts! {
    pub Text {
        Server: "Servidor {id}", "Server {id}";
        Principal: "principal", "principal";
        Loading: "procurando os servidores…", "looking for the servers…";
        ForManagers: "Só gerentes veem os servidores", "Only managers see the servers";
        ForManagersHint: "Peça a quem administra a loja se isto faz parte do seu trabalho.",
            "Ask whoever administers the shop if this is part of your work.";
        Alone: "Um servidor só", "One server by itself";
        AloneHint: "{address} · versão {version}. Três servidores em grupo continuam vendendo quando um deles para: o guia está em docs/groups.md.",
            "{address} · version {version}. Three servers in a group go on selling when one of them stops: the guide is docs/groups.md.";

        Coordinates: "{name} coordena", "{name} coordinates";
        InForThePrincipal: "no lugar do principal, {name}", "in place of the principal, {name}";
        Nobody: "Ninguém coordena: nada é gravado até que a maioria dos servidores se encontre de novo.",
            "Nobody coordinates: nothing is recorded until most of the servers reach each other again.";
        Since: "Coordena desde {at} porque {why}.", "Coordinates since {at} because {why}.";
        Earlier: "Quem coordenou antes", "Who coordinated before";
        EarlierOne: "{name}, de {from} a {to}, porque {why}", "{name}, from {from} to {to}, because {why}";
        Began: "{name} coordena porque {why}", "{name} coordinates because {why}";
        From: "De", "From";
        To: "A", "To";
        Why: "Por quê", "Why";
        WhyStart: "foi ligado e ninguém coordenava", "it was started and nobody coordinated";
        WhySilent: "{before} não respondia", "{before} did not answer";
        WhyOutOfTouch: "os demais tinham perdido o contato com ele", "the others had lost touch with it";
        WhyPrincipal: "é o principal e estava em dia", "it is the principal and had caught up";
        WhyAsked: "alguém pediu", "somebody asked for it";
        WhyStopped: "{before} foi desligado", "{before} was stopped";
        WhyDiffers: "{before} tinha outro diário que os demais", "{before} had another journal than the others";
        TheOneBefore: "o anterior", "the one before";
        TheServer: "o servidor {id}", "server {id}";
        Term: "mandato {n}", "term {n}";
        TermHint: "Quantas vezes um servidor quis coordenar.", "How many times a server has wanted to coordinate.";
        Here: "{n} de {all} ligados", "{n} of {all} running";
        Asked: "Este monitor fala com o servidor {id}; se ele parar, passa a outro sozinho.",
            "This monitor talks to server {id}; if that stops, it goes on at another one by itself.";

        Name: "Servidor", "Server";
        Address: "Endereço", "Address";
        Role: "Situação", "State";
        Behind: "Atraso", "Behind";
        BehindHint: "Entradas do registro comum que ainda não aplicou.", "Entries of the common log that it has not applied yet.";
        Journal: "Diário", "Journal";
        JournalHint: "Se o diário é, linha por linha, o mesmo do servidor com que este monitor fala.",
            "Whether its journal is, row by row, that of the server which this monitor talks to.";
        Disk: "Disco livre", "Free disk";
        Copied: "Última cópia", "Last snapshot";
        CopiedHint: "Cópia interna, para trazer de volta um servidor que ficou muito para trás. Não é a cópia de segurança.",
            "A copy of its own, to bring back a server that is far behind. It is no backup.";
        Version: "Versão", "Version";

        Coordinator: "coordena", "coordinates";
        Member: "acompanha", "follows";
        Joining: "chegando", "joining";
        Away: "sem resposta", "no answer";
        AwaySince: "sem resposta {age}", "last heard {age}";
        OutOfService: "fora: sendo refeito", "out: being made anew";
        LacksReadings: "recebendo leituras", "receiving readings";
        UpToDate: "em dia", "up to date";
        Entries: "{n} entradas", "{n} entries";
        Same: "igual", "same";
        Differs: "diferente", "different";
        Unknown: "não se sabe", "not known";

        NeedNobody: "Nenhum servidor coordena: nada é gravado", "No server coordinates: nothing is recorded";
        NeedDiffers: "Servidor {id} tem outro diário que os demais", "Server {id} has another journal than the others";
        NeedAway: "Servidor {id} não responde", "Server {id} does not answer";
        NeedRoom: "Servidor {id}: só {free} livres no disco", "Server {id}: only {free} free on its disk";
        NeedBehind: "Servidor {id} está {n} entradas atrás", "Server {id} is {n} entries behind";
        NeedReadings: "Servidor {id} recebe dos demais as leituras que lhe faltam",
            "Server {id} is receiving readings that it lacks from the others";
        Spoken: "{name}, {role}, atraso: {behind}, diário: {journal}, disco livre: {disk}",
            "{name}, {role}, behind: {behind}, journal: {journal}, free disk: {disk}";
    }
}
