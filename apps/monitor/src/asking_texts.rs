//! The words of a question that takes long, in both languages.

use tillwatch_desk::texts;

texts! {
    pub Text {
        Adding: "somando o relatório… há {n} s", "adding up the report… for {n} s";
        Working: "calculando o mês… há {n} s", "working out the month… for {n} s";
        Stop: "Parar", "Stop";
        Stopped: "Parado", "Stopped";
        StoppedHint: "O servidor não trabalha mais nisto.", "The server does not work on it any more.";
        Again: "Pedir de novo", "Ask again";
    }
}
