//! `leakgate explain`.

use clap::Args;
use std::path::PathBuf;

/// `leakgate explain CODE|FINGERPRINT`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// A cause (send-no-receiver), the fingerprint of a leak (its first digits will do), or a lint (stale); without it, all
    /// causes are listed
    #[arg(value_name = "CODE|FINGERPRINT")]
    pub what: Option<String>,
    /// The JSON report to look the fingerprint up in [default: the last run of this module]
    #[arg(long, value_name = "REPORT")]
    pub from: Option<PathBuf>,
}
