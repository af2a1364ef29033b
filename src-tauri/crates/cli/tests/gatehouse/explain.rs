//! `gatehouse explain` as a process: exact words, exit codes, and nothing confidential in what it prints.

use std::{
    io::Write,
    process::{Output, Stdio},
};

use crate::support::{code, errors, json, program};

fn explain(arguments: &[&str]) -> Output {
    let home = tempfile::tempdir().unwrap();
    program(home.path()).arg("explain").args(arguments).output().unwrap()
}

/// With a text on standard input.
fn piped(arguments: &[&str], text: &[u8]) -> Output {
    let home = tempfile::tempdir().unwrap();
    let mut command = program(home.path());
    command
        .arg("explain")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut running = command.spawn().unwrap();
    // A reader that has had enough closes the pipe, which is no fault of this test's.
    running.stdin.take().unwrap().write_all(text).ok();
    running.wait_with_output().unwrap()
}

fn printed(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn ids() -> Vec<String> {
    printed(&explain(&["--list"])).lines().map(str::to_owned).collect()
}

#[test]
fn a_finding_is_explained_in_these_words() {
    let output = explain(&["secret-expired"]);
    assert_eq!(
        printed(&output),
        "\
The client secret has ended
  Credential · secret-expired
  Read as        a finding of Gatehouse
  What it means  Gateways keep working until their current token ends, at most about an hour. After that, no sign-in. Waiting does not help.
  How to fix it  1. Open Certificates & secrets and choose New client secret.
                 2. Copy its Value and paste it here.
                 3. When it is proven, write the config again and bring it to every gateway.
                 4. Then delete the old secret.
  Who            Application Administrator or Cloud Application Administrator
  Where          App registrations › the app › Certificates & secrets
"
    );
    assert_eq!((code(&output), errors(&output).as_str()), (0, ""));
}

#[test]
fn a_number_without_a_finding_is_explained_in_these_words() {
    assert_eq!(
        printed(&explain(&["AADSTS50011"])),
        "\
The redirect address is not one of the app’s own
  Read as        a number of Entra ID
  What we saw    AADSTS50011 (InvalidReplyTo).
  What it means  The sign-in or consent page stops before anybody can agree. Waiting does not help.
  How to fix it  1. Register the address under Authentication, exactly as it is sent, or leave redirect_uri out of the consent link.
"
    );
}

#[test]
fn an_answer_of_entra_id_is_explained_in_these_words() {
    let answer = br#"{"error":"unauthorized_client","error_description":"AADSTS700016: Application not found.\r\nTrace ID: 0a0a0a0a-0000-4000-8000-000000000001","error_codes":[700016,70002],"trace_id":"0a0a0a0a-0000-4000-8000-000000000001","timestamp":"2026-01-02 03:04:05Z"}"#;
    let output = piped(&["-"], answer);
    let text = printed(&output);
    assert!(text.starts_with("This client ID is not in this tenant\n  App · app-unknown\n"), "{text}");
    assert!(text.contains("\n  Read as        an error answer of Entra ID\n"), "{text}");
    assert!(
        text.contains("\n                 It says: “AADSTS700016: Application not found. Trace ID: 0a0a"),
        "{text}"
    );
    assert!(
        text.ends_with(
            "\n  For support    trace 0a0a0a0a-0000-4000-8000-000000000001 · 2026-01-02 03:04:05Z\n\nAlso in it:\n  \
             AADSTS70002: The credential was refused (credential-refused)\n"
        ),
        "{text}"
    );
    assert_eq!(code(&output), 0);
}

#[test]
fn what_is_not_known_ends_with_3_and_says_what_can_be_pasted() {
    let output = explain(&["it does not work"]);
    assert_eq!(
        printed(&output),
        "Nothing in this text is known to Gatehouse.\nPaste one of these: a finding’s id such as secret-expired, a number \
         such as AADSTS7000215, a code of Microsoft Graph, an error answer as JSON, a log or an exception with one of \
         these in it, the address that a consent page came back to, or an access token.\n"
    );
    assert_eq!(code(&output), 3);
    let answer = explain(&["--json", "it does not work"]);
    assert_eq!((code(&answer), &json(&answer)["recognised"]), (3, &serde_json::Value::Bool(false)));
}

#[test]
fn nothing_given_is_a_fault_of_usage() {
    for arguments in [&[][..], &[""], &["  "], &["--list", "secret-expired"]] {
        assert_eq!(code(&explain(arguments)), 2, "{arguments:?}");
    }
    assert_eq!(code(&piped(&["-"], b" \n")), 2);
}

#[test]
fn every_listed_id_is_explained_and_every_finding_is_listed() {
    let ids = ids();
    assert!(ids.len() > 50, "{ids:?}");
    assert_eq!(json(&explain(&["--list", "--json"]))["ids"].as_array().unwrap().len(), ids.len());
    for id in &ids {
        let output = explain(&["--json", id]);
        let answer = json(&output);
        assert_eq!((code(&output), answer["id"].as_str()), (0, Some(id.as_str())));
        assert_eq!(answer["schema"], "gatehouse.explain/1");
        for name in ["link", "title", "meaning", "fix", "who"] {
            assert!(!answer["findings"][0][name].is_null(), "{id}: {name}");
        }
    }
}

#[test]
fn a_refused_consent_is_a_refusal_whatever_the_address_says() {
    let address = "http://localhost:8400/c?admin_consent=True&error=consent_required&error_description=AADSTS65004%3a+no";
    let answer = json(&explain(&["--json", address]));
    assert_eq!(answer["read_as"], "consent-callback");
    assert!(
        answer["findings"][0]["evidence"][0]["text"].as_str().unwrap().contains("error=consent_required")
    );
}

#[test]
fn a_log_in_the_other_encoding_of_windows_is_read() {
    let wide: Vec<u8> = "\u{feff}AADSTS7000222: ended".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(json(&piped(&["--json", "-"], &wide))["id"], "secret-expired");
}

#[test]
fn a_long_log_is_cut_and_that_is_said() {
    let log = format!("AADSTS7000215\n{}", "x ".repeat(400_000));
    let answer = json(&piped(&["--json", "-"], log.as_bytes()));
    assert_eq!((answer["id"].as_str(), answer["shortened"].as_bool()), (Some("secret-wrong"), Some(true)));
    assert!(answer.to_string().len() < 256 * 1024);
}

#[test]
fn nothing_confidential_is_printed_and_a_token_is_better_piped() {
    let token = "eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJodHRwczovL2dyYXBoLm1pY3Jvc29mdC5jb20iLCJpc3MiOiJodHRwczovL3N0cy53aW5kb3dzLm5ldC8xMTExMTExMS0xMTExLTQxMTEtODExMS0xMTExMTExMTExMTEvIiwic2NwIjoiVXNlci5SZWFkIiwidXBuIjoiY2FuYXJ5QGNvbnRvc28uY29tIn0.Y2FuYXJ5";
    let text = format!("Bearer {token} client_secret=canary-1 canary@contoso.com AADSTS50126");
    for arguments in [&["-"][..], &["--json", "-"]] {
        let output = piped(arguments, text.as_bytes());
        let all = format!("{}{}", printed(&output), errors(&output));
        assert!(!all.contains("canary") && !all.contains("Y2FuYXJ5"), "{all}");
    }
    let argument = explain(&[token]);
    assert!(errors(&argument).contains("gatehouse explain -"), "{}", errors(&argument));
    assert!(printed(&argument).starts_with("The token speaks for a user, not for the app\n"));
    assert_eq!(errors(&piped(&["-"], token.as_bytes())), "");
}

#[test]
fn what_comes_from_a_paste_cannot_steer_the_terminal() {
    let output = piped(
        &["-"],
        b"{\"error\":\"invalid_client\",\"error_description\":\"\\u001b[2J\\u001b]0;x\\u0007 \\u202e gone\"}",
    );
    assert!(!printed(&output).contains(['\u{1b}', '\u{7}', '\u{202e}']), "{}", printed(&output));
}
