//! Common layers: which of the store paths without a layer of their own share one.
//!
//! When something that much else depends on is updated, all that *reaches* it is rebuilt. So the store paths that reach
//! the same of the most depended-on ones are a *kind* and lie together: an update then changes layers that it rebuilds
//! as a whole, and leaves the others alone.
//!
//! Kinds get layers in proportion to their numbers, and what is of a kind that gets none goes to the closest one that
//! does. Within a kind names, without hash and version, tell the layer. So one store path more or less changes
//! few layers, where the best grouping, found anew, would move many store paths for little.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use anyhow::Result;
use sha2::{Digest, Sha256};

use super::{Numbered, by_name};
use crate::host::interrupt::Interrupt;
use crate::input::store_path::StorePath;

/// So many of the most depended-on paths tell kinds apart.
const DEPENDED_ON: usize = 40;

/// Store paths that reach the same of the most depended-on ones.
struct Kind {
    /// What they reach, a bit for each.
    reach: u64,
    /// In the order of names.
    paths: Vec<usize>,
    layers: usize,
}

impl Kind {
    /// Which layer of its kind a store path is in, whatever else there is. With one layer more, one is cut in two.
    fn layer(&self, path: &StorePath) -> usize {
        let hash: [u8; 32] = Sha256::digest(path.family()).into();
        let beginning = hash.first_chunk().copied().unwrap_or_default();
        let within = |layers: usize| usize::from(u16::from_be_bytes(beginning)) % layers;
        let all = self.layers.next_power_of_two();
        match within(all) {
            layer if layer < self.layers => layer,
            _ => within(all / 2),
        }
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
    let mut rest = rest.to_vec();
    rest.sort_by_key(|path| by_name(numbered.paths[*path]));
    let mut kinds = kinds(&rest, &reach);
    for _ in 0..most {
        allot(&mut kinds);
    }

    let with_layers: Vec<&Kind> = kinds.iter().filter(|kind| kind.layers > 0).collect();
    let mut layers: BTreeMap<(u64, usize), Vec<usize>> = BTreeMap::new();
    for kind in &kinds {
        // It is the closest one to itself.
        let distance = |other: &&&Kind| (other.reach ^ kind.reach).count_ones();
        let Some(closest) = with_layers.iter().min_by_key(distance) else {
            continue;
        };
        for path in &kind.paths {
            let layer = (closest.reach, closest.layer(numbered.paths[*path]));
            layers.entry(layer).or_default().push(*path);
        }
    }
    Ok(layers.into_values().collect())
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

/// The kinds of the paths `rest`, in the order in which these show them.
fn kinds(rest: &[usize], reach: &[u64]) -> Vec<Kind> {
    let mut places: BTreeMap<u64, usize> = BTreeMap::new();
    let mut kinds: Vec<Kind> = Vec::new();
    for path in rest {
        let reach = reach[*path];
        let place = *places.entry(reach).or_insert(kinds.len());
        match kinds.get_mut(place) {
            Some(kind) => kind.paths.push(*path),
            None => kinds.push(Kind {
                reach,
                paths: vec![*path],
                layers: 0,
            }),
        }
    }
    kinds
}

/// Gives one layer more to the kind that has fewest for its number of paths; of those alike, to the first one.
fn allot(kinds: &mut [Kind]) {
    let wanting = kinds
        .iter_mut()
        .filter(|kind| kind.layers < kind.paths.len());
    // Paths per layer with half a layer more, as parliaments give seats to small parties.
    let poorest = wanting.reduce(|poorest, kind| {
        let has = |kind: &Kind| 2 * kind.layers + 1;
        if kind.paths.len() * has(poorest) > poorest.paths.len() * has(kind) {
            kind
        } else {
            poorest
        }
    });
    if let Some(kind) = poorest {
        kind.layers += 1;
    }
}
