//! Dominators: which store paths are there because of one alone.
//!
//! A node dominates another one when every way there from the roots leads through it. Without the one, all that it
//! dominates would vanish. The nearest dominators make a tree, found as Cooper, Harvey and Kennedy do ("A Simple, Fast
//! Dominance Algorithm", 2001).

/// The tree of the nearest dominators, above all of which stands the image itself.
pub(super) struct Dominators {
    /// The nearest dominator of each node; nothing where that is the image.
    pub(super) nearest: Vec<Option<usize>>,
    /// The nodes, each before those that it dominates.
    order: Vec<usize>,
}

impl Dominators {
    /// Of the nodes that `references` lead to from `roots`. No other node is told of.
    pub(super) fn new(references: &[Vec<usize>], roots: &[usize]) -> Self {
        let image = references.len();
        let order = dependents_first(references, roots);
        // The image comes before all nodes.
        let mut rank = vec![0; image + 1];
        for (place, node) in order.iter().enumerate() {
            rank[*node] = place + 1;
        }
        let mut referrers = vec![Vec::new(); image];
        for node in &order {
            for reference in &references[*node] {
                referrers[*reference].push(*node);
            }
        }
        for root in roots {
            referrers[*root].push(image);
        }
        let mut nearest: Vec<Option<usize>> = vec![None; image + 1];
        nearest[image] = Some(image);
        let mut changed = true;
        while changed {
            changed = false;
            for node in &order {
                let known = referrers[*node].iter();
                let known = known.copied().filter(|other| nearest[*other].is_some());
                let common = known.reduce(|one, other| meet(one, other, &nearest, &rank));
                changed |= nearest[*node] != common;
                nearest[*node] = common;
            }
        }
        nearest.truncate(image);
        let nearest = nearest.into_iter();
        Self {
            nearest: nearest.map(|node| node.filter(|n| *n != image)).collect(),
            order,
        }
    }

    /// For each node, the `weights` of all that it dominates, its own included.
    pub(super) fn sums(&self, weights: &[u64]) -> Vec<u64> {
        let mut sums = weights.to_vec();
        for node in self.order.iter().rev() {
            if let Some(above) = self.nearest[*node] {
                sums[above] = sums[above].saturating_add(sums[*node]);
            }
        }
        sums
    }
}

/// The lowest node above both.
fn meet(one: usize, other: usize, nearest: &[Option<usize>], rank: &[usize]) -> usize {
    let (mut one, mut other) = (one, other);
    while one != other {
        let lower = if rank[one] > rank[other] {
            &mut one
        } else {
            &mut other
        };
        match nearest[*lower] {
            Some(above) => *lower = above,
            None => return *lower,
        }
    }
    one
}

/// The nodes that `references` lead to from `roots`, each before what is reached through it alone.
fn dependents_first(references: &[Vec<usize>], roots: &[usize]) -> Vec<usize> {
    let mut order = Vec::with_capacity(references.len());
    let mut seen = vec![false; references.len()];
    for root in roots {
        if std::mem::replace(&mut seen[*root], true) {
            continue;
        }
        // The way to where the walk is: nodes with what is left of their references.
        let mut way = vec![(*root, references[*root].iter())];
        while let Some((node, left)) = way.last_mut() {
            match left.next() {
                None => {
                    order.push(*node);
                    way.pop();
                }
                Some(next) if !std::mem::replace(&mut seen[*next], true) => {
                    way.push((*next, references[*next].iter()));
                }
                Some(_) => {}
            }
        }
    }
    order.reverse();
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What is reached from `roots` when `without` is not there.
    fn reached(references: &[Vec<usize>], roots: &[usize], without: Option<usize>) -> Vec<bool> {
        let mut seen = vec![false; references.len()];
        let mut waiting = roots.to_vec();
        while let Some(node) = waiting.pop() {
            if Some(node) != without && !std::mem::replace(&mut seen[node], true) {
                waiting.extend(&references[node]);
            }
        }
        seen
    }

    #[test]
    fn what_two_need_is_nobodys_alone() {
        // 0 -> 1 -> 3, 0 -> 2 -> 3 -> 4, and 5 -> 2.
        let references = [vec![1, 2], vec![3], vec![3], vec![4], vec![], vec![2]];
        let found = Dominators::new(&references, &[0, 5]);
        assert_eq!(found.nearest, [None, Some(0), None, None, Some(3), None]);
        assert_eq!(
            found.sums(&[1, 10, 100, 1000, 10_000, 7]),
            [11, 10, 100, 11_000, 10_000, 7]
        );
    }

    #[test]
    fn a_long_chain_needs_no_deep_stack() {
        let most = 200_000;
        let references: Vec<Vec<usize>> = (1..=most)
            .map(|next| if next < most { vec![next] } else { vec![] })
            .collect();
        let sums = Dominators::new(&references, &[0]).sums(&vec![1; most]);
        assert_eq!((sums[0], sums[most - 1]), (most as u64, 1));
    }

    proptest! {
        /// The sum of a node is what cannot be reached any more when the node is taken out.
        #[test]
        fn sums_are_what_vanishes(
            edges in prop::collection::vec((0..24_usize, 0..24_usize), 0..80),
            roots in prop::collection::vec(0..24_usize, 1..4),
            weights in prop::collection::vec(0..1000_u64, 24),
        ) {
            let mut references = vec![Vec::new(); 24];
            for (from, to) in edges {
                references[from].push(to);
            }
            let sums = Dominators::new(&references, &roots).sums(&weights);
            let all = reached(&references, &roots, None);
            for node in (0..24).filter(|node| all[*node]) {
                let left = reached(&references, &roots, Some(node));
                let vanished = (0..24).filter(|other| all[*other] && !left[*other]);
                prop_assert_eq!(sums[node], vanished.map(|other| weights[other]).sum::<u64>());
            }
        }
    }
}
