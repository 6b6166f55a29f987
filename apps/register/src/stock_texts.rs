//! The words of the desk's work on stock: menu, lots, counts, transfers.

tillwatch_desk::texts! {
    pub Text {
        MenuTitle: "Estoque", "Stock";
        MenuHint: "1 a 5, ou setas e Enter.", "1 to 5, or arrows and Enter.";
        Receive: "Entrada de mercadoria", "Goods that came in";
        ReceiveHint: "com lote e validade", "with lot and expiry";
        Adjust: "Correção", "Correction";
        AdjustHint: "quebra, validade, perda…", "broken, expired, lost…";
        Count: "Contagem", "Count";
        CountHint: "leia tudo o que está na prateleira", "scan all that is on the shelf";
        Send: "Enviar para outra loja", "Send to another store";
        SendHint: "as mercadorias saem deste estoque", "the goods leave this stock";
        Arrive: "Transferências", "Transfers";
        ArriveHint: "receber, ou cancelar o que foi enviado", "receive, or take back what was sent";
        Begun: "{n} lidos", "{n} scanned";
        OnTheWay: "{n} a caminho", "{n} on the way";

        Lot: "Lote", "Lot";
        LotHint: "opcional", "optional";
        Expiry: "Validade", "Expiry";
        ExpiryHint: "0517, 202607e, +1m, 31/12/26", "0517, 202607e, +1m, 31/12/26";
        ExpiresOn: "Vence em {day} ({in})", "Expires on {day} ({in})";
        HasExpired: "Venceu em {day}", "Expired on {day}";
        Today: "hoje", "today";
        InDays: "{n} dias", "{n} days";
        InOneDay: "1 dia", "1 day";
        ExpiryNotADate: "Digite 0517, 202607e, +1m ou 31/12/26.", "Type 0517, 202607e, +1m or 31/12/26.";
        ExpiryNoSuchDay: "Este dia não existe.", "There is no such day.";
        ExpiryPast: "{day} já passou.", "{day} has passed.";
        ExpiryTooFar: "{day} está longe demais.", "{day} is too far ahead.";
        LotBad: "O lote tem no máximo 40 letras e algarismos.", "A lot has at most 40 letters and digits.";

        ReasonBroken: "Quebra ou avaria", "Broken or damaged";
        ReasonExpired: "Validade vencida", "Expired";
        ReasonLost: "Perda ou furto", "Lost or stolen";
        ReasonUsed: "Uso da loja", "Used by the store";
        ReasonMiscounted: "Erro de contagem", "Miscounted";
        ReasonDigits: "1 {a} · 2 {b} · 3 {c} · 4 {d} · 5 {e}", "1 {a} · 2 {b} · 3 {c} · 4 {d} · 5 {e}";

        CountTitle: "Contagem", "Count";
        CountBlind: "Leia cada produto: cada leitura soma um. 12*código soma 12, =12 corrige o último. O caixa pode vender enquanto você conta.",
            "Scan each product: each scan adds one. 12*code adds 12, =12 corrects the last. Sales may go on while you count.";
        CountLots: "Se o produto tem lote: digite o que está impresso antes de ler, ou logo depois de ler (Enter).",
            "Where a product has lots: type what is printed before you scan it, or just after (Enter).";
        NoLot: "sem lote", "no lot";
        SendTitle: "Enviar para outra loja", "Send to another store";
        SendHow: "Leia o que vai: cada leitura soma um. 12*código soma 12, =12 corrige o último.",
            "Scan what goes: each scan adds one. 12*code adds 12, =12 corrects the last.";
        To: "Para", "To";
        Scan: "Ler produto", "Scan a product";
        ScanHint: "código, nome ou 12*código", "code, name or 12*code";
        Nothing: "Nada lido ainda.", "Nothing scanned yet.";
        Products: "{n} produtos", "{n} products";
        ProductsOne: "1 produto", "1 product";
        RemoveLast: "Tirar o último", "Take the last off";
        Drop: "Descartar a lista", "Throw the list away";
        FinishCount: "Concluir a contagem", "Finish the count";
        FinishSend: "Enviar", "Send";
        FinishSendTo: "Enviar para {store}", "Send to {store}";
        DropAsk: "Descartar a lista com {products}? O que foi lido se perde.",
            "Throw away the list of {products}? What was scanned is lost.";
        FinishList: "Conclua antes a lista que está começada.", "Finish the list that is begun first.";
        DropNo: "Manter a lista", "Keep the list";
        DropYes: "Descartar", "Throw away";
        NotFound: "Nada encontrado para “{text}”.", "Nothing found for “{text}”.";
        QuantityBad: "“{text}” não é uma quantidade. Exemplos: 12*código, 0,450*código, =12.",
            "“{text}” is not a quantity. Examples: 12*code, 0,450*code, =12.";
        NotWhole: "Este produto é contado por unidade inteira.", "This product is counted in whole pieces.";
        TooMuch: "Quantidade alta demais.", "The quantity is too high.";
        Full: "A lista está cheia. Conclua esta e comece outra.", "The list is full. Finish it and begin another.";
        Empty: "Leia ao menos um produto.", "Scan at least one product.";
        NoDestination: "Este caixa ainda não conhece outra loja da rede. É preciso o servidor uma vez.",
            "This till does not know another store of the chain yet. It needs the server once.";

        TransfersTitle: "Transferências a caminho", "Transfers on the way";
        NoTransfers: "Nada está a caminho.", "Nothing is on the way.";
        From: "De {store}", "From {store}";
        ToStore: "Para {store}", "To {store}";
        ArriveTitle: "Receber de {store}", "Receive from {store}";
        ArriveHow: "Confira linha a linha: Enter passa à próxima. O que falta fica registrado com o motivo.",
            "Check line by line: Enter goes to the next. What is missing is recorded with its reason.";
        SentQuantity: "Enviado", "Sent";
        ArrivedQuantity: "Chegou", "Arrived";
        DifferenceReason: "Motivo da diferença", "Reason of the difference";
        ConfirmArrival: "Receber", "Receive";
        TakeBackTitle: "Cancelar o envio para {store}?", "Take back what goes to {store}?";
        TakeBackHow: "As mercadorias voltam a este estoque.", "The goods come back to this stock.";
        TakeBack: "Cancelar o envio", "Take it back";
        Reason: "Motivo", "Reason";

        ReportTitle: "Resultado da contagem", "Result of the count";
        Product: "Produto", "Product";
        Expected: "Esperado", "Expected";
        Counted: "Contado", "Counted";
        Difference: "Diferença", "Difference";
        Worth: "Valor", "Worth";
        AllRight: "Tudo confere.", "Everything is right.";
        Close: "Fechar", "Close";

        CountDone: "Contagem de {n} produtos registrada. Diferença: {worth}.",
            "Count of {n} products recorded. Difference: {worth}.";
        SentDone: "Transferência {n} para {store} enviada.", "Transfer {n} to {store} is on its way.";
        ArrivedDone: "Transferência {n} de {store} recebida.", "Transfer {n} from {store} received.";
        TakenBackDone: "Transferência {n} para {store} cancelada.", "Transfer {n} to {store} taken back.";
        WorkCount: "Contagem de {n} produtos", "Count of {n} products";
        WorkSend: "Envio para {name}", "Goods to {name}";
        WorkArrive: "Recebimento de {name}", "Goods from {name}";
        WorkTakeBack: "Cancelamento do envio para {name}", "Taking back goods for {name}";
        KeyStock: "Estoque: entrada, correção, contagem, transferência",
            "Stock: receive, correct, count, transfer";
    }
}
