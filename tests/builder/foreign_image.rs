//! Images as other tools make them, right and wrong: archives with all that tar has, layouts, archives of `docker save`.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tar::{EntryType, Header};

use crate::archive::{self, Entry, Kind};
use crate::fixture::Request;

static MADE: AtomicU32 = AtomicU32::new(0);

/// What a member is that is no file, directory or symbolic link.
pub(crate) enum Sort {
    HardLink(&'static str),
    Device,
}

/// A tar stream.
#[derive(Default)]
pub(crate) struct Archive(Vec<u8>);

impl Archive {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// A header as it stands, with content.
    fn member(
        mut self,
        kind: EntryType,
        path: &[u8],
        mode: u32,
        link: &str,
        content: &[u8],
    ) -> Self {
        let mut header = Header::new_ustar();
        let short = &path[..path.len().min(100)];
        header.as_mut_bytes()[..short.len()].copy_from_slice(short);
        header.as_mut_bytes()[157..157 + link.len()].copy_from_slice(link.as_bytes());
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        header.set_size(content.len() as u64);
        header.set_cksum();
        self.0.extend(header.as_bytes());
        self.0.extend(content);
        self.0.resize(self.0.len().next_multiple_of(512), 0);
        self
    }

    pub(crate) fn file(self, path: &str, mode: u32, content: impl AsRef<[u8]>) -> Self {
        if path.len() > 100 {
            return self.long(path, true);
        }
        self.member(
            EntryType::Regular,
            path.as_bytes(),
            mode,
            "",
            content.as_ref(),
        )
    }

    pub(crate) fn directory(self, path: &str) -> Self {
        self.member(EntryType::Directory, path.as_bytes(), 0o755, "", b"")
    }

    pub(crate) fn link(self, path: &str, target: &str) -> Self {
        self.member(EntryType::Symlink, path.as_bytes(), 0o777, target, b"")
    }

    pub(crate) fn add(self, path: &str, sort: &Sort) -> Self {
        match sort {
            Sort::HardLink(target) => {
                self.member(EntryType::Link, path.as_bytes(), 0o644, target, b"")
            }
            Sort::Device => self.member(EntryType::Char, path.as_bytes(), 0o777, "", b""),
        }
    }

    /// An empty file whose name has no place in a header: with a pax header before it, or as GNU's tar writes it.
    pub(crate) fn long(self, path: &str, pax: bool) -> Self {
        let before = if pax {
            let mut length = path.len() + 8;
            while format!("{length} path={path}\n").len() != length {
                length += 1;
            }
            // A value may have line feeds.
            let text = format!("22 SCHILY.xattr.a=1\n2\n{length} path={path}\n");
            self.member(EntryType::XHeader, b"pax", 0o644, "", text.as_bytes())
        } else {
            let text = format!("{path}\0");
            self.member(
                EntryType::GNULongName,
                b"././@LongLink",
                0o644,
                "",
                text.as_bytes(),
            )
        };
        before.member(EntryType::Regular, path.as_bytes(), 0o644, "", b"")
    }

    /// A file of which the header says that it is larger than it is.
    pub(crate) fn claims(self, kind: EntryType, size: u64) -> Self {
        let at = self.0.len();
        let mut made = self.member(kind, b"a", 0o644, "", b"");
        let mut header = Header::from_byte_slice(&made.0[at..]).clone();
        header.set_size(size);
        header.set_cksum();
        made.0[at..].copy_from_slice(header.as_bytes());
        made
    }

    pub(crate) fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend(bytes);
        self
    }

    /// The stream with its end.
    pub(crate) fn bytes(mut self) -> Vec<u8> {
        self.0.resize(self.0.len() + 1024, 0);
        self.0
    }

    /// The stream as it is so far, without so many bytes at its end.
    pub(crate) fn cut(self, left_out: usize) -> Vec<u8> {
        self.0[..self.0.len() - left_out].to_vec()
    }
}

/// How a layer is compressed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    Gzip,
    Zstd,
    Plain,
}

#[derive(Clone)]
struct Layer {
    plain: Vec<u8>,
    packed: Vec<u8>,
}

/// What is wrong with an image.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    DamagedLayer,
    NoLayer,
    WrongDiffId,
    DamagedConfig,
    FewerLayers,
}

/// An image, and where it is written to.
#[derive(Clone)]
pub(crate) struct Foreign {
    directory: PathBuf,
    layers: Vec<Layer>,
    config: Value,
    architecture: &'static str,
    fault: Option<Fault>,
    others: Vec<Foreign>,
}

impl Foreign {
    pub(crate) fn new(directory: &Path) -> Self {
        Self {
            directory: directory.to_owned(),
            layers: Vec::new(),
            config: json!({}),
            architecture: "amd64",
            fault: None,
            others: Vec::new(),
        }
    }

    pub(crate) fn layer(mut self, plain: Vec<u8>, packing: Packing) -> Self {
        let packed = match packing {
            Packing::Gzip => gzip(&plain),
            Packing::Zstd => zstd::encode_all(plain.as_slice(), 3).unwrap(),
            Packing::Plain => plain.clone(),
        };
        self.layers.push(Layer { plain, packed });
        self
    }

    pub(crate) fn config(mut self, config: Value) -> Self {
        self.config = config;
        self
    }

    pub(crate) fn arch(mut self, architecture: &'static str) -> Self {
        self.architecture = architecture;
        self
    }

    pub(crate) fn fault(mut self, fault: Fault) -> Self {
        self.fault = Some(fault);
        self
    }

    /// Another image in the same layout.
    pub(crate) fn beside(mut self, other: Foreign) -> Self {
        self.others.push(other);
        self
    }

    fn configuration(&self) -> Vec<u8> {
        let mut ids: Vec<String> = self
            .layers
            .iter()
            .map(|layer| digest(&layer.plain))
            .collect();
        if self.fault == Some(Fault::WrongDiffId) {
            ids[0] = digest(b"another");
        }
        json!({
            "os": "linux", "architecture": self.architecture, "config": self.config,
            "rootfs": { "type": "layers", "diff_ids": ids },
        })
        .to_string()
        .into_bytes()
    }

    /// The files of a layout.
    fn files(&self) -> Vec<(String, Vec<u8>)> {
        let mut files = vec![(
            "oci-layout".to_owned(),
            b"{\"imageLayoutVersion\":\"1.0.0\"}".to_vec(),
        )];
        let mut manifests = Vec::new();
        for image in [self].into_iter().chain(&self.others) {
            manifests.push(image.blobs(&mut files));
        }
        // What builders put beside images.
        manifests.push(json!({
            "mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": digest(b""), "size": 0,
            "platform": { "os": "unknown", "architecture": "unknown" },
        }));
        let index = json!({ "schemaVersion": 2, "manifests": manifests });
        files.push(("index.json".to_owned(), index.to_string().into_bytes()));
        files
    }

    fn blobs(&self, files: &mut Vec<(String, Vec<u8>)>) -> Value {
        let mut blob = |bytes: &[u8], written: Option<Vec<u8>>| {
            let digest = digest(bytes);
            if let Some(written) = written {
                files.push((format!("blobs/sha256/{}", &digest[7..]), written));
            }
            json!({ "mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": digest, "size": bytes.len() })
        };
        let config = self.configuration();
        let mut written = config.clone();
        if self.fault == Some(Fault::DamagedConfig) {
            written.push(b' ');
        }
        let config = blob(&config, Some(written));
        let mut layers = Vec::new();
        for (at, layer) in self.layers.iter().enumerate() {
            let mut written = layer.packed.clone();
            let end = written.len() / 2;
            match self.fault.filter(|_| at == 0) {
                Some(Fault::DamagedLayer) => written[end] ^= 1,
                Some(Fault::FewerLayers) => continue,
                _ => {}
            }
            let is_there = at > 0 || self.fault != Some(Fault::NoLayer);
            layers.push(blob(&layer.packed, is_there.then_some(written)));
        }
        let manifest =
            json!({ "schemaVersion": 2, "config": config, "layers": layers }).to_string();
        blob(manifest.as_bytes(), Some(manifest.clone().into_bytes()))
    }

    fn place(&self) -> PathBuf {
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        self.directory.join(format!("foreign-{number}"))
    }

    /// Writes a layout.
    pub(crate) fn layout(&self) -> PathBuf {
        let place = self.place();
        for (name, bytes) in self.files() {
            let path = place.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        place
    }

    /// Writes an archive of a layout.
    pub(crate) fn oci_archive(&self) -> PathBuf {
        let mut archive = Archive::new()
            .directory("blobs/")
            .directory("blobs/sha256/");
        for (name, bytes) in self.files() {
            archive = archive.file(&name, 0o644, bytes);
        }
        let place = self.place();
        fs::write(&place, archive.bytes()).unwrap();
        place
    }

    /// Writes what `docker save` and its like do: the layers uncompressed, and links to them under older names.
    pub(crate) fn docker_archive(&self, compressed: bool) -> PathBuf {
        let config = self.configuration();
        let config_name = format!("{}.json", &digest(&config)[7..]);
        let mut archive = Archive::new();
        let mut names = Vec::new();
        for (at, layer) in self.layers.iter().enumerate() {
            archive = archive
                .file(&format!("{at}.tar"), 0o644, &layer.plain)
                .directory(&format!("{at}/"))
                .link(&format!("{at}/layer.tar"), &format!("../{at}.tar"));
            names.push(format!("{at}/layer.tar"));
        }
        let manifest = json!([{ "Config": config_name, "RepoTags": ["a:b"], "Layers": names }]);
        let archive = archive.file(&config_name, 0o644, config).file(
            "manifest.json",
            0o644,
            manifest.to_string(),
        );
        let place = self.place();
        let bytes = archive.bytes();
        fs::write(&place, if compressed { gzip(&bytes) } else { bytes }).unwrap();
        place
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// The digest of a blob.
pub(crate) fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", HEXLOWER.encode(&Sha256::digest(bytes)))
}

/// An image that stands on such a one, as far as it is its own.
pub(crate) struct Built {
    pub(crate) log: String,
    pub(crate) out: PathBuf,
    pub(crate) manifest: Value,
    pub(crate) config: Value,
    /// The entries of the root file system's layer.
    top: Vec<Entry>,
}

impl Built {
    pub(crate) fn of(request: &Request<'_>) -> Self {
        let (out, log) = request.write();
        let json = |path: &str| -> Value {
            serde_json::from_slice(&fs::read(out.join(path)).unwrap()).unwrap()
        };
        let blob = |descriptor: &Value| {
            format!(
                "blobs/sha256/{}",
                &descriptor["digest"].as_str().unwrap()[7..]
            )
        };
        let index = json("index.json");
        let manifest = json(&blob(&index["manifests"][0]));
        let config = json(&blob(&manifest["config"]));
        let last = manifest["layers"].as_array().unwrap().last().unwrap();
        let top = archive::read(&archive::decompress(
            &fs::read(out.join(blob(last))).unwrap(),
        ));
        Self {
            log,
            out,
            manifest,
            config,
            top,
        }
    }

    pub(crate) fn root(&self, path: &str) -> Option<&Entry> {
        self.top.iter().find(|entry| entry.path == path.as_bytes())
    }

    pub(crate) fn text(&self, path: &str) -> String {
        match &self.root(path).unwrap().kind {
            Kind::File(bytes) => String::from_utf8(bytes.clone()).unwrap(),
            _ => panic!("{path} is no file"),
        }
    }

    pub(crate) fn digests(&self) -> Vec<Value> {
        let layers = self.manifest["layers"].as_array().unwrap().iter();
        layers.map(|layer| layer["digest"].clone()).collect()
    }
}
