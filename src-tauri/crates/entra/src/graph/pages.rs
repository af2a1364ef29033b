//! Lists, page by page, to their end.

use std::collections::HashSet;
use std::marker::PhantomData;

use serde::de::DeserializeOwned;
use url::Url;

use super::{Answer, Ask, Graph};
use crate::exchange::Reply;
use crate::fault::{Fault, FaultKind};
use crate::wire::Page;

/// Something that Graph lists.
pub trait Listed: sealed::ReadPage {}

impl<T: sealed::ReadPage> Listed for T {}

pub(crate) mod sealed {
    /// Reads one page of a list.
    pub trait ReadPage: Sized {
        /// The items and the next-link of a page. None when it does not have the expected shape.
        fn read_page(body: &[u8]) -> Option<(Vec<Self>, Option<String>)>;
    }
}

/// Reads a page in its shape on the wire and converts it once.
pub(crate) fn read_page<W: DeserializeOwned, T>(
    body: &[u8],
    convert: impl Fn(W) -> T,
) -> Option<(Vec<T>, Option<String>)> {
    let page: Page<W> = serde_json::from_slice(body).ok()?;
    Some((page.value.into_iter().map(convert).collect(), page.next_link))
}

/// A list that is read page by page. Nothing is sent before the first [`Pages::next`].
pub struct Pages<T> {
    graph: Graph,
    path: &'static str,
    next: Next,
    followed: HashSet<String>,
    limit: Option<u64>,
    read: u64,
    of: PhantomData<fn() -> T>,
}

enum Next {
    Page(Url),
    Broken(Fault),
    End,
}

impl<T: Listed> Pages<T> {
    pub(crate) fn new(graph: Graph, path: &'static str, first: Url) -> Self {
        Self {
            graph,
            path,
            next: Next::Page(first),
            followed: HashSet::new(),
            limit: None,
            read: 0,
            of: PhantomData,
        }
    }

    /// Gives up with [`FaultKind::EndlessList`] when there are more items than this.
    #[must_use]
    pub fn limit(mut self, items: u64) -> Self {
        self.limit = Some(items);
        self
    }

    /// How many items were read so far.
    pub fn items_read(&self) -> u64 {
        self.read
    }

    /// The next page, or none after the last one. A page may be empty without being the last.
    ///
    /// # Errors
    /// After a fault of the network or of Graph, calling again asks for the same page again. A next-link that leads
    /// elsewhere or in a circle is told after the items of its page, and stays.
    pub async fn next(&mut self) -> Result<Option<Vec<T>>, Fault> {
        let url = match &self.next {
            Next::End => return Ok(None),
            Next::Broken(fault) => return Err(fault.clone()),
            Next::Page(url) => url.clone(),
        };
        let ask = Ask { url, path: self.path, answer: Answer::Json };
        let reply = self.graph.get(&ask).await?;
        let (items, next_link) =
            T::read_page(&reply.body).ok_or_else(|| self.graph.misshapen(&ask, &reply))?;
        self.followed.insert(ask.url.into());
        self.read += items.len() as u64;
        if self.limit.is_some_and(|limit| self.read > limit) {
            let detail = format!("{} items were read, which is more than expected.", self.read);
            let fault = self.fault(&reply, FaultKind::EndlessList, &detail);
            self.next = Next::Broken(fault.clone());
            return Err(fault);
        }
        self.next = next_link.map_or(Next::End, |link| self.follow(&reply, &link));
        Ok(Some(items))
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

    fn follow(&self, reply: &Reply, link: &str) -> Next {
        let Ok(url) = Url::parse(link) else {
            return Next::Broken(self.fault(
                reply,
                FaultKind::ForeignNextLink,
                "The next-link is not an address.",
            ));
        };
        if !self.graph.allows(&url) {
            let detail = format!("The next-link leads to {}.", url.origin().ascii_serialization());
            return Next::Broken(self.fault(reply, FaultKind::ForeignNextLink, &detail));
        }
        if self.followed.contains(url.as_str()) {
            let detail = "The next-link was already followed.";
            return Next::Broken(self.fault(reply, FaultKind::RepeatedNextLink, detail));
        }
        Next::Page(url)
    }

    fn fault(&self, reply: &Reply, kind: FaultKind, detail: &str) -> Fault {
        reply.fault(&self.graph.place(self.path), kind, detail)
    }
}
