//! Which proxy requests to a host go through, and who says so. The rules are the client's own: both ask `hyper-util`.

use std::fmt;

use http::{HeaderValue, Uri};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use serde::{Deserialize, Serialize};

use crate::http::Proxies;

/// A proxy that stands on the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProxyInForce {
    /// Its address without user name and password, such as `http://proxy.contoso.example:3128`.
    pub address: String,
    /// Who names it.
    pub source: ProxySource,
    /// The address holds a user name or a password.
    pub holds_sign_in: bool,
    /// The HTTP status of its answer to `CONNECT`.
    pub status: Option<u16>,
    /// The sign-in schemes that it asks for, such as `Negotiate` or `Basic`.
    pub asks_for: Vec<String>,
}

/// Who names the proxy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProxySource {
    /// An environment variable, by its name as it was found.
    Variable(String),
    /// The settings of the operating system.
    System,
    /// Whoever made this connection.
    Caller,
}

impl fmt::Display for ProxySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProxySource::Variable(name) => f.write_str(name),
            ProxySource::System => f.write_str("the system’s settings"),
            ProxySource::Caller => f.write_str("this connection"),
        }
    }
}

/// The client's proxy rules, and which variable named the proxy.
pub(super) struct ProxySettings {
    matcher: Matcher,
    https_from: ProxySource,
    http_from: ProxySource,
}

/// The proxy for one host, with the sign-in that its address holds.
pub(super) struct OnTheWay {
    intercept: Intercept,
    source: ProxySource,
}

const HTTPS: [&str; 2] = ["HTTPS_PROXY", "https_proxy"];
const HTTP: [&str; 2] = ["HTTP_PROXY", "http_proxy"];
const ALL: [&str; 2] = ["ALL_PROXY", "all_proxy"];
#[cfg(test)]
const NO: [&str; 2] = ["NO_PROXY", "no_proxy"];

impl ProxySettings {
    pub(super) fn of(proxies: &Proxies) -> Self {
        match proxies {
            Proxies::System => Self::told_by(Matcher::from_system(), &environment),
            #[cfg(test)]
            Proxies::None => Self::from_variables(&|_| None),
            Proxies::Only(address) => Self {
                matcher: Matcher::builder().all(address.as_str()).build(),
                https_from: ProxySource::Caller,
                http_from: ProxySource::Caller,
            },
        }
    }

    /// What [`Matcher::from_system`] does with the environment, for variables that a test gives.
    #[cfg(test)]
    pub(super) fn from_variables(variable: &dyn Fn(&str) -> Option<String>) -> Self {
        let value = |names| first_set(names, variable).map(|(_, value)| value).unwrap_or_default();
        let matcher = Matcher::builder().all(value(ALL)).https(value(HTTPS)).http(value(HTTP)).no(value(NO));
        Self::told_by(matcher.build(), variable)
    }

    fn told_by(matcher: Matcher, variable: &dyn Fn(&str) -> Option<String>) -> Self {
        let https_from = source(HTTPS, &matcher, "https", variable);
        let http_from = source(HTTP, &matcher, "http", variable);
        Self { matcher, https_from, http_from }
    }

    /// The proxy for `https://host:port`.
    pub(super) fn for_https(&self, authority: &str) -> Option<OnTheWay> {
        self.for_uri(&format!("https://{authority}/"), &self.https_from)
    }

    /// The proxy for `http://host:port`.
    pub(super) fn for_http(&self, authority: &str) -> Option<OnTheWay> {
        self.for_uri(&format!("http://{authority}/"), &self.http_from)
    }

    fn for_uri(&self, uri: &str, source: &ProxySource) -> Option<OnTheWay> {
        let intercept = self.matcher.intercept(&uri.parse().ok()?)?;
        Some(OnTheWay { intercept, source: source.clone() })
    }
}

impl OnTheWay {
    /// What may be shown of it.
    pub(super) fn in_force(&self) -> ProxyInForce {
        let uri = self.intercept.uri();
        let scheme = uri.scheme_str().unwrap_or("http");
        ProxyInForce {
            address: format!("{scheme}://{}", uri.authority().map_or("", http::uri::Authority::as_str)),
            source: self.source.clone(),
            holds_sign_in: self.intercept.basic_auth().is_some() || self.intercept.raw_auth().is_some(),
            status: None,
            asks_for: Vec::new(),
        }
    }

    pub(super) fn host(&self) -> &str {
        let host = self.intercept.uri().host().unwrap_or_default();
        host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
    }

    pub(super) fn port(&self) -> u16 {
        self.intercept.uri().port_u16().unwrap_or(if self.speaks_tls() { 443 } else { 80 })
    }

    /// The proxy itself is reached over TLS.
    pub(super) fn speaks_tls(&self) -> bool {
        self.intercept.uri().scheme_str() == Some("https")
    }

    /// The client speaks to no other kind of proxy.
    pub(super) fn speaks_http(&self) -> bool {
        matches!(self.intercept.uri().scheme_str(), Some("http" | "https"))
    }

    pub(super) fn authorization(&self) -> Option<&HeaderValue> {
        self.intercept.basic_auth()
    }
}

/// The variable whose proxy is the one in force; the system's settings where it is none of them.
fn source(
    own: [&str; 2],
    matcher: &Matcher,
    scheme: &str,
    variable: &dyn Fn(&str) -> Option<String>,
) -> ProxySource {
    let names_it = |value: &str| {
        let alone = Matcher::builder().all(value).build();
        // A name that stands in no list of exceptions.
        let anywhere: Option<Uri> = format!("{scheme}://proxy-probe.invalid/").parse().ok();
        let proxy = |matcher: &Matcher| Some(matcher.intercept(anywhere.as_ref()?)?.uri().clone());
        let named = proxy(&alone);
        named.is_some() && proxy(matcher).is_none_or(|in_force| Some(in_force) == named)
    };
    [own, ALL]
        .into_iter()
        .filter_map(|names| first_set(names, variable))
        .find(|(_, value)| names_it(value))
        .map_or(ProxySource::System, |(name, _)| ProxySource::Variable(name.to_owned()))
}

fn first_set<'a>(
    names: [&'a str; 2],
    variable: &dyn Fn(&str) -> Option<String>,
) -> Option<(&'a str, String)> {
    names.into_iter().find_map(|name| Some((name, variable(name)?)))
}

#[expect(
    clippy::disallowed_methods,
    reason = "tells which variable named the proxy that the client found by itself"
)]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(variables: &'static [(&'static str, &'static str)]) -> ProxySettings {
        ProxySettings::from_variables(&move |name| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    }

    fn found(variables: &'static [(&'static str, &'static str)], host: &str) -> Option<(String, String)> {
        let proxy = settings(variables).for_https(host)?.in_force();
        Some((proxy.address, proxy.source.to_string()))
    }

    #[test]
    fn the_variable_that_counts_is_named() {
        let told = |address: &str, source: &str| Some((address.to_owned(), source.to_owned()));
        let host = "login.microsoftonline.com:443";
        assert_eq!(found(&[], host), None);
        assert_eq!(found(&[("HTTPS_PROXY", "http://a:1")], host), told("http://a:1", "HTTPS_PROXY"));
        assert_eq!(found(&[("https_proxy", "a:1")], host), told("http://a:1", "https_proxy"));
        assert_eq!(found(&[("all_proxy", "http://b:2/")], host), told("http://b:2", "all_proxy"));
        let both = &[("ALL_PROXY", "http://b:2"), ("https_proxy", "http://a:1")];
        assert_eq!(found(both, host), told("http://a:1", "https_proxy"));
        let useless = &[("HTTPS_PROXY", "ftp://a:1"), ("ALL_PROXY", "http://b:2")];
        assert_eq!(found(useless, host), told("http://b:2", "ALL_PROXY"));
        assert_eq!(found(&[("HTTP_PROXY", "http://a:1")], host), None);
    }

    #[test]
    fn no_proxy_is_honoured_for_names_and_their_children() {
        let variables =
            &[("HTTPS_PROXY", "http://a:1"), ("NO_PROXY", "localhost, .microsoftonline.com,127.0.0.0/8")];
        for host in ["localhost:8443", "login.microsoftonline.com:443", "127.0.0.1:1"] {
            assert_eq!(found(variables, host), None, "{host}");
        }
        assert!(found(variables, "graph.microsoft.com:443").is_some());
        let everything = &[("HTTPS_PROXY", "http://a:1"), ("no_proxy", "*")];
        assert_eq!(found(everything, "graph.microsoft.com:443"), None);
    }

    #[test]
    fn a_sign_in_in_the_address_is_not_shown() {
        let settings = settings(&[("HTTPS_PROXY", "http://ada:canary-5b1e@proxy.example:3128/x")]);
        let proxy = settings.for_https("graph.microsoft.com:443").unwrap();
        let shown = proxy.in_force();
        assert_eq!(shown.address, "http://proxy.example:3128");
        assert!(shown.holds_sign_in);
        assert!(proxy.authorization().is_some());
        let texts = format!("{shown:?} {}", serde_json::to_string(&shown).unwrap());
        assert!(!texts.contains("canary") && !texts.contains("ada"), "{texts}");
    }

    #[test]
    fn ports_and_brackets_are_understood() {
        let of = |variables| {
            let proxy = settings(variables).for_https("graph.microsoft.com:443").unwrap();
            (proxy.host().to_owned(), proxy.port(), proxy.speaks_http())
        };
        assert_eq!(of(&[("HTTPS_PROXY", "proxy.example")]), ("proxy.example".to_owned(), 80, true));
        assert_eq!(of(&[("HTTPS_PROXY", "https://proxy.example")]), ("proxy.example".to_owned(), 443, true));
        assert_eq!(of(&[("HTTPS_PROXY", "http://[::1]:3128")]), ("::1".to_owned(), 3128, true));
        assert_eq!(of(&[("HTTPS_PROXY", "socks5://a:1080")]), ("a".to_owned(), 1080, false));
    }

    #[test]
    fn plain_http_has_its_own_variable() {
        let settings = settings(&[("HTTPS_PROXY", "http://a:1"), ("http_proxy", "http://c:3")]);
        let proxy = settings.for_http("crl.microsoft.com:80").unwrap().in_force();
        assert_eq!(
            (proxy.address.as_str(), proxy.source.to_string()),
            ("http://c:3", "http_proxy".to_owned())
        );
    }
}
