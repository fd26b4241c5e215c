//! The environment of the process.

/// An environment variable, if it is set and text.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the edge that reads the environment"
)]
pub fn lookup(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
