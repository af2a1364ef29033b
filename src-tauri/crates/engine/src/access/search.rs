//! Finding a group.

use rusqlite::{Row, ToSql};
use uuid::Uuid;

use super::{Directory, DirectoryProblem, fold, unsigned};

/// A group that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupHit {
    /// Object ID.
    pub id: String,
    /// Display name; the object ID when there is none.
    pub name: String,
    /// Direct members of every type.
    pub members: u64,
    /// Groups below it, on every level.
    pub nested_groups: u64,
    /// Another group has the same display name, whatever the case of its letters.
    pub shares_name: bool,
}

const COLUMNS: &str = "SELECT id, coalesce(display_name, id),
        (SELECT coalesce(sum(number), 0) FROM members WHERE group_id = groups.id),
        EXISTS (SELECT 1 FROM groups AS other
                 WHERE other.folded_name = groups.folded_name AND other.id <> groups.id
                   AND other.display_name = groups.display_name COLLATE NOCASE)
   FROM groups";

impl Directory {
    /// Groups whose name holds every word of the query, or the one with this object ID. Case, diacritics and dashes
    /// do not matter. The name that equals the query comes first, then names that begin with it, then the others by
    /// name. An empty query finds the first groups by name.
    ///
    /// # Errors
    /// [`DirectoryProblem::Damaged`].
    pub fn search_groups(&self, query: &str, limit: usize) -> Result<Vec<GroupHit>, DirectoryProblem> {
        let query = query.trim();
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        if let Ok(id) = Uuid::try_parse(query) {
            let select = format!("{COLUMNS} WHERE id = ?1 LIMIT ?2");
            return self.hits(&select, &[&id.to_string(), &limit]);
        }
        let folded = fold(query);
        if folded.is_empty() && !query.is_empty() {
            let select =
                format!("{COLUMNS} WHERE instr(display_name, ?1) ORDER BY display_name, id LIMIT ?2");
            return self.hits(&select, &[&query, &limit]);
        }
        let words: Vec<&str> = folded.split_whitespace().collect();
        let conditions: String =
            (0..words.len()).map(|word| format!(" AND instr(folded_name, ?{})", word + 3)).collect();
        let select = format!(
            "{COLUMNS} WHERE TRUE{conditions}
             ORDER BY folded_name <> ?1, instr(folded_name, ?1) <> 1, folded_name, id LIMIT ?2"
        );
        let mut values: Vec<&dyn ToSql> = vec![&folded, &limit];
        values.extend(words.iter().map(|word| word as &dyn ToSql));
        self.hits(&select, &values)
    }

    fn hits(&self, select: &str, values: &[&dyn ToSql]) -> Result<Vec<GroupHit>, DirectoryProblem> {
        let mut select = self.connection.prepare(select)?;
        let mut hits: Vec<GroupHit> = select.query_map(values, GroupHit::read)?.collect::<Result<_, _>>()?;
        for hit in &mut hits {
            hit.nested_groups = self.tree(&hit.id)?.nested();
        }
        Ok(hits)
    }
}

impl GroupHit {
    fn read(row: &Row<'_>) -> Result<Self, rusqlite::Error> {
        Ok(Self {
            id: row.get(0)?,
            name: row.get(1)?,
            members: unsigned(row.get(2)?),
            nested_groups: 0,
            shares_name: row.get(3)?,
        })
    }
}
