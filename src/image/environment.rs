//! Environment: the variables with which a program starts.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::draft::Pair;
use super::findings::Findings;
use super::invalid::{Invalid, shown};
use super::pairs::serialize_pairs;

/// Variables by name: `^[A-Za-z_][A-Za-z0-9_.-]*$`, with values of one line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// The value of the variable `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// All variables, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// True when there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn check(pairs: Vec<Pair>, findings: &mut Findings<'_>) -> Self {
        let mut variables = BTreeMap::new();
        for Pair { name, value } in pairs {
            if findings
                .check(&name.place, check_name(&name.value))
                .is_some()
            {
                warn_of_name(&name.place, &name.value, findings);
            }
            if findings
                .check(&value.place, check_value(&value.value))
                .is_some()
            {
                warn_of_value(&value.place, &value.value, findings);
            }
            if variables.contains_key(&name.value) {
                findings.problem(
                    &name.place,
                    format_args!("the variable {} is given twice", shown(&name.value)),
                );
            }
            variables.insert(name.value, value.value);
        }
        Self(variables)
    }
}

fn check_name(name: &str) -> Result<(), Invalid> {
    let fault = if name.is_empty() {
        "is empty".to_owned()
    } else if name.starts_with(|c: char| !c.is_ascii_alphabetic() && c != '_') {
        "does not begin with a letter or _".to_owned()
    } else if let Some(c) = name
        .chars()
        .find(|c| !c.is_ascii_alphanumeric() && !"_.-".contains(*c))
    {
        format!("has the character {c:?}")
    } else {
        return Ok(());
    };
    Err(Invalid::new(format!(
        "{} {fault}; a variable's name is letters, digits and _, as in \"LANG\"",
        shown(name)
    )))
}

fn warn_of_name(place: &str, name: &str, findings: &mut Findings<'_>) {
    if name.contains(['.', '-']) {
        findings.warn_of_rkt(
            place,
            "rkt's systemd ignores a variable with . or - in its name",
        );
    }
    if ["AC_APP_NAME", "AC_METADATA_URL"].contains(&name) {
        findings.warn(
            place,
            "the runtime sets this variable and overwrites the value",
        );
    }
}

fn check_value(value: &str) -> Result<(), Invalid> {
    if value.contains('\n') {
        Err(Invalid::new(format!(
            "{} has a line break, at which rkt would cut the environment; write it on one line",
            shown(value)
        )))
    } else if value.contains('\0') {
        Err(Invalid::new(format!(
            "{} has a NUL, which no program's environment can hold",
            shown(value)
        )))
    } else {
        Ok(())
    }
}

fn warn_of_value(place: &str, value: &str, findings: &mut Findings<'_>) {
    let quoted = value.starts_with(['"', '\'']);
    let blanks = value.trim() != value;
    if quoted || blanks || value.contains('\\') {
        findings.warn_of_rkt(
            place,
            format_args!(
                "rkt hands {} to systemd unescaped, which reads quotes, backslashes and outer blanks in its own way",
                shown(value)
            ),
        );
    }
}

impl Serialize for Environment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_pairs(self.iter(), serializer)
    }
}
