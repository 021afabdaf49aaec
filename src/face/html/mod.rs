//! Pages of HTML: what all of them are made of, and texts in them. Whatever a name holds, it stays a text, between tags and
//! in quotes.

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");

/// A page that needs no other file. Its parts are HTML, but for the title.
#[derive(Default)]
pub(crate) struct Page<'a> {
    /// What it is called, a text.
    pub(crate) title: &'a str,
    /// What is in its head beside what is in that of each page.
    pub(crate) head: &'a str,
    /// Its own style sheet, behind that of all pages.
    pub(crate) style: &'a str,
    /// What it shows.
    pub(crate) body: &'a str,
    /// The hash of the one script that may run in it (SHA-256 as Base64); without one, none may.
    pub(crate) script: Option<&'a str>,
}

impl Page<'_> {
    /// The whole page.
    pub(crate) fn html(&self) -> String {
        let policy = self
            .script
            .map(|hash| format!("; script-src 'sha256-{hash}'"));
        let parts = [
            ("@POLICY@", policy.unwrap_or_default()),
            ("@HEAD@", self.head.to_owned()),
            ("@TITLE@", escaped(self.title)),
            ("@STYLE@", format!("{STYLE}\n{}", self.style)),
            ("@BODY@", self.body.to_owned()),
        ];
        filled(PAGE, &parts)
    }
}

/// `text` as HTML has it.
pub(crate) fn escaped(text: &str) -> String {
    let mut whole = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => whole.push_str("&amp;"),
            '<' => whole.push_str("&lt;"),
            '>' => whole.push_str("&gt;"),
            '"' => whole.push_str("&quot;"),
            '\'' => whole.push_str("&#39;"),
            _ => whole.push(character),
        }
    }
    whole
}

/// `template` with each mark replaced where it stands; what has been put in is not looked through.
pub(crate) fn filled(template: &str, parts: &[(&str, impl AsRef<str>)]) -> String {
    let mut whole = String::new();
    let mut rest = template;
    loop {
        let found = parts
            .iter()
            .filter_map(|(mark, part)| Some((rest.find(mark)?, *mark, part.as_ref())))
            .min();
        let Some((at, mark, part)) = found else {
            whole.push_str(rest);
            return whole;
        };
        whole.push_str(&rest[..at]);
        whole.push_str(part);
        rest = &rest[at + mark.len()..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_a_place_for_each_part() {
        for mark in ["@POLICY@", "@HEAD@", "@TITLE@", "@STYLE@", "@BODY@"] {
            assert_eq!(PAGE.matches(mark).count(), 1, "{mark}");
        }
        assert!(!STYLE.contains("</"));
    }

    #[test]
    fn what_is_put_in_is_text() {
        assert_eq!(
            escaped("<a href=\"'&\">"),
            "&lt;a href=&quot;&#39;&amp;&quot;&gt;"
        );
        let parts = [("@A@", "<@B@>"), ("@B@", "b")];
        assert_eq!(filled("1@A@2@B@3@A@", &parts), "1<@B@>2b3<@B@>");
    }
}
