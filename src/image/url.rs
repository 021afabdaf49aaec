//! URL: an address on the web.

use std::fmt;
use std::str::FromStr;

use super::invalid::{Invalid, shown};

/// An `http` or `https` address with a host, in the characters that RFC 3986 allows. Kept as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Url(String);

impl FromStr for Url {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match fault(text) {
            None => Ok(Self(text.to_owned())),
            Some(fault) => Err(Invalid::new(format!(
                "{} {fault}; write an address as in \"https://example.com/docs\"",
                shown(text)
            ))),
        }
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn fault(text: &str) -> Option<String> {
    let Some((scheme, rest)) = text.split_once("://") else {
        return Some("has no http:// or https:// before its host".to_owned());
    };
    if !["http", "https"].contains(&scheme.to_ascii_lowercase().as_str()) {
        return Some(format!(
            "has the scheme {}, not http or https",
            shown(scheme)
        ));
    }
    let (authority, rest) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    host_fault(authority).or_else(|| rest_fault(rest))
}

fn host_fault(authority: &str) -> Option<String> {
    if authority.contains('@') {
        return Some("has a user name, which does not belong in a published image".to_owned());
    }
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    };
    if let Some(port) = port
        && (port.is_empty()
            || !port.bytes().all(|b| b.is_ascii_digit())
            || port.parse::<u16>().is_err())
    {
        return Some(format!("has the port {}", shown(port)));
    }
    if host.is_empty() {
        return Some("has no host".to_owned());
    }
    let address = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    let valid = match address {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => host
            .strip_suffix('.')
            .unwrap_or(host)
            .split('.')
            .all(|label| {
                !label.is_empty()
                    && label
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
            }),
    };
    (!valid).then(|| format!("has the host {}", shown(host)))
}

fn rest_fault(rest: &str) -> Option<String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%".contains(c);
    if let Some(c) = rest.chars().find(|c| !allowed(*c)) {
        return Some(format!(
            "has the character {c:?}, which is written with % escapes"
        ));
    }
    let mut escapes = rest.split('%');
    escapes.next();
    escapes
        .any(|after| {
            !after
                .get(..2)
                .is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))
        })
        .then(|| "has a % that no two hexadecimal digits follow".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn accepts_web_addresses() {
        for text in [
            "https://example.com",
            "HTTP://example.com/",
            "http://localhost:8080/a%20b?c=d&e=f#g",
            "https://[::1]:443/x",
            "https://example.com./~user/(x)",
            "https://192.0.2.1/",
        ] {
            assert_eq!(text.parse::<Url>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn refusals_say_what_is_wrong() {
        for (text, essence) in [
            ("", "has no http://"),
            ("example.com", "has no http://"),
            ("http:", "has no http://"),
            ("ftp://x", "has the scheme \"ftp\""),
            ("https://", "has no host"),
            ("https:///x", "has no host"),
            ("https://:80/", "has no host"),
            ("https://me@example.com/", "has a user name"),
            ("https://a..b/", "has the host \"a..b\""),
            ("https://a b/", "has the host \"a b\""),
            ("https://a:99999/", "has the port \"99999\""),
            ("https://a:+1/", "has the port \"+1\""),
            ("https://[::x]/", "has the host \"[::x]\""),
            ("https://a/b c", "has the character ' '"),
            ("https://a/ä", "has the character 'ä'"),
            ("https://a/%2", "has a %"),
            ("https://a/%zz", "has a %"),
        ] {
            let message = text.parse::<Url>().unwrap_err().to_string();
            assert!(message.contains(essence), "{text}: {message}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in prop_oneof!["https?://[\\[\\]:a.%é/]{0,12}", any::<String>()]) {
            let _ = text.parse::<Url>();
        }
    }
}
