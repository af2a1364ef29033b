//! Following links from page to page, safely: what all lists have in common.

use std::collections::HashSet;
use std::marker::PhantomData;

use serde::de::DeserializeOwned;
use url::Url;

use super::ahead::{Ahead, next_link_in_the_head};
use super::{Answer, Ask, Graph};
use crate::exchange::Reply;
use crate::fault::{Fault, FaultKind};
use crate::wire::{Page, from_json};

/// Something that Graph lists.
pub trait Listed: sealed::ReadPage {}

impl<T: sealed::ReadPage> Listed for T {}

pub(crate) mod sealed {
    use super::PageRead;

    /// Reads one page of a list.
    pub trait ReadPage: Sized {
        /// None when the page does not have the expected shape.
        fn read_page(body: &[u8]) -> Option<PageRead<Self>>;
    }
}

/// What one page holds.
pub struct PageRead<T> {
    pub(crate) items: Vec<T>,
    pub(crate) next_link: Option<String>,
    pub(crate) delta_link: Option<String>,
}

/// Reads a page in its shape on the wire and converts it once.
pub(crate) fn read_page<W: DeserializeOwned, T>(
    body: &[u8],
    convert: impl Fn(W) -> T,
) -> Option<PageRead<T>> {
    let page: Page<W> = from_json(body)?;
    let value = match page.value {
        Some(value) => value,
        None if page.delta_link.is_some() => Vec::new(),
        None => return None,
    };
    let items = value.into_iter().map(convert).collect();
    Some(PageRead { items, next_link: page.next_link, delta_link: page.delta_link })
}

/// How the last page of a list is known.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// It has no next-link.
    NoNextLink,
    /// It has a delta link, without which the list is not complete.
    DeltaLink,
}

/// Whether the next page may be asked for before it is wanted.
type LooksAhead = Box<dyn Fn() -> bool + Send + Sync>;

/// A walk from page to page.
pub(crate) struct Walk<T> {
    graph: Graph,
    path: &'static str,
    ending: Ending,
    next: Next,
    looks_ahead: Option<LooksAhead>,
    ahead: Option<Ahead>,
    delta_link: Option<Url>,
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

impl<T> Walk<T> {
    pub(crate) fn new(graph: Graph, path: &'static str, ending: Ending, first: Url) -> Self {
        Self {
            graph,
            path,
            ending,
            next: Next::Page(first),
            looks_ahead: None,
            ahead: None,
            delta_link: None,
            followed: HashSet::new(),
            limit: None,
            read: 0,
            of: PhantomData,
        }
    }

    /// Goes on at a link that was kept; refused when it does not lead to Graph's own origin.
    pub(crate) fn at(graph: Graph, path: &'static str, ending: Ending, link: &str) -> Result<Self, Fault> {
        let url = graph.own_link(link).map_err(|detail| {
            graph.place(path).fault(FaultKind::ForeignNextLink, format!("The saved link {detail}"))
        })?;
        Ok(Self::new(graph, path, ending, url))
    }

    pub(crate) fn limit(mut self, items: u64) -> Self {
        self.limit = Some(items);
        self
    }

    pub(crate) fn looking_ahead(mut self, may: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        self.looks_ahead = Some(Box::new(may));
        self
    }

    pub(crate) fn items_read(&self) -> u64 {
        self.read
    }

    pub(crate) fn next_link(&self) -> Option<&str> {
        match &self.next {
            Next::Page(url) => Some(url.as_str()),
            Next::Broken(_) | Next::End => None,
        }
    }

    pub(crate) fn is_at_end(&self) -> bool {
        matches!(self.next, Next::End)
    }

    pub(crate) fn delta_link(&self) -> Option<&str> {
        self.delta_link.as_ref().filter(|_| self.is_at_end()).map(Url::as_str)
    }
}

impl<T: Listed> Walk<T> {
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<T>>, Fault> {
        let url = match &self.next {
            Next::End => return Ok(None),
            Next::Broken(fault) => return Err(fault.clone()),
            Next::Page(url) => url.clone(),
        };
        let ask = self.ask(url);
        let ahead = match self.ahead.take() {
            Some(ahead) => ahead.of(&ask.url).await,
            None => None,
        };
        let reply = match ahead {
            Some(Ok(reply)) => reply,
            // What went wrong before the page was wanted may be long over.
            Some(Err(_)) | None => self.graph.get(&ask).await?,
        };
        self.look_ahead(&ask.url, &reply);
        let page = T::read_page(&reply.body).ok_or_else(|| self.graph.misshapen(&ask, &reply))?;
        self.followed.insert(ask.url.into());
        self.read += page.items.len() as u64;
        if self.limit.is_some_and(|limit| self.read > limit) {
            let detail = format!("{} items were read, which is more than expected.", self.read);
            let fault = self.fault(&reply, FaultKind::EndlessList, &detail);
            self.next = Next::Broken(fault.clone());
            return Err(fault);
        }
        self.next = match page.next_link {
            Some(link) => self.follow(&reply, &link),
            None => self.end(&reply, page.delta_link.as_deref()),
        };
        Ok(Some(page.items))
    }

    fn ask(&self, url: Url) -> Ask {
        Ask { url, path: self.path, answer: Answer::Json }
    }

    /// Asks for the page after this one, if it may, and if its link will be followed.
    fn look_ahead(&mut self, page: &Url, reply: &Reply) {
        if self.looks_ahead.as_ref().is_none_or(|may| !may()) {
            return;
        }
        let link = next_link_in_the_head(&reply.body).and_then(|link| self.graph.own_link(&link).ok());
        let fresh = |url: &Url| url != page && !self.followed.contains(url.as_str());
        self.ahead = link.filter(fresh).map(|url| Ahead::ask(&self.graph, self.ask(url)));
    }

    fn follow(&self, reply: &Reply, link: &str) -> Next {
        match self.graph.own_link(link) {
            Err(detail) => Next::Broken(self.foreign(reply, &format!("The next-link {detail}"))),
            Ok(url) if self.followed.contains(url.as_str()) => {
                let detail = "The next-link was already followed.";
                Next::Broken(self.fault(reply, FaultKind::RepeatedNextLink, detail))
            }
            Ok(url) => Next::Page(url),
        }
    }

    fn end(&mut self, reply: &Reply, delta_link: Option<&str>) -> Next {
        if self.ending == Ending::NoNextLink {
            return Next::End;
        }
        let Some(link) = delta_link else {
            let detail = "The last page has no delta link.";
            return Next::Broken(self.fault(reply, FaultKind::AnswerUnreadable, detail));
        };
        match self.graph.own_link(link) {
            Ok(url) => {
                self.delta_link = Some(url);
                Next::End
            }
            Err(detail) => Next::Broken(self.foreign(reply, &format!("The delta link {detail}"))),
        }
    }

    fn foreign(&self, reply: &Reply, detail: &str) -> Fault {
        self.fault(reply, FaultKind::ForeignNextLink, detail)
    }

    fn fault(&self, reply: &Reply, kind: FaultKind, detail: &str) -> Fault {
        reply.fault(&self.graph.place(self.path), kind, detail)
    }
}
