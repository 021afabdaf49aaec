//! Number: a whole number between two bounds, read from JSON as JSON has it.

use std::fmt::Display;

use serde_json::Value;

use super::invalid::Invalid;
use super::members::kind;

/// The integer that `value` is, if it is one of `least..=most`. What it is for is told with `what` (`a port`).
pub(super) fn whole<T>(value: &Value, what: &str, least: T, most: T) -> Result<T, Invalid>
where
    T: TryFrom<i128> + PartialOrd + Display + Copy,
{
    let rule = || format!("write a number from {least} to {most}");
    let Value::Number(number) = value else {
        let quoted = value
            .as_str()
            .is_some_and(|text| text.parse::<i128>().is_ok());
        let mend = if quoted { " without quotes" } else { "" };
        return Err(Invalid::new(format!(
            "{} is {}, not {what}; {}{mend}",
            super::members::written(value),
            kind(value),
            rule()
        )));
    };
    let integer = number
        .as_i64()
        .map(i128::from)
        .or_else(|| number.as_u64().map(i128::from));
    integer
        .and_then(|integer| T::try_from(integer).ok())
        .filter(|number| (least..=most).contains(number))
        .ok_or_else(|| Invalid::new(format!("{number} is not {what}; {}", rule())))
}
