//! Everything the register knows, as plain data. [`mod@crate::update`] changes it, [`mod@crate::ui`] draws it.

pub mod burst;
pub mod cart;
pub mod carts;
pub mod cash;
pub mod catalogue;
pub mod consent;
pub mod debts;
pub mod forms;
pub mod held;
pub mod keys;
pub mod labels;
pub mod offline;
pub mod outbox;
pub mod papers;
pub mod people;
pub mod pulse;
pub mod receipts;
pub mod returns;
pub mod scan;
pub mod sold;
pub mod stock;

use jiff::civil::Date;
use tillwatch_desk::connection::{Connection, Link};
use tillwatch_desk::failure::Failure;
use tillwatch_desk::settings::Settings;
use tillwatch_desk::toasts::Toasts;
use tillwatch_desk::{Lang, Theme, format, sign_in};
use tillwatch_shared::api::{Person, Product, Store};
use tillwatch_shared::time::{DEFAULT_ZONE, MINUTE, SECOND};
use tillwatch_shared::{Cents, CommandId, ProductId, UtcMicros};

use cart::Cart;
use carts::{CartDialog, Carts, KeptCart};
use cash::{CashDesk, CashForm};
use catalogue::Catalogue;
use debts::{Debts, DebtsForm};
use forms::{AmountForm, EntryForm, Part, PayForm, ProductForm, QuantityForm, Trouble};
use keys::{Keymap, KeysForm};
use offline::{Known, Memory, Offline};
use outbox::{Outbox, OutboxForm, Parcel};
use people::{Identity, People};
use pulse::Pulse;
use receipts::{Receipts, ReceiptsDialog};
use returns::ReturnForm;
use scan::{Reader, ReaderForm};
use sold::Sold;
use stock::{StockDesk, StockForm};

use crate::people_texts::Text as PeopleText;
use crate::texts::Text;
use crate::till_file::rescue::Rescued;

/// Between two tries of a catalogue that did not come.
pub const RETRY_EVERY_MICROS: i64 = 5 * SECOND;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Screen {
    #[default]
    SignIn,
    ChooseStore,
    Till,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Dialog {
    Product(ProductForm),
    Entry(EntryForm),
    Stock(StockForm),
    Quantity(QuantityForm),
    Amount(AmountForm),
    Cart(CartDialog),
    Cash(Box<CashForm>),
    Debts(Box<DebtsForm>),
    Return(Box<ReturnForm>),
    Menu,
    Keys(KeysForm),
    Reader(ReaderForm),
    Outbox(OutboxForm),
    CancelSale,
    Receipts(ReceiptsDialog),
}

impl Dialog {
    /// The command whose answer the dialog waits for.
    pub fn waiting(&self) -> Option<CommandId> {
        match self {
            Self::Product(form) => form.trouble.waiting,
            Self::Entry(form) => form.trouble.waiting,
            Self::Amount(form) => form.trouble.waiting,
            Self::Stock(form) => form.trouble().and_then(|trouble| trouble.waiting),
            Self::Cart(CartDialog::Approval(form)) => form.waiting,
            Self::Cash(form) => form.trouble.waiting,
            Self::Debts(form) => form.trouble.waiting,
            Self::Return(form) => {
                form.trouble.waiting.or_else(|| form.consent.as_ref().and_then(|consent| consent.waiting))
            }
            Self::Cart(CartDialog::Discount(_) | CartDialog::Customer(_) | CartDialog::Aside(_))
            | Self::Quantity(_)
            | Self::Menu
            | Self::Keys(_)
            | Self::Reader(_)
            | Self::Outbox(_)
            | Self::CancelSale
            | Self::Receipts(_) => None,
        }
    }

    /// What went wrong with what was sent from it; only forms send.
    pub const fn trouble_mut(&mut self) -> Option<&mut Trouble> {
        match self {
            Self::Product(form) => Some(&mut form.trouble),
            Self::Entry(form) => Some(&mut form.trouble),
            Self::Amount(form) => Some(&mut form.trouble),
            Self::Stock(form) => form.trouble_mut(),
            Self::Debts(form) => Some(&mut form.trouble),
            Self::Return(form) => Some(&mut form.trouble),
            Self::Cash(form) => Some(&mut form.trouble),
            Self::Quantity(_)
            | Self::Cart(_)
            | Self::Menu
            | Self::Keys(_)
            | Self::Reader(_)
            | Self::Outbox(_)
            | Self::CancelSale
            | Self::Receipts(_) => None,
        }
    }
}

/// The search line and what it finds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Search {
    pub text: String,
    pub hits: Vec<ProductId>,
    pub selected: usize,
    /// Why the line that was entered adds nothing.
    pub notice: Option<Notice>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// This code or these words; of a label of the scale, the code that is on it.
    NotFound(String),
    QuantityBad(String),
    Refused(cart::CartError),
}

/// The sale just made. Gone at the next scan.
#[derive(Clone, Debug, PartialEq)]
pub struct Confirmation {
    pub command: CommandId,
    /// Absent while the server has not confirmed it.
    pub number: Option<i64>,
    pub total: Cents,
    pub change: Cents,
}

/// Loading the catalogue, and following the changes after it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Feed {
    /// Up to where the changes are known; absent while the catalogue loads.
    pub after: Option<i64>,
    /// The catalogue is being loaded; how many products came.
    pub loading: Option<usize>,
    pub failure: Option<Failure>,
    /// When the catalogue was last asked for.
    pub asked_at: Option<UtcMicros>,
    /// Counts the loads, so that answers to an abandoned one are told apart.
    pub round: u64,
}

/// What the till's file held when the window opened.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Kept {
    /// What has still to be told to the server.
    pub parcels: Vec<Parcel>,
    pub goods: Option<Memory>,
    /// Who this till is to the server.
    pub identity: Option<Identity>,
    /// Whom the server has let in here.
    pub people: Vec<Known>,
    /// A damaged file was put aside.
    pub rescued: Option<Rescued>,
    /// Sales that were not finished.
    pub carts: Vec<KeptCart>,
    pub cash: CashDesk,
    pub stock: StockDesk,
    pub debts: Debts,
}

#[derive(Clone, Debug, Default)]
pub struct State {
    pub settings: Settings,
    /// The settings differ from what is on disk.
    pub settings_dirty: bool,
    /// Made from the settings.
    pub keys: Keymap,
    pub reader: Reader,
    pub screen: Screen,
    pub sign_in: sign_in::State,
    pub person: Option<Person>,
    pub stores: Vec<Store>,
    /// Which of `stores` is highlighted while choosing.
    pub store_row: usize,
    pub store: Option<Store>,
    pub connection: Connection,
    pub toasts: Toasts,
    pub catalogue: Catalogue,
    pub feed: Feed,
    pub pulse: Pulse,
    pub search: Search,
    pub cart: Cart,
    pub carts: Carts,
    pub pay: Option<PayForm>,
    pub dialog: Option<Dialog>,
    pub outbox: Outbox,
    /// Lists and transfers.
    pub stock: StockDesk,
    /// Who owes the store.
    pub debts: Debts,
    pub offline: Offline,
    pub people: People,
    /// What was last asked about the sales made here.
    pub sold: Sold,
    pub receipts: Receipts,
    pub cash: CashDesk,
    pub confirmation: Option<Confirmation>,
    /// Where the keyboard focus goes in the next frame.
    pub focus: Option<Part>,
    /// The window is to close while commands are not settled: the person is asked, over whatever is open.
    pub asks_to_leave: bool,
    /// The person wants the window closed although commands are not settled.
    pub leaving: bool,
    pub now: UtcMicros,
}

impl State {
    /// `server` is what the command line says; what was used last otherwise.
    pub fn new(
        settings: Settings,
        server: Option<String>,
        device: String,
        kept: Kept,
        now: UtcMicros,
    ) -> Self {
        let address = server
            .or_else(|| settings.server.clone())
            .unwrap_or_else(|| tillwatch_desk::link::DEFAULT_SERVER.to_owned());
        let sign_in = sign_in::State::new(address, settings.username.clone(), device);
        let offline = Offline { goods: kept.goods, ..Offline::default() };
        let people = People::new(kept.identity, kept.people, now);
        let (keys, outbox) = (Keymap::of(&settings.keys), Outbox::of(kept.parcels));
        let reader = Reader::of(&settings);
        let carts = Carts::of(kept.carts, |sale| outbox.get(sale).is_some());
        let mut state =
            Self { settings, keys, reader, sign_in, carts, outbox, offline, people, now, ..Self::default() };
        (state.cash, state.stock, state.debts) = (kept.cash, kept.stock, kept.debts);
        if let Some(rescued) = kept.rescued {
            let words = PeopleText::rescued(&rescued, state.lang());
            state.toasts.problem(words);
        }
        state
    }

    /// Nobody is at the till: a password or a PIN is typed.
    pub fn asks_for_secrets(&self) -> bool {
        self.people.lock.is_some() || self.screen != Screen::Till
    }

    pub const fn lang(&self) -> Lang {
        self.settings.lang
    }

    /// Shops are bright.
    pub const fn theme(&self) -> Theme {
        match self.settings.theme {
            Some(theme) => theme,
            None => Theme::Light,
        }
    }

    /// What this till calls itself.
    pub fn till_name(&self) -> String {
        self.settings.till.clone().unwrap_or_else(|| Text::DefaultTill.get(self.lang()).to_owned())
    }

    /// The day by the calendar of this till's store.
    pub fn today(&self) -> Date {
        let zone = self.store.as_ref().map_or(DEFAULT_ZONE, |store| store.zone.as_str());
        self.now.timestamp().to_zoned(format::zone(zone)).date()
    }

    /// What a product costs here and now.
    pub fn price(&self, product: &Product) -> Cents {
        let store = self.store.as_ref();
        store.map_or(product.price_cents, |store| product.price_on(store.id, self.today()))
    }

    /// How old the balances are, while the server is away and they may have changed elsewhere.
    pub fn stock_age_micros(&self) -> Option<i64> {
        let heard_at = self.connection.last_answer_at().or(self.offline.goods_heard_at);
        heard_at.filter(|_| self.connection.is_offline()).map(|at| self.now.since(at))
    }

    pub fn is_demo(&self) -> bool {
        self.sign_in.is_demo()
    }

    pub fn selected_product(&self) -> Option<&catalogue::Item> {
        self.search.hits.get(self.search.selected).and_then(|id| self.catalogue.get(*id))
    }

    /// When something changes on the screen or is due although nothing happens.
    pub fn next_wake(&self) -> UtcMicros {
        let next_minute = UtcMicros((self.now.0.div_euclid(MINUTE) + 1) * MINUTE);
        // Seconds are told only while they are few.
        let fresh_silence = match self.connection.link() {
            Link::Offline { since } => self.now.since(since) < MINUTE,
            Link::Unknown | Link::Online { .. } => false,
        };
        let age = if fresh_silence || !self.outbox.is_empty() {
            self.now.plus(RETRY_EVERY_MICROS)
        } else {
            next_minute
        };
        let failed_at = match self.screen {
            Screen::SignIn => self.sign_in.asked_at.filter(|_| self.sign_in.server.failure().is_some()),
            Screen::ChooseStore => None,
            Screen::Till => self.feed.asked_at.filter(|_| self.feed.failure.is_some()),
        };
        let failed_at = self.offline.signed_in_here.or(failed_at);
        let retry = failed_at.map_or(next_minute, |at| at.plus(RETRY_EVERY_MICROS));
        let toast = self.toasts.next_end().unwrap_or(next_minute);
        // What is overdue waits for an answer, which wakes the window by itself.
        let soonest = self.now.plus(SECOND / 2);
        let lock = self.people.locks_at(self.settings.lock_after_minutes).unwrap_or(next_minute);
        next_minute.min(age).min(retry.max(soonest)).min(toast.max(soonest)).min(lock.max(soonest))
    }
}
