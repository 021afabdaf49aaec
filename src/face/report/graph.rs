//! The graph: the store paths of an image by number, with the references between them and what brings them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use anyhow::Result;
use serde::Serialize;

use crate::host::interrupt::Interrupt;
use crate::input::attrs::Attrs;
use crate::input::store_path::StorePath;
use crate::tree::contents::Contents;
use crate::tree::why::{self, Named};

/// Words of a bit set: of so many times 64 store paths at once it is known who needs them.
const WORDS: usize = 8;

/// Where a store path is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Place {
    /// In the image.
    Packed,
    /// In an image below.
    Below,
    /// On the host, which mounts it.
    Mounted,
    /// Nowhere: files of it are copied, and what it refers to is there.
    Copied,
}

/// Store paths in the order of their names, which are their numbers.
pub(super) struct Graph<'a> {
    pub(super) paths: Vec<&'a StorePath>,
    pub(super) places: Vec<Place>,
    /// Sizes of their NARs; nothing of what is copied.
    pub(super) sizes: Vec<u64>,
    /// What each refers to, but for itself.
    pub(super) references: Vec<Vec<usize>>,
    pub(super) referrers: Vec<Vec<usize>>,
    /// The store paths that arguments name, with the argument.
    pub(super) roots: BTreeMap<usize, Option<String>>,
    /// On a shortest chain from a root, what comes before each; nothing at roots.
    pub(super) reached_from: Vec<Option<usize>>,
}

impl<'a> Graph<'a> {
    pub(super) fn new(attrs: &'a Attrs, contents: &Contents) -> Self {
        let all: BTreeSet<&StorePath> = contents.all().collect();
        let named = Named::of(attrs);
        // A source of files that is in the image for itself, too, is no mere source.
        let sources: BTreeSet<StorePath> = why::sources(attrs).collect();
        let members = attrs.closure.iter();
        let members = members.filter(|(path, _)| all.contains(path) || sources.contains(path));
        let members: Vec<_> = members.collect();
        let paths: Vec<&StorePath> = members.iter().map(|(path, _)| *path).collect();
        let number = |path: &StorePath| paths.binary_search(&path).ok();
        let place = |path: &StorePath| {
            if contents.packed.contains(path) {
                Place::Packed
            } else if contents.below.contains(path) {
                Place::Below
            } else if contents.mounted.contains(path) {
                Place::Mounted
            } else {
                Place::Copied
            }
        };
        let places: Vec<Place> = paths.iter().map(|path| place(path)).collect();
        let sizes = members.iter().zip(&places);
        let sizes = sizes.map(|((_, object), place)| match place {
            Place::Copied => 0,
            _ => object.nar_size,
        });
        let references = members.iter().enumerate().map(|(own, (_, object))| {
            let references = object.references.iter().filter_map(number);
            references.filter(|reference| *reference != own).collect()
        });
        let roots = named
            .into_map()
            .into_iter()
            .filter_map(|(path, argument)| Some((number(&path)?, Some(argument))));
        let mut graph = Self {
            sizes: sizes.collect(),
            references: references.collect(),
            referrers: vec![Vec::new(); paths.len()],
            roots: roots.collect(),
            reached_from: vec![None; paths.len()],
            places,
            paths,
        };
        for (path, references) in graph.references.iter().enumerate() {
            for reference in references {
                graph.referrers[*reference].push(path);
            }
        }
        graph.find_chains();
        graph
    }

    /// Finds a shortest chain to each store path. What no chain leads to stands for itself.
    fn find_chains(&mut self) {
        let mut seen = vec![false; self.paths.len()];
        let mut waiting: VecDeque<usize> = self.roots.keys().copied().collect();
        for root in &waiting {
            seen[*root] = true;
        }
        for next in 0..=self.paths.len() {
            while let Some(path) = waiting.pop_front() {
                for reference in &self.references[path] {
                    if !std::mem::replace(&mut seen[*reference], true) {
                        self.reached_from[*reference] = Some(path);
                        waiting.push_back(*reference);
                    }
                }
            }
            if next < self.paths.len() && !std::mem::replace(&mut seen[next], true) {
                self.roots.insert(next, None);
                waiting.push_back(next);
            }
        }
    }

    /// For each store path, the sizes of all that it refers to, directly or not, its own included.
    pub(super) fn closure_sizes(&self, interrupt: &Interrupt) -> Result<Vec<u64>> {
        let mut sums = vec![0_u64; self.paths.len()];
        // Which of some store paths each one reaches. Those of all at once would take memory by the square.
        let mut reach = vec![[0_u64; WORDS]; self.paths.len()];
        let numbers: Vec<usize> = (0..self.paths.len()).collect();
        let order = self.references_first();
        for some in numbers.chunks(WORDS * 64) {
            reach.fill([0; WORDS]);
            for (bit, path) in some.iter().enumerate() {
                reach[*path][bit / 64] |= 1 << (bit % 64);
            }
            // In this order once is enough, unless references go round in a circle.
            let mut grown = true;
            while grown {
                interrupt.check()?;
                grown = false;
                for path in &order {
                    let mut set = reach[*path];
                    for reference in &self.references[*path] {
                        for (word, more) in set.iter_mut().zip(reach[*reference]) {
                            *word |= more;
                        }
                    }
                    grown |= set != reach[*path];
                    reach[*path] = set;
                }
            }
            for (sum, set) in sums.iter_mut().zip(&reach) {
                for (bit, path) in some.iter().enumerate() {
                    if set[bit / 64] >> (bit % 64) & 1 == 1 {
                        *sum = sum.saturating_add(self.sizes[*path]);
                    }
                }
            }
        }
        Ok(sums)
    }

    /// All numbers, each behind those that it refers to, as far as there is such an order.
    fn references_first(&self) -> Vec<usize> {
        let mut order = Vec::with_capacity(self.paths.len());
        let mut seen = vec![false; self.paths.len()];
        for root in 0..self.paths.len() {
            if std::mem::replace(&mut seen[root], true) {
                continue;
            }
            let mut way = vec![(root, self.references[root].iter())];
            while let Some((path, left)) = way.last_mut() {
                match left.next() {
                    None => {
                        order.push(*path);
                        way.pop();
                    }
                    Some(next) if !std::mem::replace(&mut seen[*next], true) => {
                        way.push((*next, self.references[*next].iter()));
                    }
                    Some(_) => {}
                }
            }
        }
        order
    }
}
