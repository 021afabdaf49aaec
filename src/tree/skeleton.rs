//! The skeleton: what programs expect of every root file system. It yields to packages and to the user's files.

use crate::image::{Image, ImagePath, Owner};
use crate::input::spec::Spec;
use crate::tree::merge::Merge;
use crate::tree::{Attributes, Entry, Origin};

/// Number of the user and group that an image's own name gets when no package or file defines it.
const FIRST_ID: u32 = 1000;

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

/// Adds what the user did not switch off and nothing else brought.
pub fn add(merge: &mut Merge<'_>, spec: &Spec) -> anyhow::Result<()> {
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
        let accounts = Accounts::of(image);
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
        add_entry(merge, "/bin/sh", Entry::symlink(shell, Origin::Skeleton))?;
    }
    if parts.env && merge.has("/bin/env")? {
        let link = Entry::symlink("/bin/env", Origin::Skeleton);
        add_entry(merge, "/usr/bin/env", link)?;
    }
    if parts.certificates
        && let Some(bundle) = first(merge, "/etc/ssl/certs", &CERTIFICATES)?
    {
        for name in CERTIFICATES {
            let link = Entry::symlink(bundle, Origin::Skeleton);
            add_entry(merge, &format!("/etc/ssl/certs/{name}"), link)?;
        }
    }
    Ok(())
}

/// The first of `names` that is in `directory`.
fn first<'n>(
    merge: &Merge<'_>,
    directory: &str,
    names: &[&'n str],
) -> anyhow::Result<Option<&'n str>> {
    for name in names {
        if merge.has(&format!("{directory}/{name}"))? {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

fn add_text(merge: &mut Merge<'_>, path: &str, text: &str) -> anyhow::Result<()> {
    add_entry(merge, path, Entry::text(text, Origin::Skeleton))
}

fn add_entry(merge: &mut Merge<'_>, path: &str, entry: Entry) -> anyhow::Result<()> {
    if !merge.has(path)? {
        // What stands in the way was put there by somebody with precedence.
        let _ = merge.put(path, entry)?;
    }
    Ok(())
}

/// Texts of the two account files.
struct Accounts {
    passwd: String,
    group: String,
}

impl Accounts {
    /// root, nobody, and the user and group asked for.
    fn of(image: &Image) -> Self {
        let mut passwd = vec!["root:x:0:0:root:/root:/bin/sh\n".to_owned()];
        let mut group = vec!["root:x:0:\n".to_owned()];
        let gid = id(&image.group).unwrap_or(match id(&image.user) {
            Some(0 | NOBODY) | None => FIRST_ID,
            Some(uid) => uid,
        });
        // A colon would end the field.
        let directory = image.working_directory.as_ref().map(ImagePath::as_str);
        let home = directory.filter(|path| !path.contains(':')).unwrap_or("/");
        if let Some((name, uid)) = account(&image.user, "user") {
            passwd.push(format!("{name}:x:{uid}:{gid}::{home}:/bin/sh\n"));
        }
        if let Some((name, _)) = account(&image.group, "group") {
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
fn account(who: &Owner, prefix: &str) -> Option<(String, u32)> {
    match (id(who), who) {
        (Some(0 | NOBODY), _) | (_, Owner::Path(_)) => None,
        (Some(number), _) => Some((format!("{prefix}{number}"), number)),
        (None, _) => Some((who.to_string(), FIRST_ID)),
    }
}
