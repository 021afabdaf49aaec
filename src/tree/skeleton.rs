//! The skeleton: what programs expect of every root file system. It yields to packages and to the user's files.

use anyhow::Result;
use camino::Utf8Path;

use crate::host::store::{Followed, Store};
use crate::image::{Image, ImagePath, Owner};
use crate::input::spec::Spec;
use crate::tree::contents::Contents;
use crate::tree::merge::Merge;
use crate::tree::{Attributes, Entry, Origin};

/// Number of the user and group that an image's own name gets when no package or file defines it, and no account of an
/// image below has it.
pub(crate) const FIRST_ID: u32 = 1000;

/// Number of `nobody`.
const NOBODY: u32 = 65534;

const NSSWITCH: &str = "\
passwd: files
group: files
shadow: files
hosts: files dns
networks: files
services: files
protocols: files
ethers: files
rpc: files
";

const HOSTS: &str = "\
127.0.0.1 localhost
::1 localhost ip6-localhost ip6-loopback
";

/// Shells that do as `/bin/sh`, best first.
const SHELLS: [&str; 5] = ["dash", "bash", "ash", "busybox", "zsh"];

/// The usual names of the bundle of certificates.
const CERTIFICATES: [&str; 3] = ["ca-bundle.crt", "ca-certificates.crt", "cert.pem"];

/// Where packages have their locales.
const LOCALES: &str = "/lib/locale";

/// The folder, among locales, of the one that every C library should have.
const UTF8: &str = "C.utf8";

/// Adds what the user did not switch off and nothing else brought.
pub(crate) fn add(
    merge: &mut Merge<'_>,
    store: Store<'_>,
    contents: &Contents,
    spec: &Spec,
) -> Result<()> {
    let Spec { image, root, .. } = spec;
    let parts = root.skeleton;
    if parts.tmp {
        let shared = || Entry::directory(Attributes::root(0o1777), Origin::Skeleton);
        add_entry(merge, "/tmp", shared())?;
        add_entry(merge, "/var/tmp", shared())?;
    }
    if parts.directories {
        for path in ["/dev", "/proc", "/run", "/sys", "/usr", "/var"] {
            let directory = Entry::directory(Attributes::root(0o755), Origin::Skeleton);
            add_entry(merge, path, directory)?;
        }
        let home = Entry::directory(Attributes::root(0o700), Origin::Skeleton);
        add_entry(merge, "/root", home)?;
    }
    if parts.passwd {
        let accounts = AccountFiles::of(image, FIRST_ID);
        add_text(merge, "/etc/passwd", &accounts.passwd)?;
        add_text(merge, "/etc/group", &accounts.group)?;
    }
    if parts.nsswitch {
        add_text(merge, "/etc/nsswitch.conf", NSSWITCH)?;
    }
    if root.dnsquirks {
        add_text(merge, "/etc/hosts", HOSTS)?;
    }
    if parts.shell
        && let Some(shell) = first(merge, "/bin", &SHELLS)?
    {
        add_link(merge, "/bin/sh", shell)?;
    }
    if parts.env && merge.has("/bin/env")? {
        add_link(merge, "/usr/bin/env", "/bin/env")?;
    }
    if parts.certificates {
        add_certificates(merge)?;
    }
    if parts.time_zones && merge.has("/share/zoneinfo")? {
        add_link(merge, "/usr/share/zoneinfo", "/share/zoneinfo")?;
    }
    if parts.locale {
        add_locale(merge, store, contents)?;
    }
    Ok(())
}

/// The bundle of certificates under every usual name, and where Debian's OpenSSL, and so Python, looks for all of its own.
fn add_certificates(merge: &mut Merge<'_>) -> Result<()> {
    let Some(bundle) = first(merge, "/etc/ssl/certs", &CERTIFICATES)? else {
        return Ok(());
    };
    for name in CERTIFICATES {
        add_link(merge, &format!("/etc/ssl/certs/{name}"), bundle)?;
    }
    add_link(merge, "/etc/ssl/cert.pem", &format!("certs/{bundle}"))?;
    add_link(merge, "/usr/lib/ssl", "/etc/ssl")
}

/// Locales where C libraries look for them: those of the packages, and C.UTF-8 even where it came with the C library
/// alone, which no package list names.
fn add_locale(merge: &mut Merge<'_>, store: Store<'_>, contents: &Contents) -> Result<()> {
    let of_library = utf8_locale(store, contents)?;
    if merge.has(LOCALES)? {
        if let Some(locales) = of_library {
            let utf8 = format!("{locales}/{UTF8}");
            add_link(merge, &format!("{LOCALES}/{UTF8}"), &utf8)?;
        }
        add_link(merge, "/usr/lib/locale", LOCALES)
    } else if let Some(locales) = of_library {
        add_link(merge, "/usr/lib/locale", &locales)
    } else {
        Ok(())
    }
}

/// The folder of locales of the image's first store path that brings C.UTF-8.
fn utf8_locale(store: Store<'_>, contents: &Contents) -> Result<Option<String>> {
    let Contents {
        packed,
        below,
        mounted,
    } = contents;
    for path in packed.iter().chain(below).chain(mounted) {
        let locales = format!("{path}{LOCALES}");
        let utf8 = format!("{locales}/{UTF8}");
        if let Followed::Directory(_) = store.follow(Utf8Path::new(&utf8))? {
            return Ok(Some(locales));
        }
    }
    Ok(None)
}

/// The first of `names` that is in `directory`.
fn first<'n>(merge: &Merge<'_>, directory: &str, names: &[&'n str]) -> Result<Option<&'n str>> {
    for name in names {
        if merge.has(&format!("{directory}/{name}"))? {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

fn add_text(merge: &mut Merge<'_>, path: &str, text: &str) -> Result<()> {
    add_entry(merge, path, Entry::text(text, Origin::Skeleton))
}

fn add_link(merge: &mut Merge<'_>, path: &str, target: &str) -> Result<()> {
    add_entry(merge, path, Entry::symlink(target, Origin::Skeleton))
}

fn add_entry(merge: &mut Merge<'_>, path: &str, entry: Entry) -> Result<()> {
    if !merge.has(path)? {
        // What stands in the way was put there by somebody with precedence.
        let _ = merge.put(path, entry)?;
    }
    Ok(())
}

/// Texts of the two account files.
pub(crate) struct AccountFiles {
    pub(crate) passwd: String,
    pub(crate) group: String,
}

impl AccountFiles {
    /// root, nobody, and the user and group asked for, which get the number `free` where they have none.
    pub(crate) fn of(image: &Image, free: u32) -> Self {
        let mut passwd = vec!["root:x:0:0:root:/root:/bin/sh\n".to_owned()];
        let mut group = vec!["root:x:0:\n".to_owned()];
        let gid = id(&image.group).unwrap_or(match id(&image.user) {
            Some(0 | NOBODY) | None => free,
            Some(uid) => uid,
        });
        // A colon would end the field.
        let directory = image.working_directory.as_ref().map(ImagePath::as_str);
        let home = directory.filter(|path| !path.contains(':')).unwrap_or("/");
        if let Some((name, uid)) = account(&image.user, "user", free) {
            passwd.push(format!("{name}:x:{uid}:{gid}::{home}:/bin/sh\n"));
        }
        if let Some((name, _)) = account(&image.group, "group", free) {
            group.push(format!("{name}:x:{gid}:\n"));
        }
        passwd.push("nobody:x:65534:65534:nobody:/nonexistent:/bin/false\n".to_owned());
        group.push("nobody:x:65534:\nnogroup:x:65534:\n".to_owned());
        Self {
            passwd: passwd.concat(),
            group: group.concat(),
        }
    }
}

/// The number that `who` is or that every image gives it.
fn id(who: &Owner) -> Option<u32> {
    match who {
        Owner::Id(id) => Some(id.get()),
        Owner::Name(name) if name == "root" => Some(0),
        Owner::Name(name) if name == "nobody" || name == "nogroup" => Some(NOBODY),
        Owner::Name(_) | Owner::Path(_) => None,
    }
}

/// Name and number of an account that has to be added; none for those that every image has and for image paths.
fn account(who: &Owner, prefix: &str, free: u32) -> Option<(String, u32)> {
    match (id(who), who) {
        (Some(0 | NOBODY), _) | (_, Owner::Path(_)) => None,
        (Some(number), _) => Some((format!("{prefix}{number}"), number)),
        (None, _) => Some((who.to_string(), free)),
    }
}
