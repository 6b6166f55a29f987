//! Backups, and the trial of who is told of alarms, in the settings.

use tillwatch_desk::Lang;
use tillwatch_monitor::input::{Answer, Input, User};
use tillwatch_monitor::keeping::KeepingAnswer;
use tillwatch_monitor::samples::{NOW, keeping};
use tillwatch_monitor::state::Page;
use tillwatch_shared::api::{BackupFailure, BackupStep, Backups, RestoreOutcome, Role};

use crate::common::{Window, settle, user};
use crate::hands::{USUAL, click, has, page_of, with};

/// High enough for all cards.
fn open(lang: Lang) -> Window<'static> {
    let mut window = with(Page::Overview, lang, USUAL, egui::vec2(1366.0, 1600.0));
    if let Some(signed_in) = &mut window.state_mut().state.signed_in {
        signed_in.person.role = Role::Admin;
    }
    user(&mut window, User::Open(Page::Settings));
    settle(&mut window, USUAL);
    window
}

fn told(window: &mut Window<'_>, backups: Backups) {
    window.state_mut().take(Input::Answer(Answer::Keeping(KeepingAnswer::Backups(Ok(backups)))));
    window.run_steps(2);
}

#[test]
fn a_backup_is_made_and_seen() {
    let mut window = open(Lang::Pt);
    for words in [
        "Cópias de segurança",
        "31/12/2026 21:05",
        "61,4 MB",
        "184.220 linhas do diário",
        "restaurada e conferida em 31/12/2026 21:05",
        "Última restauração conferida: 31/12/2026 21:05, cópia de 31/12/2026 21:05",
        "nunca foi restaurada",
        "/var/lib/tillwatch/backups",
        "outro disco",
    ] {
        assert!(has(&window, words), "{words}");
    }
    click(&mut window, "Fazer uma cópia");
    assert!(has(&window, "começando a cópia…"));
    let begun = KeepingAnswer::Begun(Ok(keeping::under_way(NOW)));
    window.state_mut().pending.clear();
    window.state_mut().take(Input::Answer(Answer::Keeping(begun)));
    window.run_steps(2);
    assert!(has(&window, "copiando: 21,0 MB de 62,0 MB"));
    let mut working = keeping::under_way(NOW);
    working.work.as_mut().unwrap().step = BackupStep::Restoring;
    told(&mut window, working.clone());
    assert!(has(&window, "restaurando a cópia ao lado: 21,0 MB de 62,0 MB"));
    let work = working.work.as_mut().unwrap();
    (work.step, work.rows, work.of_rows) = (BackupStep::Checking, 90_000, 184_220);
    told(&mut window, working);
    assert!(has(&window, "conferindo o que foi restaurado: 90.000 de 184.220 linhas"));
    told(&mut window, keeping::backups(3, NOW));
    assert!(has(&window, "Cópia feita, restaurada e conferida"));
    assert!(has(&window, "O servidor faz uma cópia todas as noites, às 03:30. Ficam no servidor"));
    told(&mut window, Backups { nightly: None, ..keeping::backups(3, NOW) });
    assert!(has(&window, "O servidor não faz cópias por si."));
}

#[test]
fn what_goes_wrong_is_said() {
    let mut window = open(Lang::Pt);
    let failed = |disk_full: bool, detail: &str| Backups {
        failure: Some(BackupFailure { at: NOW, disk_full, detail: detail.to_owned() }),
        ..keeping::backups(0, NOW)
    };
    told(&mut window, failed(true, "database or disk is full"));
    assert!(has(&window, "O disco do servidor está cheio"));
    assert!(has(&window, "Ainda não há nenhuma cópia"));
    told(&mut window, failed(false, &format!("/backups: Permission denied {}", "x".repeat(5_000))));
    assert!(has(&window, "A última cópia não foi feita: /backups: Permission denied"));
}

#[test]
fn a_backup_that_cannot_be_restored_is_told_here_and_on_the_overview() {
    let mut window = open(Lang::Pt);
    told(&mut window, keeping::tried(RestoreOutcome::NoRoom, NOW));
    assert!(has(&window, "sem espaço no disco para restaurar e conferir"));
    assert!(has(&window, "Última restauração conferida: 30/12/2026 21:05"), "the one before is still good");
    let doubtful = "A última cópia de segurança não pôde ser restaurada";
    user(&mut window, User::Open(Page::Overview));
    assert!(!has(&window, doubtful), "the backup may be good");
    told(&mut window, keeping::tried(RestoreOutcome::Failed, NOW));
    click(&mut window, doubtful);
    assert_eq!(page_of(&window), Page::Settings);
    told(&mut window, keeping::tried(RestoreOutcome::Failed, NOW));
    assert!(has(&window, "não pôde ser restaurada: journal row 41 was altered"));
}

#[test]
fn a_trial_shows_what_each_answered() {
    let mut window = open(Lang::En);
    click(&mut window, "Send a trial");
    settle(&mut window, USUAL);
    for words in
        ["gerencia@loja.example", "250 2.0.0 Ok", "not told", "connection refused", "only when nobody"]
    {
        assert!(has(&window, words), "{words}");
    }
    let nobody = KeepingAnswer::Trial(Ok(Vec::new()));
    window.state_mut().take(Input::Answer(Answer::Keeping(nobody)));
    window.run_steps(2);
    assert!(has(&window, "The server tells nobody"));
}
