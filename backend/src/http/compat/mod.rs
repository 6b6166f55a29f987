//! The fixed routes: devices and programs that already speak them work unchanged. Shapes and status codes
//! are those of the systems they come from.

pub mod data;
pub mod inventory;
pub mod reading;

use actix_web::middleware::{Compress, from_fn};
use actix_web::web::{self, ServiceConfig};

use super::body;

pub fn routes(config: &mut ServiceConfig) {
    for (path, route) in [
        ("/registrar_usuario_app", web::post().to(inventory::register)),
        ("/login", web::post().to(inventory::sign_in)),
        ("/api/temperature_reading", web::post().to(reading::store)),
    ] {
        config.service(web::resource(path).wrap(from_fn(body::buffer)).route(route));
    }
    config
        .service(web::resource("/data").wrap(Compress::default()).wrap(from_fn(body::buffer)).get(data::all));
    config.service(
        web::resource("/produtos")
            .wrap(from_fn(body::buffer))
            .route(web::get().to(inventory::products))
            .route(web::post().to(inventory::add_product)),
    );
    config.service(
        web::resource("/inventario")
            .wrap(from_fn(body::buffer))
            .route(web::get().to(inventory::entries))
            .route(web::post().to(inventory::enter)),
    );
}
