//! What is said of a comparison in the large chart, in both languages.

use tillwatch_desk::texts;

use crate::compare::Before;

texts! {
    pub Text {
        Compare: "Comparar…", "Compare…";
        Off: "Sem comparação", "No comparison";
        KeyCompare: "Comparar o gráfico grande, ou deixar de comparar", "Compare the large chart, or stop comparing";
        Title: "Comparar {name}", "Compare {name}";
        Earlier: "Com um período anterior", "With an earlier period";
        DayBefore: "Dia anterior", "The day before";
        WeekBefore: "Semana anterior", "The week before";
        YearBefore: "Ano anterior", "The year before";
        Begin: "Início escolhido", "A beginning of your choice";
        TakeBegin: "Comparar desde aí", "Compare from there";
        WrongBegin: "Dia e hora como 31/12/2026 14:30", "Day and time such as 31/12/2026 14:30";
        NotEarlier: "Antes do que está à vista", "Before what is in sight";
        OtherSensor: "Com outro sensor", "With another sensor";
        FindSensor: "Buscar sensor", "Find a sensor";
        FindHint: "nome ou loja", "name or store";
        NoOther: "Não há outro sensor.", "There is no other sensor.";
        Period: "{from} – {to}", "{from} – {to}";
        Loading: "Lendo o período anterior…", "Reading the earlier period…";
        Nothing: "sem leituras", "no readings";
        NotRead: "não lido: {what}", "not read: {what}";
        Limit: "{limit} · {name}", "{limit} · {name}";
        ChartOf: "{chart}, comparado com {other}", "{chart}, compared with {other}";
    }
}

/// Of those with a button; a chosen beginning tells its dates.
pub const fn before(before: Before) -> Text {
    match before {
        Before::Day => Text::DayBefore,
        Before::Week => Text::WeekBefore,
        Before::Year => Text::YearBefore,
        Before::By(_) => Text::Begin,
    }
}
