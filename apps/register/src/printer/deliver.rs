//! The ways to a printer.

use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream, ToSocketAddrs};
use std::path::Path;
use std::time::Duration;

use tillwatch_desk::files;
use tillwatch_desk::printer::{Printer, Way};

use super::{Delivered, PrintError};

/// Where printers listen for raw bytes.
pub const DEFAULT_PORT: u16 = 9100;
/// A printer in the shop answers at once or not at all.
const CONNECT: Duration = Duration::from_secs(3);
/// How long a printer may hold its breath between two pieces.
const WRITE: Duration = Duration::from_secs(5);
/// What is waited for the printer to close after the last byte; many never do.
const GOODBYE: Duration = Duration::from_millis(500);

/// Brings the bytes to the printer. `name` names the file where documents become files.
pub fn deliver(printer: &Printer, name: &str, bytes: &[u8]) -> Delivered {
    let address = printer.address.trim();
    if address.is_empty() || printer.way == Way::None {
        return Err(PrintError::NotSetUp);
    }
    match printer.way {
        Way::None => Err(PrintError::NotSetUp),
        Way::Network => network(address, bytes).map(|()| None),
        Way::Device => device(address, bytes).map(|()| None),
        Way::Serial => serial(address, printer.baud, bytes).map(|()| None),
        Way::Folder => folder(Path::new(address), name, bytes),
    }
}

fn network(address: &str, bytes: &[u8]) -> Result<(), PrintError> {
    let mut stream = connect(address)?;
    stream.set_write_timeout(Some(WRITE))?;
    stream.write_all(bytes)?;
    // Ends the document without cutting off what is still on its way.
    stream.shutdown(Shutdown::Write)?;
    stream.set_read_timeout(Some(GOODBYE))?;
    let mut said = [0; 64];
    while matches!(stream.read(&mut said), Ok(1..)) {}
    Ok(())
}

fn connect(address: &str) -> Result<TcpStream, PrintError> {
    // `HOST:PORT`, `[IPv6]:PORT`; anything else is a name or address alone.
    let with_port = address.rsplit_once(':').is_some_and(|(host, port)| {
        port.parse::<u16>().is_ok() && (!host.contains(':') || host.ends_with(']'))
    });
    let bare = address.trim_start_matches('[').trim_end_matches(']');
    let found = if with_port { address.to_socket_addrs() } else { (bare, DEFAULT_PORT).to_socket_addrs() };
    let mut last = PrintError::NotFound;
    for place in found.map_err(|_| PrintError::NotFound)? {
        match TcpStream::connect_timeout(&place, CONNECT) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error.into(),
        }
    }
    Err(last)
}

/// A device is written into, never made: a wrong name must not become a file.
fn device(path: &str, bytes: &[u8]) -> Result<(), PrintError> {
    let mut file = OpenOptions::new().write(true).open(path)?;
    file.write_all(bytes)?;
    file.flush()?;
    Ok(())
}

#[cfg(unix)]
fn serial(path: &str, baud: u32, bytes: &[u8]) -> Result<(), PrintError> {
    let mut line = super::serial::open(path, baud)?;
    line.write_all(bytes)?;
    super::serial::drained(&line)?;
    Ok(())
}

/// The speed is what the system has for the line (`mode COM3 BAUD=9600 PARITY=n DATA=8`). From `COM10` on the
/// name needs the prefix of devices, which the others may have.
#[cfg(not(unix))]
fn serial(path: &str, _baud: u32, bytes: &[u8]) -> Result<(), PrintError> {
    let device_name = if path.starts_with(r"\\") { path.to_owned() } else { format!(r"\\.\{path}") };
    device(&device_name, bytes)
}

fn folder(folder: &Path, name: &str, bytes: &[u8]) -> Delivered {
    if !folder.is_dir() {
        return Err(PrintError::NotFound);
    }
    files::write_new(folder, name, "prn", bytes).map(Some).map_err(PrintError::Failed)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    fn printer(way: Way, address: impl Into<String>) -> Printer {
        Printer { way, address: address.into(), ..Printer::default() }
    }

    /// A printer that takes one document and tells what it got.
    fn fake() -> (String, thread::JoinHandle<Vec<u8>>) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let paper = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut bytes = Vec::new();
            stream.read_to_end(&mut bytes).unwrap();
            bytes
        });
        (address, paper)
    }

    #[test]
    fn a_network_printer_gets_every_byte() {
        let (address, paper) = fake();
        let bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();
        assert_eq!(deliver(&printer(Way::Network, address), "r", &bytes), Ok(None));
        assert_eq!(paper.join().unwrap(), bytes);
    }

    #[test]
    fn a_printer_that_is_not_there_says_so() {
        // Bound and dropped: nothing listens there.
        let free = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().to_string();
        let refused = deliver(&printer(Way::Network, free), "r", b"x");
        assert!(matches!(refused, Err(PrintError::Unreachable(_))), "{refused:?}");
        for (way, address) in [
            (Way::Network, "[::1]:x:1"),
            (Way::Device, "/dev/usb/no-such-printer"),
            (Way::Serial, "/dev/no-such-line"),
            (Way::Folder, "/no/such/folder"),
        ] {
            let result = deliver(&printer(way, address), "r", b"x");
            assert_eq!(result, Err(PrintError::NotFound), "{way:?} {address}");
        }
        for (way, address) in [(Way::None, "x"), (Way::Network, "  "), (Way::Device, "")] {
            assert_eq!(deliver(&printer(way, address), "r", b"x"), Err(PrintError::NotSetUp), "{way:?}");
        }
    }

    #[test]
    fn files_stand_side_by_side() {
        let place = tempfile::tempdir().unwrap();
        let printer = printer(Way::Folder, place.path().display().to_string());
        let first = deliver(&printer, "recibo-1", b"one").unwrap().unwrap();
        let second = deliver(&printer, "recibo-1", b"two").unwrap().unwrap();
        assert_eq!(first, place.path().join("recibo-1.prn"));
        assert_eq!(
            (std::fs::read(first).unwrap(), std::fs::read(second).unwrap()),
            (b"one".to_vec(), b"two".to_vec())
        );
    }

    #[test]
    fn a_device_takes_the_bytes_and_is_never_made() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("lp0");
        let device = printer(Way::Device, path.display().to_string());
        assert_eq!(deliver(&device, "r", b"x"), Err(PrintError::NotFound));
        assert!(!path.exists());
        std::fs::File::create(&path).unwrap();
        assert_eq!(deliver(&device, "r", b"\x1b@x"), Ok(None));
        assert_eq!(std::fs::read(path).unwrap(), b"\x1b@x");
    }
}
