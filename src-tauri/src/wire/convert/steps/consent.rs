use engine::{
    Report,
    diagnosis::{Link, LinkState},
    evidence::{Fact, Source},
    hand_off,
    portal::{self, PortalPage},
    profile::covered,
};

use crate::wire::{ConsentRole, ConsentView, HandOff, PublicClientView};

impl ConsentView {
    pub(crate) fn of(report: &Report) -> Self {
        let connection = &report.connection;
        let held = connection
            .evidence
            .token
            .value()
            .and_then(|read| read.claims.as_ref())
            .map(|claims| &claims.roles);
        let proven = report.chain.link(Link::Consent);
        Self {
            link: portal::address(connection, PortalPage::AdminConsent).map(String::from),
            roles: report
                .profile
                .required(&connection.custom_permissions)
                .into_iter()
                .map(|name| ConsentRole {
                    name: name.to_owned(),
                    arrived: held.map(|held| covered(held, name)),
                })
                .collect(),
            hand_off: hand_off::consent(connection, &report.profile)
                .map(|message| HandOff { subject: message.subject, body: message.body }),
            granted_at: (proven.state == LinkState::Proven)
                .then(|| proven.at.map(|at| at.to_string()))
                .flatten(),
        }
    }
}

impl PublicClientView {
    pub(crate) fn of(report: &Report) -> Self {
        let need = &report.profile.public_client;
        let (on, says, source) = match &report.connection.evidence.public_client {
            Fact::NotTried => (None, None, None),
            Fact::Seen(seen) => {
                let says = match (seen.source, seen.value.on) {
                    (Source::Graph, true) => "The registration says `isFallbackPublicClient` is true.",
                    (Source::Graph, false) => {
                        "The registration says `isFallbackPublicClient` is false or not set."
                    }
                    (_, true) => {
                        "A request without a secret was not refused for the lack of one, so it is on."
                    }
                    (_, false) => {
                        "A request without a secret was refused with `AADSTS7000218`, so it is off."
                    }
                };
                (Some(seen.value.on), Some(says.to_owned()), Some(seen.source.words().to_owned()))
            }
            Fact::Refused(refused) => {
                (None, Some(refused.fault.to_string()), Some(refused.source.words().to_owned()))
            }
            Fact::CouldNotTell(untold) => (None, Some(untold.because.clone()), None),
        };
        Self { needed: need.needed, why: need.reason.clone(), on, says, source }
    }
}
