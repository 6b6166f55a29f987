//! One that is left of three.

use std::fs;
use std::time::Duration;

use super::super::LOG_FILE;
use super::super::rescue::{self, Rest};
use super::net::{Net, add_chain, agree, chain, three};
use crate::ledger::backup::LEDGER_FILE;
use crate::ledger::{Ledger, SubmitError, member};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_its_log_holds_beyond_the_ledger_is_kept() {
    let net = Net::default();
    let mut seats = three(&net).await;
    add_chain(&seats[0].ledger(), "Agreed").await.unwrap();
    agree(&seats).await;
    let last = seats[1].group().raft.metrics().borrow().last_log_index.unwrap();
    // The second one hears the first, and is not heard: the first cannot know that two have it.
    net.part(&[3]);
    net.mute(2, 1);
    let command = chain("Under way");
    let (ledger, asked) = (seats[0].ledger(), command.clone());
    let told = tokio::spawn(async move { ledger.submit(asked).await });
    let wait = seats[1].group().raft.wait(Some(Duration::from_mins(1)));
    wait.log_index_at_least(Some(last + 1), "the second one has it in its log").await.unwrap();
    assert!(matches!(told.await.unwrap().unwrap_err(), SubmitError::Unknown));
    seats[1].stop().await;

    let folder = seats[1].folder();
    let before = rescue::look(folder).await.unwrap();
    assert_eq!((before.commands, before.end.map(|end| end.1)), (1, Some(last + 1)));
    assert_eq!(rescue::look(folder).await.unwrap(), before, "looking changes nothing");
    assert_eq!(rescue::apply(2, folder).await.unwrap(), before);
    // A second time there is nothing left, and without a log nothing at all.
    assert_eq!(rescue::apply(2, folder).await.unwrap(), Rest { commands: 0, ..before });
    member::forget_the_group(&folder.join(LEDGER_FILE)).unwrap();
    fs::remove_file(folder.join(LOG_FILE)).unwrap();
    assert_eq!(rescue::look(folder).await.unwrap(), Rest::default());
    let alone = Ledger::open(&folder.join(LEDGER_FILE)).unwrap();
    let again = alone.submit(command).await.unwrap();
    assert!(again.repeated, "it has its one outcome");
    assert_eq!(again.seq, alone.tip());
    alone.close();
    net.heal();
}
