//! The fence around output in GitHub's log: no line inside is a workflow command. It opens for a moment to fold lines into a group.

use std::fmt;

/// A fence. Its token must be unknown to what is printed inside.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fence {
    token: u128,
}

impl Fence {
    /// With a token that the tests of this run can't know.
    pub fn new(token: u128) -> Self {
        Self { token }
    }

    /// From here on no line is a command.
    pub fn begin(self) -> String {
        format!("::stop-commands::{self}\n")
    }

    /// From here on lines are commands again. Output may have left its last line open.
    pub fn end(self) -> String {
        format!("\n::{self}::\n")
    }

    /// Inside the fence: the lines up to [`Fence::unfold`] are a group, which the log shows as its title until it is opened.
    pub fn fold(self, title: &str) -> String {
        let title = title
            .replace('%', "%25")
            .replace('\r', "%0D")
            .replace('\n', "%0A");
        format!("::{self}::\n::group::{title}\n{}", self.begin())
    }

    /// Ends the group.
    pub fn unfold(self) -> String {
        format!("::{self}::\n::endgroup::\n{}", self.begin())
    }
}

/// The token.
impl fmt::Display for Fence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "leakgate-{:032x}", self.token)
    }
}

/// A log of leakgate's own must not tell the token.
impl fmt::Debug for Fence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fence")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_opens_the_fence_for_its_own_lines_only() {
        let fence = Fence::new(0xab);
        let token = "leakgate-000000000000000000000000000000ab";
        let text = [
            &fence.begin(),
            &fence.fold("a\n::error::b %"),
            "::error::no\n",
            &fence.unfold(),
            &fence.end(),
        ]
        .concat();
        let want = format!(
            "::stop-commands::{token}\n::{token}::\n::group::a%0A::error::b %25\n::stop-commands::{token}\n::error::no\n\
             ::{token}::\n::endgroup::\n::stop-commands::{token}\n\n::{token}::\n"
        );
        assert_eq!(text, want);
    }
}
