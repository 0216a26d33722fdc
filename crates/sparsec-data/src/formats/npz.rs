//! `.npz`: several arrays, each an `.npy` member of a zip file, as NumPy's `savez` and `savez_compressed` write them.
//!
//! A member is chosen by its name without `.npy`; where there is one member only, it need not be named. Names are keys and
//! nothing else: no path of theirs is ever followed. Members may be stored or deflated; a member is inflated up to the size
//! that its inner header asks for and no further, and its checksum and both sizes must agree.

use super::{Format, npy};
use crate::array::Array;
use crate::error::{Error, Kind, Place};
use crate::limits::{MAX_INFLATED_BYTES, MAX_MEMBERS};
use flate2::Crc;
use flate2::read::DeflateDecoder;
use std::io::Read;

/// The registry's entry.
pub static FORMAT: Format = Format {
    name: "npz",
    extensions: &["npz"],
    container: true,
    doc: "Several arrays in a zip file, as NumPy's `savez` and `savez_compressed` write them; a member is chosen by its \
          name without `.npy`, and need not be named where it is the only one.",
    sniff: |bytes| bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06"),
    read,
    write: |array, key| write(&[(key.unwrap_or("arr_0"), array)]),
};

const STORED: u16 = 0;
const DEFLATED: u16 = 8;

/// An entry of the central directory.
struct Member<'a> {
    /// Name without `.npy`.
    key: String,
    flags: u16,
    method: u16,
    crc: u32,
    packed: &'a [u8],
    unpacked: u64,
    /// Offset of the local header.
    at: u64,
}

/// Reads the member `key`, or the only one.
pub fn read(bytes: &[u8], key: Option<&str>) -> Result<Array, Error> {
    if bytes.is_empty() {
        return Err(Error::new(Kind::Empty, "the file is empty"));
    }
    let members = directory(bytes)?;
    let wanted = |m: &&Member| key.is_none_or(|key| m.key == key || m.key == key.trim_end_matches(".npy"));
    let mut matching = members.iter().filter(wanted);
    let member = match (matching.next(), matching.next()) {
        (Some(member), None) => member,
        (None, _) if members.is_empty() => return Err(Error::new(Kind::Empty, "the container has no members")),
        (None, _) => {
            let key = key.unwrap_or_default();
            return Err(Error::new(Kind::Member, format!("there is no member '{key}'; there {}", list(&members))));
        }
        (Some(_), Some(_)) if key.is_none() => {
            return Err(Error::new(Kind::Member, format!("a member has to be named; there {}", list(&members))));
        }
        (Some(member), Some(_)) => {
            return Err(Error::new(Kind::Malformed, format!("there are two members '{}'", member.key)));
        }
    };
    extract(member).map_err(|mut e| {
        // A place within the member is no place in the file.
        let inner = e.place.take();
        e.message = match inner {
            Some(Place::Byte(b)) => format!("member '{}': {} (at its byte {b})", member.key, e.message),
            _ => format!("member '{}': {}", member.key, e.message),
        };
        e.at(Place::Byte(member.at))
    })
}

/// The keys of all members, in the order of the directory.
pub fn keys(bytes: &[u8]) -> Result<Vec<String>, Error> {
    Ok(directory(bytes)?.into_iter().map(|m| m.key).collect())
}

fn list(members: &[Member]) -> String {
    const SHOWN: usize = 20;
    let mut names: Vec<String> = members.iter().take(SHOWN).map(|m| format!("'{}'", m.key)).collect();
    if members.len() > SHOWN {
        names.push(format!("{} more", members.len() - SHOWN));
    }
    let verb = if members.len() == 1 { "is" } else { "are" };
    format!("{verb} {}", names.join(", "))
}

/// Inflates and decodes a member.
fn extract(member: &Member) -> Result<Array, Error> {
    if member.flags & 1 != 0 {
        return Err(Error::new(Kind::Unsupported, "it is encrypted"));
    }
    let mut crc = Crc::new();
    match member.method {
        STORED => {
            if member.packed.len() as u64 != member.unpacked {
                return Err(Error::new(Kind::Malformed, "it is stored, but its two sizes differ"));
            }
            let array = npy::read(member.packed)?;
            crc.update(member.packed);
            check_crc(member, &crc)?;
            Ok(array)
        }
        DEFLATED => {
            let mut decoder = DeflateDecoder::new(member.packed);
            let mut inflated = Vec::new();
            inflate(&mut decoder, &mut inflated, npy::MAX_PREFIX)?;
            let header = npy::header(&inflated)?;
            let total = header.start.saturating_add(header.bytes);
            if total > MAX_INFLATED_BYTES {
                return Err(Error::new(
                    Kind::TooLarge,
                    format!("it needs {total} bytes, at most {MAX_INFLATED_BYTES} are inflated"),
                ));
            }
            if total as u64 != member.unpacked {
                return Err(Error::new(
                    Kind::Malformed,
                    format!("its header needs {total} bytes, but the container says that it has {}", member.unpacked),
                ));
            }
            // One byte more than wanted shows whether there is more.
            let more = (total + 1).saturating_sub(inflated.len());
            inflate(&mut decoder, &mut inflated, more)?;
            if inflated.len() < total {
                return Err(Error::new(
                    Kind::Truncated,
                    format!("its header needs {total} bytes, but it inflates to {}", inflated.len()),
                ));
            }
            if inflated.len() > total {
                return Err(Error::new(
                    Kind::Malformed,
                    format!("it inflates to more than the {total} bytes that it needs"),
                ));
            }
            crc.update(&inflated);
            check_crc(member, &crc)?;
            npy::decode(&header, &inflated[header.start..])
        }
        other => Err(Error::new(
            Kind::Unsupported,
            format!("its compression method {other} is not known; stored (0) and deflated (8) are"),
        )),
    }
}

/// Appends at most `limit` bytes; memory grows with what is really there.
fn inflate(decoder: &mut DeflateDecoder<&[u8]>, out: &mut Vec<u8>, limit: usize) -> Result<(), Error> {
    decoder
        .take(limit as u64)
        .read_to_end(out)
        .map_err(|e| Error::new(Kind::Malformed, format!("it cannot be inflated: {e}")))?;
    Ok(())
}

fn check_crc(member: &Member, crc: &Crc) -> Result<(), Error> {
    if crc.sum() == member.crc {
        Ok(())
    } else {
        Err(Error::new(
            Kind::Malformed,
            format!("its checksum is {:08x}, but the container says {:08x}", crc.sum(), member.crc),
        ))
    }
}

/// Little-endian fields by offset, checked.
struct Fields<'a> {
    bytes: &'a [u8],
}

impl<'a> Fields<'a> {
    fn slice(&self, at: u64, len: u64) -> Result<&'a [u8], Error> {
        let start = usize::try_from(at).ok();
        let end = at.checked_add(len).and_then(|e| usize::try_from(e).ok());
        start.zip(end).and_then(|(s, e)| self.bytes.get(s..e)).ok_or_else(|| {
            Error::new(Kind::Truncated, "the zip directory points past the end of the file").at(Place::Byte(at))
        })
    }

    fn word(&self, at: u64, size: u64) -> Result<u64, Error> {
        Ok(self.slice(at, size)?.iter().rev().fold(0, |value, &b| (value << 8) | u64::from(b)))
    }

    fn u16(&self, at: u64) -> Result<u16, Error> {
        Ok(self.word(at, 2)? as u16)
    }

    fn u32(&self, at: u64) -> Result<u32, Error> {
        Ok(self.word(at, 4)? as u32)
    }
}

/// The members that the central directory lists.
fn directory(bytes: &[u8]) -> Result<Vec<Member<'_>>, Error> {
    let file = Fields { bytes };
    // The end record is the last thing in the file but for a comment of at most 65535 bytes.
    let first = bytes.len().saturating_sub(22 + 65535);
    let end = (first..=bytes.len().saturating_sub(22))
        .rev()
        .find(|&at| bytes[at..].starts_with(b"PK\x05\x06"))
        .ok_or_else(|| {
            let message = "the zip directory is missing: the file is cut, or it is no npz file";
            Error::new(Kind::Truncated, message).at(Place::Byte(bytes.len() as u64))
        })? as u64;
    let mut count = u64::from(file.u16(end + 10)?);
    let mut size = u64::from(file.u32(end + 12)?);
    let mut at = u64::from(file.u32(end + 16)?);
    if (count == 0xffff || size == 0xffff_ffff || at == 0xffff_ffff)
        && let Some(locator) = end.checked_sub(20)
        && file.u32(locator)? == 0x0706_4b50
    {
        let wide = file.word(locator + 8, 8)?;
        if file.u32(wide)? != 0x0606_4b50 {
            return Err(Error::new(Kind::Malformed, "the wide zip directory is broken").at(Place::Byte(wide)));
        }
        count = file.word(wide.saturating_add(32), 8)?;
        size = file.word(wide.saturating_add(40), 8)?;
        at = file.word(wide.saturating_add(48), 8)?;
    }
    if count > MAX_MEMBERS as u64 {
        return Err(Error::new(
            Kind::TooLarge,
            format!("the container has {count} members, at most {MAX_MEMBERS} are read"),
        ));
    }
    file.slice(at, size)?;
    let stop = at.saturating_add(size);
    let mut members = Vec::new();
    for _ in 0..count {
        if at >= stop || file.u32(at)? != 0x0201_4b50 {
            return Err(Error::new(Kind::Malformed, "the zip directory is cut or broken").at(Place::Byte(at)));
        }
        let (name_len, extra_len) = (u64::from(file.u16(at + 28)?), u64::from(file.u16(at + 30)?));
        let comment_len = u64::from(file.u16(at + 32)?);
        let name = file.slice(at + 46, name_len)?;
        let extra = file.slice(at + 46 + name_len, extra_len)?;
        let mut unpacked = u64::from(file.u32(at + 24)?);
        let mut packed = u64::from(file.u32(at + 20)?);
        let mut local = u64::from(file.u32(at + 42)?);
        widen(extra, [&mut unpacked, &mut packed, &mut local]);
        if file.u32(local)? != 0x0403_4b50 {
            return Err(Error::new(Kind::Malformed, "a zip member does not start where the directory says")
                .at(Place::Byte(local)));
        }
        let skip = 30 + u64::from(file.u16(local + 26)?) + u64::from(file.u16(local + 28)?);
        let name = String::from_utf8_lossy(name);
        members.push(Member {
            key: name.strip_suffix(".npy").unwrap_or(&name).to_owned(),
            flags: file.u16(at + 8)?,
            method: file.u16(at + 10)?,
            crc: file.u32(at + 16)?,
            packed: file.slice(local + skip, packed)?,
            unpacked,
            at: local,
        });
        at += 46 + name_len + extra_len + comment_len;
    }
    Ok(members)
}

/// Replaces the sizes and offset that are all ones by those of the zip64 extra field, in its order.
fn widen(extra: &[u8], fields: [&mut u64; 3]) {
    let mut rest = extra;
    while let [a, b, c, d, tail @ ..] = rest {
        let (id, len) = (u16::from_le_bytes([*a, *b]), usize::from(u16::from_le_bytes([*c, *d])));
        let Some(body) = tail.get(..len) else { return };
        if id == 1 {
            let mut values = body.chunks_exact(8).map(|v| v.iter().rev().fold(0, |x, &b| (x << 8) | u64::from(b)));
            for field in fields {
                if *field == 0xffff_ffff
                    && let Some(value) = values.next()
                {
                    *field = value;
                }
            }
            return;
        }
        rest = &tail[len..];
    }
}

/// Writes a container of stored members.
pub fn write(members: &[(&str, &Array)]) -> Result<Vec<u8>, Error> {
    let too_large = || Error::new(Kind::TooLarge, "the container would be larger than 4 GiB");
    let mut out = Vec::new();
    let mut central = Vec::new();
    for (key, array) in members {
        let name = format!("{key}.npy");
        let body = npy::write(array);
        let mut crc = Crc::new();
        crc.update(&body);
        let at = u32::try_from(out.len()).map_err(|_| too_large())?;
        let size = u32::try_from(body.len()).map_err(|_| too_large())?;
        let name_len = u16::try_from(name.len())
            .map_err(|_| Error::new(Kind::TooLarge, "the name of a member is longer than 65535 bytes"))?;
        // Version needed, flags (UTF-8 name), method, time and date (1 January 1980), checksum, sizes, length of the name.
        let mut common = Vec::new();
        for half in [20u16, 0x0800, STORED, 0, 0x0021] {
            common.extend_from_slice(&half.to_le_bytes());
        }
        for word in [crc.sum(), size, size] {
            common.extend_from_slice(&word.to_le_bytes());
        }
        common.extend_from_slice(&name_len.to_le_bytes());
        out.extend_from_slice(b"PK\x03\x04");
        out.extend_from_slice(&common);
        out.extend_from_slice(&[0, 0]);
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(&body);
        central.extend_from_slice(b"PK\x01\x02");
        central.extend_from_slice(&20u16.to_le_bytes());
        central.extend_from_slice(&common);
        // No extra field, no comment, first disk, no attributes.
        central.extend_from_slice(&[0; 12]);
        central.extend_from_slice(&at.to_le_bytes());
        central.extend_from_slice(name.as_bytes());
    }
    let count = u16::try_from(members.len())
        .map_err(|_| Error::new(Kind::TooLarge, "a container holds at most 65535 members"))?;
    let at = u32::try_from(out.len()).map_err(|_| too_large())?;
    let size = u32::try_from(central.len()).map_err(|_| too_large())?;
    out.extend_from_slice(&central);
    out.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    out.extend_from_slice(&count.to_le_bytes());
    out.extend_from_slice(&count.to_le_bytes());
    out.extend_from_slice(&size.to_le_bytes());
    out.extend_from_slice(&at.to_le_bytes());
    out.extend_from_slice(&[0, 0]);
    Ok(out)
}
