//! The words on the paper.

tillwatch_desk::texts! {
    pub Text {
        NotFiscal: "NÃO É DOCUMENTO FISCAL", "NOT A TAX DOCUMENT";
        Sale: "Venda {number}", "Sale {number}";
        NumberAwaited: "Número: aguardando servidor", "Number: waiting for the server";
        SaleMark: "Venda {mark}", "Sale {mark}";
        Total: "TOTAL R$", "TOTAL R$";
        Subtotal: "Subtotal", "Subtotal";
        Discount: "Desconto", "Discount";
        Change: "Troco", "Change";
        ItemsOne: "1 item", "1 item";
        Items: "{n} itens", "{n} items";
        AmountOnly: "Venda por valor", "Sale by amount";
        Debtor: "Cliente: {name}", "Customer: {name}";
        Signature: "Assinatura do cliente", "Customer's signature";
        Customer: "CPF/CNPJ do consumidor: {number}", "Customer's CPF/CNPJ: {number}";
        Cash: "Dinheiro", "Cash";
        Pix: "Pix", "Pix";
        Credit: "Cartão de crédito", "Credit card";
        Debit: "Cartão de débito", "Debit card";
        OnAccount: "Fiado", "On account";
        Issued: "Emitido em", "Issued";
        ReturnTitle: "COMPROVANTE DE DEVOLUÇÃO", "RETURN SLIP";
        VoidTitle: "COMPROVANTE DE CANCELAMENTO", "CANCELLATION SLIP";
        OfSale: "Da venda {number}", "Of sale {number}";
        OfSaleMark: "Da venda {mark}", "Of sale {mark}";
        SoldAt: "Vendido em", "Sold";
        ApprovedBy: "Autorizado por {name}", "Allowed by {name}";
        ToStock: "  volta ao estoque", "  goes back to stock";
        WrittenOff: "  baixa", "  written off";
        Reason: "Motivo: {reason}", "Reason: {reason}";
        GivenBack: "DEVOLVIDO R$", "GIVEN BACK R$";
        DebtTitle: "RECIBO DE PAGAMENTO DE FIADO", "RECEIPT OF A PAYMENT ON ACCOUNT";
        DebtPaid: "PAGO R$", "PAID R$";
        DebtLeft: "Ainda deve", "Still owed";
        Thanks: "Obrigado pela preferência.", "Thank you for shopping with us.";
        TestTitle: "Teste da impressora", "Printer test";
        TestAccents: "Acentos: {letters}", "Accents: {letters}";
        TestWidth: "{columns} colunas: a régua ocupa uma linha inteira.",
            "{columns} columns: the ruler fills one whole line.";
        TestPage: "Página de código {page}", "Code page {page}";
        FileReceipt: "recibo-{name}", "receipt-{name}";
        FileReturn: "devolucao-{name}", "return-{name}";
        FileDebt: "pagamento-fiado-{at}", "payment-{at}";
        FileX: "relatorio-x-{at}", "x-report-{at}";
        FileZ: "fechamento-z-{at}", "z-report-{at}";
        FileTest: "teste-da-impressora", "printer-test";
    }
}
