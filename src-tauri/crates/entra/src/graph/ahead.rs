//! The next page of a list is on its way while the one before it is taken apart.

use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use tokio::task::JoinSet;
use url::Url;

use super::{Ask, Graph};
use crate::exchange::Reply;
use crate::fault::Fault;

/// A page that was asked for. Dropping it ends the request.
pub(crate) struct Ahead {
    url: Url,
    task: JoinSet<Result<Reply, Fault>>,
}

impl Ahead {
    pub(crate) fn ask(graph: &Graph, ask: Ask) -> Self {
        let (graph, url, mut task) = (graph.clone(), ask.url.clone(), JoinSet::new());
        task.spawn(async move { graph.get(&ask).await });
        Self { url, task }
    }

    /// The answer, if it is that of this page.
    pub(crate) async fn of(mut self, url: &Url) -> Option<Result<Reply, Fault>> {
        if self.url != *url {
            return None;
        }
        self.task.join_next().await?.ok()
    }
}

/// The next-link of a page, where it stands before the items, as Graph writes it: so nothing but the head is read.
pub(crate) fn next_link_in_the_head(body: &[u8]) -> Option<String> {
    let mut link = None;
    // Whether the whole page is sound is seen when it is read.
    serde_json::Deserializer::from_slice(body).deserialize_map(Head(&mut link)).ok();
    link
}

struct Head<'a>(&'a mut Option<String>);

impl<'de> Visitor<'de> for Head<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a page")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut page: A) -> Result<(), A::Error> {
        while let Some(key) = page.next_key::<std::borrow::Cow<'de, str>>()? {
            match &*key {
                "value" => return Ok(()),
                "@odata.nextLink" => *self.0 = page.next_value()?,
                _ => {
                    page.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_head_of_a_page_is_read() {
        let found = |body: &str| next_link_in_the_head(body.as_bytes());
        let link = r#""@odata.nextLink":"https://graph.example/x""#;
        assert_eq!(
            found(&format!(r#"{{"@odata.count":1,{link},"value":[broken"#)),
            Some("https://graph.example/x".into())
        );
        assert_eq!(found(&format!(r#"{{"value":[],{link}}}"#)), None);
        assert_eq!(found(r#"{"@odata.nextLink":null,"value":[]}"#), None);
        assert_eq!(found(r#"{"@odata.nextLink":7,"value":[]}"#), None);
        for body in ["", "[]", "{", r#"{"@odata.nextLink"#, "\u{fffd}", "7"] {
            assert_eq!(found(body), None, "{body}");
        }
    }
}
