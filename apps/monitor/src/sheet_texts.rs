//! The words of the monthly temperature sheet, in both languages.

use tillwatch_desk::texts;
use tillwatch_shared::api::Shift;

texts! {
    pub Text {
        Button: "Folha do mês", "Monthly sheet";
        Title: "Folha de temperatura · {name}", "Temperature sheet · {name}";
        Earlier: "Mês anterior", "Month before";
        Later: "Mês seguinte", "Next month";
        Loading: "Calculando o mês…", "Working out the month…";
        Responsible: "Responsável", "Person responsible";
        ResponsibleHint: "Sai impresso na folha", "Printed on the sheet";
        Days: "Dias", "Days";
        Excursions: "Excursões ({n})", "Excursions ({n})";
        SaveXlsx: "Salvar XLSX", "Save XLSX";
        SaveCsv: "Salvar CSV", "Save CSV";
        Store: "Estabelecimento", "Establishment";
        Band: "Faixa", "Band";
        Kinetic: "Cinética média", "Mean kinetic";
        KineticHint: "Temperatura cinética média, ΔH 83,144 kJ/mol: as horas quentes pesam mais", "Mean kinetic temperature, ΔH 83.144 kJ/mol: warm hours weigh more";
        Mean: "Média", "Mean";
        Lowest: "Mínima", "Lowest";
        Highest: "Máxima", "Highest";
        Silent: "Horas sem leitura", "Hours without a reading";
        Day: "Dia", "Day";
        Shift: "Turno", "Shift";
        Hour: "Hora", "Hour";
        Current: "Atual", "Current";
        Start: "Início", "Start";
        Duration: "Duração", "Duration";
        Peak: "Pico", "Peak";
        Action: "O que foi feito", "What was done";
        GoesOn: "continua", "goes on";
        Nobody: "ninguém anotou", "nobody noted it";
        Morning: "manhã", "morning";
        Afternoon: "tarde", "afternoon";
        Night: "noite", "night";
        Empty: "Nenhuma leitura neste mês", "No reading in this month";
        NoExcursions: "Nenhuma excursão: sempre dentro da faixa", "No excursion: always inside the band";
        NoBand: "O sensor não tem faixa: sem ela não há excursões", "The sensor has no band: without one there are no excursions";
        FileName: "folha-de-temperatura", "temperature-sheet";
        NotNamed: "Dê um nome e uma loja ao sensor para ter a folha", "Give the sensor a name and a store to have its sheet";
    }
}

pub const fn shift(shift: Shift) -> Text {
    match shift {
        Shift::Morning => Text::Morning,
        Shift::Afternoon => Text::Afternoon,
        Shift::Night => Text::Night,
    }
}
