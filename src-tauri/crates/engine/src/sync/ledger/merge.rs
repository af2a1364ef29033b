//! What changed between two states of a directory: both sorted, walked once, side by side.

/// A difference between the two.
#[derive(Debug)]
pub(super) enum Difference<'a, T> {
    Added(T),
    /// The row as it was, and as it is now.
    Updated(&'a T, T),
    Removed(&'a T),
}

/// A row with the key that both sides are sorted by.
pub(super) trait Keyed: PartialEq {
    type Key: Ord + ?Sized;

    fn key(&self) -> &Self::Key;
}

/// Compares `before` with `after`, which are both sorted by their keys; `after` may repeat a key, then its first row
/// counts. Tells each difference once, in the order of the keys, and returns how many distinct rows are there now.
pub(super) fn merge<T: Keyed, E>(
    before: impl Iterator<Item = Result<T, E>>,
    after: impl Iterator<Item = Result<T, E>>,
    mut tell: impl FnMut(Difference<'_, T>) -> Result<(), E>,
) -> Result<u64, E> {
    let (mut before, mut after) = (before.peekable(), distinct(after).peekable());
    let mut rows = 0;
    loop {
        let order = match (before.peek(), after.peek()) {
            (Some(Ok(old)), Some(Ok(new))) => old.key().cmp(new.key()),
            (Some(Err(_)), _) | (Some(_), None) => std::cmp::Ordering::Less,
            (_, Some(_)) => std::cmp::Ordering::Greater,
            (None, None) => return Ok(rows),
        };
        match order {
            std::cmp::Ordering::Less => {
                if let Some(old) = before.next().transpose()? {
                    tell(Difference::Removed(&old))?;
                }
            }
            std::cmp::Ordering::Greater => {
                if let Some(new) = after.next().transpose()? {
                    rows += 1;
                    tell(Difference::Added(new))?;
                }
            }
            std::cmp::Ordering::Equal => {
                if let (Some(old), Some(new)) = (before.next().transpose()?, after.next().transpose()?) {
                    rows += 1;
                    if old != new {
                        tell(Difference::Updated(&old, new))?;
                    }
                }
            }
        }
    }
}

fn distinct<T: Keyed, E>(rows: impl Iterator<Item = Result<T, E>>) -> impl Iterator<Item = Result<T, E>> {
    let mut rows = rows.peekable();
    std::iter::from_fn(move || {
        let row = rows.next()?;
        if let Ok(kept) = &row {
            while rows.next_if(|next| next.as_ref().is_ok_and(|next| next.key() == kept.key())).is_some() {}
        }
        Some(row)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq)]
    struct Row(&'static str, u8);

    impl Keyed for Row {
        type Key = str;

        fn key(&self) -> &str {
            self.0
        }
    }

    fn told(before: Vec<Row>, after: Vec<Row>) -> (u64, Vec<String>) {
        let mut told = Vec::new();
        let rows =
            merge::<Row, String>(before.into_iter().map(Ok), after.into_iter().map(Ok), |difference| {
                told.push(match difference {
                    Difference::Added(new) => format!("+{}", new.0),
                    Difference::Updated(old, new) => format!("{}:{}>{}", old.0, old.1, new.1),
                    Difference::Removed(old) => format!("-{}", old.0),
                });
                Ok(())
            });
        (rows.unwrap(), told)
    }

    #[test]
    fn every_difference_is_told_once_and_in_order() {
        let before = vec![Row("a", 1), Row("b", 1), Row("d", 1), Row("e", 1)];
        let after = vec![Row("a", 1), Row("b", 2), Row("c", 1), Row("e", 1), Row("f", 1)];
        assert_eq!(told(before, after), (5, ["b:1>2", "+c", "-d", "+f"].map(str::to_owned).to_vec()));
        assert_eq!(told(vec![], vec![]), (0, vec![]));
        assert_eq!(told(vec![Row("a", 1)], vec![]).1, ["-a"]);
    }

    #[test]
    fn repeated_rows_count_once_and_the_first_one_counts() {
        let after = vec![Row("a", 1), Row("a", 2), Row("b", 1), Row("b", 1)];
        assert_eq!(told(vec![Row("a", 2)], after), (2, vec!["a:2>1".to_owned(), "+b".to_owned()]));
    }

    #[test]
    fn a_row_that_cannot_be_read_ends_it() {
        let broken = || [Ok(Row("a", 1)), Err("no")].into_iter();
        assert_eq!(merge(broken(), std::iter::empty(), |_| Ok(())), Err("no"));
        assert_eq!(merge(std::iter::empty(), broken(), |_| Ok(())), Err("no"));
        assert_eq!(merge([Ok(Row("a", 1))].into_iter(), [Err("no")].into_iter(), |_| Ok(())), Err("no"));
        let refuse = |_: Difference<'_, Row>| Err("stop");
        assert_eq!(merge([Ok(Row("a", 1))].into_iter(), std::iter::empty(), refuse), Err("stop"));
    }
}
