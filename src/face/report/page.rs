//! The page: one file with its style, its script and the facts of the report, that needs nothing else.
//!
//! Its parts are files beside this one. A browser runs the script that has the hash in the page's policy and no other,
//! whatever a name in the image may hold.

use data_encoding::BASE64;
use sha2::{Digest, Sha256};

use super::document::Report;

const PAGE: &str = include_str!("page/page.html");
pub(crate) const STYLE: &str = include_str!("page/page.css");

/// The script, in the order in which its parts need each other.
const SCRIPT: [&str; 9] = [
    include_str!("page/dom.js"),
    include_str!("page/data.js"),
    include_str!("page/treemap.js"),
    include_str!("page/details.js"),
    include_str!("page/paths.js"),
    include_str!("page/lists.js"),
    include_str!("page/concerns.js"),
    include_str!("page/search.js"),
    include_str!("page/main.js"),
];

/// The page of a report, whose `facts` are JSON.
pub(super) fn of(report: &Report, facts: &str) -> String {
    let script = SCRIPT.concat();
    let hash = BASE64.encode(&Sha256::digest(&script));
    let title = format!("{} {}", report.image.name, report.image.version);
    // A `<` in the facts could end the script that they stand in; in JSON an escape reads the same.
    let facts = facts.replace('<', "\\u003c");
    let parts = [
        ("@TITLE@", escaped(&title)),
        ("@STYLE@", STYLE.to_owned()),
        ("@SCRIPT-HASH@", hash),
        ("@FACTS@", facts),
        ("@SCRIPT@", script),
    ];
    filled(PAGE, &parts)
}

/// `text` with each mark replaced where it stands first; what has been put in is not looked through.
fn filled(text: &str, parts: &[(&str, String)]) -> String {
    let mut found: Vec<(usize, &str, &String)> = parts
        .iter()
        .filter_map(|(mark, part)| Some((text.find(mark)?, *mark, part)))
        .collect();
    found.sort_unstable();
    let mut whole = String::new();
    let mut done = 0;
    for (at, mark, part) in found {
        whole.push_str(&text[done..at]);
        whole.push_str(part);
        done = at + mark.len();
    }
    whole.push_str(&text[done..]);
    whole
}

/// A text as HTML has it.
pub(crate) fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_in_is_text() {
        let parts = [("@A@", "<@B@>".to_owned()), ("@B@", "b".to_owned())];
        assert_eq!(filled("1@A@2@B@3", &parts), "1<@B@>2b3");
        assert_eq!(escaped("a<b>&"), "a&lt;b&gt;&amp;");
    }

    #[test]
    fn the_page_has_a_place_for_each_part_and_its_script_ends_once() {
        for mark in ["@TITLE@", "@STYLE@", "@SCRIPT-HASH@", "@FACTS@", "@SCRIPT@"] {
            assert_eq!(PAGE.matches(mark).count(), 1, "{mark}");
        }
        assert!(!SCRIPT.concat().contains("</"));
        assert!(!STYLE.contains("</"));
        for part in SCRIPT {
            assert!(part.lines().count() < 250);
        }
    }
}
