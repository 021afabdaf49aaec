//! The tree of store paths, each below the one without which it would not be there.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write;

use super::names::Names;
use super::{line, title};
use crate::face::report::document::Report;
use crate::face::report::graph::Place;
use crate::face::report::objects::Object;
use crate::host::log::size;

/// What weighs less than one in so many parts of the image is counted, and not named.
const SMALL: u64 = 500;

/// The tree.
pub(super) fn of(report: &Report, names: &Names<'_>) -> String {
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
