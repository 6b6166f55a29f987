//! Disks that take their time. What syncs a file waits first, in the server's own process, so that its disk is slow for
//! nobody else. Needs the C compiler, which a Rust that links is never without here.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const SOURCE: &str = include_str!("slow_disk.c");

/// What makes them slow, and how slow they are.
#[derive(Debug)]
pub struct SlowDisks {
    library: PathBuf,
    folder: PathBuf,
}

impl SlowDisks {
    /// None where there is no compiler, or no way to load what it makes.
    pub fn new(folder: &Path) -> io::Result<Option<Self>> {
        if !cfg!(target_os = "linux") {
            return Ok(None);
        }
        let (source, library) = (folder.join("slow_disk.c"), folder.join("slow_disk.so"));
        fs::write(&source, SOURCE)?;
        let mut compiler = Command::new("cc");
        compiler.args(["-O1", "-Wall", "-Werror", "-shared", "-fPIC", "-o"]).arg(&library).arg(&source);
        match compiler.status() {
            Ok(status) if status.success() => Ok(Some(Self { library, folder: folder.to_owned() })),
            Ok(status) => Err(io::Error::other(format!("cc: {status}"))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn told(&self, place: usize) -> PathBuf {
        self.folder.join(format!("slow{}", place + 1))
    }

    /// A server that is started so finds its disk as slow as it is.
    pub fn load(&self, server: &mut Command, place: usize) {
        server.env("LD_PRELOAD", &self.library).env("SLOW_DISK", self.told(place));
    }

    pub fn set(&self, place: usize, each: Option<Duration>) -> io::Result<()> {
        match each {
            Some(each) => fs::write(self.told(place), each.as_millis().to_string()),
            None => match fs::remove_file(self.told(place)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            },
        }
    }
}
