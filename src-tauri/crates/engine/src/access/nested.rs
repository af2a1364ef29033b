//! Groups inside groups.

use std::collections::HashSet;

use super::{Directory, DirectoryProblem};

/// A group and every group below it, the nearest first. Circles are walked once.
pub(super) struct Tree {
    /// The group itself comes first.
    pub(super) groups: Vec<Node>,
}

/// One group of a [`Tree`].
pub(super) struct Node {
    pub(super) id: String,
    /// Place of the group that it is a direct member of, on the shortest way.
    parent: Option<usize>,
}

impl Tree {
    /// How many groups are below the first one.
    pub(super) fn nested(&self) -> u64 {
        self.groups.len() as u64 - 1
    }

    /// Ids from just below the first group down to this place; empty for the first group itself.
    pub(super) fn way_to(&self, place: usize) -> Vec<&str> {
        let mut way = Vec::new();
        let mut here = place;
        while let Some(parent) = self.groups[here].parent {
            way.push(self.groups[here].id.as_str());
            here = parent;
        }
        way.reverse();
        way
    }
}

impl Directory {
    pub(super) fn tree(&self, group_id: &str) -> Result<Tree, DirectoryProblem> {
        let mut below = self.connection.prepare_cached(
            "SELECT member.key FROM members, json_each(members.members) AS member
              WHERE group_id = ?1 AND nested_groups > 0 AND member.value = 'group' ORDER BY member.key",
        )?;
        let mut known = HashSet::from([group_id.to_owned()]);
        let mut groups = vec![Node { id: group_id.to_owned(), parent: None }];
        let mut here = 0;
        while here < groups.len() {
            let members: Vec<String> =
                below.query_map([&groups[here].id], |row| row.get(0))?.collect::<Result<_, _>>()?;
            for id in members {
                if known.insert(id.clone()) {
                    groups.push(Node { id, parent: Some(here) });
                }
            }
            here += 1;
        }
        Ok(Tree { groups })
    }
}
