//! Files that are either written whole or not at all.
//!
//! A file grows under a temporary name in the folder where it will stay, is flushed to the disk, and then takes its name in one
//! step. Whatever stops it before leaves the old file as it was. A name that belongs to something else than a plain file (a
//! device, a pipe) is written to directly, because nothing may take its place.

use sparsec::Error;
use sparsec::syntax::diagnostics::E1001;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// Temporary files that exist now, for an end in haste.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// A file on its way.
pub struct Pending {
    /// What the user called it.
    shown: PathBuf,
    /// Where it goes, links followed.
    target: PathBuf,
    /// The temporary name; `None` for a device.
    temporary: Option<PathBuf>,
    writer: Option<BufWriter<File>>,
}

/// The error of a file that cannot be written.
pub fn cannot_write(path: &Path, error: &io::Error) -> Error {
    let why = sparsec::files::reason(error);
    Error::new(E1001, format!("cannot write `{}`: {why}", path.display()))
        .help("an older file of this name is as it was")
}

impl Pending {
    /// Starts a file.
    pub fn create(path: &Path) -> Result<Self, Error> {
        Self::start(path).map_err(|e| cannot_write(path, &e))
    }

    fn start(path: &Path) -> io::Result<Self> {
        let target = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        let old = std::fs::metadata(&target).ok();
        if old.as_ref().is_some_and(std::fs::Metadata::is_dir) {
            return Err(io::Error::other("it is a folder"));
        }
        if old.as_ref().is_some_and(|m| !m.is_file()) {
            let file = File::options().write(true).open(&target)?;
            return Ok(Self { shown: path.into(), target, temporary: None, writer: Some(BufWriter::new(file)) });
        }
        let name = target.file_name().ok_or_else(|| io::Error::other("it has no file name"))?;
        let (temporary, file) = create_beside(&target, &name.to_string_lossy())?;
        if let Some(old) = old
            && old.permissions().readonly()
        {
            drop(file);
            forget(&temporary);
            return Err(io::Error::from(io::ErrorKind::PermissionDenied));
        }
        Ok(Self { shown: path.into(), target, temporary: Some(temporary), writer: Some(BufWriter::new(file)) })
    }

    /// Appends bytes.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let done = match &mut self.writer {
            Some(writer) => writer.write_all(bytes),
            None => Err(io::Error::other("it has been finished")),
        };
        done.map_err(|e| cannot_write(&self.shown, &e))
    }

    /// Flushes the bytes to the disk; the name is still the old file's.
    pub fn flush(&mut self) -> Result<(), Error> {
        self.try_flush().map_err(|e| cannot_write(&self.shown, &e))
    }

    fn try_flush(&mut self) -> io::Result<()> {
        if let Some(mut writer) = self.writer.take() {
            writer.flush()?;
            if self.temporary.is_some() {
                writer.get_ref().sync_all()?;
            }
        }
        Ok(())
    }

    /// Flushes, and gives the file its name.
    pub fn finish(mut self) -> Result<(), Error> {
        self.try_finish().map_err(|e| cannot_write(&self.shown, &e))
    }

    fn try_finish(&mut self) -> io::Result<()> {
        self.try_flush()?;
        if let Some(temporary) = &self.temporary {
            if let Ok(old) = std::fs::metadata(&self.target) {
                std::fs::set_permissions(temporary, old.permissions())?;
            }
            std::fs::rename(temporary, &self.target)?;
            unregister(temporary);
            self.temporary = None;
        }
        Ok(())
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if let Some(temporary) = self.temporary.take() {
            // The writer is closed first: some systems do not remove an open file.
            self.writer = None;
            forget(&temporary);
        }
    }
}

/// Writes a whole file.
pub fn whole(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let mut pending = Pending::create(path)?;
    pending.write(bytes)?;
    pending.finish()
}

/// Removes temporary files; for an end in haste.
pub fn remove_unfinished() {
    if let Ok(mut unfinished) = UNFINISHED.try_lock() {
        for path in unfinished.drain(..) {
            let _ = std::fs::remove_file(path);
        }
    }
}

fn create_beside(target: &Path, name: &str) -> io::Result<(PathBuf, File)> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    loop {
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let temporary = target.with_file_name(format!(".{name}.{}-{count}.tmp", std::process::id()));
        match File::options().write(true).create_new(true).open(&temporary) {
            Ok(file) => {
                if let Ok(mut unfinished) = UNFINISHED.lock() {
                    unfinished.push(temporary.clone());
                }
                return Ok((temporary, file));
            }
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
            Err(e) => return Err(e),
        }
    }
}

fn unregister(temporary: &Path) {
    if let Ok(mut unfinished) = UNFINISHED.lock() {
        unfinished.retain(|path| path != temporary);
    }
}

fn forget(temporary: &Path) {
    let _ = std::fs::remove_file(temporary);
    unregister(temporary);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("sparsec-write-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }

    // Fault 139.
    #[test]
    fn a_write_that_is_cut_short_leaves_the_old_file() {
        let folder = folder("139");
        let path = folder.join("y.npy");
        whole(&path, b"old").unwrap();
        // Killed while writing: the old content stays.
        let mut pending = Pending::create(&path).unwrap();
        pending.write(&[7; 100_000]).unwrap();
        pending.flush().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        drop(pending);
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1, "a temporary file is left");
        whole(&path, b"new").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        std::fs::remove_dir_all(&folder).unwrap();
    }

    // Fault 140.
    #[test]
    fn writers_of_one_file_never_mix_their_contents() {
        let folder = folder("140");
        let path = folder.join("y.npy");
        let contents: Vec<Vec<u8>> = (0..8u8).map(|k| vec![k; 50_000]).collect();
        std::thread::scope(|scope| {
            for content in &contents {
                scope.spawn(|| (0..20).for_each(|_| whole(&path, content).unwrap()));
            }
        });
        assert!(contents.contains(&std::fs::read(&path).unwrap()));
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
        std::fs::remove_dir_all(&folder).unwrap();
    }

    // Fault 138.
    #[test]
    #[cfg(target_os = "linux")]
    fn device() {
        let e = whole(Path::new("/dev/full"), b"x").unwrap_err();
        assert_eq!(e.diagnostics[0].code.code, "E1001");
        assert!(Path::new("/dev/full").exists());
        assert!(whole(&std::env::temp_dir(), b"x").unwrap_err().to_string().contains("folder"));
    }
}
