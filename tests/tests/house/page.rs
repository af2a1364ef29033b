//! The page has no powers: no plugins, a strict content policy, one window, only its own files.

use serde_json::Value;

use crate::files::{self, File, complain};

fn plugins(package: &Value) -> Vec<String> {
    ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"]
        .iter()
        .filter_map(|section| package.get(section)?.as_object())
        .flat_map(|section| section.keys())
        .filter(|name| name.starts_with("@tauri-apps/plugin-"))
        .map(|name| format!("the page must not have {name}"))
        .collect()
}

/// The core's own defaults, and what is below them; never what opens windows or other pages.
fn wide_capability(capability: &Value) -> Vec<String> {
    let mut complaints = Vec::new();
    for permission in capability["permissions"].as_array().into_iter().flatten() {
        let name = permission.as_str().unwrap_or("a permission with a scope of its own");
        if !name.starts_with("core:") || name.contains("create-") || name.contains("navigate") {
            complaints.push(format!("the window must not have {name}"));
        }
    }
    if capability.get("remote").is_some() {
        complaints.push("other origins must not have a capability".to_owned());
    }
    if capability["windows"] != serde_json::json!(["main"]) || capability.get("webviews").is_some() {
        complaints.push("a capability is for the one window, main".to_owned());
    }
    complaints
}

fn loose_configuration(config: &Value) -> Vec<String> {
    let mut complaints = Vec::new();
    let app = &config["app"];
    let policy = &app["security"]["csp"];
    let directives: Vec<(String, String)> = match policy {
        Value::Object(map) => map.iter().map(|(name, value)| (name.clone(), sources(value))).collect(),
        Value::String(text) => text
            .split(';')
            .filter_map(|directive| directive.trim().split_once(' '))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        _ => Vec::new(),
    };
    if !directives
        .iter()
        .any(|(name, value)| name == "default-src" && ["'none'", "'self'"].contains(&value.as_str()))
    {
        complaints.push("the content policy must start from default-src 'none' or 'self'".to_owned());
    }
    for (name, value) in &directives {
        for source in value.split_whitespace() {
            let own = ["'none'", "'self'", "ipc:", "http://ipc.localhost"].contains(&source);
            let drawn = name == "img-src" && source == "data:";
            if !own && !drawn {
                complaints.push(format!("the content policy must not allow {source} in {name}"));
            }
        }
    }
    if app["windows"].as_array().is_none_or(|windows| windows.len() != 1 || windows[0]["label"] != "main") {
        complaints.push("there is one window, main".to_owned());
    }
    if app["withGlobalTauri"] == true || app["security"].get("dangerousDisableAssetCspModification").is_some()
    {
        complaints.push("the page must not reach more than its imports".to_owned());
    }
    if config
        .get("plugins")
        .is_some_and(|plugins| plugins.as_object().is_none_or(|plugins| !plugins.is_empty()))
    {
        complaints.push("no plugin is configured".to_owned());
    }
    complaints
}

fn sources(value: &Value) -> String {
    match value {
        Value::Array(list) => list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "),
        other => other.as_str().unwrap_or_default().to_owned(),
    }
}

fn is_page_source(file: &File) -> bool {
    file.path.starts_with("ui/src/")
        && file.has_ending(&["ts", "js", "svelte", "css"])
        && !file.path.contains(".test.")
        && !file.path.contains("/test/")
        && !file.path.contains("/tests/")
        && !file.path.contains("/testing/")
}

/// What is imported from elsewhere than the page's own files, Svelte, Tauri's API and the font's files.
fn foreign_imports(file: &File) -> Vec<String> {
    if !is_page_source(file) {
        return Vec::new();
    }
    let own = |module: &str| {
        module.starts_with("./")
            || module.starts_with("../")
            || module.starts_with("$lib")
            || module == "svelte"
            || module.starts_with("svelte/")
            || module.starts_with("@tauri-apps/api")
            || module.starts_with("@fontsource-variable/")
    };
    imported_modules(&file.text)
        .into_iter()
        .filter(|module| !own(module))
        .map(|module| format!("{}: imports {module}", file.path))
        .collect()
}

fn imported_modules(text: &str) -> Vec<&str> {
    let mut modules = Vec::new();
    for start in [" from ", "}from ", "\nimport ", "import(", "@import "] {
        for rest in text.split(start).skip(1) {
            let rest = rest.trim_start();
            let Some(quote) = rest.chars().next().filter(|first| ['"', '\''].contains(first)) else {
                continue;
            };
            modules.extend(rest[1..].split(quote).next());
        }
    }
    modules
}

/// Ways around the typed commands, and ways to run or show what came from a service.
fn powers(file: &File) -> Vec<String> {
    const WORDS: [&str; 9] = [
        "fetch(",
        "XMLHttpRequest",
        "WebSocket",
        "EventSource",
        "sendBeacon",
        "{@html",
        "innerHTML",
        "eval(",
        "new Function(",
    ];
    if !is_page_source(file) {
        return Vec::new();
    }
    let mut complaints: Vec<String> = WORDS
        .iter()
        .filter(|word| file.text.contains(**word))
        .map(|word| format!("{}: uses {word}", file.path))
        .collect();
    let generated = file.path.ends_with("/bindings.ts");
    if !generated && ["invoke(", "__TAURI"].iter().any(|word| file.text.contains(word)) {
        complaints.push(format!("{}: calls the shell past the generated bindings", file.path));
    }
    complaints
}

fn json(path: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(files::root().join(path)).unwrap()).unwrap()
}

#[test]
fn the_page_has_no_plugins() {
    let bad = serde_json::json!({ "dependencies": { "@tauri-apps/plugin-fs": "2", "@tauri-apps/api": "2" } });
    assert_eq!(plugins(&bad).len(), 1);
    complain(&plugins(&json("ui/package.json")));
}

#[test]
fn the_window_has_only_the_cores_own_capabilities() {
    let bad = serde_json::json!({ "windows": ["*"], "remote": {}, "permissions": ["fs:default", { "identifier": "x" }] });
    assert_eq!(wide_capability(&bad).len(), 4);
    let all = files::all();
    let capabilities: Vec<&File> =
        all.iter().filter(|file| file.path.starts_with("src-tauri/capabilities/")).collect();
    assert!(!capabilities.is_empty(), "the capabilities were not found");
    for file in capabilities {
        complain(&wide_capability(&serde_json::from_str(&file.text).unwrap()));
    }
}

#[test]
fn the_window_is_one_and_its_content_policy_strict() {
    let bad = serde_json::json!({
        "app": {
            "withGlobalTauri": true,
            "windows": [{ "label": "main" }, { "label": "other" }],
            "security": { "csp": "default-src *; script-src 'self' 'unsafe-inline'" }
        },
        "plugins": { "shell": {} }
    });
    assert_eq!(loose_configuration(&bad).len(), 6);
    assert!(
        !loose_configuration(&serde_json::json!({ "app": { "windows": [{ "label": "main" }] } })).is_empty()
    );
    complain(&loose_configuration(&json("src-tauri/tauri.conf.json")));
}

#[test]
fn the_page_uses_only_its_own_files_and_the_generated_bindings() {
    let text = "import a from 'axios';\nimport \"./b\";\nimport { c } from \"$lib/c\";\nconst d = import('left-pad');\n";
    assert_eq!(foreign_imports(&File::new("ui/src/a.ts", text)).len(), 2);
    let text = "fetch('x'); await invoke('y'); {@html z}";
    assert_eq!(powers(&File::new("ui/src/a.svelte", text)).len(), 3);

    let all = files::all();
    assert!(all.iter().any(is_page_source), "the page's sources were not found");
    complain(&all.iter().flat_map(foreign_imports).chain(all.iter().flat_map(powers)).collect::<Vec<_>>());
}
