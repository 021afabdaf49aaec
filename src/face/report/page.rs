//! The page: one file with its style, its script and the facts of the report, that needs nothing else.
//!
//! Its parts are files beside this one. A browser runs the script that has the hash in the page's policy and no other,
//! whatever a name in the image may hold.

use data_encoding::BASE64;
use sha2::{Digest, Sha256};

use super::document::Report;
use crate::face::html::{Page, filled};

const BODY: &str = include_str!("page/page.html");
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
    let body = filled(BODY, &[("@FACTS@", facts), ("@SCRIPT@", script)]);
    Page {
        title: &title,
        style: STYLE,
        body: &body,
        script: Some(&hash),
        ..Page::default()
    }
    .html()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_a_place_for_each_part_and_its_script_ends_once() {
        for mark in ["@FACTS@", "@SCRIPT@"] {
            assert_eq!(BODY.matches(mark).count(), 1, "{mark}");
        }
        assert!(!SCRIPT.concat().contains("</"));
        assert!(!STYLE.contains("</"));
        for part in SCRIPT {
            assert!(part.lines().count() < 250);
        }
    }
}
