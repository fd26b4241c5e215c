//! The shim inside a Go toolchain, for build systems that compile the standard library themselves (Bazel's rules_go, Buck2,
//! Pants): a whole GOROOT, or a patch of one. Edge: copies files.

use super::GoTestError;
use super::overlay::{Injected, injected};
use super::shim::HARNESS;
use super::toolchain::Toolchain;
use super::trust;
use std::fs;
use std::path::Path;

/// The unified diff that puts the shim into the GOROOT of `toolchain`; paths begin with `a/src` and `b/src` (`patch -p1`).
pub fn patch(toolchain: &Toolchain) -> Result<String, GoTestError> {
    let mut text = String::new();
    for Injected { name, before, after } in injected(toolchain, HARNESS)? {
        let old = before
            .as_ref()
            .map_or("/dev/null".to_owned(), |_| format!("a/src/{name}"));
        let diff = similar::TextDiff::from_lines(before.as_deref().unwrap_or_default(), &after);
        let mut diff = diff.unified_diff();
        text.push_str(&diff.header(&old, &format!("b/src/{name}")).to_string());
    }
    Ok(text)
}

/// Copies the GOROOT of `toolchain` to the new or empty folder `to`, with the shim in it.
#[expect(clippy::disallowed_methods, reason = "edge: a GOROOT is copied")]
pub fn copy(toolchain: &Toolchain, to: &Path) -> Result<(), GoTestError> {
    let failed = |path: &Path, source| GoTestError::GorootCopy {
        path: path.to_owned(),
        source,
    };
    let files = injected(toolchain, HARNESS)?;
    fs::create_dir_all(to).map_err(|error| failed(to, error))?;
    if fs::read_dir(to)
        .map_err(|error| failed(to, error))?
        .next()
        .is_some()
    {
        return Err(GoTestError::GorootNotEmpty { path: to.to_owned() });
    }
    copy_tree(&toolchain.goroot, to)?;
    for Injected { name, after, .. } in files {
        let path = to.join("src").join(name);
        fs::write(&path, after).map_err(|error| failed(&path, error))?;
    }
    // rules_go before 0.42 reads all of VERSION as the version; go itself reads its first line.
    let path = to.join("VERSION");
    let version = fs::read_to_string(&path).map_err(|error| failed(&path, error))?;
    let first = version.lines().next().unwrap_or_default();
    fs::write(&path, first).map_err(|error| failed(&path, error))
}

/// Copies files and folders, writable for their owner: a toolchain in the module cache is not.
fn copy_tree(from: &Path, to: &Path) -> Result<(), GoTestError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| GoTestError::GorootCopy { path, source }
    };
    for entry in fs::read_dir(from).map_err(failed(from))? {
        let entry = entry.map_err(failed(from))?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        // Follows links: the copy needs nothing else.
        let meta = fs::metadata(&source).map_err(failed(&source))?;
        if meta.is_dir() {
            fs::create_dir(&target).map_err(failed(&target))?;
            copy_tree(&source, &target)?;
        } else {
            fs::copy(&source, &target).map_err(failed(&source))?;
            fs::set_permissions(&target, trust::writable(&meta.permissions())).map_err(failed(&target))?;
        }
    }
    Ok(())
}
