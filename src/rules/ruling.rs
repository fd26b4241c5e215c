//! A ruling: what the team's rules decide about a leak.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the rules made of a leak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RulingKind {
    /// Fails the test (and the gate).
    Fails,
    /// Said, does not fail: late by default, `note` entries, once-per-process = "warn".
    Warns,
    /// The built-in catalog knows it as a process-lifetime goroutine.
    Background,
    /// A team's `[[allow]]` entry matched.
    Allowed,
    /// Known debt of the baseline file, within its count.
    Baselined,
}

/// The ruling of one leak, with what decided it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ruling {
    /// What became of it.
    pub kind: RulingKind,
    /// In words: `allowed by leakgate.toml:12 until 2027-01-31: keep-alive pool`, `over max = 4: 7 found`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// `leakgate.toml:12`, `catalog:os-signal-loop` or `leakgate.baseline.json`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Owner named by the rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Expiry named by the rule, `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// Upstream issue named by the rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue: Option<String>,
}
