//! The words about the barcode reader and the scale.

tillwatch_desk::texts! {
    pub ScanText {
        IgnoredOutside: "Um código foi lido, mas o caixa não está aberto.", "A code was read, but the till is not open.";
        IgnoredPaying: "{code} não entrou: o pagamento está aberto. Esc volta à venda; leia de novo.",
            "{code} was not added: the payment is open. Esc goes back to the sale; scan it again.";
        IgnoredDialog: "{code} não entrou: feche a janela aberta e leia de novo.",
            "{code} was not added: close what is open and scan it again.";

        ReaderTitle: "Leitor e balança", "Reader and scale";
        Speed: "Velocidade do leitor de código de barras", "Speed of the barcode reader";
        SpeedHint: "Teclas mais próximas que isto e terminadas por Enter ou Tab são uma leitura, em qualquer tela. Se o leitor falha, escolha um mais lento.",
            "Keys closer to each other than this, ended by Enter or Tab, are a scan on every screen. If scans fail, choose a slower reader.";
        Fast: "rápido · {ms} ms", "fast · {ms} ms";
        Usual: "comum · {ms} ms", "usual · {ms} ms";
        Slow: "lento · {ms} ms", "slow · {ms} ms";
        Layouts: "Etiquetas da balança", "The scale's labels";
        LayoutsHint: "13 posições: 2 no início, C código, T total, P peso, X sem uso, D dígito no fim. Várias: separe por espaço.",
            "13 places: 2 first, C code, T total, P weight, X unused, D check digit last. Several: put spaces between them.";
        LayoutLength: "Cada etiqueta tem 13 posições.", "Each label has 13 places.";
        LayoutLetter: "Só números e as letras C, T, P, X e D.", "Only digits and the letters C, T, P, X and D.";
        LayoutPrefix: "A etiqueta começa com 2.", "The label begins with 2.";
        LayoutCheckDigit: "A etiqueta termina com um único D.", "The label ends with a single D.";
        LayoutCode: "Os C ficam juntos.", "The C stand together.";
        LayoutAmount: "Use T ou P, juntos, e não os dois.", "Use T or P, together, and not both.";
        LayoutTooMany: "Quatro etiquetas no máximo.", "Four labels at most.";
        TryHere: "Leia um código aqui para ver o que o caixa entende.", "Scan a code here to see what the till makes of it.";
        TriedProduct: "{code}: {name}", "{code}: {name}";
        TriedUnknown: "{code}: não cadastrado", "{code}: not in the catalogue";
        TriedLabel: "{code}: etiqueta do código {own}, {amount}. {name}", "{code}: label of code {own}, {amount}. {name}";
        NoSuchCode: "Este código não está cadastrado.", "This code is not in the catalogue.";
        LabelTotal: "total de {amount}", "{amount} in all";
        LabelWeight: "peso de {amount}", "weight {amount}";
        LabelPriceDiffers: "{name}: a etiqueta diz {label}, o preço de hoje dá {total}.",
            "{name}: the label says {label}, today's price makes {total}.";
    }
}
