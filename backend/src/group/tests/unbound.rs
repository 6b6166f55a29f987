//! A member whose disk is not yet known to be right.

use std::fs;
use std::io::ErrorKind;
use std::net::TcpListener;
use std::sync::Arc;

use openraft::Vote;
use openraft::raft::{AppendEntriesRequest, VoteRequest};

use super::super::LOG_FILE;
use super::super::file::GroupFile;
use super::super::https::Https;
use super::super::identity::Identity;
use super::super::log::LogStore;
use super::super::seat::Seat;
use super::super::types::{Member, Types};
use super::super::wire::{Lost, Wire};

#[tokio::test]
async fn its_engine_says_nothing_to_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let path = folder.path().join("group.toml");
    let member = |id: u64, address: &str| {
        format!("[[member]]\nid = {id}\naddress = \"{address}\"\nurl = \"http://{address}\"\n")
    };
    let head = "me = 1\nprincipal = 1\nsecret = \"uma frase que ninguem adivinha\"\n";
    fs::write(&path, [head, &member(1, "127.0.0.1:1"), &member(2, &address)].concat()).unwrap();
    let file = GroupFile::read(&path).unwrap();
    let identity = Identity::of(&file.secret).unwrap();
    let log = LogStore::open(&folder.path().join(LOG_FILE)).unwrap();
    let seat = Arc::new(Seat::new(file, log.clone(), folder.path()));
    let wire = Https::new(Arc::clone(&seat), &identity).unwrap();
    let other = Member { address, ..Member::default() };
    let ask = || wire.vote(2, &other, VoteRequest::new(Vote::new(1, 1), None));

    assert_eq!(ask().await.unwrap_err(), Lost::Unreachable);
    let append: AppendEntriesRequest<Types> = AppendEntriesRequest {
        vote: Vote::new_committed(1, 1),
        prev_log_id: None,
        entries: Vec::new(),
        leader_commit: None,
    };
    assert_eq!(wire.append(2, &other, append).await.unwrap_err(), Lost::Unreachable);
    assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock, "nobody was called");

    seat.bind();
    // It calls, and nobody answers there.
    ask().await.unwrap_err();
    listener.accept().unwrap();
    log.close();
}
