//! Requests that carry something confidential, and answers that may echo it.

use secrecy::SecretString;
use url::Url;

use crate::exchange::{Exchange, Place, Reply};
use crate::fault::Fault;
use crate::redaction::{Redaction, TEXT_CAP, plain};
use crate::refusal::oauth_refusal;

const WITHHELD: &str = "The answer repeats what was sent in confidence, so it is not shown.";

/// A form and those of its values that must not come back in any text.
pub(super) struct ConfidentialForm<'a> {
    pub(super) fields: &'a [(&'a str, &'a str)],
    pub(super) confidential: &'a [&'a SecretString],
}

impl ConfidentialForm<'_> {
    /// Sends the form once. An id of the exchange that echoes something confidential is taken for no id.
    pub(super) async fn post(&self, exchange: &Exchange, place: &Place, url: Url) -> Result<Reply, Fault> {
        let mut reply = exchange.post_form(place, url, self.fields).await?;
        for name in ["request-id", "x-ms-request-id"] {
            let text = reply.headers.get(name).and_then(|value| value.to_str().ok());
            if text.is_some_and(|text| self.is_echoed_in(text)) {
                reply.headers.remove(name);
            }
        }
        Ok(reply)
    }

    /// The refusal. An echo of the only confidential value is taken out of a text; where there are several, a text
    /// with an echo is withheld, because what is left after cutting it to length could still end in a part of one.
    pub(super) fn refusal(&self, place: &Place, reply: &Reply) -> Fault {
        let mut views =
            self.confidential.iter().map(|value| oauth_refusal(place, reply, &Redaction::of_secret(value)));
        let Some(mut fault) = views.next() else {
            return oauth_refusal(place, reply, &Redaction::default());
        };
        for other in views {
            if fault.detail != other.detail {
                fault.detail = WITHHELD.to_owned();
            }
            keep_if_equal(&mut fault.oauth_error, &other.oauth_error);
            keep_if_equal(&mut fault.trace_id, &other.trace_id);
            keep_if_equal(&mut fault.correlation_id, &other.correlation_id);
            keep_if_equal(&mut fault.request_id, &other.request_id);
            keep_if_equal(&mut fault.timestamp, &other.timestamp);
        }
        fault
    }

    fn is_echoed_in(&self, text: &str) -> bool {
        let unredacted = plain(text, TEXT_CAP);
        self.confidential.iter().any(|value| Redaction::of_secret(value).clean(text) != unredacted)
    }
}

fn keep_if_equal(text: &mut Option<String>, other: &Option<String>) {
    if text != other {
        *text = None;
    }
}
