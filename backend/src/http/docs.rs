//! The OpenAPI document, made from the handlers, and Swagger UI from the binary.

use std::sync::LazyLock;

use actix_web::web::ServiceConfig;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ContentBuilder, Ref, ResponseBuilder};
use utoipa::{Modify, OpenApi};
use utoipa_swagger_ui::SwaggerUi;

use super::compat::{data, inventory, reading};
use super::{
    accounts, alarm_rules, alarms, annotations, approvals, backups, calibrations, cash, changes, counts,
    feeds, group, health, keys, live, lots, people, product_import, products, pulse, pulse_export,
    pulse_socket, readings, rehearsal, reports, returns, sales, sensors, sessions, stock, stores,
    temperature_sheets, tills, transfers,
};
use tillwatch_shared::api::Problem;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Tillwatch",
        description = "Goods, sales and temperatures of a chain of shops, in one ledger. \
            Commands take an `Idempotency-Key` (UUID): a repeat with the same key gets the first outcome. \
            A member of a group of servers tells in the header `seq` how far it is; sent back as `min-seq`, no member \
            answers from before."
    ),
    paths(
        sessions::server, sessions::set_up, sessions::sign_up, sessions::sign_in, sessions::refresh,
        sessions::sign_out, people::me, people::list, people::add, people::get, people::change,
        stores::list_chains, stores::add_chain, stores::list, stores::add, stores::change, products::list, products::add,
        products::get, products::change, products::set_prices, product_import::take_in, product_import::sheet, stock::levels, stock::entries, stock::enter, lots::list, lots::place, counts::list, counts::record, counts::get, transfers::list, transfers::send,
        transfers::get, transfers::receive, transfers::cancel, transfers::destinations, sales::list,
        sales::record, sales::get, returns::list, returns::record, sales::day_totals, reports::best_sellers, reports::best_stores, reports::best_products, reports::payment_methods, approvals::approve, approvals::approve_return, approvals::set_limits,
        cash::list, cash::open, cash::get, cash::move_cash, cash::close, accounts::list, accounts::debts, accounts::pay,
        reports::of_seller, reports::of_store, reports::of_chain, changes::list, keys::list, keys::issue, keys::revoke,
        alarms::list, alarms::turns, alarms::get, alarms::acknowledge, alarms::try_telling, alarm_rules::list, alarm_rules::set, alarm_rules::remove, rehearsal::rehearse,
        alarm_rules::quiet_times, alarm_rules::set_quiet_time, alarm_rules::end_quiet_time,
        calibrations::list, calibrations::set, calibrations::withdraw, annotations::list, annotations::add,
        annotations::withdraw, sensors::list, sensors::set, sensors::series, temperature_sheets::get, readings::store, pulse::even, pulse::odd, pulse::clients,
        pulse::forget, pulse::about,
        pulse::messages, pulse_export::csv, pulse_export::ndjson, pulse::retention, pulse::set_retention,
        pulse_socket::pulse, health::live, health::ready,
        health::metrics, inventory::register, inventory::sign_in, inventory::products,
        inventory::add_product, inventory::entries, inventory::enter, reading::store, feeds::list, feeds::records, feeds::history,
        feeds::parked, feeds::set_alias, feeds::dismiss, data::all, live::sensor_updates, tills::list, tills::revoke, backups::list, backups::make,
        group::status, group::members, group::coordinators,
    ),
    components(schemas(Problem)),
    modifiers(&Schemes, &Problems)
)]
#[derive(Debug)]
pub struct Document;

pub fn routes(config: &mut ServiceConfig) {
    config.service(SwaggerUi::new("/swagger-ui/{_:.*}").url("/api/v1/openapi.json", Document::openapi()));
}

/// The methods of an address that the document describes, as for the `Allow` header; empty if it does not.
pub fn methods_of(path: &str) -> String {
    static DOCUMENT: LazyLock<utoipa::openapi::OpenApi> = LazyLock::new(Document::openapi);
    let matching = DOCUMENT.paths.paths.iter().filter(|(template, _)| matches(template, path));
    let mut methods = Vec::new();
    for (_, item) in matching {
        let known = [
            ("GET", &item.get),
            ("POST", &item.post),
            ("PUT", &item.put),
            ("PATCH", &item.patch),
            ("DELETE", &item.delete),
        ];
        methods.extend(known.iter().filter(|(_, operation)| operation.is_some()).map(|(method, _)| *method));
    }
    methods.join(", ")
}

/// Whether a path is one of a template such as `/api/v1/products/{id}`.
fn matches(template: &str, path: &str) -> bool {
    let mut parts = path.split('/');
    let fits = template.split('/').all(|part| {
        parts.next().is_some_and(|given| given == part || (part.starts_with('{') && !given.is_empty()))
    });
    fits && parts.next().is_none()
}

struct Schemes;

impl Modify for Schemes {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let Some(components) = openapi.components.as_mut() else { return };
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        let key = ApiKey::Header(ApiKeyValue::new("X-API-Key"));
        components.add_security_scheme("api_key", SecurityScheme::ApiKey(key));
        let till =
            "A till in the name of somebody who has signed in at it: with `X-On-Behalf-Of`, the person's id";
        let till = ApiKey::Header(ApiKeyValue::with_description("X-Till-Key", till));
        components.add_security_scheme("till", SecurityScheme::ApiKey(till));
    }
}

/// Adds the problems that every route of ours may answer, so that no handler repeats them.
struct Problems;

impl Modify for Problems {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let statuses = [
            ("400", "A value or the request itself is not acceptable"),
            ("401", "Not signed in, or a wrong name, password, token or key"),
            ("403", "Not for this person, store or key"),
            ("404", "What is named does not exist"),
            ("409", "Exists already, or the command id was used"),
            ("413", "Too large"),
            ("422", "The reading is not acceptable"),
            ("429", "Too many attempts"),
            ("503", "Busy or not able to write: send the same request again later"),
        ];
        for (path, item) in &mut openapi.paths.paths {
            if !path.starts_with("/api/v1/") {
                continue;
            }
            let operations =
                [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
            for operation in operations.into_iter().flatten() {
                for (status, description) in statuses {
                    let content =
                        ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
                    let response = ResponseBuilder::new()
                        .description(description)
                        .content("application/problem+json", content)
                        .build();
                    operation.responses.responses.insert(status.to_owned(), response.into());
                }
            }
        }
    }
}
