//! The name of a test.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Full name of a test as test2json gives it: `TestA/case_1`, `BenchmarkX`, `ExampleX`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct TestName(pub String);

impl TestName {
    /// The function of the test: `TestA` of `TestA/case_1`.
    pub fn function(&self) -> &str {
        Self::function_of(&self.0)
    }

    /// The function of a test that is named as text.
    pub fn function_of(name: &str) -> &str {
        name.split('/').next().unwrap_or(name)
    }

    /// Whether it is a subtest.
    pub fn is_subtest(&self) -> bool {
        self.function().len() < self.0.len()
    }

    /// The pattern that `go test -run` matches with this test and no other: each part between slashes is a regular
    /// expression of its own.
    pub fn pattern(&self) -> String {
        let part = |part: &str| format!("^{}$", regex::escape(part));
        self.0.split('/').map(part).collect::<Vec<_>>().join("/")
    }
}

impl std::fmt::Display for TestName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
