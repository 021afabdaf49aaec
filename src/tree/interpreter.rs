//! The interpreter: what the kernel starts in the place of a file that is executed.
//!
//! A script names it in its first line (execve(2), "Interpreter scripts"), a dynamic program in its segment `PT_INTERP`
//! (System V ABI, "Program Header"). Where it is not there, the kernel says that the file itself is not.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use anyhow::{Context, Result};
use camino::Utf8Path;

/// So much of a first line the kernel reads.
const LINE: usize = 256;

/// Longer no path is that a program header names.
const LONGEST: u64 = 4096;

/// What a file needs to be started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Needs {
    /// A script needs the program that its first line names.
    Script(String),
    /// A program needs the dynamic linker that it names.
    Linker(String),
    /// A program that stands alone, or a file of a kind that is not known here.
    Nothing,
}

/// What the program at `path` on disk needs.
///
/// # Errors
/// When the file cannot be read. A header that makes no sense needs nothing.
pub(crate) fn of_file(path: &Utf8Path) -> Result<Needs> {
    let context = || format!("reading {path}");
    let mut file = File::open(path).with_context(context)?;
    let mut head = Vec::new();
    file.by_ref()
        .take(LINE as u64)
        .read_to_end(&mut head)
        .with_context(context)?;
    if let Some(script) = of_script(&head) {
        return Ok(script);
    }
    let linker = linker(&mut file, &head).unwrap_or_default();
    Ok(linker.map_or(Needs::Nothing, Needs::Linker))
}

/// What a file of this content needs, when it is a script.
pub(crate) fn of_script(content: &[u8]) -> Option<Needs> {
    let line = content.strip_prefix(b"#!")?;
    let line = &line[..line.len().min(LINE)];
    let line = line.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = String::from_utf8_lossy(line);
    let program = line.split([' ', '\t']).find(|word| !word.is_empty());
    Some(Needs::Script(program.unwrap_or_default().to_owned()))
}

/// The dynamic linker of an ELF file that begins with `head`.
fn linker(file: &mut File, head: &[u8]) -> std::io::Result<Option<String>> {
    let Some(elf) = Elf::of(head) else {
        return Ok(None);
    };
    let Some((at, size, count)) = elf.program_headers(head) else {
        return Ok(None);
    };
    for number in 0..count {
        let mut header = vec![0; usize::from(size)];
        let offset = at.saturating_add(u64::from(number) * u64::from(size));
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(&mut header)?;
        if let Some((offset, length)) = elf.interpreter(&header) {
            let mut name = vec![0; usize::try_from(length.min(LONGEST)).unwrap_or_default()];
            file.seek(SeekFrom::Start(offset))?;
            file.read_exact(&mut name)?;
            let name = name.split(|byte| *byte == 0).next().unwrap_or_default();
            return Ok(Some(String::from_utf8_lossy(name).into_owned()));
        }
    }
    Ok(None)
}

/// How the numbers of an ELF file are written.
#[derive(Clone, Copy)]
struct Elf {
    wide: bool,
    big_endian: bool,
}

impl Elf {
    fn of(head: &[u8]) -> Option<Self> {
        let ident = head.strip_prefix(b"\x7fELF")?;
        Some(Self {
            wide: match ident.first()? {
                1 => false,
                2 => true,
                _ => return None,
            },
            big_endian: match ident.get(1)? {
                1 => false,
                2 => true,
                _ => return None,
            },
        })
    }

    /// Where the program headers are, the size of each, and how many.
    fn program_headers(self, head: &[u8]) -> Option<(u64, u16, u16)> {
        let (at, size, count) = if self.wide {
            (32, 54, 56)
        } else {
            (28, 42, 44)
        };
        let short = |at| u16::try_from(self.number(head, at, 2)?).ok();
        Some((self.address(head, at)?, short(size)?, short(count)?))
    }

    /// Where the interpreter's name is and how long, when `header` is that of `PT_INTERP`.
    fn interpreter(self, header: &[u8]) -> Option<(u64, u64)> {
        if self.number(header, 0, 4)? != 3 {
            return None;
        }
        let (offset, size) = if self.wide { (8, 32) } else { (4, 16) };
        Some((self.address(header, offset)?, self.address(header, size)?))
    }

    fn address(self, bytes: &[u8], at: usize) -> Option<u64> {
        self.number(bytes, at, if self.wide { 8 } else { 4 })
    }

    fn number(self, bytes: &[u8], at: usize, length: usize) -> Option<u64> {
        let bytes = bytes.get(at..at + length)?;
        let add = |number, byte: &u8| number << 8 | u64::from(*byte);
        Some(if self.big_endian {
            bytes.iter().fold(0, add)
        } else {
            bytes.iter().rev().fold(0, add)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_line_names_the_interpreter() {
        for (content, program) in [
            ("#!/bin/sh\necho", "/bin/sh"),
            ("#! \t/usr/bin/env python3 -u\n", "/usr/bin/env"),
            ("#!/bin/sh", "/bin/sh"),
            ("#!\n", ""),
            ("#!sh\n", "sh"),
        ] {
            let needs = of_script(content.as_bytes());
            assert_eq!(needs, Some(Needs::Script(program.to_owned())), "{content}");
        }
        assert_eq!(of_script(b"echo"), None);
        assert_eq!(of_script(b""), None);
    }

    /// A program of one program header.
    fn program(wide: bool, big_endian: bool, linker: &str) -> Vec<u8> {
        let mut bytes = vec![0; 128];
        bytes[..4].copy_from_slice(b"\x7fELF");
        bytes[4] = 1 + u8::from(wide);
        bytes[5] = 1 + u8::from(big_endian);
        let mut number = |at: usize, length: usize, number: u64| {
            let le = number.to_le_bytes();
            for (index, byte) in le[..length].iter().enumerate() {
                let index = if big_endian {
                    length - 1 - index
                } else {
                    index
                };
                bytes[at + index] = *byte;
            }
        };
        let address = if wide { 8 } else { 4 };
        number(if wide { 32 } else { 28 }, address, 64);
        number(if wide { 54 } else { 42 }, 2, 56);
        number(if wide { 56 } else { 44 }, 2, 1);
        number(64, 4, 3);
        number(64 + if wide { 8 } else { 4 }, address, 128);
        number(
            64 + if wide { 32 } else { 16 },
            address,
            linker.len() as u64 + 1,
        );
        bytes.extend(linker.as_bytes());
        bytes.push(0);
        bytes
    }

    #[test]
    fn a_dynamic_program_names_its_linker() {
        let directory = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(directory.path()).unwrap().join("p");
        for (wide, big_endian) in [(true, false), (true, true), (false, false), (false, true)] {
            let whole = program(wide, big_endian, "/lib/ld.so.1");
            std::fs::write(&path, &whole).unwrap();
            let linker = Needs::Linker("/lib/ld.so.1".to_owned());
            assert_eq!(of_file(&path).unwrap(), linker);
            // Whatever is cut off or wrong, there is an answer.
            for length in 0..whole.len() {
                std::fs::write(&path, &whole[..length]).unwrap();
                assert_eq!(of_file(&path).unwrap(), Needs::Nothing, "{length}");
            }
        }
    }
}
