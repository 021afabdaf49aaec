//! The interpreter: what the kernel starts in the place of a file that is executed.
//!
//! A script names it in its first line (execve(2), "Interpreter scripts"), a dynamic program in its segment `PT_INTERP`
//! (System V ABI, "Program Header"). Where it is not there, the kernel says that the file itself is not.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use anyhow::{Context, Result};
use camino::Utf8Path;
use elf::abi::{EI_NIDENT, PT_INTERP};
use elf::endian::AnyEndian;
use elf::file::{Class, FileHeader, parse_ident};
use elf::parse::ParseAt;
use elf::segment::{ProgramHeader, SegmentTable};

use crate::rules::{Machine, Order};

/// So much of a first line the kernel reads.
const LINE: usize = 256;

/// Longer no path is that a program header names.
const LONGEST: usize = 4096;

/// Larger the kernel takes no table of program headers (`load_elf_phdrs`).
const LONGEST_TABLE: usize = 65_536;

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
    Ok(linker(&mut file, &head).map_or(Needs::Nothing, Needs::Linker))
}

/// The processor that the program at `path` on disk is for; nothing for what is no program of the kernel's own.
pub(crate) fn machine_of_file(path: &Utf8Path) -> Result<Option<Machine>> {
    let context = || format!("reading {path}");
    let file = File::open(path).with_context(context)?;
    let mut head = Vec::new();
    file.take(LINE as u64)
        .read_to_end(&mut head)
        .with_context(context)?;
    Ok(header(&head).map(|header| {
        let bits = match header.class {
            Class::ELF32 => 32,
            Class::ELF64 => 64,
        };
        let order = match header.endianness {
            AnyEndian::Little => Order::Little,
            AnyEndian::Big => Order::Big,
        };
        Machine(header.e_machine, bits, order)
    }))
}

/// The header of an ELF file that begins with `head`.
fn header(head: &[u8]) -> Option<FileHeader<AnyEndian>> {
    let (ident, tail) = head.split_at_checked(EI_NIDENT)?;
    let ident = parse_ident::<AnyEndian>(ident).ok()?;
    FileHeader::parse_tail(ident, tail).ok()
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

/// The dynamic linker of an ELF file that begins with `head`; nothing where its header makes no sense to the kernel.
fn linker(file: &mut File, head: &[u8]) -> Option<String> {
    let header = header(head)?;
    let size = ProgramHeader::size_for(header.class);
    if usize::from(header.e_phentsize) != size {
        return None;
    }
    let length = size * usize::from(header.e_phnum);
    if length > LONGEST_TABLE {
        return None;
    }
    let table = read(file, header.e_phoff, length)?;
    let segments = SegmentTable::new(header.endianness, header.class, &table);
    let named = segments.iter().find(|one| one.p_type == PT_INTERP)?;
    let length = usize::try_from(named.p_filesz).map_or(LONGEST, |size| size.min(LONGEST));
    let name = read(file, named.p_offset, length)?;
    let name = name.split(|byte| *byte == 0).next().unwrap_or_default();
    Some(String::from_utf8_lossy(name).into_owned())
}

/// So many bytes of `file` from `offset` on, where it has them.
fn read(file: &mut File, offset: u64, length: usize) -> Option<Vec<u8>> {
    let mut bytes = vec![0; length];
    file.seek(SeekFrom::Start(offset)).ok()?;
    file.read_exact(&mut bytes).ok()?;
    Some(bytes)
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
        bytes[6] = 1;
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
        number(if wide { 54 } else { 42 }, 2, if wide { 56 } else { 32 });
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

    /// What its header asks for would be gigabytes, and the disk has a few bytes of them.
    #[test]
    fn a_header_that_asks_for_gigabytes_is_not_obeyed() {
        let directory = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(directory.path()).unwrap().join("p");
        let mut whole = program(true, false, "/lib/ld.so.1");
        whole[64] = 0;
        let sizes = [(56, u16::MAX), (u16::MAX, 1), (u16::MAX, u16::MAX), (55, 1)];
        for (size, count) in sizes {
            whole[54..56].copy_from_slice(&size.to_le_bytes());
            whole[56..58].copy_from_slice(&count.to_le_bytes());
            std::fs::write(&path, &whole).unwrap();
            let mut file = File::options().read(true).write(true).open(&path).unwrap();
            file.set_len(5_000_000_000).unwrap();
            assert_eq!(linker(&mut file, &whole[..128]), None);
            assert_eq!(
                file.stream_position().unwrap(),
                0,
                "nothing was read for it"
            );
        }
        // A name as long as a file is cut.
        let mut whole = program(true, false, &"n".repeat(10_000));
        whole[54..56].copy_from_slice(&56_u16.to_le_bytes());
        whole[96..104].copy_from_slice(&4_000_000_000_u64.to_le_bytes());
        std::fs::write(&path, &whole).unwrap();
        assert_eq!(of_file(&path).unwrap(), Needs::Linker("n".repeat(LONGEST)));
    }
}
