//! The claims of a token, each with its verdict.

use engine::{Report, diagnosis::LinkState, words};

use crate::wire::{ClaimRow, ClaimState, TokenView};

impl TokenView {
    pub(super) fn of(report: &Report) -> Option<Self> {
        let engine::evidence::Fact::Seen(seen) = &report.connection.evidence.token else { return None };
        let claims = seen.value.claims.as_ref()?;
        let expires = claims.exp.unwrap_or_else(|| seen.at.as_second());
        let left = (expires - report.now.as_second()).div_euclid(60);
        Some(Self {
            fetched_at: seen.at.to_string(),
            took_ms: seen.took_ms,
            minutes_left: i32::try_from(left).unwrap_or(i32::MAX),
            request_id: seen.value.request_id.clone(),
            claims: rows(report, claims, left),
            raw: serde_json::to_string_pretty(claims).unwrap_or_default(),
        })
    }
}

fn rows(report: &Report, claims: &engine::diagnosis::Claims, minutes_left: i64) -> Vec<ClaimRow> {
    let found = |id: &str| report.chain.findings.iter().any(|finding| finding.id == id);
    let judged = |claim: &str, value: String, wrong: bool, right: &str, not: &str| ClaimRow {
        claim: claim.to_owned(),
        value,
        verdict: if wrong { not } else { right }.to_owned(),
        state: if wrong { ClaimState::Wrong } else { ClaimState::Right },
    };
    let connection = &report.connection;
    let tenant = connection.tenant_id();
    let same = |left: &Option<String>, right: &Option<String>| {
        left.as_deref().zip(right.as_deref()).is_some_and(|(left, right)| left.eq_ignore_ascii_case(right))
    };
    let wanted = report.profile.required(&connection.custom_permissions);
    let missing = wanted.iter().filter(|name| !engine::profile::covered(&claims.roles, name)).count();
    let delegated = claims.scp.is_some() || claims.idtyp.as_deref() == Some("user");
    let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "–".to_owned());
    let roles = if claims.roles.is_empty() { "–".to_owned() } else { claims.roles.join(", ") };
    let mut rows = vec![
        judged(
            "aud",
            claims.aud.clone(),
            found("wrong-audience"),
            "For Microsoft Graph",
            "Not for Microsoft Graph",
        ),
        judged("iss", claims.iss.clone(), found("wrong-issuer"), "Your tenant", "Another issuer"),
        judged("tid", text(&claims.tid), !same(&claims.tid, &tenant), "Your tenant", "Another tenant"),
        judged(
            "appid",
            text(&claims.app_id),
            !same(&claims.app_id, &connection.client_id),
            "Your app",
            "Another app",
        ),
        judged("idtyp", text(&claims.idtyp), delegated, "App-only", "A person’s token"),
        judged(
            "roles",
            roles,
            missing > 0,
            &format!("{} of {}", wanted.len(), wanted.len()),
            &format!("{} of {}", wanted.len() - missing, wanted.len()),
        ),
        judged(
            "scp",
            text(&claims.scp),
            claims.scp.is_some(),
            "Absent, as it should be",
            "Delegated permissions",
        ),
    ];
    let expired = minutes_left <= 0;
    rows.push(judged(
        "exp",
        claims
            .exp
            .and_then(|at| jiff::Timestamp::from_second(at).ok())
            .map_or_else(|| "–".to_owned(), words::moment),
        expired && report.chain.link(engine::diagnosis::Link::Token).state == LinkState::Broken,
        &if expired {
            "Ended; fetched anew whenever it is needed".to_owned()
        } else {
            format!("{minutes_left} min left")
        },
        "Expired",
    ));
    rows.push(ClaimRow {
        claim: "ver".to_owned(),
        value: text(&claims.ver),
        verdict: "Graph’s own choice".to_owned(),
        state: ClaimState::Information,
    });
    rows
}
