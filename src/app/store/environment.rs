//! The environment of the process.

/// An environment variable, if it is set and text.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the edge that reads the environment"
)]
pub fn lookup(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The names of all environment variables that are text.
pub fn names() -> Vec<String> {
    let names = std::env::vars_os().map(|(name, _)| name.into_string());
    names.filter_map(Result::ok).collect()
}
