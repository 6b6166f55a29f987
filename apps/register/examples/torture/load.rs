//! A large catalogue from a real server, and another person at the till where the server decides. Nothing is killed
//! here.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use tillwatch_desk::sign_in;
use tillwatch_register::input::Input;
use tillwatch_register::state::people::PeopleInput;
use tillwatch_register::state::{Screen, State};
use tillwatch_shared::CommandId;
use tillwatch_shared::api::SignIn;
use tillwatch_shared::client::{Client, ClientOptions, ImportAsk};
use tillwatch_shared::limits::IMPORT_ROWS;

use super::till::Till;
use super::{Outcome, life};

/// How long anything may take before the measurement is given up.
const PATIENCE: Duration = Duration::from_mins(10);
/// Rows of a sheet in one request.
const PIECE: u64 = 1_000;
/// A seller and a manager of the demonstration, and PINs for them.
const PEOPLE: [(&str, &str); 2] = [("ana", "4821"), ("lucas", "7392")];
/// Changes of the person.
const CHANGES: usize = 20;

/// The server has so many products, made as a shop would: from sheets.
pub async fn fill(address: &str, products: usize) -> Outcome<()> {
    let servers = vec![format!("http://{address}")];
    let client = Client::new(&ClientOptions { servers, request_timeout: PATIENCE, ..Default::default() })?;
    let (username, password) = ("lucas".to_owned(), life::SECRET.to_owned());
    client.sign_in(CommandId::now(), &SignIn { username, password, device: None, till: None }).await?;
    let numbers: Vec<usize> = (1..=products).collect();
    for part in numbers.chunks(IMPORT_ROWS) {
        let mut sheet = "nome;codigo;unidade;preco\n".to_owned();
        for number in part {
            let cents = 100 + number % 9000;
            writeln!(
                sheet,
                "Biscoito Três Corações {number} 500 g;C{number:06};un;{},{:02}",
                cents / 100,
                cents % 100
            )?;
        }
        let (command, mut after) = (Some(CommandId::now()), Some(0));
        while let Some(row) = after {
            let ask = ImportAsk { command, after: row, limit: Some(PIECE), kept: None };
            after = client.import_products(sheet.as_bytes(), ask).await?.next;
        }
    }
    client.sign_out().await?;
    Ok(())
}

/// With the server's own command line, while it does not run.
pub fn give_pins(program: &Path, data: &Path, scratch: &Path) -> Outcome<()> {
    let file = scratch.join("pin");
    for (username, pin) in PEOPLE {
        fs::write(&file, pin)?;
        let mut command = Command::new(program);
        command.arg("--data-dir").arg(data).args(["user", "pin", username, "--pin-file"]).arg(&file);
        if !command.output()?.status.success() {
            return Err(format!("{username} got no PIN").into());
        }
    }
    Ok(())
}

/// A new till: from the choice of the store until all is there and can be sold; then people change.
pub fn measure(folder: &Path, address: &str, products: usize) -> Outcome<()> {
    let mut till = Till::open(folder, &format!("http://{address}"), 1, None)?;
    till.act(Input::Start)?;
    let [seller, manager] = PEOPLE;
    till.enter(seller)?;
    till.until(|state| state.screen == Screen::ChooseStore)?;
    let chosen = Instant::now();
    till.act(Input::ChooseStore(0))?;
    till.until(|state| state.feed.after.is_some())?;
    let loaded = chosen.elapsed();
    till.act(Input::Search(format!("c{products:06}")))?;
    till.act(Input::EnterLine)?;
    let usable = chosen.elapsed();
    if till.state.catalogue.len() < products || till.state.cart.is_empty() {
        return Err(format!("only {} products can be sold", till.state.catalogue.len()).into());
    }
    till.act(Input::RemoveLine)?;
    println!(
        "first load, {} products from the server: all there after {:.2} s, one in the cart after {:.2} s",
        till.state.catalogue.len(),
        loaded.as_secs_f64(),
        usable.as_secs_f64()
    );
    till.act(Input::SignOut)?;
    till.until(|state| state.screen == Screen::SignIn)?;
    till.enter(manager)?;
    // With the catalogue: else each change would load it anew.
    till.until(|state| state.people.known().len() == PEOPLE.len() && state.feed.after.is_some())?;
    let mut times = Vec::new();
    for (username, pin) in [seller, manager].into_iter().cycle().take(CHANGES) {
        times.push(till.change_to(username, pin)?);
    }
    times.sort_unstable();
    let at = |place: usize| times.get(place).copied().unwrap_or_default().as_secs_f64();
    println!(
        "another person by PIN, where the server decides: {:.2} s (median of {CHANGES}; longest {:.2} s)",
        at(CHANGES / 2),
        at(CHANGES - 1)
    );
    Ok(())
}

impl Till {
    fn enter(&mut self, (username, pin): (&str, &str)) -> Outcome<()> {
        self.until(|state| state.sign_in.server.value().is_some() && !state.sign_in.busy)?;
        for (place, text) in [(sign_in::Place::Username, username), (sign_in::Place::Password, pin)] {
            self.act(Input::SignIn(sign_in::Input::Text(place, text.to_owned())))?;
        }
        self.act(Input::SignIn(sign_in::Input::Submit))
    }

    /// From Enter behind the PIN to the till in the person's hands.
    fn change_to(&mut self, username: &str, pin: &str) -> Outcome<Duration> {
        self.act(Input::People(PeopleInput::Lock))?;
        let known = self.state.people.known();
        let row = known.iter().position(|known| known.person.username == username).ok_or("nobody")?;
        self.act(Input::People(PeopleInput::Choose(row)))?;
        self.act(Input::People(PeopleInput::Secret(pin.to_owned())))?;
        let entered = Instant::now();
        self.act(Input::People(PeopleInput::Unlock))?;
        self.until(|state| state.people.lock.as_ref().is_none_or(|lock| lock.barrier.is_some()))?;
        let took = entered.elapsed();
        let person = self.state.person.as_ref().map(|person| person.username.as_str());
        let here = self.state.screen == Screen::Till && self.state.people.lock.is_none();
        if !here || person != Some(username) || self.state.offline.signed_in_here.is_some() {
            return Err(
                format!("{username} was not let in by the server: {:?}", self.state.people.lock).into()
            );
        }
        Ok(took)
    }

    fn until(&mut self, done: impl Fn(&State) -> bool) -> Outcome<()> {
        let begun = Instant::now();
        while !done(&self.state) {
            self.hear()?;
            self.breathe();
            if begun.elapsed() > PATIENCE {
                return Err("it takes too long".into());
            }
        }
        Ok(())
    }
}
