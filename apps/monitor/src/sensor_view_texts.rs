//! The words of [`crate::sensor_view`].

tillwatch_desk::texts! {
    pub Text {
        Columns: "Colunas", "Columns";
        Auto: "auto", "auto";
        ColumnsAuto: "tantas quantas cabem", "as many as fit";
        OneColumn: "1 coluna", "1 column";
        ColumnsOf: "{n} colunas", "{n} columns";
        Troubled: "Só com problema", "In trouble only";
        NoneTroubled: "Nenhum sensor com problema", "No sensor is in trouble";
        NoneTroubledHint: "Todos medem e estão na faixa.", "All of them measure and are in range.";
        Typed: "De–até…", "From–to…";
        From: "De", "From";
        To: "Até", "To";
        Hint: "31/12/2026 14:30", "31/12/2026 14:30";
        Show: "Mostrar", "Show";
        Cancel: "Cancelar", "Cancel";
        NotAMoment: "Escreva dia/mês/ano, com ou sem hora: 31/12/2026 14:30.",
            "Write day/month/year, with a time or without: 31/12/2026 14:30.";
        Order: "O fim tem de vir depois do começo.", "The end must come after the beginning.";
        Future: "O começo ainda não chegou.", "The beginning is still to come.";
        KeyTyped: "Sensores: escrever o período", "Sensors: type the period";
        Sensors: "{n} sensores", "{n} sensors";
        Battery: "bateria {n} %", "battery {n} %";
        OneSensor: "1 sensor", "1 sensor";
    }
}
