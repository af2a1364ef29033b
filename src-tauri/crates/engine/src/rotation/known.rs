//! What was known with the old credential, kept so that going back to it does not begin anew. Pure.

use std::mem;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    connection::Connection,
    evidence::{Evidence, Fact},
};

/// The evidence that was gathered with the old credential, without what belongs to no credential: the sync and the files.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    evidence: Evidence,
    checked_at: Option<Timestamp>,
}

impl Known {
    /// What is known of a connection before it gets another credential.
    pub(crate) fn of(connection: &Connection) -> Self {
        let mut evidence = connection.evidence.clone();
        (evidence.sync, evidence.consent_answer, evidence.written) = (None, None, Fact::NotTried);
        Self { evidence, checked_at: connection.checked_at }
    }

    /// Lets it count again. Hosts, tenant, sync and files stay as they were seen last, with whichever credential; so does
    /// what was read of the registration, where it could be read.
    pub(crate) fn counts_again(self, connection: &mut Connection) {
        let Self { evidence: before, checked_at } = self;
        let now = mem::take(&mut connection.evidence);
        connection.evidence = Evidence {
            authority: now.authority,
            graph: now.graph,
            network: now.network,
            tenant: now.tenant,
            other_clouds: now.other_clouds,
            registration: seen_last(now.registration, before.registration),
            principal: seen_last(now.principal, before.principal),
            public_client: seen_last(now.public_client, before.public_client),
            consent_answer: now.consent_answer,
            sync: now.sync,
            written: now.written,
            ..before
        };
        connection.checked_at = checked_at.or(connection.checked_at);
    }
}

fn seen_last<T>(now: Fact<T>, before: Fact<T>) -> Fact<T> {
    if now.value().is_some() { now } else { before }
}
