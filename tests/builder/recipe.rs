//! Archives made from recipes, malformed ones too, which nothing but a raw writer of headers can make.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Seek, Write};
use std::path::Path;
use std::process::Command;

use nix2aci::pack::archive::{Archive, Body};
use nix2aci::tree::Attributes;
use serde::Deserialize;
use tar::{EntryType, Header};

/// Tar streams are made of blocks of this many bytes.
const BLOCK: usize = 512;

/// How an archive is made.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Recipe {
    #[serde(default)]
    pub(crate) entries: Vec<Item>,
    /// Headers without a magic number, as they were before POSIX.
    #[serde(default)]
    v7: bool,
    #[serde(default)]
    pub(crate) compression: Compression,
    #[serde(default)]
    pub(crate) damage: Damage,
    /// Whether two images are built of the same tree and compared.
    #[serde(default)]
    pub(crate) twice: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Compression {
    #[default]
    None,
    Gzip,
    GzipMembers,
    GzipTwice,
    Bzip2,
    Xz,
    Lzma,
    Zstd,
    Zip,
}

/// What is done to an archive in the end.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "camelCase")]
pub(crate) struct Damage {
    /// Zero blocks at the end of the stream, where it does not have two.
    end_blocks: Option<usize>,
    /// What follows the end of the stream.
    behind: String,
    /// Bytes of the file that its end lacks.
    cut: usize,
    /// A byte of the file that is wrong, counted from its end.
    wrong: Option<usize>,
    /// What follows the end of the file.
    append: String,
}

/// An entry of an archive, or of a package.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Item {
    path: String,
    #[serde(default)]
    kind: Type,
    /// The manifest's own text is that of an image of ours.
    content: Option<String>,
    #[serde(default)]
    link: String,
    mode: Option<String>,
    #[serde(default)]
    uid: u32,
    #[serde(default)]
    gid: u32,
    /// Records of its extended header.
    #[serde(default)]
    pax: BTreeMap<String, String>,
    /// How many of them there are; `#` in the path is the number of each.
    times: Option<u32>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Type {
    #[default]
    File,
    HardLink,
    Symlink,
    Char,
    Block,
    Directory,
    Fifo,
    Contiguous,
    Unknown,
    GnuSparse,
    Global,
}

impl Type {
    /// The byte of the header that says so.
    fn byte(self) -> u8 {
        match self {
            Self::File => b'0',
            Self::HardLink => b'1',
            Self::Symlink => b'2',
            Self::Char => b'3',
            Self::Block => b'4',
            Self::Directory => b'5',
            Self::Fifo => b'6',
            Self::Contiguous => b'7',
            Self::Unknown => b'Z',
            Self::GnuSparse => b'S',
            Self::Global => b'g',
        }
    }
}

impl Item {
    fn mode(&self) -> u32 {
        let default = match self.kind {
            Type::Directory => "0755",
            Type::Symlink => "0777",
            _ => "0644",
        };
        u32::from_str_radix(self.mode.as_deref().unwrap_or(default), 8).unwrap()
    }

    pub(crate) fn content<'a>(&'a self, manifest: &'a str) -> &'a str {
        let own = Path::new(&self.path).file_name() == Some("manifest".as_ref());
        let default = if own { manifest } else { "" };
        self.content.as_deref().unwrap_or(default)
    }

    /// The entries that it stands for.
    pub(crate) fn each(&self) -> impl Iterator<Item = Item> {
        (0..self.times.unwrap_or(1)).map(|number| Item {
            path: self.path.replace('#', &number.to_string()),
            ..self.clone()
        })
    }

    /// Appends it as it is, whatever a reader may make of it.
    fn append(&self, archive: &mut tar::Builder<Vec<u8>>, v7: bool, manifest: &str) {
        let content = self.content(manifest);
        let mut header = match (self.kind, v7) {
            (Type::GnuSparse, _) => Header::new_gnu(),
            (_, true) => Header::new_old(),
            (_, false) => Header::new_ustar(),
        };
        let mut pax = self.pax.clone();
        if self.path.len() > 100 {
            pax.insert("path".to_owned(), self.path.clone());
        }
        let records = pax.iter();
        let records = records.map(|(key, text)| (key.as_str(), text.as_bytes()));
        archive.append_pax_extensions(records).unwrap();
        let name = self.path.as_bytes();
        let name = &name[..name.len().min(100)];
        header.as_old_mut().name[..name.len()].copy_from_slice(name);
        header.as_old_mut().linkname[..self.link.len()].copy_from_slice(self.link.as_bytes());
        header.set_entry_type(EntryType::new(self.kind.byte()));
        header.set_mode(self.mode());
        header.set_uid(self.uid.into());
        header.set_gid(self.gid.into());
        header.set_mtime(1);
        header.set_size(content.len() as u64);
        if let (Type::Char | Type::Block, Some(ustar)) = (self.kind, header.as_ustar_mut()) {
            ustar.set_device_major(1);
            ustar.set_device_minor(3);
        }
        if let (Type::GnuSparse, Some(gnu)) = (self.kind, header.as_gnu_mut()) {
            // A hole of one block, and the content behind it.
            gnu.sparse[0].offset.copy_from_slice(b"00000001000\0");
            let length = format!("{:011o}\0", content.len());
            gnu.sparse[0].numbytes.copy_from_slice(length.as_bytes());
            let size = format!("{:011o}\0", BLOCK + content.len());
            gnu.realsize.copy_from_slice(size.as_bytes());
        }
        header.set_cksum();
        archive.append(&header, content.as_bytes()).unwrap();
    }

    /// Puts it into a package on disk; false when the host forbids that.
    pub(crate) fn put(&self, package: &Path, manifest: &str) -> bool {
        let path = package.join(&self.path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let device = |words: &[&str]| {
            let made = Command::new("mknod").arg(&path).args(words).output();
            made.is_ok_and(|output| output.status.success())
        };
        match self.kind {
            Type::File => fs::write(&path, self.content(manifest)).unwrap(),
            Type::Directory => fs::create_dir_all(&path).unwrap(),
            Type::Symlink => std::os::unix::fs::symlink(&self.link, &path).unwrap(),
            Type::HardLink => fs::hard_link(package.join(&self.link), &path).unwrap(),
            Type::Fifo => return device(&["p"]),
            Type::Char => return device(&["c", "1", "3"]),
            Type::Block => return device(&["b", "7", "0"]),
            other => panic!("no file system has {other:?}"),
        }
        true
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let level = flate2::Compression::default();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// By the program, where it is installed.
fn bzip2(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut input = tempfile::tempfile().unwrap();
    input.write_all(bytes).unwrap();
    input.rewind().unwrap();
    let output = Command::new("bzip2").stdin(input).output().ok()?;
    assert!(output.status.success());
    Some(output.stdout)
}

/// A file `name` in a zip archive, stored as it is (APPNOTE 6.3, section 4.3).
fn zip(name: &str, bytes: &[u8]) -> Vec<u8> {
    let number = |number: usize| u32::try_from(number).unwrap().to_le_bytes();
    let mut sum = flate2::Crc::new();
    sum.update(bytes);
    // Version, flags, method, time and date; then sum, both sizes, length of the name, and of no more fields.
    let mut common = vec![10, 0, 0, 0, 0, 0, 0, 0, 0x21, 0];
    common.extend(sum.sum().to_le_bytes());
    common.extend([bytes.len(), bytes.len(), name.len()].map(number).concat());
    let mut file = [b"PK\x03\x04", common.as_slice(), name.as_bytes(), bytes].concat();
    let start = file.len();
    file.extend(
        [
            b"PK\x01\x02\x0a\0",
            common.as_slice(),
            &[0; 14],
            name.as_bytes(),
        ]
        .concat(),
    );
    let directory = number(file.len() - start);
    file.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    file.extend([directory, number(start)].concat());
    file.extend([0, 0]);
    file
}

impl Compression {
    /// Nothing when the host lacks the program for it.
    fn compress(self, bytes: Vec<u8>) -> Option<Vec<u8>> {
        let lzma = |stream| {
            let mut encoder = liblzma::write::XzEncoder::new_stream(Vec::new(), stream);
            encoder.write_all(&bytes).unwrap();
            encoder.finish().unwrap()
        };
        Some(match self {
            Self::None => bytes,
            Self::Gzip => gzip(&bytes),
            Self::GzipMembers => {
                let (one, two) = bytes.split_at(bytes.len() / 2);
                [gzip(one), gzip(two)].concat()
            }
            Self::GzipTwice => gzip(&gzip(&bytes)),
            Self::Xz => {
                let check = liblzma::stream::Check::Crc64;
                lzma(liblzma::stream::Stream::new_easy_encoder(6, check).unwrap())
            }
            Self::Lzma => {
                let options = liblzma::stream::LzmaOptions::new_preset(6).unwrap();
                lzma(liblzma::stream::Stream::new_lzma_encoder(&options).unwrap())
            }
            Self::Zstd => zstd::encode_all(bytes.as_slice(), 3).unwrap(),
            Self::Zip => zip("image.tar", &bytes),
            Self::Bzip2 => return bzip2(&bytes),
        })
    }

    /// What the spec calls the nearest that an image can have.
    pub(crate) fn method(self) -> &'static str {
        match self {
            Self::Gzip | Self::GzipMembers | Self::GzipTwice => "gzip",
            Self::Xz => "xz",
            _ => "none",
        }
    }
}

impl Damage {
    pub(crate) fn of_stream(&self, stream: &mut Vec<u8>) {
        if let Some(blocks) = self.end_blocks {
            stream.truncate(stream.len() - (2 - blocks) * BLOCK);
        }
        stream.extend(self.behind.as_bytes());
    }

    pub(crate) fn of_file(&self, file: &mut Vec<u8>) {
        file.truncate(file.len() - self.cut);
        if let Some(at) = self.wrong {
            let at = file.len() - at;
            file[at] ^= 0xff;
        }
        file.extend(self.append.as_bytes());
    }
}

impl Recipe {
    /// The archive; nothing when the host cannot make it.
    pub(crate) fn make(&self, manifest: &str) -> Option<Vec<u8>> {
        let mut archive = tar::Builder::new(Vec::new());
        for entry in self.entries.iter().flat_map(Item::each) {
            entry.append(&mut archive, self.v7, manifest);
        }
        let mut stream = archive.into_inner().unwrap();
        self.damage.of_stream(&mut stream);
        let mut file = self.compression.compress(stream)?;
        self.damage.of_file(&mut file);
        Some(file)
    }

    /// The entries, written by what writes the archives of images.
    pub(crate) fn write(&self, manifest: &str) -> std::io::Result<Vec<u8>> {
        let mut entries = self.entries.iter().flat_map(Item::each);
        let first = entries.next().unwrap();
        assert_eq!(first.path, "manifest", "the writer begins with it");
        let mut archive = Archive::image(Vec::new(), first.content(manifest))?;
        for entry in entries {
            // The slash behind a directory's name is the writer's own business.
            let path = match entry.kind {
                Type::Directory => entry.path.trim_end_matches('/'),
                _ => &entry.path,
            };
            let below = path.strip_prefix("rootfs");
            let below = below.expect("the writer has no other entries");
            let content = entry.content("");
            let kind = match entry.kind {
                Type::File => Body::File(content.len() as u64),
                Type::Directory => Body::Directory,
                Type::Symlink => Body::Symlink(&entry.link),
                other => panic!("the writer has no {other:?}"),
            };
            let attributes = Attributes {
                mode: entry.mode(),
                uid: entry.uid,
                gid: entry.gid,
            };
            archive.entry(below, kind, attributes)?;
            archive.content(content.as_bytes())?;
        }
        archive.finish()
    }
}
