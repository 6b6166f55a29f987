//! The words of the till's drawer and its reports.

tillwatch_desk::texts! {
    pub CashText {
        Title: "Caixa", "Cash drawer";
        KeyCash: "Abrir e fechar o caixa, sangria, suprimento, relatórios",
            "Open and close the drawer, withdraw, deposit, reports";
        OpenTitle: "Abrir o caixa", "Open the drawer";
        OpenHint: "Quanto há na gaveta para o troco? As vendas em dinheiro contam a partir daqui.",
            "How much is in the drawer to give change from? Cash sales count from here on.";
        Float: "Fundo de troco", "Opening float";
        OpenIt: "Abrir o caixa", "Open the drawer";
        Opened: "Caixa aberto.", "The drawer is open.";
        Moved: "Registrado no caixa.", "Recorded in the drawer.";
        Renamed: "Outro caixa da loja usa o mesmo nome: esta sessão ficou como {name}. Mude o nome deste caixa no menu.",
            "Another till of the store has the same name: this session is {name}. Change this till's name in the menu.";
        DiffersThere: "O servidor esperava {amount} na gaveta: ainda há vendas deste caixa por enviar, ou que ele recusou.",
            "The server expected {amount} in the drawer: sales of this till are still to be sent, or were refused.";
        OtherStore: "O caixa está aberto em outra loja. Volte a ela e feche-o antes.",
            "The drawer is open in another store. Go back there and close it first.";
        OpenSince: "Aberto por {name} em {at}", "Opened by {name} on {at}";
        Withdraw: "Sangria", "Withdraw";
        WithdrawHint: "Dinheiro que sai da gaveta.", "Money that leaves the drawer.";
        Deposit: "Suprimento", "Deposit";
        DepositHint: "Dinheiro que entra na gaveta sem venda.", "Money that goes into the drawer without a sale.";
        XReport: "Relatório X", "X report";
        ZReport: "Relatório Z", "Z report";
        Closes: "Fechamentos (Z)", "Closes (Z)";
        CloseOf: "Fechamento {n} de {all}", "Close {n} of {all}";
        Earlier: "Anterior", "Earlier";
        Later: "Seguinte", "Later";
        CloseUnread: "Não foi possível ler o fechamento ({reason}).", "The close could not be read ({reason}).";
        Close: "Fechar o caixa", "Close the drawer";
        Amount: "Valor", "Amount";
        Reason: "Motivo", "Reason";
        WithdrawReason: "cofre, despesa, pagamento…", "safe, expense, payment…";
        DepositReason: "troco, acerto…", "change, correction…";
        Record: "Registrar", "Record";
        CountHint: "Conte sem ver o esperado. Enter vai para a próxima nota ou moeda.",
            "Count without seeing what is expected. Enter goes to the next note or coin.";
        Counted: "Contado", "Counted";
        GoOn: "Continuar", "Go on";
        ConfirmHint: "O fechamento é definitivo. A diferença, se houver, fica registrada.",
            "The close is final. A difference, if there is one, is recorded.";
        CountStays: "O que foi contado fica como foi.", "What was counted stays as it was.";
        OtherPerson: "{name} abriu este caixa: diga por que você o fecha.",
            "{name} opened this drawer: say why you close it.";
        ReasonOptional: "Observação", "Remark";
        BackToCount: "Voltar à contagem", "Back to the count";
        NotOpen: "Caixa fechado: a venda em dinheiro não entra em nenhuma contagem.",
            "The drawer is not open: the cash sale is in no count.";
        StatusOpen: "Caixa aberto", "Drawer open";
        StatusClosed: "Caixa fechado", "Drawer closed";

        WorkOpen: "Abertura do caixa: {amount}", "Drawer opened: {amount}";
        WorkMove: "Movimento do caixa: {amount}", "Drawer movement: {amount}";
        WorkClose: "Fechamento do caixa", "Drawer closed";

        Print: "Imprimir", "Print";
        SavePdf: "Salvar PDF", "Save PDF";
        Till: "Caixa", "Till";
        OpenedBy: "Aberto por", "Opened by";
        OpenedAt: "Abertura", "Opened";
        ClosedBy: "Fechado por", "Closed by";
        ClosedAt: "Fechamento", "Closed";
        Sales: "Vendas ({n})", "Sales ({n})";
        Discounts: "Descontos", "Discounts";
        Returns: "Devoluções ({n})", "Returns ({n})";
        Voids: "Cancelamentos ({n})", "Voids ({n})";
        Debts: "Fiado recebido", "Debts paid";
        ByMethod: "Por forma de pagamento", "By method";
        Refunded: "devolvido em {method}", "refunded in {method}";
        BySeller: "Por vendedor", "By seller";
        ByHour: "Por hora", "By hour";
        Drawer: "Gaveta", "Drawer";
        CashIn: "Dinheiro recebido", "Cash received";
        ChangeOut: "Troco", "Change";
        CashRefunds: "Devolvido em dinheiro", "Refunded in cash";
        CashDebts: "Fiado em dinheiro", "Debts in cash";
        Deposits: "Suprimentos", "Deposits";
        Withdrawals: "Sangrias", "Withdrawals";
        Expected: "Esperado", "Expected";
        Blind: "— só depois da contagem", "— only after the count";
        Difference: "Diferença", "Difference";
        Counts: "Contagem", "Count";
        Remark: "Observação", "Remark";
    }
}
