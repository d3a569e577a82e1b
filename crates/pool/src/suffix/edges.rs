use std::collections::HashMap;

use foretoken_core::Token;

use crate::hash::Mixed;

/// The end of a list.
const NONE: u32 = u32::MAX;

/// The edges of an automaton, by the state that they leave, in the order in
/// which they were added.
///
/// Most states have one edge, which is found without hashing.
#[derive(Clone, Debug)]
#[cfg_attr(test, derive(PartialEq))]
pub(crate) struct Edges {
    all: Vec<Edge>,
    owners: Vec<Owner>,
    /// All but the first edge of each state.
    others: HashMap<(u32, Token), u32, Mixed>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Edge {
    token: Token,
    target: u32,
    owner: u32,
    /// The next in the list of the owner's edges.
    next: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Owner {
    /// The edge that was added first; the others follow it, the latest first.
    first: u32,
    degree: u32,
}

impl Owner {
    const BARE: Self = Self { first: NONE, degree: 0 };
}

impl Edges {
    /// No edges; the start is the only state.
    pub(crate) fn new() -> Self {
        Self { all: Vec::new(), owners: vec![Owner::BARE], others: HashMap::default() }
    }

    /// The number of edges.
    pub(crate) fn len(&self) -> u32 {
        self.all.len() as u32
    }

    /// Adds the next state, which has no edges.
    pub(crate) fn add_state(&mut self) {
        self.owners.push(Owner::BARE);
    }

    /// Adds an edge that is not there yet.
    pub(crate) fn add(&mut self, from: u32, token: Token, target: u32) {
        let added = self.len();
        let owner = &mut self.owners[from as usize];
        owner.degree += 1;
        let mut next = NONE;
        if owner.first == NONE {
            owner.first = added;
        } else {
            let first = owner.first as usize;
            next = std::mem::replace(&mut self.all[first].next, added);
            self.others.insert((from, token), added);
        }
        self.all.push(Edge { token, target, owner: from, next });
    }

    /// Gives `to`, which has none, the edges of `from`.
    pub(crate) fn copy(&mut self, from: u32, to: u32) {
        // The list is newest first behind the first edge: put in order, the copy has the same order.
        let copied: Vec<(Token, u32)> = self.of(from).collect();
        if let Some((&(token, target), rest)) = copied.split_first() {
            self.add(to, token, target);
            for &(token, target) in rest.iter().rev() {
                self.add(to, token, target);
            }
        }
    }

    /// Takes back the edges with indices from `edges` on, and then the states from `states` on.
    pub(crate) fn truncate(&mut self, edges: u32, states: u32) {
        for index in (edges as usize..self.all.len()).rev() {
            let Edge { token, owner: from, next, .. } = self.all[index];
            let owner = &mut self.owners[from as usize];
            owner.degree -= 1;
            if owner.first as usize == index {
                owner.first = NONE;
            } else {
                self.all[owner.first as usize].next = next;
                self.others.remove(&(from, token));
            }
        }
        self.all.truncate(edges as usize);
        self.owners.truncate(states as usize);
    }

    pub(crate) fn redirect(&mut self, edge: u32, target: u32) {
        self.all[edge as usize].target = target;
    }

    pub(crate) fn target(&self, edge: u32) -> u32 {
        self.all[edge as usize].target
    }

    /// The edge for `token` out of `from`.
    pub(crate) fn find(&self, from: u32, token: Token) -> Option<u32> {
        let owner = &self.owners[from as usize];
        let first = self.all.get(owner.first as usize)?;
        if first.token == token {
            Some(owner.first)
        } else if owner.degree > 1 {
            self.others.get(&(from, token)).copied()
        } else {
            None
        }
    }

    pub(crate) fn degree(&self, from: u32) -> u32 {
        self.owners[from as usize].degree
    }

    /// The tokens and targets of the edges out of `from`: the first that was
    /// added, then the others, the latest first.
    pub(crate) fn of(&self, from: u32) -> impl Iterator<Item = (Token, u32)> + '_ {
        let edge = |index: u32| self.all.get(index as usize);
        let first = edge(self.owners[from as usize].first);
        std::iter::successors(first, move |previous| edge(previous.next))
            .map(|edge| (edge.token, edge.target))
    }
}
