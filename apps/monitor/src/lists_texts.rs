//! The words of the lists: lots, transfers, counts, cash sessions and customers' accounts, in both languages.

use tillwatch_desk::{Lang, texts};

use crate::alarm_texts::Text as Alarms;
use crate::lists::Topic;
use crate::manage_texts::Text as Set;
use crate::sensor_notes_texts::Text as Notes;

texts! {
    pub Text {
        Balances: "Saldos", "Balances";
        Lots: "Validade", "Expiry";
        Transfers: "Transferências", "Transfers";
        Counts: "Contagens", "Counts";
        Sessions: "Caixas", "Cash sessions";
        Accounts: "Fiado", "Accounts";
        LoadingLots: "lendo os lotes…", "reading the lots…";
        LoadingTransfers: "lendo as transferências…", "reading the transfers…";
        LoadingCounts: "lendo as contagens…", "reading the counts…";
        LoadingSessions: "lendo as sessões de caixa…", "reading the cash sessions…";
        LoadingAccounts: "lendo as contas dos clientes…", "reading the customers' accounts…";
        LoadingReport: "somando a sessão…", "adding up the session…";

        NoLots: "Nenhum lote com saldo", "No lot holds anything";
        NoLotsHint: "Quem recebe mercadoria no caixa pode dizer o lote e a validade; o que vence aparece aqui.",
            "Who receives goods at the register can tell lot and expiry; what expires appears here.";
        NoTransfers: "Nenhuma transferência", "No transfer";
        NoTransfersHint: "O que uma loja envia a outra, pelo caixa, aparece aqui até chegar e depois.",
            "What one store sends another, at the register, appears here until it arrives and after.";
        NoCounts: "Nenhuma contagem", "No count";
        NoCountsHint: "As contagens de estoque feitas no caixa aparecem aqui com o que faltou ou sobrou.",
            "Stock counts made at the register appear here, with what was missing or over.";
        NoSessions: "Nenhum caixa aberto ainda", "No cash session yet";
        NoSessionsHint: "Quando um caixa é aberto com o troco, ele aparece aqui; ao fechar, com a diferença.",
            "When a till is opened with its float it appears here; when it closes, with the difference.";
        NoAccounts: "Ninguém deve nada", "Nobody owes anything";
        NoAccountsHint: "Vendas fiado aparecem aqui com o nome do cliente até serem pagas.",
            "Sales on account appear here with the customer's name until they are paid.";

        All: "Tudo", "All";
        Expired: "Vencidos", "Expired";
        Within7: "7 dias", "7 days";
        Within30: "30 dias", "30 days";
        OnTheWay: "A caminho", "On the way";
        WithLosses: "Com falta", "Short";
        WithDifferences: "Com diferença", "With differences";
        StillOpen: "Abertos", "Open";
        Uncared: "Sem cuidado", "Nobody took care";
        Cared: "Cuidados", "Taken care of";

        Product: "Produto", "Product";
        Lot: "Lote", "Lot";
        NoLot: "sem lote", "no lot";
        Store: "Loja", "Store";
        ExpiresOn: "Validade", "Expiry";
        Situation: "Situação", "State";
        Balance: "Saldo", "Balance";
        Worth: "Vale", "Worth";
        Number: "Nº", "No.";
        From: "De", "From";
        To: "Para", "To";
        SentAt: "Enviada", "Sent";
        ArrivedAt: "Recebida", "Received";
        TakenBackAt: "Desfeita", "Taken back";
        Who: "Quem", "Who";
        Items: "Itens", "Items";
        When: "Quando", "When";
        Products: "Produtos", "Products";
        Differences: "Diferentes", "Different";
        WorthOfDifferences: "Diferença", "Difference";
        Till: "Caixa", "Till";
        OpenedBy: "Aberto por", "Opened by";
        OpenedAt: "Abertura", "Opened";
        ClosedAt: "Fechamento", "Closed";
        Expected: "Esperado", "Expected";
        CountedCash: "Contado", "Counted";
        Difference: "Diferença", "Difference";
        Customer: "Cliente", "Customer";
        TaxId: "CPF ou CNPJ", "CPF or CNPJ";
        LastMove: "Último movimento", "Last movement";
        Owes: "Deve", "Owes";
        NoName: "sem nome", "no name";
        OpenNow: "aberto", "open";

        NeverExpires: "sem validade", "no expiry";
        ExpiresToday: "vence hoje", "expires today";
        ExpiresTomorrow: "vence amanhã", "expires tomorrow";
        ExpiresIn: "vence em {n} dias", "expires in {n} days";
        ExpiredYesterday: "vencido ontem", "expired yesterday";
        ExpiredFor: "vencido há {n} dias", "expired {n} days ago";
        StandsAt: "Sensor do lugar", "Sensor of its place";
        OnTheWayFor: "a caminho, {age}", "on the way, {age}";
        OnTheWayNow: "a caminho", "on the way";
        Arrived: "chegou", "arrived";
        ArrivedShort: "chegou com diferença", "arrived with a difference";
        TakenBack: "desfeita", "taken back";
        OfSent: "chegou {arrived} de {sent}", "{arrived} of {sent} arrived";
        CountedOfExpected: "contado {counted}, esperado {expected}", "counted {counted}, expected {expected}";
        TransferTitle: "Transferência {n}", "Transfer {n}";
        CountTitle: "Contagem {n}", "Count {n}";
        SessionTitle: "Sessão {n} · {till}", "Session {n} · {till}";
        PayAtTheTill: "O pagamento é recebido no caixa, para entrar na gaveta certa.",
            "Payments are taken at the register, so that they enter the right drawer.";
        Reason: "Motivo", "Reason";

        ReportX: "Relatório X: o caixa está aberto, os valores ainda mudam.",
            "X report: the till is open, the figures still change.";
        ReportZ: "Relatório Z: o caixa está fechado.", "Z report: the till is closed.";
        Sold: "Vendido", "Sold";
        Sales: "Vendas", "Sales";
        Total: "Total", "Total";
        Discounts: "Descontos", "Discounts";
        DebtsPaid: "Fiado recebido", "Debts paid";
        Returns: "Devoluções", "Returns";
        Voids: "Cancelamentos", "Cancelled";
        RefundedOf: "devolvido {amount}", "{amount} given back";
        InTheDrawer: "Na gaveta", "In the drawer";
        Float: "Troco inicial", "Float";
        CashReceived: "Recebido em dinheiro", "Cash received";
        ChangeGiven: "Troco dado", "Change given";
        CashDebts: "Fiado em dinheiro", "Debts in cash";
        Deposits: "Suprimentos", "Deposits";
        Withdrawals: "Sangrias", "Withdrawals";
        Deposit: "Suprimento", "Deposit";
        Withdrawal: "Sangria", "Withdrawal";
        Movements: "Sangrias e suprimentos", "Withdrawals and deposits";
        BySeller: "Por vendedor", "By seller";
        ByHour: "Por hora", "By hour";
        CameLate: "Chegou depois", "Came later";
        CameLateHint: "De um caixa que estava sem ligação; o relatório do fechamento fica como era.",
            "From a till that had been without the server; the report of the close stays as it was.";
        CashOfIt: "Em dinheiro", "In cash";

        SumOfLots: "valem {amount}", "worth {amount}";
        SumOfAccounts: "somam {amount}", "together {amount}";
        SumOfDifferences: "diferenças de {amount}", "differences of {amount}";
        Rows: "{n} linhas", "{n} rows";
        OneRow: "1 linha", "1 row";
        Cut: "São linhas demais: só as primeiras {n} estão aqui. Escolha uma loja.",
            "There are too many rows: only the first {n} are here. Choose a store.";
        Older: "Mais antigas", "Older";
        LoadingOlder: "lendo as mais antigas…", "reading older ones…";
        OpenRow: "Ver de perto: {row}", "Look closely: {row}";
        SaveText: "Salvar como texto", "Save as text";
        Search: "qualquer palavra da linha", "any word of the row";
    }
}

/// A word of this table, or of the one of the set-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    List(Text),
    Manage(Set),
    Alarm(Alarms),
    Note(Notes),
}

impl From<Set> for Word {
    fn from(text: Set) -> Self {
        Self::Manage(text)
    }
}

impl From<Alarms> for Word {
    fn from(text: Alarms) -> Self {
        Self::Alarm(text)
    }
}

impl From<Notes> for Word {
    fn from(text: Notes) -> Self {
        Self::Note(text)
    }
}

impl Word {
    pub const fn get(self, lang: Lang) -> &'static str {
        match self {
            Self::List(text) => text.get(lang),
            Self::Manage(text) => text.get(lang),
            Self::Alarm(text) => text.get(lang),
            Self::Note(text) => text.get(lang),
        }
    }
}

pub const fn topic(topic: Topic) -> Word {
    match topic {
        Topic::Lots => Word::List(Text::Lots),
        Topic::Transfers => Word::List(Text::Transfers),
        Topic::Counts => Word::List(Text::Counts),
        Topic::Sessions => Word::List(Text::Sessions),
        Topic::Accounts => Word::List(Text::Accounts),
        Topic::Products => Word::Manage(Set::Products),
        Topic::Stores => Word::Manage(Set::Stores),
        Topic::People => Word::Manage(Set::People),
        Topic::Sensors => Word::Manage(Set::Sensors),
        Topic::Keys => Word::Manage(Set::Keys),
        Topic::Tills => Word::Manage(Set::Tills),
        Topic::History => Word::Manage(Set::History),
        Topic::Alarms => Word::Alarm(Alarms::OpenAlarms),
        Topic::PastAlarms => Word::Alarm(Alarms::PastAlarms),
        Topic::Rules => Word::Alarm(Alarms::Rules),
        Topic::Quiet => Word::Alarm(Alarms::Quiet),
    }
}

pub const fn loading(topic: Topic) -> Word {
    match topic {
        Topic::Lots => Word::List(Text::LoadingLots),
        Topic::Transfers => Word::List(Text::LoadingTransfers),
        Topic::Counts => Word::List(Text::LoadingCounts),
        Topic::Sessions => Word::List(Text::LoadingSessions),
        Topic::Accounts => Word::List(Text::LoadingAccounts),
        Topic::Products => Word::Manage(Set::LoadingProducts),
        Topic::Stores => Word::Manage(Set::LoadingStores),
        Topic::People => Word::Manage(Set::LoadingPeople),
        Topic::Sensors => Word::Manage(Set::LoadingSensors),
        Topic::Keys => Word::Manage(Set::LoadingKeys),
        Topic::Tills => Word::Manage(Set::LoadingTills),
        Topic::History => Word::Manage(Set::LoadingHistory),
        Topic::Alarms | Topic::PastAlarms => Word::Alarm(Alarms::LoadingAlarms),
        Topic::Rules => Word::Alarm(Alarms::LoadingRules),
        Topic::Quiet => Word::Alarm(Alarms::LoadingQuiet),
    }
}

/// What an empty list says, and what to do first.
pub const fn empty(topic: Topic) -> (Word, Word) {
    match topic {
        Topic::Lots => (Word::List(Text::NoLots), Word::List(Text::NoLotsHint)),
        Topic::Transfers => (Word::List(Text::NoTransfers), Word::List(Text::NoTransfersHint)),
        Topic::Counts => (Word::List(Text::NoCounts), Word::List(Text::NoCountsHint)),
        Topic::Sessions => (Word::List(Text::NoSessions), Word::List(Text::NoSessionsHint)),
        Topic::Accounts => (Word::List(Text::NoAccounts), Word::List(Text::NoAccountsHint)),
        Topic::Products => (Word::Manage(Set::NoProducts), Word::Manage(Set::NoProductsHint)),
        Topic::Stores => (Word::Manage(Set::NoStores), Word::Manage(Set::NoStoresHint)),
        Topic::People => (Word::Manage(Set::NoPeople), Word::Manage(Set::NoPeopleHint)),
        Topic::Sensors => (Word::Manage(Set::NoSensors), Word::Manage(Set::NoSensorsHint)),
        Topic::Keys => (Word::Manage(Set::NoKeys), Word::Manage(Set::NoKeysHint)),
        Topic::Tills => (Word::Manage(Set::NoTills), Word::Manage(Set::NoTillsHint)),
        Topic::History => (Word::Manage(Set::NoHistory), Word::Manage(Set::NoHistoryHint)),
        Topic::Alarms => (Word::Alarm(Alarms::NoOpen), Word::Alarm(Alarms::NoOpenHint)),
        Topic::PastAlarms => (Word::Alarm(Alarms::NoPast), Word::Alarm(Alarms::NoPastHint)),
        Topic::Rules => (Word::Alarm(Alarms::NoRules), Word::Alarm(Alarms::NoRulesHint)),
        Topic::Quiet => (Word::Alarm(Alarms::NoQuiet), Word::Alarm(Alarms::NoQuietHint)),
    }
}
