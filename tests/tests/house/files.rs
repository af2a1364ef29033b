//! The files of the repository, and a source's text without its tests and comments.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// One text file: its path from the root, with forward slashes, and its content.
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) text: String,
}

impl File {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    pub(crate) fn has_ending(&self, endings: &[&str]) -> bool {
        self.path.rsplit_once('.').is_some_and(|(_, ending)| endings.contains(&ending))
    }

    /// Whether it is code that ships: not a test, an example or a build script.
    pub(crate) fn is_shipped_rust(&self) -> bool {
        let beside = ["tests/", "benches/", "examples/"];
        self.has_ending(&["rs"])
            && !beside
                .iter()
                .any(|folder| self.path.starts_with(folder) || self.path.contains(&format!("/{folder}")))
            && !self.path.ends_with("/tests.rs")
            && !self.path.ends_with("/build.rs")
    }
}

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Every text file that is, or is about to be, part of the repository.
pub(crate) fn all() -> Vec<File> {
    let files: Vec<File> = paths()
        .into_iter()
        .filter_map(|path| Some(File { text: std::fs::read_to_string(root().join(&path)).ok()?, path }))
        .collect();
    assert!(files.iter().any(|file| file.path == "Cargo.toml"), "the repository's files were not found");
    files
}

pub(crate) fn complain(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

fn paths() -> Vec<String> {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output();
    match listed {
        Ok(output) if output.status.success() && !output.stdout.is_empty() => {
            String::from_utf8(output.stdout).unwrap().split_terminator('\0').map(str::to_owned).collect()
        }
        _ => {
            let mut found = Vec::new();
            walk(&root(), "", &mut found);
            found
        }
    }
}

/// For a copy of the sources without git.
fn walk(folder: &Path, prefix: &str, found: &mut Vec<String>) {
    const NOT_OURS: [&str; 7] = [".git", ".venv", "artifacts", "dist", "node_modules", "schemas", "target"];
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let kind = entry.file_type().unwrap();
        if kind.is_dir() && !NOT_OURS.contains(&name.as_str()) {
            walk(&entry.path(), &format!("{prefix}{name}/"), found);
        } else if kind.is_file() {
            found.push(format!("{prefix}{name}"));
        }
    }
}

/// A Rust source without comments and without what stands below its first `#[cfg(test)]`: the tests come last.
pub(crate) fn shipped_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .take_while(|(_, line)| !line.trim_start().starts_with("#[cfg(test)]"))
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .map(|(index, line)| (index + 1, line.split("// ").next().unwrap_or_default()))
}

#[test]
fn tests_and_comments_are_not_shipped() {
    let text = "fn a() {}\n/// doc\n//! doc\nlet b = 1; // why\n#[cfg(test)]\nmod tests { c }\n";
    let lines: Vec<(usize, &str)> = shipped_lines(text).collect();
    assert_eq!(lines, [(1, "fn a() {}"), (4, "let b = 1; ")]);
}

#[test]
fn the_walk_finds_what_git_lists() {
    let mut walked = Vec::new();
    walk(&root(), "", &mut walked);
    for path in ["Cargo.toml", "tests/tests/house.rs", "src-tauri/crates/bundle/FORMAT.md"] {
        assert!(walked.iter().any(|found| found == path), "{path}");
    }
}
