//! The version of a Go toolchain, read from what `go env GOVERSION` says.

use std::fmt;

/// `go1.26.8`, `go1.27rc1`, `devel go1.28-a1b2c3 …`, `go1.26.8 X:goroutineleakprofile`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoVersion {
    /// The 26 in `go1.26.8`.
    pub minor: u32,
    /// As go says it.
    pub text: String,
}

/// The oldest Go whose package testing the shim fits.
pub const OLDEST: u32 = 21;
/// The newest Go that the shim was tried on; newer ones are used as long as every anchor is found.
pub const NEWEST_TRIED: u32 = 27;

impl GoVersion {
    /// Reads `GOVERSION`. `None` when no `go1.N` is in it (a Go 2, or not go at all).
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let at = text.find("go1.")?;
        let digits: String = text[at + 4..].chars().take_while(char::is_ascii_digit).collect();
        Some(Self {
            minor: digits.parse().ok()?,
            text: text.to_owned(),
        })
    }

    /// `go vet` inside `go test` sees files that an overlay adds (since Go 1.24).
    pub fn vet_sees_overlay(&self) -> bool {
        self.minor >= 24
    }

    /// The goroutine leak profile exists, but only under `GOEXPERIMENT=goroutineleakprofile` (Go 1.26).
    pub fn proof_is_experiment(&self) -> bool {
        self.minor == 26
    }
}

impl fmt::Display for GoVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_version_is_read() {
        let minor = |text| GoVersion::parse(text).map(|v| v.minor);
        assert_eq!(minor("go1.26.8"), Some(26));
        assert_eq!(minor("go1.21"), Some(21));
        assert_eq!(minor("go1.27rc1"), Some(27));
        assert_eq!(minor("go1.26.8 X:goroutineleakprofile"), Some(26));
        assert_eq!(
            minor("devel go1.28-5f7abe3 Tue Aug 4 10:00:00 2026 +0000"),
            Some(28)
        );
        assert_eq!(minor("go1.22.4-custom"), Some(22));
    }

    #[test]
    fn what_is_no_go_1_is_refused() {
        for text in ["", "go2.0", "devel +a1b2c3", "go1.", "go1.x"] {
            assert_eq!(GoVersion::parse(text), None, "{text}");
        }
    }
}
