//! What is said when a chart is saved, in both languages.

use tillwatch_desk::texts;

texts! {
    pub Text {
        SaveCsv: "Salvar o gráfico como CSV", "Save the chart as CSV";
        SaveXlsx: "Salvar o gráfico como XLSX", "Save the chart as XLSX";
        SavePng: "Salvar o gráfico como imagem", "Save the chart as a picture";
        File: "{name} {from} a {to}", "{name} {from} to {to}";
        Sheet: "Gráfico", "Chart";
        OtherSheet: "Comparado", "Compared with";
        Curve: "Curva", "Curve";
        DrawnAt: "Sobreposto a", "Drawn at";
        From: "Início", "From";
        Readings: "Leituras", "Readings";
        Raw: "{what}, sem calibração", "{what}, not calibrated";
        Mean: "{measure} média ({unit})", "Mean of {measure} ({unit})";
        Least: "{measure} mínima ({unit})", "Least {measure} ({unit})";
        Most: "{measure} máxima ({unit})", "Greatest {measure} ({unit})";
    }
}
