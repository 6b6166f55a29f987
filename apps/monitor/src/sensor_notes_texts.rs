//! The words of calibrations and annotations, in both languages.

use jiff::tz::TimeZone;
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::{Lang, format, texts};
use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::{Annotation, AnnotationKind, Calibration, Excursion};
use tillwatch_shared::time::SECOND;

use crate::reports::written;

texts! {
    pub Text {
        Annotate: "Anotar…", "Note…";
        Calibrate: "Calibração…", "Calibration…";
        KeyAnnotate: "Anotar no período à vista", "Note about the time in sight";
        AnnotationTitle: "Anotação", "Note";
        CalibrationTitle: "Calibração", "Calibration";
        WithdrawNoteTitle: "Retirar anotação", "Withdraw note";
        WithdrawCalibrationTitle: "Retirar calibração", "Withdraw calibration";
        Kind: "O que foi", "What it was";
        Defrost: "Degelo", "Defrost";
        Cleaning: "Limpeza", "Cleaning";
        Door: "Porta aberta", "Door open";
        Other: "Outro", "Other";
        From: "De", "From";
        To: "Até (vazio: um só momento)", "Until (empty: one moment)";
        Words: "Texto", "Text";
        Offset: "Correção somada à leitura, em °C", "Correction added to the reading, in °C";
        Certificate: "Número do certificado", "Certificate's number";
        IssuedOn: "Data do certificado", "Certificate's date";
        CountsFrom: "Vale a partir de", "Counts from";
        Why: "Motivo", "Reason";
        CalibrationHint: "As leituras ficam guardadas como vieram. Alarmes já registrados não mudam: só as próximas leituras são julgadas com a correção.",
            "Readings are kept as they came. Recorded alarms do not change: only readings to come are judged with the correction.";
        WithdrawHint: "Sai dos gráficos e das folhas; o histórico guarda quem retirou e por quê.",
            "It goes from charts and sheets; the history keeps who withdrew it and why.";
        WrongMoment: "Dia e hora, como 31/12/2026 14:30.", "Day and time, like 31/12/2026 14:30.";
        WrongOffset: "Um número de −100 a 100.", "A number from −100 to 100.";
        WrongCertificate: "Escreva o número do certificado.", "Write the certificate's number.";
        WrongDay: "Um dia, como 31/12/2026.", "A day, like 31/12/2026.";
        WrongWords: "Escreva o que foi.", "Write what it was.";
        WrongEnd: "Não antes do início, e no máximo 31 dias depois.", "Not before the start, and at most 31 days after.";
        WrongWhy: "Escreva o motivo.", "Write the reason.";
        Mark: "{offset} °C, certificado {certificate}", "{offset} °C, certificate {certificate}";
        InForce: "Calibração {offset} °C · certificado {certificate} de {day} · desde {from}",
            "Calibration {offset} °C · certificate {certificate} of {day} · since {from}";
        Whole: "{offset} °C, certificado {certificate} de {day}, desde {from}",
            "{offset} °C, certificate {certificate} of {day}, since {from}";
        Loading: "lendo as anotações…", "reading the notes…";
        NotRead: "As anotações não puderam ser lidas: {what}", "The notes could not be read: {what}";
        More: "mais {n}", "{n} more";
        Annotations: "Anotações", "Notes";
        Calibration: "Calibração", "Calibration";
        Withdrawn: "retirada: {reason}", "withdrawn: {reason}";
    }
}

pub const fn kind(kind: AnnotationKind) -> Text {
    match kind {
        AnnotationKind::Defrost => Text::Defrost,
        AnnotationKind::Cleaning => Text::Cleaning,
        AnnotationKind::Door => Text::Door,
        AnnotationKind::Other => Text::Other,
    }
}

/// `+0,4` or `-0,25`: with its sign, and no more decimals than it has.
pub fn offset(celsius: f64) -> String {
    let scaled = (celsius.abs() * 1_000.0).round();
    let places = match () {
        () if scaled % 100.0 == 0.0 => 1,
        () if scaled % 10.0 == 0.0 => 2,
        () => 3,
    };
    let sign = if celsius > 0.0 { "+" } else { "" };
    format!("{sign}{}", format::decimal(celsius, places))
}

/// What stands at the moment from which it counts.
pub fn mark(one: &Calibration, lang: Lang) -> String {
    Text::Mark.with(lang, &[("offset", &offset(one.offset_celsius)), ("certificate", &one.certificate)])
}

/// All of a calibration, in that form of words.
pub fn calibration(one: &Calibration, form: Text, zone: &TimeZone, lang: Lang) -> String {
    let (day, from) = (written(one.issued_on), format::date_time(one.from, zone));
    form.with(
        lang,
        &[
            ("offset", &offset(one.offset_celsius)),
            ("certificate", &one.certificate),
            ("day", &day),
            ("from", &from),
        ],
    )
}

/// What happened, in few words: the text where the kind says nothing.
pub fn short(one: &Annotation, lang: Lang) -> String {
    match (&one.text, one.kind) {
        (Some(text), AnnotationKind::Other) => text.clone(),
        (_, of) => kind(of).get(lang).to_owned(),
    }
}

/// `Degelo, 20/11/2026 14:30 – 15:00, Maria: como toda sexta`
pub fn annotation(one: &Annotation, zone: &TimeZone, lang: Lang) -> String {
    let when = when(one, zone);
    let text = one.text.as_ref().map(|text| format!(": {text}")).unwrap_or_default();
    format!("{}, {when}, {}{text}", kind(one.kind).get(lang), one.person_name)
}

/// Why it does not count any more.
pub fn withdrawn(reason: Option<&String>, lang: Lang) -> String {
    reason
        .map(|reason| format!(" ({})", Text::Withdrawn.with(lang, &[("reason", reason)])))
        .unwrap_or_default()
}

/// `20/11/2026 14:30 – 15:00`
pub fn when(one: &Annotation, zone: &TimeZone) -> String {
    let from = format::date_time(one.from, zone);
    if one.to == one.from {
        from
    } else if format::date(one.from, zone) == format::date(one.to, zone) {
        format!("{from} – {}", format::time(one.to, zone))
    } else {
        format!("{from} – {}", format::date_time(one.to, zone))
    }
}

/// What was done about an excursion, and what was noted of its time; nothing if nobody said a thing.
pub fn taken(excursion: &Excursion, notes: &[Annotation], lang: Lang) -> Option<String> {
    let end = excursion.end.unwrap_or(UtcMicros(excursion.start.0 + excursion.seconds * SECOND));
    let touching = notes.iter().filter(|one| one.from < end && one.to >= excursion.start);
    let noted = touching.map(|one| match (&one.text, one.kind) {
        (None, _) | (Some(_), AnnotationKind::Other) => short(one, lang),
        (Some(text), of) => format!("{}: {text}", kind(of).get(lang)),
    });
    let words: Vec<String> = excursion.action.clone().into_iter().chain(noted).collect();
    (!words.is_empty()).then(|| words.join("; "))
}
