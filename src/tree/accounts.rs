//! Accounts: who a name is in the image's own `/etc/passwd` and `/etc/group` (passwd(5), group(5)).

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read};

use crate::host::log::size;
use crate::host::nearest;
use crate::tree::{Entry, Node, Source, Tree};

/// The files that have a line for each account, whose first field is its name.
pub(crate) const FILES: [&str; 4] = ["/etc/passwd", "/etc/group", "/etc/shadow", "/etc/gshadow"];

/// Which of the two files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Accounts {
    /// Users.
    Passwd,
    /// Groups.
    Group,
}

/// The number that stands for "unchanged" where owners are set, and so is nobody's.
const NOBODY_AT_ALL: u32 = u32::MAX;

/// Larger no account file is, and a larger one is not read: a line has some hundred bytes at most.
pub(crate) const LARGEST: u64 = 16_000_000;

impl Accounts {
    /// Where the file is in an image.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Passwd => "/etc/passwd",
            Self::Group => "/etc/group",
        }
    }

    /// An example of a line.
    fn example(self) -> &'static str {
        match self {
            Self::Passwd => "web:x:1000:1000::/:/bin/sh",
            Self::Group => "web:x:1000:",
        }
    }

    /// Whether the image of `tree` has a line of `name`.
    pub(crate) fn has(self, tree: &Tree, name: &str) -> bool {
        let text = tree.get(self.path()).map(text);
        let text = text.and_then(Result::ok).unwrap_or_default();
        text.lines()
            .any(|line| line.split(':').next() == Some(name))
    }

    /// The number of `name` in the image of `tree`.
    ///
    /// # Errors
    /// Why a runtime would not find it, or would take it for another, with the mend.
    pub(crate) fn number_in(self, tree: &Tree, name: &str) -> Result<u32, String> {
        match tree.get(self.path()) {
            None => self.number("", name),
            Some(entry) => match text(entry) {
                Ok(text) => self.number(&text, name),
                Err(why) => Err(format!(
                    "{name:?} is not looked for in the image's {}, since {why}; give a number, or an account file that \
                     runtimes can read with files.{:?}",
                    self.path(),
                    self.path()
                )),
            },
        }
    }

    /// The number of `name` in `text`, the content of the file.
    ///
    /// # Errors
    /// Why a runtime would not find it, or would take it for another, with the mend.
    fn number(self, text: &str, name: &str) -> Result<u32, String> {
        let path = self.path();
        let mut names = text.lines().filter_map(|line| line.split(':').next());
        let Some(line) = text
            .lines()
            .find(|line| line.split(':').next() == Some(name))
        else {
            let hint = match nearest::nearest(name, &mut names) {
                Some(found) => format!("did you mean {found:?}?"),
                None => "add it there, or give a number".to_owned(),
            };
            return Err(format!("{name:?} is not in the image's {path}; {hint}"));
        };
        let fields: Vec<&str> = line.split(':').collect();
        let expected = self.example().split(':').count();
        let number = fields.get(2).and_then(|id| id.parse().ok());
        match number {
            Some(number) if fields.len() == expected && number != NOBODY_AT_ALL => Ok(number),
            _ => Err(format!(
                "{name:?} is no account, since the image's {path} has the line {line:?}; a line has {expected} fields, \
                 the third a number, as in {:?}",
                self.example()
            )),
        }
    }
}

/// The text of a file of accounts; nothing where there is no file.
///
/// # Errors
/// Why it cannot be read.
pub(crate) fn text(entry: &Entry) -> Result<Cow<'_, str>, String> {
    let path = match &entry.node {
        Node::File(Source::Text(text)) => return Ok(Cow::Borrowed(text)),
        Node::File(Source::Store { path, .. }) => path,
        Node::File(Source::Foreign { size: bytes }) => {
            return Err(format!("the image below has {} there", size(*bytes)));
        }
        _ => return Ok(Cow::Borrowed("")),
    };
    let read = || -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let file = File::open(path)?;
        file.take(LARGEST + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let bytes = read().map_err(|error| format!("{path} cannot be read: {error}"))?;
    if bytes.len() as u64 > LARGEST {
        return Err(format!("{path} has more than {}", size(LARGEST)));
    }
    Ok(Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Origin;

    #[test]
    fn a_name_is_who_its_line_says() {
        let text = "root:x:0:0::/root:/bin/sh\nweb:x:33:44::/:/bin/sh\nweb:x:1:1::/:/\n";
        assert_eq!(Accounts::Passwd.number(text, "web"), Ok(33));
        assert_eq!(Accounts::Group.number("web:x:44:a,b\n", "web"), Ok(44));
        for line in [
            "web",
            "web:x:abc:0::/:/bin/sh",
            "web:x:4294967295:0::/:/bin/sh",
            "web:x:4294967296:0::/:/bin/sh",
            "web:x:-1:0::/:/bin/sh",
            "web:x:1:1::/",
        ] {
            let refused = Accounts::Passwd.number(line, "web").unwrap_err();
            assert!(
                refused.contains(line) && refused.contains("7 fields"),
                "{refused}"
            );
        }
        let refused = Accounts::Passwd.number(text, "wep").unwrap_err();
        assert!(refused.contains("did you mean \"web\"?"), "{refused}");
    }

    #[test]
    fn an_account_file_of_gigabytes_is_not_read() {
        let directory = tempfile::tempdir().unwrap();
        let path = camino::Utf8PathBuf::from_path_buf(directory.path().join("passwd")).unwrap();
        let mut tree = Tree::default();
        let entry = Entry {
            node: Node::File(Source::Store {
                path: path.clone(),
                size: 0,
            }),
            ..Entry::text("", Origin::Files)
        };
        tree.insert("/etc/passwd", entry).unwrap();
        std::fs::write(&path, "web:x:33:44::/:/bin/sh\n").unwrap();
        assert_eq!(Accounts::Passwd.number_in(&tree, "web"), Ok(33));
        let file = File::options().write(true).open(&path).unwrap();
        file.set_len(3_000_000_000).unwrap();
        let refused = Accounts::Passwd.number_in(&tree, "web").unwrap_err();
        assert!(refused.contains("more than 16.0 MB"), "{refused}");
    }
}
