//! The packages that a run would test, as `go list` names them.

use super::shard::ListedPackage;
use super::{GoArgs, GoTestError, Toolchain, query};
use std::ffi::{OsStr, OsString};
use std::path::Path;

/// Flags of `go test` that decide which packages and files there are.
const BUILD_FLAGS: [&str; 8] = [
    "asan", "compiler", "mod", "modfile", "msan", "overlay", "race", "tags",
];

/// Lists the packages of `args` (of `./...`, when there are no arguments at all) in `dir`, go's working folder.
pub fn list(toolchain: &Toolchain, args: &GoArgs, dir: &Path) -> Result<Vec<ListedPackage>, GoTestError> {
    if args.packages.iter().any(|pattern| pattern.ends_with(".go")) {
        return Err(GoTestError::Usage(
            "files can't be sharded; name packages, such as ./...".to_owned(),
        ));
    }
    const FORMAT: &str = "{{.ImportPath}}\t{{len .TestGoFiles}}\t{{len .XTestGoFiles}}";
    let mut words: Vec<OsString> = ["list", "-e", "-f", FORMAT].map(OsString::from).to_vec();
    let own = args
        .flags
        .iter()
        .filter(|flag| flag.at.is_some() && BUILD_FLAGS.contains(&flag.name));
    words.extend(own.map(|flag| format!("-{}={}", flag.name, flag.value).into()));
    words.push("--".into());
    words.extend(args.patterns().iter().map(OsString::from));
    let env = toolchain.env();
    let env: Vec<(&str, &OsStr)> = env
        .iter()
        .map(|(name, value)| (*name, value.as_os_str()))
        .collect();
    let answer = query::ask(toolchain.program.as_os_str(), &words, dir, &env)?;
    if !answer.status.success() {
        let message = answer.words;
        return Err(GoTestError::GoList { message });
    }
    Ok(String::from_utf8_lossy(&answer.stdout)
        .lines()
        .filter_map(listed)
        .collect())
}

fn listed(line: &str) -> Option<ListedPackage> {
    let mut fields = line.split('\t');
    let path = fields.next()?.to_owned();
    let test_files = fields.filter_map(|count| count.parse::<u32>().ok()).sum();
    Some(ListedPackage { path, test_files })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_go_list_is_a_package() {
        let package = listed("example.com/a\t2\t1").unwrap();
        assert_eq!((package.path.as_str(), package.test_files), ("example.com/a", 3));
    }
}
