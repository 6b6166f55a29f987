//! The words of several windows, in both languages.

use tillwatch_desk::texts;

texts! {
    pub Text {
        Windows: "Janelas", "Windows";
        Open: "Nova janela", "New window";
        Close: "Fechar esta janela", "Close this window";
        Hint: "Cada janela tem sua página e seus filtros, e abre de novo na próxima vez como foi deixada.",
            "Each window has its own page and filters, and opens again next time as it was left.";
        TooMany: "Já há {n} janelas abertas: feche uma delas.", "There are {n} windows already: close one of them.";
        KeyOpen: "abre mais uma janela nesta página", "opens one more window at this page";
        KeyClose: "fecha esta janela, se não for a primeira", "closes this window, unless it is the first";
    }
}
