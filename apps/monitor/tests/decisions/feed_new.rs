//! Adding what a file names and the shop does not have.

use tillwatch_desk::failure::Failure;
use tillwatch_monitor::feed_new::{Addition, NewAct, NewPart, Wrong};
use tillwatch_monitor::feeds::{FeedAct, Group};
use tillwatch_monitor::input::{Answer, Effect, User};
use tillwatch_monitor::samples::{chain, feeds as made};
use tillwatch_monitor::state::Page;
use tillwatch_shared::api::{AliasKind, Person, Role, Unit};
use tillwatch_shared::{Cents, ChainId, CommandId};
use uuid::Uuid;

use crate::story::{Story, problem};

fn feed(story: &mut Story, act: FeedAct) {
    story.user(User::Feed(act));
}

/// The question about the first group of this kind, in the form.
fn asking(role: Role, kind: AliasKind) -> Story {
    let mut story = Story::loaded(Page::Feeds);
    if let Some(signed_in) = &mut story.state.signed_in {
        signed_in.person = Person { role, ..signed_in.person.clone() };
    }
    feed(&mut story, FeedAct::Choose("bairro".to_owned()));
    story.answer_all();
    let of = |group: &Group| tillwatch_monitor::feeds::alias_kind(group.reason) == Some(kind);
    if let Some(group) = story.state.feeds.groups().into_iter().find(of) {
        feed(&mut story, FeedAct::Match(group));
    }
    story.answer_all();
    feed(&mut story, FeedAct::New(NewAct::Open));
    story
}

fn text(story: &mut Story, part: NewPart, text: &str) {
    feed(story, FeedAct::New(NewAct::Text(part, text.to_owned())));
}

/// What was asked to be added, with its command.
fn added(story: &Story) -> Vec<(CommandId, Addition)> {
    let of = |effect: &Effect| {
        if let Effect::AddThing { command, addition } = effect {
            Some((*command, addition.clone()))
        } else {
            None
        }
    };
    story.asked.iter().filter_map(of).collect()
}

#[test]
fn a_product_is_added_with_what_the_record_says_and_then_meant() {
    let mut story = asking(Role::Manager, AliasKind::Product);
    text(&mut story, NewPart::Name, "Pão de queijo da casa 400 g");
    feed(&mut story, FeedAct::New(NewAct::Unit(Unit::Pct)));
    feed(&mut story, FeedAct::New(NewAct::Save));
    feed(&mut story, FeedAct::New(NewAct::Save));
    let asked = added(&story);
    let [(first, Addition::Product(product))] = &asked[..] else { panic!("{asked:?}") };
    assert_eq!((product.name.as_str(), product.unit), ("Pão de queijo da casa 400 g", Unit::Pct));
    assert_eq!((product.code.as_deref(), product.price_cents), (Some("7891000100103"), Cents(1_250)));

    // Nobody knows whether it was added: the same goes again under its id, something else under another one.
    story.answer(Answer::ThingAdded(Err(Failure::TimedOut)));
    feed(&mut story, FeedAct::New(NewAct::Save));
    assert_eq!(added(&story)[1], asked[0]);
    story.answer(Answer::ThingAdded(Err(problem(409, "name_taken", None))));
    text(&mut story, NewPart::Name, "Pão de queijo");
    feed(&mut story, FeedAct::New(NewAct::Save));
    assert_ne!(added(&story)[2].0, *first);

    // Once it is there, the file's name means it, under a command of its own.
    story.asked.clear();
    let target = made::added(&asked[0].1);
    story.answer(Answer::ThingAdded(Ok(target.clone())));
    let [Effect::SetAlias { command, feed, alias }] = &story.asked[..] else { panic!("{:?}", story.asked) };
    assert_eq!((feed.as_str(), alias.kind, alias.target_id), ("bairro", AliasKind::Product, target.id));
    assert_eq!(alias.name, "Pão de queijo da casa");
    assert_ne!(command, first);
    story.answer(Answer::AliasSet(Ok(made::alias_set())));
    assert!(story.state.feeds.matching.is_none());
}

#[test]
fn an_added_thing_stays_picked_when_saying_so_fails() {
    let mut story = asking(Role::Manager, AliasKind::Product);
    feed(&mut story, FeedAct::New(NewAct::Save));
    let target = made::added(&added(&story)[0].1);
    story.answer(Answer::ThingAdded(Ok(target.clone())));
    story.answer(Answer::AliasSet(Err(Failure::Unreachable)));
    let matching = story.state.feeds.matching.as_ref().unwrap();
    assert_eq!((matching.picked().map(|picked| picked.id), &matching.new), (Some(target.id), &None));
    story.asked.clear();
    feed(&mut story, FeedAct::Confirm);
    assert!(matches!(&story.asked[..], [Effect::SetAlias { alias, .. }] if alias.target_id == target.id));
}

#[test]
fn a_store_needs_a_chain_and_who_administers() {
    for (role, may) in [(Role::Manager, false), (Role::Admin, true)] {
        let story = asking(role, AliasKind::Store);
        assert_eq!(story.state.feeds.matching.as_ref().unwrap().new.is_some(), may, "{role:?}");
    }
    let mut story = asking(Role::Admin, AliasKind::Store);
    assert!(story.asked.contains(&Effect::Chains));
    feed(&mut story, FeedAct::New(NewAct::Save));
    assert!(added(&story).is_empty(), "the chains are not there yet");
    let other = ChainId(Uuid::from_u128(77));
    let second = tillwatch_shared::api::Chain { id: other, name: "ATAKADÃO".to_owned(), ..chain() };
    story.answer(Answer::Chains(Ok(vec![second, chain()])));
    text(&mut story, NewPart::Cnpj, "11.222.333/0001-82");
    feed(&mut story, FeedAct::New(NewAct::Save));
    assert!(added(&story).is_empty(), "its digits are wrong");
    text(&mut story, NewPart::Cnpj, "11.222.333/0001-81");
    text(&mut story, NewPart::Name, " ");
    feed(&mut story, FeedAct::New(NewAct::Save));
    assert!(added(&story).is_empty(), "no name");
    text(&mut story, NewPart::Name, "Iguatemi");
    feed(&mut story, FeedAct::New(NewAct::Save));
    let asked = added(&story);
    let [(_, Addition::Store(store))] = &asked[..] else { panic!("{asked:?}") };
    // The record names the chain in other letters.
    assert_eq!((store.chain_id, store.name.as_str()), (chain().id, "Iguatemi"));
    assert_eq!(store.cnpj.as_deref(), Some("11.222.333/0001-81"));
    story.answer(Answer::ThingAdded(Err(Failure::TimedOut)));
    feed(&mut story, FeedAct::New(NewAct::Chain(other)));
    feed(&mut story, FeedAct::New(NewAct::Save));
    assert!(matches!(&added(&story)[1].1, Addition::Store(store) if store.chain_id == other));
}

#[test]
fn what_is_wrong_is_told_by_its_field() {
    let story = asking(Role::Manager, AliasKind::Product);
    let form = story.state.feeds.matching.as_ref().unwrap().new.clone().unwrap();
    for (part, typed, wrong) in [
        (NewPart::Name, "", Some(Wrong::In(NewPart::Name))),
        (NewPart::Price, "doze", Some(Wrong::In(NewPart::Price))),
        (NewPart::Price, "-1,00", Some(Wrong::In(NewPart::Price))),
        (NewPart::Price, "", None),
        (NewPart::Price, "1.234,5", None),
        (NewPart::Code, "", None),
    ] {
        let mut form = form.clone();
        form.set(part, typed.to_owned());
        assert_eq!(form.addition(AliasKind::Product, &[]).err(), wrong, "{typed:?}");
    }
    let chains = [chain(), tillwatch_shared::api::Chain { id: ChainId(Uuid::nil()), ..chain() }];
    let store = tillwatch_monitor::feed_new::NewThing::new("Loja 3", None);
    assert_eq!(store.addition(AliasKind::Store, &chains).err(), Some(Wrong::NoChain));
    assert!(store.addition(AliasKind::Store, &chains[..1]).is_ok(), "there is only one");
}
