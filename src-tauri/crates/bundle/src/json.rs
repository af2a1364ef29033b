use serde::Deserialize;
use serde_json::Value;

use crate::{
    config::{GatewayConfig, GatewayFormat},
    problem::ConfigProblem,
};

/// The most that a `gateway.json` may hold, in bytes.
pub const MAX_BYTES: usize = 1024 * 1024;

impl GatewayConfig {
    /// The file's bytes: UTF-8, keys in the order of [`GatewayConfig`]'s fields, two spaces per level, a line break
    /// at the end. The same config always gives the same bytes.
    ///
    /// Call [`check`](Self::check) first: what it refuses, [`from_json`](Self::from_json) refuses too.
    pub fn to_json(&self) -> Vec<u8> {
        #[expect(
            clippy::expect_used,
            reason = "string keys only, written to memory: there is nothing to fail"
        )]
        let mut bytes = serde_json::to_vec_pretty(self).expect("a config is always representable");
        bytes.push(b'\n');
        bytes
    }

    /// Reads a `gateway.json`.
    ///
    /// # Errors
    /// Every deviation from `FORMAT.md`: unknown, missing, repeated or misspelled fields, another version, a byte
    /// order mark, more than [`MAX_BYTES`], and what [`check`](Self::check) refuses.
    pub fn from_json(bytes: &[u8]) -> Result<Self, ConfigProblem> {
        refuse_foreign_bytes(bytes)?;
        refuse_other_version(bytes)?;
        let mut deserializer = serde_json::Deserializer::from_slice(bytes);
        let config: Self =
            serde_path_to_error::deserialize(&mut deserializer).map_err(|error| unreadable(&error))?;
        deserializer.end().map_err(|error| not_json(&error))?;
        refuse_lists_for_objects(bytes, &config)?;
        config.check()?;
        Ok(config)
    }
}

fn refuse_foreign_bytes(bytes: &[u8]) -> Result<(), ConfigProblem> {
    if bytes.len() > MAX_BYTES {
        return Err(ConfigProblem::file(
            "is larger than 1 MiB",
            "Check that it is the file that Gatehouse wrote; a real one is far smaller.",
        ));
    }
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(ConfigProblem::file("is empty", "Export it again from Gatehouse."));
    }
    let marks: [&[u8]; 3] = [b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"];
    if marks.iter().any(|mark| bytes.starts_with(mark)) {
        return Err(ConfigProblem::file(
            "starts with a byte order mark",
            "Save it as UTF-8 without a byte order mark, or export it again.",
        ));
    }
    if bytes.trim_ascii_start().starts_with(b"[") {
        return Err(ConfigProblem::file(
            "is a list where an object belongs",
            "Export it again from Gatehouse.",
        ));
    }
    if std::str::from_utf8(bytes).is_err() {
        return Err(ConfigProblem::file("is not UTF-8 text", "Save it as UTF-8, or export it again."));
    }
    Ok(())
}

/// A later version may have other fields, so the version is looked at before anything else.
fn refuse_other_version(bytes: &[u8]) -> Result<(), ConfigProblem> {
    #[derive(Deserialize)]
    struct Head {
        format: String,
    }
    match serde_json::from_slice::<Head>(bytes) {
        Ok(Head { format }) if format == GatewayFormat::ID => Ok(()),
        Ok(Head { format }) if format.starts_with("gatehouse.gateway/") => Err(ConfigProblem::new(
            "format",
            format!("is another version than {}", GatewayFormat::ID),
            "Export the file again with the version of Gatehouse that this gateway expects.",
        )),
        Ok(_) => Err(ConfigProblem::new(
            "format",
            format!("is not {}", GatewayFormat::ID),
            "This is not a gateway.json of Gatehouse. Export it again.",
        )),
        Err(_) => Ok(()),
    }
}

/// serde also reads an object from the list of its values, which no other reader of the format would do.
fn refuse_lists_for_objects(bytes: &[u8], config: &GatewayConfig) -> Result<(), ConfigProblem> {
    let read = serde_json::from_slice(bytes).map_err(|error| not_json(&error))?;
    let written = serde_json::to_value(config).map_err(|error| not_json(&error))?;
    match list_for_object(&read, &written, "") {
        Some(field) => {
            Err(ConfigProblem::new(field, "is a list where an object belongs", "Correct the value."))
        }
        None => Ok(()),
    }
}

fn list_for_object(read: &Value, written: &Value, path: &str) -> Option<String> {
    match (read, written) {
        (Value::Array(_), Value::Object(_)) => Some(path.to_owned()),
        (Value::Object(read), Value::Object(written)) => read.iter().find_map(|(name, value)| {
            let dot = if path.is_empty() { "" } else { "." };
            list_for_object(value, written.get(name)?, &format!("{path}{dot}{name}"))
        }),
        (Value::Array(read), Value::Array(written)) => {
            (read.iter().zip(written).enumerate()).find_map(|(index, (value, written))| {
                list_for_object(value, written, &format!("{path}[{index}]"))
            })
        }
        _ => None,
    }
}

fn unreadable(error: &serde_path_to_error::Error<serde_json::Error>) -> ConfigProblem {
    if !error.inner().is_data() {
        return not_json(error.inner());
    }
    let path = error.path().to_string();
    let message = error.inner().to_string();
    let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message);
    if let Some(name) = quoted_after(message, "unknown field `") {
        let fix = if ["secret", "password", "token", "private_key"].iter().any(|word| name.contains(word)) {
            "Remove it, and treat its value as disclosed: gateway.json never holds a secret."
        } else {
            "Remove it. Version 1 knows only the fields in FORMAT.md."
        };
        return ConfigProblem::new(child(&path, name), "is not a field of this format", fix);
    }
    if let Some(name) = quoted_after(message, "missing field `") {
        return ConfigProblem::new(
            child(&path, name),
            "is missing",
            "Add it; a field without a value is null, or an empty list.",
        );
    }
    if let Some(name) = quoted_after(message, "duplicate field `") {
        return ConfigProblem::new(child(&path, name), "stands in the file twice", "Keep one of the two.");
    }
    if let Some((_, expected)) = message.split_once(", expected ") {
        if message.starts_with("unknown variant") {
            let what = format!("is none of the values that are known: {}", expected.replace('`', ""));
            return ConfigProblem::new(path, without_counting_words(&what), "Use one of these.");
        }
        if let Some(rest) = message.strip_prefix("invalid type: ") {
            let what = format!("is {} where {} belongs", kind_only(rest), described(expected));
            return ConfigProblem::new(path, what, "Correct the value.");
        }
        let what = format!("is out of range for {}", described(expected));
        return ConfigProblem::new(path, what, "Correct the value.");
    }
    ConfigProblem::new(path, message, "Correct the value.")
}

fn not_json(error: &serde_json::Error) -> ConfigProblem {
    let place = format!("line {}, column {}", error.line(), error.column());
    if error.is_eof() {
        ConfigProblem::file(
            format!("ends too early, at {place}"),
            "It was cut off. Copy it again, or export it again.",
        )
    } else {
        ConfigProblem::file(format!("is not valid JSON at {place}"), "Correct it, or export it again.")
    }
}

fn quoted_after<'text>(message: &'text str, start: &str) -> Option<&'text str> {
    message.strip_prefix(start)?.split('`').next()
}

/// serde names an unknown or repeated field in its message, and its path may end with it already.
fn child(path: &str, name: &str) -> String {
    let shown: String = name.chars().filter(|character| !character.is_control()).take(60).collect();
    if path == "." {
        shown
    } else if path == name || path.ends_with(&format!(".{name}")) {
        path.to_owned()
    } else {
        format!("{path}.{shown}")
    }
}

/// The kind of what was found, without its value.
fn kind_only(found: &str) -> &'static str {
    const KINDS: [(&str, &str); 7] = [
        ("string", "text"),
        ("integer", "a number"),
        ("floating", "a number with a fraction, or too large,"),
        ("boolean", "true or false"),
        ("map", "an object"),
        ("sequence", "a list"),
        ("null", "null"),
    ];
    KINDS.iter().find(|(start, _)| found.starts_with(start)).map_or("a value", |(_, name)| name)
}

fn described(expected: &str) -> &'static str {
    const EXPECTED: [(&str, &str); 6] = [
        ("a string", "text"),
        ("a boolean", "true or false"),
        ("a sequence", "a list"),
        ("struct", "an object"),
        ("u8", "a whole number from 0 to 255"),
        ("u16", "a whole number from 0 to 65535"),
    ];
    EXPECTED.iter().find(|(start, _)| expected.starts_with(start)).map_or(
        if expected.starts_with('u') { "a whole number that is not negative" } else { "another value" },
        |(_, name)| name,
    )
}

fn without_counting_words(text: &str) -> String {
    text.replace("known: one of ", "known: ")
}
