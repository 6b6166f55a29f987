//! Decisions about taking in a sheet: it is looked at first, then done piece by piece, and can be stopped between
//! two pieces. Every piece goes under one command, so what is sent again is not done again.

use std::path::PathBuf;
use std::sync::Arc;

use tillwatch_desk::clock::Moment;
use tillwatch_desk::failure::Failure;
use tillwatch_shared::CommandId;
use tillwatch_shared::api::{ImportOutcome, ProductImport};

use super::saving;
use crate::import::{Import, ImportAct, ImportAnswer, ImportEffect, ReadFailure, SheetFile, Step, Trouble};
use crate::import_texts::{self, Text};
use crate::input::Effect;
use crate::lists::push_line;
use crate::saving::FileEffect;
use crate::state::State;

pub(super) fn act(state: &mut State, act: ImportAct, moment: Moment, effects: &mut Vec<Effect>) {
    match act {
        ImportAct::Open => open(state, effects),
        ImportAct::Close => state.import = None,
        ImportAct::Path(path) => with(state, |import| import.path = path),
        ImportAct::Read => {
            let typed = state.import.as_ref().map(|import| import.path.trim().to_owned());
            if let Some(path) = typed.filter(|path| !path.is_empty()) {
                read(state, path.into(), effects);
            }
        }
        ImportAct::Pick(path) => read(state, path, effects),
        ImportAct::Show(outcome) => with(state, |import| {
            import.show = outcome;
            import.filter();
        }),
        ImportAct::Start => start(state, moment.fresh, effects),
        ImportAct::Stop => with(state, |import| import.stopping = true),
        ImportAct::SaveRefused => save_refused(state, moment, effects),
        ImportAct::SaveSheet => {
            let name = Text::SheetName.get(state.lang()).to_owned();
            saving::begin(state, FileEffect::Products { name }, effects);
        }
    }
}

fn with(state: &mut State, change: impl FnOnce(&mut Import)) {
    if let Some(import) = &mut state.import {
        change(import);
    }
}

/// A new ticket for the import: whatever it asked before is of no interest any more.
fn ticket(state: &mut State) -> u64 {
    state.tickets += 1;
    let ticket = state.tickets;
    with(state, |import| import.ticket = ticket);
    ticket
}

fn open(state: &mut State, effects: &mut Vec<Effect>) {
    state.import = Some(Import::default());
    effects.push(Effect::Import(ImportEffect::Look));
}

fn read(state: &mut State, path: PathBuf, effects: &mut Vec<Effect>) {
    if state.import.as_ref().is_none_or(Import::is_busy) {
        return;
    }
    let found = state.import.take().and_then(|import| import.found);
    let path_typed = path.display().to_string();
    state.import = Some(Import { path: path_typed, found, step: Step::Reading, ..Import::default() });
    let ticket = ticket(state);
    effects.push(Effect::Import(ImportEffect::Read { ticket, path }));
}

/// Asks what would come of the file.
fn look(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(file) = state.import.as_ref().and_then(|import| import.file.clone()) else { return };
    let sheet = Arc::clone(&file.bytes);
    with(state, |import| {
        let (path, found) = (std::mem::take(&mut import.path), import.found.take());
        *import = Import { path, found, file: Some(file), step: Step::Looking, ..Import::default() };
    });
    let ticket = ticket(state);
    effects.push(Effect::Import(ImportEffect::Send { ticket, command: None, after: 0, sheet, kept: None }));
}

fn start(state: &mut State, fresh: CommandId, effects: &mut Vec<Effect>) {
    let Some(import) = &mut state.import else { return };
    if import.work() == 0 || !matches!(import.step, Step::Ready | Step::Halted) {
        return;
    }
    import.command.get_or_insert(fresh);
    import.step = Step::Working;
    import.stopping = false;
    import.trouble = None;
    next_piece(state, effects);
}

fn next_piece(state: &mut State, effects: &mut Vec<Effect>) {
    let ticket = ticket(state);
    let Some(Import { command: Some(command), file: Some(file), done, kept, .. }) = &state.import else {
        return;
    };
    effects.push(Effect::Import(ImportEffect::Send {
        ticket,
        command: Some(*command),
        after: *done,
        sheet: Arc::clone(&file.bytes),
        kept: kept.clone(),
    }));
}

pub(super) fn answered(state: &mut State, answer: ImportAnswer, effects: &mut Vec<Effect>) {
    let current = state.import.as_ref().map(|import| import.ticket);
    match answer {
        ImportAnswer::Found(found) => with(state, |import| import.found = Some(found)),
        ImportAnswer::Read { ticket, result } if current == Some(ticket) => was_read(state, result, effects),
        ImportAnswer::Came { ticket, result } if current == Some(ticket) => came(state, result, effects),
        ImportAnswer::Read { .. } | ImportAnswer::Came { .. } => {}
    }
}

fn was_read(state: &mut State, result: Result<SheetFile, ReadFailure>, effects: &mut Vec<Effect>) {
    let Some(import) = &mut state.import else { return };
    import.step = Step::Choosing;
    match result {
        Ok(file) => {
            import.file = Some(file);
            look(state, effects);
        }
        Err(failure) => import.trouble = Some(Trouble::File(failure)),
    }
}

fn came(state: &mut State, result: Result<Box<ProductImport>, Failure>, effects: &mut Vec<Effect>) {
    let Some(import) = &mut state.import else { return };
    let looked = import.step == Step::Looking;
    let mut answer = match result {
        Ok(answer) => answer,
        Err(failure) => {
            import.step = if looked { Step::Choosing } else { Step::Halted };
            import.trouble = Some(Trouble::Server(failure));
            return;
        }
    };
    let rows = std::mem::take(&mut answer.rows);
    import.kept = answer.sheet.take();
    if looked {
        import.step = Step::Ready;
        import.rows = rows;
        import.told = Some(answer);
        import.filter();
        return;
    }
    let done = usize::try_from(import.done).unwrap_or(usize::MAX);
    for (known, row) in import.rows.iter_mut().skip(done).zip(rows) {
        *known = row;
    }
    import.done = answer.next.unwrap_or(answer.total);
    import.filter();
    match answer.next {
        None => import.step = Step::Done,
        Some(_) if import.stopping => import.step = Step::Halted,
        Some(_) => next_piece(state, effects),
    }
}

fn save_refused(state: &mut State, moment: Moment, effects: &mut Vec<Effect>) {
    let lang = state.lang();
    let Some(import) = &state.import else { return };
    let mut text = String::from('\u{feff}');
    push_line(
        &mut text,
        [Text::Line, Text::Code, Text::Product, Text::About].map(|word| word.get(lang)).into_iter(),
    );
    for row in import.rows.iter().filter(|row| row.outcome == ImportOutcome::Refused) {
        let about = import_texts::about(row, lang);
        let line = row.line.to_string();
        let code = row.code.clone().unwrap_or_default();
        push_line(&mut text, [line.as_str(), &code, &row.name, &about].into_iter());
    }
    let today = crate::lists::Context::new(state, moment.at).today;
    let name = format!("{} {today}", Text::RefusedName.get(lang));
    saving::bytes(state, &name, "csv", text.into_bytes(), effects);
}
