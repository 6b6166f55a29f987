//! The transport: a handler extracts, calls once, answers. What a caller may do is the type of an
//! argument ([`extract::Cashier`], [`extract::Manager`], [`extract::Admin`], [`extract::Device`]).

pub mod accounts;
pub mod alarm_rules;
pub mod alarms;
pub mod annotations;
pub mod approvals;
pub mod backups;
pub mod bench;
pub mod body;
pub mod calibrations;
pub mod cash;
pub mod changes;
pub mod compat;
pub mod counts;
pub mod docs;
pub mod error;
pub mod extract;
pub mod feeds;
pub mod files;
mod frames;
pub mod group;
pub mod headers;
pub mod health;
pub mod kept_sheets;
pub mod keys;
pub mod listing;
pub mod live;
pub mod lots;
pub mod page;
pub mod people;
pub mod product_import;
pub mod products;
pub mod proxies;
pub mod pulse;
pub mod pulse_export;
pub mod pulse_socket;
pub mod readings;
pub mod redirect;
pub mod rehearsal;
pub mod render;
pub mod reports;
pub mod returns;
pub mod sales;
pub mod sensors;
pub mod sessions;
pub mod state;
pub mod stock;
pub mod stores;
pub mod temperature_sheets;
pub mod tills;
pub mod transfers;

use actix_web::middleware::{Compress, from_fn};
use actix_web::web::{self, ServiceConfig};

pub use error::ApiError;
pub use state::App;

/// Every route. Tests build an application from it in process, `run` serves it.
pub fn routes(app: web::Data<App>) -> impl FnOnce(&mut ServiceConfig) {
    move |config| {
        let bench = app.settings.bench_routes;
        config.app_data(app);
        config.app_data(web::PathConfig::default().error_handler(|error, _| ApiError::path(&error).into()));
        config.app_data(web::QueryConfig::default().error_handler(|error, _| ApiError::query(&error).into()));
        config.configure(compat::routes);
        config.configure(health::routes);
        config.configure(docs::routes);
        config.configure(live::routes);
        config.configure(page::routes);
        config.configure(pulse_socket::routes);
        config.service(
            web::scope("/api/v1")
                .configure(readings::routes)
                .configure(product_import::routes)
                .configure(|c| {
                    if bench {
                        bench::routes(c);
                    }
                })
                .service(
                    web::scope("")
                        .wrap(from_fn(group::fresh))
                        .wrap(from_fn(body::buffer))
                        .wrap(Compress::default())
                        .configure(api),
                ),
        );
        config.default_service(web::route().to(error::no_such_route));
    }
}

fn api(config: &mut ServiceConfig) {
    config
        .configure(sessions::routes)
        .configure(people::routes)
        .configure(stores::routes)
        .configure(products::routes)
        .configure(stock::routes)
        .configure(lots::routes)
        .configure(counts::routes)
        .configure(transfers::routes)
        .configure(sales::routes)
        .configure(approvals::routes)
        .configure(returns::routes)
        .configure(cash::routes)
        .configure(accounts::routes)
        .configure(reports::routes)
        .configure(changes::routes)
        .configure(keys::routes)
        .configure(sensors::routes)
        .configure(temperature_sheets::routes)
        .configure(calibrations::routes)
        .configure(annotations::routes)
        .configure(alarms::routes)
        .configure(alarm_rules::routes)
        .configure(pulse::routes)
        .configure(feeds::routes)
        .configure(tills::routes)
        .configure(backups::routes)
        .configure(group::routes)
        .default_service(web::route().to(error::no_such_route));
}
