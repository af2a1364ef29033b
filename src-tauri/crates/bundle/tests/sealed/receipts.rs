//! Receipts are believed when the gateway's own host key signed them, byte for byte.

use bundle::{GatewayKeyProblem, Receipt, ReceiptProblem, SelfTest, verify_receipt};

use crate::{
    archive::signature,
    given::{ED25519, OTHER, Pair, RSA, RSA_PEM, X25519, open, sealed, time},
};

pub(crate) fn receipt(pair: Pair) -> Receipt {
    let opened = open(&sealed(pair), &pair.key()).unwrap();
    Receipt::of(&opened, time("2026-11-21T08:00:00Z"), SelfTest::Failed { code: "AADSTS7000222".to_owned() })
}

#[test]
fn a_receipt_is_believed_from_the_gateway_that_signed_it() {
    for pair in [ED25519, RSA, RSA_PEM] {
        for self_test in [SelfTest::NotRun, SelfTest::Ok, SelfTest::Failed { code: "no-roles".to_owned() }] {
            let receipt = Receipt { self_test, ..receipt(pair) };
            let file = receipt.sign(&pair.key()).unwrap();
            assert_eq!(verify_receipt(&file, &pair.recipient()).unwrap(), receipt);
            let problem = verify_receipt(&file, &OTHER.recipient()).unwrap_err();
            assert!(matches!(problem, ReceiptProblem::OtherSigner { .. }), "{problem}");
        }
    }
}

#[test]
fn the_first_line_is_the_whole_statement() {
    let file = String::from_utf8(receipt(ED25519).sign(&ED25519.key()).unwrap()).unwrap();
    let (line, rest) = file.split_once('\n').unwrap();
    let manifest = receipt(ED25519).manifest_sha256;
    assert_eq!(
        line,
        format!(
            "{{\"format\":\"gatehouse.receipt/1\",\"gateway\":\"plant-3\",\"bundle_sequence\":7,\
             \"manifest_sha256\":\"{manifest}\",\"credential_id\":\"key 7c9e6679-7425-40de-944b-e07fc1f90ae7\",\
             \"opened_at\":\"2026-11-21T08:00:00Z\",\"self_test\":{{\"outcome\":\"failed\",\"code\":\"AADSTS7000222\"}}}}"
        )
    );
    assert!(rest.starts_with("-----BEGIN SSH SIGNATURE-----\n"));

    let tried = Receipt { tested_at: Some(time("2026-11-21T08:05:00Z")), ..receipt(ED25519) };
    let file = String::from_utf8(tried.sign(&ED25519.key()).unwrap()).unwrap();
    assert!(file.contains(
        ",\"opened_at\":\"2026-11-21T08:00:00Z\",\"tested_at\":\"2026-11-21T08:05:00Z\",\"self_test\":"
    ));
    assert_eq!(verify_receipt(file.as_bytes(), &ED25519.recipient()).unwrap(), tried);
    let untried = Receipt { self_test: SelfTest::NotRun, ..tried };
    let problem = untried.sign(&ED25519.key()).unwrap_err();
    assert!(matches!(problem, ReceiptProblem::Content { field, .. } if field == "tested_at"));
    assert!(rest.ends_with("\n-----END SSH SIGNATURE-----\n"));
}

#[test]
fn every_single_bit_of_a_receipt_matters() {
    let (file, recipient) = (receipt(ED25519).sign(&ED25519.key()).unwrap(), ED25519.recipient());
    for bit in 0..file.len() * 8 {
        let mut bytes = file.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert!(verify_receipt(&bytes, &recipient).is_err(), "bit {bit}");
    }
    for length in 0..file.len() {
        assert!(verify_receipt(&file[..length], &recipient).is_err(), "{length}");
    }
}

#[test]
fn hostile_receipts_have_their_own_texts() {
    let seed = [7; 32];
    let good = receipt(ED25519).sign(&ED25519.key()).unwrap();
    let end = 1 + good.iter().position(|byte| *byte == b'\n').unwrap();
    let text = String::from_utf8(good[..end].to_vec()).unwrap();
    let with_line =
        |line: &str| verify_receipt(&[line.as_bytes(), &good[end..]].concat(), &ED25519.recipient());
    // The key behind the seed, as a gateway's own.
    let own = bundle::SigningKey::from_seed(&seed).verifying_key().allowed_signers_line();
    let own = bundle::Recipient::from_line(
        own.split_once(" ssh").map(|(_, key)| format!("ssh{key}")).unwrap().as_str(),
    )
    .unwrap();
    let signed = |line: &str, namespace| {
        verify_receipt(&[line.as_bytes(), &signature(line.as_bytes(), namespace, &seed)].concat(), &own)
            .unwrap_err()
    };
    let namespace = "gatehouse-receipt";
    verify_receipt(&[text.as_bytes(), &signature(text.as_bytes(), namespace, &seed)].concat(), &own).unwrap();
    let texts = [
        verify_receipt(b"", &own).unwrap_err(),
        verify_receipt(&vec![b'x'; bundle::MAX_RECEIPT_BYTES + 1], &own).unwrap_err(),
        verify_receipt(&good[..end], &ED25519.recipient()).unwrap_err(),
        verify_receipt(&[&good[..], b"\n"].concat(), &ED25519.recipient()).unwrap_err(),
        with_line(&text.replace("\"bundle_sequence\":7", "\"bundle_sequence\":8")).unwrap_err(),
        with_line(&text.replace("receipt/1", "receipt/2")).unwrap_err(),
        with_line("{}\n").unwrap_err(),
        signed(&text, "gatehouse-bundle"),
        signed(&text.replace("{\"format\"", "{\"extra\":1,\"format\""), namespace),
        signed(&text.replace(",\"gateway\"", ", \"gateway\""), namespace),
        signed(&text.replace("AADSTS7000222", "a b"), namespace),
        signed(&text.replace("\"bundle_sequence\":7", "\"bundle_sequence\":0"), namespace),
        verify_receipt(&good, &X25519.recipient()).unwrap_err(),
        receipt(X25519).sign(&X25519.key()).unwrap_err(),
    ];
    use ReceiptProblem as P;
    let content = |field: &str, what: &str| P::Content { field: field.to_owned(), what: what.to_owned() };
    assert_eq!(
        texts,
        [
            P::NotAReceipt,
            P::TooLarge,
            P::SignatureMissing,
            P::SignatureUnreadable,
            P::SignatureWrong,
            P::UnknownVersion,
            P::NotAReceipt,
            P::WrongNamespace,
            P::NotAReceipt,
            P::NotAReceipt,
            content("self_test.code", "is not a short code"),
            content("bundle_sequence", "is not between 1 and 9007199254740991"),
            P::AgeKey,
            P::Key(GatewayKeyProblem::CannotSign),
        ]
    );
}
