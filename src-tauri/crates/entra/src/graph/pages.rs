//! Lists, page by page, to their end.

use url::Url;

use super::Graph;
use super::walk::{Ending, Listed, Walk};
use crate::fault::Fault;

/// A list that is read page by page. Nothing is sent before the first [`Pages::next`].
pub struct Pages<T> {
    walk: Walk<T>,
}

impl<T> Pages<T> {
    pub(crate) fn new(graph: Graph, path: &'static str, first: Url) -> Self {
        Self { walk: Walk::new(graph, path, Ending::NoNextLink, first) }
    }

    /// Goes on at a next-link that was kept.
    pub(crate) fn at(graph: Graph, path: &'static str, next_link: &str) -> Result<Self, Fault> {
        Ok(Self { walk: Walk::at(graph, path, Ending::NoNextLink, next_link)? })
    }

    /// Gives up with [`crate::FaultKind::EndlessList`] when there are more items than this.
    #[must_use]
    pub fn limit(self, items: u64) -> Self {
        Self { walk: self.walk.limit(items) }
    }

    /// Asks for the next page as soon as the one before it has come, where `may` says so then: it is on its way while that
    /// one is read and worked on. Where it fails, it is asked for again when it is wanted. Dropping the list ends the
    /// request.
    #[must_use]
    pub fn looking_ahead(self, may: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self { walk: self.walk.looking_ahead(may) }
    }

    /// How many items were read so far.
    pub fn items_read(&self) -> u64 {
        self.walk.items_read()
    }

    /// The address of the page that [`Pages::next`] would fetch, so that a list can be resumed there. None at the end,
    /// and also where the last page's link cannot be followed: [`Pages::is_at_end`] tells the two apart.
    pub fn next_link(&self) -> Option<&str> {
        self.walk.next_link()
    }

    /// True after the last page: the list was read to its end.
    pub fn is_at_end(&self) -> bool {
        self.walk.is_at_end()
    }
}

impl<T: Listed> Pages<T> {
    /// The next page, or none after the last one. A page may be empty without being the last.
    ///
    /// # Errors
    /// After a fault of the network or of Graph, calling again asks for the same page again. A next-link that leads
    /// elsewhere or in a circle is told after the items of its page, and stays.
    pub async fn next(&mut self) -> Result<Option<Vec<T>>, Fault> {
        self.walk.next().await
    }

    /// Reads the whole list into memory.
    ///
    /// # Errors
    /// The first fault of any page; what was read before is dropped.
    pub async fn all(mut self) -> Result<Vec<T>, Fault> {
        let mut items = Vec::new();
        while let Some(page) = self.next().await? {
            items.extend(page);
        }
        Ok(items)
    }
}
