//! The goroutines of a crash dump: their parents, the tests that they run, and whose they are.
//!
//! A dump shows one instant: there are no times, labels only where Go prints them, and after a panic one goroutine alone.

use super::by::{By, CodePlace, LabelRead};
use super::code;
use super::roles::{Role, is_subtest, is_test, leaves, leaves_below, role, root_name};
use crate::goroutine::{Goroutine, GoroutineId, name};
use crate::leak::module::Code;
use crate::leak::{Attribution, TestName};
use rustc_hash::{FxHashMap, FxHashSet};

/// All of them.
pub struct Scene<'a> {
    /// As the dump has them.
    pub goroutines: &'a [Goroutine],
    /// The code under test.
    pub code: Code<'a>,
    /// Tests that had no end.
    running: Vec<TestName>,
    /// The same, and those that failed: a crash ends its test as failed.
    candidates: Vec<TestName>,
    by_id: FxHashMap<GoroutineId, &'a Goroutine>,
    roles: FxHashMap<GoroutineId, Role>,
    /// Goroutines by the addresses of what they work on.
    by_address: FxHashMap<u64, Vec<&'a Goroutine>>,
}

/// The tests of a goroutine, and how that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whose {
    /// Several where it is one of them.
    pub tests: Vec<TestName>,
    /// The facts.
    pub by: By,
}

impl Whose {
    /// The kind of tie.
    pub fn kind(&self) -> Attribution {
        self.by.attribution(self.tests.len())
    }
}

impl<'a> Scene<'a> {
    /// `running` are tests that had no end, `failed` those that go called failed.
    pub fn new(
        goroutines: &'a [Goroutine],
        running: &[TestName],
        failed: &[TestName],
        code: Code<'a>,
    ) -> Self {
        let by_id = goroutines
            .iter()
            .map(|goroutine| (goroutine.id, goroutine))
            .collect();
        let roles = goroutines
            .iter()
            .filter_map(|goroutine| Some((goroutine.id, role(goroutine)?)))
            .collect();
        let mut by_address: FxHashMap<u64, Vec<&Goroutine>> = FxHashMap::default();
        for goroutine in goroutines {
            for object in goroutine.objects() {
                by_address.entry(object.address).or_default().push(goroutine);
            }
        }
        Self {
            goroutines,
            code,
            running: running.to_vec(),
            candidates: [running, failed].concat(),
            by_id,
            roles,
            by_address,
        }
    }

    /// What a test's goroutine does; `None` for all others.
    pub fn role(&self, goroutine: &Goroutine) -> Option<Role> {
        self.roles.get(&goroutine.id).copied()
    }

    /// Whether a test is running, as the crash or the event stream says.
    pub fn is_running(&self, test: &TestName) -> bool {
        self.candidates.contains(test)
    }

    /// The creator's goroutine, if it is in the dump.
    fn parent(&self, goroutine: &Goroutine) -> Option<&'a Goroutine> {
        let by = goroutine.created.as_ref()?.by?;
        self.by_id.get(&by).copied()
    }

    /// The goroutine and those that led to it, so far as they live.
    pub fn lineage(&self, goroutine: &'a Goroutine) -> Vec<&'a Goroutine> {
        let mut seen = FxHashSet::default();
        let mut line = Vec::new();
        let mut next = Some(goroutine);
        while let Some(one) = next.filter(|one| seen.insert(one.id)) {
            line.push(one);
            next = self.parent(one);
        }
        line
    }

    /// Whose a goroutine is: by the test whose closure is on its stack, by its label, by the test goroutine that it is or
    /// that started it, by its bubble, or by the test function whose code led to it.
    pub fn whose(&self, goroutine: &'a Goroutine) -> Option<Whose> {
        let told = self.at_birth(goroutine);
        let Some(closure) = self.closure(goroutine) else {
            return told.or_else(|| self.created_in(goroutine));
        };
        let names = |whose: &Whose| whose.tests.iter().any(|test| test.function() == closure.test);
        match told {
            Some(told) if names(&told) || self.role(goroutine).is_some() => Some(told),
            told => {
                let by = By::Code {
                    func: closure.func.clone(),
                    place: closure.place,
                    beside: told.map(|told| Box::new(told.by)),
                };
                let tests = self.below_or_itself(closure.test);
                Some(Whose { tests, by })
            }
        }
    }

    fn at_birth(&self, goroutine: &'a Goroutine) -> Option<Whose> {
        if let Some((seq, test)) = label(goroutine) {
            let by = By::Label {
                seq,
                test: test.clone(),
                read: LabelRead::Header,
            };
            return Some(Whose {
                tests: vec![test],
                by,
            });
        }
        let line = self.lineage(goroutine);
        if let Some(owner) = line.iter().find(|one| self.roles.contains_key(&one.id)) {
            return self.of_test_goroutine(owner, goroutine);
        }
        self.in_bubble(goroutine)
    }

    /// The closure of a test on the stack of the goroutine itself.
    fn closure(&self, goroutine: &'a Goroutine) -> Option<code::Closure<'a>> {
        let known = |test: &str, place| place != CodePlace::Creator && is_test(test) && self.may_run(test);
        code::Closures::of(goroutine, &self.code).one(known)
    }

    /// The test function that ran a `go` statement which led to the goroutine.
    fn created_in(&self, goroutine: &'a Goroutine) -> Option<Whose> {
        let creators = self
            .lineage(goroutine)
            .into_iter()
            .filter_map(|one| one.created.as_ref());
        let (func, test) = creators
            .map(|created| &created.func)
            .filter(|func| self.code.is_under_test(func.as_str()))
            .filter_map(|func| Some((func, code::top_function(func.as_str())?)))
            .find(|(_, test)| is_test(test))?;
        let by = By::Code {
            func: func.clone(),
            place: CodePlace::Creator,
            beside: None,
        };
        Some(Whose {
            tests: vec![TestName(test.to_owned())],
            by,
        })
    }

    /// Whether a test of that name runs, as far as we know of any.
    fn may_run(&self, test: &str) -> bool {
        self.candidates.is_empty() || self.candidates.iter().any(|name| name.function() == test)
    }

    fn below_or_itself(&self, test: &str) -> Vec<TestName> {
        let below = [&self.running, &self.candidates].map(|tests| leaves_below(tests, test));
        let found = below.into_iter().find(|tests| !tests.is_empty());
        found.unwrap_or_else(|| vec![TestName(test.to_owned())])
    }

    fn of_test_goroutine(&self, owner: &'a Goroutine, goroutine: &Goroutine) -> Option<Whose> {
        if let Some((_, test)) = label(owner) {
            let by = runs(owner, goroutine, &test);
            return Some(Whose {
                tests: vec![test],
                by,
            });
        }
        let tests = self.run_by(owner);
        let first = tests.first()?.clone();
        let by = match tests.len() {
            1 => runs(owner, goroutine, &first),
            _ => By::Runs { goroutine: owner.id },
        };
        Some(Whose { tests, by })
    }

    /// The tests that a goroutine without a label may run. A subtest's function may be any; the outermost test goroutine
    /// names the test function.
    fn run_by(&self, owner: &'a Goroutine) -> Vec<TestName> {
        let subtest = is_subtest(owner);
        let Some(root) = self.lineage(owner).into_iter().rev().find_map(root_name) else {
            let fits = |test: &TestName| subtest.is_none_or(|subtest| subtest == test.0.contains('/'));
            let of =
                |tests: &[TestName]| -> Vec<TestName> { leaves(tests).into_iter().filter(fits).collect() };
            let running = of(&self.running);
            return if running.is_empty() {
                of(&self.candidates)
            } else {
                running
            };
        };
        if subtest != Some(true) && self.role(owner) == Some(Role::InTest) {
            return vec![TestName(root.to_owned())];
        }
        self.below_or_itself(root)
    }

    /// Goroutines of a synctest bubble are of the test whose bubble it is.
    fn in_bubble(&self, goroutine: &Goroutine) -> Option<Whose> {
        let bubble = goroutine.state.bubble?;
        let waits_for_it = |one: &&&Goroutine| {
            let calls = |call: &crate::goroutine::Frame| {
                matches!(
                    call.func.as_str(),
                    "internal/synctest.Run" | "testing/synctest.Test"
                )
            };
            self.role(one).is_some() && one.frames.iter().any(calls)
        };
        let inside = |one: &&&Goroutine| self.role(one).is_some() && one.state.bubble == Some(bubble);
        let all = || self.goroutines.iter();
        let root = all().find(|one| inside(&one));
        let owner = root.or_else(|| {
            let mut waiting = all().filter(|one| waits_for_it(&one));
            waiting.next().filter(|_| waiting.next().is_none())
        })?;
        let whose = self.of_test_goroutine(owner, owner)?;
        let by = By::Bubble { bubble: bubble.0 };
        Some(Whose { by, ..whose })
    }

    /// The test of a stuck goroutine that works on the same object (the lock that both wait for, most often); for what
    /// timers and finalizers run, which has no other tie.
    pub fn beside(&self, goroutine: &Goroutine, stuck: &[(&'a Goroutine, Whose)]) -> Option<Whose> {
        let objects = goroutine.objects();
        let shared = objects.iter().find_map(|object| {
            let others = self.by_address.get(&object.address)?;
            let is_other = |one: &&(&Goroutine, Whose)| others.iter().any(|other| other.id == one.0.id);
            stuck.iter().find(is_other)
        });
        if let Some((other, whose)) = shared {
            let by = By::Beside { goroutine: other.id };
            return Some(Whose {
                tests: whose.tests.clone(),
                by,
            });
        }
        let by_runtime = goroutine
            .created
            .as_ref()
            .is_none_or(|created| matches!(name::package(created.func.as_str()), "time" | "runtime"));
        let own = goroutine
            .frames
            .iter()
            .any(|frame| self.code.is_under_test(frame.func.as_str()));
        (by_runtime && own).then(|| self.only_running()).flatten()
    }

    /// The tests that ran when the process died, if there are any.
    pub fn only_running(&self) -> Option<Whose> {
        let running = leaves(&self.running);
        let tests = if running.is_empty() {
            leaves(&self.candidates)
        } else {
            running
        };
        (!tests.is_empty()).then_some(Whose {
            tests,
            by: By::Running,
        })
    }
}

fn runs(owner: &Goroutine, goroutine: &Goroutine, test: &TestName) -> By {
    if owner.id == goroutine.id {
        return By::Runs { goroutine: owner.id };
    }
    By::Lineage {
        creator: goroutine.created.as_ref().map(|created| created.func.clone()),
        parent: goroutine
            .created
            .as_ref()
            .and_then(|created| created.by)
            .unwrap_or(owner.id),
        test_goroutine: owner.id,
        test: test.clone(),
    }
}

/// The test that the shim's label names, and its number.
fn label(goroutine: &Goroutine) -> Option<(Option<u32>, TestName)> {
    let label = goroutine.labels.iter().find(|label| label.key == "leakgate")?;
    let (seq, test) = label.value.split_once(':')?;
    Some((seq.parse().ok(), TestName(test.to_owned())))
}
