use schemars::generate::SchemaSettings;

use super::Profile;

/// The JSON Schema (draft 2020-12) of a profile's file, as text with a line break at its end. Editors that know TOML
/// take it as well.
pub fn json_schema() -> String {
    let mut schema =
        SchemaSettings::draft2020_12().for_deserialize().into_generator().into_root_schema_for::<Profile>();
    schema.insert("$id".to_owned(), "urn:gatehouse:profile:1".into());
    schema.insert("title".to_owned(), "A gateway profile of Gatehouse".into());
    let mut schema = schema.to_value();
    schema.sort_all_objects();
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}
