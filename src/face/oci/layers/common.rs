//! Common layers: which of the store paths without a layer of their own share one.
//!
//! When something that much else depends on is updated, all that *reaches* it is rebuilt. So store paths are together
//! that reach the same of the most depended-on paths: an update then changes layers that it rebuilds as a whole, and
//! leaves the others alone.
//!
//! Most store paths reach hardly anything but the C library, and would be one large group, which each of them sends
//! anew when it is updated, added or dropped. So the name, without hash and version, parts each group further. Then
//! the closest groups are put together until there are layers for all. How close they are hangs on what they reach and
//! on the number of their paths, not on sizes: what grows or shrinks is no reason to divide everything anew.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use anyhow::Result;
use sha2::{Digest, Sha256};

use super::{Numbered, by_name, family};
use crate::host::interrupt::Interrupt;
use crate::input::store_path::StorePath;

/// So many of the most depended-on paths tell store paths apart.
const DEPENDED_ON: usize = 40;

/// So many parts are made of the store paths that reach the same.
const PARTS: u64 = 12;

/// With more groups than this, fewer of the most depended-on paths tell store paths apart: time goes by the square.
const GROUPS: usize = 800;

/// Store paths for one layer.
struct Group {
    /// The most depended-on paths that any of these reaches, a bit for each.
    reach: u64,
    paths: Vec<usize>,
}

impl Group {
    /// What is sent in vain if this and `other` were one: whenever one of them changes alone, the paths of the other.
    fn distance(&self, other: &Self) -> usize {
        self.changes_without(other) * other.paths.len()
            + other.changes_without(self) * self.paths.len()
    }

    /// In how many ways this changes and `other` does not: with what it reaches, and each of its paths by itself.
    fn changes_without(&self, other: &Self) -> usize {
        (self.reach & !other.reach).count_ones() as usize + self.paths.len()
    }

    fn add(&mut self, other: Self) {
        self.reach |= other.reach;
        self.paths.extend(other.paths);
    }
}

/// Divides the paths `rest` among at most `most` layers.
pub(super) fn divide(
    numbered: &Numbered<'_>,
    counts: &[u32],
    rest: &[usize],
    most: usize,
    interrupt: &Interrupt,
) -> Result<Vec<Vec<usize>>> {
    let reach = numbered.reach(&depended_on(numbered, counts), interrupt)?;
    // In the order of names, which settles what else would be open.
    let mut rest: Vec<(usize, u64)> = rest
        .iter()
        .map(|path| (*path, part(numbered.paths[*path])))
        .collect();
    rest.sort_by_key(|(path, _)| by_name(numbered.paths[*path]));
    let telling: Vec<usize> = (1..=DEPENDED_ON).collect();
    let telling = telling.partition_point(|telling| {
        let groups = gather(&rest, &reach, *telling);
        groups.len() <= GROUPS
    });
    let groups = merge(gather(&rest, &reach, telling), most, interrupt)?;
    Ok(groups.into_iter().map(|group| group.paths).collect())
}

/// The paths that most others depend on, but for those that nearly all do, which tell nothing apart.
fn depended_on(numbered: &Numbered<'_>, counts: &[u32]) -> Vec<usize> {
    let nearly_all = counts.len() * 3 / 4;
    let mut paths: Vec<usize> = (0..counts.len())
        .filter(|path| counts[*path] > 0 && (counts[*path] as usize) < nearly_all)
        .collect();
    paths.sort_by_cached_key(|path| (Reverse(counts[*path]), by_name(numbered.paths[*path])));
    paths.truncate(DEPENDED_ON);
    paths
}

/// The part that a store path is in of those that reach the same, whatever else there is.
fn part(path: &StorePath) -> u64 {
    let hash: [u8; 32] = Sha256::digest(family(path)).into();
    let beginning = hash.first_chunk().copied().unwrap_or_default();
    u64::from_be_bytes(beginning) % PARTS
}

/// Puts the paths `rest` together that are in the same part and reach the same of the first `telling` depended-on ones.
fn gather(rest: &[(usize, u64)], reach: &[u64], telling: usize) -> Vec<Group> {
    let told = (1 << telling) - 1;
    let mut places: BTreeMap<(u64, u64), usize> = BTreeMap::new();
    let mut groups: Vec<Group> = Vec::new();
    for (path, part) in rest {
        let new = Group {
            reach: reach[*path] & told,
            paths: vec![*path],
        };
        let place = places.entry((new.reach, *part)).or_insert(groups.len());
        match groups.get_mut(*place) {
            Some(group) => group.add(new),
            None => groups.push(new),
        }
    }
    groups
}

/// Puts the closest groups together until there are at most `most`; of those equally close, the first ones.
fn merge(mut groups: Vec<Group>, most: usize, interrupt: &Interrupt) -> Result<Vec<Group>> {
    /// The closest group behind the one at `at`, with its distance.
    fn nearest(groups: &[Group], at: usize) -> Option<(usize, usize)> {
        let behind = groups.iter().enumerate().skip(at + 1);
        behind
            .map(|(other, group)| (groups[at].distance(group), other))
            .min()
    }
    let mut near: Vec<Option<(usize, usize)>> =
        (0..groups.len()).map(|at| nearest(&groups, at)).collect();
    while groups.len() > most {
        interrupt.check()?;
        let pairs = near.iter().enumerate();
        let pairs =
            pairs.filter_map(|(at, near)| near.map(|(distance, other)| (distance, at, other)));
        let Some((_, into, from)) = pairs.min() else {
            break;
        };
        let added = groups.remove(from);
        near.remove(from);
        groups[into].add(added);
        for at in 0..groups.len() {
            near[at] = match near[at] {
                Some((_, other)) if at == into || other == into || other == from => {
                    nearest(&groups, at)
                }
                Some((distance, other)) => {
                    let kept = (distance, if other > from { other - 1 } else { other });
                    let changed = (at < into).then(|| (groups[at].distance(&groups[into]), into));
                    changed.into_iter().chain([kept]).min()
                }
                None => None,
            };
        }
    }
    Ok(groups)
}
