//! Forms in which a manager sets things up. A form is plain data: its fields as text, what was there before, and
//! the command that comes of it. What is about to change is shown once more before it is sent.

mod alarms;
mod build;
mod order;
mod sensor_notes;

use jiff::tz::TimeZone;
use tillwatch_desk::Lang;
use tillwatch_desk::failure::Failure;
use tillwatch_desk::remote::Remote;
use tillwatch_shared::api::{
    AlarmRuleSettings, AnnotationWithdrawal, CalibrationWithdrawal, DiscountLimits, NewAcknowledgement,
    NewAnnotation, NewApiKey, NewCalibration, NewPerson, NewProduct, NewStore, PersonChange, PriceList,
    ProductChange, QuietTimeSettings, RehearsalLine, SensorSettings, StoreChange,
};
use tillwatch_shared::discount::Percent;
use tillwatch_shared::ids::AnnotationId;
use tillwatch_shared::{
    AlarmId, AlarmRuleId, ApiKeyId, CommandId, PersonId, ProductId, QuietTimeId, SensorId, StoreId, TillId,
    UtcMicros,
};

pub use self::alarms::rewatch;
pub use self::build::open;
use crate::alarm_texts::Text as Alarms;
use crate::asking::Wait;
use crate::lists::Topic;
use crate::lists_texts::Word;
use crate::manage_texts::Text;
use crate::sensor_notes_texts::Text as Notes;

/// What a form is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    NewProduct,
    Product(ProductId),
    /// What it costs on some days, in one store or in all.
    Prices(ProductId),
    NewStore,
    Store(StoreId),
    Limits(StoreId),
    NewPerson,
    Person(PersonId),
    Sensor(SensorId),
    NewKey,
    RevokeKey(ApiKeyId),
    ShutOutTill(TillId),
    Acknowledge(AlarmId),
    NewRule,
    Rule(AlarmRuleId),
    RemoveRule(AlarmRuleId),
    NewQuiet,
    EndQuiet(QuietTimeId),
    Calibrate(SensorId),
    /// The one that counts from that moment on.
    WithdrawCalibration(SensorId, UtcMicros),
    Annotate(SensorId),
    WithdrawNote(AnnotationId),
}

/// Which field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    Name,
    Username,
    Password,
    Pin,
    Cpf,
    Role,
    Stores,
    Active,
    Code,
    Unit,
    Price,
    Minimum,
    Chain,
    Cnpj,
    Zone,
    SellerLimit,
    ManagerLimit,
    AdminLimit,
    Store,
    Kept,
    FirstDay,
    LastDay,
    StandsIn,
    Low,
    High,
    Scopes,
    Expires,
    Reason,
    Action,
    Watch,
    Sensor,
    Measure,
    Limit,
    PerMinute,
    Minutes,
    Window,
    Margin,
    Days,
    Intervals,
    Entries,
    Percent,
    Recovery,
    Severity,
    Instructions,
    Hours,
    Offset,
    Certificate,
    IssuedOn,
    From,
    To,
}

/// What is offered: its key in the form, and its name.
pub type Choice = (String, String);

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    Text {
        hint: &'static str,
        limit: usize,
    },
    /// Money, quantities and the like: at the right.
    Amount {
        hint: &'static str,
    },
    /// At the right, and read with its sign whether it was typed or not.
    Percent,
    Secret,
    /// One of these.
    One(Vec<Choice>),
    /// Any of these; their keys, separated by spaces, are the value.
    Many(Vec<Choice>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    pub part: Part,
    pub label: Word,
    pub kind: Kind,
    pub value: String,
    /// What it was when the form was opened.
    pub before: String,
}

impl Field {
    /// The value as a person reads it.
    pub fn shown(&self, value: &str, lang: Lang) -> String {
        let nothing = || Text::Nothing.get(lang).to_owned();
        match &self.kind {
            Kind::Secret if value.is_empty() => nothing(),
            Kind::Secret => "••••".to_owned(),
            Kind::Text { .. } | Kind::Amount { .. } | Kind::Percent if value.trim().is_empty() => nothing(),
            Kind::Percent => {
                Percent::parse(value).map_or_else(|| value.trim().to_owned(), |percent| percent.to_string())
            }
            Kind::Text { .. } | Kind::Amount { .. } => value.trim().to_owned(),
            Kind::One(choices) | Kind::Many(choices) => {
                let keys: Vec<&str> = value.split(' ').collect();
                let chosen = choices.iter().filter(|(key, _)| keys.contains(&key.as_str()));
                let names: Vec<&str> = chosen.map(|(_, name)| name.as_str()).collect();
                if names.is_empty() { nothing() } else { names.join(", ") }
            }
        }
    }

    pub fn has(&self, key: &str) -> bool {
        self.value.split(' ').any(|one| one == key)
    }

    /// With that key put in or taken out.
    pub fn toggled(&self, key: &str) -> String {
        let mut keys: Vec<&str> =
            self.value.split(' ').filter(|one| !one.is_empty() && *one != key).collect();
        if !self.has(key) {
            keys.push(key);
        }
        keys.join(" ")
    }
}

/// The command that comes of a form.
#[derive(Clone, Debug, PartialEq)]
pub enum Order {
    NewProduct(NewProduct),
    ChangeProduct(ProductId, ProductChange),
    SetPrices(ProductId, PriceList),
    NewStore(NewStore),
    ChangeStore(StoreId, StoreChange),
    SetLimits(StoreId, DiscountLimits),
    NewPerson(NewPerson),
    ChangePerson(PersonId, PersonChange),
    SetSensor(SensorId, SensorSettings),
    NewKey(NewApiKey),
    RevokeKey(ApiKeyId),
    ShutOutTill(TillId),
    Acknowledge(AlarmId, NewAcknowledgement),
    /// A new rule if it has no id yet.
    SetRule(Option<AlarmRuleId>, AlarmRuleSettings),
    RemoveRule(AlarmRuleId),
    SetQuiet(QuietTimeSettings),
    EndQuiet(QuietTimeId),
    Calibrate(SensorId, NewCalibration),
    WithdrawCalibration(SensorId, CalibrationWithdrawal),
    Annotate(SensorId, NewAnnotation),
    WithdrawNote(AnnotationId, AnnotationWithdrawal),
}

/// Where a form is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Step {
    #[default]
    Filling,
    /// What is about to change is shown.
    Reviewing,
}

#[derive(Debug)]
pub struct Form {
    pub about: About,
    /// Whose or what it is: shown in the title.
    pub subject: String,
    pub fields: Vec<Field>,
    pub step: Step,
    /// Somebody tried to go on: what is wrong is shown.
    pub tried: bool,
    pub saving: bool,
    pub failure: Option<Failure>,
    /// What was sent last. The same again goes under the same id.
    pub sent: Option<(CommandId, Order)>,
    /// A new key's secret, which is shown this once.
    pub secret: Option<String>,
    /// When the rule would have fired, while it is reviewed.
    pub rehearsal: Remote<Vec<RehearsalLine>>,
    /// The rehearsal that counts.
    pub ticket: u64,
    /// How much of it is done, in percent, and since when it is waited for.
    pub rehearsed: f64,
    pub wait: Wait,
    /// When it was opened, by the server's clock.
    pub opened_at: UtcMicros,
    /// The zone of the times that are typed.
    zone: TimeZone,
    /// The price lists of the product whose prices these are.
    lists: Vec<PriceList>,
}

/// Why a form cannot be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wrong {
    pub part: Part,
    pub why: Word,
}

impl Form {
    pub fn value(&self, part: Part) -> &str {
        self.fields.iter().find(|field| field.part == part).map_or("", |field| field.value.trim())
    }

    fn changed(&self, part: Part) -> bool {
        self.fields.iter().any(|field| field.part == part && field.value.trim() != field.before.trim())
    }

    /// The fields that are not as they were.
    pub fn changes(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| field.value.trim() != field.before.trim())
    }

    pub fn set(&mut self, part: Part, value: String, lang: Lang) {
        if let Some(field) = self.fields.iter_mut().find(|field| field.part == part) {
            field.value = value;
        }
        if part == Part::Store && matches!(self.about, About::Prices(_)) {
            build::offer_periods(self, lang);
        }
    }

    /// What is wrong in it, once somebody has tried.
    pub fn wrong(&self) -> Option<Wrong> {
        self.order().err().filter(|_| self.tried)
    }

    /// It takes something away for good, so that its question comes first and the safe answer is the default.
    pub fn is_danger(&self) -> bool {
        self.about.card().danger.is_some()
    }

    /// The list in which it shows.
    pub fn topic(&self) -> Topic {
        self.about.card().topic
    }
}

/// How a form presents itself.
#[derive(Clone, Copy, Debug)]
pub struct Card {
    /// The list in which what it does shows.
    pub topic: Topic,
    pub title: Word,
    /// What is worth knowing before.
    pub hint: Option<Word>,
    /// It takes something away for good.
    pub danger: Option<Danger>,
}

#[derive(Clone, Copy, Debug)]
pub struct Danger {
    /// What is lost, by `name`.
    pub loses: Word,
    /// On the button that does it.
    pub now: Word,
}

impl Card {
    fn new(topic: Topic, title: impl Into<Word>) -> Self {
        Self { topic, title: title.into(), hint: None, danger: None }
    }

    fn hint(topic: Topic, title: impl Into<Word>, hint: impl Into<Word>) -> Self {
        Self { hint: Some(hint.into()), ..Self::new(topic, title) }
    }

    fn danger(topic: Topic, title: impl Into<Word>, loses: impl Into<Word>, now: impl Into<Word>) -> Self {
        let danger = Some(Danger { loses: loses.into(), now: now.into() });
        Self { danger, ..Self::new(topic, title) }
    }
}

impl About {
    pub fn card(&self) -> Card {
        match self {
            Self::NewProduct | Self::Product(_) => Card::new(Topic::Products, Text::ProductTitle),
            Self::Prices(_) => Card::new(Topic::Products, Text::PricesTitle),
            Self::NewStore | Self::Store(_) => Card::new(Topic::Stores, Text::StoreTitle),
            Self::Limits(_) => Card::new(Topic::Stores, Text::LimitsTitle),
            Self::NewPerson | Self::Person(_) => Card::new(Topic::People, Text::PersonTitle),
            Self::Sensor(_) => Card::new(Topic::Sensors, Text::SensorTitle),
            Self::NewKey => Card::new(Topic::Keys, Text::KeyTitle),
            Self::RevokeKey(_) => {
                Card::danger(Topic::Keys, Text::RevokeTitle, Text::RevokeLoses, Text::RevokeNow)
            }
            Self::ShutOutTill(_) => {
                Card::danger(Topic::Tills, Text::ShutOutTitle, Text::ShutOutLoses, Text::ShutOutNow)
            }
            Self::Acknowledge(_) => Card::new(Topic::Alarms, Alarms::AcknowledgeTitle),
            Self::NewRule | Self::Rule(_) => Card::new(Topic::Rules, Alarms::RuleTitle),
            Self::RemoveRule(_) => {
                Card::danger(Topic::Rules, Alarms::RemoveTitle, Alarms::RemoveLoses, Alarms::RemoveNow)
            }
            Self::Calibrate(_) => Card::hint(Topic::Sensors, Notes::CalibrationTitle, Notes::CalibrationHint),
            Self::WithdrawCalibration(..) => {
                Card::hint(Topic::Sensors, Notes::WithdrawCalibrationTitle, Notes::WithdrawHint)
            }
            Self::Annotate(_) => Card::new(Topic::Sensors, Notes::AnnotationTitle),
            Self::WithdrawNote(_) => {
                Card::hint(Topic::Sensors, Notes::WithdrawNoteTitle, Notes::WithdrawHint)
            }
            Self::NewQuiet => Card::new(Topic::Quiet, Alarms::QuietTitle),
            Self::EndQuiet(_) => {
                Card::danger(Topic::Quiet, Alarms::EndTitle, Alarms::EndLoses, Alarms::EndNow)
            }
        }
    }
}

/// What a person does in a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormAct {
    Open(About),
    Set(Part, String),
    /// To the review, and from there to the server.
    Go,
    /// Enough of the rehearsal.
    Stop,
    /// The rehearsal that was stopped, or failed, from its beginning.
    Again,
    Back,
    Close,
}
