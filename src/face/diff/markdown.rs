//! The diff as Markdown: a page for the review of a change.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::Value;

use crate::face::diff::parcel::{Piece, Sent};
use crate::face::diff::rootfs::{Change, RootChanges};
use crate::face::diff::settings::Setting;
use crate::face::diff::store_paths::{One, StorePaths};
use crate::face::diff::{Difference, Figures};
use crate::host::log::{count, size};
use crate::host::printable::Printable;

/// How many rows a table has at most: comments on changes have a limit.
const ROWS: usize = 50;

/// The whole page.
pub(super) fn page(difference: &Difference) -> String {
    let Difference {
        older,
        newer,
        sent,
        store_paths,
        root,
        settings,
    } = difference;
    let mut page = format!("## {}\n\n", title(older, newer));
    if older.id == newer.id {
        page += "Both are the same image, byte for byte: nothing has to be sent.\n";
        return page;
    }
    page += &summary(older, newer, sent);
    page += &store_path_rows(store_paths);
    page += &setting_rows(settings);
    page += &root_rows(root);
    page += &piece_rows(sent);
    page
}

fn title(older: &Figures, newer: &Figures) -> String {
    let one = |figures: &Figures| format!("{} {}", figures.name, figures.version);
    if older.name != newer.name {
        return format!("{} → {}", one(older), one(newer));
    }
    if older.version == newer.version {
        return one(newer);
    }
    format!("{} {} → {}", newer.name, older.version, newer.version)
}

fn summary(older: &Figures, newer: &Figures, sent: &Sent) -> String {
    let pieces = (sent.kept.len() + sent.new.len()) as u64;
    let mut text = format!(
        "**To send: {}** of {}; {} of {} new.\n\n",
        size(sent.bytes),
        size(newer.bytes),
        sent.new.len(),
        if sent.documents > 0 {
            format!("{} are", count(pieces, "layer", "layers"))
        } else {
            format!("{} are", count(pieces, "archive", "archives"))
        },
    );
    text += "| | before | now | change |\n|---|--:|--:|--:|\n";
    for (what, before, now) in [
        ("image", older.bytes, newer.bytes),
        ("unpacked", older.unpacked, newer.unpacked),
    ] {
        let _ = writeln!(
            text,
            "| {what} | {} | {} | {} |",
            size(before),
            size(now),
            grown(before, now)
        );
    }
    let (before, now) = (older.store_paths, newer.store_paths);
    let sign = if now >= before { "+" } else { "−" };
    let _ = writeln!(
        text,
        "| store paths | {before} | {now} | {sign}{} |",
        now.abs_diff(before)
    );
    text
}

/// By how much it has become larger, or smaller.
fn grown(before: u64, now: u64) -> String {
    let sign = if now >= before { "+" } else { "−" };
    format!("{sign}{}", size(now.abs_diff(before)))
}

fn store_path_rows(paths: &StorePaths) -> String {
    let mut rows = Vec::new();
    let one = |what: &str, one: &One| format!("{what} | {} | {}", code(&one.name), size(one.bytes));
    rows.extend(paths.added.iter().map(|path| one("added", path)));
    rows.extend(paths.removed.iter().map(|path| one("removed", path)));
    let (rebuilt, updated): (Vec<_>, Vec<_>) = paths
        .changed
        .iter()
        .partition(|changed| changed.is_rebuilt());
    for changed in updated {
        let (older, newer) = (&changed.older, &changed.newer);
        rows.push(format!(
            "updated | {} → {} | {}",
            code(&older.name),
            code(&newer.name),
            changed_size(older.bytes, newer.bytes)
        ));
    }
    for changed in rebuilt {
        let (older, newer) = (&changed.older, &changed.newer);
        rows.push(format!(
            "rebuilt | {} | {}",
            code(&newer.name),
            changed_size(older.bytes, newer.bytes)
        ));
    }
    let head = format!("Store paths: {} as before", paths.kept);
    table(&head, "| | store path | unpacked |\n|---|---|--:|\n", rows)
}

fn changed_size(before: u64, now: u64) -> String {
    if before == now {
        size(now)
    } else {
        format!("{} ({})", size(now), grown(before, now))
    }
}

fn setting_rows(settings: &[Setting]) -> String {
    let value = |value: &Option<Value>| {
        let value = value.as_ref();
        value.map_or("—".to_owned(), |value| code(&value.to_string()))
    };
    let row = |setting: &Setting| {
        format!(
            "{} | {} | {}",
            code(&setting.name),
            value(&setting.older),
            value(&setting.newer)
        )
    };
    let rows = settings.iter().map(row).collect();
    table("How it runs", "| | before | now |\n|---|---|---|\n", rows)
}

fn root_rows(root: &RootChanges) -> String {
    let mut rows = Vec::new();
    for (what, changes) in [
        ("added", &root.added),
        ("removed", &root.removed),
        ("changed", &root.changed),
    ] {
        let mut links: BTreeMap<&str, u64> = BTreeMap::new();
        for Change {
            path,
            what: text,
            package,
        } in changes
        {
            match package {
                Some(package) => *links.entry(package).or_default() += 1,
                None => rows.push(format!("{what} | {} | {}", code(path), code(text))),
            }
        }
        let links = links.into_iter();
        rows.extend(links.map(|(package, number)| {
            let links = count(number, "link", "links");
            format!("{what} | {links} | to {}", code(package))
        }));
    }
    let mut text = table("Files of the root", "| | path | |\n|---|---|---|\n", rows);
    if root.moved > 0 {
        if text.is_empty() {
            text += "\n### Files of the root\n";
        }
        let _ = writeln!(
            text,
            "\n{} to other builds of the same packages.",
            count(root.moved as u64, "link leads", "links lead")
        );
    }
    text
}

fn piece_rows(sent: &Sent) -> String {
    let row = |what: &str, piece: &Piece| {
        format!("{what} | {} | {}", code(&piece.content), size(piece.bytes))
    };
    let new = sent.new.iter().map(|piece| row("new", piece));
    let gone = sent.gone.iter().map(|piece| row("gone", piece));
    let rows: Vec<String> = new.chain(gone).collect();
    let bytes = sent.kept.iter().map(|piece| piece.bytes).sum();
    let head = format!("What is sent: {} there already", size(bytes));
    table(&head, "| | content | compressed |\n|---|---|--:|\n", rows)
}

/// A table below a heading; nothing where there are no rows.
fn table(heading: &str, head: &str, mut rows: Vec<String>) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let more = rows.len().saturating_sub(ROWS);
    rows.truncate(ROWS);
    let mut text = format!("\n### {heading}\n\n{head}");
    for row in rows {
        let _ = writeln!(text, "| {row} |");
    }
    if more > 0 {
        let _ = writeln!(text, "\n{more} more are in `diff.json`.");
    }
    text
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
        let rows: Vec<String> = (0..=ROWS).map(|row| row.to_string()).collect();
        let text = table("h", "", rows);
        assert!(
            text.ends_with("| 49 |\n\n1 more are in `diff.json`.\n"),
            "{text}"
        );
        assert_eq!(table("h", "", Vec::new()), "");
    }

    #[test]
    fn a_change_has_a_sign() {
        assert_eq!(grown(1000, 3500), "+2.5 kB");
        assert_eq!(grown(3500, 1000), "−2.5 kB");
    }
}
