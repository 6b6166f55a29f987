//! The words of counts, transfers and lots, in both languages.

use tillwatch_desk::texts;

texts! {
    pub Text {
        Counted: "Contagem · {n} produtos", "Count · {n} products";
        CountedOne: "Contagem · {name}", "Count · {name}";
        Sent: "Transferência {n} para {store}", "Transfer {n} to {store}";
        Received: "Transferência {n} de {store} recebida", "Transfer {n} from {store} received";
        Cancelled: "Transferência {n} para {store} cancelada", "Transfer {n} to {store} cancelled";
        Lines: "{n} linhas", "{n} lines";
        Worth: "diferença de {amount}", "difference of {amount}";
    }
}
