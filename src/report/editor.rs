//! The line by which an editor's test view finds the place of a leak: `store.go:25: …`, as `t.Errorf` prints it.

use crate::goroutine::name;
use crate::leak::{Group, Leak, Spot};

/// Its place by the file's name alone, as package testing names it, so only for files of the package under test. `None` where
/// none of the leak's places is in such a file.
pub fn line(leak: &Leak) -> Option<String> {
    let root = &leak.root;
    let spots = [&root.blocked_at, &root.started_at, &root.test_at];
    let spot = spots
        .into_iter()
        .flatten()
        .find(|spot| is_of_package(spot, root))?;
    let file = spot.at.file.rsplit(['/', '\\']).next()?;
    Some(format!(
        "    {file}:{}: goroutine leak ({}): waits for {}\n",
        spot.at.line, root.cause.code, root.cause.waits_for
    ))
}

fn is_of_package(spot: &Spot, group: &Group) -> bool {
    let package = name::import_path(spot.func.as_str());
    let under_test = group.package.as_str();
    package == under_test || package.strip_suffix("_test") == Some(under_test)
}
