//! The server's own secret: 32 random bytes in a file that only its user may read. All other keys are
//! derived from it.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// The secret. Its debug form says nothing.
#[derive(Clone)]
pub struct Secret([u8; 32]);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

impl Secret {
    /// Reads the file, or makes it.
    pub fn load_or_create(path: &Path) -> io::Result<Self> {
        match Self::load(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Self::create(path),
            loaded => loaded,
        }
    }

    /// Reads the file.
    pub fn load(path: &Path) -> io::Result<Self> {
        let bytes = fs::read(path)?.try_into();
        let damaged = || format!("{} is damaged", path.display());
        bytes.map(Self).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, damaged()))
    }

    /// Takes the secret of another server, in place of its own.
    pub fn adopt(path: &Path, bytes: [u8; 32]) -> io::Result<()> {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            Ok(()) | Err(_) => Self(bytes).keep(path),
        }
    }

    /// For another server of the same group.
    pub const fn bytes(&self) -> [u8; 32] {
        self.0
    }

    /// A key for one purpose.
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        blake3::derive_key(purpose, &self.0)
    }

    fn create(path: &Path) -> io::Result<Self> {
        let secret = Self(random()?);
        secret.keep(path)?;
        Ok(secret)
    }

    fn keep(&self, path: &Path) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path)?;
        file.write_all(&self.0)?;
        file.sync_all()
    }
}

/// Random bytes from the system.
pub fn random<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(bytes)
}

/// A code that a person can read out and type: `XXXX-XXXX` without letters that look alike.
pub fn readable_code() -> io::Result<String> {
    const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let letters: Vec<char> = random::<8>()?
        .iter()
        .filter_map(|byte| LETTERS.get(usize::from(byte % 32)).map(|letter| char::from(*letter)))
        .collect();
    let (left, right) = letters.split_at(4);
    Ok(format!("{}-{}", String::from_iter(left), String::from_iter(right)))
}
