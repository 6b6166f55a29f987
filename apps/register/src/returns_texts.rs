//! The words of returns and cancelled sales.

tillwatch_desk::texts! {
    pub ReturnsText {
        Key: "Devolver ou cancelar uma venda", "Return or cancel a sale";
        KeyLast: "Devolver ou cancelar a última venda", "Return or cancel the last sale";
        FindTitle: "Devolver ou cancelar", "Return or cancel";
        Wanted: "Número da venda ou código do recibo", "Sale number or receipt code";
        Last: "Últimas vendas deste caixa", "Last sales of this till";
        NoSales: "Este caixa ainda não tem vendas. Digite o número de uma venda.",
            "This till has no sales yet. Type the number of a sale.";
        Looking: "Procurando a venda…", "Looking for the sale…";
        Find: "Procurar", "Find";
        Continue: "Continuar", "Go on";
        SaleOf: "Venda {n}", "Sale {n}";
        SaleUnnumbered: "Venda ainda sem número", "Sale without a number so far";
        ByAmount: "só o valor", "amount only";
        Returned: "devolvida", "returned";
        PartReturned: "devolvida em parte", "returned in part";
        Voided: "cancelada", "cancelled";
        Title: "Devolver da venda {n}", "Return of sale {n}";
        TitleUnnumbered: "Devolver da venda sem número", "Return of the sale without a number";
        VoidTitle: "Cancelar a venda {n}", "Cancel sale {n}";
        VoidTitleUnnumbered: "Cancelar a venda sem número", "Cancel the sale without a number";
        Alone: "O servidor não foi consultado: vale o que este caixa sabe. Se algo já foi devolvido em outro caixa, a devolução será recusada depois.",
            "The server was not asked: what this till knows counts. If something came back at another till already, the return will be refused later.";
        Sold: "{quantity} × {price} = {total}", "{quantity} × {price} = {total}";
        SoldThere: "Vendido", "Sold";
        ComesBack: "Volta", "Comes back";
        GoesTo: "Destino", "Goes to";
        Left: "resta {left}", "{left} left";
        AllBack: "já devolvido", "came back already";
        QuantityOf: "Quantidade devolvida de {name}", "Quantity of {name} that comes back";
        Restock: "Ao estoque", "To stock";
        WriteOff: "Baixa", "Write off";
        RestockOf: "{name}: ao estoque", "{name}: to stock";
        WriteOffOf: "{name}: baixa", "{name}: write off";
        All: "Tudo", "Everything";
        KeysHint: "↑ ↓ item · F4 tudo do item · F6 estoque ou baixa · F9 tudo",
            "↑ ↓ item · F4 all of the item · F6 stock or write-off · F9 everything";
        Reason: "Motivo", "Reason";
        ReasonHint: "↑ ↓ motivos de sempre", "↑ ↓ the usual reasons";
        Defect: "Com defeito", "Defective";
        ChangedMind: "Cliente desistiu", "Customer changed their mind";
        WrongItem: "Produto errado", "Wrong product";
        Expired: "Vencido", "Expired";
        Mistake: "Erro no caixa", "Mistake at the till";
        RefundBy: "Reembolso em", "Refund by";
        AsPaid: "Como foi pago", "As it was paid";
        GiveBack: "Devolver ao cliente", "Give back to the customer";
        DoReturn: "Devolver {total}", "Return {total}";
        DoVoid: "Cancelar a venda e devolver {total}", "Cancel the sale and return {total}";
        Sending: "Registrando a devolução…", "Recording the return…";
        ReturnDone: "Devolução da venda {n}: entregue {total} ao cliente.",
            "Return of sale {n}: hand {total} to the customer.";
        VoidDone: "Venda {n} cancelada: entregue {total} ao cliente.",
            "Sale {n} cancelled: hand {total} to the customer.";
        ReturnKept: "Devolução guardada neste caixa: entregue {total} ao cliente. Segue para o servidor quando ele responder.",
            "Return kept at this till: hand {total} to the customer. It goes to the server when that answers.";
        Work: "Devolução de {total}", "Return of {total}";
        WorkVoid: "Cancelamento de {total}", "Cancellation of {total}";
        NotANumber: "Digite o número da venda ou leia o código do recibo.",
            "Type the sale's number or scan the receipt's code.";
        NotFound: "Nenhuma venda desta loja tem este número ou código.",
            "No sale of this store has this number or code.";
        OtherStore: "A venda é de {store}: a devolução é feita lá.", "The sale is of {store}: it is returned there.";
        NothingLeft: "Tudo desta venda já foi devolvido.", "All of this sale has come back already.";
        ConsentWhy: "A venda é de outro dia e {name} não a devolve sem um gerente: ele autoriza aqui a devolução de {total}.",
            "The sale is of another day, and {name} does not take it back without a manager, who allows here the return of {total}.";
        ConsentTooLow: "{name} não pode autorizar devoluções: peça a um gerente desta loja.",
            "{name} may not allow returns: ask a manager of this store.";
        Consent: "Autorizar e devolver {total}", "Allow and return {total}";
        ConsentBack: "Voltar à devolução", "Back to the return";
        TooMuch: "Até {left}.", "Up to {left}.";
        NotWhole: "Só unidades inteiras.", "Whole units only.";
        NothingChosen: "Diga a quantidade que volta.", "Say how much comes back.";
        ReasonMissing: "Diga o motivo.", "Say why.";
    }
}

/// Offered for the reason, in this order.
pub const USUAL_REASONS: [ReturnsText; 5] = [
    ReturnsText::Defect,
    ReturnsText::ChangedMind,
    ReturnsText::WrongItem,
    ReturnsText::Expired,
    ReturnsText::Mistake,
];
