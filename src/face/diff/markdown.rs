//! The diff as Markdown: a page for the review of a change.

use std::fmt::Write;

use super::Difference;
use super::tables::{self, Cell, Column, Table};
use crate::host::printable::Printable;

/// How many rows a table has at most: comments on changes have a limit.
const ROWS: usize = 50;

/// The whole page.
pub(super) fn page(difference: &Difference) -> String {
    let (older, newer) = (&difference.older, &difference.newer);
    let mut page = format!("## {}\n\n", tables::title(older, newer));
    if older.id == newer.id {
        page += "Both are the same image, byte for byte: nothing has to be sent.\n";
        return page;
    }
    let (bytes, rest) = tables::to_send(newer, &difference.sent);
    let _ = writeln!(page, "**To send: {bytes}** {rest}.");
    for table in tables::of(difference) {
        page += &drawn(table);
    }
    page
}

fn drawn(table: Table) -> String {
    let mut text = format!("\n### {}\n", table.title);
    let cut = table.rows.len().saturating_sub(ROWS);
    if !table.rows.is_empty() {
        text += "\n|";
        for Column(name, _) in table.columns {
            let _ = write!(text, " {name} |");
        }
        text += "\n|";
        for Column(_, is_amount) in table.columns {
            text += if *is_amount { "--:|" } else { "---|" };
        }
        text += "\n";
    }
    for row in table.rows.iter().take(ROWS) {
        text += "|";
        for cell in row {
            let _ = write!(text, " {} |", in_words(cell));
        }
        text += "\n";
    }
    if cut > 0 {
        let _ = writeln!(text, "\n{cut} more are in `diff.html` and `diff.json`.");
    }
    if let Some(note) = table.note {
        let _ = writeln!(text, "\n{note}");
    }
    text
}

fn in_words(cell: &Cell) -> String {
    match cell {
        Cell::Words(text) => text.clone(),
        Cell::Text(text) => code(text),
        Cell::Change(before, now) => format!("{} → {}", code(before), code(now)),
    }
}

/// `text` as code in a cell of a table, whatever it holds.
fn code(text: &str) -> String {
    let text = Printable(text).to_string().replace('|', "\\|");
    // A fence is longer than any run of backticks inside.
    let mut longest = 0;
    let mut run = 0;
    for character in text.chars() {
        run = if character == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(longest + 1);
    let space = if text.starts_with('`') || text.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{fence}{space}{text}{space}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_is_code_in_one_cell() {
        for (text, wanted) in [
            ("a", "`a`"),
            ("a|b", r"`a\|b`"),
            ("a`b", "``a`b``"),
            ("`", "`` ` ``"),
            ("a\nb", r"`a\nb`"),
        ] {
            assert_eq!(code(text), wanted);
        }
    }

    #[test]
    fn a_long_table_is_cut() {
        let table = Table {
            title: "h".to_owned(),
            columns: &[Column("c", true)],
            rows: (0..=ROWS)
                .map(|row| vec![Cell::Words(row.to_string())])
                .collect(),
            note: None,
        };
        let text = drawn(table);
        assert!(
            text.starts_with("\n### h\n\n| c |\n|--:|\n| 0 |\n"),
            "{text}"
        );
        let end = "| 49 |\n\n1 more are in `diff.html` and `diff.json`.\n";
        assert!(text.ends_with(end), "{text}");
    }
}
