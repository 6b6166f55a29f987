//! The words of taking in sheets of products, in both languages.

use tillwatch_desk::texts::Table as _;
use tillwatch_desk::{Lang, texts};
use tillwatch_shared::api::{ImportFault, ImportOutcome, ImportedRow, ProductColumn};

texts! {
    pub Text {
        Import: "Importar planilha…", "Import a sheet…";
        Title: "Importar planilha", "Import a sheet";
        Back: "Voltar", "Back";
        What: "Um arquivo CSV com uma linha por produto. A primeira linha dá nome às colunas: código, nome, unidade, preço, mínimo, ativo. Com loja ou “de” e “até”, a linha é um preço por período. Célula vazia não muda nada.",
            "A CSV file with one row for each product. Its first line names the columns: code, name, unit, price, minimum, active. With store or “from” and “until” a row is a price for some days. A blank cell changes nothing.";
        Path: "Arquivo", "File";
        PathHint: "/pasta/produtos.csv", "/folder/products.csv";
        Open: "Abrir", "Open";
        Drop: "Ou solte o arquivo nesta janela.", "Or drop the file onto this window.";
        Downloads: "Nos seus downloads", "Among your downloads";
        NoDownloads: "Nenhum arquivo CSV nos seus downloads.", "No CSV file among your downloads.";
        OpenFile: "Abrir {name}", "Open {name}";
        SaveSheet: "Baixar a planilha dos produtos", "Get the sheet of your products";
        SheetName: "produtos", "products";
        Reading: "lendo o arquivo…", "reading the file…";
        Looking: "comparando com o cadastro; nada muda ainda…", "comparing with the products; nothing changes yet…";
        TooLarge: "O arquivo é grande demais: no máximo 4 MB.", "The file is too large: at most 4 MB.";
        NotAFile: "Isto é uma pasta, e não um arquivo.", "This is a folder, and no file.";
        NotRead: "O arquivo não pode ser lido: {why}", "The file cannot be read: {why}";
        AsRead: "{name} · {encoding} · separador {separator}", "{name} · {encoding} · separator {separator}";
        Tab: "tabulação", "tab";
        Ignored: "colunas sem uso: {names}", "columns without use: {names}";
        All: "Todas ({n})", "All ({n})";
        New: "Novos ({n})", "New ({n})";
        Changed: "Mudam ({n})", "Changing ({n})";
        Same: "Iguais ({n})", "Same ({n})";
        Refused: "Recusadas ({n})", "Refused ({n})";
        IsNew: "novo", "new";
        IsChanged: "muda", "changes";
        IsSame: "igual", "same";
        IsRefused: "recusada", "refused";
        Rows: "Linhas", "Rows";
        Line: "Linha", "Line";
        State: "Situação", "State";
        Code: "Código", "Code";
        Product: "Produto", "Product";
        About: "O que muda, ou o que falta", "What changes, or what is wrong";
        NoRows: "Nenhuma linha assim.", "No row of that kind.";
        Nothing: "Nada a importar", "Nothing to import";
        Start: "Importar {n} linhas", "Import {n} rows";
        StartOne: "Importar 1 linha", "Import 1 row";
        GoOn: "Continuar", "Go on";
        Stop: "Parar", "Stop";
        Stopping: "parando…", "stopping…";
        Again: "Conferir de novo", "Look again";
        Other: "Outro arquivo", "Another file";
        SaveRefused: "Salvar recusadas (CSV)", "Save the refused (CSV)";
        RefusedName: "recusadas", "refused";
        Progress: "{done} de {all} linhas", "{done} of {all} rows";
        Halted: "Parou em {done} de {all} linhas. O que foi feito vale; continuar não repete nada.",
            "Halted at {done} of {all} rows. What was done counts; going on repeats nothing.";
        Finished: "Importação feita: {new} novos, {changed} mudados, {same} iguais, {refused} recusadas.",
            "Import done: {new} new, {changed} changed, {same} the same, {refused} refused.";
        From: "desde {day}", "from {day}";
    }
}

pub const fn outcome(outcome: ImportOutcome) -> Text {
    match outcome {
        ImportOutcome::New => Text::IsNew,
        ImportOutcome::Changed => Text::IsChanged,
        ImportOutcome::Same => Text::IsSame,
        ImportOutcome::Refused => Text::IsRefused,
    }
}

fn column(column: ProductColumn, lang: Lang) -> &'static str {
    let [portuguese, english] = column.words();
    match lang {
        Lang::Pt => portuguese,
        Lang::En => english,
    }
}

fn fault(fault: &ImportFault, lang: Lang) -> String {
    let words = match lang {
        Lang::Pt => fault.code.portuguese(&fault.about),
        Lang::En => fault.code.english(&fault.about),
    };
    match fault.column {
        Some(of) => format!("{}: {words}", column(of, lang)),
        None => words,
    }
}

/// What changes about the product, or what is wrong with the row.
pub fn about(row: &ImportedRow, lang: Lang) -> String {
    let faults = row.faults.iter().map(|one| fault(one, lang));
    let changes = row.changes.iter().map(|one| {
        let (of, before) = (column(one.column, lang), &one.before);
        let after = if one.after.is_empty() { "–" } else { &one.after };
        if before.is_empty() { format!("{of} {after}") } else { format!("{of} {before} → {after}") }
    });
    let place = row.store.iter().cloned();
    let day = row.from.iter().map(|day| Text::From.with(lang, &[("day", &day.strftime("%d/%m/%Y"))]));
    place.chain(day).chain(faults).chain(changes).collect::<Vec<_>>().join(" · ")
}
