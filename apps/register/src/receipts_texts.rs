//! The words about receipts and the printer.

tillwatch_desk::texts! {
    pub Text {
        KeyReceipts: "Recibos e comprovantes: imprimir de novo, PDF", "Receipts and slips: print again, PDF";
        Title: "Recibos e comprovantes", "Receipts and slips";
        Wanted: "Número da venda, código do recibo ou cliente", "Sale number, the receipt's code or a customer";
        WantedHint: "vazio: os últimos deste caixa", "empty: the last ones of this till";
        OfReturn: "Devolução", "Return";
        OfReturnOf: "Devolução {n}", "Return {n}";
        OfVoid: "Cancelamento", "Void";
        OfVoidOf: "Cancelamento {n}", "Void {n}";
        OfDebt: "Fiado · {name}", "Debt · {name}";
        SlipNotKept: "O comprovante não pôde ser guardado ({reason}): imprima-o agora.",
            "The slip could not be kept ({reason}): print it now.";
        Find: "Procurar", "Find";
        NoSales: "Este caixa ainda não vendeu nesta loja.", "This till has not sold in this store yet.";
        Reading: "Lendo as vendas deste caixa", "Reading the sales of this till";
        Asking: "Perguntando ao servidor", "Asking the server";
        Nowhere: "Nenhuma venda com este número nesta loja.", "This store has no sale of this number.";
        NotUnderstood: "Digite o número da venda ou o nome do cliente, ou leia o código de barras do recibo.",
            "Type the number of the sale or the customer's name, or scan the receipt's barcode.";
        Elsewhere: "De outro caixa", "From another till";
        NumberAwaited: "sem número", "no number yet";
        Print: "Imprimir", "Print";
        PrintReceipt: "Imprimir recibo", "Print receipt";
        SavePdf: "Salvar PDF", "Save PDF";
        SlipOffer: "{key} imprime o comprovante.", "{key} prints the slip.";
        Preview: "Recibo", "Receipt";
        Printed: "Enviado à impressora.", "Sent to the printer.";
        Printing: "Imprimindo", "Printing";
        Written: "Gravado em {path}", "Saved as {path}";
        NotWritten: "Não foi possível gravar o arquivo ({reason}).", "The file could not be saved ({reason}).";

        Printer: "Impressora de recibos", "Receipt printer";
        PrinterNow: "Impressora de recibos: {way}", "Receipt printer: {way}";
        SetUpPrinter: "Configurar impressora", "Set up the printer";
        SetUpFirst: "Escolha primeiro como a impressora está ligada.", "First say how the printer is connected.";
        Way: "Ligação", "Connection";
        WayNone: "Nenhuma", "None";
        WayNetwork: "Rede", "Network";
        WayDevice: "USB", "USB";
        WaySerial: "Serial", "Serial";
        WayFolder: "Pasta", "Folder";
        AddressNetwork: "Endereço (porta 9100 se não disser outra)", "Address (port 9100 unless told otherwise)";
        AddressDevice: "Dispositivo ou impressora compartilhada", "Device or shared printer";
        AddressSerial: "Porta", "Port";
        AddressFolder: "Pasta onde cada documento vira um arquivo", "Folder in which each document becomes a file";
        Speed: "Velocidade", "Speed";
        Width: "Papel", "Paper";
        Width58: "58 mm", "58 mm";
        Width80: "80 mm", "80 mm";
        Page: "Página de código (acentos)", "Code page (accents)";
        PaperLang: "Idioma do recibo", "Language of the receipt";
        AfterSale: "Depois da venda", "After a sale";
        AfterPrint: "Imprimir", "Print";
        AfterAsk: "Oferecer", "Offer";
        AfterNothing: "Nada", "Nothing";
        Cut: "Cortar o papel", "Cut the paper";
        Drawer: "Abrir a gaveta quando entra dinheiro", "Open the drawer when cash comes in";
        TestPrint: "Imprimir teste", "Print a test";

        PrinterNotFound: "A impressora {address} não existe. Confira o cabo e o endereço no menu (F10).",
            "There is no printer {address}. Check its cable and the address in the menu (F10).";
        PrinterUnreachable: "A impressora {address} não responde. Confira se está ligada; o recibo fica em Ctrl+P.",
            "The printer {address} does not answer. Check that it is on; the receipt stays under Ctrl+P.";
        PrinterDenied: "Este usuário não pode escrever em {address}. No Linux, ponha-o no grupo lp ou dialout.",
            "This user may not write to {address}. On Linux, put them into the group lp or dialout.";
        PrinterTimedOut: "A impressora {address} não aceita dados. Confira papel e tampa; o recibo fica em Ctrl+P.",
            "The printer {address} takes no data. Check paper and cover; the receipt stays under Ctrl+P.";
        PrinterBusy: "A impressora {address} ainda tem o documento anterior. Confira papel e tampa e imprima de novo.",
            "The printer {address} still has the last document. Check paper and cover, and print again.";
        PrinterFailed: "A impressão falhou ({reason}). O recibo fica em Ctrl+P.",
            "Printing failed ({reason}). The receipt stays under Ctrl+P.";

        Labels: "Etiquetas", "Labels";
        LabelsOpen: "Etiquetas de preço", "Price labels";
        KeyLabels: "Etiquetas de preço com código de barras", "Price labels with barcodes";
        LabelProduct: "Produto", "Product";
        LabelProductHint: "código, nome ou 12*código", "code, name or 12*code";
        LabelNotFound: "Nenhum produto assim.", "There is no such product.";
        LabelCopiesBad: "Etiquetas são inteiras: por exemplo 12*código.", "Labels are whole: 12*code, for example.";
        LabelsTooMany: "No máximo {most} etiquetas por arquivo.", "At most {most} labels in one file.";
        LabelsEmpty: "Escolha produtos: digite ou leia o código, e Enter.", "Choose products: type or scan, then Enter.";
        LabelRemove: "Tirar {name}", "Remove {name}";
        LabelMore: "Mais uma de {name}", "One more of {name}";
        LabelFewer: "Menos uma de {name}", "One fewer of {name}";
        LabelLayout: "Folha A4: colunas × linhas (etiquetas)", "A4 sheet: columns × rows (labels)";
        LabelSize: "Cada etiqueta: {width} × {height} mm. Imprima em tamanho real (100 %).",
            "Each label: {width} × {height} mm. Print at actual size (100 %).";
        LabelsSkip: "Etiquetas já usadas na primeira folha", "Labels already used on the first sheet";
        LabelsSkipBad: "Um número inteiro, de 0 a {most}.", "A whole number, from 0 to {most}.";
        LabelsSaveOne: "Salvar 1 etiqueta em PDF", "Save 1 label as PDF";
        LabelsSave: "Salvar {n} etiquetas em PDF", "Save {n} labels as PDF";
        LabelsFile: "etiquetas", "labels";
    }
}
