//! Codes as pages and tables.

use super::{Code, Kind};

/// The page of a code, as `leakgate explain` prints it.
pub fn markdown(code: Code) -> String {
    let about = match code.kind() {
        Kind::Inconclusive => "why a package is inconclusive (exit code 5)",
        Kind::Notice => "a notice about the run",
        Kind::Problem => "a mistake in leakgate.toml (exit code 2)",
    };
    format!(
        "# {}: {about}\n\n{}\n\n## What to do\n\n{}\n",
        code.as_str(),
        code.means(),
        code.remedy()
    )
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "the test compares docs/codes.md with the registry"
)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    /// All codes of a kind as a Markdown table.
    fn table(kind: Kind) -> String {
        let mut text = String::from("| code | what happened | what to do |\n| --- | --- | --- |\n");
        for code in Code::ALL.iter().filter(|code| code.kind() == kind) {
            let _ = writeln!(
                text,
                "| `{}` | {} | {} |",
                code.as_str(),
                code.means(),
                code.remedy()
            );
        }
        text
    }

    #[test]
    fn docs_list_every_code_from_the_registry() {
        let path = "docs/codes.md";
        let expected = format!(
            "# Codes\n\n`leakgate explain CODE` prints what a code means. Causes of leaks have [their pages](causes/README.md); \
             findings about rules are in [the allow-list](allow-list.md).\n\n## Why a package is inconclusive\n\n{}\n## Notices\n\n{}\n## Mistakes in leakgate.toml\n\n{}",
            table(Kind::Inconclusive),
            table(Kind::Notice),
            table(Kind::Problem)
        );
        if std::env::var_os("SNAPSHOTS").is_some_and(|value| value == "overwrite") {
            std::fs::write(path, &expected).unwrap();
        }
        let found = std::fs::read_to_string(path).unwrap_or_default();
        assert_eq!(
            found, expected,
            "SNAPSHOTS=overwrite cargo test --lib diag writes {path}"
        );
    }
}
