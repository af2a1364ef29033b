//! Bundles were sealed, and gateways have not answered that they work with the current credential.

use crate::{
    diagnosis::{Case, Check, Link, Outcome, Problem, Saw, Who, Words},
    evidence::Source,
    gateways::GatewayStanding,
    words,
};

pub(super) static CHECK: Check = Check {
    id: "bundle-unconfirmed",
    link: Link::Gateway,
    words: Words {
        title: "Not every gateway has confirmed the current credential",
        meaning: "A gateway without a receipt may still work with an earlier credential, and stops when that one ends. \
                  Do not retire the earlier one yet. Waiting helps only while bundles are on their way.",
        fix: &[
            "Seal new bundles for gateways whose newest one holds an earlier credential.",
            "Open each bundle on its gateway, with the commands in `OPEN.txt` or with `gatehouse bundle open`.",
            "Bring the receipts back, under **Gateways** or with `gatehouse gateways receipt`.",
        ],
        who: Who::You,
        page: None,
    },
    run,
};

/// Gateways that are named, of each kind.
const NAMED: usize = 5;

fn run(case: &Case<'_>) -> Outcome {
    if case.gateways.iter().all(|gateway| gateway.newest().is_none()) {
        return Outcome::Skipped;
    }
    let standings = case.gateways.iter();
    let standings: Vec<(&str, GatewayStanding)> =
        standings.map(|gateway| (gateway.name.as_str(), gateway.standing(case.connection))).collect();
    let of_kind = |wanted: fn(&GatewayStanding) -> bool| -> Vec<String> {
        let found = standings.iter().filter(|(_, standing)| wanted(standing));
        found
            .map(|(name, standing)| match standing {
                GatewayStanding::Failed(code) | GatewayStanding::HeldBack(code) => {
                    format!("{name} (`{code}`)")
                }
                _ => (*name).to_owned(),
            })
            .collect()
    };
    let failed = of_kind(|standing| matches!(standing, GatewayStanding::Failed(_)));
    let held_back = of_kind(|standing| matches!(standing, GatewayStanding::HeldBack(_)));
    let outdated = of_kind(|standing| *standing == GatewayStanding::Outdated);
    let unconfirmed = of_kind(|standing| *standing == GatewayStanding::Unconfirmed);
    let unsure = of_kind(|standing| *standing == GatewayStanding::CouldNotTell);
    let open = failed.len() + held_back.len() + outdated.len() + unconfirmed.len() + unsure.len();
    if open == 0 {
        return Outcome::Pass;
    }
    // They open nothing: a bundle for a new gateway may take its time. They are told so that the numbers add up.
    let unsealed =
        of_kind(|standing| matches!(standing, GatewayStanding::NoKey | GatewayStanding::NotSealed));
    let lines = [
        (failed, "", " tried the current credential, and the test failed"),
        (
            held_back,
            "",
            " did not install the current credential because the test failed, and went on with the earlier one",
        ),
        (outdated, "The newest bundle of ", " holds an earlier credential"),
        (unconfirmed, "A bundle with the current credential was sealed for ", ", and no receipt came"),
        (
            unsure,
            "The secret comes with each call and is kept nowhere, so it cannot be told whether it is the one in the newest \
             bundle, which was confirmed by ",
            "",
        ),
        (unsealed, "No bundle was sealed yet for ", ""),
    ];
    let mut lines = lines.into_iter().filter(|(names, ..)| !names.is_empty());
    let all = words::count(standings.len(), "gateway", "gateways");
    let saw = |(names, before, after): (Vec<String>, &str, &str)| {
        let text = format!("{before}{} of {all}{after}: {}.", names.len(), list(&names));
        Saw::new(Source::Computer, text)
    };
    let Some(first) = lines.next() else { return Outcome::Pass };
    let problem = lines.fold(Problem::attention(saw(first)), |problem, line| problem.and_saw(saw(line)));
    let confirmed = of_kind(|standing| *standing == GatewayStanding::Confirmed).len();
    problem.word(format!("{confirmed} of {}", standings.len())).found()
}

fn list(names: &[String]) -> String {
    let named = names.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use bundle::{GatewayName, SelfTest};

    use super::*;
    use crate::{
        connection::{Connection, Credential},
        diagnosis::checks::fixture,
        gateways::{Confirmed, Gateway, sample},
        profile::shipped_profile,
    };

    fn outcome(connection: &Connection, gateways: &[Gateway]) -> Outcome {
        let profile = shipped_profile(&connection.profile).unwrap();
        run(&Case::of(connection, &profile, fixture::now()).with_gateways(gateways))
    }

    fn sealed(name: &str, credential_id: &str) -> Gateway {
        sample::gateway(name, 1, &[credential_id])
    }

    fn answered(mut gateway: Gateway, self_test: SelfTest) -> Gateway {
        let credential_id = gateway.newest().unwrap().credential_id.clone();
        let at = fixture::now();
        gateway.confirmed = Some(Confirmed {
            sequence: 1,
            credential_id,
            opened_at: at,
            tested_at: None,
            received_at: at,
            self_test,
        });
        gateway
    }

    fn current(connection: &Connection) -> String {
        connection.credential.as_ref().map(Credential::id).unwrap()
    }

    #[test]
    fn gateways_without_a_receipt_for_the_current_credential_are_named() {
        let connection = fixture::healthy();
        let id = current(&connection);
        let failed = SelfTest::Failed { code: "AADSTS7000222".to_owned() };
        let mut gateways = vec![
            answered(sealed("works", &id), SelfTest::Ok),
            answered(sealed("broken", &id), failed),
            answered(sealed("behind", "secret-of-yesterday"), SelfTest::Ok),
        ];
        gateways.extend((1..=7).map(|number| sealed(&format!("plant-{number}"), &id)));
        gateways.push(Gateway::named(GatewayName::new("new").unwrap()));
        let Outcome::Problem(found) = outcome(&connection, &gateways) else { panic!("it is a finding") };
        let texts: Vec<&str> = found.saw.iter().map(|saw| saw.text.as_str()).collect();
        assert_eq!(
            texts,
            [
                "1 of 11 gateways tried the current credential, and the test failed: broken (`AADSTS7000222`).",
                "The newest bundle of 1 of 11 gateways holds an earlier credential: behind.",
                "A bundle with the current credential was sealed for 7 of 11 gateways, and no receipt came: plant-1, \
                 plant-2, plant-3, plant-4, plant-5 and 2 more.",
                "No bundle was sealed yet for 1 of 11 gateways: new.",
            ]
        );
        assert_eq!(found.word.as_deref(), Some("1 of 11"));
        assert_eq!(found.severity, crate::diagnosis::Severity::Attention);
    }

    #[test]
    fn receipts_of_all_gateways_pass() {
        let connection = fixture::healthy();
        let id = current(&connection);
        let mut age = sealed("age", &id);
        age.recipient = Some("age1jlc7rur7gg4qk3g2fyy8x8yrfmcvfw24wd4h3fhmctc6m5mk2c5sjf5x5c".to_owned());
        let gateways =
            [answered(sealed("a", &id), SelfTest::Ok), answered(sealed("b", &id), SelfTest::NotRun), age];
        assert!(matches!(outcome(&connection, &gateways), Outcome::Pass));
    }

    #[test]
    fn without_a_sealed_bundle_there_is_nothing_to_confirm() {
        let connection = fixture::healthy();
        assert!(matches!(outcome(&connection, &[]), Outcome::Skipped));
        let listed = Gateway::named(GatewayName::new("plant-1").unwrap());
        assert!(matches!(outcome(&connection, &[listed]), Outcome::Skipped));
    }
}
