//! Carries bytes to the receipt printer. It blocks, and is called where that may be.

mod deliver;
#[cfg(unix)]
mod serial;

use std::io;
use std::path::PathBuf;

pub use deliver::{DEFAULT_PORT, deliver};

/// Why nothing came out of the printer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrintError {
    /// No printer is set up, or its address is empty.
    NotSetUp,
    /// The address names nothing.
    NotFound,
    /// Nothing answers at the address, or the device is gone.
    Unreachable(String),
    /// This user may not write there.
    Denied,
    /// It took nothing for too long: paper, cover, cable.
    TimedOut,
    /// It still has the last document.
    Busy,
    Failed(String),
}

/// The folder's file, where documents become files.
pub type Delivered = Result<Option<PathBuf>, PrintError>;

impl From<io::Error> for PrintError {
    fn from(error: io::Error) -> Self {
        use io::ErrorKind as Kind;
        let kind = error.kind();
        let is = |kinds: &[Kind]| kinds.contains(&kind);
        if is(&[Kind::NotFound]) {
            Self::NotFound
        } else if is(&[Kind::PermissionDenied]) {
            Self::Denied
        } else if is(&[Kind::TimedOut, Kind::WouldBlock]) {
            Self::TimedOut
        } else if is(&[Kind::ResourceBusy]) {
            Self::Busy
        } else if is(&UNREACHABLE) {
            Self::Unreachable(error.to_string())
        } else {
            Self::Failed(error.to_string())
        }
    }
}

/// What the network and a pulled cable say.
const UNREACHABLE: [io::ErrorKind; 8] = [
    io::ErrorKind::ConnectionRefused,
    io::ErrorKind::ConnectionReset,
    io::ErrorKind::ConnectionAborted,
    io::ErrorKind::BrokenPipe,
    io::ErrorKind::HostUnreachable,
    io::ErrorKind::NetworkUnreachable,
    io::ErrorKind::NetworkDown,
    io::ErrorKind::AddrNotAvailable,
];
