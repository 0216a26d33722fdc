//! Data from files: the one place below the command line that opens any.

use crate::error::Error;
use sparsec_data::{Array, Error as DataError, Kind, literal};
use sparsec_syntax::diagnostic::Diagnostic;
use sparsec_syntax::diagnostics;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Bytes of one data file.
pub const MAX_FILE_BYTES: u64 = 1 << 32;

/// Bytes of one problem file; the parser has a smaller limit of its own and the better message.
pub const MAX_PROBLEM_BYTES: u64 = 1 << 26;

/// Reads the whole of a file, or says why not: missing, a folder, no permission, too large.
pub fn bytes(path: &Path, limit: u64) -> Result<Vec<u8>, Error> {
    let fail = |why: String| Error::new(diagnostics::E0505, format!("cannot read `{}`: {why}", path.display()));
    let file = std::fs::File::open(path).map_err(|e| fail(reason(&e)))?;
    let meta = file.metadata().map_err(|e| fail(reason(&e)))?;
    if meta.is_dir() {
        return Err(fail("it is a folder".to_owned()));
    }
    if is_device(&meta) {
        return Err(fail("it is a device".to_owned()));
    }
    let too_large = || fail(format!("it has more than {limit} bytes"));
    if meta.len() > limit {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    let expected = usize::try_from(meta.len()).map_err(|_| too_large())?;
    bytes.try_reserve(expected).map_err(|_| fail("there is no memory for it".to_owned()))?;
    file.take(limit + 1).read_to_end(&mut bytes).map_err(|e| fail(reason(&e)))?;
    if bytes.len() as u64 > limit { Err(too_large()) } else { Ok(bytes) }
}

/// True for what may have no end (`/dev/zero`). Pipes may be read: somebody writes them.
fn is_device(meta: &std::fs::Metadata) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        let kind = meta.file_type();
        kind.is_char_device() || kind.is_block_device()
    }
    #[cfg(not(unix))]
    {
        let _ = meta;
        false
    }
}

/// The system's reason in its own words, without Rust's error number.
pub fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error") {
        Some(at) => text[..at].to_lowercase(),
        None => text,
    }
}

/// Reads an array from a file; `key` chooses a container's member.
pub fn array(path: &Path, key: Option<&str>) -> Result<Array, Error> {
    let bytes = bytes(path, MAX_FILE_BYTES)?;
    let extension = path.extension().and_then(|e| e.to_str());
    sparsec_data::read(&bytes, extension, key).map_err(|e| malformed(&path.display().to_string(), &e))
}

/// A diagnostic for data that cannot be read; `from` names it.
pub fn malformed(from: &str, error: &DataError) -> Error {
    let code = match error.kind {
        Kind::Unsupported | Kind::WrongFormat => diagnostics::E0507,
        _ => diagnostics::E0506,
    };
    Diagnostic::new(code, format!("`{from}`: {error}")).into()
}

/// A value as the command line takes it.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// A number or list, written out.
    Literal(Array),
    /// A file, and the member of a container.
    File(PathBuf, Option<String>),
}

/// Reads `0.1`, `[1, 2]`, `path.npy`, `path.npz:key` and the like: a number or list is a literal, and all else is a path, which
/// has to have a known extension or be the name of a file that exists.
pub fn source(text: &str) -> Result<Source, DataError> {
    let text = text.trim();
    if text.starts_with('[') || literal::number(text).is_ok() {
        return literal::parse(text).map(Source::Literal);
    }
    let whole = PathBuf::from(text);
    if !whole.is_file()
        && let Some((path, key)) = text.rsplit_once(':')
        && Path::new(path).extension().and_then(|e| e.to_str()).is_some_and(|e| sparsec_data::by_extension(e).is_some())
    {
        return Ok(Source::File(path.into(), Some(key.to_owned())));
    }
    let known = whole.extension().and_then(|e| e.to_str()).is_some_and(|e| sparsec_data::by_extension(e).is_some());
    if known || whole.exists() || text.contains(std::path::MAIN_SEPARATOR) {
        return Ok(Source::File(whole, None));
    }
    literal::parse(text).map(Source::Literal)
}

impl Source {
    /// The array; a relative path is taken from `base`.
    pub fn load(&self, base: &Path) -> Result<Array, Error> {
        match self {
            Source::Literal(array) => Ok(array.clone()),
            Source::File(path, key) => array(&base.join(path), key.as_deref()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_paths_are_told_apart() {
        assert_eq!(source("0.5").unwrap(), Source::Literal(Array::scalar(0.5)));
        assert_eq!(source(" [1, 2]").unwrap(), Source::Literal(Array::vector(vec![1.0, 2.0])));
        assert_eq!(source("a/x.npy").unwrap(), Source::File("a/x.npy".into(), None));
        assert_eq!(source("x.npz:key").unwrap(), Source::File("x.npz".into(), Some("key".into())));
        assert!(source("abc").is_err());
        assert!(source("1e999").is_err());
        assert!(source("").is_err());
    }

    // Fault 79.
    #[test]
    fn folders_missing_files_and_devices_are_refused_by_name() {
        let folder = std::env::temp_dir();
        let e = array(&folder, None).unwrap_err();
        assert!(e.to_string().contains("folder"), "{e}");
        let e = array(&folder.join("sparsec-no-such-file.npy"), None).unwrap_err();
        assert_eq!(e.diagnostics[0].code.code, "E0505");
        assert!(e.to_string().contains("no such file"), "{e}");
        #[cfg(target_os = "linux")]
        {
            // A device is not read at all, however much would be allowed.
            for device in ["/dev/zero", "/dev/null", "/dev/full"] {
                let e = array(Path::new(device), None).unwrap_err();
                assert_eq!((e.diagnostics[0].code.code, e.class().exit_code()), ("E0505", 4));
                assert!(e.to_string().contains(device) && e.to_string().contains("device"), "{e}");
            }
            // What says that it is empty and is not, is read up to the limit.
            let e = bytes(Path::new("/proc/self/maps"), 100).unwrap_err();
            assert!(e.to_string().contains("more than 100 bytes"), "{e}");
        }
    }
}
