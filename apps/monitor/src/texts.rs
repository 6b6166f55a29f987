//! The words of the monitor, in both languages.

use tillwatch_desk::{Lang, texts};
use tillwatch_shared::api::{PaymentMethod, SensorKind, StockEntryKind};

use crate::charts::{Measure, RangeChoice};
use crate::livelog::{KindFilter, Told};
use crate::log_texts;
use crate::reports::Period;
use crate::state::{Health, Page};
use crate::stock::Sort;

texts! {
    pub Text {
        Monitor: "Monitor", "Monitor";
        Overview: "Visão geral", "Overview";
        Live: "Ao vivo", "Live";
        Sensors: "Sensores", "Sensors";
        Alarms: "Alarmes", "Alarms";
        Stock: "Estoque", "Stock";
        SalesToday: "Vendas de hoje", "Sales today";
        MoneyPage: "Caixa e fiado", "Cash and accounts";
        Manage: "Cadastros", "Set-up";
        Settings: "Ajustes", "Settings";
        Terminals: "Terminais", "Terminals";
        Servers: "Servidores", "Servers";
        Terminal: "Terminal", "Terminal";
        Feeds: "Arquivos", "Files";
        LoadingFeeds: "procurando os arquivos…", "looking for the files…";
        LinkState: "Estado", "State";
        PulseValue: "Valor", "Value";
        RoundTrip: "Ida e volta", "Round trip";
        LastContact: "Último contato", "Last contact";
        Gaps: "Falhas", "Gaps";
        LongestGap: "Maior falha", "Longest gap";
        Person: "Quem entrou", "Signed in";
        TerminalOnline: "ligado", "online";
        TerminalSilent: "sem resposta", "not answering";
        TerminalOffline: "desligado", "off";
        TerminalSpoken: "{name}: {state}, valor {value}, contato {age}, {gaps} falhas{about}. Ver mensagens",
            "{name}: {state}, value {value}, contact {age}, {gaps} gaps{about}. See messages";
        NoTerminals: "Nenhum terminal ainda", "No terminal yet";
        NoTerminalsHint: "Cada caixa aberto aparece aqui e confirma a ligação duas vezes por segundo.",
            "Every open register appears here and confirms its link twice a second.";
        LoadingTerminals: "procurando os terminais…", "looking for the terminals…";
        LoadingMessages: "lendo as mensagens…", "reading the messages…";
        MessagesOf: "Mensagens de {name} · passo {step}", "Messages of {name} · step {step}";
        FromTerminal: "Recebidas", "Received";
        ToTerminal: "Enviadas", "Sent";
        ReceivedOne: "recebida", "received";
        SentOne: "enviada", "sent";
        OlderMessages: "Mais antigas", "Older";
        NewestMessages: "Mais recentes", "Newest";
        ExportCsv: "Exportar CSV", "Export CSV";
        Exporting: "Exportando…", "Exporting…";
        ExportDone: "{n} mensagens em {file}", "{n} messages in {file}";
        ExportFailed: "A exportação falhou: {what}", "The export failed: {what}";
        Forget: "Esquecer…", "Forget…";
        ForgetNow: "Esquecer", "Forget";
        ForgetAsk: "Esquecer {name}?", "Forget {name}?";
        ForgetLoses: "O terminal sai da lista e o nome fica livre. As mensagens ficam no registro pelo prazo de sempre. \
            Se ele voltar, começa do zero.",
            "The terminal leaves the list and its name is free. Its messages stay in the log for the usual time. \
            If it comes back, it begins at zero.";
        ForgetConnected: "Só se esquece um terminal desligado.", "Only a terminal that is off can be forgotten.";
        TerminalForgotten: "{name} foi esquecido.", "{name} is forgotten.";
        TerminalNotForgotten: "{name} não foi esquecido: {what}", "{name} was not forgotten: {what}";
        Kept: "Mensagens guardadas por {days} dias, até {rows}", "Messages kept for {days} days, up to {rows}";
        ChangeKept: "Mudar…", "Change…";
        KeptTitle: "Por quanto tempo guardar as mensagens", "How long to keep messages";
        KeptHint: "O que passar do primeiro dos dois limites é apagado aos poucos.",
            "What is beyond the first of the two limits is removed bit by bit.";
        KeptDays: "Dias (1 a 3.650)", "Days (1 to 3.650)";
        KeptRows: "Mensagens (10.000 a 1.000.000.000)", "Messages (10.000 to 1.000.000.000)";
        KeptWrong: "Um número inteiro dentro destes limites.", "A whole number within these limits.";
        KeptBy: "Mudado por {name} em {when}.", "Changed by {name} on {when}.";
        Save: "Salvar", "Save";
        Cancel: "Cancelar", "Cancel";
        RetentionSaved: "O prazo das mensagens foi mudado.", "The time that messages are kept is changed.";
        PageAlerts: "{page}, {n} precisam de alguém", "{page}, {n} need somebody";

        Demo: "Demonstração: os dados são fictícios e podem ser apagados.",
            "Demonstration: the data is made up and may be erased.";
        ReadingsHeld: "As leituras esperam em disco porque o banco de dados está fora do ar desde {since}: {n}, {used} de {room} do espaço.",
            "Readings wait on disk because the database is away since {since}: {n}, {used} of {room} of the room used.";
        ReadingsRefused: "Novas leituras são recusadas: o banco de dados está fora do ar desde {since} e o disco não aceita mais ({n} esperam, {used} de {room} do espaço).",
            "New readings are refused: the database is away since {since} and the disk takes no more ({n} wait, {used} of {room} of the room used).";
        ReadingsWaiting: "{n} leituras", "{n} readings";
        OneReadingWaiting: "1 leitura", "1 reading";
        ServerSilent: "O servidor não responde. O que se vê é de {age}; tentamos de novo em {wait}.",
            "The server does not answer. What you see is from {age}; trying again in {wait}.";
        ServerSilentNow: "O servidor não responde. O que se vê é de {age}; tentando de novo…",
            "The server does not answer. What you see is from {age}; trying again…";
        ServerRefuses: "O servidor recusou o pedido: {what} O que se vê é de {age}. {hint}",
            "The server refused: {what} What you see is from {age}. {hint}";
        NotTheServer: "{what} O que se vê é de {age}. {hint}", "{what} What you see is from {age}. {hint}";
        TryNow: "Tentar agora", "Try now";
        SessionEnded: "A sessão terminou. Entre de novo.", "The session has ended. Sign in again.";
        ServerWentBack: "O servidor voltou a um estado anterior; tudo foi lido de novo.",
            "The server went back to an earlier state; everything was read again.";
        SellerSeesLittle: "Vendedores veem só a própria loja; alguns quadros podem ficar vazios.",
            "Sellers see their own shop only; some figures may stay empty.";
        LoadingTotals: "somando as vendas de hoje…", "adding up today's sales…";
        LoadingSensors: "procurando os sensores…", "looking for the sensors…";
        LoadingStock: "lendo o estoque…", "reading the stock…";
        LoadingLog: "lendo os últimos registros…", "reading the newest records…";
        LoadingCharts: "lendo as medições…", "reading the measurements…";
        Close: "Fechar", "Close";
        Refresh: "Atualizar", "Refresh";
        KeysHelp: "Teclas", "Keys";
        Account: "{name}: conta", "{name}: account";
        SignOut: "Sair", "Sign out";
        SignOutAsk: "Sair do monitor?", "Sign out of the monitor?";
        SignOutLoses: "Quem chegar aqui terá de entrar de novo. Nada se perde no servidor.",
            "Whoever comes next has to sign in. Nothing is lost on the server.";
        Stay: "Continuar aqui", "Stay";

        TodayAllStores: "Hoje, todas as lojas", "Today, all stores";
        Takings: "Vendido hoje", "Sold today";
        SalesCount: "Vendas", "Sales";
        CountSales: "{n} vendas", "{n} sales";
        Ticket: "Ticket médio", "Average sale";
        LowStock: "Estoque baixo", "Low stock";
        OutOfBand: "Sensores em alerta", "Sensors in trouble";
        OfSensors: "de {n}", "of {n}";
        OfProducts: "de {n} itens", "of {n} items";
        PerStore: "Por loja", "By store";
        SalesByHour: "Vendas por hora", "Sales by hour";
        HoursSpoken: "Vendas por hora: hoje {today}, há uma semana {before}",
            "Sales by hour: today {today}, a week ago {before}";
        ThanWeekBefore: "{sign} {n} % em 7 dias", "{sign} {n} % in 7 days";
        BySeller: "Por vendedor", "By seller";
        NeedsSomebody: "Precisa de alguém", "Needs somebody";
        AllIsWell: "Está tudo em ordem.", "All is well.";
        TillSilent: "{name} calado {age}", "{name} silent, {age}";
        TillsSilent: "{n} caixas calados", "{n} tills silent";
        TransferOnTheWay: "1 transferência a caminho", "1 transfer on the way";
        TransfersOnTheWay: "{n} transferências a caminho", "{n} transfers on the way";
        LotsExpired: "{n} lotes vencidos com saldo", "{n} expired lots in stock";
        LotsExpiring: "{n} lotes vencem em 7 dias", "{n} lots expire within 7 days";
        ProductsLow: "{n} produtos no mínimo ou abaixo", "{n} products at their minimum or below";
        FilesNeed: "{n} pendências nos arquivos", "{n} things waiting in files";
        ExpirySoon: "Validade", "Expiry";
        OfThemExpired: "{n} vencidos", "{n} expired";
        Newest: "Últimos registros", "Newest records";
        MoreAlarms: "Mais alarmes por atender: {n}", "More alarms that wait for somebody: {n}";
        SeenAlarms: "Alarmes já vistos ou em pausa: {n}", "Alarms seen or in a quiet time: {n}";
        SeeAll: "Ver tudo", "See all";
        Store: "Loja", "Store";
        NoSalesYet: "Nenhuma venda ainda hoje", "No sale yet today";
        NoSalesYetHint: "As vendas do caixa aparecem aqui em até 5 segundos.",
            "Sales from the register appear here within 5 seconds.";
        NoStores: "Nenhuma loja ainda", "No store yet";
        NoStoresHint: "Quem administra pode criar uma loja e dar acesso a ela.",
            "The administrator can add a store and give access to it.";
        Figure: "{name}: {value}. Ver de onde vem", "{name}: {value}. See where it comes from";

        LogEmpty: "Nada registrado ainda", "Nothing recorded yet";
        LogEmptyHint: "Registre uma venda ou uma entrada no caixa: ela aparece aqui em até 5 segundos.",
            "Record a sale or a stock entry at the register: it appears here within 5 seconds.";
        NothingFound: "Nada encontrado", "Nothing found";
        NothingFoundHint: "Nenhuma linha passa pelo filtro.", "No row passes the filter.";
        ClearFilter: "Limpar filtro", "Clear the filter";
        All: "Tudo", "All";
        Sales: "Vendas", "Sales";
        Entries: "Estoque", "Stock";
        MoneyKind: "Caixa", "Cash";
        ReturnApproved: "Devolução autorizada até", "Return allowed up to";
        DiscountApproved: "Desconto autorizado até", "Discount allowed up to";
        DrawerOpened: "Caixa aberto com", "Drawer opened with";
        DrawerWithdrawal: "Sangria", "Withdrawal";
        DrawerDeposit: "Suprimento", "Deposit";
        DrawerClosed: "Caixa fechado, diferença", "Drawer closed, difference";
        DebtPaid: "Fiado recebido", "Debt paid";
        Returned: "Devolvido", "Returned";
        NetOf: "Líquido", "Net";
        AllStores: "Todas as lojas", "All stores";
        Search: "Buscar", "Search";
        SearchLog: "produto, pessoa, loja ou número", "product, person, store or number";
        SearchStock: "produto ou número", "product or number";
        Pause: "Pausar", "Pause";
        Resume: "Continuar", "Resume";
        Paused: "Pausado", "Paused";
        Waiting: "{n} novos: voltar ao topo", "{n} new: back to the top";
        WaitingNone: "Parado durante a leitura", "Held while you read";
        When: "Quando", "When";
        What: "O quê", "What";
        Amount: "Quanto", "How much";
        Who: "Quem", "Who";
        SaleItems: "Venda {n} · {items} itens", "Sale {n} · {items} items";
        SaleByAmount: "Venda {n} · só o valor", "Sale {n} · amount only";
        SaleItem: "Venda {n} · 1 item", "Sale {n} · 1 item";
        SaleReturned: "devolvida", "returned";
        SalePartReturned: "devolvida em parte", "returned in part";
        SaleVoided: "cancelada", "cancelled";
        ReturnOf: "Devolução da venda {n}", "Return of sale {n}";
        VoidOf: "Cancelamento da venda {n}", "Cancellation of sale {n}";
        WrittenOff: "baixado", "written off";
        Refunded: "Reembolso", "Refund";
        Total: "Total", "Total";
        Change: "Troco", "Change";
        Balance: "Saldo", "Balance";
        BalanceAfter: "saldo {balance} {unit}", "balance {balance} {unit}";
        Reason: "Motivo", "Reason";
        ArrivedAt: "chegou ao servidor {at}", "reached the server {at}";
        LoadOlder: "Carregar mais antigos", "Load older ones";
        LoadingOlder: "lendo os mais antigos…", "reading older ones…";
        BeginningOfTime: "Este é o começo", "This is the beginning";
        Rows: "{n} linhas", "{n} rows";
        Received: "Entrada", "Received";
        Adjusted: "Ajuste", "Adjusted";
        Counted: "Contagem", "Counted";
        Cash: "Dinheiro", "Cash";
        Pix: "Pix", "Pix";
        Credit: "Crédito", "Credit";
        Debit: "Débito", "Debit";
        OnAccount: "Fiado", "On account";

        SensorsEmpty: "Nenhum sensor ainda", "No sensor yet";
        SensorsEmptyHint: "Um sensor aparece aqui assim que envia a primeira medição. Para experimentar: tillwatch simulate sensors",
            "A sensor appears here as soon as it sends its first reading. To try it: tillwatch simulate sensors";
        Temperature: "Temperatura", "Temperature";
        Humidity: "Umidade", "Humidity";
        Pressure: "Pressão", "Pressure";
        Minutes15: "15 min", "15 min";
        Hour1: "1 h", "1 h";
        Hours24: "24 h", "24 h";
        Days7: "7 d", "7 d";
        Days30: "30 d", "30 d";
        Year1: "1 ano", "1 year";
        BackToNow: "Voltar ao agora", "Back to now";
        Following: "acompanhando", "following";
        ZoomIn: "Aproximar", "Zoom in";
        ZoomOut: "Afastar", "Zoom out";
        AllSensors: "Todos os sensores", "All sensors";
        OpenLarge: "Ampliar {name}", "Enlarge {name}";
        Chart: "Gráfico de {measure}, {name}", "Chart of {measure}, {name}";
        NoDataInRange: "sem medições neste período", "no measurements in this range";
        ChartHintWall: "Arraste para mover · Ctrl + roda aproxima · botão direito marca um trecho",
            "Drag to move · Ctrl + wheel zooms · right button marks a stretch";
        ChartHintLarge: "Arraste para mover · roda aproxima · botão direito marca um trecho",
            "Drag to move · wheel zooms · right button marks a stretch";
        Good: "na faixa", "in range";
        GoodNoBand: "medindo", "measuring";
        TooWarm: "quente demais", "too warm";
        TooCold: "frio demais", "too cold";
        Silent: "calado", "silent";
        SilentFor: "calado {age}", "silent, {age}";
        Unheard: "nunca mediu", "never measured";
        Band: "faixa {low} a {high} °C", "range {low} to {high} °C";
        BandLow: "mínimo {low} °C", "minimum {low} °C";
        BandHigh: "máximo {high} °C", "maximum {high} °C";
        Fridge: "geladeira", "fridge";
        Freezer: "freezer", "freezer";
        Room: "ambiente", "room";
        NoStore: "sem loja", "no store";

        StockEmpty: "Nenhum produto ainda", "No product yet";
        StockEmptyHint: "Cadastre um produto no caixa (e registre uma entrada): ele aparece aqui.",
            "Add a product at the register (and record an entry): it appears here.";
        NothingLow: "Nada abaixo do mínimo", "Nothing below its minimum";
        NothingLowHint: "Todos os produtos com mínimo estão acima dele.",
            "All products that have a minimum are above it.";
        Product: "Produto", "Product";
        Number: "Nº", "No.";
        Minimum: "Mínimo", "Minimum";
        State: "Situação", "State";
        Low: "baixo", "low";
        Negative: "negativo", "negative";
        Enough: "bom", "enough";
        LowOnly: "Só o que está baixo", "Low only";
        StockFull: "São produtos demais para uma tela: os primeiros {n} estão aqui. Busque por nome ou número no caixa.",
            "There are too many products for one screen: the first {n} are here. Search at the register for the rest.";
        SortBy: "Ordenar por {column}", "Sort by {column}";
        Shortage: "Falta", "Shortage";

        Reports: "Relatórios", "Reports";
        Report: "Relatório", "Report";
        SellerName: "Vendedor", "Seller";
        Chain: "Rede", "Chain";
        PeriodToday: "Hoje", "Today";
        PeriodYesterday: "Ontem", "Yesterday";
        PeriodWeek: "Esta semana", "This week";
        PeriodMonth: "Este mês", "This month";
        PeriodDays30: "30 dias", "30 days";
        PeriodOwn: "De … a …", "From … to …";
        FromDay: "Primeiro dia", "First day";
        ToDay: "Último dia", "Last day";
        BadPeriod: "escreva dois dias em ordem, como 01/12/2026", "write two days in order, like 01/12/2026";
        LoadingReport: "somando o relatório…", "adding up the report…";
        SavingReport: "gravando o arquivo…", "writing the file…";
        SaveCsv: "Salvar CSV", "Save CSV";
        SaveXlsx: "Salvar planilha", "Save spreadsheet";
        ReportFileName: "relatorio", "report";
        ReportSaved: "Salvo em {path}", "Saved to {path}";
        ReportNotSaved: "O arquivo não foi salvo: {why}", "The file was not saved: {why}";
        NothingSold: "Nada vendido neste período", "Nothing sold in this period";
        NothingSoldHint: "Escolha outro período ou outra loja.", "Choose another period or store.";
        PartialReport: "Somente as suas lojas", "Your stores only";
        RowsLeftOut: "e mais {n} linhas; o total conta todas", "and {n} more rows; the total counts all";
        OverTime: "Ao longo do período", "Over the period";
        ByWeekday: "Por dia da semana", "By weekday";
        ByHour: "Por hora", "By hour";
        Mon: "seg", "Mon"; Tue: "ter", "Tue"; Wed: "qua", "Wed"; Thu: "qui", "Thu";
        Fri: "sex", "Fri"; Sat: "sáb", "Sat"; Sun: "dom", "Sun";
        ChartOf: "Vendas no período: {total} em {n} partes", "Sales in the period: {total} in {n} parts";

        Share: "Parte", "Share";
        SeeSales: "Ver as vendas de {name}", "Show the sales of {name}";
        SalesOf: "Últimas vendas", "Newest sales";
        Day: "Dia", "Day";

        Language: "Idioma", "Language";
        Theme: "Aparência", "Appearance";
        Dark: "Escura", "Dark";
        Light: "Clara", "Light";
        Zoom: "Tamanho", "Size";
        Bigger: "Aumentar", "Bigger";
        Smaller: "Diminuir", "Smaller";
        Reset: "Normal", "Normal";
        Server: "Servidor", "Server";
        ServerHint: "Para usar outro servidor, saia e troque o endereço na tela de entrada.",
            "To use another server, sign out and change the address on the sign-in screen.";
        Version: "versão {version}", "version {version}";
        SignedInAs: "Quem está aqui", "Signed in";
        Seller: "vendedor", "seller";
        Manager: "gerente", "manager";
        Admin: "administrador", "administrator";
        KeysList: "Ver todas as teclas", "Show all keys";

        KeyPages: "abre uma página", "opens a page";
        KeySettings: "abre os ajustes", "opens the settings";
        KeyRefresh: "lê tudo de novo", "reads everything again";
        KeyKeys: "mostra as teclas", "shows the keys";
        KeySearch: "vai para a busca", "goes to the search";
        KeyFound: "na busca, abre a primeira linha achada", "in the search, opens the first row found";
        KeyPause: "pausa e continua o Ao vivo", "pauses and resumes Live";
        KeyRows: "anda pelas linhas; Enter abre a escolhida", "walks the rows; Enter opens the chosen one";
        KeyPan: "move os gráficos no tempo", "moves the charts in time";
        KeyZoomCharts: "aproxima e afasta os gráficos", "zooms the charts";
        KeyFollow: "volta ao agora", "goes back to now";
        KeyEscape: "fecha, volta", "closes, goes back";
        KeyZoom: "aumenta, diminui, normal", "bigger, smaller, normal";
        KeyTab: "anda pelos botões", "walks the buttons";
    }
}

/// January first.
pub const fn months(lang: Lang) -> &'static [&'static str; 12] {
    match lang {
        Lang::Pt => &["jan", "fev", "mar", "abr", "mai", "jun", "jul", "ago", "set", "out", "nov", "dez"],
        Lang::En => &["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    }
}

pub const fn page(page: Page) -> Text {
    match page {
        Page::Overview => Text::Overview,
        Page::Live => Text::Live,
        Page::Sensors => Text::Sensors,
        Page::Alarms => Text::Alarms,
        Page::Stock => Text::Stock,
        Page::Sales => Text::SalesToday,
        Page::Money => Text::MoneyPage,
        Page::Reports => Text::Reports,
        Page::Terminals => Text::Terminals,
        Page::Feeds => Text::Feeds,
        Page::Servers => Text::Servers,
        Page::Manage => Text::Manage,
        Page::Settings => Text::Settings,
    }
}

/// 1 is Monday.
pub const fn weekday(day: i8) -> Text {
    match day {
        1 => Text::Mon,
        2 => Text::Tue,
        3 => Text::Wed,
        4 => Text::Thu,
        5 => Text::Fri,
        6 => Text::Sat,
        _ => Text::Sun,
    }
}

pub const fn period(period: Period) -> Text {
    match period {
        Period::Today => Text::PeriodToday,
        Period::Yesterday => Text::PeriodYesterday,
        Period::Week => Text::PeriodWeek,
        Period::Month => Text::PeriodMonth,
        Period::Days30 => Text::PeriodDays30,
        Period::Own => Text::PeriodOwn,
    }
}

pub const fn measure(measure: Measure) -> Text {
    match measure {
        Measure::Temperature => Text::Temperature,
        Measure::Humidity => Text::Humidity,
        Measure::Pressure => Text::Pressure,
    }
}

pub const fn range(choice: RangeChoice) -> Text {
    match choice {
        RangeChoice::Minutes15 => Text::Minutes15,
        RangeChoice::Hour => Text::Hour1,
        RangeChoice::Day => Text::Hours24,
        RangeChoice::Week => Text::Days7,
        RangeChoice::Month => Text::Days30,
        RangeChoice::Year => Text::Year1,
    }
}

pub const fn health(health: Health, has_band: bool) -> Text {
    match health {
        Health::TooWarm => Text::TooWarm,
        Health::TooCold => Text::TooCold,
        Health::Silent => Text::Silent,
        Health::Unheard => Text::Unheard,
        Health::Good if has_band => Text::Good,
        Health::Good => Text::GoodNoBand,
    }
}

pub const fn sensor_kind(kind: SensorKind) -> Text {
    match kind {
        SensorKind::Fridge => Text::Fridge,
        SensorKind::Freezer => Text::Freezer,
        SensorKind::Room => Text::Room,
    }
}

pub const fn entry_kind(kind: StockEntryKind) -> Text {
    match kind {
        StockEntryKind::Receive => Text::Received,
        StockEntryKind::Adjust => Text::Adjusted,
        StockEntryKind::Count => Text::Counted,
    }
}

pub const fn payment(method: PaymentMethod) -> Text {
    match method {
        PaymentMethod::Cash => Text::Cash,
        PaymentMethod::Pix => Text::Pix,
        PaymentMethod::Credit => Text::Credit,
        PaymentMethod::Debit => Text::Debit,
        PaymentMethod::Account => Text::OnAccount,
    }
}

pub fn kind_filter(kind: KindFilter, lang: Lang) -> &'static str {
    match kind {
        KindFilter::All => Text::All.get(lang),
        KindFilter::Sales => Text::Sales.get(lang),
        KindFilter::Returns => log_texts::Text::Returns.get(lang),
        KindFilter::Entries => Text::Entries.get(lang),
        KindFilter::Money => Text::MoneyKind.get(lang),
        KindFilter::Alarms => log_texts::Text::Alarms.get(lang),
        KindFilter::SignIns => log_texts::Text::SignIns.get(lang),
    }
}

pub const fn told(told: Told) -> Text {
    match told {
        Told::Approved => Text::DiscountApproved,
        Told::ReturnApproved => Text::ReturnApproved,
        Told::DrawerOpened => Text::DrawerOpened,
        Told::Withdrawal => Text::DrawerWithdrawal,
        Told::Deposit => Text::DrawerDeposit,
        Told::DrawerClosed => Text::DrawerClosed,
        Told::DebtPaid => Text::DebtPaid,
    }
}

pub const fn sort(sort: Sort) -> Text {
    match sort {
        Sort::Name => Text::Product,
        Sort::Number => Text::Number,
        Sort::Balance => Text::Balance,
        Sort::Shortage => Text::Shortage,
    }
}
