//! Rows on their way into a table. New ones go many in one statement: SQLite then begins and ends once for all of them.

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

/// Writes a row that takes the place of the one with its key, if there is one.
pub(super) fn put<R: Inserted>(ledger: &Connection, row: &R) -> Result<(), rusqlite::Error> {
    let mut insert = ledger.prepare_cached(&statement::<R>("REPLACE", 1))?;
    write(&mut insert, std::slice::from_ref(row))
}

/// New rows that wait for their statement. They are written by [`Inserts::end`] at the latest.
#[must_use]
pub(super) struct Inserts<'a, R> {
    ledger: &'a Connection,
    /// The statement for as many as go together.
    full: Option<Statement<'a>>,
    waiting: Vec<R>,
}

impl<'a, R: Inserted> Inserts<'a, R> {
    pub(super) fn into(ledger: &'a Connection) -> Self {
        Self { ledger, full: None, waiting: Vec::with_capacity(TOGETHER) }
    }

    pub(super) fn push(&mut self, row: R) -> Result<(), rusqlite::Error> {
        self.waiting.push(row);
        if self.waiting.len() < TOGETHER {
            return Ok(());
        }
        let full = match &mut self.full {
            Some(full) => full,
            none => none.insert(self.ledger.prepare(&statement::<R>("FAIL", TOGETHER))?),
        };
        write(full, &self.waiting)?;
        self.waiting.clear();
        Ok(())
    }

    pub(super) fn end(self) -> Result<(), rusqlite::Error> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let mut insert = self.ledger.prepare(&statement::<R>("FAIL", self.waiting.len()))?;
        write(&mut insert, &self.waiting)
    }
}

fn write<R: Inserted>(insert: &mut Statement<'_>, rows: &[R]) -> Result<(), rusqlite::Error> {
    for (place, row) in rows.iter().enumerate() {
        row.bind(insert, place * R::WIDTH + 1)?;
    }
    insert.raw_execute()?;
    Ok(())
}

/// `FAIL` leaves what the statement has written before a row that cannot be written; the whole transaction goes then. So
/// SQLite need not keep every page as it was before the statement.
fn statement<R: Inserted>(or: &str, rows: usize) -> String {
    let row = format!("({})", vec!["?"; R::WIDTH].join(", "));
    format!("INSERT OR {or} INTO {} VALUES {}", R::TABLE, vec![row; rows].join(", "))
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
            assert_eq!(found, (rows, even));
        }
    }

    #[test]
    fn a_row_takes_the_place_of_its_like_only_when_it_is_put() {
        let ledger = Connection::open_in_memory().unwrap();
        ledger.execute_batch("CREATE TABLE numbers (text TEXT PRIMARY KEY, number INTEGER)").unwrap();
        put(&ledger, &Row("a".to_owned(), Some(1))).unwrap();
        put(&ledger, &Row("a".to_owned(), Some(2))).unwrap();
        let mut inserts = Inserts::into(&ledger);
        inserts.push(Row("a".to_owned(), Some(3))).unwrap();
        inserts.end().unwrap_err();
        let found: (usize, usize) = ledger
            .query_row("SELECT count(*), sum(number) FROM numbers", [], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap();
        assert_eq!(found, (1, 2));
    }
}
