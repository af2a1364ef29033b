//! Network: everything between the gateway and the authority.

use super::Row;
use crate::scenario::{Network, Plays};

const fn row(id: &'static str, network: Network, title: &'static str, story: &'static str) -> Row {
    Row { id, link: "network", title, story, plays: Plays { network: Some(network), ..Plays::NOTHING } }
}

pub(super) const ROWS: &[Row] = &[
    row(
        "port-blocked",
        Network::PortClosed,
        "The sign-in port is closed",
        "The firewall was replaced at the weekend. Nothing answers on the sign-in port any more.",
    ),
    row(
        "proxy-required",
        Network::ProxyAsks,
        "The proxy asks for a password",
        "The way out leads through a proxy since Monday, and it wants to know who is asking.",
    ),
    row(
        "proxy-refused",
        Network::ProxyRefuses,
        "The proxy does not let sign-in through",
        "The proxy has a list of hosts that may be reached, and the sign-in host is not on it.",
    ),
    row(
        "tls-intercepted",
        Network::OtherIssuer,
        "A middlebox rewrites TLS",
        "A security appliance opens every encrypted connection and shows a certificate of its own.",
    ),
    row(
        "tls-name-mismatch",
        Network::OtherName,
        "The certificate is for another name",
        "A load balancer was put in front and shows the certificate of another host.",
    ),
    row(
        "tls-certificate-expired",
        Network::Ended,
        "The server’s certificate has ended",
        "Nobody renewed the certificate in front of the sign-in host. It ended yesterday.",
    ),
    row(
        "tls-too-old",
        Network::TlsTooOld,
        "Only outdated TLS is offered",
        "An old appliance sits in between. It knows no version of TLS that is still in use.",
    ),
    row(
        "clock-skewed",
        Network::ClockAhead(600),
        "The clocks are ten minutes apart",
        "The computer’s clock was set by hand. It is ten minutes behind the sign-in service.",
    ),
    row(
        "answer-unreadable",
        Network::Html,
        "A guest network’s welcome page answers",
        "The gateway hangs in the guest network, which answers every question with its welcome page.",
    ),
    row(
        "unexpected-redirect",
        Network::Redirect,
        "Sign-in is led elsewhere",
        "A web filter sends every request of the gateway to a page where somebody has to log on.",
    ),
    row(
        "service-unavailable",
        Network::Unavailable,
        "The sign-in service is down",
        "The status page speaks of an incident. Every request for a sign-in is answered with 503.",
    ),
];
