//! How fast bundles are sealed and opened, against the `age` library alone.
//!
//! 1 000 bundles for 1 000 gateways, on as many threads as there are processors (at most two): once through this crate, once
//! as bare `age` files of the same plaintext size. Turn by turn in one run, medians. Sealing may not fall below 0.8 of
//! the bare throughput; opening one bundle must take less than 50 ms.

#![expect(clippy::print_stdout, reason = "a benchmark prints its table")]
#![expect(clippy::unwrap_used, reason = "a benchmark stops at the first surprise")]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use std::{
    hint::black_box,
    io::{Read as _, Write as _},
    thread,
    time::{Duration, Instant},
};

use bundle::{
    AllowedSigners, BundleContent, BundleFile, ConnectionIds, Expectations, FileMode, GatewayKey,
    GatewayName, MemberName, Recipient, SigningKey,
};
use secrecy::SecretSlice;
use ssh_key::{LineEnding, PrivateKey, private::Ed25519Keypair};
use uuid::Uuid;

const GATEWAYS: usize = 1_000;
const ROUNDS: usize = 9;
/// Of the throughput of `age` alone.
const LEAST: f64 = 0.8;
/// Milliseconds.
const MOST_MS: f64 = 50.0;

struct Gateway {
    key: PrivateKey,
    recipient: Recipient,
    age: age::ssh::Recipient,
    content: BundleContent,
}

fn main() {
    // Test runners start it too, to ask for its tests; it has none.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let threads = thread::available_parallelism().map_or(1, usize::from).min(2);
    let gateways: Vec<Gateway> = (0..GATEWAYS).map(gateway).collect();
    let signer = SigningKey::from_seed(&[7; 32]);
    let plain = inside(&gateways[0], &signer);
    let (mut bare, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        bare.push(timed(&gateways, threads, |gateway| bare_age(&gateway.age, &plain)));
        ours.push(timed(&gateways, threads, |gateway| {
            bundle::seal(&gateway.content, &gateway.recipient, &signer).unwrap()
        }));
    }
    let ratios =
        median(bare.iter().zip(&ours).map(|(bare, ours)| bare.as_secs_f64() / ours.as_secs_f64()).collect());
    let (bare, ours) = (seconds(&bare), seconds(&ours));
    println!("{GATEWAYS} bundles of {} bytes inside, {threads} threads, {ROUNDS} rounds", plain.len());
    println!("age alone        {:8.1} ms   {:8.0} per second", bare * 1e3, GATEWAYS as f64 / bare);
    println!("sealed bundles   {:8.1} ms   {:8.0} per second", ours * 1e3, GATEWAYS as f64 / ours);
    println!("ratio            {ratios:8.2}      at least {LEAST:.2}: {}", kept(ratios >= LEAST));
    for (kind, key) in
        [("ssh-ed25519", ed25519(0)), ("ssh-rsa", include_str!("../tests/sealed/keys/rsa").to_owned())]
    {
        let key = GatewayKey::from_text(&key.into()).unwrap();
        let took = open(&gateways[0].content, &key, &signer) * 1e3;
        println!("opening {kind:<11} {took:6.2} ms   below {MOST_MS}: {}", kept(took < MOST_MS));
    }
}

fn kept(kept: bool) -> &'static str {
    if kept { "kept" } else { "NOT kept" }
}

fn gateway(index: usize) -> Gateway {
    let key = PrivateKey::from_openssh(ed25519(index)).unwrap();
    let line = key.public_key().to_openssh().unwrap();
    Gateway {
        recipient: Recipient::from_line(&line).unwrap(),
        age: line.parse().unwrap(),
        content: content(index),
        key,
    }
}

fn ed25519(index: usize) -> String {
    let mut seed = [1; 32];
    seed[..8].copy_from_slice(&(index as u64).to_le_bytes());
    PrivateKey::from(Ed25519Keypair::from_seed(&seed)).to_openssh(LineEnding::LF).unwrap().to_string()
}

/// The size of a real one: the config, the variables, a certificate with its key, and a file for the test.
fn content(index: usize) -> BundleContent {
    let file = |name: &str, content: &[u8]| BundleFile {
        name: MemberName::new(name).unwrap(),
        mode: FileMode::Private,
        content: SecretSlice::from(content.to_vec()),
    };
    BundleContent {
        gateway: GatewayName::new(format!("plant-{index}")).unwrap(),
        practice: true,
        connection: ConnectionIds {
            name: "Contoso print".to_owned(),
            tenant_id: Uuid::from_u128(1),
            client_id: Uuid::from_u128(2),
        },
        credential_id: "7c9e6679-7425-40de-944b-e07fc1f90ae7".to_owned(),
        sequence: 7,
        created_at: "2026-11-20T14:34:00Z".parse().unwrap(),
        ends_at: "2027-05-19T00:00:00Z".parse().unwrap(),
        files: vec![
            file("gateway.json", include_bytes!("../gateway.example.json")),
            file("gateway.env", &[b'x'; 400]),
            file("credential.pem", &[b'x'; 2_900]),
            file("self-test.json", &[b'x'; 300]),
        ],
    }
}

/// What a sealed bundle holds inside, to give `age` alone the same to do.
fn inside(gateway: &Gateway, signer: &SigningKey) -> Vec<u8> {
    let sealed = bundle::seal(&gateway.content, &gateway.recipient, signer).unwrap();
    let pem = gateway.key.to_openssh(LineEnding::LF).unwrap();
    let key = age::ssh::Identity::from_buffer(pem.as_bytes(), None).unwrap();
    let mut plain = Vec::new();
    let decryptor = age::Decryptor::new_buffered(&sealed[..]).unwrap();
    decryptor.decrypt(std::iter::once(&key as _)).unwrap().read_to_end(&mut plain).unwrap();
    plain
}

fn bare_age(recipient: &age::ssh::Recipient, plain: &[u8]) -> Vec<u8> {
    let mut sealed = Vec::with_capacity(plain.len() + 2 * 1024);
    let encryptor = age::Encryptor::with_recipients(std::iter::once(recipient as _)).unwrap();
    let mut writer = encryptor.wrap_output(&mut sealed).unwrap();
    writer.write_all(plain).unwrap();
    writer.finish().unwrap();
    sealed
}

fn timed(gateways: &[Gateway], threads: usize, seal: impl Fn(&Gateway) -> Vec<u8> + Sync) -> Duration {
    let seal = &seal;
    let start = Instant::now();
    thread::scope(|scope| {
        for part in gateways.chunks(gateways.len().div_ceil(threads)) {
            scope.spawn(move || part.iter().for_each(|gateway| drop(black_box(seal(gateway)))));
        }
    });
    start.elapsed()
}

fn open(content: &BundleContent, key: &GatewayKey, signer: &SigningKey) -> f64 {
    let sealed = bundle::seal(content, key.recipient(), signer).unwrap();
    let signers = AllowedSigners::from(signer.verifying_key());
    let now = "2026-11-21T08:00:00Z".parse().unwrap();
    let expected =
        Expectations { signers: &signers, gateway: Some(&content.gateway), installed: Some(6), now };
    let times: Vec<Duration> = (0..20)
        .map(|_| {
            let start = Instant::now();
            drop(black_box(bundle::open(&sealed, key, &expected).unwrap()));
            start.elapsed()
        })
        .collect();
    seconds(&times)
}

fn seconds(times: &[Duration]) -> f64 {
    median(times.iter().map(Duration::as_secs_f64).collect())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
