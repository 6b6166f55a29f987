//! Members whose program speaks another form of the group's words.

use actix_web::{App, HttpResponse, HttpServer, web};
use tillwatch_server::group::file::GroupFile;
use tillwatch_server::group::identity::Identity;
use tillwatch_server::group::words::{HELLO, Turned};

use crate::common::program;
use crate::seats::Seats;

/// A member that says to whoever greets it that it is of another version.
fn other_form(seats: &Seats, place: usize) -> actix_web::dev::ServerHandle {
    let file = GroupFile::read(&seats.file(place)).unwrap();
    let identity = Identity::of(&file.secret).unwrap();
    let answer = async || {
        let turned: Result<(), Turned> = Err(Turned::OtherForm);
        HttpResponse::Ok().body(postcard::to_stdvec(&turned).unwrap())
    };
    let server = HttpServer::new(move || App::new().route(HELLO, web::post().to(answer)))
        .workers(1)
        .disable_signals()
        .bind_rustls_0_23(seats.address(place), (*identity.server).clone())
        .unwrap()
        .run();
    let handle = server.handle();
    tokio::spawn(server);
    handle
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_that_most_do_not_understand_says_so_and_ends() {
    let mut seats = Seats::new(3).await;
    seats.start_all();
    seats.all_count().await;
    for place in [0, 1] {
        seats.stop(place);
    }
    seats.kill(2);
    let others = [other_form(&seats, 0), other_form(&seats, 1)];
    let has_been_in = program::failure(&seats.command_to_serve(2));
    assert!(has_been_in.contains("another form of its words"), "{has_been_in}");
    std::fs::remove_dir_all(seats.folder(2)).unwrap();
    let is_new = program::failure(&seats.command_to_serve(2));
    assert!(is_new.contains("another form of its words"), "{is_new}");
    for other in others {
        other.stop(false).await;
    }
    // Among its like it is taken in.
    for place in 0..3 {
        seats.start(place);
    }
    seats.all_count().await;
}
