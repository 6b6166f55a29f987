//! The terminals.

use std::collections::BTreeSet;

use egui::accesskit::Role;
use jiff::tz::TimeZone;
use tillwatch_desk::Lang;
use tillwatch_desk::failure::Failure;
use tillwatch_monitor::input::{Answer, Effect, Input, User};
use tillwatch_monitor::job::Of;
use tillwatch_monitor::samples::stage::advance;
use tillwatch_monitor::saving::{FileAnswer, FileEffect, SaveFailure, Step};
use tillwatch_monitor::state::Page;
use tillwatch_monitor::terminals::{Exported, MessageFilter, TerminalAct, sorted};
use tillwatch_shared::api::{MessageKind, PulseRetention, TerminalState};
use tillwatch_shared::client::{PulseLogQuery, ReportFile};
use tillwatch_shared::time::SECOND;

use crate::common::{Window, settle, user};
use crate::hands::{USUAL, at, click, control, has};

#[test]
fn terminals_say_how_they_are_and_show_their_messages() {
    let mut window = at(Page::Terminals, Lang::Pt);
    for words in ["ligado", "sem resposta", "desligado", "Loja Centro / Caixa 1", "2,3 ms", "Último contato"]
    {
        assert!(has(&window, words), "{words}");
    }
    let row = "Loja Centro / Caixa 1: ligado, valor 0, contato agora, 0 falhas, versão 0.1.0, por enviar 0, relógio \
               certo. Ver mensagens";
    control(&window, Role::Button, row).click();
    window.run_steps(3);
    settle(&mut window, USUAL);
    assert!(has(&window, "Mensagens de Loja Centro / Caixa 1 · passo 27"));
    assert!(
        has(&window, "recebida") && has(&window, "enviada") && has(&window, r#"{"type":"ack","value":0}"#)
    );
    click(&mut window, "Recebidas");
    settle(&mut window, USUAL);
    assert!(!has(&window, "enviada") && has(&window, "recebida"));
    let shown = |window: &Window<'_>| window.state().state.terminals.log.value().unwrap().len();
    assert_eq!(shown(&window), 100);
    click(&mut window, "Mais antigas");
    settle(&mut window, USUAL);
    assert_eq!(shown(&window), 200);
    window.state_mut().pending.clear();
    click(&mut window, "Exportar CSV");
    let wanted = |file: &FileEffect| matches!(file, FileEffect::Messages(ask) if ask.query.client.as_deref() == Some("Loja Centro / Caixa 1"));
    let asked = |effect: &Of<Effect>| matches!(&effect.what, Effect::File(file) if wanted(file));
    assert!(window.state().pending.iter().any(asked));
    assert!(!has(&window, "Gravando o arquivo"), "what is done at once is not talked about");
    advance(SECOND);
    window.run_steps(2);
    assert!(has(&window, "Gravando o arquivo"));
    window.state_mut().take(Input::Answer(Answer::File(FileAnswer::Step(Step::Read(1_500)))));
    window.run_steps(2);
    assert!(has(&window, "1.500 linhas lidas"));
    click(&mut window, "Parar");
    assert!(has(&window, "Parando…"));
    assert_eq!(window.state().pending.last().map(|of| &of.what), Some(&Effect::File(FileEffect::Stop)));
    window.state_mut().take(Input::Answer(Answer::Exported(Err(SaveFailure::Stopped))));
    window.run_steps(2);
    assert!(has(&window, "nenhum arquivo foi gravado") && !has(&window, "Parando…"));
    click(&mut window, "Exportar CSV");
    let path = "/home/x/a.csv".into();
    window.state_mut().take(Input::Answer(Answer::Exported(Ok(Exported { path, messages: 7 }))));
    window.run_steps(3);
    assert!(has(&window, "7 mensagens em /home/x/a.csv") && has(&window, "Exportar CSV"));
    let english = at(Page::Terminals, Lang::En);
    for words in ["online", "not answering", "off", "Round trip", "Last contact"] {
        assert!(has(&english, words), "{words}");
    }
}

#[test]
fn what_terminals_tell_of_themselves_stands_out_where_it_should() {
    let mut window = at(Page::Terminals, Lang::Pt);
    for words in ["Versão", "Por enviar", "Relógio", "12 subindo", "4 min atrasado", "2 recusados", "—"] {
        assert!(has(&window, words), "{words}");
    }
    let names = |window: &Window<'_>| -> Vec<String> {
        let terminals = &window.state().state.terminals;
        let list = terminals.list.value().unwrap();
        sorted(list, terminals.sort).iter().map(|terminal| terminal.client.clone()).collect()
    };
    let before = names(&window);
    control(&window, Role::Button, "Ordenar por Por enviar").click();
    window.run_steps(3);
    control(&window, Role::Button, "Ordenar por Por enviar").click();
    window.run_steps(3);
    assert!(names(&window)[0].ends_with("Caixa 2"), "most first: {:?}", names(&window));
    control(&window, Role::Button, "Ordenar por Por enviar").click();
    window.run_steps(3);
    assert_eq!(names(&window), before, "and as before");
    let english = at(Page::Terminals, Lang::En);
    for words in ["12 growing", "4 min slow", "Unsent"] {
        assert!(has(&english, words), "{words}");
    }
}

/// Chooses a terminal in this state, and gives its name.
fn choose(window: &mut Window<'_>, state: TerminalState) -> String {
    let mut list = window.state().state.terminals.list.value().into_iter().flatten();
    let name = list.find(|terminal| terminal.state == state).map(|terminal| terminal.client.clone());
    user(window, User::Terminal(TerminalAct::Choose(name.clone())));
    settle(window, USUAL);
    name.unwrap_or_else(|| panic!("no terminal is {state:?}"))
}

#[test]
fn a_terminal_is_forgotten_after_a_question() {
    let mut window = at(Page::Terminals, Lang::En);
    choose(&mut window, TerminalState::Online);
    click(&mut window, "Forget…");
    assert_eq!(window.state().state.dialog, None, "one that is connected stays");
    let name = choose(&mut window, TerminalState::Offline);
    let pending = |window: &Window<'_>| -> Vec<Effect> {
        window.state().pending.iter().map(|effect| effect.what.clone()).collect()
    };
    click(&mut window, "Forget…");
    control(&window, Role::Button, "Cancel").click();
    window.run_steps(3);
    assert_eq!((window.state().state.dialog, pending(&window)), (None, vec![]));
    click(&mut window, "Forget…");
    click(&mut window, "Forget");
    assert_eq!(pending(&window), [Effect::Forget(name.clone())]);
    window.state_mut().pending.clear();
    window.state_mut().take(Input::Answer(Answer::Forgotten(name.clone(), Err(Failure::TimedOut))));
    window.run_steps(2);
    assert!(has(&window, &format!("{name} was not forgotten: The server took too long to answer.")));
    assert_eq!(window.state().state.terminals.chosen.as_ref(), Some(&name));
    window.state_mut().take(Input::User(User::Terminal(TerminalAct::Forget)));
    settle(&mut window, USUAL);
    assert!(has(&window, &format!("{name} is forgotten.")));
    assert_eq!(window.state().state.terminals.chosen, None);
}

#[test]
fn how_long_messages_are_kept_is_shown_and_changed() {
    let mut window = at(Page::Terminals, Lang::Pt);
    assert!(has(&window, "Mensagens guardadas por 7 dias, até 5.000.000"));
    click(&mut window, "Mudar…");
    settle(&mut window, USUAL);
    let typed = |window: &mut Window<'_>, days: &str, rows: &str| {
        for act in [TerminalAct::TypeDays(days.into()), TerminalAct::TypeRows(rows.into())] {
            window.state_mut().take(Input::User(User::Terminal(act)));
        }
        window.run_steps(2);
    };
    typed(&mut window, "0", "5.000.000");
    assert!(has(&window, "Um número inteiro dentro destes limites."));
    window.state_mut().pending.clear();
    window.state_mut().take(Input::User(User::Terminal(TerminalAct::SaveRetention)));
    assert!(window.state().pending.is_empty(), "nothing is sent that the server would refuse");
    typed(&mut window, "30", "2.000.000");
    control(&window, Role::Button, "Salvar").click();
    window.run_steps(3);
    let sent: Vec<_> = window.state().pending.iter().map(|effect| effect.what.clone()).collect();
    assert_eq!(sent, [Effect::SetRetention(PulseRetention { days: 30, rows: 2_000_000 })]);
    settle(&mut window, USUAL);
    assert!(has(&window, "Mensagens guardadas por 30 dias, até 2.000.000"));
    assert_eq!(window.state().state.dialog, None);
}

#[test]
fn the_messages_of_all_terminals_are_one_list() {
    let mut window = at(Page::Terminals, Lang::Pt);
    click(&mut window, "Mensagens");
    settle(&mut window, USUAL);
    for words in ["Todos os terminais", "Todos os tipos", "200 mensagens, a mais nova em cima", "confirmação"]
    {
        assert!(has(&window, words), "{words}");
    }
    let log = |window: &Window<'_>| window.state().state.terminals.log.value().cloned().unwrap_or_default();
    let tills: BTreeSet<String> = log(&window).into_iter().map(|message| message.client).collect();
    assert!(tills.len() > 3, "{tills:?}");
    assert!(log(&window).windows(2).all(|two| two[0].id > two[1].id), "newest first");

    // What is typed is asked for when nothing more is typed.
    let query = |window: &Window<'_>| -> Vec<PulseLogQuery> {
        let asked = window.state().pending.iter();
        let query = |effect: &Of<Effect>| {
            if let Effect::PulseLog { query, .. } = &effect.what { Some(query.clone()) } else { None }
        };
        asked.filter_map(query).collect()
    };
    let filter = MessageFilter {
        terminal: tills.first().cloned(),
        kind: Some(MessageKind::Ack),
        text: "ack".to_owned(),
        first_day: "30/12/2026".to_owned(),
        last_day: String::new(),
    };
    for end in 1..=filter.text.len() {
        let typed = MessageFilter { text: filter.text[..end].to_owned(), ..filter.clone() };
        user(&mut window, User::Terminal(TerminalAct::Filter(typed)));
    }
    assert_eq!(query(&window), []);
    advance(SECOND);
    window.run_steps(2);
    let [asked] = &query(&window)[..] else { panic!("{:?}", query(&window)) };
    assert_eq!((asked.client.as_ref(), asked.kind), (tills.first(), Some(MessageKind::Ack)));
    assert_eq!((asked.text.as_deref(), asked.to), (Some("ack"), None));
    assert_eq!(asked.from.map(|at| at.to_string()).as_deref(), Some("2026-12-30T03:00:00Z"));
    settle(&mut window, USUAL);
    assert!(log(&window).iter().all(|message| message.kind() == MessageKind::Ack));
    assert!(!log(&window).is_empty() && !has(&window, "recebida"));
    // Looking through all there is, again and again, is not what anybody wants.
    for _ in 0..3 {
        advance(6 * SECOND);
        window.run_steps(2);
        assert_eq!(query(&window), []);
        settle(&mut window, USUAL);
    }
    window.state_mut().pending.clear();
    control(&window, Role::Button, "Salvar planilha").click();
    window.run_steps(3);
    let file = window.state().pending.iter().find_map(|effect| {
        let Effect::File(FileEffect::Messages(ask)) = &effect.what else { return None };
        Some((ask.file, ask.query.clone()))
    });
    let wanted = PulseLogQuery { limit: 0, newest_first: false, ..asked_of(&filter) };
    assert_eq!(file, Some((ReportFile::Xlsx, wanted)), "the file has what the filter says");

    let bad = MessageFilter { last_day: "29/12/2026".to_owned(), ..filter };
    user(&mut window, User::Terminal(TerminalAct::Filter(bad)));
    assert!(has(&window, "escreva dias como 31/12/2026, em ordem"));
    let none = MessageFilter { text: "nada disso".to_owned(), ..MessageFilter::default() };
    user(&mut window, User::Terminal(TerminalAct::Filter(none)));
    advance(SECOND);
    window.run_steps(2);
    settle(&mut window, USUAL);
    assert!(has(&window, "Nenhuma mensagem passa por este filtro."));
    click(&mut window, "Limpar filtro");
    advance(SECOND);
    window.run_steps(2);
    settle(&mut window, USUAL);
    assert!(has(&window, "200 mensagens"));
    user(&mut window, User::Terminal(TerminalAct::Everything(false)));
    settle(&mut window, USUAL);
    assert!(has(&window, "Último contato"));
}

#[expect(clippy::unwrap_used, reason = "the helpers of tests may fail as the tests do")]
fn asked_of(filter: &MessageFilter) -> PulseLogQuery {
    filter.query(&TimeZone::get("America/Sao_Paulo").unwrap()).unwrap()
}
