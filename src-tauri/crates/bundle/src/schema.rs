use schemars::generate::SchemaSettings;

use crate::config::GatewayConfig;

/// The JSON Schema (draft 2020-12) of `gateway.json`, version 1, as text with a line break at its end.
///
/// The schema describes what Gatehouse writes. `FORMAT.md` has the rules that a schema cannot express.
pub fn json_schema() -> String {
    let mut schema = SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<GatewayConfig>();
    schema.insert("$id".to_owned(), "urn:gatehouse:gateway:1".into());
    schema.insert("title".to_owned(), "gateway.json, version 1".into());
    // Whether serde_json keeps the order of insertion depends on what else is built; the text must not.
    let mut schema = schema.to_value();
    schema.sort_all_objects();
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}
