//! Who may use whom. The tables here are the ones of the architecture.

use crate::files::{self, File, complain, shipped_lines};

/// Each package, what of ours it may use, and what its own tests may use on top.
const MAY_USE: [(&str, &[&str], &[&str]); 7] = [
    ("entra", &[], &[]),
    ("bundle", &[], &[]),
    ("practice", &[], &[]),
    ("engine", &["entra", "bundle"], &["practice"]),
    ("cli", &["engine", "practice"], &["entra", "bundle"]),
    ("gatehouse-desktop", &["engine", "practice"], &[]),
    ("proving-ground", &["entra", "bundle", "practice", "engine", "cli", "gatehouse-desktop"], &[]),
];

/// A kind of library, by the start of its name, and the packages that may use it in what they ship.
const ONLY_HERE: [(&str, &[&str], &[&str]); 3] = [
    (
        "an HTTP client",
        &[
            "reqwest",
            "hyper",
            "ureq",
            "isahc",
            "curl",
            "surf",
            "attohttpc",
            "minreq",
            "awc",
            "oauth2",
            "octocrab",
        ],
        &["entra"],
    ),
    ("the window's framework", &["tauri", "wry", "tao", "specta"], &["gatehouse-desktop"]),
    ("the terminal", &["clap", "inquire", "indicatif", "crossterm", "console", "dialoguer"], &["cli"]),
];

/// What `bundle` must not reach: files, network, clock, environment, other programs, tasks, chance.
const NOT_IN_BUNDLE: [&str; 15] = [
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "SystemTime",
    "Instant::",
    "Timestamp::now",
    "Zoned::now",
    "async fn",
    ".await",
    "tokio",
    "new_v4",
    "getrandom",
    "rand::",
];

struct Dependency {
    name: String,
    in_tests_only: bool,
}

struct Package {
    name: String,
    dependencies: Vec<Dependency>,
}

impl Package {
    fn read(text: &str) -> Option<Self> {
        let manifest: toml::Table = text.parse().unwrap();
        let name = manifest.get("package")?.get("name")?.as_str()?.to_owned();
        let mut dependencies = Vec::new();
        collect(&manifest, &mut dependencies);
        for target in
            manifest.get("target").and_then(toml::Value::as_table).into_iter().flat_map(|all| all.values())
        {
            collect(target.as_table()?, &mut dependencies);
        }
        Some(Self { name, dependencies })
    }
}

fn collect(table: &toml::Table, into: &mut Vec<Dependency>) {
    for section in ["dependencies", "build-dependencies", "dev-dependencies"] {
        for (key, value) in table.get(section).and_then(toml::Value::as_table).into_iter().flatten() {
            let name = value.get("package").and_then(toml::Value::as_str).unwrap_or(key).to_owned();
            into.push(Dependency { name, in_tests_only: section == "dev-dependencies" });
        }
    }
}

fn forbidden_neighbours(package: &Package) -> Vec<String> {
    let Some((_, allowed, in_tests)) = MAY_USE.iter().find(|(name, ..)| *name == package.name) else {
        return vec![format!("{}: is in no row of the table of rooms", package.name)];
    };
    let ours = |name: &str| MAY_USE.iter().any(|(known, ..)| *known == name);
    package
        .dependencies
        .iter()
        .filter(|dependency| ours(&dependency.name) && !allowed.contains(&dependency.name.as_str()))
        .filter(|dependency| !(dependency.in_tests_only && in_tests.contains(&dependency.name.as_str())))
        .map(|dependency| format!("{} must not use {}", package.name, dependency.name))
        .collect()
}

fn forbidden_libraries(package: &Package) -> Vec<String> {
    let mut complaints = Vec::new();
    for dependency in package.dependencies.iter().filter(|dependency| !dependency.in_tests_only) {
        for (what, starts, owners) in ONLY_HERE {
            let is_one = starts
                .iter()
                .any(|start| dependency.name == *start || dependency.name.starts_with(&format!("{start}-")));
            if is_one && !owners.contains(&package.name.as_str()) && package.name != "proving-ground" {
                complaints.push(format!("{} must not have {what}: {}", package.name, dependency.name));
            }
        }
    }
    complaints
}

fn impurities(file: &File) -> Vec<String> {
    shipped_lines(&file.text)
        .flat_map(|(number, line)| {
            NOT_IN_BUNDLE
                .iter()
                .filter(move |word| line.contains(**word))
                .map(move |word| format!("{}:{number}: {word}", file.path))
        })
        .collect()
}

fn packages() -> Vec<Package> {
    let all = files::all();
    let found: Vec<Package> = all
        .iter()
        .filter(|file| file.path.ends_with("Cargo.toml"))
        .filter_map(|file| Package::read(&file.text))
        .collect();
    for (name, ..) in MAY_USE {
        assert!(found.iter().any(|package| package.name == name), "the package {name} was not found");
    }
    found
}

#[test]
fn rooms_use_only_their_neighbours() {
    let read = |text: &str| Package::read(text).unwrap();
    let renamed = read("[package]\nname='bundle'\n[dependencies]\nx = { package = 'engine', path = '' }");
    assert_eq!(forbidden_neighbours(&renamed), ["bundle must not use engine"]);
    let for_windows =
        read("[package]\nname='entra'\n[target.'cfg(windows)'.dependencies]\nbundle.workspace = true");
    assert_eq!(forbidden_neighbours(&for_windows), ["entra must not use bundle"]);
    let shipped = read("[package]\nname='engine'\n[dependencies]\npractice.workspace = true");
    assert_eq!(forbidden_neighbours(&shipped), ["engine must not use practice"]);
    let tested = read("[package]\nname='engine'\n[dev-dependencies]\npractice.workspace = true");
    assert!(forbidden_neighbours(&tested).is_empty());
    let stranger = read("[package]\nname='attic'");
    assert_eq!(forbidden_neighbours(&stranger).len(), 1);

    complain(&packages().iter().flat_map(forbidden_neighbours).collect::<Vec<_>>());
}

#[test]
fn only_entra_has_an_http_client_only_the_shell_has_tauri_only_cli_has_a_terminal() {
    let bad = "[package]\nname='engine'\n[dependencies]\nreqwest='1'\nhyper-util='1'\n[build-dependencies]\ntauri-build='2'";
    assert_eq!(forbidden_libraries(&Package::read(bad).unwrap()).len(), 3);
    let tested = "[package]\nname='practice'\n[dev-dependencies]\nreqwest='1'";
    assert!(forbidden_libraries(&Package::read(tested).unwrap()).is_empty());

    complain(&packages().iter().flat_map(forbidden_libraries).collect::<Vec<_>>());
}

#[test]
fn bundle_turns_bytes_into_bytes_and_nothing_else() {
    let bad = File::new("x.rs", "use std::fs;\nlet t = Timestamp::now();\nasync fn a() {}\n");
    assert_eq!(impurities(&bad).len(), 3);

    let sources: Vec<File> = files::all()
        .into_iter()
        .filter(|file| file.path.starts_with("src-tauri/crates/bundle/src/"))
        .collect();
    assert!(sources.len() > 3, "the sources of bundle were not found");
    complain(&sources.iter().flat_map(impurities).collect::<Vec<_>>());

    let bundle = packages().into_iter().find(|package| package.name == "bundle").unwrap();
    let reaching = ["tokio", "rand", "getrandom", "tempfile", "futures-util", "rustls", "directories"];
    for dependency in bundle.dependencies {
        assert!(!reaching.contains(&dependency.name.as_str()), "bundle must not have {}", dependency.name);
    }
}
