//! `health`: asks the running server whether it is ready. For containers and timers, which then need no
//! HTTP client of their own.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

use tillwatch_server::config::ServeArgs;
use tillwatch_server::tls::unverified;

use super::{Failure, say};

const PATIENCE: Duration = Duration::from_secs(5);
/// Far more than the answer has.
const ANSWER_BYTES: u64 = 64 * 1024;

/// Prints the server's answer; fails where there is none or where it is not ready.
pub fn ask(args: &ServeArgs) -> Result<(), Failure> {
    let address = reachable(args.listen);
    let connection = TcpStream::connect_timeout(&address, PATIENCE)
        .map_err(|error| format!("no server answers at {address}: {error}"))?;
    connection.set_read_timeout(Some(PATIENCE))?;
    connection.set_write_timeout(Some(PATIENCE))?;
    let answer = if args.tls.source().is_some() {
        exchange(address, unverified::connect(address.ip(), connection)?)
    } else {
        exchange(address, connection)
    };
    let answer = answer.map_err(|error| format!("the server at {address} does not answer: {error}"))?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).unwrap_or_default();
    if status == "200" { say(body) } else { Err(format!("not ready ({status}): {body}").into()) }
}

/// Where to reach a server that listens there.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip: IpAddr = match listen.ip() {
        IpAddr::V4(ip) => if ip.is_unspecified() { Ipv4Addr::LOCALHOST } else { ip }.into(),
        IpAddr::V6(ip) => if ip.is_unspecified() { Ipv6Addr::LOCALHOST } else { ip }.into(),
    };
    SocketAddr::new(ip, listen.port())
}

fn exchange(address: SocketAddr, mut connection: impl Read + Write) -> std::io::Result<String> {
    write!(connection, "GET /health/ready HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n")?;
    connection.flush()?;
    let mut answer = String::new();
    match connection.take(ANSWER_BYTES).read_to_string(&mut answer) {
        // A server may close without TLS's own good-bye; what came before is the answer.
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof && !answer.is_empty() => {}
        result => drop(result?),
    }
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::reachable;

    #[test]
    fn every_address_is_asked_on_this_machine() {
        for (listen, asked) in [
            ("0.0.0.0:8080", "127.0.0.1:8080"),
            ("[::]:443", "[::1]:443"),
            ("192.168.0.5:80", "192.168.0.5:80"),
        ] {
            assert_eq!(reachable(listen.parse().unwrap()), asked.parse().unwrap());
        }
    }
}
