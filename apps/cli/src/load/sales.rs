//! Sales of three lines, each with its own command id, by one signed-in person at many tills.

use std::ops::Range;

use tillwatch_shared::api::{NewProduct, NewSale, NewSaleLine, Payment, PaymentMethod, Product, Unit};
use tillwatch_shared::client::Client;
use tillwatch_shared::{Cents, CommandId, Quantity, StoreId};

use super::connection::Address;
use super::drive::{Caller, drive};
use super::{LoadArgs, print_tally};
use crate::{CliError, clock, say};

const PRODUCTS: usize = 30;
/// Two pieces, one, and 450 g.
const QUANTITIES: [Quantity; 3] = [Quantity(2000), Quantity(1000), Quantity(450)];
/// Stands in a request where each sale's own id goes.
const ID_PLACE: &str = "00000000-0000-0000-0000-000000000000";

pub async fn run(args: &LoadArgs) -> Result<(), CliError> {
    let address = args.address()?;
    let (client, session) = args.sign_in().await?;
    let store =
        session.stores.first().ok_or_else(|| CliError::Load(format!("{} works in no store", args.user)))?;
    let products = make_products(&client).await?;
    let callers = args.callers(64);
    say::line(format_args!("{callers} callers sell in {}, three lines a sale", store.name));
    let tills: Vec<Till> = (0..callers)
        .map(|number| Till::new(&address, &session.access_token, store.id, &products, number))
        .collect::<Option<_>>()
        .ok_or_else(|| CliError::Load("a sale cannot be written".into()))?;
    let (tally, _) = drive(&address, tills, args.time()).await?;
    print_tally("sales", &tally);
    super::check(&tally)
}

/// New products for this run; their names must not be taken.
async fn make_products(client: &Client) -> Result<Vec<Product>, CliError> {
    let run = clock::now().0;
    let mut products = Vec::with_capacity(PRODUCTS);
    for (number, price) in (1..=PRODUCTS).zip((199..).step_by(137)) {
        let body = NewProduct {
            name: format!("Carga {run} {number}"),
            code: None,
            unit: Unit::Un,
            price_cents: Cents(price),
            minimum_thousandths: Quantity::ZERO,
        };
        products.push(client.new_product(CommandId::now(), &body).await?);
    }
    Ok(products)
}

struct Till {
    request: Vec<u8>,
    id_place: Range<usize>,
}

impl Till {
    fn new(
        address: &Address,
        token: &str,
        store: StoreId,
        products: &[Product],
        number: usize,
    ) -> Option<Self> {
        let body = serde_json::to_vec(&sale(store, products, number)?).ok()?;
        let headers = format!(
            "content-type: application/json\r\nauthorization: Bearer {token}\r\n\
             idempotency-key: {ID_PLACE}\r\n"
        );
        let request = address.request("/api/v1/sales", &headers, &body);
        let place = request.windows(ID_PLACE.len()).position(|window| window == ID_PLACE.as_bytes())?;
        Some(Self { request, id_place: place..place + ID_PLACE.len() })
    }
}

impl Caller for Till {
    fn request(&mut self) -> &[u8] {
        if let Some(place) = self.request.get_mut(self.id_place.clone()) {
            CommandId::now().0.as_hyphenated().encode_lower(place);
        }
        &self.request
    }

    fn done(&self, status: u16, _: &[u8]) -> Option<u64> {
        (status == 201).then_some(1)
    }
}

/// What a till sells, over and over.
fn sale(store: StoreId, products: &[Product], number: usize) -> Option<NewSale> {
    let mut total = Cents::ZERO;
    let mut lines = Vec::with_capacity(QUANTITIES.len());
    for (product, quantity) in products.iter().cycle().skip(number * QUANTITIES.len()).zip(QUANTITIES) {
        total = total.checked_add(product.price_cents.times(quantity)?)?;
        lines.push(NewSaleLine::of(product.id, quantity, product.price_cents));
    }
    let payments = vec![Payment { method: PaymentMethod::Pix, amount_cents: total }];
    let till = Some(format!("carga-{number}"));
    Some(NewSale { lines, payments, total_cents: total, till, ..NewSale::of(store) })
}

#[cfg(test)]
mod tests {
    use super::{Till, sale};
    use crate::load::connection::Address;
    use crate::load::drive::Caller as _;
    use tillwatch_shared::api::{Product, Unit};
    use tillwatch_shared::{Cents, ProductId, Quantity, StoreId, UtcMicros};

    fn products() -> Vec<Product> {
        (0..5)
            .map(|number| Product {
                id: ProductId::now(),
                number,
                name: number.to_string(),
                code: None,
                unit: Unit::Un,
                price_cents: Cents(333),
                minimum_thousandths: Quantity::ZERO,
                active: true,
                created_at: UtcMicros(0),
                changed_at: UtcMicros(0),
                price_lists: Vec::new(),
            })
            .collect()
    }

    #[test]
    fn a_sale_adds_up() {
        let sale = sale(StoreId::now(), &products(), 3).unwrap();
        // 6,66 + 3,33 + 1,50 (1,4985 rounded).
        assert_eq!((sale.lines.len(), sale.total_cents), (3, Cents(1149)));
        assert_eq!(sale.payments[0].amount_cents, sale.total_cents);
    }

    #[test]
    fn every_request_has_its_own_id() {
        let address = Address::parse("http://127.0.0.1:1").unwrap();
        let mut till = Till::new(&address, "t", StoreId::now(), &products(), 0).unwrap();
        let key = |request: &[u8]| {
            let text = String::from_utf8(request.to_vec()).unwrap();
            let (_, rest) = text.split_once("idempotency-key: ").unwrap();
            rest.split_once("\r\n").unwrap().0.to_owned()
        };
        let first = key(till.request());
        let second = key(till.request());
        assert!(first < second && uuid::Uuid::parse_str(&first).is_ok());
    }
}
