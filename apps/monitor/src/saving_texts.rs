//! The words of a file that is being made, in both languages.

use tillwatch_desk::texts;

texts! {
    pub Text {
        Working: "Gravando o arquivo…", "Writing the file…";
        Read: "Gravando o arquivo: {n} linhas lidas", "Writing the file: {n} rows read";
        Drawn: "Gravando o PDF: {n} de {all} linhas", "Writing the PDF: {n} of {all} rows";
        Stop: "Parar", "Stop";
        Stopping: "Parando…", "Stopping…";
        Stopped: "Parado: nenhum arquivo foi gravado.", "Stopped: no file was written.";
        TooLong: "O arquivo teria mais de {n} linhas: escolha uma loja ou um período.",
            "The file would have more than {n} rows: choose a store or a period.";
    }
}
