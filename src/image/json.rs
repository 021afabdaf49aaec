//! JSON, read strictly: one value, and no member of an object written twice.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::invalid::Invalid;

/// The one value that `text` is.
pub(super) fn parse(text: &str) -> Result<Value, Invalid> {
    if text.starts_with('\u{feff}') {
        return Err(Invalid::new(
            "begins with a byte order mark; JSON is written without one",
        ));
    }
    match serde_json::from_str(text) {
        Ok(Once(value)) => Ok(value),
        Err(error) => Err(Invalid::new(format!("is not JSON: {error}"))),
    }
}

/// A value in which no object has a member twice.
struct Once(Value);

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OnceVisitor).map(Self)
    }
}

struct OnceVisitor;

impl<'de> Visitor<'de> for OnceVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| E::custom("a number beyond all bounds"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(Once(item)) = items.next_element()? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if object.contains_key(&name) {
                return Err(de::Error::custom(format!(
                    "the member {name:?} is written twice"
                )));
            }
            let Once(value) = members.next_value()?;
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_say_what_and_where() {
        for (text, essence) in [
            ("\u{feff}{}", "byte order mark"),
            ("", "line 1 column 0"),
            ("{\"a\": 1,}", "trailing comma at line 1 column 9"),
            ("{} {}", "trailing characters at line 1 column 4"),
            (
                "{\"a\": {\"b\": 1, \"b\": 2}}",
                "the member \"b\" is written twice",
            ),
            ("[NaN]", "line 1"),
            ("[1e999]", "number out of range"),
            ("[\"\u{1}\"]", "control character"),
            ("[\"\\ud800\"]", "line 1"),
            ("// no\n{}", "line 1"),
        ] {
            let message = parse(text).unwrap_err().to_string();
            assert!(message.contains(essence), "{text}: {message}");
        }
    }

    #[test]
    fn nothing_is_lost() {
        let text = r#"{"a":[null,true,-1,18446744073709551615,1.5,"x"],"b":{}}"#;
        assert_eq!(parse(text).unwrap().to_string(), text);
    }

    #[test]
    fn a_deep_value_is_refused_before_the_stack_ends() {
        assert!(parse(&"[".repeat(100_000)).is_err());
    }
}
