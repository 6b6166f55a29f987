//! What is asked again and again.

use super::{MINUTE, Server, client, session};

#[tokio::test]
async fn what_has_not_changed_is_not_sent_again() {
    let server = Server::start(|seen| match seen.if_none_match.as_deref() {
        None => (200, "[]".to_owned()),
        Some("W/\"[]\"") if seen.authorization.as_deref() == Some("Bearer a1") => (304, String::new()),
        Some(_) => (200, "[ ]".to_owned()),
    })
    .await;
    let client = client(&[&server.address]);
    client.restore(session(1, 15 * MINUTE));
    let known = || server.seen().into_iter().map(|seen| seen.if_none_match).collect::<Vec<_>>();
    for _ in 0..3 {
        assert_eq!(client.sensors().await, Ok(Vec::new()));
    }
    let first = Some("W/\"[]\"".to_owned());
    assert_eq!(known(), [None, first.clone(), first.clone()]);
    // What came in its place counts from then on.
    client.restore(session(2, 15 * MINUTE));
    assert_eq!(client.sensors().await, Ok(Vec::new()));
    assert_eq!(client.sensors().await, Ok(Vec::new()));
    assert_eq!(known().split_off(3), [first, Some("W/\"[ ]\"".to_owned())]);
}

#[tokio::test]
async fn one_server_says_nothing_about_the_answers_of_another() {
    let answer = |seen: &super::Seen| match seen.if_none_match {
        None => (200, "[]".to_owned()),
        Some(_) => (304, String::new()),
    };
    let (mut first, second) = (Server::start(answer).await, Server::start(answer).await);
    let client = client(&[&first.address, &second.address]);
    client.restore(session(1, 15 * MINUTE));
    let asked = |server: &Server| server.seen().len();
    client.sensors().await.unwrap();
    let (used, other) = if asked(&first) == 1 { (&mut first, second) } else { (&mut { second }, first) };
    used.die().await;
    assert_eq!(client.sensors().await, Ok(Vec::new()));
    assert_eq!(other.seen().first().map(|seen| seen.if_none_match.clone()), Some(None));
}
