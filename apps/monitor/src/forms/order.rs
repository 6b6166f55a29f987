//! The command of a form, or what stands in its way.

use jiff::civil::Date;
use tillwatch_shared::api::{
    DiscountLimits, NewApiKey, NewPerson, NewProduct, NewStore, PersonChange, PricePeriod, ProductChange,
    SensorSettings, StoreChange, Unit,
};
use tillwatch_shared::discount::Percent;
use tillwatch_shared::tax_id::{Cnpj, Cpf};
use tillwatch_shared::time::{DEFAULT_ZONE, SECOND};
use tillwatch_shared::{Cents, Quantity, StoreId, UtcMicros, limits, names};

use super::build::{PLACES, ROLES, SCOPES, UNITS, YES, amount_or_zero, list, place_key, role_key, scope_key};
use super::{About, Form, Order, Part, Wrong};
use crate::lists_texts::Word;
use crate::manage_texts::Text;
use crate::reports::parse_day;

pub(super) type Outcome<T> = Result<T, Wrong>;

pub(super) fn wrong(part: Part, why: impl Into<Word>) -> Wrong {
    Wrong { part, why: why.into() }
}

/// The lowest temperature there is.
const ABSOLUTE_ZERO: f64 = -273.15;
const HOTTEST: f64 = 1_000.0;

impl Form {
    pub fn order(&self) -> Outcome<Order> {
        Ok(match &self.about {
            About::NewProduct => Order::NewProduct(self.new_product()?),
            About::Product(id) => Order::ChangeProduct(*id, self.product()?),
            About::Prices(id) => {
                let mut changed = list(self);
                changed.periods = self.periods(changed.periods)?;
                Order::SetPrices(*id, changed)
            }
            About::NewStore => Order::NewStore(NewStore {
                chain_id: self.value(Part::Chain).parse().map_err(|_| wrong(Part::Chain, Text::ChooseOne))?,
                name: self.name()?,
                cnpj: self.cnpj()?,
                zone: Some(self.value(Part::Zone).to_owned()),
            }),
            About::Store(id) => Order::ChangeStore(
                *id,
                StoreChange {
                    name: self.if_changed(Part::Name, Self::name)?,
                    cnpj: self.cnpj()?,
                    zone: self.if_changed(Part::Zone, |form| Ok(form.value(Part::Zone).to_owned()))?,
                },
            ),
            About::Limits(id) => Order::SetLimits(*id, self.limits()?),
            About::NewPerson => Order::NewPerson(self.new_person()?),
            About::Person(id) => Order::ChangePerson(*id, self.person()?),
            About::Sensor(id) => Order::SetSensor(id.clone(), self.sensor()?),
            About::NewKey => Order::NewKey(self.new_key()?),
            About::RevokeKey(id) => Order::RevokeKey(*id),
            About::ShutOutTill(id) => Order::ShutOutTill(*id),
            About::Acknowledge(id) => Order::Acknowledge(*id, self.care()?),
            About::NewRule => Order::SetRule(None, self.rule()?),
            About::Rule(id) => Order::SetRule(Some(*id), self.rule()?),
            About::RemoveRule(id) => Order::RemoveRule(*id),
            About::Calibrate(sensor) => Order::Calibrate(sensor.clone(), self.calibration()?),
            About::WithdrawCalibration(sensor, from) => {
                Order::WithdrawCalibration(sensor.clone(), self.calibration_withdrawal(*from)?)
            }
            About::Annotate(sensor) => Order::Annotate(sensor.clone(), self.annotation()?),
            About::WithdrawNote(id) => Order::WithdrawNote(*id, self.annotation_withdrawal()?),
            About::NewQuiet => Order::SetQuiet(self.quiet()?),
            About::EndQuiet(id) => Order::EndQuiet(*id),
        })
    }

    fn if_changed<T>(&self, part: Part, read: impl FnOnce(&Self) -> Outcome<T>) -> Outcome<Option<T>> {
        if self.changed(part) { read(self).map(Some) } else { Ok(None) }
    }

    fn name(&self) -> Outcome<String> {
        names::clean(self.value(Part::Name), limits::NAME_CHARS).ok_or(wrong(Part::Name, Text::WrongName))
    }

    fn price(&self) -> Outcome<Cents> {
        let price = amount_or_zero(self.value(Part::Price));
        price.filter(|price| price.0 <= limits::PRICE_CENTS).ok_or(wrong(Part::Price, Text::WrongPrice))
    }

    fn unit(&self) -> Unit {
        let key = self.value(Part::Unit);
        UNITS.into_iter().find(|unit| unit.symbol() == key).unwrap_or_default()
    }

    fn minimum(&self) -> Outcome<Quantity> {
        let text = self.value(Part::Minimum);
        let least = if text.is_empty() { Some(Quantity::ZERO) } else { Quantity::parse(text).ok() };
        least.filter(|least| least.0 >= 0).ok_or(wrong(Part::Minimum, Text::WrongQuantity))
    }

    fn new_product(&self) -> Outcome<NewProduct> {
        let code = self.value(Part::Code);
        Ok(NewProduct {
            name: self.name()?,
            code: (!code.is_empty()).then(|| code.to_owned()),
            unit: self.unit(),
            price_cents: self.price()?,
            minimum_thousandths: self.minimum()?,
        })
    }

    fn product(&self) -> Outcome<ProductChange> {
        Ok(ProductChange {
            name: self.if_changed(Part::Name, Self::name)?,
            code: self.if_changed(Part::Code, |form| Ok(form.value(Part::Code).to_owned()))?,
            unit: self.if_changed(Part::Unit, |form| Ok(form.unit()))?,
            price_cents: self.if_changed(Part::Price, Self::price)?,
            minimum_thousandths: self.if_changed(Part::Minimum, Self::minimum)?,
            active: self.if_changed(Part::Active, |form| Ok(form.value(Part::Active) == YES))?,
        })
    }

    /// Those that stay, and the new one if one is filled in.
    fn periods(&self, before: Vec<PricePeriod>) -> Outcome<Vec<PricePeriod>> {
        let kept = self.fields.iter().find(|field| field.part == Part::Kept);
        let stays = |period: &PricePeriod| kept.is_some_and(|kept| kept.has(&period.first_day.to_string()));
        let mut periods: Vec<PricePeriod> = before.into_iter().filter(stays).collect();
        let parts = [Part::Price, Part::FirstDay, Part::LastDay];
        if parts.iter().any(|part| !self.value(*part).is_empty()) {
            let price = Some(self.value(Part::Price)).filter(|text| !text.is_empty());
            price.ok_or(wrong(Part::Price, Text::WrongPrice))?;
            let first_day = self.day(Part::FirstDay)?.ok_or(wrong(Part::FirstDay, Text::WrongDay))?;
            let last_day = self.day(Part::LastDay)?;
            if last_day.is_some_and(|last| last < first_day) {
                return Err(wrong(Part::LastDay, Text::WrongDays));
            }
            if periods.iter().any(|period| period.first_day == first_day) {
                return Err(wrong(Part::FirstDay, Text::WrongSameDay));
            }
            periods.push(PricePeriod { price_cents: self.price()?, first_day, last_day });
            periods.sort_by_key(|period| period.first_day);
        }
        Ok(periods)
    }

    fn day(&self, part: Part) -> Outcome<Option<Date>> {
        let text = self.value(part);
        if text.is_empty() {
            return Ok(None);
        }
        parse_day(text).map(Some).ok_or(wrong(part, Text::WrongDay))
    }

    fn cnpj(&self) -> Outcome<Option<String>> {
        let text = self.value(Part::Cnpj);
        if text.is_empty() {
            return Ok(None);
        }
        Cnpj::parse(text).map(|_| Some(text.to_owned())).map_err(|_| wrong(Part::Cnpj, Text::WrongDigits))
    }

    fn limits(&self) -> Outcome<DiscountLimits> {
        let read = |part| Percent::parse(self.value(part)).ok_or(wrong(part, Text::WrongPercent));
        let limits = DiscountLimits {
            seller: read(Part::SellerLimit)?,
            manager: read(Part::ManagerLimit)?,
            admin: read(Part::AdminLimit)?,
        };
        if limits.seller > limits.manager {
            return Err(wrong(Part::SellerLimit, Text::WrongOrder));
        }
        if limits.manager > limits.admin {
            return Err(wrong(Part::ManagerLimit, Text::WrongOrder));
        }
        Ok(limits)
    }

    fn stores(&self) -> Vec<StoreId> {
        self.value(Part::Stores).split(' ').filter_map(|id| id.parse().ok()).collect()
    }

    fn role(&self) -> Outcome<tillwatch_shared::api::Role> {
        let key = self.value(Part::Role);
        ROLES.into_iter().find(|role| role_key(*role) == key).ok_or(wrong(Part::Role, Text::ChooseOne))
    }

    fn password(&self) -> Outcome<String> {
        // As it was typed: spaces may belong to it.
        let typed = self.fields.iter().find(|field| field.part == Part::Password);
        let typed = typed.map(|field| field.value.clone()).unwrap_or_default();
        let good = (4..=limits::PASSWORD_CHARS).contains(&typed.chars().count());
        if good { Ok(typed) } else { Err(wrong(Part::Password, Text::WrongPassword)) }
    }

    fn new_person(&self) -> Outcome<NewPerson> {
        let name = self.name()?;
        let username = self.value(Part::Username);
        if username.is_empty() {
            return Err(wrong(Part::Username, Text::WrongName));
        }
        let cpf = self.value(Part::Cpf);
        if !cpf.is_empty() && Cpf::parse(cpf).is_err() {
            return Err(wrong(Part::Cpf, Text::WrongDigits));
        }
        Ok(NewPerson {
            username: username.to_owned(),
            password: self.password()?,
            name: Some(name),
            role: self.role()?,
            cpf: (!cpf.is_empty()).then(|| cpf.to_owned()),
            stores: self.stores(),
        })
    }

    fn person(&self) -> Outcome<PersonChange> {
        let pin = self.value(Part::Pin);
        let digits = pin.bytes().all(|b| b.is_ascii_digit()) && limits::PIN_DIGITS.contains(&pin.len());
        if !pin.is_empty() && !digits {
            return Err(wrong(Part::Pin, Text::WrongPin));
        }
        Ok(PersonChange {
            name: self.if_changed(Part::Name, Self::name)?,
            role: self.if_changed(Part::Role, Self::role)?,
            stores: self.if_changed(Part::Stores, |form| Ok(form.stores()))?,
            active: self.if_changed(Part::Active, |form| Ok(form.value(Part::Active) == YES))?,
            password: self.if_changed(Part::Password, Self::password)?,
            pin: (!pin.is_empty()).then(|| pin.to_owned()),
        })
    }

    fn celsius(&self, part: Part) -> Outcome<Option<f64>> {
        let text = self.value(part);
        if text.is_empty() {
            return Ok(None);
        }
        let value: Option<f64> = text.replace('−', "-").replace(',', ".").parse().ok();
        let value = value.filter(|value| (ABSOLUTE_ZERO..=HOTTEST).contains(value));
        value.map(Some).ok_or(wrong(part, Text::WrongCelsius))
    }

    fn sensor(&self) -> Outcome<SensorSettings> {
        let key = self.value(Part::StandsIn);
        let (low_celsius, high_celsius) = (self.celsius(Part::Low)?, self.celsius(Part::High)?);
        if let (Some(low), Some(high)) = (low_celsius, high_celsius)
            && low >= high
        {
            return Err(wrong(Part::High, Text::WrongBand));
        }
        Ok(SensorSettings {
            name: self.name()?,
            store_id: self.value(Part::Store).parse().map_err(|_| wrong(Part::Store, Text::ChooseOne))?,
            kind: PLACES.into_iter().find(|kind| place_key(*kind) == key).unwrap_or_default(),
            low_celsius,
            high_celsius,
        })
    }

    fn new_key(&self) -> Outcome<NewApiKey> {
        let chosen: Vec<&str> = self.value(Part::Scopes).split(' ').collect();
        let scopes: Vec<_> = SCOPES.into_iter().filter(|scope| chosen.contains(&scope_key(*scope))).collect();
        if scopes.is_empty() {
            return Err(wrong(Part::Scopes, Text::ChooseOne));
        }
        // To the end of that day, in the zone of the shops.
        let zone = tillwatch_desk::format::zone(DEFAULT_ZONE);
        let end = |day: Date| {
            let next = day.tomorrow().ok()?.to_zoned(zone).ok()?;
            Some(UtcMicros::from(next.timestamp()).plus(-SECOND))
        };
        let expires_at = match self.day(Part::Expires)? {
            None => None,
            Some(day) => Some(end(day).ok_or(wrong(Part::Expires, Text::WrongDay))?),
        };
        Ok(NewApiKey { name: self.name()?, scopes, sensors: Vec::new(), expires_at })
    }
}
