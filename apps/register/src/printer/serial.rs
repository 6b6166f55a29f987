//! A serial line of Linux and macOS: eight bits, no parity, and nothing translated on the way.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;

use rustix::fs::OFlags;
use rustix::termios::{self, ControlModes, OptionalActions};

/// Opens the line at this speed. Without waiting for a carrier: printers have none.
pub fn open(path: &str, baud: u32) -> io::Result<File> {
    let flags = OFlags::NOCTTY | OFlags::NONBLOCK;
    let flags = i32::try_from(flags.bits()).map_err(io::Error::other)?;
    let line = OpenOptions::new().read(true).write(true).custom_flags(flags).open(path)?;
    let mut modes = termios::tcgetattr(&line)?;
    modes.make_raw();
    modes.control_modes |= ControlModes::CLOCAL | ControlModes::CREAD;
    modes.set_speed(baud)?;
    termios::tcsetattr(&line, OptionalActions::Now, &modes)?;
    // From here on a printer that holds its breath is waited for.
    let flags = rustix::fs::fcntl_getfl(&line)? - OFlags::NONBLOCK;
    rustix::fs::fcntl_setfl(&line, flags)?;
    Ok(line)
}

/// When the last bit has left.
pub fn drained(line: &File) -> io::Result<()> {
    Ok(termios::tcdrain(line)?)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use tillwatch_desk::printer::{Printer, Way};

    use super::super::deliver;

    /// A pair of terminals stands for the line: one that is not raw would make two bytes of a line's end.
    #[test]
    fn nothing_is_translated_on_the_way() {
        let far = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&far).unwrap();
        unlockpt(&far).unwrap();
        let address = ptsname(&far, Vec::new()).unwrap().into_string().unwrap();
        // Keeps the line open, so that the far end reads what is there rather than an end.
        let held = super::open(&address, 9600).unwrap();
        let bytes = b"\x1b@A\n\r\n\x04\x03\x11\x13\xe7\n";
        let printer = Printer { way: Way::Serial, address, ..Printer::default() };
        assert_eq!(deliver(&printer, "r", bytes), Ok(None));
        let mut read = vec![0; bytes.len()];
        std::fs::File::from(far).read_exact(&mut read).unwrap();
        assert_eq!(read, bytes);
        drop(held);
    }
}
