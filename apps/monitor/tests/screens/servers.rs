//! The servers of the group.

use tillwatch_desk::Lang;
use tillwatch_desk::failure::Failure;
use tillwatch_monitor::input::{Answer, Input, User};
use tillwatch_monitor::samples::stage::{advance, clock};
use tillwatch_monitor::samples::{NOW, servers};
use tillwatch_monitor::state::Page;
use tillwatch_shared::api::{GroupStatus, Role};
use tillwatch_shared::time::MINUTE;

use crate::common::{Window, settle, user};
use crate::hands::{DESK, USUAL, at, click, has, page_of, with, written};

fn told(window: &mut Window<'_>, group: Result<Option<GroupStatus>, Failure>) {
    window.state_mut().take(Input::Answer(Answer::Group(group)));
    window.run_steps(2);
}

#[test]
fn one_server_by_itself_says_so() {
    let window = at(Page::Servers, Lang::Pt);
    assert!(has(&window, "Um servidor só") && has(&window, "docs/groups.md"));
    assert!(has(&at(Page::Servers, Lang::En), "One server by itself"));
}

#[test]
fn a_group_that_is_well_is_seen_at_a_glance() {
    let mut window = at(Page::Servers, Lang::Pt);
    told(&mut window, Ok(Some(servers::group(NOW))));
    for words in [
        "Servidor 1 coordena",
        "3 de 3 ligados",
        "mandato 7",
        "principal",
        "acompanha",
        "em dia",
        "igual",
        "18,4 GB",
        "http://10.0.0.2:8080",
        "há 2 h",
        "0.1.0",
        "fala com o servidor 1",
        "porque é o principal e estava em dia",
        "Quem coordenou antes",
        "porque o servidor 1 não respondia",
        "Servidor 2, acompanha, atraso: em dia, diário: igual, disco livre: 36,8 GB",
    ] {
        assert!(has(&window, words), "{words}");
    }
    let mut window = at(Page::Servers, Lang::En);
    told(&mut window, Ok(Some(servers::group(NOW))));
    for words in ["Server 1 coordinates", "3 of 3 running", "follows", "up to date", "same", "Last snapshot"]
    {
        assert!(has(&window, words), "{words}");
    }
}

#[test]
fn what_is_wrong_is_seen_on_the_page_and_leads_there_from_the_overview() {
    let mut window = at(Page::Overview, Lang::Pt);
    told(&mut window, Ok(Some(servers::troubled(NOW))));
    assert!(has(&window, "Servidores, 3 precisam de alguém"), "the page has a badge");
    for words in ["Servidor 2: só 640,0 MB livres no disco", "Servidor 3 está 128.400 entradas atrás"] {
        assert!(has(&window, words), "{words}");
    }
    click(&mut window, "Servidor 1 não responde");
    assert_eq!(page_of(&window), Page::Servers);
    for words in [
        "Servidor 2 coordena",
        "no lugar do principal, Servidor 1",
        "2 de 3 ligados",
        "sem resposta há 4 min",
        "128.400 entradas",
        "não se sabe",
    ] {
        assert!(has(&window, words), "{words}");
    }
    // The answer gets older, and so does what it says.
    advance(3 * MINUTE);
    window.run_steps(2);
    assert!(has(&window, "sem resposta há 7 min"));
}

#[test]
fn nobody_coordinates_and_another_journal_are_alarming() {
    let mut window = at(Page::Overview, Lang::Pt);
    let mut group = servers::group(NOW);
    group.coordinator = None;
    group.members[2].agrees = Some(false);
    told(&mut window, Ok(Some(group)));
    assert!(has(&window, "Servidor 3 tem outro diário que os demais"));
    click(&mut window, "Nenhum servidor coordena: nada é gravado");
    assert!(has(&window, "Ninguém coordena") && has(&window, "diferente"));
}

#[test]
fn a_server_that_is_made_anew_is_alarming() {
    let mut window = at(Page::Overview, Lang::Pt);
    let mut group = servers::group(NOW);
    group.members[1].out_of_service = true;
    told(&mut window, Ok(Some(group)));
    click(&mut window, "Servidor 2 tem outro diário que os demais");
    assert!(has(&window, "fora: sendo refeito"));
}

#[test]
fn a_server_without_its_readings_says_so() {
    let mut window = at(Page::Overview, Lang::Pt);
    let mut group = servers::group(NOW);
    group.members[1].lacks_readings = true;
    told(&mut window, Ok(Some(group)));
    click(&mut window, "Servidor 2 recebe dos demais as leituras que lhe faltam");
    assert!(has(&window, "recebendo leituras"));
}

#[test]
fn a_long_name_stays_in_its_column_on_a_small_screen_too() {
    for size in [DESK, egui::vec2(1024.0, 600.0)] {
        let mut window = with(Page::Servers, Lang::Pt, USUAL, size);
        told(&mut window, Ok(Some(servers::troubled(NOW))));
        for (place, words) in written(&window) {
            assert!(place.right() <= size.x + 1.0, "{words:?} ends at {}", place.right());
        }
        assert!(has(&window, "128.400 entradas"));
    }
}

#[test]
fn old_answers_stay_in_sight_and_sellers_are_told_why_there_are_none() {
    let mut window = at(Page::Servers, Lang::Pt);
    told(&mut window, Ok(Some(servers::group(NOW))));
    let busy = r#"{"type":"/problems/behind","title":"t","status":503,"code":"behind","detail":"atrasado","hint":"h"}"#;
    let refused = Failure::Problem(Box::new(serde_json::from_str(busy).unwrap()), None);
    told(&mut window, Err(refused));
    assert!(has(&window, "Servidor 1 coordena") && has(&window, "atrasado"));
    let mut window = at(Page::Overview, Lang::Pt);
    window.state_mut().state.signed_in.as_mut().unwrap().person.role = Role::Seller;
    user(&mut window, User::Open(Page::Servers));
    settle(&mut window, USUAL);
    assert!(has(&window, "Só gerentes veem os servidores"));
    assert!(clock() >= NOW);
}
