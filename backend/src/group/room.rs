//! What a member says of its disk.

use std::fs;
use std::path::Path;

use jiff::Timestamp;
use tillwatch_shared::UtcMicros;

use super::COPIES;
use super::machine::CURRENT;
use super::words::Room;

pub fn of(data_dir: &Path) -> Room {
    let copied = fs::metadata(data_dir.join(COPIES).join(CURRENT)).and_then(|file| file.modified()).ok();
    let copied_at = copied.and_then(|at| Timestamp::try_from(at).ok()).map(|at| UtcMicros::from(at).0);
    Room { free: free(data_dir), copied_at }
}

/// Bytes that are free on the folder's disk, where the system says so.
#[cfg(unix)]
pub fn free(folder: &Path) -> Option<u64> {
    let told = rustix::fs::statvfs(folder).ok()?;
    told.f_bavail.checked_mul(told.f_frsize)
}

#[cfg(not(unix))]
pub const fn free(_folder: &Path) -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_what_is_free_and_when_the_copy_was_made() {
        let data = tempfile::tempdir().unwrap();
        let before = of(data.path());
        assert_eq!(before.copied_at, None);
        assert_eq!(before.free.is_some(), cfg!(unix));
        fs::create_dir(data.path().join(COPIES)).unwrap();
        fs::write(data.path().join(COPIES).join(CURRENT), "copy").unwrap();
        assert!(of(data.path()).copied_at.is_some_and(|at| at > 0));
    }
}
