//! What a team decides: which verdicts fail, which lints count, what an entry must say.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A closed set of words, with text in both directions.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident, $expected:literal { $( $(#[$vmeta:meta])* $variant:ident = $word:literal, )* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $( $(#[$vmeta])* $variant, )* }
        impl $name {
            /// Every value, in the order of the documentation.
            pub const ALL: &'static [Self] = &[ $( Self::$variant, )* ];
            /// Every word.
            pub const WORDS: &'static [&'static str] = &[ $( $word, )* ];
            /// The words, as an error message lists them.
            pub const EXPECTED: &'static str = $expected;
            /// The word.
            pub fn as_str(self) -> &'static str {
                match self { $( Self::$variant => $word, )* }
            }
            /// The value of a word.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $( $word => Some(Self::$variant), )* _ => None }
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use words;

words! {
    /// How to treat a goroutine that outlived its test but exited while settling.
    Late, "`warn`, `fail` or `ignore`" {
        /// Said, passes.
        Warn = "warn",
        /// Fails the test.
        Fail = "fail",
        /// Listed, passes.
        Ignore = "ignore",
    }
}

words! {
    /// How to treat a leak that `--confirm` saw once per process, however often its test ran.
    OncePerProcess, "`fail` or `warn`" {
        /// Fails the test.
        Fail = "fail",
        /// Said, passes.
        Warn = "warn",
    }
}

words! {
    /// How much a lint counts.
    LintLevel, "`deny`, `warn` or `allow`" {
        /// Fails the gate.
        Deny = "deny",
        /// Said.
        Warn = "warn",
        /// Not looked for.
        Allow = "allow",
    }
}

words! {
    /// A key of an `[[allow]]` entry that policy can demand.
    Required, "`reason`, `owner`, `issue` or `expires`" {
        /// `reason`
        Reason = "reason",
        /// `owner`
        Owner = "owner",
        /// `issue`
        Issue = "issue",
        /// `expires`
        Expires = "expires",
    }
}

macro_rules! lint_codes {
    ($( $variant:ident = $code:literal, $level:ident, $about:literal; )*) => {
        /// The code of a finding about the rules.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum LintCode { $( #[doc = $about] #[serde(rename = $code)] $variant, )* }
        impl LintCode {
            /// Every code, in the order of the documentation.
            pub const ALL: &'static [Self] = &[ $( Self::$variant, )* ];
            /// Every code as text.
            pub const CODES: &'static [&'static str] = &[ $( $code, )* ];
            /// The code as text.
            pub fn as_str(self) -> &'static str {
                match self { $( Self::$variant => $code, )* }
            }
            /// The level when settings say nothing.
            pub fn default_level(self) -> LintLevel {
                match self { $( Self::$variant => LintLevel::$level, )* }
            }
            /// What it looks for, one sentence.
            pub fn about(self) -> &'static str {
                match self { $( Self::$variant => $about, )* }
            }
            /// The code that a text names.
            pub fn from_code(text: &str) -> Option<Self> {
                match text { $( $code => Some(Self::$variant), )* _ => None }
            }
        }
        impl std::fmt::Display for LintCode {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

lint_codes! {
    Broad = "broad", Deny, "The entry would cover goroutines of every owner.";
    Expired = "expired", Deny, "The entry's last day has passed; it covers nothing any more.";
    Expiring = "expiring", Warn, "The entry's last day is at most 14 days ahead.";
    MissingReason = "missing-reason", Deny, "The entry does not say why (`policy.require`).";
    MissingOwner = "missing-owner", Deny, "The entry names no owner (`policy.require`).";
    MissingIssue = "missing-issue", Deny, "The entry names no issue (`policy.require`).";
    MissingExpires = "missing-expires", Deny, "The entry has no last day (`policy.require`).";
    TooLong = "too-long", Deny, "The entry lasts longer than `policy.max-days`.";
    Placeholder = "placeholder", Warn, "A value is still the placeholder of a proposed entry.";
    Duplicate = "duplicate", Warn, "The same entry exists further up.";
    Shadowed = "shadowed", Warn, "An earlier entry covers everything that this one can match.";
    Dead = "dead", Warn, "The pattern can not match any goroutine.";
    DeadModule = "dead-module", Warn, "go.mod does not require the module of this function.";
    DeadFunction = "dead-function", Warn, "The module at the required version has no such function.";
    Spelling = "spelling", Warn, "The name is not spelt as leakgate compares it.";
    InCatalog = "in-catalog", Warn, "The built-in catalog covers this already.";
    Stale = "stale", Warn, "The entry matched nothing in a full run.";
    OverMax = "over-max", Deny, "More goroutines than `max` matched the entry.";
    FixedDebt = "fixed-debt", Warn, "The baseline records more than a full run found.";
}

/// How many days before its last day an entry is reported as `expiring`.
pub const EXPIRING_DAYS: i64 = 14;

/// The levels and demands in force.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Policy {
    /// Keys that every entry must have.
    pub require: Vec<Required>,
    /// How far in the future `expires` may lie.
    pub max_days: Option<u32>,
    /// How far ahead a new entry's last day is; 90 days by default.
    pub default_days: Option<u32>,
    /// Levels that differ from the default.
    pub levels: std::collections::BTreeMap<LintCode, LintLevel>,
}

impl Policy {
    /// How many days a new entry lasts.
    pub fn days(&self) -> u32 {
        let days = self.default_days.unwrap_or(90);
        self.max_days.map_or(days, |max| days.min(max))
    }

    /// The level of a code.
    pub fn level(&self, code: LintCode) -> LintLevel {
        self.levels
            .get(&code)
            .copied()
            .unwrap_or_else(|| code.default_level())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_lint_code_reads_back_and_is_unique() {
        for code in LintCode::ALL {
            assert_eq!(LintCode::from_code(code.as_str()), Some(*code));
        }
        let mut codes = LintCode::CODES.to_vec();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), LintCode::ALL.len());
    }

    #[test]
    fn settings_change_a_level() {
        let mut policy = Policy::default();
        assert_eq!(policy.level(LintCode::Stale), LintLevel::Warn);
        policy.levels.insert(LintCode::Stale, LintLevel::Deny);
        assert_eq!(policy.level(LintCode::Stale), LintLevel::Deny);
    }
}
