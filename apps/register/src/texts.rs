//! The words of the register.

tillwatch_desk::texts! {
    pub Text {
        Program: "Caixa", "Register";
        Demo: "Demonstração: dados fictícios. Nada aqui vale.", "Demonstration: made-up data. Nothing here counts.";
        DemoShort: "Demonstração", "Demonstration";
        PulseOnline: "pulso {value} · {ms} ms", "pulse {value} · {ms} ms";
        PulseFirst: "pulso {value}", "pulse {value}";
        PulseConnecting: "pulso: conectando", "pulse: connecting";
        PulseWaiting: "pulso: sem resposta", "pulse: no answer";
        PulseTakenOver: "pulso: outro caixa usa este nome", "pulse: another till has this name";
        PulseEnded: "pulso: parado", "pulse: stopped";
        PulseHint: "Teste da ligação: este caixa conta e o servidor confirma duas vezes por segundo.",
            "Link check: this till counts and the server confirms it twice a second.";
        DefaultTill: "Caixa 1", "Till 1";

        ChooseStore: "Em que loja está este caixa?", "Which store is this till in?";
        ChooseStoreHint: "Setas e Enter, ou clique.", "Arrows and Enter, or click.";
        NoStore: "Nenhuma loja para {name}", "No store for {name}";
        NoStoreHint: "Quem administra precisa ligar esta pessoa a uma loja. Depois, entre de novo.",
            "Whoever administers has to assign this person to a store. Then sign in again.";

        Search: "Produto ou código", "Product or code";
        SearchHint: "código, nome ou 3*código", "code, name or 3*code";
        Name: "Nome", "Name";
        Code: "Código", "Code";
        Price: "Preço", "Price";
        Stock: "Estoque", "Stock";
        Low: "baixo", "low";
        LoadingProducts: "Carregando produtos… {n}", "Loading products… {n}";
        Shown: "{n} produtos", "{n} products";
        ShownOne: "1 produto", "1 product";
        NoProducts: "Comece pelo primeiro produto", "Start with the first product";
        NoProductsHint: "Cadastre o que a loja vende. Depois registre a entrada no estoque com {key} e venda.",
            "Add what the shop sells. Then record what came in with {key}, and sell.";
        NewProduct: "Novo produto", "New product";
        NothingFound: "Nada encontrado para “{text}”", "Nothing found for “{text}”";
        NothingFoundHint: "Confira o código ou parte do nome, ou cadastre o produto.",
            "Check the code or a part of the name, or add the product.";
        QuantityBadLine: "“{text}” não é uma quantidade. Exemplos: 3*código, 0,450*código.",
            "“{text}” is not a quantity. Examples: 3*code, 0,450*code.";
        AddToCart: "Adicionar", "Add";
        EditProduct: "Editar", "Edit";
        StockEntry: "Estoque", "Stock";
        Keys: "Teclas", "Keys";

        Sale: "Venda", "Sale";
        Items: "{n} itens", "{n} items";
        ItemsOne: "1 item", "1 item";
        CartEmpty: "Carrinho vazio", "The cart is empty";
        CartEmptyHint: "Leia um código, ou digite um nome e Enter.", "Scan a code, or type a name and Enter.";
        Total: "TOTAL", "TOTAL";
        Receive: "Receber {amount}", "Take {amount}";
        FinishFree: "Concluir sem pagamento", "Finish without payment";
        Quantity: "Quantidade", "Quantity";
        RemoveLine: "Remover", "Remove";
        CancelShort: "Cancelar", "Cancel";
        Removed: "{name} removido. {key} desfaz.", "{name} removed. {key} brings it back.";

        Pay: "Receber", "Payment";
        Cash: "Dinheiro", "Cash";
        Pix: "Pix", "Pix";
        Credit: "Crédito", "Credit";
        Debit: "Débito", "Debit";
        OnAccount: "Fiado", "On account";
        ToPay: "Falta", "To pay";
        Change: "Troco", "Change";
        HowPaid: "Como o cliente paga?", "How does the customer pay?";
        AmountOf: "Valor em {method}", "Amount in {method}";
        Customer: "Nome do cliente", "Customer's name";
        Exact: "Exato", "Exact";
        TakeBack: "Desfazer o último pagamento", "Take back the last payment";
        Confirm: "Confirmar {amount}", "Confirm {amount}";
        BackToCart: "Voltar ao carrinho", "Back to the cart";
        OtherMethod: "Outra forma", "Another method";
        Recording: "Registrando a venda…", "Recording the sale…";
        TryAgain: "Tentar de novo", "Try again";
        SaleDone: "Venda {n} registrada", "Sale {n} recorded";
        SaleLater: "Venda guardada neste caixa", "Sale kept at this till";
        KeptHere: "Guardado neste caixa. Segue para o servidor quando ele responder.",
            "Kept at this till. It goes to the server when that answers.";
        NotKept: "Não foi possível gravar neste computador ({reason}). Libere espaço no disco e confirme de novo.",
            "It could not be written to this computer ({reason}). Free some disk space and confirm again.";
        SoldUnread: "As vendas deste caixa não puderam ser lidas ({reason}).",
            "The sales of this till could not be read ({reason}).";
        AllSent: "Tudo foi enviado ao servidor.", "Everything was sent to the server.";
        NoChange: "Sem troco", "No change";
        NextScan: "O próximo código começa outra venda.", "The next code starts another sale.";

        NewProductTitle: "Novo produto", "New product";
        ChangeNeedsManager: "Mudar um produto cabe a um gerente. {key} troca a pessoa.",
            "Changing a product is for a manager. {key} changes the person.";
        EditProductTitle: "Editar produto", "Edit product";
        CodeHint: "código de barras ou o seu", "barcode or your own";
        Unit: "Unidade", "Unit";
        Minimum: "Estoque mínimo", "Minimum stock";
        MinimumHint: "0 = não avisar", "0 = no warning";
        SaveProduct: "Salvar produto", "Save product";
        ProductSaved: "{name} salvo.", "{name} saved.";
        ProductAdded: "{name} cadastrado. {key} registra a entrada no estoque.",
            "{name} added. {key} records what came in.";

        EntryTitle: "Estoque", "Stock";
        KindReceive: "Entrada", "Receive";
        KindAdjust: "Correção", "Correct";
        KindCount: "Contagem", "Count";
        KindReceiveHint: "O que chegou é somado.", "What came in is added.";
        KindAdjustHint: "Some ou tire (com −) e diga por quê.", "Add or take away (with −) and say why.";
        KindCountHint: "O que foi contado passa a ser o estoque.", "What was counted becomes the stock.";
        Product: "Produto", "Product";
        ChooseProduct: "Escolher este produto", "Choose this product";
        OtherProduct: "Trocar", "Change";
        Reason: "Motivo", "Reason";
        ReasonHint: "quebra, validade, perda…", "broken, expired, lost…";
        RecordEntry: "Registrar entrada", "Record receipt";
        RecordAdjust: "Registrar correção", "Record correction";
        RecordCount: "Registrar contagem", "Record count";
        Balance: "{before} → {after}", "{before} → {after}";
        BalanceNow: "Em estoque", "In stock";
        EntryDone: "{name}: {quantity} registrado. Estoque: {balance}.",
            "{name}: {quantity} recorded. In stock: {balance}.";
        Sending: "Enviando…", "Sending…";

        AmountTitle: "Venda por valor", "Sale by amount";
        AmountHint: "Para uma venda da qual só se sabe o valor. O estoque não muda.",
            "For a sale of which only the amount is known. The stock stays as it is.";
        Amount: "Valor", "Amount";
        When: "Quando", "When";
        WhenHint: "agora, 14:30 ou 30/12 14:30", "now, 14:30 or 30/12 14:30";
        AmountMeant: "{amount} em {at}", "{amount} on {at}";
        AmountKeys: "↑ ↓ escolhem a loja, Tab muda de campo.", "↑ ↓ choose the store, Tab moves between fields.";
        AmountRecord: "Registrar venda", "Record sale";
        AmountDone: "Venda {n} de {total} registrada em {store}.", "Sale {n} of {total} recorded in {store}.";

        QuantityTitle: "Quantidade de {name}", "Quantity of {name}";
        SetQuantity: "Mudar quantidade", "Set quantity";
        CancelTitle: "Cancelar esta venda?", "Cancel this sale?";
        CancelText: "{items}, {total}. O carrinho fica vazio e nada é registrado.",
            "{items}, {total}. The cart becomes empty and nothing is recorded.";
        KeepSale: "Continuar a venda", "Keep the sale";
        CancelIt: "Cancelar a venda", "Cancel the sale";

        MenuTitle: "Pessoa e ajustes", "Person and settings";
        Language: "Idioma", "Language";
        Theme: "Tema", "Theme";
        ThemeLight: "Claro", "Light";
        ThemeDark: "Escuro", "Dark";
        Zoom: "Tamanho", "Size";
        TillName: "Nome deste caixa", "Name of this till";
        StoreNow: "Loja", "Store";
        ChangeStore: "Trocar de loja", "Change store";
        SignOut: "Sair", "Sign out";
        RoleSeller: "Vendedor", "Seller";
        RoleManager: "Gerente", "Manager";
        RoleAdmin: "Administrador", "Administrator";

        Unsent: "{n} por enviar", "{n} to send";
        RefusedOne: "1 recusado", "1 refused";
        Refused: "{n} recusados", "{n} refused";
        OutboxTitle: "Ainda não enviados", "Not yet sent";
        OutboxEmpty: "Tudo está confirmado pelo servidor.", "The server has confirmed everything.";
        OutboxHint: "Estão gravados neste computador e são enviados sozinhos, com o mesmo número: nada se perde nem conta duas vezes.",
            "They are on this computer's disk and are sent by themselves, with the same number: nothing is lost or counted twice.";
        WorkSale: "Venda de {total}", "Sale of {total}";
        WorkEntry: "Estoque: {name}", "Stock: {name}";
        WorkProduct: "Produto: {name}", "Product: {name}";
        StageKeeping: "gravando", "being written";
        StageWaiting: "espera a vez", "waits its turn";
        StageSending: "enviando", "sending";
        StageUnconfirmed: "sem resposta", "no answer";
        StageRejected: "recusado", "refused";
        Discard: "Descartar", "Discard";
        Correct: "Corrigir", "Correct";
        NotRefusedNow: "Este registro está sendo enviado de novo: não há o que corrigir agora.",
            "This record is being sent again: there is nothing to correct now.";
        OfOtherStore: "É de outra loja: troque de loja no menu e corrija lá.",
            "It is of another store: change the store in the menu and correct it there.";
        DrawerUsed: "Já houve vendas ou movimentos neste caixa: só dá para tentar de novo ou descartar.",
            "Something was already sold or moved in this drawer: it can only be tried again or thrown away.";
        DebtPaidUp: "Esta conta não deve mais nada: só dá para tentar de novo, ou devolver o dinheiro e descartar.",
            "This account owes nothing any more: it can only be tried again, or the money given back and this thrown away.";
        TransferEnded: "Esta transferência não está mais a caminho: só dá para tentar de novo ou descartar.",
            "This transfer is no longer on its way: it can only be tried again or thrown away.";
        DiscardAsk: "Descartar “{what}”? Nada disso fica registrado, nem aqui nem no servidor.",
            "Throw away “{what}”? None of it stays recorded, neither here nor on the server.";
        DiscardNo: "Manter", "Keep";
        DiscardYes: "Descartar de vez", "Throw away for good";
        ReturnToCart: "Devolver ao carrinho", "Back to the cart";
        LeaveTitle: "Fechar com envios pendentes?", "Close with unsent work?";
        LeaveText: "{n} ainda por enviar. Ficam gravados neste computador e seguem sozinhos quando este programa e o servidor estiverem ligados.",
            "{n} still to be sent. They stay on this computer's disk and go on by themselves when this program and the server run.";
        LeaveRefused: "{refused} pelo servidor, na lista do que falta enviar até alguém decidir.",
            "{refused} by the server, in the list of what is not yet sent until somebody decides.";
        Stay: "Ficar e esperar", "Stay and wait";
        LeaveAnyway: "Fechar", "Close";
        SignedOutUnsent: "{n} por enviar ficam gravados neste computador. Seguem sozinhos quando o servidor responder.",
            "{n} to send stay on this computer's disk. They go on by themselves when the server answers.";
        FinishFirst: "Conclua ou cancele a venda antes.", "Finish or cancel the sale first.";
        RejectedToast: "O servidor recusou algo que este caixa enviou. {key} mostra o quê.",
            "The server refused something that this till sent. {key} shows what.";
        SessionEnded: "A sessão terminou. Entre de novo; o carrinho continua aqui.",
            "The session has ended. Sign in again; the cart is still here.";
        KnownTooLongAgo: "Faz mais de 30 dias que este caixa não vê o servidor com esta pessoa. É preciso o servidor para entrar.",
            "It is more than 30 days since the server let this person in at this till. Signing in needs the server.";
        SettingsNotSaved: "Os ajustes não puderam ser gravados no disco.", "The settings could not be written to the disk.";
        QueueFull: "O caixa está ocupado. Tente de novo em um instante.", "The till is busy. Try again in a moment.";
        CloseToast: "Fechar aviso", "Close notice";
        TillInUse: "Este caixa já está aberto neste computador. Use a janela que está aberta, ou feche-a antes.",
            "This till is already open on this computer. Use the window that is open, or close it first.";
        TillNewer: "Os dados deste caixa são de uma versão mais nova do programa. Instale a versão mais nova.",
            "This till's data comes from a newer version of the program. Install the newer version.";
        TillBroken: "O caixa não conseguiu abrir a pasta em que guarda as vendas. Confira o disco e a permissão.",
            "The till could not open the folder in which it keeps its sales. Check the disk and the permissions.";

        NameMissing: "Dê um nome com 1 a 120 letras.", "Give a name of 1 to 120 letters.";
        PriceBad: "Digite um preço como 12,50.", "Type a price like 12,50.";
        QuantityBad: "Digite uma quantidade como 50 ou 0,450.", "Type a quantity like 50 or 0,450.";
        MinimumBad: "Digite uma quantidade como 10, ou 0.", "Type a quantity like 10, or 0.";
        ProductMissing: "Escolha o produto.", "Choose the product.";
        ReasonMissing: "Diga o motivo da correção.", "Say why it is corrected.";
        NotWhole: "Este produto é vendido por unidade inteira.", "This product is sold in whole pieces.";
        TooMuch: "Quantidade alta demais.", "The quantity is too high.";
        AmountBad: "Digite um valor como 50 ou 50,00.", "Type an amount like 50 or 50,00.";
        AmountOverOpen: "Só dinheiro dá troco: no máximo {open}.", "Only cash gives change: {open} at most.";
        TooManyLines: "A venda já tem 500 linhas. Conclua esta e comece outra.",
            "The sale has 500 lines already. Finish it and start another.";
        TotalTooLarge: "O total ficaria alto demais.", "The total would be too high.";
        CustomerMissing: "Diga quem fica devendo.", "Say who owes it.";
        NotACount: "Digite quantas são, como 12. Vazio é nenhuma.", "Type how many there are, like 12. Empty is none.";
        WhenBad: "Digite 14:30 ou 30/12 14:30, já passado. Vazio é agora.",
            "Type 14:30 or 30/12 14:30, in the past. Empty is now.";

        KeyHelp: "Esta página", "This page";
        KeySearch: "Ir à busca", "Go to the search";
        KeyEnter: "Adicionar o produto ao carrinho", "Add the product to the cart";
        KeyArrows: "Escolher na lista", "Choose in the list";
        KeyCtrlArrows: "Escolher no carrinho", "Choose in the cart";
        KeyStar: "Quantidade antes do código", "Quantity before the code";
        KeyNew: "Novo produto", "New product";
        KeyQuantity: "Quantidade da linha do carrinho", "Quantity of the line in the cart";
        KeyEntry: "Entrada, correção ou contagem de estoque", "Receive, correct or count stock";
        KeyEdit: "Editar o produto escolhido", "Edit the chosen product";
        KeyOutbox: "Ver o que falta enviar", "See what is not yet sent";
        KeyCancel: "Cancelar a venda", "Cancel the sale";
        KeyAmount: "Venda por valor, sem produtos", "Sale by amount, without products";
        KeyMenu: "Pessoa, idioma, tema, tamanho, loja, sair", "Person, language, theme, size, store, sign out";
        KeyPay: "Receber o pagamento", "Take the payment";
        KeyMethods: "Dinheiro, Pix, crédito, débito, fiado ao receber", "Cash, Pix, credit, debit, on account while paying";
        KeyDelete: "Remover a linha do carrinho", "Remove the line from the cart";
        KeyUndo: "Desfazer: linha ou desconto removido", "Bring a removed line or discount back";
        KeyZoom: "Maior, menor, normal", "Larger, smaller, normal";
        KeyEsc: "Fechar, voltar ou limpar a busca", "Close, go back or clear the search";
    }
}
