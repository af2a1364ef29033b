//! What stands in the sources: prints, sizes, leftovers, attributes.

use crate::files::{self, File, complain, shipped_lines};

const CODE: [&str; 14] =
    ["rs", "ts", "js", "mjs", "svelte", "css", "html", "toml", "sh", "py", "yml", "md", "sql", "ftl"];

fn prints(file: &File) -> Vec<String> {
    const WORDS: [&str; 7] =
        ["println!", "eprintln!", "print!(", "eprint!(", "dbg!(", "io::stdout(", "io::stderr("];
    if !file.is_shipped_rust() || file.path.starts_with("src-tauri/crates/cli/") {
        return Vec::new();
    }
    found_in_shipped(file, &WORDS, "only cli prints")
}

fn mentions_of_tauri(file: &File) -> Vec<String> {
    if !file.has_ending(&["rs"])
        || file.path.starts_with("src-tauri/src/")
        || file.path == "src-tauri/build.rs"
        || file.path.starts_with("tests/")
    {
        return Vec::new();
    }
    found_in_shipped(
        file,
        &[concat!("tauri", "::"), concat!("tauri", "_build")],
        "only the shell knows Tauri",
    )
}

fn found_in_shipped(file: &File, words: &[&str], rule: &str) -> Vec<String> {
    shipped_lines(&file.text)
        .filter(|(_, line)| words.iter().any(|word| line.contains(word)))
        .map(|(number, line)| format!("{}:{number}: {rule}: {}", file.path, line.trim()))
        .collect()
}

fn oversized(file: &File) -> Vec<String> {
    let lines = file.text.lines().count();
    let most = if file.has_ending(&["rs"]) {
        600
    } else if file.has_ending(&["svelte"]) {
        200
    } else {
        return Vec::new();
    };
    if lines > most { vec![format!("{}: {lines} lines, at most {most}", file.path)] } else { Vec::new() }
}

fn leftovers(file: &File) -> Vec<String> {
    const WORDS: [&str; 7] = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("to", "do!("),
        concat!("unimple", "mented!("),
        concat!(".on", "ly("),
        concat!(".sk", "ip(\""),
        concat!("<<<<", "<<< "),
    ];
    if !file.has_ending(&CODE) {
        return Vec::new();
    }
    let mut complaints = Vec::new();
    for (index, line) in file.text.lines().enumerate() {
        for word in WORDS.iter().filter(|word| line.contains(**word)) {
            complaints.push(format!("{}:{}: {word}", file.path, index + 1));
        }
    }
    complaints
}

/// An exception from a lint says why; `expect` also says when it is no longer needed, and `allow` never does.
fn unexplained_exceptions(file: &File) -> Vec<String> {
    if !file.has_ending(&["rs"]) {
        return Vec::new();
    }
    let mut complaints = Vec::new();
    for start in [concat!("#[all", "ow("), concat!("#![all", "ow(")] {
        if file.text.contains(start) {
            complaints.push(format!("{}: use expect with a reason instead of allow", file.path));
        }
    }
    for start in [concat!("#[exp", "ect("), concat!("#![exp", "ect(")] {
        for rest in file.text.split(start).skip(1) {
            let attribute = rest.split(")]").next().unwrap_or_default();
            if !attribute.contains("reason = \"") {
                complaints.push(format!(
                    "{}: an exception without a reason: {}",
                    file.path,
                    attribute.trim()
                ));
            }
        }
    }
    complaints
}

/// Paths of the machine that somebody worked on.
fn machine_paths(file: &File) -> Vec<String> {
    const STARTS: [&str; 6] = [
        concat!("/wo", "rk/main"),
        concat!("/wo", "rk/shared"),
        concat!("/ro", "ot/"),
        concat!("/tm", "p/target"),
        concat!("/tm", "p/spec"),
        concat!("file", ":///"),
    ];
    let found = STARTS.iter().filter(|start| file.text.contains(**start));
    found.map(|start| format!("{}: names {start}", file.path)).collect()
}

fn all_of(rule: fn(&File) -> Vec<String>) -> Vec<String> {
    files::all().iter().flat_map(rule).collect()
}

#[test]
fn only_cli_prints() {
    let text = "fn a() {\n    println!(\"x\");\n    let out = std::io::stdout();\n}\n";
    assert_eq!(prints(&File::new("src-tauri/crates/engine/src/lib.rs", text)).len(), 2);
    assert_eq!(prints(&File::new("src-tauri/src/main.rs", text)).len(), 2);
    assert!(prints(&File::new("src-tauri/crates/cli/src/main.rs", text)).is_empty());
    assert!(prints(&File::new("src-tauri/crates/practice/examples/serve.rs", text)).is_empty());
    complain(&all_of(prints));
}

#[test]
fn only_the_shell_knows_tauri() {
    let bad = File::new("src-tauri/crates/engine/src/lib.rs", concat!("use tauri", "::Emitter;\n"));
    assert_eq!(mentions_of_tauri(&bad).len(), 1);
    complain(&all_of(mentions_of_tauri));
}

#[test]
fn files_keep_their_size() {
    assert_eq!(oversized(&File::new("a.rs", &"\n".repeat(601))).len(), 1);
    assert_eq!(oversized(&File::new("a.svelte", &"\n".repeat(201))).len(), 1);
    assert!(oversized(&File::new("a.rs", &"\n".repeat(600))).is_empty());
    complain(&all_of(oversized));
}

#[test]
fn nothing_is_left_over() {
    let bad = File::new("a.ts", concat!("// TO", "DO\ntest.on", "ly('x')\n"));
    assert_eq!(leftovers(&bad).len(), 2);
    complain(&all_of(leftovers));
}

#[test]
fn every_exception_from_a_lint_has_a_reason() {
    let allowed = File::new("a.rs", concat!("#[all", "ow(dead_code, reason = \"x\")]"));
    assert_eq!(unexplained_exceptions(&allowed).len(), 1);
    let bare = File::new("a.rs", concat!("#[exp", "ect(\n    clippy::unwrap_used\n)]"));
    assert_eq!(unexplained_exceptions(&bare).len(), 1);
    let good = File::new("a.rs", concat!("#[exp", "ect(clippy::unwrap_used, reason = \"x\")]"));
    assert!(unexplained_exceptions(&good).is_empty());
    complain(&all_of(unexplained_exceptions));
}

#[test]
fn no_file_names_somebodys_machine() {
    assert_eq!(machine_paths(&File::new("a.json", concat!("\"/ro", "ot/x\""))).len(), 1);
    complain(&all_of(machine_paths));
}
