//! Alarms: what to do first, who took care, rules and quiet times.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use tillwatch_desk::Lang;
use tillwatch_monitor::forms::{FormAct, Part};
use tillwatch_monitor::input::{Answer, Input, User};
use tillwatch_monitor::samples::server::MadeUp;
use tillwatch_monitor::state::Page;

use crate::common::{settle, user};
use crate::hands::{DESK, USUAL, at, click, control, has, press, with};

#[test]
fn an_open_alarm_says_what_to_do_and_is_taken_care_of() {
    let mut window = at(Page::Alarms, Lang::Pt);
    assert!(has(&window, "Alarmes, 1 precisam de alguém"), "counted in the navigation");
    for words in
        ["Veja a porta e o motor", "Leve as vacinas à geladeira do fundo.", "urgente", "ninguém cuidou"]
    {
        assert!(has(&window, words), "{words}");
    }
    control(&window, Role::Button, "urgente, Veja a porta e o motor").click();
    window.run_steps(3);
    settle(&mut window, USUAL);
    assert!(has(&window, "gerente@loja.example"));
    click(&mut window, "Dizer o que foi feito…");
    click(&mut window, "Conferir");
    assert!(has(&window, "Escreva o motivo."));
    user(&mut window, User::Form(FormAct::Set(Part::Reason, "Porta aberta".to_owned())));
    user(&mut window, User::Form(FormAct::Set(Part::Action, "Fechei".to_owned())));
    click(&mut window, "Conferir");
    click(&mut window, "Salvar");
    settle(&mut window, USUAL);
    assert!(has(&window, "Salvo: "));
}

#[test]
fn a_rule_shows_when_it_would_have_fired() {
    let mut window = at(Page::Alarms, Lang::Pt);
    click(&mut window, "Regras");
    settle(&mut window, USUAL);
    assert!(has(&window, "temperatura acima do limite (7,5 °C) por 20 min") && has(&window, "de fábrica"));
    click(&mut window, "Nova regra…");
    click(&mut window, "Conferir");
    assert!(has(&window, "ensaiando nos últimos 90 dias…"));
    settle(&mut window, USUAL);
    assert!(has(&window, "Nos últimos 90 dias teria disparado 3 vezes:") && has(&window, ", ainda"));
    assert!(has(&window, "Geladeira 1: "), "which of them");
    // Silences of tills are known for as long as they are kept, and of feeds only alarms.
    for (watch, note) in [("tillsilent", "O que houve antes de "), ("feedbroken", "só se guardam os alarmes")]
    {
        click(&mut window, "Voltar");
        user(&mut window, User::Form(FormAct::Set(Part::Watch, watch.to_owned())));
        click(&mut window, "Conferir");
        assert!(!has(&window, note));
        settle(&mut window, USUAL);
        assert!(has(&window, note) && has(&window, "teria disparado 3 vezes:"), "{watch}");
    }
    press(&mut window, Modifiers::NONE, Key::Escape);
    click(&mut window, "Silêncios");
    settle(&mut window, USUAL);
    control(&window, Role::Button, "Degelo do freezer").click();
    window.run_steps(3);
    click(&mut window, "Terminar agora…");
    assert!(has(&window, "Daqui em diante os alarmes voltam a chamar."));
}

#[test]
fn a_rehearsal_tells_how_far_it_is_and_can_be_stopped() {
    let mut window = at(Page::Alarms, Lang::Pt);
    click(&mut window, "Regras");
    settle(&mut window, USUAL);
    click(&mut window, "Nova regra…");
    click(&mut window, "Conferir");
    let ticket = window.state().state.form.as_ref().unwrap().ticket;
    window.state_mut().take(Input::Answer(Answer::Rehearsing { ticket, percent: 41.6 }));
    window.run_steps(3);
    assert!(has(&window, "42 %") && has(&window, "Salvar espera o ensaio."));
    click(&mut window, "Salvar");
    assert!(!window.state().state.form.as_ref().unwrap().saving, "it waits");
    click(&mut window, "Parar");
    assert!(has(&window, "O ensaio parou; não se sabe quando teria disparado."));
    click(&mut window, "Pedir de novo");
    assert!(has(&window, "0 %"));
    settle(&mut window, USUAL);
    assert!(has(&window, "Nos últimos 90 dias teria disparado 3 vezes:"));
    click(&mut window, "Salvar");
    assert!(window.state().state.form.as_ref().is_none_or(|form| form.saving));
}

#[test]
fn calm_shops_and_past_alarms() {
    let calm = MadeUp { sensors: 0, ..USUAL };
    let window = with(Page::Alarms, Lang::En, calm, DESK);
    assert!(has(&window, "No open alarm"));
    let mut window = at(Page::Alarms, Lang::En);
    click(&mut window, "Over");
    settle(&mut window, USUAL);
    assert!(has(&window, "Maria das Dores took care"));
    click(&mut window, "Nobody took care");
    assert!(has(&window, "nobody took care") && !has(&window, "Maria das Dores took care"));
}
