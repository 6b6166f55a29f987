//! TLS to a server whose certificate is not checked: only for asking the server on this machine how it is,
//! by an address that its certificate does not name. Nothing secret goes over it.

use std::net::{IpAddr, TcpStream};
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, Error, StreamOwned};

use super::check::Check;
use super::provider;

/// Speaks TLS on this connection.
pub fn connect(
    address: IpAddr,
    connection: TcpStream,
) -> Result<StreamOwned<ClientConnection, TcpStream>, Error> {
    let provider = provider();
    let anyone = Arc::new(Check::nothing(provider.signature_verification_algorithms));
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(anyone)
        .with_no_client_auth();
    let client = ClientConnection::new(Arc::new(config), ServerName::IpAddress(address.into()))?;
    Ok(StreamOwned::new(client, connection))
}
