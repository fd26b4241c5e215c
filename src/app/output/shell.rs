//! Commands to copy into a POSIX shell.

use std::borrow::Cow;

/// The word that a shell reads as this text. Arguments and variables cannot hold a NUL.
pub fn quoted(text: &str) -> String {
    shlex::try_quote(text).map_or_else(|_| text.replace('\0', ""), Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_shell_reads_back_what_was_quoted() {
        for text in ["plain", "a b", "it's", "$HOME `x` \"y\"", ""] {
            assert_eq!(shlex::split(&quoted(text)), Some(vec![text.to_owned()]));
        }
    }
}
