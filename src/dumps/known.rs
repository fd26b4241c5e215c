//! Who is in a dump, by id.

use rustc_hash::FxHashMap;

/// What is kept of every goroutine that has an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// Who started it; 0 if the dump does not say.
    pub parent: u64,
    /// Index into [`crate::dumps::Dump::groups`].
    pub group: u32,
}

/// All of them. Most dumps are nearly in the order of their ids: these are kept in a row, which costs a fraction of a table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ids {
    /// Each greater than the one before it.
    rising: Vec<(u64, Known)>,
    /// The first one, which took the dump and may have any id, and those out of order.
    others: FxHashMap<u64, Known>,
}

impl Ids {
    /// Adds one, or what is known of it anew.
    pub fn insert(&mut self, id: u64, known: Known) {
        if self.others.is_empty() {
            self.others.insert(id, known);
        } else if self.rising.last().is_none_or(|(last, _)| id > *last) && !self.others.contains_key(&id) {
            self.rising.push((id, known));
        } else if let Some(at) = self.risen(id) {
            self.rising[at].1 = known;
        } else {
            self.others.insert(id, known);
        }
    }

    /// What is known of one.
    pub fn get(&self, id: u64) -> Option<Known> {
        match self.risen(id) {
            Some(at) => Some(self.rising[at].1),
            None => self.others.get(&id).copied(),
        }
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.rising.len() + self.others.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn risen(&self, id: u64) -> Option<usize> {
        if self.rising.last().is_none_or(|(last, _)| id > *last) {
            return None;
        }
        self.rising.binary_search_by_key(&id, |(id, _)| *id).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// In any order, and where ids come again: what a table would hold.
        #[test]
        fn ids_are_found_as_in_a_table(ids in proptest::collection::vec(0..40_u64, 0..60)) {
            let (mut found, mut table) = (Ids::default(), FxHashMap::default());
            for (at, id) in ids.into_iter().enumerate() {
                let known = Known { parent: id / 2, group: u32::try_from(at).unwrap() };
                found.insert(id, known);
                table.insert(id, known);
                prop_assert_eq!(found.len(), table.len());
                for id in 0..40 {
                    prop_assert_eq!(found.get(id), table.get(&id).copied());
                }
            }
        }
    }
}
