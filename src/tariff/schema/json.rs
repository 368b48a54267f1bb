//! The JSON Schema of the tariff file, made from the code.

use super::Tariff;

/// The schema that editors and other programs check tariff files with (draft 2020-12);
/// `tariffs/tariff.schema.json` is its copy.
#[must_use]
pub fn json_schema() -> String {
    let schema = schemars::schema_for!(Tariff);
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    /// `UPDATE_SCHEMA=1 cargo test json_schema` writes it anew.
    #[test]
    fn the_json_schema_is_current() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tariffs/tariff.schema.json");
        let fresh = super::json_schema();
        if std::env::var_os("UPDATE_SCHEMA").is_some() {
            std::fs::write(&path, &fresh).unwrap();
        }
        let stored = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(stored == fresh, "run UPDATE_SCHEMA=1 cargo test json_schema and commit {}", path.display());
        assert!(fresh.contains("\"demand_charge\"") && fresh.contains("\"additionalProperties\": false"));
    }
}
