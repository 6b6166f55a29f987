//! Made-up backups, and a made-up trial of who is told of alarms.

use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::{Backup, BackupStep, BackupWork, Backups, RestoreOutcome, RestoreTrial, Telling};
use tillwatch_shared::time::DAY;

use crate::input::Answer;
use crate::keeping::{KeepingAnswer, KeepingEffect};

pub fn answer(effect: KeepingEffect, now: UtcMicros) -> Answer {
    Answer::Keeping(match effect {
        KeepingEffect::Backups => KeepingAnswer::Backups(Ok(backups(3, now))),
        KeepingEffect::MakeBackup => KeepingAnswer::Begun(Ok(under_way(now))),
        KeepingEffect::Trial => KeepingAnswer::Trial(Ok(tellings())),
    })
}

/// One each day; the oldest was never restored.
pub fn backups(count: i64, now: UtcMicros) -> Backups {
    let backup = |ago: i64| {
        let made_at = now.plus(-ago * DAY);
        Backup {
            name: made_at.timestamp().strftime("tillwatch-%Y%m%d-%H%M%S-%6f").to_string(),
            made_at,
            version: "0.1.0".to_owned(),
            journal_seq: 184_220 - ago * 1_207,
            bytes: 61_400_000,
            has_readings: true,
            verified_at: (ago + 1 < count).then_some(made_at),
            trial: (ago + 1 < count).then(|| trial(RestoreOutcome::Passed, made_at)),
        }
    };
    Backups {
        folder: "/var/lib/tillwatch/backups".to_owned(),
        work: None,
        failure: None,
        nightly: Some("03:30".to_owned()),
        items: (0..count).map(backup).collect(),
    }
}

pub fn trial(outcome: RestoreOutcome, at: UtcMicros) -> RestoreTrial {
    let detail = (outcome == RestoreOutcome::Failed).then(|| "journal row 41 was altered".to_owned());
    RestoreTrial { at, outcome, rows: 184_220, readings: true, detail }
}

/// The newest one came to this when it was restored.
pub fn tried(outcome: RestoreOutcome, now: UtcMicros) -> Backups {
    let mut listed = backups(3, now);
    if let Some(newest) = listed.items.first_mut() {
        (newest.verified_at, newest.trial) = (None, Some(trial(outcome, now)));
    }
    listed
}

pub fn under_way(now: UtcMicros) -> Backups {
    let work = BackupWork {
        since: now,
        step: BackupStep::Copying,
        bytes: 21_000_000,
        of_bytes: 62_000_000,
        rows: 0,
        of_rows: 0,
    };
    Backups { work: Some(work), ..backups(3, now) }
}

fn tellings() -> Vec<Telling> {
    let telling = |recipient: &str, second, told, answer: &str| Telling {
        recipient: recipient.to_owned(),
        second,
        told,
        answer: answer.to_owned(),
    };
    vec![
        telling("gerencia@loja.example", false, true, "250 2.0.0 Ok: queued as 4F2A1"),
        telling("avisos.example", false, false, "connection refused"),
        telling("dona@loja.example", true, true, "250 Ok"),
    ]
}
