//! The words of the page of feeds, in both languages.

use tillwatch_desk::texts;

texts! {
    pub Text {
        NoFeeds: "Nenhum arquivo é acompanhado", "No file is followed";
        NoFeedsHint: "Inicie o servidor com --feed NOME=ARQUIVO: as vendas que outro programa grava aparecem aqui.",
            "Start the server with --feed NAME=PATH: sales that another program writes appear here.";
        WhereFeedsAre: "Quais arquivos o servidor acompanha se diz onde ele é iniciado: --feed NOME=ARQUIVO, ou \
                        TILLWATCH_FEEDS com vários, separados por ponto e vírgula. Mude lá e reinicie o servidor para \
                        acrescentar, trocar ou tirar um; o que já foi lido fica guardado.",
            "Which files the server follows is said where it is started: --feed NAME=PATH, or TILLWATCH_FEEDS with \
             several, separated by semicolons. Change it there and restart the server to add, replace or take out \
             one; what was read before is kept.";
        Feed: "Arquivo", "File";
        Records: "Registros", "Records";
        FeedSales: "Vendas", "Sales";
        FeedWaiting: "Esperam", "Waiting";
        FeedBad: "Ruins", "Bad";
        LastRead: "Última leitura", "Last read";
        FeedCurrent: "em dia", "up to date";
        FeedNeedy: "pede atenção", "needs attention";
        FeedReading: "lendo, {n} %", "reading, {n} %";
        FeedStarting: "começando", "starting";
        FeedFailed: "com problema", "in trouble";
        FeedNotFollowed: "não acompanhado", "not followed";
        FeedNotFollowedHint: "O servidor não acompanha mais este arquivo; o que foi lido está guardado.",
            "The server does not follow this file any more; what was read is kept.";
        FeedSpoken: "{name}: {state}, {records} registros, {parked} esperam, {bad} ruins",
            "{name}: {state}, {records} records, {parked} waiting, {bad} bad";
        FeedRead: "{done} de {all} lidos", "{done} of {all} read";
        FeedLastRead: "última leitura {age}", "last read {age}";
        FeedUpdates: "{n} mudanças", "{n} changes";
        FeedTrouble: "O arquivo não pode ser usado como está: {what}. O que foi lido antes vale.",
            "The file cannot be used as it is: {what}. What was read before stands.";

        ParkedTitle: "Esperam por você ({n})", "Waiting for you ({n})";
        LoadingParked: "lendo o que espera…", "reading what waits…";
        ParkedForManagers: "Um gerente decide o que fazer com eles.", "A manager decides what to do with them.";
        ParkedMore: "Há mais; aparecem quando estes estiverem resolvidos.",
            "There are more; they appear when these are settled.";
        ParkedStore: "Não há loja chamada “{name}”", "There is no store called “{name}”";
        ParkedSeller: "Não há vendedor chamado “{name}”", "There is no seller called “{name}”";
        ParkedProduct: "Não há produto chamado “{name}”", "There is no product called “{name}”";
        ParkedBad: "A venda não está certa: {name}", "The sale is not right: {name}";
        ParkedChanged: "O registro mudou depois de virar venda; a venda ficou como era",
            "The record changed after it became a sale; the sale is as it was";
        FieldChain: "o campo da rede (chain)", "the field chain";
        FieldStore: "o campo da loja (store)", "the field store";
        FieldSeller: "o campo do vendedor (seller)", "the field seller";
        FieldAmount: "o campo do valor (amount)", "the field amount";
        FieldWhen: "o campo da data (when)", "the field when";
        FieldTill: "o campo do caixa (till)", "the field till";
        FieldPayment: "o campo do pagamento (payment)", "the field payment";
        FieldItems: "o campo dos itens (items)", "the field items";
        FieldTwice: "um campo aparece duas vezes", "a field is there twice";
        RecordsNamed: "registro {names}", "record {names}";
        RecordsNamedAndMore: "registros {names} e mais {n}", "records {names} and {n} more";
        SayWhatItIs: "Dizer qual é…", "Say which…";
        PutAway: "Descartar", "Put away";
        KeepSale: "Manter a venda", "Keep the sale";
        PuttingAway: "descartando…", "putting away…";

        WhichStore: "Qual loja é?", "Which store is it?";
        WhichSeller: "Qual vendedor é?", "Which seller is it?";
        WhichProduct: "Qual produto é?", "Which product is it?";
        MatchAbout: "No arquivo: “{name}”. Registros que esperam por isto: {n}.",
            "In the file: “{name}”. Records that wait for this: {n}.";
        NewHint: "Não está na lista? Cadastre daqui mesmo.", "Not in the list? Add it from here.";
        NewPlaceHint: "Loja ou pessoa nova? Quem administra cadastra; depois escolha aqui.",
            "A new store or person? An administrator adds it; then choose it here.";
        AddNew: "Cadastrar novo…", "Add as new…";
        NewProductTitle: "Novo produto", "New product";
        NewStoreTitle: "Nova loja", "New store";
        NewName: "Nome", "Name";
        NewCode: "Código de barras ou interno", "Barcode or own code";
        NewUnit: "Vendido por", "Sold by";
        NewPrice: "Preço", "Price";
        NewCnpj: "CNPJ (se houver)", "CNPJ (if there is one)";
        LoadingChains: "lendo as redes…", "reading the chains…";
        ChooseChain: "Escolha a rede.", "Choose the chain.";
        WrongName: "Escreva um nome.", "Write a name.";
        WrongPrice: "Um valor como 12,50.", "An amount like 12,50.";
        WrongCnpj: "Os dígitos não conferem.", "The digits do not match.";
        AddAndUse: "Cadastrar e usar", "Add and use";
        BackToList: "Voltar à lista", "Back to the list";
        ThingAdded: "“{name}” foi cadastrado", "“{name}” was added";
        LoadingTargets: "procurando…", "searching…";
        ThatIsIt: "É este", "That is it";
        Cancel: "Cancelar", "Cancel";
        AliasSet: "“{name}” agora é conhecido; registros que voltam a andar: {n}",
            "“{name}” is known now; records that go on: {n}";

        BadTitle: "Não puderam ser lidos ({n})", "Could not be read ({n})";
        BadHint: "Corrija-os no programa que grava o arquivo; os outros registros foram lidos. Os mais novos:",
            "Correct them in the program that writes the file; the other records were read. The newest:";
        FaultLine: "linha {n}", "line {n}";
        FaultRecord: "registro {id}", "record {id}";
    }
}
