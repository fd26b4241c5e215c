//! The goroutines of a crash dump, their parents, and whose they are.

use super::headline::Headline;
use super::tests_of::{Role, is_test, leaves_below, role, root_name};
use crate::goroutine::{Goroutine, GoroutineId, name};
use crate::leak::module::Code;
use crate::leak::{Attribution, TestName};
use rustc_hash::{FxHashMap, FxHashSet};

/// All of them.
pub(super) struct Scene<'a> {
    pub goroutines: &'a [Goroutine],
    pub code: Code<'a>,
    running: Vec<TestName>,
    by_id: FxHashMap<GoroutineId, &'a Goroutine>,
    roles: FxHashMap<GoroutineId, Role>,
}

/// The tests of a goroutine, and how that was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Whose {
    pub tests: Vec<TestName>,
    pub kind: Attribution,
    pub words: String,
}

impl<'a> Scene<'a> {
    pub(super) fn new(
        goroutines: &'a [Goroutine],
        headline: &Headline,
        running: &[TestName],
        code: Code<'a>,
    ) -> Self {
        let listed = headline.running.iter().map(|entry| entry.test.clone());
        let running: Vec<TestName> = match headline.running.is_empty() {
            true => running.to_vec(),
            false => listed.collect(),
        };
        let by_id = goroutines
            .iter()
            .map(|goroutine| (goroutine.id, goroutine))
            .collect();
        let roles = goroutines
            .iter()
            .filter_map(|goroutine| Some((goroutine.id, role(goroutine)?)))
            .collect();
        Self {
            goroutines,
            code,
            running,
            by_id,
            roles,
        }
    }

    /// What a test's goroutine does; `None` for all others.
    pub(super) fn role(&self, goroutine: &Goroutine) -> Option<Role> {
        self.roles.get(&goroutine.id).copied()
    }

    /// Whether a test is running, as the crash or the event stream says.
    pub(super) fn is_running(&self, test: &TestName) -> bool {
        self.running.contains(test)
    }

    /// The creator's goroutine, if it is in the dump.
    pub(super) fn parent(&self, goroutine: &Goroutine) -> Option<&'a Goroutine> {
        let by = goroutine.created.as_ref()?.by?;
        self.by_id.get(&by).copied()
    }

    /// The goroutine and those that led to it, so far as they live.
    pub(super) fn lineage(&self, goroutine: &'a Goroutine) -> Vec<&'a Goroutine> {
        let mut seen = FxHashSet::default();
        let mut line = Vec::new();
        let mut next = Some(goroutine);
        while let Some(one) = next.filter(|one| seen.insert(one.id)) {
            line.push(one);
            next = self.parent(one);
        }
        line
    }

    /// Whose a goroutine is: by its label, by the test goroutine that it is or that started it, or by the name
    /// of the test function that started it.
    pub(super) fn whose(&self, goroutine: &'a Goroutine) -> Option<Whose> {
        if let Some(test) = label(goroutine) {
            let words = format!("label leakgate of {test}");
            return Some(Whose {
                tests: vec![test],
                kind: Attribution::Label,
                words,
            });
        }
        let line = self.lineage(goroutine);
        if let Some(owner) = line.iter().find(|one| self.roles.contains_key(&one.id)) {
            return self.of_test_goroutine(owner, goroutine);
        }
        let created = line.last()?.created.as_ref()?;
        let func = created.func.as_str();
        let test = func[name::package(func).len()..]
            .strip_prefix('.')?
            .split('.')
            .next()?;
        is_test(test).then(|| Whose {
            tests: vec![TestName(test.to_owned())],
            kind: Attribution::Lineage,
            words: format!("created by {func}"),
        })
    }

    fn of_test_goroutine(&self, owner: &'a Goroutine, goroutine: &Goroutine) -> Option<Whose> {
        if let Some(test) = label(owner) {
            let words = words(owner, goroutine, &test.0);
            return Some(Whose {
                tests: vec![test],
                kind: Attribution::Lineage,
                words,
            });
        }
        // A subtest's function may be any closure; the outermost test goroutine names the test function.
        let root = self.lineage(owner).into_iter().rev().find_map(root_name)?;
        let is_subtest = self
            .parent(owner)
            .is_some_and(|parent| parent.id.0 != 1 && self.roles.contains_key(&parent.id));
        let tests = match !is_subtest && self.role(owner) == Some(Role::Stands) {
            true => vec![TestName(root.to_owned())],
            false => leaves_below(&self.running, root),
        };
        let tests = if tests.is_empty() {
            vec![TestName(root.to_owned())]
        } else {
            tests
        };
        let kind = if tests.len() == 1 {
            Attribution::Lineage
        } else {
            Attribution::Window
        };
        let words = words(
            owner,
            goroutine,
            &tests
                .iter()
                .map(|test| test.0.as_str())
                .collect::<Vec<_>>()
                .join(" or "),
        );
        Some(Whose { tests, kind, words })
    }
}

fn words(owner: &Goroutine, goroutine: &Goroutine, test: &str) -> String {
    match owner.id == goroutine.id {
        true => format!("goroutine {} runs {test}", owner.id.0),
        false => format!("a descendant of goroutine {}, which runs {test}", owner.id.0),
    }
}

/// The test that the shim's label names.
fn label(goroutine: &Goroutine) -> Option<TestName> {
    let label = goroutine.labels.iter().find(|label| label.key == "leakgate")?;
    let (_, test) = label.value.split_once(':')?;
    Some(TestName(test.to_owned()))
}
