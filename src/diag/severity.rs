//! How grave something is that leakgate reports.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How grave it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Stops the run, or fails the gate.
    Error,
    /// Passes, and is reported.
    Warning,
    /// For information.
    Note,
}
