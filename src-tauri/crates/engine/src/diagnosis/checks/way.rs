//! What the look at the way to a host adds to a finding of the network, in facts; shared by its checks.

use std::net::IpAddr;

use entra::{FaultKind, NetworkPath, ProxySource, Stage, TlsSeen};
use jiff::{Timestamp, tz::TimeZone};

use crate::{
    diagnosis::Saw,
    evidence::{Source, host_of},
    words,
};

/// A fact that a way tells, or none.
pub(super) type FactOfWay = fn(&NetworkPath) -> Option<Saw>;

/// The most addresses and names that one fact lists.
const LISTED: usize = 4;

/// The proxy in force, who names it, and what it answered.
pub(super) fn proxy(path: &NetworkPath) -> Option<Saw> {
    let proxy = path.proxy.as_ref()?;
    let source = match &proxy.source {
        ProxySource::Variable(name) => format!("the variable `{name}` names"),
        ProxySource::System => "the system’s settings name".to_owned(),
        ProxySource::Caller => "this connection names".to_owned(),
    };
    let mut text = format!("Requests go through the proxy `{}`, which {source}.", proxy.address);
    if let Some(status) = proxy.status.filter(|status| *status != 200) {
        text.push_str(&format!(" It answered HTTP {status}."));
    }
    if path.stopped_at.as_ref().is_some_and(|stop| stop.kind == FaultKind::ProxyRequired) {
        let sent = if proxy.holds_sign_in { "a sign-in, which was sent" } else { "no sign-in" };
        text.push_str(&format!(" Its address holds {sent}."));
        if !proxy.asks_for.is_empty() {
            text.push_str(&format!(" It asks for {}", listed(&proxy.asks_for)));
            let basic = proxy.asks_for.iter().any(|scheme| scheme.eq_ignore_ascii_case("basic"));
            text.push_str(if basic { "." } else { "; an address can only answer Basic." });
        }
    }
    Some(Saw::new(Source::Computer, text))
}

/// What the name leads to, who was asked, and where the lookup ended.
pub(super) fn names(path: &NetworkPath) -> Option<Saw> {
    let first = path.names.first()?;
    let mut text = match path.names.split_first() {
        Some((_, further)) if !further.is_empty() => {
            format!("`{first}` leads on to {}", listed_names(further))
        }
        _ => format!("`{first}` was looked up"),
    };
    if !path.name_servers.is_empty() {
        text.push_str(&format!(" (by the name server {})", listed_addresses(&path.name_servers)));
    }
    match path.stopped_at.as_ref().filter(|stop| stop.stage == Stage::Resolve) {
        Some(stop) => text.push_str(&format!(". {}{}", stop.detail, after(path.resolve_ms))),
        None if path.addresses.is_empty() => return None,
        None => text.push_str(&format!(
            ", which has the {} {}{}.",
            if path.addresses.len() == 1 { "address" } else { "addresses" },
            listed_addresses(&path.addresses),
            in_time(path.resolve_ms)
        )),
    }
    Some(Saw::new(Source::Network, text))
}

/// The addresses that were tried, and the time of each stage up to where the way ended.
pub(super) fn stages(path: &NetworkPath) -> Option<Saw> {
    if path.addresses.is_empty() {
        return None;
    }
    let at = match path.connected_to {
        Some(address) => format!("`{address}`"),
        None => listed_addresses(&path.addresses),
    };
    let whose = if path.proxy.is_some() { "the proxy’s" } else { "its" };
    let mut text = format!("`{}` was tried at {whose} ", host_of(path));
    text.push_str(if path.connected_to.is_none() && path.addresses.len() > 1 {
        "addresses "
    } else {
        "address "
    });
    text.push_str(&format!(
        "{at}, port {}. Name: {}.",
        port(path),
        stage(path, Stage::Resolve, path.resolve_ms)
    ));
    for (name, at, took) in [
        ("Connection", Stage::Connect, path.connect_ms),
        ("Tunnel", Stage::Tunnel, path.tunnel_ms),
        ("TLS", Stage::Tls, path.tls_ms),
    ] {
        if took.is_some() {
            text.push_str(&format!(" {name}: {}.", stage(path, at, took)));
        }
    }
    if path.stopped_at.is_none() {
        text.push_str(" The way was open then, and no answer came over it.");
    }
    Some(Saw::new(Source::Network, text))
}

/// Who issued the certificate that was shown, where, and until when it is valid.
pub(super) fn certificate(path: &NetworkPath) -> Option<Saw> {
    let tls = path.tls.as_ref()?;
    let mut text = format!("The certificate for `{}` was issued by `{}`", host_of(path), tls.issuer);
    if let Some(root) = tls.issuers_above.last() {
        text.push_str(&format!(" (below `{root}`)"));
    }
    text.push_str(&validity(tls));
    if let (Some(address), None) = (path.connected_to, &path.proxy) {
        text.push_str(&format!(" It was shown at the address `{address}`."));
    }
    Some(Saw::new(Source::Network, text))
}

/// Whom the certificate is for.
pub(super) fn certified_names(path: &NetworkPath) -> Option<Saw> {
    let tls = path.tls.as_ref()?;
    let whom = if tls.names.is_empty() {
        format!("`{}`, and names no host", tls.subject)
    } else {
        listed_names(&tls.names)
    };
    let text = format!("The certificate shown for `{}` is for {whom}.", host_of(path));
    Some(Saw::new(Source::Network, text))
}

fn validity(tls: &TlsSeen) -> String {
    let day = |time: Timestamp| words::day(time.to_zoned(TimeZone::UTC).date());
    match (tls.not_before, tls.not_after) {
        (Some(from), Some(until)) => format!(", valid from {} until {}.", day(from), day(until)),
        _ => ".".to_owned(),
    }
}

/// The port that was connected to: the proxy's where there is one.
fn port(path: &NetworkPath) -> String {
    let proxy = path.proxy.as_ref().and_then(|proxy| proxy.address.parse::<url::Url>().ok());
    let port = proxy.and_then(|proxy| proxy.port_or_known_default()).unwrap_or(path.port);
    port.to_string()
}

fn stage(path: &NetworkPath, stage: Stage, took: Option<u32>) -> String {
    let took =
        took.map_or_else(|| "not timed".to_owned(), |took| format!("{} ms", words::number(took.into())));
    match path.stopped_at.as_ref().filter(|stop| stop.stage == stage) {
        Some(stop) => format!("failed after {took} ({})", stop.detail.trim_end_matches('.')),
        None => took,
    }
}

fn in_time(took: Option<u32>) -> String {
    took.map_or_else(String::new, |took| format!(" ({} ms)", words::number(took.into())))
}

fn after(took: Option<u32>) -> String {
    took.map_or_else(String::new, |took| {
        format!(" The lookup ended after {} ms.", words::number(took.into()))
    })
}

fn listed_addresses(addresses: &[IpAddr]) -> String {
    listed_names(&addresses.iter().map(ToString::to_string).collect::<Vec<_>>())
}

fn listed_names(names: &[String]) -> String {
    listed(&names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>())
}

fn listed(texts: &[String]) -> String {
    let shown = texts[..texts.len().min(LISTED)].join(", ");
    match texts.len().saturating_sub(LISTED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
