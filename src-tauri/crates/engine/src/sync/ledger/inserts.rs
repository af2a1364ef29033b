//! New rows on their way into a table, many in one statement: SQLite then begins and ends once for all of them.

use rusqlite::{Connection, Statement};

/// Rows in one statement.
const TOGETHER: usize = 32;

/// A row of a table of the ledger.
pub(super) trait Inserted {
    const TABLE: &'static str;
    /// How many columns the table has.
    const WIDTH: usize;

    /// Binds the columns in their order, beginning at this place of the statement.
    fn bind(&self, statement: &mut Statement<'_>, first: usize) -> Result<(), rusqlite::Error>;
}

/// Rows that wait for their statement. They are written by [`Inserts::end`] at the latest.
#[must_use]
pub(super) struct Inserts<'a, R> {
    ledger: &'a Connection,
    waiting: Vec<R>,
}

impl<'a, R: Inserted> Inserts<'a, R> {
    pub(super) fn into(ledger: &'a Connection) -> Self {
        Self { ledger, waiting: Vec::with_capacity(TOGETHER) }
    }

    pub(super) fn push(&mut self, row: R) -> Result<(), rusqlite::Error> {
        self.waiting.push(row);
        if self.waiting.len() < TOGETHER { Ok(()) } else { self.write() }
    }

    pub(super) fn end(mut self) -> Result<(), rusqlite::Error> {
        self.write()
    }

    fn write(&mut self) -> Result<(), rusqlite::Error> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let mut insert = self.ledger.prepare_cached(&statement::<R>(self.waiting.len()))?;
        for (place, row) in self.waiting.iter().enumerate() {
            row.bind(&mut insert, place * R::WIDTH + 1)?;
        }
        insert.raw_execute()?;
        self.waiting.clear();
        Ok(())
    }
}

/// A row that is there already is replaced.
fn statement<R: Inserted>(rows: usize) -> String {
    let row = format!("({})", vec!["?"; R::WIDTH].join(", "));
    format!("INSERT OR REPLACE INTO {} VALUES {}", R::TABLE, vec![row; rows].join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Row(String, Option<usize>);

    impl Inserted for Row {
        const TABLE: &'static str = "numbers";
        const WIDTH: usize = 2;

        fn bind(&self, statement: &mut Statement<'_>, first: usize) -> Result<(), rusqlite::Error> {
            statement.raw_bind_parameter(first, &self.0)?;
            statement.raw_bind_parameter(first + 1, self.1)
        }
    }

    #[test]
    fn every_row_is_written_once_whatever_their_number() {
        for rows in [0, 1, TOGETHER - 1, TOGETHER, TOGETHER + 1, 3 * TOGETHER] {
            let ledger = Connection::open_in_memory().unwrap();
            ledger.execute_batch("CREATE TABLE numbers (text TEXT PRIMARY KEY, number INTEGER)").unwrap();
            ledger.execute("INSERT INTO numbers VALUES ('0', 7)", []).unwrap();
            let mut inserts = Inserts::into(&ledger);
            for row in 0..rows {
                inserts.push(Row(row.to_string(), (row % 2 == 0).then_some(row))).unwrap();
            }
            inserts.end().unwrap();
            let found: (usize, usize) = ledger
                .query_row("SELECT count(*), coalesce(sum(number), 0) FROM numbers", [], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })
                .unwrap();
            let even: usize = (0..rows).filter(|row| row % 2 == 0).sum();
            assert_eq!(found, if rows == 0 { (1, 7) } else { (rows, even) });
        }
    }
}
