//! `gatehouse certificate`, with OpenSSL as the reader and the practice tenant as the service.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::Arc,
};

use engine::{
    Endpoints, Gatehouse, NewConnection, Registration, Setup,
    clock::SystemClock,
    vault::{MemoryVault, Vault},
};
use practice::Options;

use crate::support::{Bench, code, errors, files_with, findings, json, program, run};

const NAME: &str = "contoso-print";

/// A practice tenant, and a saved connection to it without a credential.
async fn saved() -> Bench {
    let bench = Bench::with(Options::default()).await;
    let facts = bench.practice.facts();
    let keychain: Arc<dyn Vault> = Arc::new(MemoryVault::default());
    let engine = Gatehouse::new(Setup {
        home: bench.home.path().to_owned(),
        keychain,
        clock: Arc::new(SystemClock),
        user_agent: "test".to_owned(),
    });
    let new = NewConnection {
        name: "Contoso print".to_owned(),
        endpoints: Endpoints::custom(&facts.authority, &facts.graph).unwrap(),
        practice: true,
        ca_file: Some(bench.home.path().join("ca.pem").to_string_lossy().into_owned()),
    };
    let id = engine.create(new).unwrap().id;
    let (tenant, client_id) = (facts.domain.clone(), facts.client_id.clone());
    engine.save_registration(&id, &Registration { tenant, client_id, name: String::new() }).unwrap();
    assert_eq!(id, NAME);
    bench
}

async fn certificate(bench: &Bench, arguments: &[&str]) -> Output {
    let mut program = program(bench.home.path());
    program.arg("certificate").args(arguments).current_dir(bench.home.path());
    run(program).await
}

async fn made(bench: &Bench) -> (PathBuf, PathBuf) {
    let output =
        certificate(bench, &[NAME, "new", "--bits", "2048", "--key-file", "key.pem", "--cer", "g.cer"]).await;
    assert_eq!(code(&output), 0, "{}", errors(&output));
    (bench.home.path().join("key.pem"), bench.home.path().join("g.cer"))
}

/// What OpenSSL prints, which has to end well.
fn openssl(arguments: &[&str], file: &Path) -> String {
    let output = Command::new("openssl").args(arguments).arg("-in").arg(file).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn hexadecimal(fingerprint: &str) -> String {
    fingerprint.trim().rsplit('=').next().unwrap().replace(':', "")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_made_here_openssl_reads_and_the_practice_tenant_takes() {
    let bench = saved().await;
    let (key, cer) = made(&bench).await;
    let text = openssl(&["x509", "-inform", "der", "-noout", "-text"], &cer);
    for part in [
        "CN = gatehouse-contoso-print",
        "Public-Key: (2048 bit)",
        "sha256WithRSAEncryption",
        "Digital Signature",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    openssl(&["x509", "-inform", "der", "-noout", "-checkend", &(364 * 86_400).to_string()], &cer);
    openssl(&["pkey", "-check", "-noout"], &key);
    let of_key = openssl(&["pkey", "-pubout"], &key);
    assert_eq!(of_key, openssl(&["x509", "-inform", "der", "-noout", "-pubkey"], &cer));

    let shown = json(&certificate(&bench, &[NAME, "show", "--json"]).await);
    assert_eq!(shown["schema"], "gatehouse.certificate/1");
    assert_eq!((&shown["kept"], &shown["key_bits"]), (&"file".into(), &2048.into()));
    let sha1 = openssl(&["x509", "-inform", "der", "-noout", "-fingerprint", "-sha1"], &cer);
    assert_eq!(shown["thumbprint"], hexadecimal(&sha1));
    let sha256 = openssl(&["x509", "-inform", "der", "-noout", "-fingerprint", "-sha256"], &cer);
    assert_eq!(shown["sha256"], hexadecimal(&sha256));

    let check = async || {
        let mut check = program(bench.home.path());
        check.args(["check", NAME, "--json", "--consent-wait", "0"]);
        run(check).await
    };
    let before = check().await;
    assert_eq!((code(&before), findings(&json(&before))), (1, vec!["certificate-unknown"]));
    bench.practice.upload_certificate(&fs::read(&cer).unwrap()).unwrap();
    let after = check().await;
    assert_eq!(code(&after), 0, "{}", json(&after));
}

#[tokio::test(flavor = "multi_thread")]
async fn thumbprints_are_compared_in_any_spelling() {
    let bench = saved().await;
    made(&bench).await;
    let shown = json(&certificate(&bench, &[NAME, "show", "--json"]).await);
    let thumbprint = shown["thumbprint"].as_str().unwrap();
    let spaced: Vec<String> = thumbprint
        .to_lowercase()
        .as_bytes()
        .chunks(2)
        .map(|p| String::from_utf8_lossy(p).into_owned())
        .collect();
    for same in [thumbprint.to_owned(), spaced.join(" "), spaced.join(":")] {
        let output = certificate(&bench, &[NAME, "show", "--json", "--compare", &same]).await;
        assert_eq!((code(&output), &json(&output)["compared"]), (0, &"equal".into()), "{same}");
    }
    let last = if thumbprint.ends_with('0') { "1" } else { "0" };
    let other = format!("{}{last}", &thumbprint[..39]);
    let output = certificate(&bench, &[NAME, "show", "--compare", &other]).await;
    assert_eq!(code(&output), 1);
    assert!(errors(&output).contains("pair 20 is"), "{}", errors(&output));
    for wrong in ["", "no thumbprint"] {
        assert_eq!(code(&certificate(&bench, &[NAME, "show", "--compare", wrong]).await), 2, "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_asks_for_its_password_and_keeps_the_key_where_it_is_told() {
    let bench = saved().await;
    let (key, _) = made(&bench).await;
    let (pfx, word) = (bench.home.path().join("g.pfx"), bench.home.path().join("word"));
    openssl(&["pkcs12", "-export", "-passout", "pass:opens it", "-out", pfx.to_str().unwrap()], &key);
    let import = async |more: &[&str]| {
        let arguments = [NAME, "import", "--from", "g.pfx", "--key-file", "imported.pem"];
        certificate(&bench, &[&arguments[..], more].concat()).await
    };
    let without = import(&[]).await;
    assert_eq!(code(&without), 2);
    assert!(errors(&without).contains("--password-file"), "{}", errors(&without));
    put(&word, "another\n");
    let wrong = import(&["--password-file", "word"]).await;
    assert_eq!(code(&wrong), 2, "{}", errors(&wrong));
    assert!(errors(&wrong).contains("does not open the certificate file"));
    assert!(!bench.home.path().join("imported.pem").exists());
    put(&word, "opens it\n");
    let imported = import(&["--password-file", "word", "--cer", "again.cer"]).await;
    assert_eq!(code(&imported), 0, "{}", errors(&imported));
    let kept = bench.home.path().join("imported.pem");
    assert_eq!(openssl(&["pkey"], &kept), openssl(&["pkey"], &key));
    openssl(&["x509", "-inform", "der", "-noout"], &bench.home.path().join("again.cer"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_replaced_and_nothing_is_made_without_a_place_for_the_key() {
    let bench = saved().await;
    let without = certificate(&bench, &[NAME, "new", "--cer", "g.cer"]).await;
    assert_eq!(code(&without), 3, "there is no keychain here: {}", errors(&without));
    assert!(errors(&without).contains("--key-file") && !bench.home.path().join("g.cer").exists());
    let (key, cer) = made(&bench).await;
    let before = (fs::read(&key).unwrap(), fs::read(&cer).unwrap());
    for arguments in [
        [NAME, "new", "--key-file", "key.pem", "--cer", "other.cer"],
        [NAME, "new", "--key-file", "other.pem", "--cer", "g.cer"],
    ] {
        let output = certificate(&bench, &arguments).await;
        assert_eq!(code(&output), 2);
        assert!(errors(&output).contains("is there already"), "{}", errors(&output));
    }
    for days in ["0", "731"] {
        let arguments = [NAME, "new", "--days", days, "--key-file", "other.pem", "--cer", "other.cer"];
        assert_eq!(code(&certificate(&bench, &arguments).await), 2);
    }
    assert_eq!(before, (fs::read(&key).unwrap(), fs::read(&cer).unwrap()));
    assert!(!bench.home.path().join("other.pem").exists() && !bench.home.path().join("other.cer").exists());
    assert_eq!(code(&certificate(&bench, &["nobody", "show"]).await), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_name_stands_before_the_verb_and_older_scripts_may_have_it_behind() {
    let bench = saved().await;
    made(&bench).await;
    let shown = certificate(&bench, &[NAME, "show", "--json"]).await;
    let as_before = certificate(&bench, &["show", NAME, "--json"]).await;
    assert_eq!((code(&shown), &shown.stdout), (0, &as_before.stdout));
    for (wrong, says) in [
        (&["show"][..], "NAME: It is missing. Name one saved connection: gatehouse certificate NAME show"),
        (&[NAME, "show", "other"], "other is one too many"),
    ] {
        let output = certificate(&bench, wrong).await;
        assert_eq!(code(&output), 2);
        assert!(errors(&output).contains(says), "{}", errors(&output));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_is_in_its_file_and_nowhere_else() {
    let bench = saved().await;
    let (key, cer) = made(&bench).await;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    }
    bench.practice.upload_certificate(&fs::read(&cer).unwrap()).unwrap();
    let pem = fs::read_to_string(&key).unwrap();
    let private = pem.split("-----BEGIN PRIVATE KEY-----\n").nth(1).unwrap();
    // The first lines hold the public modulus, which is in the certificate as well.
    let lines: Vec<&str> = private.lines().filter(|line| line.len() == 64).skip(9).collect();
    assert!(lines.len() > 10);
    let mut said = String::new();
    for arguments in [vec![NAME, "show"], vec![NAME, "show", "--json"]] {
        let output = certificate(&bench, &arguments).await;
        said.push_str(&errors(&output));
        said.push_str(&String::from_utf8_lossy(&output.stdout));
    }
    for arguments in [vec!["check", NAME], vec!["report", NAME], vec!["connections", "--json"]] {
        let mut program = program(bench.home.path());
        program.args(arguments).env("RUST_LOG", "trace");
        let output = run(program).await;
        said.push_str(&errors(&output));
        said.push_str(&String::from_utf8_lossy(&output.stdout));
    }
    assert!(said.contains("gatehouse-contoso-print"));
    for line in lines {
        assert!(!said.contains(line));
        assert_eq!(files_with(bench.home.path(), line), [key.to_string_lossy()]);
    }
}

fn put(path: &Path, text: &str) {
    use std::io::Write;
    fs::File::create(path).unwrap().write_all(text.as_bytes()).unwrap();
}
