//! The monthly temperature sheet as two tables: by day and shift, with room for initials and what was done, and the
//! excursions.

use jiff::tz::TimeZone;
use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::{
    Annotation, AnnotationKind, BandSide, Calibration, Excursion, Shift, TemperatureSheet,
};
use tillwatch_shared::time::MINUTE;

use super::{Book, Cell, Table, day, decimal};
use crate::language::Language;

impl Book {
    pub fn of_temperatures(sheet: &TemperatureSheet, language: Language) -> Self {
        let pick = |pt, en| language.pick(pt, en);
        let zone = TimeZone::get(&sheet.zone).unwrap_or(TimeZone::UTC);
        let month = match language {
            Language::Portuguese => sheet.month.strftime("%m/%Y").to_string(),
            Language::English => sheet.month.strftime("%Y-%m").to_string(),
        };
        Self {
            title: format!(
                "{}, {month}: {}",
                pick("Folha de temperatura", "Temperature sheet"),
                sheet.sensor_name
            ),
            notes: notes(sheet, language),
            rows: days(sheet, &zone, language),
            series: excursions(sheet, &zone, language),
            made_at: sheet.server_at,
            language,
        }
    }
}

fn notes(sheet: &TemperatureSheet, language: Language) -> Vec<(&'static str, String)> {
    let pick = |pt, en| language.pick(pt, en);
    let celsius = |value: Option<f64>, places| {
        value.map_or_else(|| "–".to_owned(), |value| format!("{} °C", decimal(value, places, language)))
    };
    let mut notes = vec![(pick("Estabelecimento", "Establishment"), sheet.store_name.clone())];
    notes.extend(sheet.store_cnpj.as_ref().map(|cnpj| ("CNPJ", cnpj.written())));
    notes.extend([
        (
            pick("Responsável", "Person responsible"),
            sheet.responsible.clone().unwrap_or_else(|| "–".to_owned()),
        ),
        (pick("Equipamento", "Equipment"), format!("{} ({})", sheet.sensor_name, sheet.sensor_id)),
        (
            pick("Faixa", "Band"),
            format!(
                "{} {} {}",
                celsius(sheet.low_celsius, 1),
                pick("a", "to"),
                celsius(sheet.high_celsius, 1)
            ),
        ),
        (
            pick("Temperatura cinética média", "Mean kinetic temperature"),
            format!("{} (ΔH 83{}144 kJ/mol)", celsius(sheet.mean_kinetic_celsius, 2), pick(",", ".")),
        ),
        (pick("Horas sem leitura", "Hours without a reading"), sheet.silent_hours.to_string()),
    ]);
    notes.extend(
        sheet
            .calibrations
            .iter()
            .map(|one| (pick("Calibração", "Calibration"), calibration(one, sheet, language))),
    );
    notes
}

/// `-0,4 °C, certificado 123/2026 de 04/05/2026, desde 20/11/2026 14:30`
fn calibration(one: &Calibration, sheet: &TemperatureSheet, language: Language) -> String {
    let zone = TimeZone::get(&sheet.zone).unwrap_or(TimeZone::UTC);
    let from = one.from.timestamp().to_zoned(zone);
    let [certificate, of, since] = match language {
        Language::Portuguese => ["certificado", "de", "desde"],
        Language::English => ["certificate", "of", "since"],
    };
    format!(
        "{} °C, {certificate} {} {of} {}, {since} {} {}",
        decimal(one.offset_celsius, 3, language),
        one.certificate,
        day(one.issued_on, language),
        day(from.date(), language),
        from.strftime("%H:%M"),
    )
}

fn days(sheet: &TemperatureSheet, zone: &TimeZone, language: Language) -> Table {
    let pick = |pt, en| language.pick(pt, en);
    let celsius = |value: f64| Cell::Decimal(value, 1);
    let some = |value: Option<f64>| value.map_or(Cell::Empty, celsius);
    let rows = sheet.days.iter().flat_map(|of_day| {
        of_day.shifts.iter().map(|shift| {
            let actions = sheet.actions(of_day.day, shift.shift, zone);
            vec![
                Cell::Date(of_day.day),
                Cell::Text(shift_name(shift.shift, language).to_owned()),
                Cell::Text(shift.at.timestamp().to_zoned(zone.clone()).strftime("%H:%M").to_string()),
                celsius(shift.current_celsius),
                celsius(shift.min_celsius),
                celsius(shift.max_celsius),
                Cell::Empty,
                if actions.is_empty() { Cell::Empty } else { Cell::Text(actions) },
            ]
        })
    });
    Table {
        name: pick("Dias", "Days"),
        headings: vec![
            pick("Dia", "Day"),
            pick("Turno", "Shift"),
            pick("Hora", "Hour"),
            pick("Atual (°C)", "Current (°C)"),
            pick("Mínima (°C)", "Minimum (°C)"),
            pick("Máxima (°C)", "Maximum (°C)"),
            pick("Rubrica", "Initials"),
            pick("Ação tomada", "Action taken"),
        ],
        rows: rows.collect(),
        sum: vec![
            Cell::Text(pick("Mês", "Month").to_owned()),
            Cell::Text(pick("média", "mean").to_owned()),
            Cell::Empty,
            some(sheet.mean_celsius),
            some(sheet.min_celsius),
            some(sheet.max_celsius),
            Cell::Empty,
            Cell::Empty,
        ],
    }
}

/// Excursions, and what people noted, in the order of their times. Only excursions count in the sum.
fn excursions(sheet: &TemperatureSheet, zone: &TimeZone, language: Language) -> Table {
    let pick = |pt, en| language.pick(pt, en);
    let moment = |at: UtcMicros| {
        let at = at.timestamp().to_zoned(zone.clone());
        Cell::Text(format!("{} {}", day(at.date(), language), at.strftime("%H:%M")))
    };
    let text = |words: Option<&String>| words.map_or(Cell::Empty, |words| Cell::Text(words.clone()));
    let row = |excursion: &Excursion| {
        let side = match excursion.side {
            BandSide::Low => pick("abaixo", "below"),
            BandSide::High => pick("acima", "above"),
        };
        vec![
            moment(excursion.start),
            excursion.end.map_or_else(|| Cell::Text(pick("continua", "goes on").to_owned()), moment),
            Cell::Count(excursion.seconds / 60),
            Cell::Text(side.to_owned()),
            Cell::Decimal(excursion.peak_celsius, 1),
            text(excursion.person_name.as_ref()),
            text(excursion.action.as_ref()),
        ]
    };
    let noted = |one: &Annotation| {
        let moments = one.from == one.to;
        vec![
            moment(one.from),
            if moments { Cell::Empty } else { moment(one.to) },
            if moments { Cell::Empty } else { Cell::Count(one.to.since(one.from) / MINUTE) },
            Cell::Text(annotation_kind(one.kind, language).to_owned()),
            Cell::Empty,
            Cell::Text(one.person_name.clone()),
            text(one.text.as_ref()),
        ]
    };
    let mut rows: Vec<(UtcMicros, Vec<Cell>)> =
        sheet.excursions.iter().map(|excursion| (excursion.start, row(excursion))).collect();
    rows.extend(sheet.annotations.iter().map(|one| (one.from, noted(one))));
    rows.sort_by_key(|(at, _)| *at);
    let with_notes = !sheet.annotations.is_empty();
    let minutes = sheet.excursions.iter().map(|excursion| excursion.seconds).sum::<i64>() / 60;
    let mut sum = vec![Cell::Text("Total".to_owned()), Cell::Empty, Cell::Count(minutes)];
    sum.resize(7, Cell::Empty);
    Table {
        name: pick("Excursões", "Excursions"),
        headings: vec![
            pick("Início", "Start"),
            pick("Fim", "End"),
            pick("Duração (min)", "Duration (min)"),
            if with_notes {
                pick("Da faixa ou anotação", "Of the band or note")
            } else {
                pick("Da faixa", "Of the band")
            },
            pick("Pico (°C)", "Peak (°C)"),
            pick("Quem", "Who"),
            pick("Ação tomada", "Action taken"),
        ],
        rows: rows.into_iter().map(|(_, row)| row).collect(),
        sum,
    }
}

const fn annotation_kind(kind: AnnotationKind, language: Language) -> &'static str {
    match kind {
        AnnotationKind::Defrost => language.pick("degelo", "defrost"),
        AnnotationKind::Cleaning => language.pick("limpeza", "cleaning"),
        AnnotationKind::Door => language.pick("porta aberta", "door open"),
        AnnotationKind::Other => language.pick("outro", "other"),
    }
}

const fn shift_name(shift: Shift, language: Language) -> &'static str {
    match shift {
        Shift::Morning => language.pick("manhã", "morning"),
        Shift::Afternoon => language.pick("tarde", "afternoon"),
        Shift::Night => language.pick("noite", "night"),
    }
}
