//! The import path of a Go package, as `go test -json` names it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An import path such as `example.com/shop/cart`. May be `command-line-arguments`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, Default)]
#[serde(transparent)]
pub struct PackagePath(pub String);

impl PackagePath {
    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for PackagePath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
