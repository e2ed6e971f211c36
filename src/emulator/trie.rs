//! A radix tree: which of many keys are a text, begin it, or stand somewhere in it, at a cost that hardly grows with
//! their number.

use std::collections::BTreeMap;

/// A tree of byte strings, each with any number of entries.
#[derive(Debug, Clone)]
pub(super) struct Trie<E> {
    root: Node<E>,
    /// How many entries have keys of which length.
    lengths: BTreeMap<usize, usize>,
}

#[derive(Debug, Clone)]
struct Node<E> {
    /// The bytes on the way from the parent; empty at the root alone.
    label: Box<[u8]>,
    /// In the order of their labels' first bytes, which all differ.
    children: Vec<Self>,
    entries: Vec<E>,
}

impl<E> Default for Node<E> {
    fn default() -> Self {
        Self { label: Box::default(), children: Vec::new(), entries: Vec::new() }
    }
}

impl<E> Default for Trie<E> {
    fn default() -> Self {
        Self { root: Node::default(), lengths: BTreeMap::new() }
    }
}

impl<E> Node<E> {
    fn child(&self, first: u8) -> Result<usize, usize> {
        self.children.binary_search_by_key(&first, |child| child.label[0])
    }

    /// Cuts the label after `length` bytes: what was below hangs under a new node in between.
    fn split(&mut self, length: usize) {
        let lower = Self {
            label: self.label[length..].into(),
            children: std::mem::take(&mut self.children),
            entries: std::mem::take(&mut self.entries),
        };
        self.label = self.label[..length].into();
        self.children.push(lower);
    }

    /// A node that holds nothing and leads to one other is that other, with a longer label.
    fn join(&mut self) {
        if self.entries.is_empty() && self.children.len() == 1 {
            let only = self.children.remove(0);
            self.label = [&*self.label, &*only.label].concat().into();
            self.children = only.children;
            self.entries = only.entries;
        }
    }
}

impl<E: PartialEq> Node<E> {
    fn remove(&mut self, key: &[u8], entry: &E) -> bool {
        let Some(&first) = key.first() else {
            let before = self.entries.len();
            self.entries.retain(|known| known != entry);
            return self.entries.len() < before;
        };
        let Ok(place) = self.child(first) else { return false };
        let child = &mut self.children[place];
        let Some(rest) = key.strip_prefix(&*child.label) else { return false };
        let removed = child.remove(rest, entry);
        if child.entries.is_empty() && child.children.is_empty() {
            self.children.remove(place);
        } else {
            child.join();
        }
        removed
    }
}

impl<E: PartialEq> Trie<E> {
    /// Adds `entry` under `key`.
    pub(super) fn insert(&mut self, key: &[u8], entry: E) {
        *self.lengths.entry(key.len()).or_default() += 1;
        let (mut node, mut rest) = (&mut self.root, key);
        while let Some(&first) = rest.first() {
            match node.child(first) {
                Err(place) => {
                    node.children
                        .insert(place, Node { label: rest.into(), children: Vec::new(), entries: vec![entry] });
                    return;
                }
                Ok(place) => {
                    node = &mut node.children[place];
                    let common = node.label.iter().zip(rest).take_while(|(a, b)| a == b).count();
                    if common < node.label.len() {
                        node.split(common);
                    }
                    rest = &rest[common..];
                }
            }
        }
        node.entries.push(entry);
    }

    /// Takes `entry`, which is there once at most, away from under `key`; false when it was not there.
    pub(super) fn remove(&mut self, key: &[u8], entry: &E) -> bool {
        let removed = self.root.remove(key, entry);
        if removed && let Some(count) = self.lengths.get_mut(&key.len()) {
            *count -= 1;
            if *count == 0 {
                self.lengths.remove(&key.len());
            }
        }
        removed
    }

    /// Whether nothing at all is kept.
    #[cfg(test)]
    pub(super) fn is_bare(&self) -> bool {
        self.root.children.is_empty() && self.root.entries.is_empty() && self.lengths.is_empty()
    }

    /// The entries of `text` itself.
    pub(super) fn equal(&self, text: &[u8], found: &mut impl FnMut(&E)) {
        self.walk(text, &mut |node, rest| {
            if rest.is_empty() {
                node.entries.iter().for_each(&mut *found);
            }
        });
    }

    /// The entries of every key that `text` begins with.
    pub(super) fn beginning(&self, text: &[u8], found: &mut impl FnMut(&E)) {
        self.walk(text, &mut |node, _| node.entries.iter().for_each(&mut *found));
    }

    /// The entries of every key that stands anywhere in `text`, once for each place.
    pub(super) fn within(&self, text: &[u8], found: &mut impl FnMut(&E)) {
        let Some((shortest, _)) = self.lengths.first_key_value() else { return };
        for start in 0..(text.len() + 1).saturating_sub(*shortest) {
            self.beginning(&text[start..], found);
        }
    }

    /// Follows `text` down and calls `visit` for each node that it reaches whole, with what is left of it.
    fn walk<'a>(&'a self, text: &[u8], visit: &mut impl FnMut(&'a Node<E>, &[u8])) {
        let (mut node, mut rest) = (&self.root, text);
        loop {
            visit(node, rest);
            let Some(&first) = rest.first() else { return };
            let Ok(place) = node.child(first) else { return };
            node = &node.children[place];
            let Some(left) = rest.strip_prefix(&*node.label) else { return };
            rest = left;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(search: impl FnOnce(&mut dyn FnMut(&usize))) -> Vec<usize> {
        let mut all = Vec::new();
        search(&mut |entry| all.push(*entry));
        all.sort_unstable();
        all.dedup();
        all
    }

    fn naive(keys: &[String], holds: impl Fn(&str) -> bool) -> Vec<usize> {
        keys.iter().enumerate().filter(|(_, key)| holds(key)).map(|(n, _)| n).collect()
    }

    fn agrees(trie: &Trie<usize>, keys: &[String], text: &str) {
        let bytes = text.as_bytes();
        assert_eq!(found(|mut f| trie.equal(bytes, &mut f)), naive(keys, |key| key == text));
        assert_eq!(found(|mut f| trie.beginning(bytes, &mut f)), naive(keys, |key| text.starts_with(key)));
        assert_eq!(found(|mut f| trie.within(bytes, &mut f)), naive(keys, |key| text.contains(key)));
    }

    proptest! {
        #[test]
        fn the_tree_agrees_with_naive_matching(
            keys in proptest::collection::vec("[ab.]{1,6}", 0..40),
            texts in proptest::collection::vec("[ab.]{0,12}", 1..10),
        ) {
            let mut trie = Trie::default();
            for (n, key) in keys.iter().enumerate() {
                trie.insert(key.as_bytes(), n);
            }
            for text in &texts {
                agrees(&trie, &keys, text);
            }
        }

        #[test]
        fn what_is_removed_is_gone_and_the_rest_stays(
            keys in proptest::collection::vec("[ab]{1,6}", 1..40),
            gone in proptest::collection::vec(any::<bool>(), 40),
            text in "[ab]{0,12}",
        ) {
            let mut trie = Trie::default();
            for (n, key) in keys.iter().enumerate() {
                trie.insert(key.as_bytes(), n);
            }
            for (n, key) in keys.iter().enumerate().filter(|(n, _)| gone[*n]) {
                prop_assert!(trie.remove(key.as_bytes(), &n));
                prop_assert!(!trie.remove(key.as_bytes(), &n));
            }
            let left = naive(&keys, |key| text.starts_with(key));
            let left: Vec<_> = left.into_iter().filter(|n| !gone[*n]).collect();
            prop_assert_eq!(found(|mut f| trie.beginning(text.as_bytes(), &mut f)), left);
        }

        #[test]
        fn an_emptied_tree_holds_nothing_at_all(keys in proptest::collection::vec("[abc]{1,8}", 1..30)) {
            let mut trie = Trie::default();
            for (n, key) in keys.iter().enumerate() {
                trie.insert(key.as_bytes(), n);
            }
            for (n, key) in keys.iter().enumerate() {
                trie.remove(key.as_bytes(), &n);
            }
            prop_assert!(trie.is_bare());
        }
    }
}
