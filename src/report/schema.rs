//! The JSON Schema of `leakgate.report/2`, as checked in; a test generates it from the model.

/// The checked-in schema, shipped in the binary.
pub const REPORT_SCHEMA: &str = include_str!("../../docs/schema/report.schema.json");

#[cfg(test)]
mod tests {
    use super::super::{Report, sample};
    use super::*;

    /// Generates the schema from the model.
    fn generate() -> serde_json::Value {
        let mut schema = schemars::schema_for!(Report).to_value();
        schema["$id"] = "urn:leakgate:report:2".into();
        schema["title"] = "leakgate report".into();
        schema["properties"]["schema"]["const"] = super::super::model::SCHEMA.into();
        schema
    }

    #[test]
    fn the_checked_in_schema_is_current() {
        let generated = serde_json::to_string_pretty(&generate()).unwrap() + "\n";
        snapbox::assert_data_eq!(
            generated,
            snapbox::file!["../../docs/schema/report.schema.json"].raw()
        );
    }

    #[test]
    fn reports_are_valid_and_other_documents_are_not() {
        let validator = jsonschema::validator_for(&serde_json::from_str(REPORT_SCHEMA).unwrap()).unwrap();
        for report in [sample::report(), sample::clean()] {
            let value = serde_json::to_value(&report).unwrap();
            let errors: Vec<String> = validator
                .iter_errors(&value)
                .map(|error| error.to_string())
                .collect();
            assert_eq!(errors, Vec::<String>::new());
        }
        let mut value = serde_json::to_value(sample::report()).unwrap();
        value["leaks"][0]["root"]["verdict"] = "perhaps".into();
        assert!(!validator.is_valid(&value));
        assert!(!validator.is_valid(&serde_json::json!({})));
    }
}
