//! Date: a moment as RFC 3339 writes it.

use std::fmt;
use std::str::FromStr;

use super::invalid::{Invalid, shown};

/// E.g. `2014-10-27T19:32:27.67Z`: upper-case `T` and `Z` or an offset `+hh:mm`, a day that the calendar has, and
/// no leap second, which one of the tools could not read. Kept as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Date(String);

impl FromStr for Date {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match Reader(text).date() {
            Ok(()) => Ok(Self(text.to_owned())),
            Err(fault) => Err(Invalid::new(format!(
                "{} {fault}; write a date as in \"2014-10-27T19:32:27Z\"",
                shown(text)
            ))),
        }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What of the text has not been read yet.
struct Reader<'a>(&'a str);

impl Reader<'_> {
    fn date(&mut self) -> Result<(), String> {
        let year = self.number("a year", 4, 0, 9999)?;
        self.mark('-')?;
        let month = self.number("a month", 2, 1, 12)?;
        self.mark('-')?;
        self.number("a day of that month", 2, 1, days(year, month))?;
        self.mark('T')?;
        self.number("an hour", 2, 0, 23)?;
        self.mark(':')?;
        self.number("a minute", 2, 0, 59)?;
        self.mark(':')?;
        self.number("a second", 2, 0, 59)?;
        if self.0.starts_with('.') {
            self.mark('.')?;
            let rest = self.0.trim_start_matches(|c: char| c.is_ascii_digit());
            if rest.len() == self.0.len() {
                return Err("has no digits after the point".to_owned());
            }
            self.0 = rest;
        }
        if self.0.starts_with(['+', '-']) {
            self.0 = &self.0[1..];
            self.number("the hours of an offset", 2, 0, 23)?;
            self.mark(':')?;
            self.number("the minutes of an offset", 2, 0, 59)?;
        } else if self.0.is_empty() {
            return Err("has no zone, Z or +hh:mm".to_owned());
        } else {
            self.mark('Z')?;
        }
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(format!("goes on after its end with {}", shown(self.0)))
        }
    }

    fn found(&self) -> String {
        if self.0.is_empty() {
            "ends".to_owned()
        } else {
            format!("has {}", shown(self.0))
        }
    }

    fn mark(&mut self, mark: char) -> Result<(), String> {
        self.0 = self
            .0
            .strip_prefix(mark)
            .ok_or_else(|| format!("{} where {mark} belongs", self.found()))?;
        Ok(())
    }

    fn number(&mut self, what: &str, digits: usize, least: u32, most: u32) -> Result<u32, String> {
        let found = self
            .0
            .get(..digits)
            .filter(|found| found.bytes().all(|b| b.is_ascii_digit()))
            .ok_or_else(|| format!("{} where {what} belongs ({digits} digits)", self.found()))?;
        self.0 = &self.0[digits..];
        match found.parse() {
            Ok(number) if (least..=most).contains(&number) => Ok(number),
            _ => Err(format!(
                "has {found} where {what} belongs ({least} to {most})"
            )),
        }
    }
}

fn days(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn accepts_what_the_standard_writes() {
        for text in [
            "2014-10-27T19:32:27Z",
            "2014-10-27T19:32:27.67012Z",
            "1970-01-01T00:00:01+00:00",
            "2000-02-29T23:59:59-12:30",
            "2024-02-29T00:00:00Z",
        ] {
            assert_eq!(text.parse::<Date>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn refusals_say_what_is_wrong() {
        for (text, essence) in [
            ("", "a year belongs"),
            ("2014-10-27 19:32:27Z", "where T belongs"),
            ("2014-10-27t19:32:27Z", "where T belongs"),
            (
                "2014-02-30T00:00:00Z",
                "a day of that month belongs (1 to 28)",
            ),
            (
                "1900-02-29T00:00:00Z",
                "a day of that month belongs (1 to 28)",
            ),
            ("2014-13-01T00:00:00Z", "a month belongs (1 to 12)"),
            ("2014-10-27T24:00:00Z", "an hour belongs (0 to 23)"),
            ("2014-10-27T9:00:00Z", "an hour belongs (2 digits)"),
            ("2014-10-27T19:60:27Z", "a minute belongs"),
            ("2014-12-31T23:59:60Z", "a second belongs (0 to 59)"),
            ("2014-10-27T19:32:27", "has no zone"),
            ("2014-10-27T19:32:27z", "where Z belongs"),
            ("2014-10-27T19:32:27+0200", "where : belongs"),
            ("2014-10-27T19:32:27,5Z", "where Z belongs"),
            ("2014-10-27T19:32:27.Z", "no digits after the point"),
            ("2014-10-27T19:32:27Z ", "goes on after its end"),
            ("٢٠١٤-10-27T19:32:27Z", "a year belongs"),
        ] {
            let message = text.parse::<Date>().unwrap_err().to_string();
            assert!(message.contains(essence), "{text}: {message}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in any::<String>()) {
            let _ = text.parse::<Date>();
        }
    }
}
