//! Texts in HTML: whatever a name holds, it stays a text, between tags and in quotes.

/// `text` as HTML has it.
pub(super) fn escaped(text: &str) -> String {
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
pub(super) fn filled(template: &str, parts: &[(&str, &str)]) -> String {
    let mut whole = String::new();
    let mut rest = template;
    loop {
        let found = parts
            .iter()
            .filter_map(|(mark, part)| Some((rest.find(mark)?, *mark, *part)))
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
    fn what_is_put_in_is_text() {
        assert_eq!(
            escaped("<a href=\"'&\">"),
            "&lt;a href=&quot;&#39;&amp;&quot;&gt;"
        );
        let parts = [("@A@", "<@B@>"), ("@B@", "b")];
        assert_eq!(filled("1@A@2@B@3@A@", &parts), "1<@B@>2b3<@B@>");
    }
}
