//! What an access token says of itself, judged by the checks' own ids.
//!
//! The claims are read, never verified: nobody but Microsoft Graph can check such a token's signature.
//! Source: <https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference>.

use std::time::Duration;

use entra::{AccessToken, Claims, Cloud, Endpoints};
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use url::{Host, Url};
use uuid::Uuid;

use super::{About, Advice, advice, paste::quotable};
use crate::{portal::Whose, words};

/// How far a clock may be off before a token that is not valid yet is a finding; the limit of `clock-skewed`.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// Whether a word looks like a JSON web token, plain or encrypted.
pub(super) fn is_like_one(word: &str) -> bool {
    let parts = || word.split('.');
    word.starts_with("eyJ")
        && matches!(parts().count(), 3 | 5)
        && word.chars().all(|c| c.is_ascii_alphanumeric() || "-_.=".contains(c))
}

/// Reads a token; what is wrong with it comes first, in chain order.
pub(super) fn explain(token: &str, now: Timestamp) -> (Option<Claims>, Vec<Advice>) {
    let token = AccessToken::new(SecretString::from(token), Duration::ZERO);
    match token.claims() {
        Ok(claims) => {
            let judged = judge(&claims, now);
            (Some(claims), judged)
        }
        Err(unreadable) => {
            (None, named("token-unreadable", vec![format!("Reading it ended with: {unreadable}.")]))
        }
    }
}

fn judge(claims: &Claims, now: Timestamp) -> Vec<Advice> {
    let cloud = cloud_of(&claims.aud);
    let mut found = Vec::new();
    found.extend(delegated(claims));
    if cloud.is_none() && !is_loopback(&claims.aud) {
        let saw =
            format!("`aud` is `{}`, which is no Microsoft Graph of any cloud.", quotable(&claims.aud, 200));
        found.extend(named("wrong-audience", vec![saw]));
    }
    if !is_issuer(claims, cloud) {
        let saw = format!("`iss` is `{}`.", quotable(&claims.iss, 200));
        found.extend(named("wrong-issuer", vec![saw]));
    }
    found.extend(not_yet_valid(claims, now));
    if found.is_empty() && claims.roles.is_empty() {
        found.extend(without_roles(claims));
    }
    found.extend(ended(claims, now));
    if found.is_empty() {
        found.push(in_order(claims));
    }
    if let Some(first) = found.first_mut() {
        first.saw.extend(facts(claims));
    }
    let whose = Whose {
        tenant: id(claims.tid.as_ref()),
        client_id: id(claims.app_id.as_ref()),
        ..Whose::nobody(Endpoints::of(cloud.unwrap_or(Cloud::Global)))
    };
    for place in found.iter_mut().filter_map(|advice| advice.place.as_mut()) {
        place.address = whose.address(place.page);
    }
    found
}

/// A claim that is an id; an address is made of nothing else.
fn id(claim: Option<&String>) -> Option<String> {
    claim.and_then(|text| Uuid::try_parse(text).ok()).map(|id| id.to_string())
}

fn named(id: &str, saw: Vec<String>) -> Vec<Advice> {
    let check = advice::check_of(id);
    check.map(|check| advice::of_check(check, About::Token, saw)).into_iter().collect()
}

fn delegated(claims: &Claims) -> Vec<Advice> {
    let is_user = claims.idtyp.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("user"));
    match &claims.scp {
        Some(scopes) => {
            let saw = format!("`scp` is `{}`; an app’s own token has none.", quotable(scopes, 400));
            named("token-delegated", vec![saw])
        }
        None if is_user => named("token-delegated", vec!["`idtyp` is `user`.".to_owned()]),
        None => Vec::new(),
    }
}

fn without_roles(claims: &Claims) -> Vec<Advice> {
    if claims.oid.is_none() && claims.sub.is_none() {
        let saw =
            "`roles`, `oid` and `sub` are not in the token, as when the app has no enterprise application.";
        return named("service-principal-missing", vec![saw.to_owned()]);
    }
    named("consent-missing", vec!["`roles` is not in the token.".to_owned()])
}

fn not_yet_valid(claims: &Claims, now: Timestamp) -> Vec<Advice> {
    let begins = claims.nbf.and_then(moment).filter(|begins| begins.duration_since(now) > SKEW);
    let saw = |begins| format!("`nbf` is {}, and here it is {}.", words::moment(begins), words::moment(now));
    begins.map(|begins| named("clock-skewed", vec![saw(begins)])).unwrap_or_default()
}

/// A pasted token may simply be an old one, so these words are not those of the check.
fn ended(claims: &Claims, now: Timestamp) -> Vec<Advice> {
    let Some(ends) = claims.exp.and_then(moment).filter(|ends| *ends <= now) else { return Vec::new() };
    let mut advice = named(
        "token-expired",
        vec![format!("`exp` is {}, and here it is {}.", words::moment(ends), words::moment(now))],
    );
    for one in &mut advice {
        one.title = "This token has ended".to_owned();
        one.meaning =
            "Graph refuses it. A token lives for about an hour, so an older one shows what was true then. \
                       A gateway that still sends it does not fetch new ones, or has a wrong clock."
                .to_owned();
        one.fix = vec![
            "Fetch a new token, and paste that one.".to_owned(),
            "If the gateway sends ended tokens, compare its clock with another one.".to_owned(),
        ];
    }
    advice
}

fn in_order(claims: &Claims) -> Advice {
    let roles = words::count(claims.roles.len(), "role", "roles");
    Advice {
        about: About::Token,
        finding: None,
        title: format!("This is an app’s own token for Microsoft Graph, with {roles}"),
        saw: Vec::new(),
        meaning: "It may do what its roles say until it ends. Its claims were read and not verified, so they explain \
                  and prove nothing."
            .to_owned(),
        fix: vec!["Compare its roles with the permissions that the gateway’s profile needs.".to_owned()],
        who: None,
        place: None,
    }
}

/// The claims that explain a refusal. None of them names a person.
fn facts(claims: &Claims) -> Vec<String> {
    let quoted = |name: &str, value: Option<&str>| {
        value.map(|value| format!("`{name}` is `{}`.", quotable(value, 200)))
    };
    let roles: Vec<String> =
        claims.roles.iter().take(40).map(|role| format!("`{}`", quotable(role, 80))).collect();
    let time = |name: &str, seconds: Option<i64>| {
        seconds.and_then(moment).map(|at| format!("`{name}` is {}.", words::moment(at)))
    };
    let facts = [
        quoted("aud", Some(&claims.aud)),
        quoted("iss", Some(&claims.iss)),
        quoted("tid", claims.tid.as_deref()),
        quoted("appid", claims.app_id.as_deref()),
        quoted("idtyp", claims.idtyp.as_deref()),
        (!roles.is_empty()).then(|| format!("`roles`: {}.", roles.join(", "))),
        time("iat", claims.iat),
        time("exp", claims.exp),
    ];
    facts.into_iter().flatten().collect()
}

fn moment(seconds: i64) -> Option<Timestamp> {
    Timestamp::from_second(seconds).ok()
}

fn cloud_of(audience: &str) -> Option<Cloud> {
    let bare = |text: &str| text.trim_end_matches('/').to_ascii_lowercase();
    Cloud::ALL.into_iter().find(|cloud| cloud.audiences().iter().any(|known| bare(known) == bare(audience)))
}

/// An issuer of the audience's cloud that names the token's own tenant. The app id of Graph is the same in all clouds.
fn is_issuer(claims: &Claims, cloud: Option<Cloud>) -> bool {
    let Ok(issuer) = Url::parse(&claims.iss) else { return false };
    if is_loopback(&claims.iss) {
        return true;
    }
    let clouds: Vec<Cloud> = match cloud {
        Some(cloud) if claims.aud.contains("://") => vec![cloud],
        _ => Cloud::ALL.to_vec(),
    };
    let host = issuer.host_str().unwrap_or_default();
    let tenant = issuer.path_segments().and_then(|mut segments| segments.next()).unwrap_or_default();
    issuer.scheme() == "https"
        && clouds.iter().any(|cloud| cloud.issuer_hosts().contains(&host))
        && claims.tid.as_deref().is_none_or(|own| own.eq_ignore_ascii_case(tenant))
}

/// The practice tenant's.
fn is_loopback(address: &str) -> bool {
    Url::parse(address).is_ok_and(|url| match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    })
}
