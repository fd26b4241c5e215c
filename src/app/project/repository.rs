//! Where the source of this checkout can be seen, for links: from the CI's variables, else from `.git`. Edge: reads both.

use crate::app::store::environment::lookup;
use crate::app::store::reading;
use crate::report::Repository;
use std::path::{Path, PathBuf};

/// The repository host's address and the commit; `None` when either is unknown.
pub fn find(root: &Path) -> Option<Repository> {
    from_ci(&lookup).or_else(|| from_git(root))
}

fn from_ci(lookup: &dyn Fn(&str) -> Option<String>) -> Option<Repository> {
    let set = |name: &str| lookup(name).filter(|value| !value.is_empty());
    let github = || {
        let url = format!("{}/{}", set("GITHUB_SERVER_URL")?, set("GITHUB_REPOSITORY")?);
        Some((url, set("GITHUB_SHA")?))
    };
    let gitlab = || Some((set("CI_PROJECT_URL")?, set("CI_COMMIT_SHA")?));
    let buildkite = || Some((set("BUILDKITE_REPO")?, set("BUILDKITE_COMMIT")?));
    let (url, commit) = github().or_else(gitlab).or_else(buildkite)?;
    repository(&url, &commit)
}

fn from_git(root: &Path) -> Option<Repository> {
    let git = git_folder(&root.join(".git"))?;
    // The folder of a linked worktree names the one that holds config and refs.
    let common = read(&git.join("commondir")).map_or(git.clone(), |common| git.join(common.trim()));
    let head = read(&git.join("HEAD"))?;
    let commit = match head.trim().strip_prefix("ref: ") {
        None => head.trim().to_owned(),
        Some(name) => reference(&common, name)?,
    };
    repository(&origin(&read(&common.join("config"))?)?, &commit)
}

fn git_folder(path: &Path) -> Option<PathBuf> {
    if path.is_dir() {
        return Some(path.to_path_buf());
    }
    let text = read(path)?;
    Some(path.parent()?.join(text.trim().strip_prefix("gitdir: ")?))
}

/// The commit of `refs/heads/main`, loose or packed.
fn reference(git: &Path, name: &str) -> Option<String> {
    if name.contains("..") || !name.starts_with("refs/") {
        return None;
    }
    if let Some(commit) = read(&git.join(name)) {
        return Some(commit.trim().to_owned());
    }
    let packed = read(&git.join("packed-refs"))?;
    packed
        .lines()
        .find_map(|line| Some(line.strip_suffix(name)?.strip_suffix(' ')?.to_owned()))
}

/// The address of the remote `origin` in a git config.
fn origin(config: &str) -> Option<String> {
    let mut in_origin = false;
    for line in config.lines().map(str::trim) {
        if line.starts_with('[') {
            in_origin = line == "[remote \"origin\"]";
        } else if let (true, Some((key, value))) = (in_origin, line.split_once('='))
            && key.trim() == "url"
        {
            return Some(value.trim().to_owned());
        }
    }
    None
}

fn repository(url: &str, commit: &str) -> Option<Repository> {
    let hexadecimal = commit.len() >= 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    hexadecimal.then_some(())?;
    Some(Repository {
        url: web_address(url)?,
        commit: commit.to_owned(),
    })
}

/// `https://host/owner/name` of any form git takes, without a user or password in it.
fn web_address(url: &str) -> Option<String> {
    let (scheme, rest) = match url.split_once("://") {
        Some((scheme @ ("https" | "http"), rest)) => (scheme, rest.to_owned()),
        Some(("ssh" | "git", rest)) => ("https", without_port(rest)),
        Some(_) => return None,
        None => {
            let (host, path) = url.split_once(':')?;
            ("https", format!("{host}/{path}"))
        }
    };
    let rest = match rest.split_once('@') {
        Some((user, rest)) if !user.contains('/') => rest,
        _ => &rest,
    };
    let rest = rest.trim_end_matches('/').trim_end_matches(".git");
    rest.contains('/').then(|| format!("{scheme}://{rest}"))
}

/// `host/path` of `host:22/path`.
fn without_port(rest: &str) -> String {
    match rest.split_once('/') {
        Some((host, path)) => {
            let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
            format!("{name}/{path}")
        }
        None => rest.to_owned(),
    }
}

fn read(path: &Path) -> Option<String> {
    reading::regular_text(path, reading::SMALL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_every_form() {
        let same = "https://github.com/o/n";
        for url in [
            "https://github.com/o/n",
            "https://github.com/o/n.git",
            "https://user:token@github.com/o/n.git",
            "git@github.com:o/n.git",
            "ssh://git@github.com/o/n.git",
            "ssh://git@github.com:22/o/n.git",
        ] {
            assert_eq!(web_address(url).as_deref(), Some(same), "{url}");
        }
        assert_eq!(web_address("/srv/git/n.git"), None);
        assert_eq!(web_address("file:///srv/n"), None);
    }

    #[test]
    fn the_variables_of_each_ci() {
        let commit = "0123456789abcdef0123456789abcdef01234567";
        let of = |variables: &'static [(&str, &str)]| {
            from_ci(&move |name| {
                let value = variables.iter().find(|(key, _)| *key == name)?.1;
                Some(if value == "SHA" { commit } else { value }.to_owned())
            })
        };
        let github = [
            ("GITHUB_SERVER_URL", "https://github.com"),
            ("GITHUB_REPOSITORY", "o/n"),
            ("GITHUB_SHA", "SHA"),
        ];
        assert_eq!(
            of(Box::leak(Box::new(github))).unwrap().url,
            "https://github.com/o/n"
        );
        let gitlab = [
            ("CI_PROJECT_URL", "https://gitlab.com/o/n"),
            ("CI_COMMIT_SHA", "SHA"),
        ];
        assert_eq!(of(Box::leak(Box::new(gitlab))).unwrap().commit, commit);
        assert_eq!(
            of(&[
                ("BUILDKITE_REPO", "git@github.com:o/n.git"),
                ("BUILDKITE_COMMIT", "HEAD")
            ]),
            None
        );
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the test writes a .git")]
    fn a_git_folder_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let git = dir.path().join(".git");
        std::fs::create_dir(&git).unwrap();
        std::fs::write(git.join("HEAD"), "ref: refs/heads/main\n").unwrap();
        std::fs::write(
            git.join("config"),
            "[core]\n\tbare = false\n[remote \"origin\"]\n\turl = git@gitlab.com:o/n.git\n",
        )
        .unwrap();
        let commit = "fedcba9876543210fedcba9876543210fedcba98";
        std::fs::write(
            git.join("packed-refs"),
            format!("# pack-refs\n{commit} refs/heads/main\n"),
        )
        .unwrap();
        let found = find(dir.path());
        if lookup("GITHUB_SHA").is_none() && lookup("CI_COMMIT_SHA").is_none() {
            assert_eq!(
                found,
                Some(Repository {
                    url: "https://gitlab.com/o/n".to_owned(),
                    commit: commit.to_owned()
                })
            );
        }
    }
}
