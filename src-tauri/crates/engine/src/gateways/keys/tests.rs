use super::*;
use crate::gateways::sample::{self, RSA};

fn request(text: &str) -> KeyRequest {
    KeyRequest { text: text.to_owned(), gateway: None, new: NewGateways::Make, confirmed: Vec::new() }
}

fn targets(gateways: &[Gateway], request: &KeyRequest) -> Vec<String> {
    let told = |target: &KeyTarget| match target {
        KeyTarget::Gives(name) => format!("gives {name}"),
        KeyTarget::Has(name) => format!("has {name}"),
        KeyTarget::Changes(change) => format!("changes {}", change.gateway),
        KeyTarget::Makes { gateway, address } => format!("makes {gateway} at {address}"),
        KeyTarget::Spare(name) => format!("spare {name}"),
        KeyTarget::Ambiguous(name) => format!("ambiguous {name}"),
        KeyTarget::Nameless => "nameless".to_owned(),
    };
    preview(gateways, request).unwrap().found.iter().map(|found| told(&found.target)).collect()
}

#[test]
fn the_output_of_a_scan_becomes_gateways_with_their_best_keys() {
    let rsa = RSA.rsplit_once(' ').unwrap().0;
    let text = format!(
        "# plant-1:22 SSH-2.0-OpenSSH\nplant-1 {rsa}\nplant-1 {}\n[10.0.0.5]:2222 {}\nplant-2 {}\n|1|aGFzaA==|aGFzaA== {}\nnonsense\n",
        sample::key(1),
        sample::key(2),
        sample::key(3),
        sample::key(4),
    );
    let known = [Gateway::named(GatewayName::new("Plant-2").unwrap())];
    let asked = request(&text);
    assert_eq!(
        targets(&known, &asked),
        [
            "spare plant-1",
            "makes plant-1 at plant-1",
            "makes 10.0.0.5-2222 at 10.0.0.5:2222",
            "gives Plant-2",
            "nameless"
        ]
    );
    let seen = preview(&known, &asked).unwrap();
    assert_eq!(seen.problems.iter().map(|problem| problem.line).collect::<Vec<_>>(), [7]);
    assert_eq!(seen.found[0].line, 2);

    let mut gateways = known.to_vec();
    let KeysOutcome::Applied(applied) = apply(&mut gateways, &asked).unwrap() else {
        panic!("it is applied")
    };
    assert_eq!(
        applied.made.iter().map(GatewayName::as_str).collect::<Vec<_>>(),
        ["plant-1", "10.0.0.5-2222"]
    );
    assert_eq!(applied.given.len(), 1);
    let made = find(&gateways, "10.0.0.5-2222").unwrap();
    assert_eq!(
        (made.address.as_deref(), made.recipient.as_deref()),
        (Some("10.0.0.5:2222"), Some(sample::key(2).as_str()))
    );
    assert_eq!(
        targets(&gateways, &asked),
        ["spare plant-1", "has plant-1", "has 10.0.0.5-2222", "has Plant-2", "nameless"]
    );
}

#[test]
fn hosts_that_are_no_gateways_can_be_passed_over() {
    let mut gateways = vec![Gateway::named(GatewayName::new("plant-1").unwrap())];
    let text = format!("plant-1 {}\ngithub.com {}\n", sample::key(1), sample::key(2));
    let asked = KeyRequest { new: NewGateways::Leave, ..request(&text) };
    assert!(
        matches!(apply(&mut gateways, &asked).unwrap(), KeysOutcome::Applied(applied) if applied.made.is_empty())
    );
    assert_eq!(gateways.len(), 1);
    assert_eq!(gateways[0].recipient, Some(sample::key(1)));
}

#[test]
fn a_single_line_belongs_to_the_gateway_that_was_named_or_to_the_host_in_its_comment() {
    let line = format!("{} root@plant-7", sample::key(1));
    assert_eq!(targets(&[], &request(&line)), ["makes plant-7 at plant-7"]);
    assert_eq!(targets(&[], &request(&sample::key(1))), ["nameless"]);
    let named = KeyRequest { gateway: Some("plant-1".to_owned()), ..request(&line) };
    assert_eq!(targets(&[sample::gateway("Plant-1", 1, &[])], &named), ["has Plant-1"]);
    assert_eq!(
        preview(&[], &KeyRequest { gateway: Some("-".to_owned()), ..named }).unwrap_err().field,
        Some("gateway")
    );
}

#[test]
fn another_key_asks_and_forgets_what_the_old_one_confirmed() {
    let mut gateways = vec![sample::gateway("plant-1", 1, &["secret-a"])];
    gateways[0].confirmed = Some(crate::gateways::Confirmed {
        sequence: 1,
        credential_id: "secret-a".to_owned(),
        opened_at: "2026-11-20T15:00:00Z".parse().unwrap(),
        tested_at: None,
        received_at: "2026-11-20T15:00:00Z".parse().unwrap(),
        self_test: bundle::SelfTest::Ok,
    });
    let before = gateways.clone();
    let mut asked = request(&format!("plant-1 {}\nplant-2 {}\n", sample::key(2), sample::key(3)));
    let KeysOutcome::Asks(changes) = apply(&mut gateways, &asked).unwrap() else { panic!("it asks") };
    assert_eq!(gateways, before, "nothing is changed, not even the new gateway is made");
    let [change] = changes.as_slice() else { panic!("one key would change") };
    assert!(change.from.starts_with("SHA256:") && change.from != change.to);

    asked.confirmed = vec![change.from.clone()];
    assert!(
        matches!(apply(&mut gateways, &asked).unwrap(), KeysOutcome::Asks(_)),
        "another key was confirmed"
    );
    asked.confirmed = vec![change.to.clone()];
    let KeysOutcome::Applied(applied) = apply(&mut gateways, &asked).unwrap() else {
        panic!("it is confirmed")
    };
    assert_eq!((applied.changed.len(), applied.made.len()), (1, 1));
    let changed = find(&gateways, "plant-1").unwrap();
    assert_eq!((changed.recipient.clone(), &changed.confirmed), (Some(sample::key(2)), &None));
    assert_eq!(changed.issued.len(), 1, "what was sealed is still known");
}

#[test]
fn the_present_key_is_kept_when_the_gateway_still_has_it() {
    let rsa = RSA.rsplit_once(' ').unwrap().0;
    let mut gateway = Gateway::named(GatewayName::new("plant-1").unwrap());
    gateway.recipient = Some(rsa.to_owned());
    let text = format!("plant-1 {}\nplant-1 {rsa}\n", sample::key(1));
    assert_eq!(targets(&[gateway], &request(&text)), ["spare plant-1", "has plant-1"]);
}

#[test]
fn two_keys_of_one_kind_for_one_gateway_are_not_guessed_about() {
    let text =
        format!("plant-1 {}\nplant-1 {}\nplant-1 {}\n", sample::key(1), sample::key(2), sample::key(1));
    let asked = request(&text);
    assert_eq!(targets(&[], &asked), ["ambiguous plant-1"; 3]);
    let mut gateways = Vec::new();
    assert_eq!(apply(&mut gateways, &asked).unwrap(), KeysOutcome::Applied(KeysApplied::default()));
    assert!(gateways.is_empty());
    let same = format!("plant-1 {0}\nplant-1 {0}\n", sample::key(1));
    assert_eq!(targets(&[], &request(&same)), ["makes plant-1 at plant-1", "spare plant-1"]);
}

#[test]
fn a_key_that_another_gateway_has_is_given_and_said() {
    let mut gateways = vec![sample::gateway("plant-1", 1, &[]), sample::gateway("plant-9", 9, &[])];
    let asked = request(&format!("plant-2 {}\nplant-3 {}\n", sample::key(1), sample::key(3)));
    let foretold = preview(&gateways, &asked).unwrap().shared;
    let KeysOutcome::Applied(applied) = apply(&mut gateways, &asked).unwrap() else {
        panic!("nothing is asked")
    };
    assert_eq!((applied.made.len(), &applied.shared), (2, &foretold));
    let said: Vec<String> = foretold.iter().map(SharedKey::says).collect();
    assert_eq!(
        said,
        ["plant-1 and plant-2 have the same key: either of them can open what is sealed for the other."]
    );
    let alone = request(&format!("plant-9 {}\n", sample::key(9)));
    assert!(preview(&gateways, &alone).unwrap().shared.is_empty(), "plant-9 has nothing to do with it");
    let passed_over =
        KeyRequest { new: NewGateways::Leave, ..request(&format!("plant-4 {}\n", sample::key(9))) };
    assert!(preview(&gateways, &passed_over).unwrap().shared.is_empty());
}
