//! The page of the feeds, used by its labels: what is wrong is said, and a manager settles it.

use egui::accesskit::Role;
use egui_kittest::kittest::NodeT as _;
use tillwatch_desk::failure::Failure;
use tillwatch_desk::{Lang, Theme};
use tillwatch_monitor::feed_new::{Addition, NewAct, NewPart};
use tillwatch_monitor::feeds::FeedAct;
use tillwatch_monitor::input::{Answer, Effect, Input, User};
use tillwatch_monitor::samples;
use tillwatch_monitor::samples::stage::{advance, app, settings};
use tillwatch_monitor::state::Page;
use tillwatch_shared::Cents;
use tillwatch_shared::api::{AliasKind, Person, Role as Rank, Unit};
use tillwatch_shared::time::SECOND;

use crate::common::{Window, settle, user, window};
use crate::hands::{DESK, USUAL, at, control, has};

/// With the feed that needs somebody.
fn needy(lang: Lang) -> Window<'static> {
    let mut window = at(Page::Feeds, lang);
    user(&mut window, User::Feed(FeedAct::Choose("bairro".to_owned())));
    settle(&mut window, USUAL);
    window
}

/// Presses the button whose label holds this.
fn press(window: &mut Window<'_>, part: &str) {
    control(window, Role::Button, part).click();
    window.run_steps(3);
}

fn pending(window: &Window<'_>) -> Vec<Effect> {
    window.state().pending.iter().map(|effect| effect.what.clone()).collect()
}

#[test]
fn every_feed_says_how_it_is() {
    let mut window = at(Page::Feeds, Lang::Pt);
    for words in ["centro", "bairro", "shopping", "em dia", "com problema", "48.210", "Última leitura"] {
        assert!(has(&window, words), "{words}");
    }
    assert!(has(&window, "/srv/caixas/centro/vendas-2026.ndjson"), "the first is shown in full");
    assert!(has(&window, "Arquivos, 9 "), "eight records and a file");
    press(&mut window, "shopping: com problema, 76 registros");
    settle(&mut window, USUAL);
    assert!(has(&window, "O arquivo não pode ser usado como está: o array não está completo"));
    press(&mut window, "bairro: pede atenção, 2104 registros, 8 esperam, 3 ruins");
    settle(&mut window, USUAL);
    for words in [
        "Esperam por você (8)",
        "Não há produto chamado “Pão de queijo da casa”",
        "registros V-00000031, V-00000032, V-00000035 e mais 1",
        "A venda não está certa: o campo do valor",
        "Não puderam ser lidos (3)",
        "linha 207, registro V-00000207:",
        "não é UTF-8 no seu byte 84",
        "não é JSON: erro em 1:61",
        "linha 1412:",
    ] {
        assert!(has(&window, words), "{words}");
    }
    let english = needy(Lang::En);
    for words in [
        "Waiting for you (8)",
        "Could not be read (3)",
        "line 207, record V-00000207:",
        "not UTF-8 at its byte 84",
        "The sale is not right: the field amount",
        "up to date",
        "needs attention",
    ] {
        assert!(has(&english, words), "{words}");
    }
}

#[test]
fn a_name_is_matched_to_a_store() {
    let mut window = needy(Lang::Pt);
    window.state_mut().pending.clear();
    press(&mut window, "Dizer qual é…: LOJAS MARTINS Shopping Iguatemi");
    assert!(has(&window, "Qual loja é?") && has(&window, "Registros que esperam por isto: 4."));
    press(&mut window, "É este");
    assert!(pending(&window).is_empty(), "nothing is picked yet");
    user(&mut window, User::Feed(FeedAct::Search("bairro".to_owned())));
    assert!(!has(&window, "ATAKADAO"), "the others are left out");
    press(&mut window, "Loja Bairro Novo");
    press(&mut window, "É este");
    let asked = pending(&window);
    let [Effect::SetAlias { feed, alias, .. }] = &asked[..] else { panic!("{asked:?}") };
    assert_eq!(
        (feed.as_str(), alias.kind, alias.target_id),
        ("bairro", AliasKind::Store, samples::store(1).id.0)
    );
    assert!(alias.name.starts_with("LOJAS MARTINS"));
    press(&mut window, "É este");
    assert_eq!(pending(&window).len(), 1, "once is enough");
    settle(&mut window, USUAL);
    assert!(!has(&window, "Qual loja é?") && has(&window, "registros que voltam a andar: 4"));
}

#[test]
fn a_product_is_searched_at_the_server_and_a_failure_leaves_the_question_open() {
    let mut window = needy(Lang::En);
    window.state_mut().pending.clear();
    press(&mut window, "Say which…: Pão de queijo da casa");
    let search = |window: &Window<'_>| match pending(window).last() {
        Some(Effect::Targets { kind: AliasKind::Product, search, .. }) => search.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(search(&window), "Pão");
    user(&mut window, User::Feed(FeedAct::Search("queijo".to_owned())));
    assert_eq!(search(&window), "queijo");
    settle(&mut window, USUAL);
    press(&mut window, "Pão de queijo congelado · 1 · R$ 39,90");
    press(&mut window, "That is it");
    window.state_mut().pending.clear();
    window.state_mut().take(Input::Answer(Answer::AliasSet(Err(Failure::TimedOut))));
    window.run_steps(3);
    assert!(has(&window, "Which product is it?"), "it can be tried again");
    press(&mut window, "That is it");
    assert!(pending(&window).iter().any(|effect| matches!(effect, Effect::SetAlias { .. })));
    press(&mut window, "Cancel");
    assert!(!has(&window, "Which product is it?"));
}

#[test]
fn a_new_product_is_added_from_what_the_record_says() {
    let mut window = needy(Lang::Pt);
    press(&mut window, "Dizer qual é…: Pão de queijo da casa");
    settle(&mut window, USUAL);
    press(&mut window, "Cadastrar novo…");
    for words in ["Novo produto", "Código de barras ou interno", "Vendido por", "Preço"] {
        assert!(has(&window, words), "{words}");
    }
    let held = |window: &Window<'_>, label: &str| {
        control(window, Role::TextInput, label).accesskit_node().value().unwrap_or_default()
    };
    assert_eq!(held(&window, "Nome"), "Pão de queijo da casa");
    assert_eq!(held(&window, "Código"), "7891000100103");
    assert_eq!(held(&window, "Preço"), "12,50");
    window.state_mut().pending.clear();
    user(&mut window, User::Feed(FeedAct::New(NewAct::Text(NewPart::Price, "doze".to_owned()))));
    press(&mut window, "Cadastrar e usar");
    assert!(pending(&window).is_empty() && has(&window, "Um valor como 12,50."));
    user(&mut window, User::Feed(FeedAct::New(NewAct::Text(NewPart::Price, "11,90".to_owned()))));
    press(&mut window, "kg");
    press(&mut window, "Cadastrar e usar");
    let asked = pending(&window);
    let [Effect::AddThing { addition: Addition::Product(product), .. }] = &asked[..] else {
        panic!("{asked:?}")
    };
    assert_eq!((product.price_cents, product.unit), (Cents(1_190), Unit::Kg));
    settle(&mut window, USUAL);
    assert!(!has(&window, "Novo produto") && has(&window, "registros que voltam a andar"));
}

#[test]
fn a_new_store_is_for_who_administers() {
    let mut window = needy(Lang::En);
    press(&mut window, "Say which…: LOJAS MARTINS Shopping Iguatemi");
    assert!(!has(&window, "Add as new…") && has(&window, "An administrator adds it"));
    press(&mut window, "Cancel");
    let signed_in = window.state_mut().state.signed_in.as_mut().unwrap();
    signed_in.person = Person { role: Rank::Admin, ..signed_in.person.clone() };
    press(&mut window, "Say which…: LOJAS MARTINS Shopping Iguatemi");
    press(&mut window, "Add as new…");
    settle(&mut window, USUAL);
    assert!(
        has(&window, "New store") && has(&window, "Chain: MAX ATACADO"),
        "the chain that the record names"
    );
    press(&mut window, "Back to the list");
    assert!(has(&window, "Which store is it?"));
    press(&mut window, "Add as new…");
    window.state_mut().pending.clear();
    press(&mut window, "Add and use");
    let asked = pending(&window);
    let [Effect::AddThing { addition: Addition::Store(store), .. }] = &asked[..] else { panic!("{asked:?}") };
    assert!(store.name.starts_with("LOJAS MARTINS") && store.cnpj.is_none());
    settle(&mut window, USUAL);
    assert!(!has(&window, "New store"));
}

#[test]
fn records_are_put_away_one_after_the_other() {
    let mut window = needy(Lang::Pt);
    window.state_mut().pending.clear();
    let away = |window: &Window<'_>| -> Vec<String> {
        pending(window)
            .into_iter()
            .filter_map(|effect| {
                let Effect::PutAway { feed, record_id, .. } = effect else { return None };
                Some(format!("{feed} {record_id}"))
            })
            .collect()
    };
    press(&mut window, "Descartar: LOJAS MARTINS");
    let mut all = Vec::new();
    for _ in 0..4 {
        let asked = away(&window);
        assert_eq!(asked.len(), 1);
        all.extend(asked);
        window.state_mut().pending.clear();
        window.state_mut().take(Input::Answer(Answer::PutAway(Ok(()))));
    }
    let wanted = ["31", "32", "35", "40"].map(|number| format!("bairro V-000000{number}"));
    assert_eq!(all, wanted);
    assert!(away(&window).is_empty());
    // One that is refused ends the row of them.
    window.run_steps(2);
    press(&mut window, "Descartar: LOJAS MARTINS");
    window.state_mut().pending.clear();
    window.state_mut().take(Input::Answer(Answer::PutAway(Err(Failure::Unreachable))));
    window.run_steps(2);
    assert!(away(&window).is_empty() && has(&window, "O servidor não responde."));
    // What is wrong with a sale that changed is settled by keeping it.
    press(&mut window, "Manter a venda");
    assert_eq!(away(&window), ["bairro V-00000009"]);
}

#[test]
fn a_seller_sees_the_files_and_decides_nothing() {
    let mut app = app(settings(Lang::Pt, Theme::Dark));
    USUAL.enter(&mut app);
    let signed_in = app.state.signed_in.as_mut().unwrap();
    signed_in.person = Person { role: Rank::Seller, ..signed_in.person.clone() };
    app.take(Input::User(User::Open(Page::Feeds)));
    app.take(Input::User(User::Feed(FeedAct::Choose("bairro".to_owned()))));
    let mut window = window(app, DESK, 1.0);
    settle(&mut window, USUAL);
    advance(6 * SECOND);
    window.run_steps(2);
    let asked = pending(&window);
    assert!(asked.contains(&Effect::Feeds), "{asked:?}");
    assert!(!asked.iter().any(|effect| matches!(effect, Effect::Parked { .. })));
    assert!(has(&window, "Um gerente decide") && !has(&window, "Descartar"));
}
