//! `gatehouse.explain/1`, for scripts. Names are frozen; a finding's names are those of `gatehouse.check/1`.

use engine::{
    catalogue::Certainty,
    diagnosis::Claims,
    evidence::Source,
    explain::{About, Advice, Explanation},
};
use serde::Serialize;

/// `gatehouse.explain/1`.
#[derive(Serialize)]
pub(super) struct Explained<'a> {
    schema: &'static str,
    recognised: bool,
    read_as: &'static str,
    /// The first finding's id.
    id: Option<&'static str>,
    findings: Vec<Finding<'a>>,
    token: Option<Token<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    correlation_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_request_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<&'a str>,
    shown: &'a str,
    shortened: bool,
}

impl<'a> Explained<'a> {
    pub(super) fn of(explanation: &'a Explanation) -> Self {
        let ids = &explanation.ids;
        Self {
            schema: "gatehouse.explain/1",
            recognised: explanation.is_explained(),
            read_as: explanation.read_as.id(),
            id: explanation.advice.first().and_then(|first| first.finding).map(|finding| finding.id),
            findings: explanation.advice.iter().map(Finding::of).collect(),
            token: explanation.token.as_deref().map(Token::of),
            trace_id: ids.trace.as_deref(),
            correlation_id: ids.correlation.as_deref(),
            request_id: ids.request.as_deref(),
            client_request_id: ids.client_request.as_deref(),
            timestamp: ids.timestamp.as_deref(),
            shown: &explanation.shown,
            shortened: explanation.shortened,
        }
    }
}

#[derive(Serialize)]
struct Finding<'a> {
    id: Option<&'static str>,
    link: Option<&'static str>,
    certainty: Option<&'static str>,
    title: &'a str,
    evidence: Vec<Evidence<'a>>,
    meaning: &'a str,
    fix: &'a [String],
    who: Option<&'static str>,
    page: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aadsts: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    known: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    graph_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    oauth_error: Option<&'static str>,
}

#[derive(Serialize)]
struct Evidence<'a> {
    source: &'static str,
    text: &'a str,
}

impl<'a> Finding<'a> {
    fn of(advice: &'a Advice) -> Self {
        let place = advice.place.as_ref();
        let evidence = |text: &'a String| Evidence { source: Source::Pasted.words(), text };
        let plain = Self {
            id: advice.finding.map(|finding| finding.id),
            link: advice.finding.map(|finding| finding.link.id()),
            certainty: advice.finding.map(|finding| match finding.certainty {
                Certainty::Certain => "certain",
                Certainty::Likeliest => "likeliest",
            }),
            title: &advice.title,
            evidence: advice.saw.iter().map(evidence).collect(),
            meaning: &advice.meaning,
            fix: &advice.fix,
            who: advice.who.map(engine::diagnosis::Who::words),
            page: place.map(|place| place.name),
            address: place.and_then(|place| place.address.as_ref()).map(ToString::to_string),
            aadsts: None,
            name: None,
            category: None,
            known: None,
            graph_code: None,
            oauth_error: None,
        };
        match &advice.about {
            About::Entra { number, name, category, known } => Self {
                aadsts: Some(*number),
                name: *name,
                category: category.map(|category| category.id()),
                known: Some(*known),
                ..plain
            },
            About::Graph(code) => Self { graph_code: Some(code), ..plain },
            About::Oauth(error) => Self { oauth_error: Some(error), ..plain },
            About::Finding | About::Symptom(_) | About::Token | About::Callback => plain,
        }
    }
}

/// The claims that explain what a token can do; none names a person.
#[derive(Serialize)]
struct Token<'a> {
    aud: &'a str,
    iss: &'a str,
    tid: Option<&'a str>,
    appid: Option<&'a str>,
    roles: &'a [String],
    scp: Option<&'a str>,
    idtyp: Option<&'a str>,
    iat: Option<i64>,
    nbf: Option<i64>,
    exp: Option<i64>,
    ver: Option<&'a str>,
}

impl<'a> Token<'a> {
    fn of(claims: &'a Claims) -> Self {
        Self {
            aud: &claims.aud,
            iss: &claims.iss,
            tid: claims.tid.as_deref(),
            appid: claims.app_id.as_deref(),
            roles: &claims.roles,
            scp: claims.scp.as_deref(),
            idtyp: claims.idtyp.as_deref(),
            iat: claims.iat,
            nbf: claims.nbf,
            exp: claims.exp,
            ver: claims.ver.as_deref(),
        }
    }
}

/// `gatehouse.explain-list/1`.
#[derive(Serialize)]
pub(super) struct Ids<'a> {
    schema: &'static str,
    ids: &'a [&'a str],
}

impl<'a> Ids<'a> {
    pub(super) fn of(ids: &'a [&'a str]) -> Self {
        Self { schema: "gatehouse.explain-list/1", ids }
    }
}
