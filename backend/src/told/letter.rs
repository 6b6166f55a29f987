//! What an e-mail about an alarm says, for somebody who is not in the shop and has only a phone at hand. Pure.

use jiff::civil::DateTime;
use tillwatch_shared::api::{Alarm, AlarmKind, Measure, Severity};
use tillwatch_shared::time::{DAY, HOUR, MINUTE, SECOND};
use tillwatch_shared::{Cents, UtcMicros};

use crate::domain::sales::local;

/// What the list of a phone shows of a subject.
const SUBJECT_CHARS: usize = 42;
/// So much of a name stays, however long the rest is.
const SHORTEST_NAME: usize = 8;
/// Names in the text.
const NAME_CHARS: usize = 120;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    pub subject: String,
    pub text: String,
}

/// What is told, as it is known when the letter is written.
#[derive(Debug)]
pub struct Matter<'a> {
    pub alarm: &'a Alarm,
    /// The second stage: nobody took care of it.
    pub second: bool,
    pub place: &'a Place,
    pub now: UtcMicros,
}

/// Where it happens, and what is at stake there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Absent for what belongs to no store.
    pub store: Option<String>,
    pub zone: String,
    /// What the goods are sold for that are known to be there.
    pub worth: Option<Cents>,
}

/// The letter about an alarm.
pub fn write(matter: &Matter<'_>) -> Letter {
    Letter { subject: subject(matter), text: text(matter) }
}

/// A letter that shows that letters arrive.
pub fn trial(now: UtcMicros, zone: &str) -> Letter {
    let subject = "Tillwatch: mensagem de teste".to_owned();
    let text = format!(
        "Esta é uma mensagem de teste, pedida em {}.\n\nSe ela chegou, os alarmes também chegam aqui.\n",
        moment(local(zone, now))
    );
    Letter { subject, text }
}

/// One line of printable characters: nothing in a name begins a new header or a new line.
pub fn one_line(text: &str) -> String {
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    text.chars().map(|c| if breaks(c) { ' ' } else { c }).collect::<String>().trim().to_owned()
}

fn cut(text: &str, chars: usize) -> String {
    let text = one_line(text);
    if text.chars().count() <= chars {
        return text;
    }
    let kept: String = text.chars().take(chars.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

fn subject(matter: &Matter<'_>) -> String {
    let before = if matter.second { "2º aviso: " } else { "" };
    let what = in_short(matter.alarm);
    let room = SUBJECT_CHARS.saturating_sub(before.chars().count() + what.chars().count() + 2);
    format!("{before}{}: {what}", cut(&matter.alarm.name, room.max(SHORTEST_NAME)))
}

/// What is wrong, in a few words.
fn in_short(alarm: &Alarm) -> String {
    let with_limit = |bound: &str, otherwise: &str| match (alarm.worst, alarm.limit) {
        (Some(worst), Some(limit)) => format!("{} ({bound} {})", measured(alarm, worst), decimal(limit)),
        (Some(worst), None) => measured(alarm, worst),
        (None, Some(_) | None) => otherwise.to_owned(),
    };
    match alarm.kind {
        AlarmKind::High => with_limit("máx.", "acima do limite"),
        AlarmKind::Low => with_limit("mín.", "abaixo do limite"),
        AlarmKind::Rate => "muda depressa demais".to_owned(),
        AlarmKind::Cumulative => "fora da faixa".to_owned(),
        AlarmKind::Silent => "sem medições".to_owned(),
        AlarmKind::Frozen => "valor parado".to_owned(),
        AlarmKind::LowStock => "estoque baixo".to_owned(),
        AlarmKind::Expiring => expiry(alarm),
        AlarmKind::TillSilent => "caixa sem contato".to_owned(),
        AlarmKind::FeedBroken => "arquivo com problema".to_owned(),
        AlarmKind::ServerBehind => "servidor atrasado".to_owned(),
        AlarmKind::BatteryLow => "bateria fraca".to_owned(),
        AlarmKind::BackupFailed => "cópia de segurança falhou".to_owned(),
        AlarmKind::JournalDiffers => "registros diferentes".to_owned(),
    }
}

fn expiry(alarm: &Alarm) -> String {
    match alarm.worst.map(f64::round) {
        None => "validade".to_owned(),
        Some(days) if days < 0.0 => "vencido".to_owned(),
        Some(days) if days < 1.0 => "vence hoje".to_owned(),
        Some(days) if days < 2.0 => "vence amanhã".to_owned(),
        Some(days) => format!("vence em {days:.0} dias"),
    }
}

fn text(matter: &Matter<'_>) -> String {
    let Matter { alarm, second, place, now } = matter;
    let name = cut(&alarm.name, NAME_CHARS);
    let mut lines = vec![format!("{}: {name}", urgency(alarm.severity)), String::new()];
    if *second {
        lines.push(format!("Ninguém cuidou deste alarme {}.", ago(now.since(alarm.fired_at))));
        lines.push(String::new());
    }
    lines.push(format!("O quê: {}", in_full(alarm)));
    lines.extend(place.store.as_ref().map(|store| format!("Onde: {}", cut(store, NAME_CHARS))));
    let since = moment(local(&place.zone, alarm.began_at));
    lines.push(format!("Desde: {since} ({})", ago(now.since(alarm.began_at))));
    lines.extend(alarm.worst.and_then(|worst| so_far(alarm, worst)));
    lines.extend(place.worth.map(|worth| format!("Vale: {worth} em produtos, a preço de venda")));
    if let Some(ended) = alarm.ended_at {
        lines.push(format!("Já terminou: {}", moment(local(&place.zone, ended))));
    }
    if alarm.retroactive {
        lines.push("As medições chegaram atrasadas: o alarme foi visto depois.".to_owned());
    }
    let advice = alarm.instructions.as_deref().unwrap_or_else(|| advice(alarm.kind));
    lines.push(String::new());
    lines.push(format!("O que fazer: {}", one_line(advice)));
    lines.push(String::new());
    if let Some(seen) = &alarm.acknowledgement {
        lines.push(format!("{} já cuida disto.", cut(&seen.person_name, NAME_CHARS)));
    } else {
        lines.push("Depois, anote em Alarmes, no Tillwatch, o motivo e o que foi feito.".to_owned());
    }
    lines.push(String::new());
    lines.push(format!("Tillwatch, alarme nº {}", alarm.number));
    lines.join("\n") + "\n"
}

const fn urgency(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "Alarme urgente",
        Severity::Warning => "Atenção",
        Severity::Notice => "Aviso",
    }
}

/// What is wrong, in a sentence with its figures.
fn in_full(alarm: &Alarm) -> String {
    let of = what_is_measured(alarm.measure.unwrap_or_default());
    let limit =
        |with: fn(&Alarm, f64) -> String| alarm.limit.map_or_else(String::new, |limit| with(alarm, limit));
    let bracket = |with: fn(&Alarm, f64) -> String| match limit(with) {
        limit if limit.is_empty() => limit,
        limit => format!(" (limite: {limit})"),
    };
    match alarm.kind {
        AlarmKind::High => format!("{of} acima do limite{}", bracket(measured)),
        AlarmKind::Low => format!("{of} abaixo do limite{}", bracket(measured)),
        AlarmKind::Rate => format!("{of} muda depressa demais{}", bracket(per_minute)),
        AlarmKind::Cumulative => format!("{of} tempo demais fora da faixa{}", bracket(seconds)),
        AlarmKind::Silent => format!("o sensor não manda medições{}", bracket(seconds)),
        AlarmKind::Frozen => format!("{of} com o mesmo valor há tempo demais{}", bracket(seconds)),
        AlarmKind::LowStock => format!("estoque no mínimo ou abaixo (mínimo: {})", limit(units)),
        AlarmKind::Expiring => expiry(alarm),
        AlarmKind::TillSilent => "o caixa não dá sinal, e há uma gaveta aberta na loja".to_owned(),
        AlarmKind::FeedBroken => "o arquivo de outro programa não pode ser usado".to_owned(),
        AlarmKind::ServerBehind => {
            format!("este servidor do grupo está atrasado (limite: {})", limit(entries))
        }
        AlarmKind::BatteryLow => format!("a bateria do sensor está fraca (limite: {})", limit(percent)),
        AlarmKind::BackupFailed => {
            "a cópia de segurança não pôde ser feita, ou não pôde ser restaurada na prova".to_owned()
        }
        AlarmKind::JournalDiffers => {
            "os registros deste servidor não são iguais aos da maioria do grupo".to_owned()
        }
    }
}

/// The worst value, where it is not the sentence itself.
fn so_far(alarm: &Alarm, worst: f64) -> Option<String> {
    let value = match alarm.kind {
        AlarmKind::High | AlarmKind::Low => measured(alarm, worst),
        AlarmKind::Rate => per_minute(alarm, worst),
        AlarmKind::Cumulative | AlarmKind::Silent | AlarmKind::Frozen | AlarmKind::TillSilent => {
            seconds(alarm, worst)
        }
        AlarmKind::LowStock => return Some(format!("Restam: {}", units(alarm, worst))),
        AlarmKind::ServerBehind => entries(alarm, worst),
        AlarmKind::BatteryLow => percent(alarm, worst),
        AlarmKind::Expiring | AlarmKind::FeedBroken | AlarmKind::BackupFailed | AlarmKind::JournalDiffers => {
            return None;
        }
    };
    let until = if alarm.ended_at.is_some() { "Pior valor" } else { "Pior valor até agora" };
    Some(format!("{until}: {value}"))
}

/// What helps, where the rule does not say.
const fn advice(kind: AlarmKind) -> &'static str {
    match kind {
        AlarmKind::High => {
            "ligue para a loja: a porta está fechada, o motor funciona? Se não baixar logo, mude o conteúdo de lugar."
        }
        AlarmKind::Low => "ligue para a loja: o que não pode congelar sai, e o termostato sobe.",
        AlarmKind::Rate => "peça a alguém que veja se a porta ficou aberta ou se há degelo.",
        AlarmKind::Cumulative => "peça que confiram os produtos antes de vender.",
        AlarmKind::Silent => "peça que vejam o sensor: pilha, tomada, rede. Até lá, medir à mão.",
        AlarmKind::Frozen => "peça que troquem ou reiniciem o sensor. Até lá, medir à mão.",
        AlarmKind::LowStock => "compre, ou transfira de outra loja.",
        AlarmKind::Expiring => "peça que retirem da venda, ou que vendam antes com desconto.",
        AlarmKind::TillSilent => "ligue para a loja: o caixa está sem ligação com o servidor.",
        AlarmKind::FeedBroken => "abra a página Arquivos do monitor e veja o erro.",
        AlarmKind::ServerBehind => {
            "veja se ele está ligado e na rede, e se o disco tem espaço (página Servidores)."
        }
        AlarmKind::BatteryLow => "peça que troquem a bateria do sensor antes que ele se cale.",
        AlarmKind::BackupFailed => {
            "em Ajustes, no monitor, veja o motivo e o espaço no disco, e faça outra cópia. Guarde as cópias antigas."
        }
        AlarmKind::JournalDiffers => {
            "veja a página Servidores: ele deve ser refeito a partir de outro. Confira o disco dele."
        }
    }
}

const fn what_is_measured(measure: Measure) -> &'static str {
    match measure {
        Measure::Temperature => "temperatura",
        Measure::Humidity => "umidade",
        Measure::Pressure => "pressão",
    }
}

fn measured(alarm: &Alarm, value: f64) -> String {
    let unit = match alarm.measure.unwrap_or_default() {
        Measure::Temperature => "°C",
        Measure::Humidity => "%",
        Measure::Pressure => "hPa",
    };
    format!("{} {unit}", decimal(value))
}

fn per_minute(alarm: &Alarm, value: f64) -> String {
    format!("{} por minuto", measured(alarm, value))
}

#[expect(clippy::cast_possible_truncation, reason = "seconds of at most some years")]
fn seconds(_: &Alarm, value: f64) -> String {
    duration((value * SECOND as f64) as i64)
}

fn units(_: &Alarm, value: f64) -> String {
    format!("{value:.3}").trim_end_matches('0').trim_end_matches('.').replace('.', ",")
}

fn entries(_: &Alarm, value: f64) -> String {
    format!("{value:.0} registros")
}

fn percent(_: &Alarm, value: f64) -> String {
    format!("{value:.0} %")
}

/// `9,5`
fn decimal(value: f64) -> String {
    format!("{value:.1}").replace('.', ",")
}

/// In the largest unit of which there is at least one, and the one below it.
fn duration(micros: i64) -> String {
    let (days, hours, minutes) = (micros / DAY, micros % DAY / HOUR, micros % HOUR / MINUTE);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{} s", micros / SECOND),
        (0, 0, _) => format!("{minutes} min"),
        (0, _, 0) => format!("{hours} h"),
        (0, _, _) => format!("{hours} h {minutes} min"),
        (_, 0, _) => format!("{days} d"),
        (_, _, _) => format!("{days} d {hours} h"),
    }
}

fn ago(micros: i64) -> String {
    if micros < MINUTE { "agora".to_owned() } else { format!("há {}", duration(micros)) }
}

fn moment(at: DateTime) -> String {
    format!("{:02}/{:02}/{:04} {:02}:{:02}", at.day(), at.month(), at.year(), at.hour(), at.minute())
}
