//! Serial number and time of a bill of materials: both follow from what it says, so that one image has one bill.

use sha2::{Digest as _, Sha256};

use crate::image::Annotations;

/// The time of a bill that has no other, like that of the files of a store.
const EPOCH: &str = "1970-01-01T00:00:01Z";

/// The UUID of a document, `urn:uuid:…`: version 8, which leaves its bits to who makes it (RFC 9562, section 5.8).
pub(super) fn urn(document: &str) -> String {
    let hash: [u8; 32] = Sha256::digest(document).into();
    let mut bytes: [u8; 16] = *hash.first_chunk().unwrap_or(&[0; 16]);
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let digits = data_encoding::HEXLOWER.encode(&bytes);
    let (a, b, c) = (&digits[..8], &digits[8..12], &digits[12..16]);
    format!("urn:uuid:{a}-{b}-{c}-{}-{}", &digits[16..20], &digits[20..])
}

/// When the image was made, as its author says, in the one form that all formats read: whole seconds of UTC.
pub(super) fn time(annotations: &Annotations) -> String {
    let created = annotations.get("created").and_then(in_utc);
    created.unwrap_or_else(|| EPOCH.to_owned())
}

/// A checked date (RFC 3339) in UTC; nothing where that lies outside of the years that have four digits.
fn in_utc(date: &str) -> Option<String> {
    let number = |from: usize| date.get(from..from + 2)?.parse::<i64>().ok();
    let year: i64 = date.get(..4)?.parse().ok()?;
    let (month, day, hour, minute, second) = (
        number(5)?,
        number(8)?,
        number(11)?,
        number(14)?,
        number(17)?,
    );
    // What stands behind the seconds: a fraction, or not, and the offset.
    let zone = date[19..].trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
    let offset = match zone.split_at_checked(1)? {
        ("+", offset) => minutes(offset)?,
        ("-", offset) => -minutes(offset)?,
        _ => 0,
    };
    let seconds =
        (day_number(year, month, day) * 24 + hour) * 3600 + (minute - offset) * 60 + second;
    let (days, second) = (seconds.div_euclid(86400), seconds.rem_euclid(86400));
    let (year, month, day) = day_of(days);
    (1..=9999).contains(&year).then(|| {
        format!(
            "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z",
            second / 3600,
            second / 60 % 60,
            second % 60
        )
    })
}

fn minutes(offset: &str) -> Option<i64> {
    let (hours, minutes) = offset.split_once(':')?;
    Some(hours.parse::<i64>().ok()? * 60 + minutes.parse::<i64>().ok()?)
}

/// The number of a day, counted from the first of March of the year 0, so that a leap day is the last of its year.
fn day_number(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let leaps = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leaps + (month * 153 + 2) / 5 + day - 1
}

/// The day of a number.
fn day_of(number: i64) -> (i64, i64, i64) {
    let mut year = number.div_euclid(365);
    while day_number(year, 3, 1) > number {
        year -= 1;
    }
    let rest = number - day_number(year, 3, 1);
    let month = (rest * 5 + 2) / 153;
    let day = rest - (month * 153 + 2) / 5 + 1;
    if month < 10 {
        (year, month + 3, day)
    } else {
        (year + 1, month - 9, day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_serial_number_is_that_of_the_content() {
        let serial = urn("a");
        assert_eq!(serial, "urn:uuid:ca978112-ca1b-8dca-bac2-31b39a23dc4d");
        assert_eq!(serial, urn("a"));
        assert_ne!(serial, urn("b"));
    }

    #[test]
    fn dates_are_told_in_utc() {
        for (date, utc) in [
            ("2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z"),
            ("2026-01-01T00:30:00+01:00", "2025-12-31T23:30:00Z"),
            ("2024-02-28T23:59:59.75-00:01", "2024-02-29T00:00:59Z"),
            ("2100-02-28T23:00:00-02:00", "2100-03-01T01:00:00Z"),
            ("2000-03-01T00:00:00.000+14:00", "2000-02-29T10:00:00Z"),
            ("1969-12-31T23:59:60Z", "1970-01-01T00:00:00Z"),
            ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
            ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(in_utc(date).as_deref(), Some(utc), "{date}");
        }
        for date in ["0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01"] {
            assert_eq!(in_utc(date), None, "{date}");
        }
        assert_eq!(time(&Annotations::default()), EPOCH);
    }

    #[test]
    fn each_day_has_one_number() {
        for number in 0..3_700_000 {
            let (year, month, day) = day_of(number);
            assert_eq!(day_number(year, month, day), number);
            assert!((1..=12).contains(&month) && (1..=31).contains(&day));
        }
    }
}
