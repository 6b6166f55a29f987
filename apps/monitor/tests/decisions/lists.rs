//! Lists: what is asked for, in which order rows stand, and what a file of them says.

use jiff::civil::date;
use tillwatch_desk::failure::Failure;
use tillwatch_desk::tokens::Tone;
use tillwatch_monitor::input::{Answer, Effect, ReportOf, User};
use tillwatch_monitor::lists::{Asking, Filter, ListAct, Lists, Row, Topic};
use tillwatch_monitor::samples::{self, NOW, goods, money};
use tillwatch_monitor::saving::FileEffect;
use tillwatch_monitor::state::Page;
use tillwatch_monitor::update::lists::{expiring, shown, topics};
use tillwatch_shared::StoreId;
use tillwatch_shared::api::{Event, Page as ListPage, Role, TransferState};
use tillwatch_shared::time::SECOND;

use crate::story::{Story, change};

type Asked = (Topic, u64, Option<StoreId>, Option<i64>);

/// The requests for rows since the last look.
fn asked(story: &mut Story) -> Vec<Asked> {
    let all = std::mem::take(&mut story.asked);
    let of = |effect: &Effect| {
        if let Effect::List { topic, ticket, store, after } = effect {
            // The alarms are asked for wherever one is.
            (*topic != Topic::Alarms).then_some((*topic, *ticket, *store, *after))
        } else {
            None
        }
    };
    all.iter().filter_map(of).collect()
}

fn list(story: &mut Story, act: ListAct) {
    story.user(User::List(act));
}

fn open(topic: Topic) -> Story {
    let mut story = Story::loaded(topic.page());
    list(&mut story, ListAct::Tab(topic.page(), Some(topic)));
    story
}

fn rows(story: &mut Story, topic: Topic, ticket: u64, items: Vec<Row>, next: Option<i64>) {
    story.answer(Answer::List { topic, ticket, result: Ok(ListPage { items, next }) });
}

fn first_column(lists: &Lists, topic: Topic) -> Vec<String> {
    let lines = lists.get(topic).into_iter().flat_map(|list| &list.sheet.lines);
    lines.filter_map(|line| line.cells.first()).map(|cell| cell.text.clone()).collect()
}

#[test]
fn a_whole_list_is_read_to_its_end_before_it_is_shown() {
    let mut story = open(Topic::Lots);
    let [(Topic::Lots, ticket, None, None)] = asked(&mut story)[..] else { panic!() };
    rows(&mut story, Topic::Lots, ticket, vec![Row::Lot(goods::expiring(1))], Some(7));
    assert!(story.state.lists.get(Topic::Lots).unwrap().rows().is_empty(), "half a list is none");
    assert_eq!(asked(&mut story), [(Topic::Lots, ticket, None, Some(7))]);
    // An answer to an earlier question is none to this one.
    rows(&mut story, Topic::Lots, ticket - 1, vec![Row::Lot(goods::expiring(9))], None);
    rows(&mut story, Topic::Lots, ticket, vec![Row::Lot(goods::expiring(2))], None);
    assert_eq!(story.state.lists.get(Topic::Lots).unwrap().rows().len(), 2);
    // While it is read anew, and when that fails, the old rows stay.
    story.after(31 * SECOND);
    let [(Topic::Lots, again, None, None)] = asked(&mut story)[..] else { panic!() };
    rows(&mut story, Topic::Lots, again, vec![Row::Lot(goods::expiring(3))], Some(9));
    let result = Err(Failure::TimedOut);
    story.answer(Answer::List { topic: Topic::Lots, ticket: again, result });
    let held = story.state.lists.get(Topic::Lots).unwrap();
    assert_eq!((held.rows().len(), held.asking), (2, Asking::Nothing));
    assert_eq!(held.failure, Some(Failure::TimedOut));
}

#[test]
fn lots_that_expire_next_stand_first_and_are_counted() {
    let mut story = open(Topic::Lots);
    let today = date(2026, 12, 31);
    let lots: Vec<_> = (1..=9).rev().map(goods::expiring).collect();
    let days: Vec<_> =
        lots.iter().rev().map(|lot| lot.expires_on.map(|day| (day - today).get_days())).collect();
    assert_eq!(days[..4], [Some(-12), Some(-1), Some(0), Some(1)]);
    let ticket = asked(&mut story)[0].1;
    rows(&mut story, Topic::Lots, ticket, lots.into_iter().map(Row::Lot).collect(), None);
    let sheet = &story.state.lists.get(Topic::Lots).unwrap().sheet;
    let words: Vec<&str> = sheet.lines.iter().map(|line| line.cells[4].text.as_str()).collect();
    assert_eq!(
        words,
        [
            "vencido há 12 dias",
            "vencido ontem",
            "vence hoje",
            "vence amanhã",
            "vence em 5 dias",
            "vence em 12 dias",
            "vence em 29 dias",
            "vence em 90 dias",
            "sem validade"
        ]
    );
    let tones: Vec<_> = sheet.lines.iter().map(|line| line.cells[4].tone).collect();
    assert_eq!(
        tones[..6],
        [
            Some(Tone::Danger),
            Some(Tone::Danger),
            Some(Tone::Danger),
            Some(Tone::Attention),
            Some(Tone::Attention),
            None
        ]
    );
    // 3 + 6 + … + 27 pieces at 5,49.
    assert_eq!(sheet.sum.as_deref(), Some("valem R$\u{a0}741,15"));
    assert_eq!(expiring(&story.state), Some((2, 3)), "today's can still be sold");
    for (choice, left) in [(0, 9), (1, 2), (2, 3), (3, 5)] {
        list(&mut story, ListAct::Filter(Topic::Lots, Filter { choice, ..Filter::default() }));
        assert_eq!(story.state.lists.get(Topic::Lots).unwrap().sheet.lines.len(), left, "{choice}");
    }
}

#[test]
fn older_rows_stay_when_the_newest_are_read_again() {
    let mut story = open(Topic::Counts);
    let ticket = asked(&mut story)[0].1;
    let count = |number| Row::Count(goods::one_of_counts(number, NOW));
    rows(&mut story, Topic::Counts, ticket, vec![count(9), count(8)], Some(8));
    list(&mut story, ListAct::Older(Topic::Counts));
    let [(Topic::Counts, older, None, Some(8))] = asked(&mut story)[..] else { panic!() };
    list(&mut story, ListAct::Older(Topic::Counts));
    assert_eq!(asked(&mut story), [], "asked once");
    rows(&mut story, Topic::Counts, older, vec![count(7)], Some(7));
    assert_eq!(first_column(&story.state.lists, Topic::Counts), ["9", "8", "7"]);

    // A count that the change feed tells is read within a poll; the end of what is known stays.
    let mut next = goods::one_of_counts(10, NOW);
    next.number = 10;
    story.changes(vec![change(41, Event::StockCounted(next.clone()))], 41, false);
    story.after(5 * SECOND);
    let [(Topic::Counts, fresh, None, None)] = asked(&mut story)[..] else { panic!() };
    rows(&mut story, Topic::Counts, fresh, vec![Row::Count(next), count(9)], Some(9));
    assert_eq!(first_column(&story.state.lists, Topic::Counts), ["10", "9", "8", "7"]);
    assert_eq!(story.state.lists.get(Topic::Counts).unwrap().next, Some(7));
}

#[test]
fn another_store_is_another_question() {
    let mut story = open(Topic::Sessions);
    story.answer_all();
    let store = samples::store(1).id;
    let filter = Filter { store: Some(store), ..Filter::default() };
    list(&mut story, ListAct::Filter(Topic::Sessions, filter));
    let [(Topic::Sessions, _, Some(asked_for), None)] = asked(&mut story)[..] else { panic!() };
    assert_eq!(asked_for, store);
    let held = story.state.lists.get(Topic::Sessions).unwrap();
    assert!(held.sheet.lines.iter().all(|line| line.cells[1].text == samples::store(1).name));
}

#[test]
fn rows_are_found_sorted_and_written_to_a_file() {
    let mut story = open(Topic::Accounts);
    story.answer_all();
    let owes = |story: &Story| -> Vec<String> {
        let lines = &story.state.lists.get(Topic::Accounts).unwrap().sheet.lines;
        lines.iter().map(|line| line.cells[4].text.replace('\u{a0}', " ")).collect()
    };
    assert_eq!(owes(&story)[..2], ["R$ 661,50", "R$ 588,00"], "who owes most first");
    let by_amount = Filter { sort: Some((4, false)), ..Filter::default() };
    list(&mut story, ListAct::Filter(Topic::Accounts, by_amount.clone()));
    assert_eq!(owes(&story)[0], "R$ 73,50");
    list(&mut story, ListAct::Filter(Topic::Accounts, Filter { text: "OFICINA do ze".into(), ..by_amount }));
    assert_eq!(owes(&story).len(), 3);
    story.asked.clear();
    list(&mut story, ListAct::SaveCsv(Topic::Accounts));
    let [Effect::File(FileEffect::Bytes { name, end: "csv", bytes })] = &story.asked[..] else {
        panic!("{:?}", story.asked)
    };
    assert_eq!(name, "Fiado 2026-12-31");
    let text = String::from_utf8(bytes.clone()).unwrap().replace('\u{a0}', " ");
    let lines: Vec<&str> = text.trim_end().split("\r\n").collect();
    assert_eq!(lines[0], "\u{feff}Cliente;CPF ou CNPJ;Loja;Último movimento;Deve");
    assert_eq!(lines[1], "Oficina do Zé;–;Loja Bairro Novo;31/12/2026 16:05;\"73,50\"");
    assert_eq!(lines.len(), 4);
}

#[test]
fn a_cash_session_is_told_by_the_server_and_written_as_text() {
    let mut story = open(Topic::Sessions);
    story.answer_all();
    let session = money::session(8, NOW);
    list(&mut story, ListAct::Open(Topic::Sessions, session.id.to_string()));
    assert_eq!(story.asked, [Effect::Tell(ReportOf::Cash(session.id))]);
    story.answer(Answer::Told(money::session(7, NOW).id.to_string(), Err(Failure::TimedOut)));
    assert!(story.state.lists.open.as_ref().unwrap().report.is_loading(), "that was about another one");
    story.answer_all();
    list(&mut story, ListAct::SaveDetail);
    let [Effect::File(FileEffect::Bytes { name, end: "txt", bytes })] = &story.asked[..] else {
        panic!("{:?}", story.asked)
    };
    assert_eq!(name, "Sessão 8 - Caixa 1");
    let text = String::from_utf8(bytes.clone()).unwrap().replace('\u{a0}', " ");
    for part in ["Relatório Z", "Esperado", "R$ 612,40", "Diferença", "-R$ 12,50", "12 × R$ 50,00", "Sangria"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    list(&mut story, ListAct::Close);
    assert!(story.state.lists.open.is_none());
}

#[test]
fn sellers_see_no_accounts_and_a_page_shows_its_first_topic() {
    let mut story = Story::loaded(Page::Money);
    assert_eq!(shown(&story.state), Some(Topic::Sessions));
    assert!(topics(&story.state, Page::Money).any(|topic| topic == Topic::Accounts));
    story.state.signed_in.as_mut().unwrap().person.role = Role::Seller;
    assert!(topics(&story.state, Page::Money).all(|topic| topic != Topic::Accounts));
    story.user(User::Open(Page::Stock));
    assert_eq!(shown(&story.state), None, "balances come first");
}

#[test]
fn what_is_late_on_its_way_asks_for_attention() {
    let mut story = open(Topic::Transfers);
    let ticket = asked(&mut story)[0].1;
    let day = 24 * 3_600 * SECOND;
    let transfers = [
        goods::transfer(4, TransferState::Sent, NOW.plus(-3 * day)),
        goods::transfer(3, TransferState::Sent, NOW.plus(-60 * SECOND)),
        goods::transfer(2, TransferState::Received, NOW.plus(-4 * day)),
    ];
    rows(&mut story, Topic::Transfers, ticket, transfers.map(Row::Transfer).to_vec(), None);
    let sheet = &story.state.lists.get(Topic::Transfers).unwrap().sheet;
    let words: Vec<_> = sheet.lines.iter().map(|l| (l.cells[6].text.as_str(), l.cells[6].tone)).collect();
    assert_eq!(
        words,
        [
            ("a caminho, há 3 dias", Some(Tone::Attention)),
            ("a caminho", Some(Tone::Info)),
            ("chegou com diferença", Some(Tone::Attention))
        ]
    );
}
