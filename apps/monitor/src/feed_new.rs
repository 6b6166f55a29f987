//! The form for a product or store that a file names and the shop does not have, filled in with what the record
//! says. Plain data and decisions.

use tillwatch_shared::api::{AliasKind, Chain, NewProduct, NewStore, ParkedThing, Unit};
use tillwatch_shared::tax_id::Cnpj;
use tillwatch_shared::{Cents, ChainId, CommandId, Quantity, limits, names};

/// What is typed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NewThing {
    pub name: String,
    pub code: String,
    pub price: String,
    pub unit: Unit,
    pub cnpj: String,
    /// As chosen. Until then [`NewThing::chain`] says which.
    pub picked_chain: Option<ChainId>,
    /// What the record says of the chain.
    told_chain: Option<String>,
    /// Somebody tried to save it: what is wrong is shown.
    pub tried: bool,
    /// What was sent last. The same again goes under the same id.
    pub sent: Option<(CommandId, Addition)>,
}

/// What is to be added.
#[derive(Clone, Debug, PartialEq)]
pub enum Addition {
    Product(NewProduct),
    Store(NewStore),
}

/// A field in which text is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NewPart {
    Name,
    Code,
    Price,
    Cnpj,
}

/// Where something is missing or wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    In(NewPart),
    NoChain,
}

/// What a person does in the form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NewAct {
    Open,
    /// To the list of what is there.
    Back,
    Text(NewPart, String),
    Unit(Unit),
    Chain(ChainId),
    Save,
}

impl NewThing {
    /// With what the record says.
    pub fn new(name: &str, told: Option<&ParkedThing>) -> Self {
        let code = told.and_then(|told| told.code.clone()).unwrap_or_default();
        Self {
            name: name.to_owned(),
            code,
            price: told.and_then(|told| told.price_cents).map(Cents::plain).unwrap_or_default(),
            told_chain: told.and_then(|told| told.chain.clone()),
            ..Self::default()
        }
    }

    pub fn set(&mut self, part: NewPart, text: String) {
        *match part {
            NewPart::Name => &mut self.name,
            NewPart::Code => &mut self.code,
            NewPart::Price => &mut self.price,
            NewPart::Cnpj => &mut self.cnpj,
        } = text;
    }

    /// The chain of a new store: the chosen one, the one that the record names, or the only one.
    pub fn chain(&self, chains: &[Chain]) -> Option<ChainId> {
        let told = self.told_chain.as_deref().map(names::fold);
        let named = chains.iter().find(|chain| Some(names::fold(&chain.name)) == told).map(|chain| chain.id);
        let only = || if let [chain] = chains { Some(chain.id) } else { None };
        self.picked_chain.or(named).or_else(only)
    }

    /// What is to be added, or what stands in the way.
    pub fn addition(&self, kind: AliasKind, chains: &[Chain]) -> Result<Addition, Wrong> {
        let name = names::clean(&self.name, limits::NAME_CHARS).ok_or(Wrong::In(NewPart::Name))?;
        let written = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        match kind {
            AliasKind::Product => {
                let price = written(&self.price).map_or(Ok(Cents(0)), |text| Cents::parse(&text));
                Ok(Addition::Product(NewProduct {
                    name,
                    code: written(&self.code),
                    unit: self.unit,
                    price_cents: price.ok().filter(|price| price.0 >= 0).ok_or(Wrong::In(NewPart::Price))?,
                    minimum_thousandths: Quantity(0),
                }))
            }
            AliasKind::Store => {
                let cnpj = written(&self.cnpj);
                if cnpj.as_deref().is_some_and(|text| Cnpj::parse(text).is_err()) {
                    return Err(Wrong::In(NewPart::Cnpj));
                }
                let chain_id = self.chain(chains).ok_or(Wrong::NoChain)?;
                Ok(Addition::Store(NewStore { chain_id, name, cnpj, zone: None }))
            }
            // People are not added from here.
            AliasKind::Seller => Err(Wrong::In(NewPart::Name)),
        }
    }
}
