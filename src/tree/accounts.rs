//! Accounts: who a name is in the image's own `/etc/passwd` and `/etc/group` (passwd(5), group(5)).

use anyhow::{Context, Result};

use crate::host::nearest;
use crate::tree::{Node, Source, Tree};

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

    /// The text of the file in the image of `tree`; nothing when there is none.
    pub(crate) fn text(self, tree: &Tree) -> Result<String> {
        Ok(match tree.get(self.path()).map(|entry| &entry.node) {
            Some(Node::File(Source::Text(text))) => text.clone(),
            Some(Node::File(Source::Store { path, .. })) => {
                let bytes = std::fs::read(path).with_context(|| format!("reading {path}"))?;
                String::from_utf8_lossy(&bytes).into_owned()
            }
            _ => String::new(),
        })
    }

    /// The number of `name` in `text`, the content of the file.
    ///
    /// # Errors
    /// Why a runtime would not find it, or would take it for another, with the mend.
    pub(crate) fn number(self, text: &str, name: &str) -> Result<u32, String> {
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
