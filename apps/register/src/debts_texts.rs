//! The words about debts.

tillwatch_desk::texts! {
    pub DebtsText {
        Key: "Receber fiado", "Take payments of debts";
        Title: "Contas fiado", "Debts on account";
        Wanted: "Nome ou CPF do cliente", "Customer's name or CPF";
        Loading: "Buscando as contas no servidor.", "Asking the server for the accounts.";
        Nobody: "Ninguém deve nesta loja.", "Nobody owes anything in this store.";
        NotFound: "Nenhum cliente que deve tem este nome ou CPF.", "No customer who owes has this name or CPF.";
        NeverHeard: "Este caixa ainda não ouviu do servidor quem deve. Tente de novo quando ele responder.",
            "This till has not heard from the server yet who owes. Try again when it answers.";
        Stale: "O servidor não responde. Saldos ouvidos {age}: o que foi pago em outro caixa desde então não aparece aqui.",
            "The server does not answer. Balances heard {age}: what was paid at another till since is not seen here.";
        Sum: "{n} clientes devem {total}", "{n} customers owe {total}";
        SumOne: "1 cliente deve {total}", "1 customer owes {total}";
        Unnamed: "Cliente sem nome", "Customer without a name";
        Continue: "Continuar", "Continue";
        Owes: "Deve", "Owes";
        PaidHere: "{amount} pagos neste caixa ainda não confirmados pelo servidor, já descontados.",
            "{amount} paid at this till not confirmed by the server yet, already taken off.";
        ReturnedHere: "{amount} devolvidos neste caixa ainda não confirmados pelo servidor, já descontados.",
            "{amount} given back at this till not confirmed by the server yet, already taken off.";
        BoughtHere: "{amount} comprados neste caixa ainda não confirmados: podem ser pagos quando o servidor responder.",
            "{amount} bought at this till not confirmed yet: it can be paid when the server answers.";
        Sale: "Venda {n}", "Sale {n}";
        Back: "Devolução da venda {n}", "Return of sale {n}";
        Payment: "Pagamento · {method}", "Payment · {method}";
        NoEntries: "Sem compras recentes.", "No recent purchases.";
        Amount: "Valor a pagar", "Amount to pay";
        Received: "Dinheiro recebido", "Cash received";
        ReceivedHint: "vazio: valor exato", "empty: the exact amount";
        Change: "Troco", "Change";
        NothingLeft: "Não há o que receber agora.", "There is nothing to take now.";
        AmountBad: "Digite um valor como 20,00.", "Enter an amount such as 20.00.";
        MoreThanOwed: "A dívida é de {left}.", "Only {left} is owed.";
        TooLittle: "É menos que o valor a pagar.", "It is less than the amount to pay.";
        DrawerClosed: "O caixa está fechado: o dinheiro não entra em nenhuma contagem.",
            "The drawer is closed: the cash is in no count.";
        Take: "Receber {amount}", "Take {amount}";
        Sending: "Registrando o pagamento.", "Recording the payment.";
        Done: "Recebido de {name}", "Taken from {name}";
        DoneKept: "Recebido de {name}. Guardado neste caixa até o servidor responder.",
            "Taken from {name}. Kept at this till until the server answers.";
        Paid: "Pago", "Paid";
        Left: "Ainda deve", "Still owes";
        Settled: "Conta quitada.", "Nothing is owed any more.";
        Next: "Voltar à venda", "Back to selling";
        Work: "Pagamento de {total} de {name}", "Payment of {total} by {name}";
    }
}
