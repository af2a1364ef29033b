use engine::{
    Cloud, Gatehouse, Report,
    evidence::{Fact, HostAnswer},
};

use crate::wire::{CloudChoice, HostView, PrepareView, ProfileChoice, UnusableProfile};

impl PrepareView {
    pub(crate) fn of(report: &Report, engine: &Gatehouse) -> Self {
        let evidence = &report.connection.evidence;
        let endpoints = &report.connection.endpoints;
        let host = |purpose: &str, url: &url::Url, fact: &Fact<HostAnswer>| HostView {
            purpose: purpose.to_owned(),
            host: match (url.host_str(), url.port()) {
                (Some(host), Some(port)) => format!("{host}:{port}"),
                (host, _) => host.unwrap_or_default().to_owned(),
            },
            answered: match fact {
                Fact::NotTried | Fact::CouldNotTell(_) => None,
                Fact::Seen(_) => Some(true),
                Fact::Refused(_) => Some(false),
            },
            took_ms: match fact {
                Fact::Seen(seen) if seen.took_ms > 0 => Some(seen.took_ms),
                _ => None,
            },
        };
        let ahead = |fact: &Fact<HostAnswer>| fact.value().and_then(|answer| answer.clock_ahead_seconds);
        let shelf = engine.profiles();
        Self {
            clouds: Cloud::ALL
                .into_iter()
                .map(|cloud| CloudChoice {
                    id: cloud.id().to_owned(),
                    name: cloud.name().to_owned(),
                    graph_host: cloud.graph().trim_start_matches("https://").to_owned(),
                })
                .collect(),
            profiles: shelf
                .profiles
                .iter()
                .map(|profile| ProfileChoice {
                    id: profile.id.clone(),
                    name: profile.name.clone(),
                    summary: profile.summary.clone(),
                    permissions: u8::try_from(if profile.custom { 0 } else { profile.permissions.len() })
                        .unwrap_or(u8::MAX),
                })
                .collect(),
            unusable_profiles: UnusableProfile::all(&shelf),
            profile: report.profile.id.clone(),
            hosts: vec![
                host("Sign-in", endpoints.authority(), &evidence.authority),
                host("Directory", endpoints.graph(), &evidence.graph),
            ],
            clock: ahead(&evidence.graph).or(ahead(&evidence.authority)).map(clock_words),
        }
    }
}

fn clock_words(ahead: i64) -> String {
    match ahead {
        -2..=2 => "Right within 2 s".to_owned(),
        3.. => format!("{ahead} s fast"),
        _ => format!("{} s slow", -ahead),
    }
}
