//! The JSON Schema of `leakgate.toml`, for editors: as checked in; a test generates it from the registry of keys.

/// The checked-in schema, shipped in the binary.
pub const CONFIG_SCHEMA: &str = include_str!("../../docs/schema/leakgate.toml.schema.json");

#[cfg(test)]
mod tests {
    use super::super::file::{self, VERSION};
    use super::super::keys::{KEYS, Scope};
    use crate::rules::allow::ENTRY_KEYS;
    use crate::rules::policy::{LintCode, LintLevel};
    use serde_json::{Map, Value, json};

    /// Generates the schema (draft-07, which editors read).
    fn generate() -> Value {
        let mut tables = Map::new();
        tables.insert(
            "version".into(),
            json!({ "const": VERSION, "description": "The version of this file's grammar." }),
        );
        for key in KEYS.iter().filter(|key| key.scope != Scope::OneRun) {
            let table = tables.entry(key.table).or_insert_with(|| table(Map::new()));
            let mut schema = (key.schema)();
            schema["description"] = json!(format!("{} Default: {}.", key.about, (key.default)()));
            table["properties"][key.name] = schema;
        }
        tables["catalog"]["properties"]["actions"] = json!({
            "type": "object",
            "description": "What a catalog entry does instead, by its name.",
            "additionalProperties": { "enum": ["ignore", "note", "hint"] },
        });
        tables.insert("lint".into(), lint());
        tables.insert("allow".into(), json!({ "type": "array", "items": entry() }));
        tables.insert(
            "may-not-run".into(),
            json!({ "type": "array", "items": may_not_run() }),
        );
        json!({
            "$schema": "http://json-schema.org/draft-07/schema#",
            "$id": "urn:leakgate:config:1",
            "title": "leakgate.toml",
            "type": "object",
            "additionalProperties": false,
            "properties": tables,
        })
    }

    fn table(properties: Map<String, Value>) -> Value {
        json!({ "type": "object", "additionalProperties": false, "properties": properties })
    }

    fn lint() -> Value {
        let levels = LintCode::ALL.iter().map(|code| {
            let about = format!("{} Default: {}.", code.about(), code.default_level());
            (
                code.as_str().to_owned(),
                json!({ "enum": LintLevel::WORDS, "description": about }),
            )
        });
        table(levels.collect())
    }

    fn entry() -> Value {
        let text = |about: &str| json!({ "type": "string", "minLength": 1, "description": about });
        let list = |about: &str| {
            json!({
                "description": format!("{about} Exact, with Go's `...` wildcard, or `re:` and an expression."),
                "anyOf": [
                    { "type": "string", "minLength": 1 },
                    { "type": "array", "minItems": 1, "items": { "type": "string", "minLength": 1 } },
                ],
            })
        };
        let properties = json!({
            "entry": list("The function that was started: the first frame from the bottom that is no launcher."),
            "created-by": list("The function that holds the `go` statement."),
            "top": list("The innermost frame."),
            "any": list("Any frame of the stack, not the creator."),
            "state": list("What it waits in, such as `IO wait`."),
            "package": list("The package whose tests ran: an import path, or a directory such as `./x/...`."),
            "test": list("The test that started it."),
            "max": { "type": "integer", "minimum": 1, "description": "How many goroutines it covers in one test process." },
            "reason": text("Why it may stay."),
            "owner": text("Who looks after it."),
            "issue": text("Where it is discussed."),
            "expires": { "description": "Its last day, YYYY-MM-DD.", "type": "string", "format": "date" },
        });
        let matchers = crate::rules::allow::MATCHER_KEYS
            .iter()
            .map(|key| json!({ "required": [key] }));
        json!({
            "type": "object",
            "additionalProperties": false,
            "properties": properties,
            "anyOf": matchers.collect::<Vec<_>>(),
        })
    }

    /// An entry of `[[may-not-run]]`: what an entry of `[[allow]]` says of packages and of itself.
    fn may_not_run() -> Value {
        let mut schema = entry();
        let keys = crate::rules::allow::MAY_NOT_RUN_KEYS;
        if let Some(properties) = schema["properties"].as_object_mut() {
            properties.retain(|key, _| keys.contains(&key.as_str()));
        }
        schema["anyOf"] = json!([{ "required": ["package"] }]);
        schema
    }

    #[test]
    fn the_checked_in_schema_is_current() {
        let generated = serde_json::to_string_pretty(&generate()).unwrap() + "\n";
        snapbox::assert_data_eq!(
            generated,
            snapbox::file!["../../docs/schema/leakgate.toml.schema.json"].raw()
        );
    }

    #[test]
    fn the_schema_knows_every_key_of_an_entry() {
        for key in ENTRY_KEYS {
            assert!(!entry()["properties"][key].is_null(), "{key}");
        }
    }

    #[test]
    fn the_schema_and_the_reader_agree() {
        let validator = jsonschema::validator_for(&generate()).unwrap();
        for (text, good) in [
            (
                "version = 1\n[run]\nsettle = \"1m30s\"\nconfirm = 3\nlabels = true\n",
                true,
            ),
            ("[run]\nsettle = \"soon\"\n", false),
            ("[run]\nsetle = \"1s\"\n", false),
            ("[gate]\nlate = \"fail\"\nbaseline = \"off\"\n", true),
            ("[gate]\nlate = \"loud\"\n", false),
            ("[output]\nreport = [\"sarif=a.sarif\"]\n", true),
            ("[output]\nreport = [\"xml=a\"]\n", false),
            ("[lint]\nstale = \"deny\"\n", true),
            ("[lint]\nstale = \"maybe\"\n", false),
            ("[lint]\nstail = \"deny\"\n", false),
            ("[catalog.actions]\nos-signal-loop = \"note\"\n", true),
            ("[catalog.actions]\nos-signal-loop = \"never\"\n", false),
            (
                "[[allow]]\nentry = [\"a.F\", \"b.G\"]\nexpires = \"2027-01-31\"\nmax = 1\n",
                true,
            ),
            ("[[allow]]\nreason = \"x\"\n", false),
            ("[[allow]]\nentry = \"a.F\"\nmax = 0\n", false),
            ("[[allow]]\nfunc = \"a.F\"\n", false),
            ("[[may-not-run]]\npackage = \"./x\"\nreason = \"r\"\n", true),
            ("[[may-not-run]]\nreason = \"r\"\n", false),
            ("[[may-not-run]]\npackage = \"./x\"\nmax = 3\n", false),
            ("version = 3\n", false),
        ] {
            let value: Value = toml_edit::de::from_str(text).unwrap();
            assert_eq!(validator.is_valid(&value), good, "{text}");
            assert_eq!(file::read(text).is_ok(), good, "{text}");
        }
    }
}
