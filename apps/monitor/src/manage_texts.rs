//! The words of the pages where things are set up: products and prices, stores, people, sensors, keys, and the
//! history of changes, in both languages.

use tillwatch_desk::texts;
use tillwatch_shared::api::{AlarmRule, Deed, Event, Matter, Thing, Upkeep};

texts! {
    pub Text {
        Products: "Produtos e preços", "Products and prices";
        Stores: "Lojas e descontos", "Stores and discounts";
        People: "Pessoas", "People";
        Sensors: "Sensores", "Sensors";
        Keys: "Chaves", "Keys";
        Tills: "Caixas", "Tills";
        History: "Histórico", "History";
        LoadingProducts: "lendo os produtos…", "reading the products…";
        LoadingStores: "lendo as lojas…", "reading the stores…";
        LoadingPeople: "lendo as pessoas…", "reading the people…";
        LoadingSensors: "lendo os sensores…", "reading the sensors…";
        LoadingKeys: "lendo as chaves…", "reading the keys…";
        LoadingTills: "lendo os caixas…", "reading the tills…";
        LoadingHistory: "lendo o histórico…", "reading the history…";
        NoProducts: "Nenhum produto ainda", "No product yet";
        NoProductsHint: "Cadastre o primeiro, ou importe uma planilha em CSV.",
            "Add the first one, or import a CSV file.";
        NoStores: "Nenhuma loja ainda", "No store yet";
        NoStoresHint: "Quem administra cadastra a primeira.", "The administrator adds the first one.";
        NoPeople: "Ninguém ainda", "Nobody yet";
        NoPeopleHint: "Cadastre quem trabalha nas lojas.", "Add those who work in the stores.";
        NoSensors: "Nenhum sensor ainda", "No sensor yet";
        NoSensorsHint: "Um sensor aparece assim que envia a primeira medição; aqui ele ganha nome, loja e faixa.",
            "A sensor appears with its first reading; here it gets its name, store and range.";
        NoKeys: "Nenhuma chave ainda", "No key yet";
        NoKeysHint: "Cada aparelho que envia medições usa uma chave.", "Each device that sends readings uses a key.";
        NoTills: "Nenhum caixa ainda", "No till yet";
        NoTillsHint: "Um caixa aparece quando alguém entra nele pela primeira vez.",
            "A till appears when somebody signs in there for the first time.";
        NoHistory: "Nada mudou ainda", "Nothing has changed yet";
        NoHistoryHint: "Cada mudança de cadastro fica aqui: quem, quando e o quê.",
            "Every change of the set-up stays here: who, when and what.";

        Number: "Nº", "No.";
        Product: "Produto", "Product";
        Code: "Código", "Code";
        SoldBy: "Unidade", "Unit";
        Minimum: "Mínimo", "Minimum";
        Price: "Preço", "Price";
        OtherPrices: "Por período", "By period";
        State: "Situação", "State";
        Store: "Loja", "Store";
        Chain: "Rede", "Chain";
        Cnpj: "CNPJ", "CNPJ";
        Zone: "Fuso", "Zone";
        SellerLimit: "Vendedor", "Seller";
        ManagerLimit: "Gerente", "Manager";
        AdminLimit: "Admin.", "Admin";
        Name: "Nome", "Name";
        Username: "Usuário", "User name";
        Role: "Papel", "Role";
        StoresOf: "Lojas", "Stores";
        Pin: "PIN", "PIN";
        SensorId: "Identificação", "Id";
        StandsIn: "Lugar", "Place";
        Low: "Mínima", "Lowest";
        High: "Máxima", "Highest";
        May: "Pode", "May";
        ForSensors: "Sensores", "Sensors";
        Made: "Criada", "Made";
        LastUse: "Último uso", "Last use";
        MaySendFor: "Envia em nome de", "Sends in the name of";
        Enrolled: "Desde", "Since";
        When: "Quando", "When";
        Who: "Quem", "Who";
        WhatChanged: "O quê", "What";
        Subject: "De quê", "Of what";

        OnePeriod: "1 período", "1 period";
        Periods: "{n} períodos", "{n} periods";
        Active: "ativo", "active";
        Inactive: "parado", "inactive";
        Gone: "sem acesso", "no access";
        AllStores: "todas as lojas", "all stores";
        Yes: "sim", "yes";
        No: "não", "no";
        NotPlaced: "sem loja", "no store";
        MayWrite: "enviar medições", "send readings";
        MayListen: "ouvir ao vivo", "listen live";
        AllSensors: "todos", "all";
        Revoked: "revogada", "revoked";
        ExpiredKey: "vencida", "expired";
        Valid: "vale", "valid";
        ShutOut: "desligado", "shut out";
        Never: "nunca", "never";
        TheServer: "o servidor", "the server";
        SomethingElse: "outra mudança", "another change";
        StillActive: "Ativos", "Active";
        WithPeriods: "Com preço por período", "With prices by period";

        NewProduct: "Novo produto…", "New product…";
        NewStore: "Nova loja…", "New store…";
        NewPerson: "Nova pessoa…", "New person…";
        NewKey: "Nova chave…", "New key…";
        Edit: "Mudar…", "Change…";
        SetPrices: "Preço por período…", "Price by period…";
        SetLimits: "Limites de desconto…", "Discount limits…";
        Revoke: "Revogar…", "Revoke…";
        ShutOutTill: "Desligar…", "Shut out…";

        ProductTitle: "Produto", "Product";
        PricesTitle: "Preço por período", "Price by period";
        StoreTitle: "Loja", "Store";
        LimitsTitle: "Limites de desconto", "Discount limits";
        PersonTitle: "Pessoa", "Person";
        SensorTitle: "Sensor", "Sensor";
        KeyTitle: "Nova chave", "New key";
        RevokeTitle: "Revogar a chave?", "Revoke the key?";
        ShutOutTitle: "Desligar o caixa?", "Shut the till out?";
        RevokeLoses: "O aparelho que usa “{name}” não envia mais nada. Não tem volta: depois só com outra chave.",
            "The device that uses “{name}” sends nothing any more. There is no way back but another key.";
        ShutOutLoses: "“{name}” não envia mais nada em nome de ninguém até que alguém o cadastre de novo.",
            "“{name}” sends nothing in anybody's name any more, until somebody enrols it again.";
        Continue: "Conferir", "Review";
        Confirm: "Salvar", "Save";
        RevokeNow: "Revogar", "Revoke";
        ShutOutNow: "Desligar", "Shut out";
        Back: "Voltar", "Back";
        Cancel: "Cancelar", "Cancel";
        Review: "Confira antes de salvar:", "Look it over before it is saved:";
        NothingChanged: "Nada mudou.", "Nothing has changed.";
        Nothing: "nada", "nothing";
        Saved: "Salvo: {name}", "Saved: {name}";
        SecretTitle: "Guarde a chave agora", "Keep the key now";
        SecretHint: "Ela aparece só desta vez. Copie-a para o aparelho.",
            "It is shown this once. Copy it into the device.";
        Copy: "Copiar", "Copy";
        Copied: "copiada", "copied";

        Password: "Senha", "Password";
        NewPassword: "Senha nova (vazio: fica a de antes)", "New password (empty: stays as it is)";
        NewPin: "PIN novo (vazio: fica o de antes)", "New PIN (empty: stays as it is)";
        Cpf: "CPF (se houver)", "CPF (if there is one)";
        CnpjField: "CNPJ (se houver)", "CNPJ (if there is one)";
        NewCnpj: "CNPJ (vazio: fica o de antes)", "CNPJ (empty: stays as it is)";
        CodeField: "Código de barras ou interno", "Barcode or own code";
        MinimumField: "Mínimo em estoque", "Minimum in stock";
        UsualPrice: "Preço de sempre", "Usual price";
        Access: "Acesso", "Access";
        OnSale: "À venda", "On sale";
        SellerMay: "Vendedores podem dar até", "Sellers may give up to";
        ManagerMay: "Gerentes podem dar até", "Managers may give up to";
        AdminMay: "Administradores podem dar até", "Administrators may give up to";
        Where: "Onde", "Where";
        Everywhere: "Todas as lojas", "All stores";
        NewPrice: "Preço no período", "Price in the period";
        FirstDay: "Primeiro dia", "First day";
        LastDay: "Último dia (vazio: sem fim)", "Last day (empty: no end)";
        Kept: "Períodos que ficam", "Periods that stay";
        FromDayOn: "desde {day}", "from {day} on";
        FromTo: "{price}, de {from} a {to}", "{price}, {from} to {to}";
        FromOn: "{price}, desde {from}", "{price}, from {from} on";
        LowField: "Mínima em °C", "Lowest in °C";
        HighField: "Máxima em °C", "Highest in °C";
        Expires: "Vale até (vazio: sem fim)", "Valid until (empty: no end)";

        WrongName: "Escreva um nome.", "Write a name.";
        WrongPassword: "Ao menos 4 caracteres.", "At least 4 characters.";
        WrongPin: "De 4 a 8 dígitos.", "4 to 8 digits.";
        WrongDigits: "Os dígitos não conferem.", "The digits do not match.";
        WrongPrice: "Um valor como 12,50.", "An amount like 12,50.";
        WrongQuantity: "Uma quantidade como 1,5.", "A quantity like 1,5.";
        WrongPercent: "De 0 a 100 %, como 12,5.", "0 to 100 %, like 12,5.";
        WrongOrder: "Nenhum papel dá mais que o de cima.", "No role gives more than the one above.";
        WrongDay: "Um dia como 31/12/2026.", "A day like 31/12/2026.";
        WrongDays: "O último dia vem depois do primeiro.", "The last day comes after the first.";
        WrongSameDay: "Já há um período que começa neste dia.", "There is a period that begins on this day.";
        WrongCelsius: "Uma temperatura como -18,5.", "A temperature like -18,5.";
        WrongBand: "A máxima vem acima da mínima.", "The highest is above the lowest.";
        ChooseOne: "Escolha.", "Choose one.";

        ChainAdded: "rede cadastrada", "chain added";
        StoreAdded: "loja cadastrada", "store added";
        StoreChanged: "loja mudada", "store changed";
        PersonAdded: "pessoa cadastrada", "person added";
        PersonChanged: "pessoa mudada", "person changed";
        ProductAdded: "produto cadastrado", "product added";
        ProductChanged: "produto mudado", "product changed";
        SensorSet: "sensor ajustado", "sensor set";
        KeyIssued: "chave criada", "key made";
        KeyRevoked: "chave revogada", "key revoked";
        TillEnrolled: "caixa cadastrado", "till enrolled";
        TillRevoked: "caixa desligado", "till shut out";
        AliasSet: "nome de arquivo entendido", "name of a file understood";
        RuleSet: "regra de alarme", "alarm rule";
        RuleRemoved: "regra de alarme tirada", "alarm rule removed";
        QuietSet: "silêncio marcado", "quiet time set";
        QuietEnded: "silêncio terminado", "quiet time ended";
        CalibrationSet: "calibração", "calibration";
        CalibrationWithdrawn: "calibração retirada", "calibration withdrawn";
        AnnotationAdded: "anotação", "note";
        AnnotationWithdrawn: "anotação retirada", "note withdrawn";
        RecordPutAway: "registro de arquivo descartado", "record of a file put away";
        Coordinates: "outro servidor coordena", "another server coordinates";
        MessagesKept: "mensagens dos terminais: por quanto tempo", "messages of terminals: for how long";
        TerminalForgotten: "terminal esquecido", "terminal forgotten";
        BackupAskedFor: "cópia de segurança pedida", "backup asked for";
        MemberAdded: "servidor posto no grupo", "server added to the group";
        MemberRemoved: "servidor retirado do grupo", "server removed from the group";
        Address: "Endereço", "Address";
        KeptDays: "Dias", "Days";
        KeptRows: "No máximo", "At most";
        Terminal: "Terminal", "Terminal";
        Urgency: "Urgência", "Urgency";
        WatchedFor: "Vigiado", "Watched for";
        ToDo: "O que fazer", "What to do";
        OfSensor: "Sensor", "Sensor";
        OfKind: "Alarme", "Alarm";
        From: "Desde", "From";
        Until: "Até", "Until";
        Reason: "Motivo", "Reason";
        File: "Arquivo", "File";
        Record: "Registro", "Record";
        NameThere: "Nome no arquivo", "Name in the file";
        Means: "Quer dizer", "Means";
        Coordinator: "Servidor", "Server";
        Cause: "Por quê", "Why";
        All: "todos", "all";
        Before: "antes: {value}", "before: {value}";
    }
}

/// The sensor that a rule is for; nothing where it is for all of them.
fn sensor_of(rule: &AlarmRule) -> String {
    rule.settings.sensor_id.as_ref().map(ToString::to_string).unwrap_or_default()
}

/// What a change that the history tells is, and of what; nothing for what happens in the shop's day.
pub fn told(event: &Event) -> Option<(Text, String)> {
    if let Event::FeedRecordDismissed(one) = event {
        return Some((Text::RecordPutAway, format!("{} · {}", one.feed, one.record_id)));
    }
    if let Matter::Servers(one) = event.matter() {
        return Some((Text::Coordinates, one.member.to_string()));
    }
    if let Matter::Upkeep(one) = event.matter() {
        return Some(upkeep(one));
    }
    let (deed, thing) = event.set_up()?;
    Some(set_up(deed, thing))
}

fn upkeep(one: &Upkeep) -> (Text, String) {
    match one {
        Upkeep::MessagesKept { .. } => (Text::MessagesKept, String::new()),
        Upkeep::TerminalForgotten { client } => (Text::TerminalForgotten, client.clone()),
        Upkeep::BackupAskedFor {} => (Text::BackupAskedFor, String::new()),
        Upkeep::MemberAdded { member, .. } => (Text::MemberAdded, member.to_string()),
        Upkeep::MemberRemoved { member } => (Text::MemberRemoved, member.to_string()),
    }
}

fn set_up(deed: Deed, thing: Thing<'_>) -> (Text, String) {
    let either = |added, otherwise| if deed == Deed::Added { added } else { otherwise };
    let unless_gone = |set, removed| if deed == Deed::Removed { removed } else { set };
    match thing {
        Thing::Chain(chain) => (Text::ChainAdded, chain.name.clone()),
        Thing::Store(store) => (either(Text::StoreAdded, Text::StoreChanged), store.name.clone()),
        Thing::Person(person) => (either(Text::PersonAdded, Text::PersonChanged), person.name.clone()),
        Thing::Product(product) => (either(Text::ProductAdded, Text::ProductChanged), product.name.clone()),
        Thing::Sensor(change) => (Text::SensorSet, change.settings.name.clone()),
        Thing::Key(key) => (unless_gone(Text::KeyIssued, Text::KeyRevoked), key.name.clone()),
        Thing::Till(till) => (unless_gone(Text::TillEnrolled, Text::TillRevoked), till.name.clone()),
        Thing::Alias(alias) => (Text::AliasSet, alias.name.clone()),
        Thing::Rule(rule) => (unless_gone(Text::RuleSet, Text::RuleRemoved), sensor_of(rule)),
        Thing::Calibration(one) => {
            (unless_gone(Text::CalibrationSet, Text::CalibrationWithdrawn), one.sensor_name.clone())
        }
        Thing::Annotation(one) => {
            (unless_gone(Text::AnnotationAdded, Text::AnnotationWithdrawn), one.sensor_name.clone())
        }
        Thing::Quiet(quiet) => (unless_gone(Text::QuietSet, Text::QuietEnded), quiet.settings.reason.clone()),
    }
}
