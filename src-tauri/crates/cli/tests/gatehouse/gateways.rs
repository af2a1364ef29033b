//! Gateways as an admin keeps them: keys, sealed bundles that open with stock tools, receipts that `ssh-keygen` signs.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::Duration,
};

use practice::Scenario;
use serde_json::Value;

use crate::support::{Bench, code, errors, files_with, json, run};

/// A practice tenant, and a folder for the keys of gateways.
struct Fleet {
    bench: Bench,
    keys: PathBuf,
}

impl Fleet {
    async fn start() -> Self {
        let bench = Bench::start(Scenario::Healthy).await;
        let keys = bench.home.path().join("keys");
        fs::create_dir(&keys).unwrap();
        Self { bench, keys }
    }

    /// A key as sshd makes its own.
    fn host_key(&self, name: &str) -> PathBuf {
        let file = self.keys.join(name);
        let comment = format!("root@{name}");
        tool(
            Command::new("ssh-keygen")
                .args(["-q", "-t", "ed25519", "-N", "", "-C", &comment, "-f"])
                .arg(&file),
        );
        file
    }

    async fn gateways(&self, arguments: &[&str]) -> Output {
        let mut gateways = self.bench.command("gateways");
        gateways.args(arguments);
        run(gateways).await
    }

    async fn list(&self) -> Value {
        let output = self.gateways(&["list", "--json"]).await;
        assert_eq!(code(&output), 0, "{}", errors(&output));
        json(&output)
    }

    async fn standing(&self, name: &str) -> String {
        let list = self.list().await;
        let known = list["gateways"].as_array().unwrap().iter().find(|known| known["name"] == name).unwrap();
        known["standing"].as_str().unwrap().to_owned()
    }

    async fn seal(&self, flags: &[&str]) -> Output {
        let mut export = self.bench.command("export");
        export.arg("--to").arg(self.bundles()).arg("--sealed").args(flags);
        run(export).await
    }

    /// The bundles that stand in the folder under their names; each one has to open.
    fn whole(&self, key: &bundle::GatewayKey) -> Vec<bundle::Manifest> {
        let Ok(entries) = fs::read_dir(self.bundles()) else { return Vec::new() };
        let files = entries.map(|entry| entry.unwrap().path());
        let bundles = files.filter(|file| file.extension().is_some_and(|ending| ending == "age"));
        bundles.map(|file| bundle::look_inside(&fs::read(file).unwrap(), key).unwrap().manifest).collect()
    }

    fn bundles(&self) -> PathBuf {
        self.bench.home.path().join("bundles")
    }

    /// What `OPEN.txt` says to do, done on the gateway that has this key.
    fn open_as_told(&self, key: &Path) -> Output {
        let told = fs::read_to_string(self.bundles().join("OPEN.txt")).unwrap();
        let script: Vec<&str> = told
            .lines()
            .skip_while(|line| *line != "  set -e")
            .take_while(|line| !line.starts_with("On Windows"))
            .filter(|line| line.starts_with("  "))
            .collect();
        let script = script.join("\n").replace("/etc/ssh/ssh_host_ed25519_key", &key.to_string_lossy());
        let mut shell = Command::new("sh");
        shell.env_clear().env("PATH", "/usr/bin:/bin").current_dir(self.bundles()).args(["-c", &script]);
        shell.output().unwrap()
    }
}

fn tool(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_opens_as_the_folder_says_and_the_receipt_of_ssh_keygen_is_believed() {
    let fleet = Fleet::start().await;
    let (one, two, signing) =
        (fleet.host_key("plant-1"), fleet.host_key("plant-2"), fleet.host_key("signing"));
    let (one_pub, two_pub) = (one.with_extension("pub"), two.with_extension("pub"));
    assert_eq!(code(&fleet.gateways(&["key", text(&one_pub)]).await), 0);
    let added = fleet.gateways(&["add", "plant-2", "--address", "10.0.0.2", "--key", text(&two_pub)]).await;
    assert_eq!(code(&added), 0, "{}", errors(&added));
    assert_eq!(fleet.standing("plant-1").await, "not-sealed");

    let refused = fleet.seal(&[]).await;
    assert_eq!(code(&refused), 3, "{}", errors(&refused));
    assert!(errors(&refused).contains("--signing-key"), "{}", errors(&refused));
    let sealed = fleet.seal(&["--signing-key", text(&signing), "--json"]).await;
    assert_eq!(code(&sealed), 0, "{}", errors(&sealed));
    let answer = json(&sealed);
    assert_eq!(answer["schema"], "gatehouse.sealed-export/1");
    assert_eq!(answer["files"].as_array().unwrap().len(), 2);
    assert_eq!(fleet.standing("plant-1").await, "unconfirmed");

    let opened = fleet.open_as_told(&one);
    assert!(opened.status.success(), "{}", String::from_utf8_lossy(&opened.stderr));
    let secret = fleet.bench.practice.facts().client_secret.clone();
    let folder = fleet.bundles().join("plant-1");
    assert!(fs::read_to_string(folder.join("gateway.env")).unwrap().contains(&secret));
    assert!(!fleet.bundles().join("plant-2").exists());
    let again = fleet.open_as_told(&two);
    assert!(!again.status.success(), "another gateway's key opens nothing");

    let receipt = folder.join("plant-1.gatehouse.receipt");
    let received = fleet.gateways(&["receipt", "--json", text(&receipt)]).await;
    assert_eq!(code(&received), 0, "{}", errors(&received));
    let told = &json(&received)["receipts"][0];
    assert_eq!((told["gateway"].as_str(), told["answer"].as_str()), (Some("plant-1"), Some("current")));
    // The secret comes by environment with each call, and the bundle may hold another one.
    assert_eq!(fleet.standing("plant-1").await, "could-not-tell");
    assert_eq!(fleet.standing("plant-2").await, "unconfirmed");
    let replayed = json(&fleet.gateways(&["receipt", "--json", text(&folder)]).await);
    assert_eq!(replayed["receipts"][0]["news"], "repeated");

    // Signed by another gateway.
    let line = folder.join("receipt.json");
    fs::remove_file(folder.join("receipt.json.sig")).unwrap();
    tool(
        Command::new("ssh-keygen")
            .args(["-q", "-Y", "sign", "-n", "gatehouse-receipt", "-f"])
            .arg(&two)
            .arg(&line),
    );
    let mut forged = fs::read(&line).unwrap();
    forged.extend(fs::read(folder.join("receipt.json.sig")).unwrap());
    fs::File::create(&receipt).unwrap().write_all(&forged).unwrap();
    let refused = fleet.gateways(&["receipt", text(&receipt)]).await;
    assert_eq!(code(&refused), 1);
    assert!(String::from_utf8_lossy(&refused.stdout).contains("signed with the key of plant-2"));

    // A new bundle waits for a new receipt.
    let again = fleet.seal(&["--signing-key", text(&signing)]).await;
    assert_eq!(code(&again), 2, "files are there already");
    assert!(errors(&again).contains("--force"));
    let again = fleet.seal(&["--signing-key", text(&signing), "--force", "--gateway", "plant-1"]).await;
    assert_eq!(code(&again), 0, "{}", errors(&again));
    assert_eq!(fleet.standing("plant-1").await, "unconfirmed");

    let mut holding = files_with(fleet.bench.home.path(), &secret);
    holding.sort();
    let held = ["client-secret", "gateway.env"].map(|name| folder.join(name).to_string_lossy().into_owned());
    assert_eq!(holding, held, "the secret is nowhere but where the gateway opened it");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn another_key_for_a_gateway_has_to_be_confirmed() {
    let fleet = Fleet::start().await;
    let (first, second) = (fleet.host_key("plant-1"), fleet.host_key("renewed"));
    assert_eq!(code(&fleet.gateways(&["key", text(&first.with_extension("pub"))]).await), 0);
    let before = fleet.list().await;
    let renewed = second.with_extension("pub");
    let change = ["key", text(&renewed), "--gateway", "plant-1"];
    let asked = fleet.gateways(&change).await;
    assert_eq!(code(&asked), 3, "{}", errors(&asked));
    assert_eq!(fleet.list().await, before);
    let said = errors(&asked);
    let fingerprint = said.rsplit("SHA256:").next().unwrap().split_whitespace().next().unwrap();
    let fingerprint = format!("SHA256:{fingerprint}");
    let confirmed = fleet.gateways(&[&change[..], &["--confirm", &fingerprint]].concat()).await;
    assert_eq!(code(&confirmed), 0, "{}", errors(&confirmed));
    assert_eq!(fleet.list().await["gateways"][0]["fingerprint"], fingerprint);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_table_is_previewed_imported_and_written_again() {
    let fleet = Fleet::start().await;
    let key = fs::read_to_string(fleet.host_key("plant-1").with_extension("pub")).unwrap();
    let table = fleet.bench.home.path().join("gateways.csv");
    let write = |content: &str| fs::File::create(&table).unwrap().write_all(content.as_bytes()).unwrap();
    write(&format!("name;key;outputs\nplant-1;{};systemd\nplant 2;;\n", key.trim()));
    let file = fleet.bench.home.path().join("gateways.csv");
    let refused = fleet.gateways(&["import", text(&file)]).await;
    assert_eq!(code(&refused), 2);
    assert!(String::from_utf8_lossy(&refused.stdout).contains("Line 3, name: "), "{refused:?}");
    assert_eq!(fleet.list().await["gateways"], serde_json::json!([]));
    let preview = fleet.gateways(&["import", text(&file), "--skip-faulty", "--preview", "--json"]).await;
    assert_eq!(json(&preview)["new"], 1);
    assert_eq!(fleet.list().await["gateways"], serde_json::json!([]));
    let taken = fleet.gateways(&["import", text(&file), "--skip-faulty"]).await;
    assert_eq!(code(&taken), 0, "{}", errors(&taken));

    let written = fleet.gateways(&["list", "--csv"]).await;
    write(std::str::from_utf8(&written.stdout).unwrap());
    let same = json(&fleet.gateways(&["import", text(&file), "--json"]).await);
    assert_eq!((&same["unchanged"], &same["changed"], &same["new"]), (&1.into(), &0.into(), &0.into()));
    let removed = fleet.gateways(&["remove", "plant-1"]).await;
    assert_eq!(String::from_utf8_lossy(&removed.stdout), "1 gateway was removed.\n");
    assert_eq!(code(&fleet.gateways(&["remove", "plant-1"]).await), 2);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sealed_for_a_connection_that_is_broken() {
    let bench = Bench::start(Scenario::ConsentMissing).await;
    let keys = bench.home.path().join("keys");
    fs::create_dir(&keys).unwrap();
    let fleet = Fleet { bench, keys };
    let (key, signing) = (fleet.host_key("plant-1"), fleet.host_key("signing"));
    assert_eq!(code(&fleet.gateways(&["key", text(&key.with_extension("pub"))]).await), 0);
    let refused = fleet.seal(&["--signing-key", text(&signing)]).await;
    assert_eq!(code(&refused), 2);
    assert!(errors(&refused).contains("The link Consent is broken"), "{}", errors(&refused));
    assert!(errors(&refused).contains("--unproven") && !fleet.bundles().exists());
    let anyway = fleet.seal(&["--signing-key", text(&signing), "--unproven"]).await;
    assert_eq!(code(&anyway), 0, "{}", errors(&anyway));
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_killed_export_leaves_whole_bundles_that_are_known_and_no_number_twice() {
    const GATEWAYS: usize = 200;
    let fleet = Fleet::start().await;
    let (key, signing) = (fleet.host_key("plant"), fleet.host_key("signing"));
    let line = fs::read_to_string(key.with_extension("pub")).unwrap();
    let rows = (0..GATEWAYS).map(|number| format!("plant-{number},{}\n", line.trim()));
    let table = fleet.bench.home.path().join("gateways.csv");
    let content = format!("name,key\n{}", rows.collect::<String>());
    fs::File::create(&table).unwrap().write_all(content.as_bytes()).unwrap();
    assert_eq!(code(&fleet.gateways(&["import", text(&table)]).await), 0);
    let key = bundle::GatewayKey::from_text(&fs::read_to_string(&key).unwrap().into()).unwrap();

    let mut highest = 0;
    for kill_at in [0, 1, 40, 120] {
        let mut export = fleet.bench.command("export");
        export.arg("--to").arg(fleet.bundles()).args([
            "--sealed",
            "--force",
            "--signing-key",
            text(&signing),
        ]);
        let mut running = export.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let fresh = |known: &bundle::Manifest| known.sequence > highest;
        while running.try_wait().unwrap().is_none() {
            let drafts = fs::read_dir(fleet.bundles()).map_or(0, Iterator::count);
            if drafts > 0 && fleet.whole(&key).into_iter().filter(fresh).count() >= kill_at {
                running.kill().unwrap();
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let list = fleet.list().await;
        let recorded = |name: &str| {
            let known =
                list["gateways"].as_array().unwrap().iter().find(|known| known["name"] == name).unwrap();
            known["sealed"]["sequence"].as_u64().unwrap_or_default()
        };
        let found = fleet.whole(&key);
        assert!(found.iter().all(|known| recorded(known.gateway.as_str()) >= known.sequence));
        highest = found.iter().map(|known| known.sequence).max().unwrap_or(highest).max(highest);
    }
    let last = fleet.seal(&["--force", "--signing-key", text(&signing)]).await;
    assert_eq!(code(&last), 0, "{}", errors(&last));
    let found = fleet.whole(&key);
    assert!(found.len() == GATEWAYS && found.iter().all(|known| known.sequence > highest));
    let names = fs::read_dir(fleet.bundles()).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(names.filter(|name| name.to_string_lossy().starts_with('.')).count(), 0, "no draft is left");
}
