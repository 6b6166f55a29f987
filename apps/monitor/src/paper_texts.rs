//! The words that stand only on paper, in both languages.

use tillwatch_desk::texts;
use tillwatch_shared::api::ReportStep;

texts! {
    pub Text {
        SavePdf: "Salvar PDF", "Save PDF";
        MadeAt: "Feito em {at}", "Made on {at}";
        Period: "Período", "Period";
        Stores: "Lojas", "Stores";
        Place: "Posição", "Place";
        PerDay: "Por dia", "By day";
        PerWeek: "Por semana", "By week";
        PerMonth: "Por mês", "By month";
        Week: "Semana", "Week";
        Month: "Mês", "Month";
        Weekday: "Dia da semana", "Weekday";
        Hour: "Hora", "Hour";
        Rows: "Linhas", "Rows";
        OnlyStore: "Só da loja", "Only of the store";
        OnlyText: "Só com", "Only with";
        Only: "Só", "Only";
        ThatMonth: "Mês", "Month";
        Equipment: "Equipamento", "Equipment";
        KineticFull: "Temperatura cinética média", "Mean kinetic temperature";
        Initials: "Rubrica", "Initials";
        ActionTaken: "Ação tomada", "Action taken";
        Degrees: "{name} (°C)", "{name} (°C)";
        ExcursionsOut: "Excursões: tempos fora da faixa", "Excursions: times out of the band";
        End: "Fim", "End";
        Who: "Quem", "Who";
        Readings: "Leituras", "Readings";
        SignedBy: "Assinatura: {name}", "Signature: {name}";
        SignedOn: "Data", "Date";
        KineticNote: "Temperatura cinética média com ΔH 83,144 kJ/mol.", "Mean kinetic temperature with ΔH 83.144 kJ/mol.";
    }
}

/// What the rows over time are.
pub const fn per(step: ReportStep) -> Text {
    match step {
        ReportStep::Day => Text::PerDay,
        ReportStep::Week => Text::PerWeek,
        ReportStep::Month => Text::PerMonth,
        ReportStep::Weekday => Text::Weekday,
        ReportStep::Hour => Text::Hour,
    }
}
