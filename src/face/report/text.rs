//! The report as text, for terminals.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write;

use super::document::{Object, Report};
use super::graph::Place;
use crate::host::log::{count, size};
use crate::host::printable::Printable;
use crate::input::store_path::HASH_LENGTH;

/// Lines of lists are about so long.
const WIDTH: usize = 92;

/// What weighs less than one in so many parts of the image is counted, and not named.
const SMALL: u64 = 500;

/// So many files and groups of store paths are named.
const NAMED: usize = 15;

/// The text.
pub(super) fn of(report: &Report) -> String {
    let names = Names::of(report);
    let mut text = head(report);
    text += &added(report, &names);
    text += &largest(report, &names);
    text += &equal(report, &names);
    text += &programs(report);
    text
}

fn head(report: &Report) -> String {
    let (image, totals) = (&report.image, &report.totals);
    let form = if image.form == "oci" {
        "OCI image"
    } else {
        "App Container Image"
    };
    let mut text = format!(
        "{} {}: {} {form} for {}, {}\n\n",
        image.name, image.version, image.kind, image.os, image.arch
    );
    line(
        &mut text,
        format_args!(
            "{} unpacked: {} in {}, {} in files of its own",
            size(totals.bytes),
            size(totals.nar_bytes),
            count(totals.store_paths, "store path", "store paths"),
            size(totals.own_bytes)
        ),
    );
    if totals.bytes_elsewhere > 0 {
        let whose = if image.kind == "thin" {
            "the host mounts"
        } else {
            "images below have"
        };
        let bytes = size(totals.bytes_elsewhere);
        line(&mut text, format_args!("{whose} {bytes} of it"));
    }
    if let Some(files) = totals.files {
        let copies = match report.equal.as_ref().map_or(0, |equal| equal.wasted) {
            0 => "no content is in several store paths".to_owned(),
            wasted => format!(
                "{} of them are what another store path has too",
                size(wasted)
            ),
        };
        let files = count(files, "file", "files");
        line(&mut text, format_args!("{files}; {copies}"));
    }
    if !image.stands_on.is_empty() {
        let images = image.stands_on.join(", ");
        line(&mut text, format_args!("it stands on {images}"));
    }
    if !image.runs.is_empty() {
        let runs = image.runs.join(" ");
        line(
            &mut text,
            format_args!("it runs {runs} as {}:{}", image.user, image.group),
        );
    }
    for port in &image.ports {
        let last = if port.last > port.first {
            format!("-{}", port.last)
        } else {
            String::new()
        };
        let (first, protocol) = (port.first, port.protocol.name());
        line(
            &mut text,
            format_args!("port {}: {first}{last}/{protocol}", port.name),
        );
    }
    for mount in &image.mounts {
        let how = if mount.read_only { ", read-only" } else { "" };
        let (name, path) = (&mount.name, &mount.path);
        line(&mut text, format_args!("mount {name}: {path}{how}"));
    }
    text
}

fn line(text: &mut String, line: impl std::fmt::Display) {
    // Nothing can fail that goes into a text.
    let _ = writeln!(text, "{}", Printable(line));
}

fn title(text: &mut String, title: &str) {
    let _ = write!(text, "\n{title}\n\n");
}

/// The tree of what is there because of what.
fn added(report: &Report, names: &Names<'_>) -> String {
    let mut text = String::new();
    title(
        &mut text,
        "Store paths, each below the one that alone brings it",
    );
    let _ = writeln!(text, "     added         own");
    let mut below: BTreeMap<Option<usize>, Vec<usize>> = BTreeMap::new();
    // Of what is copied, the files are the image's own.
    let objects = report.store_paths.iter().enumerate();
    let objects =
        objects.filter(|(_, object)| object.place != Place::Copied || object.added_size > 0);
    for (number, object) in objects {
        below.entry(object.only_by).or_default().push(number);
    }
    let weight = |number: &usize| {
        let object = &report.store_paths[*number];
        (Reverse(object.added_size), object.name.clone(), *number)
    };
    for numbers in below.values_mut() {
        numbers.sort_by_cached_key(weight);
    }
    // What is left to be written: lines, and the store paths that wait for theirs.
    let mut waiting: Vec<(String, String, Vec<usize>)> = Vec::new();
    let tops = below.remove(&None).unwrap_or_default();
    waiting.push((String::new(), String::new(), tops));
    let small = report.totals.nar_bytes / SMALL;
    while let Some((prefix, branch, mut numbers)) = waiting.pop() {
        if numbers.is_empty() {
            continue;
        }
        let first = numbers.remove(0);
        let object = &report.store_paths[first];
        let is_top = branch.is_empty();
        if object.added_size < small && !numbers.is_empty() {
            let sum = numbers.iter().chain([&first]);
            let sum = sum
                .map(|number| report.store_paths[*number].added_size)
                .sum();
            let more = numbers.len() as u64 + 1;
            let last = if is_top { "" } else { "└─ " };
            let bytes = size(sum);
            line(
                &mut text,
                format_args!("{bytes:>10}              {prefix}{last}{more} more"),
            );
            continue;
        }
        let (branch, deeper) = match (is_top, numbers.is_empty()) {
            (true, _) => ("", ""),
            (false, false) => ("├─ ", "│  "),
            (false, true) => ("└─ ", "   "),
        };
        line(
            &mut text,
            format_args!(
                "{:>10}  {:>10}  {prefix}{branch}{}{}",
                size(object.added_size),
                size(object.nar_size),
                names.of_path(first),
                remark(object)
            ),
        );
        let rest = if is_top {
            String::new()
        } else {
            "├─ ".to_owned()
        };
        waiting.push((prefix.clone(), rest, numbers));
        let below = below.remove(&Some(first)).unwrap_or_default();
        waiting.push((prefix + deeper, "├─ ".to_owned(), below));
    }
    text
}

/// What is to be said of a store path behind its name.
fn remark(object: &Object) -> String {
    let place = match (object.place, &object.image) {
        (Place::Packed | Place::Mounted, _) => String::new(),
        (Place::Below, Some(image)) => format!(", in {image}"),
        (Place::Below, None) => ", in an image below".to_owned(),
        (Place::Copied, _) => ", of which files are copied".to_owned(),
    };
    match &object.argument {
        Some(argument) => format!("  ({argument}{place})"),
        None if place.is_empty() => place,
        None => format!("  ({})", place.trim_start_matches(", ")),
    }
}

fn largest(report: &Report, names: &Names<'_>) -> String {
    let mut text = String::new();
    let Some(largest) = &report.largest else {
        return text;
    };
    title(&mut text, "Largest files");
    for file in largest.iter().take(NAMED) {
        let owner = file.store_path.map(|number| names.of_path(number));
        let path = match owner {
            Some(owner) if file.path.is_empty() => owner,
            Some(owner) => format!("{owner}/{}", file.path),
            None => file.path.clone(),
        };
        line(&mut text, format_args!("{:>10}  {path}", size(file.bytes)));
    }
    text
}

fn equal(report: &Report, names: &Names<'_>) -> String {
    let mut text = String::new();
    let Some(equal) = report.equal.as_ref().filter(|equal| equal.contents > 0) else {
        return text;
    };
    title(&mut text, "Equal content in several store paths");
    for group in equal.groups.iter().take(NAMED) {
        let contents = count(group.contents, "file", "files");
        let mut row = format!("{:>10}  {contents} of", size(group.wasted));
        for (at, number) in group.store_paths.iter().enumerate() {
            let name = names.of_path(*number);
            if at > 1 && row.len() + name.len() > WIDTH {
                let more = group.store_paths.len() - at;
                let _ = write!(row, " and {more} more");
                break;
            }
            row += if at > 0 { ", " } else { " " };
            row += &name;
        }
        line(&mut text, row);
    }
    text
}

fn programs(report: &Report) -> String {
    let mut text = String::new();
    if report.programs.is_empty() {
        return text;
    }
    let mut by_directory: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for program in &report.programs {
        let (directory, name) = program.path.rsplit_once('/').unwrap_or_default();
        by_directory.entry(directory).or_default().push(name);
    }
    title(&mut text, "Programs");
    for (directory, names) in by_directory {
        let mut row = format!("{directory}:");
        for name in names {
            if row.chars().count() + name.chars().count() > WIDTH {
                line(&mut text, &row);
                " ".clone_into(&mut row);
            }
            row += " ";
            row += name;
        }
        line(&mut text, &row);
    }
    text
}

/// What store paths are called where no hash may stand whole, since Nix would take it for a reference.
struct Names<'a> {
    report: &'a Report,
    /// How many have a name.
    number: BTreeMap<&'a str, usize>,
}

/// So much of a hash tells two store paths of one name apart.
const TELLING: usize = 7;

impl<'a> Names<'a> {
    fn of(report: &'a Report) -> Self {
        let mut number = BTreeMap::new();
        for object in &report.store_paths {
            *number.entry(object.name.as_str()).or_default() += 1;
        }
        Self { report, number }
    }

    fn of_path(&self, number: usize) -> String {
        let object = &self.report.store_paths[number];
        if self.number.get(object.name.as_str()) == Some(&1) {
            return object.name.clone();
        }
        let hash = object.path.len() - object.name.len() - 1 - HASH_LENGTH;
        let hash = &object.path[hash..hash + TELLING];
        format!("{} [{hash}…]", object.name)
    }
}
