//! The terminals.

use egui::accesskit::Role;
use tillwatch_desk::Lang;
use tillwatch_monitor::input::{Answer, Effect, Input};
use tillwatch_monitor::state::Page;
use tillwatch_monitor::terminals::Exported;

use crate::common::{Window, settle};
use crate::hands::{USUAL, at, click, control, has};

#[test]
fn terminals_say_how_they_are_and_show_their_messages() {
    let mut window = at(Page::Terminals, Lang::Pt);
    for words in ["ligado", "sem resposta", "desligado", "Loja Centro / Caixa 1", "2,3 ms", "Último contato"]
    {
        assert!(has(&window, words), "{words}");
    }
    let row = "Loja Centro / Caixa 1: ligado, valor 0, contato agora, 0 falhas. Ver mensagens";
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
    assert!(has(&window, "Exportando…"));
    let asked = window.state().pending.iter().any(
        |effect| matches!(&effect.what, Effect::Export { client, .. } if client == "Loja Centro / Caixa 1"),
    );
    assert!(asked);
    let path = "/home/x/a.csv".into();
    window.state_mut().take(Input::Answer(Answer::Exported(Ok(Exported { path, messages: 7 }))));
    window.run_steps(3);
    assert!(has(&window, "7 mensagens em /home/x/a.csv") && has(&window, "Exportar CSV"));
    let english = at(Page::Terminals, Lang::En);
    for words in ["online", "not answering", "off", "Round trip", "Last contact"] {
        assert!(has(&english, words), "{words}");
    }
}
