use tillwatch_shared::api::Unit;
use tillwatch_shared::{Cents, UtcMicros};

use super::*;

fn product(number: i64, name: &str, code: Option<&str>) -> Product {
    Product {
        id: ProductId::now(),
        number,
        name: name.to_owned(),
        code: code.map(barcode::normalise),
        unit: Unit::Un,
        price_cents: Cents(100),
        minimum_thousandths: Quantity(3000),
        active: true,
        created_at: UtcMicros(0),
        changed_at: UtcMicros(number),
        price_lists: Vec::new(),
    }
}

fn names(catalogue: &Catalogue, text: &str) -> Vec<String> {
    let name = |id: &ProductId| catalogue.get(*id).unwrap().product.name.clone();
    catalogue.search(text).iter().map(name).collect()
}

fn catalogue() -> Catalogue {
    let mut catalogue = Catalogue::default();
    catalogue.take_products([
        product(1, "Leite integral 1 L", Some("7891000315507")),
        product(2, "Açúcar União", Some("ab-1")),
        product(3, "Doce de leite", None),
    ]);
    catalogue
}

#[test]
fn search_ignores_case_and_accents_and_finds_parts() {
    let catalogue = catalogue();
    assert_eq!(names(&catalogue, "ACUCAR"), ["Açúcar União"]);
    assert_eq!(names(&catalogue, "leite"), ["Leite integral 1 L", "Doce de leite"]);
    assert_eq!(names(&catalogue, "int lei"), ["Leite integral 1 L"]);
    assert_eq!(names(&catalogue, "78910003"), ["Leite integral 1 L"]);
    assert_eq!(names(&catalogue, "5507"), ["Leite integral 1 L"], "its last digits");
    assert_eq!(names(&catalogue, "1000315"), ["Leite integral 1 L"], "a part of it");
    assert_eq!(names(&catalogue, ""), ["Açúcar União", "Doce de leite", "Leite integral 1 L"]);
    assert!(
        names(&catalogue, "vinho").is_empty() && names(&catalogue, "507").is_empty(),
        "three are too few"
    );
}

#[test]
fn codes_that_begin_with_it_come_before_those_that_have_it_in_them() {
    let mut catalogue = Catalogue::default();
    catalogue.take_products([
        product(1, "Aveia", Some("7891000315507")),
        product(2, "Zimbro", Some("55071234")),
        product(3, "Molho 5507", None),
    ]);
    assert_eq!(names(&catalogue, "5507"), ["Zimbro", "Aveia", "Molho 5507"]);
}

#[test]
fn codes_are_found_as_scanned() {
    let catalogue = catalogue();
    assert_eq!(catalogue.by_code("07891000315507").unwrap().product.number, 1);
    assert_eq!(catalogue.by_code(" AB-1").unwrap().product.number, 2);
    assert_eq!(catalogue.by_number(3).unwrap().product.name, "Doce de leite");
}

#[test]
fn balances_may_come_before_their_product_and_older_versions_are_ignored() {
    let mut catalogue = Catalogue::default();
    let milk = product(5, "Leite", None);
    let level = StockLevel {
        store_id: tillwatch_shared::StoreId::now(),
        product_id: milk.id,
        product_number: 5,
        product_name: "Leite".to_owned(),
        unit: Unit::Un,
        balance_thousandths: Quantity(3000),
        minimum_thousandths: Quantity(3000),
        low: true,
        changed_until: 7,
    };
    catalogue.take_levels([level]);
    catalogue.take_products([milk.clone()]);
    assert!(catalogue.get(milk.id).unwrap().is_low());
    catalogue.take_products([Product { name: "Antigo".into(), changed_at: UtcMicros(1), ..milk.clone() }]);
    assert_eq!(catalogue.get(milk.id).unwrap().product.name, "Leite");
}

#[test]
fn renamed_recoded_and_gone_products_are_found_where_they_are() {
    let mut catalogue = catalogue();
    let milk = catalogue.by_number(1).unwrap().product.clone();
    let code = milk.code.clone().unwrap();
    assert_eq!(names(&catalogue, "integral"), ["Leite integral 1 L"]);
    // Another product gets the code before the first one loses it.
    let mut other = product(9, "Zimbro", None);
    other.code = Some(code.clone());
    let renamed = Product { name: "Água".into(), code: None, changed_at: UtcMicros(99), ..milk.clone() };
    catalogue.take_products([other, renamed]);
    assert_eq!(catalogue.by_code(&code).unwrap().product.number, 9);
    assert_eq!(names(&catalogue, ""), ["Açúcar União", "Água", "Doce de leite", "Zimbro"]);
    assert_eq!(names(&catalogue, "agua"), ["Água"]);
    assert_eq!(names(&catalogue, "5507"), ["Zimbro"]);
    assert!(names(&catalogue, "integral").is_empty());
    let off = Product {
        active: false,
        changed_at: UtcMicros(100),
        ..catalogue.by_number(9).unwrap().product.clone()
    };
    catalogue.take_products([off]);
    assert!(catalogue.by_code(&code).is_none() && catalogue.by_number(9).is_none());
    assert!(names(&catalogue, "zimbro").is_empty());

    catalogue.take_new(vec![product(0, "Feito aqui", None)]);
    catalogue.begin_load();
    let known = catalogue.by_number(2).unwrap().product.clone();
    catalogue.take_products([known]);
    catalogue.end_load();
    assert_eq!(names(&catalogue, ""), ["Açúcar União", "Feito aqui"]);
    assert!(catalogue.by_number(1).is_none());
    assert_eq!(catalogue.by_code("ab-1").unwrap().product.number, 2);
}

use proptest::prelude::*;

proptest! {
    /// However products come and change, the list is in order and codes and numbers lead where they say.
    #[test]
    fn the_index_agrees_with_the_products(
        batches in prop::collection::vec(
            prop::collection::vec((1_i64..12, "[a-cá ]{1,3}", prop::option::of("[0-3]"), any::<bool>()), 0..6), 0..8)
    ) {
        let mut catalogue = Catalogue::default();
        let (ids, mut clock) = ((0..12).map(|_| ProductId::now()).collect::<Vec<_>>(), 0);
        for batch in batches {
            let mut products = Vec::new();
            for (number, name, code, active) in batch {
                clock += 1;
                let mut one = product(number, &name, code.as_deref());
                one.id = ids[usize::try_from(number).unwrap()];
                (one.active, one.changed_at) = (active, UtcMicros(clock));
                products.push(one);
            }
            catalogue.take_products(products);
        }
        let mut sorted: Vec<&Item> = catalogue.items.iter().collect();
        sorted.sort_by_key(|item| (item.folded.clone(), item.product.number));
        let wanted: Vec<ProductId> = sorted.iter().filter(|i| i.product.active).map(|i| i.product.id).collect();
        prop_assert_eq!(catalogue.search(""), wanted);
        for item in &catalogue.items {
            let found = catalogue.by_number(item.product.number).map(|found| found.product.id);
            prop_assert_eq!(found, item.product.active.then_some(item.product.id));
        }
        for (code, place) in &catalogue.by_code {
            let product = &catalogue.items[*place].product;
            prop_assert!(product.active && product.code.as_ref() == Some(code));
        }
    }
}
