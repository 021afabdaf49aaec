//! Quantity: an amount of bytes, cores or operations, as exact as it was written.

mod suffix;

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use self::suffix::{BINARY, DECIMAL, scale};
use super::invalid::{Invalid, shown};

/// More than 0, at most 2⁶³−1, in steps of a billionth.
///
/// Printed in the canonical way: the shortest whole number with one suffix, so `1.5Gi` becomes `1536Mi`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity {
    nanos: u128,
}

const NANOS: u128 = 1_000_000_000;
const MOST: u128 = i64::MAX as u128 * NANOS;

impl Quantity {
    /// The amount as a whole number, if it is one.
    #[must_use]
    pub fn as_units(self) -> Option<u64> {
        let whole = self.nanos.is_multiple_of(NANOS);
        whole.then(|| u64::try_from(self.nanos / NANOS).ok())?
    }

    fn checked(nanos: u128) -> Option<Self> {
        (1..=MOST).contains(&nanos).then_some(Self { nanos })
    }
}

impl FromStr for Quantity {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        read(text).map_err(|fault| Invalid::new(format!("{} {fault}", shown(text))))
    }
}

fn read(text: &str) -> Result<Quantity, String> {
    let example = "write a number with or without a suffix, e.g. \"500m\", \"2\", \"1Gi\"";
    if text.is_empty() {
        return Err(format!("is empty; {example}"));
    }
    if text.starts_with('-') {
        return Err("is negative; write an amount above 0".to_owned());
    }
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, suffix) = text.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return Err(format!(
            "has no number as in \"0.5\" before its suffix; {example}"
        ));
    }
    let (ten, two) = scale(number, suffix)?;
    let fraction = fraction.trim_end_matches('0');
    let digits = format!("{whole}{fraction}");
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() {
        return Err("is nothing; write an amount above 0, or leave it out".to_owned());
    }
    let places = i64::try_from(fraction.len()).unwrap_or(i64::MAX);
    nanos(digits, i64::from(ten) + 9 - places, two)
        .ok_or_else(|| {
            "is above 9223372036854775807 or finer than a billionth, which no tool can count"
                .to_owned()
        })
        .and_then(|nanos| {
            Quantity::checked(nanos).ok_or_else(|| "is above 9223372036854775807".to_owned())
        })
}

/// `digits` · 10^`ten` · 2^`two`, when that is a whole number that can be counted.
fn nanos(digits: &str, ten: i64, two: u32) -> Option<u128> {
    let significant = digits.trim_end_matches('0');
    let ten = ten.checked_add(i64::try_from(digits.len() - significant.len()).ok()?)?;
    let number = significant
        .parse::<u128>()
        .ok()?
        .checked_mul(1_u128.checked_shl(two)?)?;
    let power = 10_u128.checked_pow(u32::try_from(ten.unsigned_abs()).ok()?)?;
    if ten >= 0 {
        number.checked_mul(power)
    } else {
        number.is_multiple_of(power).then(|| number / power)
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimal = DECIMAL.iter().find_map(|(suffix, power)| {
            let unit = 10_u128.pow(u32::try_from(power + 9).ok()?);
            (self.nanos.is_multiple_of(unit)).then(|| (self.nanos / unit, *suffix))
        });
        let binary = BINARY.iter().find_map(|(suffix, power)| {
            let unit = NANOS << power;
            (self.nanos.is_multiple_of(unit)).then(|| (self.nanos / unit, *suffix))
        });
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
            ("9223372036854775807", "9223372036854775807"),
        ] {
            let quantity: Quantity = text.parse().unwrap();
            assert_eq!(quantity.to_string(), printed, "{text}");
        }
    }

    #[test]
    fn refusals_say_how_to_mend() {
        for (text, essence) in [
            ("", "is empty"),
            ("-1", "is negative"),
            ("0", "is nothing"),
            ("0.0Gi", "is nothing"),
            ("0e999999999999", "is no suffix"),
            ("1K", "write 1k (1000) or 1Ki (1024)"),
            ("2K", "write 2k (powers of 1000) or 2Ki (powers of 1024)"),
            ("1GB", "write 1G (powers of 1000) or 1Gi (powers of 1024)"),
            ("1GiB", "write 1Gi"),
            ("100mi", "write 100Mi"),
            ("1KI", "write 1Ki"),
            ("1 G", "write 1G (powers of 1000)"),
            ("10B", "write 10"),
            ("1i", "ends with \"i\""),
            ("1e", "ends with \"e\""),
            ("1e1e1", "ends with \"e1e1\""),
            ("1.5.5", "has no number as in \"0.5\""),
            (".5", "has no number"),
            ("1.", "has no number"),
            ("+1", "has no number"),
            ("many", "has no number"),
            ("١", "has no number"),
            ("9223372036854775808", "is above 9223372036854775807"),
            ("8Ei", "is above 9223372036854775807"),
            ("1e99", "is above"),
            ("1e-10", "finer than a billionth"),
            ("0.5n", "finer than a billionth"),
        ] {
            let message = text.parse::<Quantity>().unwrap_err().to_string();
            assert!(message.contains(essence), "{text}: {message}");
        }
    }

    #[test]
    fn compares_by_amount() {
        let quantity = |text: &str| text.parse::<Quantity>().unwrap();
        assert!(quantity("1k") < quantity("1Ki"));
        assert!(quantity("999m") < quantity("1"));
        assert_eq!(quantity("1e3"), quantity("1k"));
        assert_eq!(quantity("4Ki").as_units(), Some(4096));
        assert_eq!(quantity("1500m").as_units(), None);
        assert_eq!(Quantity::checked(4096 * NANOS), Some(quantity("4Ki")));
        assert_eq!(Quantity::checked(0), None);
        assert_eq!(Quantity::checked(u128::from(u64::MAX) * NANOS), None);
    }

    proptest! {
        #[test]
        fn parsing_what_was_printed_gives_it_back(
            text in "[0-9]{1,12}(\\.[0-9]{1,6})?(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|e-?[0-9]|)"
        ) {
            if let Ok(quantity) = text.parse::<Quantity>() {
                prop_assert_eq!(quantity.to_string().parse::<Quantity>(), Ok(quantity));
            }
        }

        #[test]
        fn any_amount_prints_and_parses(nanos in 1..=MOST) {
            let quantity = Quantity { nanos };
            prop_assert_eq!(quantity.to_string().parse::<Quantity>(), Ok(quantity));
        }

        #[test]
        fn any_text_is_read_without_panic(text in prop_oneof!["[0-9.eEkKiGM+ -]{0,40}", any::<String>()]) {
            let _ = text.parse::<Quantity>();
        }
    }
}
