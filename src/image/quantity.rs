//! Quantity: an amount of bytes, cores or operations, as exact as it was written.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

use crate::rules::{Fault, RULES, broken};

/// Suffixes and the powers of ten that they stand for, highest first.
const DECIMAL: [(&str, u32); 10] = [
    ("E", 27),
    ("P", 24),
    ("T", 21),
    ("G", 18),
    ("M", 15),
    ("k", 12),
    ("", 9),
    ("m", 6),
    ("u", 3),
    ("n", 0),
];

/// Suffixes and the powers of two that they stand for, highest first.
const BINARY: [(&str, u32); 6] = [
    ("Ei", 60),
    ("Pi", 50),
    ("Ti", 40),
    ("Gi", 30),
    ("Mi", 20),
    ("Ki", 10),
];

/// More than nothing, in steps of a billionth (appc, "Isolators"; Kubernetes' quantities).
///
/// Printed in the canonical way: the shortest whole number with one suffix, so `1.5Gi` becomes `1536Mi`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "Written")]
pub struct Quantity {
    nanos: u128,
}

/// Billionths in one.
const NANOS: u128 = 1_000_000_000;

/// A quantity as the spec has it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Number(u64),
    Text(String),
}

impl TryFrom<Written> for Quantity {
    type Error = Fault;

    fn try_from(written: Written) -> Result<Self, Fault> {
        match written {
            Written::Number(number) => Self::parse(&number.to_string()),
            Written::Text(text) => Self::parse(&text),
        }
    }
}

impl Quantity {
    /// Reads a quantity such as `1.5Gi`.
    ///
    /// # Errors
    /// When it is none, or nothing, or more than any machine has.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        RULES.texts.quantity.check(text)?;
        let most = u128::from(RULES.quantity.most) * NANOS;
        match nanos(text) {
            Some(0) => Err(broken(text, "is nothing")),
            Some(nanos) if nanos <= most => Ok(Self { nanos }),
            _ => Err(broken(text, "is too much")),
        }
    }

    /// The amount in billionths.
    #[must_use]
    pub fn nanos(self) -> u128 {
        self.nanos
    }

    /// The amount as a whole number, if it is one.
    #[must_use]
    pub fn units(self) -> Option<u64> {
        let whole = self.nanos.is_multiple_of(NANOS);
        whole.then(|| u64::try_from(self.nanos / NANOS).ok())?
    }
}

/// The billionths that `text`, which has the form of a quantity, stands for; nothing when they cannot be counted.
fn nanos(text: &str) -> Option<u128> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.');
    let (number, suffix) = text.split_at(end.unwrap_or(text.len()));
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let fraction = fraction.trim_end_matches('0');
    let digits: u128 = format!("{whole}{fraction}").parse().ok()?;
    if digits == 0 {
        return Some(0);
    }
    let known = |table: &[(&str, u32)]| {
        let found = table.iter().find(|(known, _)| *known == suffix);
        found.map(|(_, power)| *power)
    };
    let (ten, two) = match (known(&DECIMAL), known(&BINARY)) {
        (Some(ten), _) => (i64::from(ten), 0),
        (_, Some(two)) => (9, two),
        _ => (suffix[1..].parse::<i64>().ok()? + 9, 0),
    };
    let ten = ten - i64::try_from(fraction.len()).ok()?;
    let power = 10_u128.checked_pow(u32::try_from(ten.unsigned_abs()).ok()?)?;
    let amount = digits.checked_mul(1 << two)?;
    if ten >= 0 {
        amount.checked_mul(power)
    } else {
        amount.is_multiple_of(power).then(|| amount / power)
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fit = |unit: u128, suffix| {
            let whole = self.nanos.is_multiple_of(unit);
            whole.then(|| (self.nanos / unit, suffix))
        };
        let decimal = DECIMAL
            .iter()
            .find_map(|(suffix, ten)| fit(10_u128.pow(*ten), *suffix));
        let binary = BINARY
            .iter()
            .find_map(|(suffix, two)| fit(NANOS << two, *suffix));
        let shorter = match (decimal, binary) {
            (Some(decimal), Some(binary)) if binary.0 < decimal.0 => binary,
            (Some(decimal), _) => decimal,
            (None, _) => (self.nanos, "n"),
        };
        write!(f, "{}{}", shorter.0, shorter.1)
    }
}

impl Serialize for Quantity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn prints_the_canonical_form() {
        for (text, printed) in [
            ("1", "1"),
            ("0.5", "500m"),
            ("1.50", "1500m"),
            ("1000m", "1"),
            ("1e3", "1k"),
            ("1E3", "1k"),
            ("5e-1", "500m"),
            ("1E", "1E"),
            ("1024", "1Ki"),
            ("1Ki", "1Ki"),
            ("1.5Gi", "1536Mi"),
            ("1G", "1G"),
            ("1000Ki", "1000Ki"),
            ("0.000000001", "1n"),
            ("007", "7"),
            ("9E", "9E"),
        ] {
            let quantity = Quantity::parse(text).unwrap();
            assert_eq!(quantity.to_string(), printed, "{text}");
        }
    }

    #[test]
    fn refuses_what_no_tool_can_count() {
        for text in [
            "", "-1", "0", "0.0Gi", "1K", "1GB", "1GiB", "100mi", "1 G", "1e", "1.5.5", ".5", "1.",
            "+1", "١", "9.1E", "8Ei", "1e99", "1e-10", "0.5n",
        ] {
            assert!(Quantity::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn compares_by_amount() {
        let quantity = |text: &str| Quantity::parse(text).unwrap();
        assert!(quantity("1k") < quantity("1Ki"));
        assert!(quantity("999m") < quantity("1"));
        assert_eq!(quantity("1e3"), quantity("1k"));
        assert_eq!(quantity("4Ki").units(), Some(4096));
        assert_eq!(quantity("1500m").units(), None);
    }

    proptest! {
        #[test]
        fn what_has_the_form_is_counted(
            text in "([0-9]{1,18}|[0-9]{1,9}\\.[0-9]{1,9})(k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|e\\+?[0-9]|)|[0-9]{1,9}\\.[0-9]{1,6}(m|e-[1-3])|[0-9]{1,18}(n|e-[1-9])"
        ) {
            if let Err(fault) = Quantity::parse(&text) {
                let fault = fault.to_string();
                prop_assert!(fault.contains("is nothing") || fault.contains("is too much"), "{}", fault);
            }
        }

        #[test]
        fn what_was_printed_is_the_same_amount(nanos in 1..=9_000_000_000 * NANOS) {
            let quantity = Quantity { nanos };
            // What is printed has one suffix, and may have more digits than an author writes.
            prop_assert_eq!(super::nanos(&quantity.to_string()), Some(nanos));
        }
    }
}
