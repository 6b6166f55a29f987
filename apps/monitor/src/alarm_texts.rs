//! The words of alarms, their rules and quiet times, in both languages.

use tillwatch_desk::texts::Table as _;
use tillwatch_desk::{Lang, format, texts};
use tillwatch_shared::api::{Alarm, AlarmKind, AlarmStepKind, AlarmWatch, Measure, Severity};
use tillwatch_shared::time::SECOND;

texts! {
    pub Text {
        OpenAlarms: "Abertos", "Open";
        PastAlarms: "Terminados", "Over";
        Rules: "Regras", "Rules";
        Quiet: "Silêncios", "Quiet times";
        LoadingAlarms: "lendo os alarmes…", "reading the alarms…";
        LoadingRules: "lendo as regras…", "reading the rules…";
        LoadingQuiet: "lendo os silêncios…", "reading the quiet times…";
        NoOpen: "Nenhum alarme aberto", "No open alarm";
        NoOpenHint: "Está tudo na faixa. O que sair dela aparece aqui em segundos.",
            "Everything is in its range. What leaves it appears here within seconds.";
        NoPast: "Nenhum alarme ainda", "No alarm yet";
        NoPastHint: "Alarmes que terminaram ficam aqui, com o que foi feito.",
            "Alarms that are over stay here, with what was done.";
        NoRules: "Nenhuma regra", "No rule";
        NoRulesHint: "Crie a primeira; antes de salvar, ela é ensaiada nos últimos 90 dias.",
            "Make the first one; before it is saved, it is tried on the last 90 days.";
        NoQuiet: "Nenhum silêncio marcado", "No quiet time is set";
        NoQuietHint: "Durante um silêncio os alarmes são anotados, mas ninguém é chamado.",
            "During a quiet time alarms are recorded, but nobody is told.";

        ToDo: "O que fazer", "What to do";
        About: "De quê", "About";
        Store: "Loja", "Store";
        Since: "Desde", "Since";
        Began: "Começou", "Began";
        Ended: "Terminou", "Ended";
        Worst: "Pior valor", "Worst value";
        Limit: "Limite", "Limit";
        Care: "Cuidado", "Care";
        Urgency: "Urgência", "Urgency";
        WatchesFor: "Vigia", "Watches for";
        When: "Quando", "When";
        For: "Em", "For";
        State: "Situação", "State";
        Until: "Até", "Until";
        SetBy: "Por", "By";
        Reason: "Motivo", "Reason";
        Kind: "Alarmes", "Alarms";

        Critical: "urgente", "critical";
        Warning: "atenção", "warning";
        Notice: "aviso", "notice";
        NotSeen: "ninguém cuidou", "nobody took care";
        SeenBy: "{name} cuidou", "{name} took care";
        QuietNow: "em silêncio", "quiet";
        Late: "visto depois", "found later";
        AllSensors: "todos os sensores", "all sensors";
        Everything: "tudo", "everything";
        EveryStore: "todas as lojas", "every store";
        ByItself: "de fábrica", "by itself";
        OwnRule: "da loja", "own";
        Off: "desligada", "off";

        High: "acima do limite", "above the limit";
        Low: "abaixo do limite", "below the limit";
        Rate: "muda depressa demais", "changes too fast";
        Cumulative: "tempo demais fora da faixa", "out of range for too long";
        Silent: "sem medições", "no readings";
        Frozen: "valor parado", "frozen value";
        LowStock: "estoque no mínimo", "stock at its minimum";
        Expiring: "validade", "expiry";
        TillSilent: "caixa calado", "till silent";
        FeedBroken: "arquivo com problema", "file in trouble";
        ServerBehind: "servidor atrasado", "server behind";
        BatteryLow: "bateria fraca", "battery low";
        BackupFailed: "cópia de segurança falhou", "backup failed";
        JournalDiffers: "registros diferentes", "journal differs";

        DoHigh: "Veja a porta e o motor; mude o conteúdo se não baixar.",
            "Check door and motor; move the contents if it does not fall.";
        DoLow: "Veja o termostato; o que não pode congelar sai.",
            "Check the thermostat; take out what must not freeze.";
        DoRate: "Veja se a porta ficou aberta.", "See whether the door was left open.";
        DoCumulative: "Confira o produto antes de vender.", "Check the goods before they are sold.";
        DoSilent: "Veja o sensor: pilha, tomada, rede.", "Check the sensor: battery, plug, network.";
        DoFrozen: "Troque ou reinicie o sensor.", "Replace or restart the sensor.";
        DoLowStock: "Compre ou transfira.", "Order or transfer.";
        DoExpiring: "Retire da venda ou dê desconto.", "Take it off sale or mark it down.";
        DoTillSilent: "Ligue para a loja: o caixa está sem ligação.", "Call the store: the till has no connection.";
        DoFeedBroken: "Abra a página Arquivos e veja o erro.", "Open the page Files and see the error.";
        DoServerBehind: "Veja se está ligado e na rede, e o espaço no disco.",
            "See whether it is on and connected, and its room on disk.";
        DoBatteryLow: "Troque a bateria antes que o sensor se cale.", "Replace the battery before the sensor goes silent.";
        DoBackupFailed: "Veja o motivo em Ajustes, e faça outra cópia.", "See why in Settings, and make another one.";
        DoJournalDiffers: "Abra a página Servidores: ele deve ser refeito a partir de outro.",
            "Open the page Servers: it is to be made anew from another one.";

        RuleHigh: "{measure} acima do limite ({limit}) por {time}",
            "{measure} above the limit ({limit}) for {time}";
        RuleLow: "{measure} abaixo do limite ({limit}) por {time}",
            "{measure} below the limit ({limit}) for {time}";
        RuleRate: "{measure} muda mais de {limit} por minuto", "{measure} changes by more than {limit} a minute";
        RuleCumulative: "{measure} fora da faixa por {time} em {window}", "{measure} out of range for {time} in {window}";
        RuleSilent: "sem medição por {n} intervalos, ao menos {time}", "no reading for {n} intervals, at least {time}";
        RuleFrozen: "{measure} sem mudar por {time}", "{measure} unchanged for {time}";
        RuleLowStock: "produto no mínimo ou abaixo", "product at its minimum or below";
        RuleExpiring: "vence em {n} dias ou menos", "expires in {n} days or less";
        RuleTillSilent: "caixa aberto sem sinal por {time}", "open till without a sign for {time}";
        RuleFeedBroken: "o arquivo não pode ser usado", "the file cannot be used";
        RuleServerBehind: "servidor com mais de {n} registros de atraso por {time}",
            "server more than {n} entries behind for {time}";
        RuleBatteryLow: "bateria abaixo de {n} %, até voltar a {back} %", "battery below {n} %, until it is at {back} %";
        RuleBackupFailed: "a cópia de segurança falhou, ou não pôde ser restaurada",
            "the backup failed, or could not be restored";
        RuleJournalDiffers: "registros de um servidor diferentes dos outros", "journal of a server not that of the others";
        Entries: "{n} registros", "{n} entries";
        BandEnd: "faixa do sensor", "the sensor's range";
        Temperature: "temperatura", "temperature";
        Humidity: "umidade", "humidity";
        Pressure: "pressão", "pressure";

        History: "O que houve", "What happened";
        StepOpened: "abriu", "opened";
        StepAcknowledged: "alguém cuidou", "somebody took care";
        StepCleared: "terminou", "ended";
        StepTold: "avisado", "told";
        StepNotTold: "aviso falhou", "could not be told";
        WhatWasDone: "O que foi feito", "What was done";
        LoadingHistory: "lendo o que houve…", "reading what happened…";

        Acknowledge: "Dizer o que foi feito…", "Say what was done…";
        AcknowledgeTitle: "O que foi feito?", "What was done?";
        WhyField: "Por que aconteceu", "Why it happened";
        ActionField: "O que foi feito", "What was done";
        WriteWhy: "Escreva o motivo.", "Write the reason.";
        WriteAction: "Escreva o que foi feito.", "Write what was done.";
        NewRule: "Nova regra…", "New rule…";
        ChangeRule: "Mudar…", "Change…";
        RemoveRule: "Tirar a regra…", "Remove the rule…";
        RuleTitle: "Regra de alarme", "Alarm rule";
        RemoveTitle: "Tirar a regra?", "Remove the rule?";
        RemoveLoses: "Volta a valer o que o Tillwatch vigia sozinho. Alarmes já abertos ficam.",
            "What Tillwatch watches for by itself holds again. Alarms that are open stay.";
        RemoveNow: "Tirar", "Remove";
        NewQuiet: "Novo silêncio…", "New quiet time…";
        QuietTitle: "Silêncio", "Quiet time";
        EndQuiet: "Terminar agora…", "End now…";
        EndTitle: "Terminar o silêncio?", "End the quiet time?";
        EndLoses: "Daqui em diante os alarmes voltam a chamar.", "From now on alarms call somebody again.";
        EndNow: "Terminar", "End";

        WatchField: "Vigiar", "Watch for";
        SensorField: "Sensor", "Sensor";
        MeasureField: "Medida", "Measure";
        LimitField: "Limite (vazio: a faixa do sensor)", "Limit (empty: the sensor's range)";
        PerMinuteField: "Mudança por minuto", "Change a minute";
        MinutesField: "Por quantos minutos", "For how many minutes";
        WindowField: "Dentro de quantos minutos", "Within how many minutes";
        MarginField: "Volta ao normal com folga de", "Back to normal with a margin of";
        DaysField: "Dias antes de vencer", "Days before it expires";
        IntervalsField: "Intervalos sem medição", "Intervals without a reading";
        EnabledField: "Vale", "In force";
        InstructionsField: "O que fazer (vazio: o conselho de sempre)", "What to do (empty: the usual advice)";
        HoursField: "Por quantas horas", "For how many hours";
        LowEndField: "Mínima (vazio: a faixa do sensor)", "Lowest (empty: the sensor's range)";
        HighEndField: "Máxima (vazio: a faixa do sensor)", "Highest (empty: the sensor's range)";
        EntriesField: "Mais de quantos registros de atraso", "More than how many entries behind";
        PercentField: "Abaixo de quantos %", "Below how many %";
        RecoveryField: "Volta ao normal com quantos %", "Back to normal at how many %";
        WrongEntries: "Um número inteiro, como 100.", "A whole number, like 100.";
        WrongPercent: "De 1 a 99 %.", "1 to 99 %.";
        WrongRecovery: "Não menos que o de cima, até 100 %.", "No less than the one above, up to 100 %.";
        AtLeastField: "E ao menos quantos minutos", "And at least how many minutes";
        ChooseStore: "Escolha a loja.", "Choose the store.";
        WrongWindow: "Cabe em menos que o prazo de baixo.", "It fits into less than the time below.";
        WrongNumber: "Um número como 8 ou 2,5.", "A number like 8 or 2,5.";
        WrongMinutes: "Minutos, como 10 ou 0,5.", "Minutes, like 10 or 0,5.";
        WrongHours: "De 1 a 720 horas.", "1 to 720 hours.";
        WrongDays: "De 0 a 365 dias.", "0 to 365 days.";

        Rehearsing: "ensaiando nos últimos 90 dias…", "trying it on the last 90 days…";
        NotTried: "O ensaio parou; não se sabe quando teria disparado.", "The trial was stopped: nobody knows when it would have fired.";
        AfterTrial: "Salvar espera o ensaio.", "Saving waits for the trial.";
        WouldNever: "Nos últimos 90 dias não teria disparado nenhuma vez.", "In the last 90 days it would never have fired.";
        WouldOnce: "Nos últimos 90 dias teria disparado 1 vez:", "In the last 90 days it would have fired once:";
        Would: "Nos últimos 90 dias teria disparado {n} vezes:", "In the last 90 days it would have fired {n} times:";
        WouldMore: "e mais {n}", "and {n} more";
        NotRehearsed: "Ensaio não foi possível: {what}", "It could not be tried: {what}";
        FiredFor: "{name}: {at}, por {time}", "{name}: {at}, for {time}";
        FiredStill: "{name}: {at}, ainda", "{name}: {at}, still";
        KnownSince: "O que houve antes de {at} não se sabe.", "Nothing is known of what was before {at}.";
        OfAlarms: "Disto só se guardam os alarmes que houve: contam os que esta regra também teria dado.", "Of this only the alarms that there were are kept: those that this rule would have raised, too, are counted.";
        NewAlarm: "Alarme: {about}: {what}", "Alarm: {about}: {what}";
    }
}

pub const fn kind(kind: AlarmKind) -> Text {
    match kind {
        AlarmKind::High => Text::High,
        AlarmKind::Low => Text::Low,
        AlarmKind::Rate => Text::Rate,
        AlarmKind::Cumulative => Text::Cumulative,
        AlarmKind::Silent => Text::Silent,
        AlarmKind::Frozen => Text::Frozen,
        AlarmKind::LowStock => Text::LowStock,
        AlarmKind::Expiring => Text::Expiring,
        AlarmKind::TillSilent => Text::TillSilent,
        AlarmKind::FeedBroken => Text::FeedBroken,
        AlarmKind::ServerBehind => Text::ServerBehind,
        AlarmKind::BatteryLow => Text::BatteryLow,
        AlarmKind::BackupFailed => Text::BackupFailed,
        AlarmKind::JournalDiffers => Text::JournalDiffers,
    }
}

/// What to do where the rule does not say it.
const fn advice(kind: AlarmKind) -> Text {
    match kind {
        AlarmKind::High => Text::DoHigh,
        AlarmKind::Low => Text::DoLow,
        AlarmKind::Rate => Text::DoRate,
        AlarmKind::Cumulative => Text::DoCumulative,
        AlarmKind::Silent => Text::DoSilent,
        AlarmKind::Frozen => Text::DoFrozen,
        AlarmKind::LowStock => Text::DoLowStock,
        AlarmKind::Expiring => Text::DoExpiring,
        AlarmKind::TillSilent => Text::DoTillSilent,
        AlarmKind::FeedBroken => Text::DoFeedBroken,
        AlarmKind::ServerBehind => Text::DoServerBehind,
        AlarmKind::BatteryLow => Text::DoBatteryLow,
        AlarmKind::BackupFailed => Text::DoBackupFailed,
        AlarmKind::JournalDiffers => Text::DoJournalDiffers,
    }
}

/// What is to be done about it: as the rule says, or the usual advice.
pub fn to_do(alarm: &Alarm, lang: Lang) -> &str {
    alarm.instructions.as_deref().unwrap_or_else(|| advice(alarm.kind).get(lang))
}

pub const fn severity(severity: Severity) -> Text {
    match severity {
        Severity::Notice => Text::Notice,
        Severity::Warning => Text::Warning,
        Severity::Critical => Text::Critical,
    }
}

pub const fn measure(measure: Measure) -> Text {
    match measure {
        Measure::Temperature => Text::Temperature,
        Measure::Humidity => Text::Humidity,
        Measure::Pressure => Text::Pressure,
    }
}

pub const fn step(step: AlarmStepKind) -> Text {
    match step {
        AlarmStepKind::Opened => Text::StepOpened,
        AlarmStepKind::Acknowledged => Text::StepAcknowledged,
        AlarmStepKind::Cleared => Text::StepCleared,
        AlarmStepKind::Told => Text::StepTold,
        AlarmStepKind::NotTold => Text::StepNotTold,
    }
}

/// `9,1 °C`
pub fn value(value: f64, of: Measure) -> String {
    let unit = match of {
        Measure::Temperature => "°C",
        Measure::Humidity => "%",
        Measure::Pressure => "hPa",
    };
    format!("{} {unit}", format::decimal(value, 1))
}

/// An alarm's limit or worst value, in the unit of its kind.
pub fn figure(alarm: &Alarm, figure: Option<f64>, lang: Lang) -> String {
    let Some(figure) = figure else { return "–".to_owned() };
    #[expect(clippy::cast_possible_truncation, reason = "seconds of at most some years")]
    let time = || format::duration(lang, (figure * SECOND as f64) as i64);
    match alarm.kind {
        AlarmKind::High | AlarmKind::Low => value(figure, alarm.measure.unwrap_or_default()),
        AlarmKind::Rate => format!("{}/min", value(figure, alarm.measure.unwrap_or_default())),
        AlarmKind::Cumulative | AlarmKind::Silent | AlarmKind::Frozen | AlarmKind::TillSilent => time(),
        AlarmKind::LowStock => {
            format::decimal(figure, 3).trim_end_matches('0').trim_end_matches(',').to_owned()
        }
        AlarmKind::Expiring => format!("{} d", format::decimal(figure, 0)),
        AlarmKind::ServerBehind => {
            let n = format::decimal(figure, 0);
            Text::Entries.with(lang, &[("n", &n)])
        }
        AlarmKind::BatteryLow => format!("{} %", format::decimal(figure, 0)),
        AlarmKind::FeedBroken | AlarmKind::BackupFailed | AlarmKind::JournalDiffers => "–".to_owned(),
    }
}

/// A rule as a sentence.
pub fn rule(watch: &AlarmWatch, lang: Lang) -> String {
    let time = |seconds: &i64| format::duration(lang, seconds.saturating_mul(SECOND));
    let limit = |limit: &Option<f64>, of: &Measure| {
        limit.map_or_else(|| Text::BandEnd.get(lang).to_owned(), |limit| value(limit, *of))
    };
    let name = |of: &Measure| measure(*of).get(lang);
    match watch {
        AlarmWatch::High { measure, limit: at, delay_seconds, .. } => Text::RuleHigh.with(
            lang,
            &[("measure", &name(measure)), ("limit", &limit(at, measure)), ("time", &time(delay_seconds))],
        ),
        AlarmWatch::Low { measure, limit: at, delay_seconds, .. } => Text::RuleLow.with(
            lang,
            &[("measure", &name(measure)), ("limit", &limit(at, measure)), ("time", &time(delay_seconds))],
        ),
        AlarmWatch::Rate { measure, per_minute, .. } => Text::RuleRate
            .with(lang, &[("measure", &name(measure)), ("limit", &value(*per_minute, *measure))]),
        AlarmWatch::Cumulative { measure, seconds, window_seconds, .. } => Text::RuleCumulative.with(
            lang,
            &[("measure", &name(measure)), ("time", &time(seconds)), ("window", &time(window_seconds))],
        ),
        AlarmWatch::Silent { intervals, at_least_seconds } => {
            Text::RuleSilent.with(lang, &[("n", intervals), ("time", &time(at_least_seconds))])
        }
        AlarmWatch::Frozen { measure, seconds } => {
            Text::RuleFrozen.with(lang, &[("measure", &name(measure)), ("time", &time(seconds))])
        }
        AlarmWatch::LowStock {} => Text::RuleLowStock.get(lang).to_owned(),
        AlarmWatch::Expiring { days } => Text::RuleExpiring.with(lang, &[("n", days)]),
        AlarmWatch::TillSilent { seconds } => Text::RuleTillSilent.with(lang, &[("time", &time(seconds))]),
        AlarmWatch::FeedBroken {} => Text::RuleFeedBroken.get(lang).to_owned(),
        AlarmWatch::BackupFailed {} => Text::RuleBackupFailed.get(lang).to_owned(),
        AlarmWatch::JournalDiffers {} => Text::RuleJournalDiffers.get(lang).to_owned(),
        AlarmWatch::ServerBehind { entries, seconds } => {
            let n = format::integer(*entries);
            Text::RuleServerBehind.with(lang, &[("n", &n), ("time", &time(seconds))])
        }
        AlarmWatch::BatteryLow { percent, recovery_percent } => {
            Text::RuleBatteryLow.with(lang, &[("n", percent), ("back", recovery_percent)])
        }
    }
}
