//! The report as text, for terminals.

mod names;
mod tree;

use std::collections::BTreeMap;
use std::fmt::Write;

use self::names::Names;
use super::document::Report;
use crate::host::log::{count, size};
use crate::host::printable::Printable;

/// Lines of lists are about so long.
const WIDTH: usize = 92;

/// So many files and groups of store paths are named.
const NAMED: usize = 15;

/// The text.
pub(super) fn of(report: &Report) -> String {
    let names = Names::of(report);
    let mut text = head(report);
    text += &tree::of(report, &names);
    text += &largest(report, &names);
    text += &equal(report, &names);
    text += &concerns(report, &names);
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

fn concerns(report: &Report, names: &Names<'_>) -> String {
    let mut text = String::new();
    if report.concerns.is_empty() {
        return text;
    }
    title(&mut text, "Worth a second look");
    for told in report.concerns.iter().take(NAMED) {
        let owner = told.store_path.map(|number| names.of_path(number));
        let about = match told.about.as_str() {
            "" => String::new(),
            about => format!(" ({about})"),
        };
        let place = format!("{}{}", owner.unwrap_or_default(), told.path);
        line(
            &mut text,
            format_args!("{:>13}  {place}{about}", told.concern),
        );
    }
    let more = report.concerns.len().saturating_sub(NAMED);
    if more > 0 {
        line(&mut text, format_args!("{:>13}  {more} more", ""));
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
