//! What a row of a sheet of products comes to: compared with the shop as it is, and as the rows before will leave
//! it. Reads the ledger and changes nothing: what is to be done is a command like any other.

use std::collections::HashMap;

use jiff::civil::Date;
use rusqlite::Connection;
use tillwatch_shared::api::{
    Event, ImportChange, ImportFault, ImportFaultCode as Code, ImportOutcome, ImportedRow, NewProduct,
    PriceList, PricePeriod, Product, ProductChange, ProductColumn as Column, Store,
};
use tillwatch_shared::product_sheet::{SheetRow, answer, written_day};
use tillwatch_shared::{CommandId, ProductId, Quantity, StoreId, UtcMicros, barcode, names};

use crate::domain::prices::SetPrices;
use crate::domain::products::{AddProduct, ChangeProduct};
use crate::domain::{Payload, Rejection};
use crate::http::ApiError;
use crate::language::Language;
use crate::ledger::queries::{changes, products};

/// A row that was looked at.
#[derive(Debug)]
pub struct Planned {
    pub row: ImportedRow,
    /// What is to be done for it, under this id.
    pub command: Option<(CommandId, Payload)>,
}

/// Looks at one row after the other.
#[derive(Debug)]
pub struct Planner<'a> {
    db: &'a Connection,
    stores: &'a [Store],
    language: Language,
    /// What was done for a row before, under the same id, is told instead of being done again.
    done_counts: bool,
    ahead: Ahead,
    seen: Seen,
}

/// What earlier rows of the file were about, and their lines. What would undo an earlier row is refused: the file
/// would never come to rest.
#[derive(Debug, Default)]
pub struct Seen {
    /// A product, or its price in a list from a day on.
    about: HashMap<(ProductId, Option<String>, Option<Date>), u64>,
    /// Products that a row knows by their name.
    by_name: HashMap<ProductId, u64>,
}

/// Products as the rows before leave them.
#[derive(Debug, Default)]
struct Ahead {
    products: HashMap<ProductId, Product>,
    by_code: HashMap<String, ProductId>,
    by_name: HashMap<String, ProductId>,
}

/// What a row comes to.
enum Step {
    Do(ImportOutcome, Vec<ImportChange>, Box<Payload>, Box<Product>),
    Same(Box<Product>),
    Refuse(Vec<ImportFault>),
}

impl<'a> Planner<'a> {
    /// For a caller who works in these stores, after rows that are done.
    pub fn new(
        db: &'a Connection,
        stores: &'a [Store],
        language: Language,
        done_counts: bool,
        seen: Seen,
    ) -> Self {
        Self { db, stores, language, done_counts, ahead: Ahead::default(), seen }
    }

    /// Notes a row that is done.
    pub fn pass(&mut self, row: &SheetRow) -> rusqlite::Result<()> {
        let product = if row.faults.is_empty() { self.product_of(row)? } else { None };
        if let Some(product) = product {
            self.see(row, product.id);
        }
        Ok(())
    }

    /// What was seen up to now.
    pub fn into_seen(self) -> Seen {
        self.seen
    }

    /// Notes what a row is about; the line of an earlier row about the same.
    fn see(&mut self, row: &SheetRow, product: ProductId) -> Option<u64> {
        let about = (product, row.store.as_deref().map(names::fold), row.from);
        if row.code.is_none() {
            self.seen.by_name.entry(product).or_insert(row.line);
        }
        let line = *self.seen.about.entry(about).or_insert(row.line);
        Some(line).filter(|line| *line != row.line)
    }

    /// What the row comes to, under this id.
    pub fn plan(&mut self, row: &SheetRow, id: CommandId) -> rusqlite::Result<Planned> {
        if self.done_counts
            && let Some(event) = changes::outcome_of(self.db, id)?
        {
            let (outcome, product) = done(event);
            if let Some(product) = &product {
                self.see(row, product.id);
            }
            return Ok(Planned { row: told(row, outcome, product.as_ref()), command: None });
        }
        let step = self.step(row, id)?;
        let (outcome, changes, payload, product, faults) = match step {
            Step::Do(outcome, changes, payload, product) => match payload.check() {
                Ok(()) => (outcome, changes, Some(payload), Some(product), Vec::new()),
                Err(rejection) => (
                    ImportOutcome::Refused,
                    Vec::new(),
                    None,
                    None,
                    vec![not_taken(rejection, self.language)],
                ),
            },
            Step::Same(product) => (ImportOutcome::Same, Vec::new(), None, Some(product), Vec::new()),
            Step::Refuse(faults) => (ImportOutcome::Refused, Vec::new(), None, None, faults),
        };
        let faults = faults.into_iter().map(|fault| in_words(fault, self.language)).collect();
        let row = ImportedRow { changes, faults, ..told(row, outcome, product.as_deref()) };
        if let Some(product) = product {
            self.ahead.put(*product);
        }
        Ok(Planned { row, command: payload.map(|payload| (id, *payload)) })
    }

    fn step(&mut self, row: &SheetRow, id: CommandId) -> rusqlite::Result<Step> {
        if !row.faults.is_empty() {
            return Ok(Step::Refuse(row.faults.clone()));
        }
        let found = self.product_of(row)?;
        let about = found.as_ref().map_or(ProductId(id.0), |product| product.id);
        if let Some(line) = self.see(row, about) {
            return Ok(Step::Refuse(vec![ImportFault::new(None, Code::Repeated, line.to_string())]));
        }
        Ok(match found {
            Some(product) if row.is_of_list() => self.price_of_list(row, product),
            None if row.is_of_list() => refuse(Column::Code, Code::UnknownProduct),
            Some(product) => self.change(row, product)?,
            None => self.add(row, id)?,
        })
    }

    /// The product with the row's code or, where nothing has that code, the one with its name that has none.
    fn product_of(&self, row: &SheetRow) -> rusqlite::Result<Option<Product>> {
        let by_code = match &row.code {
            Some(code) => self.by_code(code)?,
            None => None,
        };
        if by_code.is_some() {
            return Ok(by_code);
        }
        let Some(name) = &row.name else { return Ok(None) };
        Ok(self.by_name(name)?.filter(|product| row.code.is_none() || product.code.is_none()))
    }

    fn add(&self, row: &SheetRow, id: CommandId) -> rusqlite::Result<Step> {
        let missing = |column| ImportFault::at(column, Code::Missing);
        let (Some(name), Some(price)) = (&row.name, row.price) else {
            let lacks = [(row.name.is_none(), Column::Name), (row.price.is_none(), Column::Price)];
            let faults = lacks.into_iter().filter(|(lacks, _)| *lacks).map(|(_, column)| missing(column));
            return Ok(Step::Refuse(faults.collect()));
        };
        if row.active == Some(false) {
            return Ok(refuse(Column::Active, Code::NewInactive));
        }
        if let Some(other) = self.by_name(name)? {
            return Ok(Step::Refuse(vec![name_taken(&other)]));
        }
        let product = NewProduct {
            name: name.clone(),
            code: row.code.clone(),
            unit: row.unit.unwrap_or_default(),
            price_cents: price,
            minimum_thousandths: row.minimum.unwrap_or_default(),
        };
        let will_be = new_product(&product, id);
        let payload = Box::new(Payload::AddProduct(AddProduct { product }));
        Ok(Step::Do(ImportOutcome::New, Vec::new(), payload, Box::new(will_be)))
    }

    fn change(&self, row: &SheetRow, mut product: Product) -> rusqlite::Result<Step> {
        if let Some(name) = row.name.as_deref()
            && let Some(other) = self.by_name(name)?.filter(|other| other.id != product.id)
        {
            return Ok(Step::Refuse(vec![name_taken(&other)]));
        }
        let renames = row.name.as_deref().is_some_and(|name| names::fold(name) != names::fold(&product.name));
        if let Some(line) = self.seen.by_name.get(&product.id).filter(|_| renames) {
            return Ok(Step::Refuse(vec![ImportFault::new(
                Some(Column::Name),
                Code::Renamed,
                line.to_string(),
            )]));
        }
        let mut changes = Changes::default();
        let printed = |code: &String| barcode::printed(code).to_owned();
        let change = ProductChange {
            code: changes
                .of(Column::Code, row.code.clone().map(Some), &mut product.code, |code| {
                    code.as_ref().map(printed).unwrap_or_default()
                })
                .flatten(),
            name: changes.of(Column::Name, row.name.clone(), &mut product.name, String::clone),
            unit: changes.of(Column::Unit, row.unit, &mut product.unit, |unit| unit.symbol().to_owned()),
            price_cents: changes
                .of(Column::Price, row.price, &mut product.price_cents, |cents| cents.plain()),
            minimum_thousandths: changes.of(
                Column::Minimum,
                row.minimum,
                &mut product.minimum_thousandths,
                Quantity::to_string,
            ),
            active: changes.of(Column::Active, row.active, &mut product.active, |active| {
                answer(*active, self.language.picker()).to_owned()
            }),
        };
        if changes.0.is_empty() {
            return Ok(Step::Same(Box::new(product)));
        }
        let payload = Box::new(Payload::ChangeProduct(ChangeProduct { product_id: product.id, change }));
        Ok(Step::Do(ImportOutcome::Changed, changes.0, payload, Box::new(product)))
    }

    /// One price of a list: in place of the one that begins on the same day. The others of the list stay.
    fn price_of_list(&self, row: &SheetRow, mut product: Product) -> Step {
        let (Some(price_cents), Some(first_day)) = (row.price, row.from) else {
            return refuse(Column::From, Code::NoFirstDay);
        };
        let store_id = match row.store.as_deref().map(|name| self.store(name)) {
            None => None,
            Some(Ok(id)) => Some(id),
            Some(Err(code)) => return refuse(Column::Store, code),
        };
        let period = PricePeriod { price_cents, first_day, last_day: row.until };
        let place = product.price_lists.iter().position(|list| list.store_id == store_id);
        let mut list = match place.and_then(|place| product.price_lists.get(place)) {
            Some(list) => list.clone(),
            None => PriceList { store_id, periods: Vec::new() },
        };
        let before = list.periods.iter().position(|known| known.first_day == first_day);
        let before = before.map(|place| list.periods.remove(place));
        if before.as_ref() == Some(&period) {
            return Step::Same(Box::new(product));
        }
        let changes = changes_of_period(before.as_ref(), &period);
        list.periods.push(period);
        list.periods.sort_by_key(|period| period.first_day);
        match place {
            Some(place) => {
                product.price_lists.remove(place);
                product.price_lists.insert(place, list.clone());
            }
            None => product.price_lists.push(list.clone()),
        }
        let payload = Box::new(Payload::SetPrices(SetPrices { product_id: product.id, list }));
        Step::Do(ImportOutcome::Changed, changes, payload, Box::new(product))
    }

    fn store(&self, name: &str) -> Result<StoreId, Code> {
        let folded = names::fold(name);
        let mut found = self.stores.iter().filter(|store| names::fold(&store.name) == folded);
        match (found.next(), found.next()) {
            (None, _) => Err(Code::UnknownStore),
            (Some(store), None) => Ok(store.id),
            (Some(_), Some(_)) => Err(Code::StoreTwice),
        }
    }

    fn by_code(&self, code: &str) -> rusqlite::Result<Option<Product>> {
        let has = |product: &Product| product.code.as_deref() == Some(code);
        if let Some(product) = self.ahead.get(self.ahead.by_code.get(code)).filter(|product| has(product)) {
            return Ok(Some(product.clone()));
        }
        let known = products::by_code(self.db, code)?;
        Ok(known.filter(|product| !self.ahead.products.contains_key(&product.id)))
    }

    fn by_name(&self, name: &str) -> rusqlite::Result<Option<Product>> {
        let folded = names::fold(name);
        let has = |product: &Product| names::fold(&product.name) == folded;
        if let Some(product) = self.ahead.get(self.ahead.by_name.get(&folded)).filter(|product| has(product))
        {
            return Ok(Some(product.clone()));
        }
        let known = products::by_folded_name(self.db, &folded)?;
        Ok(known.filter(|product| !self.ahead.products.contains_key(&product.id)))
    }
}

impl Ahead {
    fn get(&self, id: Option<&ProductId>) -> Option<&Product> {
        self.products.get(id?)
    }

    fn put(&mut self, product: Product) {
        if let Some(code) = &product.code {
            self.by_code.insert(code.clone(), product.id);
        }
        self.by_name.insert(names::fold(&product.name), product.id);
        self.products.insert(product.id, product);
    }
}

/// What a row changes, as it is told.
#[derive(Default)]
struct Changes(Vec<ImportChange>);

impl Changes {
    /// Takes over what the row says, and answers with it where it is something else than before.
    fn of<T: PartialEq + Clone>(
        &mut self,
        column: Column,
        said: Option<T>,
        known: &mut T,
        words: impl Fn(&T) -> String,
    ) -> Option<T> {
        let said = said.filter(|said| said != known)?;
        self.0.push(ImportChange { column, before: words(known), after: words(&said) });
        *known = said.clone();
        Some(said)
    }
}

fn changes_of_period(before: Option<&PricePeriod>, after: &PricePeriod) -> Vec<ImportChange> {
    let price = |period: &PricePeriod| period.price_cents.plain();
    let last_day = |period: &PricePeriod| period.last_day.map(written_day).unwrap_or_default();
    let told = |column, words: fn(&PricePeriod) -> String| {
        let (before, after) = (before.map(words).unwrap_or_default(), words(after));
        (before != after).then_some(ImportChange { column, before, after })
    };
    [told(Column::Price, price), told(Column::Until, last_day)].into_iter().flatten().collect()
}

fn refuse(column: Column, code: Code) -> Step {
    Step::Refuse(vec![ImportFault::at(column, code)])
}

fn name_taken(other: &Product) -> ImportFault {
    let known_as =
        other.code.as_deref().map(barcode::printed).map_or_else(|| other.name.clone(), str::to_owned);
    ImportFault::new(Some(Column::Name), Code::NameTaken, known_as)
}

/// A refusal of the ledger as what is wrong with a row.
pub fn not_taken(rejection: Rejection, language: Language) -> ImportFault {
    let row = ApiError::from(rejection).row();
    ImportFault::new(None, Code::NotTaken, row.text(language).detail())
}

pub fn in_words(fault: ImportFault, language: Language) -> ImportFault {
    let detail = match language {
        Language::Portuguese => fault.code.portuguese(&fault.about),
        Language::English => fault.code.english(&fault.about),
    };
    ImportFault { detail, ..fault }
}

fn told(row: &SheetRow, outcome: ImportOutcome, product: Option<&Product>) -> ImportedRow {
    let code = row.code.as_ref().or_else(|| product?.code.as_ref());
    let name = row.name.as_ref().or_else(|| product.map(|product| &product.name));
    ImportedRow {
        line: row.line,
        code: code.map(|code| barcode::printed(code).to_owned()),
        name: name.cloned().unwrap_or_default(),
        store: row.store.clone(),
        from: row.from,
        outcome,
        changes: Vec::new(),
        faults: Vec::new(),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "what a row was done with is one of three commands")]
fn done(event: Event) -> (ImportOutcome, Option<Product>) {
    match event {
        Event::ProductAdded(product) => (ImportOutcome::New, Some(product)),
        Event::ProductChanged(product) => (ImportOutcome::Changed, Some(product)),
        _ => (ImportOutcome::Changed, None),
    }
}

/// As it will be once its command is done.
fn new_product(product: &NewProduct, id: CommandId) -> Product {
    Product {
        id: ProductId(id.0),
        number: 0,
        name: product.name.clone(),
        code: product.code.clone(),
        unit: product.unit,
        price_cents: product.price_cents,
        minimum_thousandths: product.minimum_thousandths,
        active: true,
        created_at: UtcMicros(0),
        changed_at: UtcMicros(0),
        price_lists: Vec::new(),
    }
}
