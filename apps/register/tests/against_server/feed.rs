//! A till that starts again asks for what has changed, unless its server is not as it knew it.

use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

use tempfile::TempDir;
use tillwatch_register::State;
use tillwatch_register::input::Input;
use tillwatch_register::state::Screen;
use tillwatch_register::state::forms::Part;
use tillwatch_register::state::offline::Place;
use tillwatch_shared::{Cents, Quantity};

use crate::till::{Shop, Till, balance, item};

const PRODUCTS: &str = "GET /api/v1/products?";
const CHANGES: &str = "GET /api/v1/changes?";

/// What lies between a till and its server, and hears what the till asks.
#[derive(Clone)]
struct Wire {
    address: SocketAddr,
    server: Arc<Mutex<Option<SocketAddr>>>,
    heard: Arc<Mutex<Vec<u8>>>,
}

impl Wire {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let wire = Self { address, server: Arc::default(), heard: Arc::default() };
        let own = wire.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                own.join(stream);
            }
        });
        wire
    }

    fn lead_to(&self, server: SocketAddr) {
        *self.server.lock().unwrap() = Some(server);
    }

    /// Without a server nobody answers.
    fn join(&self, till: TcpStream) {
        let server = *self.server.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(server) = server.and_then(|server| TcpStream::connect(server).ok()) else { return };
        let (up, back) = (till.try_clone().unwrap(), server.try_clone().unwrap());
        let heard = Arc::clone(&self.heard);
        std::thread::spawn(move || pass(up, server, |bytes| heard.lock().unwrap().extend(bytes)));
        std::thread::spawn(move || pass(back, till, |_| ()));
    }

    /// How often the till asked for this since the last look.
    fn asked(&self, what: &str) -> usize {
        let heard = String::from_utf8_lossy(&self.heard.lock().unwrap()).into_owned();
        heard.matches(what).count()
    }

    fn look_away(&self) {
        self.heard.lock().unwrap().clear();
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream, mut hear: impl FnMut(&[u8])) {
    let mut room = [0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut room) {
        let bytes = room.get(..count).unwrap_or_default();
        hear(bytes);
        if to.write_all(bytes).is_err() {
            break;
        }
    }
    // Whoever is at the other end has gone meanwhile.
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}

fn price(state: &State, name: &str) -> Option<Cents> {
    item(state, name).map(|item| item.product.price_cents)
}

impl Till {
    /// The place in the changes up to which the goods on the disk are known.
    fn place(&self) -> Option<Place> {
        self.file.goods().unwrap().and_then(|goods| goods.place)
    }

    /// Sells so many packs of rice, and the disk knows it.
    fn sell_packs(&mut self, count: i64) {
        let left = balance(&self.state, "arroz").unwrap().0 - 1000 * count;
        self.add(&format!("{count}*arroz"));
        self.pay();
        self.wait("the sale in the changes", |state| {
            state.pay.is_none() && balance(state, "arroz") == Some(Quantity(left))
        });
        let seq = self.state.offline.place.unwrap().seq;
        self.on_disk("the place", |file| {
            file.goods().unwrap().and_then(|goods| goods.place).is_some_and(|place| place.seq >= seq)
        });
    }

    /// Signs in after the machine has started again.
    fn back(address: SocketAddr, folder: TempDir) -> Self {
        let mut till = Self::in_folder(address, folder);
        till.sign_in("admin");
        till
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_till_that_starts_again_asks_only_for_what_has_changed() {
    let mut shop = Shop::new();
    shop.served(|address| {
        let wire = Wire::new();
        wire.lead_to(address);
        let mut till = Till::new(wire.address);
        till.sign_up("admin");
        assert!(wire.asked(PRODUCTS) > 0, "the first time all of it is loaded");
        till.sell_packs(1);
        let folder = till.die();

        // The till is off, and another one changes a price, adds a product and sells.
        let mut other = Till::new(address);
        other.sign_in("admin");
        other.act(Input::Search("arroz".to_owned()));
        other.act(Input::EditProduct);
        other.typed(Part::Price, "31,00");
        other.act(Input::Submit);
        let is_done = |state: &State| state.dialog.is_none() && state.outbox.is_empty();
        other.wait("the new price", |state| is_done(state) && price(state, "arroz") == Some(Cents(3_100)));
        other.act(Input::Search("Vinagre de maçã".to_owned()));
        other.act(Input::OpenProduct);
        other.typed(Part::Price, "3,50");
        other.act(Input::Submit);
        let vinegar = |state: &State| price(state, "vinagre de maca") == Some(Cents(350));
        other.wait("the new product", |state| is_done(state) && vinegar(state));
        other.act(Input::Search(String::new()));
        other.sell_packs(2);
        let rice = balance(&other.state, "arroz");

        wire.look_away();
        let mut till = Till::back(wire.address, folder);
        till.wait("what the other till sold", |state| balance(state, "arroz") == rice);
        assert_eq!(price(&till.state, "arroz"), Some(Cents(3_100)));
        assert_eq!(balance(&till.state, "vinagre de maca"), Some(Quantity::ZERO));
        assert_eq!(wire.asked(PRODUCTS), 0, "nothing is loaded again");
        assert!(wire.asked(CHANGES) > 0);

        // Nor is it for whoever signs in next.
        till.act(Input::SignOut);
        till.wait("the server", |state| state.sign_in.server.value().is_some());
        till.words("admin", "1234");
        // The store is the one in which the till was last.
        till.wait("the changes", |state| state.screen == Screen::Till && state.feed.after.is_some());
        till.sell_packs(1);
        assert_eq!(balance(&till.state, "arroz").unwrap().0, rice.unwrap().0 - 1000);
        assert_eq!(wire.asked(PRODUCTS), 0);
        let round = till.state.feed.round;
        till.act(Input::Reload);
        till.wait("the catalogue", |state| state.feed.round > round && state.feed.after.is_some());
        assert!(wire.asked(PRODUCTS) > 0, "a person can have all of it loaded");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_was_restored_from_a_backup_is_loaded_anew() {
    let wire = Wire::new();
    let mut shop = Shop::new();
    let own = wire.clone();
    let first = shop.served(move |address| {
        own.lead_to(address);
        let mut till = Till::new(own.address);
        till.sign_up("admin");
        till.sell_packs(1);
        (balance(&till.state, "arroz").unwrap(), till.die())
    });
    let (rice, folder) = first.await;
    let backup = shop.copied();
    let own = wire.clone();
    let lost = shop.served(move |address| {
        own.lead_to(address);
        let mut till = Till::back(own.address, folder);
        till.sell_packs(3);
        (till.place().unwrap(), till.die())
    });
    let (place, folder) = lost.await;

    // The backup goes on without what came after it, and further than the lost ledger did.
    shop.restore(backup);
    shop.served(move |address| {
        let mut other = Till::new(address);
        other.sign_in("admin");
        while other.place().is_none_or(|known| known.seq <= place.reached) {
            other.sell_packs(1);
        }
        let sold = balance(&other.state, "arroz");
        assert!(sold < Some(rice));
        wire.lead_to(address);
        wire.look_away();
        let mut till = Till::back(wire.address, folder);
        assert!(wire.asked(PRODUCTS) > 0, "its place in the changes is another one's");
        till.wait("the balance of the backup", |state| balance(state, "arroz") == sold);
    })
    .await;
}

impl Shop {
    /// All that the server has, while it is not running.
    fn copied(&self) -> TempDir {
        let copy = tempfile::tempdir().unwrap();
        for entry in fs::read_dir(self.directory.path()).unwrap().flatten() {
            if entry.file_type().unwrap().is_file() {
                fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
            }
        }
        copy
    }

    fn restore(&mut self, copy: TempDir) {
        self.directory = copy;
    }
}
