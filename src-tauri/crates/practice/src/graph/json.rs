//! Writing directory objects as JSON without a tree in between: pages of 999 people should cost microseconds each.

use std::borrow::Cow;

use super::errors::GraphError;

/// The value of one property.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value<'a> {
    Null,
    Bool(bool),
    Text(Cow<'a, str>),
    /// JSON that is ready.
    Ready(&'static str),
    Texts(Vec<Cow<'a, str>>),
}

impl<'a> Value<'a> {
    pub(super) fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self::Text(text.into())
    }

    pub(super) fn optional(text: Option<impl Into<Cow<'a, str>>>) -> Self {
        text.map_or(Self::Null, |text| Self::Text(text.into()))
    }
}

/// A kind of directory object with named properties.
pub(super) trait Entity {
    /// `#microsoft.graph.user`
    const TYPE: &'static str;
    /// Properties without `$select`.
    const DEFAULTS: &'static [&'static str];
    /// Further properties that `$select` may name.
    const FURTHER: &'static [&'static str];

    /// The value of a known property; `Null` for others.
    fn property(&self, name: &str) -> Value<'_>;
}

/// True when `$select` may name it.
pub(super) fn knows<E: Entity>(name: &str) -> bool {
    E::DEFAULTS.contains(&name) || E::FURTHER.contains(&name)
}

/// The names to write, or the 400 for a name that the type does not have.
pub(super) fn selection<E: Entity>(select: Option<&[String]>) -> Result<Vec<&str>, GraphError> {
    let Some(names) = select else {
        return Ok(E::DEFAULTS.to_vec());
    };
    names
        .iter()
        .map(|name| if knows::<E>(name) { Ok(name.as_str()) } else { Err(no_property::<E>(name)) })
        .collect()
}

/// The 400 for a name that the type does not have.
pub(super) fn no_property<E: Entity>(name: &str) -> GraphError {
    GraphError::bad_request_by_gateway(&format!(
        "Parsing OData Select and Expand failed: Could not find a property named '{name}' on type '{}'.",
        E::TYPE.trim_start_matches('#')
    ))
}

/// Writes `{"a":…,"b":…}`.
pub(super) fn write_object<E: Entity>(out: &mut String, entity: &E, names: &[&str]) {
    out.push('{');
    for (position, name) in names.iter().enumerate() {
        if position > 0 {
            out.push(',');
        }
        write_property(out, name, &entity.property(name));
    }
    out.push('}');
}

/// Writes `"name":value`.
pub(super) fn write_property(out: &mut String, name: &str, value: &Value<'_>) {
    write_text(out, name);
    out.push(':');
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Text(text) => write_text(out, text),
        Value::Ready(json) => out.push_str(json),
        Value::Texts(texts) => {
            out.push('[');
            for (position, text) in texts.iter().enumerate() {
                if position > 0 {
                    out.push(',');
                }
                write_text(out, text);
            }
            out.push(']');
        }
    }
}

/// Writes a JSON string (RFC 8259, section 7).
pub(super) fn write_text(out: &mut String, text: &str) {
    out.push('"');
    if text.bytes().all(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\') {
        out.push_str(text);
    } else {
        for letter in text.chars() {
            match letter {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                control if (control as u32) < 0x20 => {
                    out.push_str(&format!("\\u{:04x}", control as u32));
                }
                other => out.push(other),
            }
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_valid_json() {
        for text in ["", "plain", "quo\"te", "back\\slash", "new\nline\u{1}", "𠮷野 – é"] {
            let mut out = String::new();
            write_text(&mut out, text);
            assert_eq!(serde_json::from_str::<String>(&out).unwrap(), text);
        }
    }
}
