//! When a report is asked for, and what becomes of the answers.

use jiff::civil::Date;
use tillwatch_desk::failure::Failure;
use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::{Role, SalesReport};
use tillwatch_shared::client::ReportAsk;

use super::saving;
use crate::asking::{Long, Wait};
use crate::input::Effect;
use crate::papers;
use crate::reports::{Period, ReportAct, written};
use crate::saving::FileEffect;
use crate::state::{Page, State};
use crate::texts::Text;

/// The calendar day in the shop now.
pub fn today(state: &State, now: UtcMicros) -> Date {
    state.server_now(now).timestamp().to_zoned(state.zone(None)).date()
}

/// What the page asks now, if all that it needs is chosen.
pub fn question(state: &State, now: UtcMicros) -> Option<ReportAsk> {
    let person = &state.signed_in.as_ref()?.person;
    state.reports.ask(today(state, now), person, state.stores().first().map(|store| store.id))
}

pub(super) fn act(state: &mut State, act: ReportAct, now: UtcMicros, effects: &mut Vec<Effect>) {
    let day = today(state, now);
    let reports = &mut state.reports;
    match act {
        ReportAct::Kind(kind) => reports.kind = Some(kind),
        ReportAct::Period(period) => {
            // One's own period starts from what was shown.
            if period == Period::Own
                && let Some((from, to)) = reports.days(day)
            {
                (reports.own_from, reports.own_to) = (written(from), written(to));
            }
            reports.period = period;
        }
        ReportAct::Step(step) => reports.step = step,
        ReportAct::From(text) => reports.own_from = text,
        ReportAct::To(text) => reports.own_to = text,
        ReportAct::Store(store) => reports.store = store,
        ReportAct::Chain(chain) => reports.chain = Some(chain),
        ReportAct::Seller(person) => reports.seller = Some(person),
        ReportAct::Stop => {
            if reports.report.is_loading() {
                reports.report.stop();
                reports.wait.stopped = true;
                effects.extend(reports.asked.map(|ask| Effect::Drop(Long::Report(ask))));
            }
        }
        ReportAct::Again => (reports.wait.stopped, reports.stale) = (false, true),
        ReportAct::Save(file) => {
            if let Some(ask) = question(state, now) {
                let word = Text::ReportFileName.get(state.lang());
                let name = format!("{word}-{}-{}", ask.from, ask.to);
                saving::begin(state, FileEffect::Report { ask, file, name }, effects);
            }
        }
        ReportAct::SavePdf => {
            let (lang, zone) = (state.lang(), state.zone(None));
            if let Some(report) = state.reports.report.value() {
                let name = format!("{}-{}-{}", Text::ReportFileName.get(lang), report.from, report.to);
                let paper = papers::report(report, &zone, lang);
                saving::paper(state, &name, paper, effects);
            }
        }
    }
}

/// Asks when the page is open and shows an answer to another question, or to an old one.
pub(super) fn due(state: &mut State, now: UtcMicros, effects: &mut Vec<Effect>) {
    if state.page != Page::Reports {
        return;
    }
    let lang = state.lang();
    let chooses = state.signed_in.as_ref().is_some_and(|s| s.person.role >= Role::Manager);
    let reports = &mut state.reports;
    // A failure is asked again by hand.
    let unknown = reports.people.value().is_none() && reports.people.failure().is_none();
    if chooses && unknown && !reports.people.is_loading() {
        reports.people.begin(Text::LoadingReport.get(lang));
        reports.chains.begin(Text::LoadingReport.get(lang));
        effects.extend([Effect::People, Effect::Chains]);
    }
    let Some(ask) = question(state, now) else { return };
    let reports = &mut state.reports;
    let changed = reports.asked != Some(ask);
    // What a person stopped is asked again by hand, or with another question.
    let again = reports.stale && !reports.wait.stopped && !reports.report.is_loading();
    if changed || again {
        if changed {
            let unheard = reports.asked.filter(|_| reports.report.is_loading());
            effects.extend(unheard.map(|ask| Effect::Drop(Long::Report(ask))));
            // Figures of another question would be taken for the answer to this one.
            reports.report = tillwatch_desk::remote::Remote::default();
        }
        reports.asked = Some(ask);
        reports.stale = false;
        reports.wait = Wait::begun(now);
        reports.report.begin(Text::LoadingReport.get(lang));
        effects.push(Effect::Report(ask));
    }
}

pub(super) fn answered(
    state: &mut State,
    ask: ReportAsk,
    result: Result<SalesReport, Failure>,
    now: UtcMicros,
) {
    if state.reports.asked == Some(ask) {
        state.reports.wait.stopped = false;
        state.reports.report.finish(result, now);
    }
}
