//! Tables: what tells two images apart, in rows for people, whatever they are drawn in.

use std::collections::BTreeMap;

use serde_json::Value;

use super::parcel::{Piece, Sent};
use super::rootfs::{Change, RootChanges};
use super::settings::Setting;
use super::store_paths::{One, StorePaths};
use super::{Difference, Figures};
use crate::host::log::{count, size};

/// Rows below a heading. It has at least one.
pub(super) struct Table {
    pub(super) title: String,
    /// What the columns are; a number is in those that have an amount.
    pub(super) columns: &'static [Column],
    pub(super) rows: Vec<Vec<Cell>>,
    /// What is to be said below it.
    pub(super) note: Option<String>,
}

/// A column: its name, and whether it has amounts.
pub(super) struct Column(pub(super) &'static str, pub(super) bool);

/// A cell.
pub(super) enum Cell {
    /// Our own words.
    Words(String),
    /// A text from elsewhere.
    Text(String),
    /// What became of one text.
    Change(String, String),
}

fn words(text: impl Into<String>) -> Cell {
    Cell::Words(text.into())
}

fn text(text: impl Into<String>) -> Cell {
    Cell::Text(text.into())
}

/// What the two images are called.
pub(super) fn title(older: &Figures, newer: &Figures) -> String {
    let one = |figures: &Figures| format!("{} {}", figures.name, figures.version);
    if older.name != newer.name {
        return format!("{} → {}", one(older), one(newer));
    }
    if older.version == newer.version {
        return one(newer);
    }
    format!("{} {} → {}", newer.name, older.version, newer.version)
}

/// What is sent, in a line; its first part is the figure.
pub(super) fn to_send(newer: &Figures, sent: &Sent) -> (String, String) {
    let pieces = (sent.kept.len() + sent.new.len()) as u64;
    let pieces = if sent.documents > 0 {
        count(pieces, "layer", "layers")
    } else {
        count(pieces, "archive", "archives")
    };
    let rest = format!(
        "of {}; {} of {pieces} {} new",
        size(newer.bytes),
        sent.new.len(),
        if sent.new.len() == 1 { "is" } else { "are" }
    );
    (size(sent.bytes), rest)
}

/// All tables.
pub(super) fn of(difference: &Difference) -> Vec<Table> {
    let Difference {
        older,
        newer,
        sent,
        store_paths,
        root,
        settings,
    } = difference;
    let tables = [
        figures(older, newer),
        of_store_paths(store_paths),
        of_settings(settings),
        of_root(root),
        of_pieces(sent),
    ];
    let said = |table: &Table| !table.rows.is_empty() || table.note.is_some();
    tables.into_iter().filter(said).collect()
}

fn figures(older: &Figures, newer: &Figures) -> Table {
    let bytes = |what: &str, before, now| {
        let (from, to) = (size(before), size(now));
        vec![
            words(what),
            words(from),
            words(to),
            words(grown(before, now)),
        ]
    };
    let (before, now) = (older.store_paths, newer.store_paths);
    let paths = [
        "store paths".to_owned(),
        before.to_string(),
        now.to_string(),
        format!("{}{}", sign(before <= now), now.abs_diff(before)),
    ];
    Table {
        title: "Figures".to_owned(),
        columns: &[
            Column("", false),
            Column("before", true),
            Column("now", true),
            Column("change", true),
        ],
        rows: vec![
            bytes("image", older.bytes, newer.bytes),
            bytes("unpacked", older.unpacked, newer.unpacked),
            paths.map(words).into(),
        ],
        note: None,
    }
}

fn of_store_paths(paths: &StorePaths) -> Table {
    let one = |what: &str, one: &One| vec![words(what), text(&one.name), words(size(one.bytes))];
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    rows.extend(paths.added.iter().map(|path| one("added", path)));
    rows.extend(paths.removed.iter().map(|path| one("removed", path)));
    let mut changed: Vec<_> = paths.changed.iter().collect();
    changed.sort_by_key(|changed| changed.is_rebuilt());
    rows.extend(changed.into_iter().map(|changed| {
        let (older, newer) = (&changed.older, &changed.newer);
        let (what, name) = if changed.is_rebuilt() {
            ("rebuilt", text(&newer.name))
        } else {
            let change = Cell::Change(older.name.clone(), newer.name.clone());
            ("updated", change)
        };
        vec![words(what), name, words(resized(older.bytes, newer.bytes))]
    }));
    Table {
        title: format!("Store paths: {} as before", paths.kept),
        columns: &[
            Column("", false),
            Column("store path", false),
            Column("unpacked", true),
        ],
        rows,
        note: None,
    }
}

fn of_settings(settings: &[Setting]) -> Table {
    let value = |value: &Option<Value>| match value {
        Some(value) => text(value.to_string()),
        None => words("—"),
    };
    let row = |setting: &Setting| {
        let (older, newer) = (value(&setting.older), value(&setting.newer));
        vec![text(&setting.name), older, newer]
    };
    Table {
        title: "How it runs".to_owned(),
        columns: &[
            Column("", false),
            Column("before", false),
            Column("now", false),
        ],
        rows: settings.iter().map(row).collect(),
        note: None,
    }
}

fn of_root(root: &RootChanges) -> Table {
    let mut rows = Vec::new();
    for (what, changes) in [
        ("added", &root.added),
        ("removed", &root.removed),
        ("changed", &root.changed),
    ] {
        let mut links: BTreeMap<&str, u64> = BTreeMap::new();
        for Change {
            path,
            what: about,
            package,
        } in changes
        {
            match package {
                Some(package) => *links.entry(package).or_default() += 1,
                None => rows.push(vec![words(what), text(path), text(about)]),
            }
        }
        rows.extend(links.into_iter().map(|(package, number)| {
            let links = format!("{} to", count(number, "link", "links"));
            vec![words(what), words(links), text(package)]
        }));
    }
    let moved = count(root.moved as u64, "link leads", "links lead");
    Table {
        title: "Files of the root".to_owned(),
        columns: &[Column("", false), Column("path", false), Column("", false)],
        rows,
        note: (root.moved > 0).then(|| format!("{moved} to other builds of the same packages.")),
    }
}

fn of_pieces(sent: &Sent) -> Table {
    let row = |what: &str, piece: &Piece| {
        vec![words(what), text(&piece.content), words(size(piece.bytes))]
    };
    let new = sent.new.iter().map(|piece| row("new", piece));
    let gone = sent.gone.iter().map(|piece| row("gone", piece));
    let bytes = sent.kept.iter().map(|piece| piece.bytes).sum();
    Table {
        title: format!("What is sent: {} there already", size(bytes)),
        columns: &[
            Column("", false),
            Column("content", false),
            Column("compressed", true),
        ],
        rows: new.chain(gone).collect(),
        note: None,
    }
}

/// By how much it has become larger, or smaller.
fn grown(before: u64, now: u64) -> String {
    format!("{}{}", sign(before <= now), size(now.abs_diff(before)))
}

fn sign(has_grown: bool) -> &'static str {
    if has_grown { "+" } else { "−" }
}

fn resized(before: u64, now: u64) -> String {
    if before == now {
        size(now)
    } else {
        format!("{} ({})", size(now), grown(before, now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_has_a_sign() {
        assert_eq!(grown(1000, 3500), "+2.5 kB");
        assert_eq!(grown(3500, 1000), "−2.5 kB");
        assert_eq!(resized(1000, 1000), "1.0 kB");
    }
}
