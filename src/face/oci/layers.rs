//! Layers: how the store paths of an image are divided, so that images share what they can.
//!
//! A layer is shared byte for byte when it holds the same store paths. So each store path gets a layer of its own as
//! long as there are layers. With more store paths than layers
//!
//! - the image's own programs keep one each, whatever their size: the first package, and the others that nothing else
//!   in the image needs. They change most often, and then alone;
//! - so do the store paths whose layer is worth most: large ones, and ones that much else depends on;
//! - the rest is small and goes into common layers, by what a path reaches: what is rebuilt together lies together.
//!
//! A third of the layers is common. Fewer would be larger, and each change sends one of them; more would leave large
//! store paths without a layer of their own. Their number depends on the limit alone, since another one would divide
//! everything anew. Only its rank in worth moves a store path into a layer of its own or out of it, and there names
//! settle ties, never hashes.

mod common;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use crate::host::interrupt::Interrupt;
use crate::input::closure::Closure;
use crate::input::spec::Package;
use crate::input::store_path::StorePath;

/// One layer in so many is a common one, when there are more store paths than layers.
const COMMON: usize = 3;

/// Words of a bit set: of so many times 64 store paths at once it is known what they reach.
const WORDS: usize = 8;

/// Divides `paths` into at most `most` layers, lowest first; within a layer, in the order of the paths.
pub(crate) fn divide(
    closure: &Closure,
    paths: &BTreeSet<StorePath>,
    packages: &[Package],
    most: usize,
    interrupt: &Interrupt,
) -> Result<Vec<BTreeSet<StorePath>>> {
    let numbered = Numbered::new(closure, paths);
    let counts = numbered.dependents(interrupt)?;
    let most = most.max(1);
    let common = if paths.len() > most {
        (most / COMMON).max(1)
    } else {
        0
    };

    let (alone, rest) = numbered.choose(&counts, packages, most - common);
    let shared = common::divide(&numbered, &counts, &rest, common, interrupt)?;
    let alone = alone.into_iter().map(|path| vec![path]);
    let mut layers: Vec<Vec<usize>> = alone.chain(shared).collect();
    // What most depends on lies lowest, as users of layers expect.
    layers.sort_by_cached_key(|layer| {
        let least = layer.iter().map(|path| counts[*path]).min();
        let first = layer.iter().map(|path| by_name(numbered.paths[*path]));
        (Reverse(least), first.min())
    });
    let paths = |layer: Vec<usize>| layer.into_iter().map(|path| numbered.paths[path].clone());
    Ok(layers
        .into_iter()
        .map(|layer| paths(layer).collect())
        .collect())
}

/// By what store paths of the same rank are put in order: what outlasts a rebuild first.
fn by_name(path: &StorePath) -> (&str, &str, &StorePath) {
    (path.family(), path.name(), path)
}

/// Store paths by number, in their order, with the references between them.
struct Numbered<'a> {
    paths: Vec<&'a StorePath>,
    sizes: Vec<u64>,
    references: Vec<Vec<usize>>,
}

impl<'a> Numbered<'a> {
    fn new(closure: &Closure, paths: &'a BTreeSet<StorePath>) -> Self {
        let paths: Vec<&StorePath> = paths.iter().collect();
        let objects = paths.iter().map(|path| closure.get(path));
        let references = paths.iter().enumerate().map(|(own, path)| {
            let references = closure.get(path).into_iter().flat_map(|o| &o.references);
            references
                .filter_map(|reference| paths.binary_search(&reference).ok())
                .filter(|number| *number != own)
                .collect()
        });
        Self {
            sizes: objects.map(|o| o.map_or(0, |o| o.nar_size)).collect(),
            references: references.collect(),
            paths,
        }
    }

    /// For each store path, how many others need it, directly or not.
    fn dependents(&self, interrupt: &Interrupt) -> Result<Vec<u32>> {
        let order = self.dependents_first();
        let mut counts = vec![0; self.paths.len()];
        // Which of some store paths reach each one. Those of all at once would take memory by the square.
        let mut reached_by = vec![[0_u64; WORDS]; self.paths.len()];
        let numbers: Vec<usize> = (0..self.paths.len()).collect();
        for some in numbers.chunks(WORDS * 64) {
            reached_by.fill([0; WORDS]);
            for (bit, path) in some.iter().enumerate() {
                reached_by[*path][bit / 64] |= 1 << (bit % 64);
            }
            // In this order once is enough, unless references go round in a circle.
            let mut grown = true;
            while grown {
                interrupt.check()?;
                grown = false;
                for path in &order {
                    let set = reached_by[*path];
                    for reference in &self.references[*path] {
                        for (word, more) in reached_by[*reference].iter_mut().zip(set) {
                            grown |= more & !*word != 0;
                            *word |= more;
                        }
                    }
                }
            }
            for (count, set) in counts.iter_mut().zip(&reached_by) {
                *count += set.iter().map(|word| word.count_ones()).sum::<u32>();
            }
        }
        for count in &mut counts {
            // Each reaches itself.
            *count -= 1;
        }
        Ok(counts)
    }

    /// For each store path, which of `targets` it reaches: a bit for each, of which there are at most 64.
    fn reach(&self, targets: &[usize], interrupt: &Interrupt) -> Result<Vec<u64>> {
        let mut reach = vec![0; self.paths.len()];
        for (bit, target) in targets.iter().enumerate() {
            reach[*target] = 1 << bit;
        }
        let mut order = self.dependents_first();
        order.reverse();
        let mut grown = true;
        while grown {
            interrupt.check()?;
            grown = false;
            for path in &order {
                let references = self.references[*path].iter();
                let all = references.fold(reach[*path], |all, reference| all | reach[*reference]);
                grown |= all != reach[*path];
                reach[*path] = all;
            }
        }
        Ok(reach)
    }

    /// All numbers, each before those that it refers to, as far as there is such an order.
    fn dependents_first(&self) -> Vec<usize> {
        let mut order = Vec::with_capacity(self.paths.len());
        let mut seen = vec![false; self.paths.len()];
        // The way to where the walk is: store paths with what is left of their references.
        let mut way = Vec::new();
        for root in 0..self.paths.len() {
            if !std::mem::replace(&mut seen[root], true) {
                way.push((root, self.references[root].iter()));
            }
            while let Some((path, references)) = way.last_mut() {
                match references.next() {
                    None => {
                        order.push(*path);
                        way.pop();
                    }
                    Some(next) if !seen[*next] => {
                        seen[*next] = true;
                        way.push((*next, self.references[*next].iter()));
                    }
                    Some(_) => {}
                }
            }
        }
        order.reverse();
        order
    }

    /// The store paths that get one of the `own` layers for themselves, programs and those of most worth; and the rest.
    fn choose(&self, counts: &[u32], packages: &[Package], own: usize) -> (Vec<usize>, Vec<usize>) {
        let mut package_of: BTreeMap<&str, usize> = BTreeMap::new();
        for (number, package) in packages.iter().enumerate() {
            for path in &package.paths {
                package_of.entry(path).or_insert(number);
            }
        }
        let worth = |path: usize| {
            let weight = 1 + counts[path].saturating_add(1).ilog2();
            u128::from(self.sizes[path]) * u128::from(weight)
        };
        // The first package is a program even where others need it.
        let rank = |path: usize| match package_of.get(self.paths[path].as_str()) {
            Some(0) => 0,
            Some(_) if counts[path] == 0 => 1,
            _ => 2,
        };
        let place = |path: usize| (Reverse(worth(path)), by_name(self.paths[path]));
        let (mut programs, others): (Vec<usize>, Vec<usize>) =
            (0..self.paths.len()).partition(|path| rank(*path) < 2);
        programs.sort_by_cached_key(|path| (rank(*path), place(*path)));
        // Programs leave half of the layers to what is large.
        let ordinary = programs.split_off(programs.len().min(own.div_ceil(2)));
        let mut rest = [ordinary, others].concat();
        rest.sort_by_cached_key(|path| place(*path));
        let smaller = rest.split_off(rest.len().min(own - programs.len()));
        programs.append(&mut rest);
        (programs, smaller)
    }
}

#[cfg(test)]
mod tests;
