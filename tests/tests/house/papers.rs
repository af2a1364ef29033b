//! What is written about the house is true of the house.

use std::path::Path;

use crate::files::{self, File, complain};

/// Paths in a README whose first part is there, but which are not. Made folders are left out.
fn dead_paths(readme: &File) -> Vec<String> {
    const MADE: [&str; 5] = ["ui/dist", "target", "tests/artifacts", "node_modules", "src-tauri/gen"];
    let root = files::root();
    let beside = root.join(&readme.path).parent().unwrap().to_owned();
    let mut complaints = Vec::new();
    for word in readme.text.split(|at: char| at.is_whitespace() || "`\"'()[]<>,;|*".contains(at)) {
        let path = word.trim_end_matches(['.', ':', '/']).split('#').next().unwrap_or_default();
        let plain =
            path.contains('/') && path.chars().all(|at| at.is_ascii_alphanumeric() || "/._-@".contains(at));
        let Some(first) = path.split('/').next().filter(|first| plain && !first.is_empty()) else { continue };
        if MADE.iter().any(|made| path.starts_with(made)) {
            continue;
        }
        let starts_here: Vec<&Path> =
            [root.as_path(), beside.as_path()].into_iter().filter(|base| base.join(first).exists()).collect();
        if !starts_here.is_empty() && !starts_here.iter().any(|base| base.join(path).exists()) {
            complaints.push(format!("{}: names {path}, which is not there", readme.path));
        }
    }
    complaints
}

/// Links in Markdown that lead nowhere.
fn dead_links(paper: &File) -> Vec<String> {
    let beside = files::root().join(&paper.path).parent().unwrap().to_owned();
    paper
        .text
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split([')', '#', ' ']).next())
        .filter(|link| !link.is_empty() && !link.contains("://") && !link.starts_with("mailto:"))
        .filter(|link| !beside.join(link).exists())
        .map(|link| format!("{}: links to {link}, which is not there", paper.path))
        .collect()
}

/// Places of the lock files other than the public registries.
fn foreign_places(lock: &File) -> Vec<String> {
    const PUBLIC: [&str; 2] =
        ["https://registry.npmjs.org/", "registry+https://github.com/rust-lang/crates.io-index"];
    lock.text
        .lines()
        .map(str::trim)
        .filter_map(|line| line.strip_prefix("\"resolved\": \"").or_else(|| line.strip_prefix("source = \"")))
        .filter(|place| !PUBLIC.iter().any(|public| place.starts_with(public)))
        .map(|place| format!("{}: {place}", lock.path))
        .collect()
}

/// The files that turn an outcome into an exit code.
fn exit_code_tables(all: &[File]) -> Vec<&str> {
    let is_table = |file: &&File| {
        if file.has_ending(&["rs"]) {
            file.is_shipped_rust() && file.text.contains("ExitCode::from(")
        } else {
            file.has_ending(&["md"])
                && file.text.lines().any(|line| line.replace(['`', ' '], "").starts_with("|70|"))
        }
    };
    all.iter().filter(is_table).map(|file| file.path.as_str()).collect()
}

#[test]
fn every_path_that_a_readme_names_is_there() {
    let bad = File::new("README.md", "See `tests/tests/attic.rs`, tests/tests/house.rs and GET /users/1.");
    assert_eq!(dead_paths(&bad), ["README.md: names tests/tests/attic.rs, which is not there"]);
    let bad = File::new("README.md", "[a](attic.md) [b](https://example.com) [c](Cargo.toml#x)");
    assert_eq!(dead_links(&bad), ["README.md: links to attic.md, which is not there"]);

    let all = files::all();
    let readmes = all.iter().filter(|file| file.path.rsplit('/').next() == Some("README.md"));
    let papers = all.iter().filter(|file| file.has_ending(&["md"]));
    complain(&readmes.flat_map(dead_paths).chain(papers.flat_map(dead_links)).collect::<Vec<_>>());
}

#[test]
fn lock_files_name_only_the_public_registries() {
    let bad = File::new("package-lock.json", "  \"resolved\": \"https://mirror.example/a.tgz\",\n");
    assert_eq!(foreign_places(&bad).len(), 1);

    let all = files::all();
    let is_lock = |file: &&File| file.path.ends_with("package-lock.json") || file.path == "Cargo.lock";
    assert!(all.iter().filter(is_lock).count() > 1, "the lock files were not found");
    complain(&all.iter().filter(is_lock).flat_map(foreign_places).collect::<Vec<_>>());
}

#[test]
fn there_is_one_table_of_exit_codes() {
    let bad = [
        File::new("src-tauri/crates/cli/src/exit.rs", "ExitCode::from(70)"),
        File::new("src-tauri/src/main.rs", "ExitCode::from(70)"),
        File::new("README.md", "| `70` | a fault of ours |"),
    ];
    assert_eq!(exit_code_tables(&bad).len(), 3);

    let all = files::all();
    let tables = exit_code_tables(&all);
    let in_code: Vec<&&str> = tables.iter().filter(|path| path.ends_with(".rs")).collect();
    assert!(matches!(in_code[..], [path] if path.starts_with("src-tauri/crates/cli/")), "{in_code:?}");
    let on_paper: Vec<&&str> = tables.iter().filter(|path| path.ends_with(".md")).collect();
    assert!(on_paper.len() <= 1, "{on_paper:?}");
    let ending_early: Vec<&str> = all
        .iter()
        .filter(|file| file.is_shipped_rust() && file.text.contains("process::exit("))
        .map(|file| file.path.as_str())
        .collect();
    assert!(ending_early.is_empty(), "these end the program past the table: {ending_early:?}");
}
