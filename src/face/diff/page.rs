//! The diff as a page in the form of the report. It has no script.

use std::fmt::Write;

use super::Difference;
use super::tables::{self, Cell, Column, Table};
use crate::face::html::{Page, escaped};
use crate::face::report::page::STYLE;
use crate::host::printable::Printable;

/// The whole page.
pub(super) fn page(difference: &Difference) -> String {
    let (older, newer) = (&difference.older, &difference.newer);
    let title = tables::title(older, newer);
    let (bytes, rest) = tables::to_send(newer, &difference.sent);
    let is_same = older.id == newer.id;
    let said = if is_same {
        "Both are the same image, byte for byte: nothing has to be sent.".to_owned()
    } else {
        format!("A push sends {bytes} {rest}.")
    };
    let mut body = format!(
        "<header class=\"top\"><div class=\"title\"><h1>{}</h1>\n<p class=\"muted\">{said}</p></div></header>\n<main>\n",
        escaped(&title)
    );
    if !is_same {
        for table in tables::of(difference) {
            body += &drawn(&table);
        }
    }
    body += "</main>\n";
    Page {
        title: &title,
        style: STYLE,
        body: &body,
        ..Page::default()
    }
    .html()
}

fn drawn(table: &Table) -> String {
    let mut text = format!("<section>\n<h2>{}</h2>\n", escaped(&table.title));
    if !table.rows.is_empty() {
        text += "<div class=\"scroll\"><table>\n<thead><tr>";
        for Column(name, is_amount) in table.columns {
            let _ = write!(text, "<th scope=\"col\"{}>{name}</th>", class(*is_amount));
        }
        text += "</tr></thead>\n<tbody>\n";
        for row in &table.rows {
            text += "<tr>";
            for (cell, Column(_, is_amount)) in row.iter().zip(table.columns) {
                let _ = write!(text, "<td{}>{}</td>", class(*is_amount), shown(cell));
            }
            text += "</tr>\n";
        }
        text += "</tbody>\n</table></div>\n";
    }
    if let Some(note) = &table.note {
        let _ = writeln!(text, "<p class=\"muted\">{note}</p>");
    }
    text + "</section>\n"
}

fn class(is_amount: bool) -> &'static str {
    if is_amount { " class=\"amount\"" } else { "" }
}

fn shown(cell: &Cell) -> String {
    let text = |text: &str| format!("<bdi>{}</bdi>", escaped(&Printable(text).to_string()));
    match cell {
        Cell::Words(words) => escaped(words),
        Cell::Text(name) => text(name),
        Cell::Change(before, now) => format!("{} → {}", text(before), text(now)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_text() {
        let cell = Cell::Text("</td><script>alert(1)</script>\u{202e}".to_owned());
        assert_eq!(
            shown(&cell),
            "<bdi>&lt;/td&gt;&lt;script&gt;alert(1)&lt;/script&gt;\\u{202e}</bdi>"
        );
    }
}
