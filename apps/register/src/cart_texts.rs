//! The words of discounts, approvals, the customer's CPF and sales put aside.

use tillwatch_desk::texts;

texts! {
    pub Text {
        Discount: "Desconto", "Discount";
        DiscountTitle: "Desconto", "Discount";
        DiscountWhole: "Toda a venda", "Whole sale";
        DiscountScopeHint: "↑ ↓ escolhem entre a venda e os itens.", "↑ ↓ choose between the sale and its items.";
        Percent: "%", "%";
        Amount: "R$", "R$";
        PercentLabel: "Porcentagem", "Percentage";
        AmountLabel: "Valor em reais", "Amount in reais";
        DiscountWrong: "Digite até 100 %, ou um valor de até {most}.",
            "Type up to 100 %, or an amount of up to {most}.";
        TotalBecomes: "Total: {before} → {after}", "Total: {before} → {after}";
        TotalStays: "Total: {before}", "Total: {before}";
        NeedsApproval: "Acima de {limit}: pede a aprovação de quem pode mais.",
            "Above {limit}: somebody who may give more has to approve it.";
        GiveDiscount: "Dar desconto", "Give the discount";
        DiscountTaken: "Desconto de {amount} tirado. {key} desfaz.",
            "Discount of {amount} taken off. {key} brings it back.";
        TakeDiscount: "Sem desconto", "No discount";

        ApprovalTitle: "Aprovar o desconto", "Approve the discount";
        ApprovalWhy: "{name} pode dar até {own} nesta venda. Quem pode dar {discount} aprova aqui, sem trocar de pessoa no caixa.",
            "{name} may give up to {own} on this sale. Whoever may give {discount} approves it here; the till stays with its person.";
        ApprovalUser: "Usuário ou CPF de quem aprova", "User name or CPF of the approver";
        ApprovalSecret: "PIN ou senha", "PIN or password";
        Approve: "Aprovar {discount}", "Approve {discount}";
        Approving: "Perguntando ao servidor…", "Asking the server…";
        ApprovingHere: "Sem servidor: conferindo neste caixa…", "No server: checking at this till…";
        ApprovingStop: "Desistir da aprovação", "Give up the approval";
        ApproverUnknown: "O servidor não responde, e este caixa não reconhece essa pessoa com esse PIN ou senha.",
            "The server does not answer, and this till does not recognise this person with this PIN or password.";
        ApproverTooLow: "{name} pode aprovar até {limit}.", "{name} may approve up to {limit}.";

        CustomerTitle: "CPF ou CNPJ no recibo", "CPF or CNPJ on the receipt";
        CustomerField: "CPF ou CNPJ", "CPF or CNPJ";
        CustomerHint: "Sai inteiro só no recibo desta venda. Vazio: sem CPF.",
            "In full on this sale's receipt only. Empty: without a CPF.";
        CustomerWrong: "Os dígitos não conferem. Confira o número com o cliente.",
            "The check digits do not match. Compare the number with the customer.";
        CustomerSet: "Usar no recibo", "Put it on the receipt";
        CustomerNone: "Sem CPF", "Without a CPF";
        Customer: "CPF no recibo", "CPF on the receipt";

        Suspend: "Suspender", "Suspend";
        Aside: "Suspensas: {n}", "Suspended: {n}";
        AsideTitle: "Vendas suspensas", "Suspended sales";
        AsideNote: "Anotação", "Note";
        AsideNoteHint: "para reconhecer depois, se quiser", "to tell it apart later, if you like";
        AsideNone: "Nenhuma venda suspensa nesta loja.", "No suspended sale in this store.";
        AsideNoneHint: "Com itens no carrinho, esta tecla guarda a venda e deixa o caixa livre para o próximo cliente.",
            "With items in the cart, this key keeps the sale and leaves the till free for the next customer.";
        SuspendThis: "Suspender venda de {total}", "Suspend the sale of {total}";
        Recall: "Recuperar", "Recall";
        RecallSwap: "A venda aberta fica suspensa no lugar.", "The open sale is suspended in its place.";
        Drop: "Apagar venda suspensa", "Delete the suspended sale";
        DropAsk: "Apagar a venda de {name}, {total}? Os itens se perdem.",
            "Delete the sale of {name}, {total}? Its items are lost.";
        DropYes: "Apagar", "Delete";
        DropNo: "Manter", "Keep";
        WasOpen: "ficou aberta", "was left open";
        Suspended: "Venda suspensa.", "Sale suspended.";
        Restored: "A venda que estava aberta voltou. Linhas: {n}. Total: {total}.",
            "The sale that was open is back. Lines: {n}. Total: {total}.";
        CartNotKept: "O carrinho não pôde ser gravado neste computador ({reason}). Ele continua na tela.",
            "The cart could not be written to this computer ({reason}). It is still on the screen.";
        KeyDiscount: "Desconto no item ou na venda", "Discount on an item or on the sale";
        KeyCustomer: "CPF ou CNPJ no recibo", "CPF or CNPJ on the receipt";
        KeyAside: "Suspender ou recuperar uma venda", "Suspend or recall a sale";
    }
}
