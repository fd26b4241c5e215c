//! Groups, semaphores and channels that count places: full of what waits for a place itself.

use super::kind::{all, goroutine, line, of};
use crate::leak::judge_tests::{evidence, judged, sightings};
use crate::leak::*;

const GO: &str = "golang.org/x/sync/errgroup.(*Group).Go(0x1)\n\t/mod/golang.org/x/sync@v0.1.0/errgroup/errgroup.go:74 +0x1\n";

/// A member of an errgroup, with frames above its own, innermost first: a function and the mark of its line.
fn member(id: u32, above: &str, own: &[(&str, &str)], source: &str) -> String {
    let own: Vec<String> = own
        .iter()
        .map(|(func, mark)| format!("{func}()\n\t/m/x.go:{} +0x1\n", line(source, mark)))
        .collect();
    format!(
        "goroutine {id} [{}]:\n{above}{}golang.org/x/sync/errgroup.(*Group).Go.func1()\n\t/mod/golang.org/x/sync@v0.1.0/errgroup/errgroup.go:82 +0x1\ncreated by golang.org/x/sync/errgroup.(*Group).Go in goroutine 10\n\t/mod/golang.org/x/sync@v0.1.0/errgroup/errgroup.go:78 +0x2\n\n",
        if above.is_empty() {
            "chan receive"
        } else {
            "chan send"
        },
        own.concat()
    )
}

fn causes(dump: &str, source: &str) -> Vec<Cause> {
    let groups = judged(&evidence(sightings(dump)), source);
    groups.into_iter().map(|group| group.cause).collect()
}

const NESTED: &str = r#"package m
import "golang.org/x/sync/errgroup"
func TestA() {
	var team errgroup.Group
	team.SetLimit(1)
	team.Go(func() error {
		team.Go(func() error { // inner
			return nil
		})
		return nil
	})
	team.Wait()
}
"#;

#[test]
fn a_group_that_is_full_of_its_own_callers_waits_for_itself() {
    let one = causes(&member(21, GO, &[("m.TestA.func1", "// inner")], NESTED), NESTED).remove(0);
    assert_eq!(one.code, CauseCode::CallWaits);
    assert!(
        one.waits_for.contains("`team`") && one.waits_for.contains("itself"),
        "{one:?}"
    );
    assert!(one.fix.contains("group of its own"), "{one:?}");
    assert!(!one.fix.contains("close or cancel"), "{one:?}");
    // Two of them fill a group of two.
    let two = member(21, GO, &[("m.TestA.func1", "// inner")], NESTED)
        + &member(22, GO, &[("m.TestA.func1", "// inner")], NESTED);
    for cause in causes(&two, NESTED) {
        assert!(cause.fix.contains("group of its own"), "{cause:?}");
    }
}

#[test]
fn a_method_that_the_group_runs_and_that_walks_down_fills_it_too() {
    let source = r#"package m
import "golang.org/x/sync/errgroup"
type tree struct{ pool *errgroup.Group; kids []*tree }
func (t *tree) walk() error {
	for _, kid := range t.kids {
		t.pool.Go(kid.walk) // inner
	}
	return nil
}
func TestA() {
	pool := &errgroup.Group{}
	pool.SetLimit(2)
	root := &tree{pool: pool}
	pool.Go(root.walk)
	pool.Wait()
}
"#;
    let cause = causes(&member(21, GO, &[("m.(*tree).walk", "// inner")], source), source).remove(0);
    assert!(cause.fix.contains("group of its own"), "{cause:?}");
}

#[test]
fn a_group_whose_other_functions_wait_for_something_else_does_not_wait_for_itself() {
    let source = NESTED.replace(
        "return nil\n\t})\n\tteam.Wait",
        "return nil\n\t})\n\tteam.Go(func() error { <-stop; return nil }) // other\n\tteam.Wait",
    );
    let dump = member(21, GO, &[("m.TestA.func1", "// inner")], &source)
        + &member(22, "", &[("m.TestA.func2", "// other")], &source);
    let all = causes(&dump, &source);
    let full = all
        .iter()
        .find(|cause| cause.code == CauseCode::CallWaits)
        .expect("it");
    assert!(!full.waits_for.contains("itself"), "{full:?}");
    // The caller of a group is no function of it.
    let two = NESTED
        .replace("func TestA() {", "func TestA() {\n\tvar other errgroup.Group")
        .replace("\t\tteam.Go(", "\t\tother.Go(");
    let cause = causes(&member(21, GO, &[("m.TestA.func1", "// inner")], &two), &two).remove(0);
    assert!(!cause.waits_for.contains("itself"), "{cause:?}");
}

const WALK: &str = r#"package m
import "golang.org/x/sync/semaphore"
type walker struct{ slots *semaphore.Weighted; gate chan int }
func (w *walker) dir(depth int) {
	TAKE // take
	GIVE
	w.dir(depth - 1) // down
}
func TestA() {
	w := &walker{slots: semaphore.NewWeighted(2), gate: make(chan int, 2)}
	go w.dir(3) // go
}
"#;

/// A function that takes a place and calls itself, caught in the inner call.
fn nested(state: &str, above: &str, func: &str, source: &str) -> Cause {
    let at = |mark| line(source, mark);
    let dump = format!(
        "goroutine 21 [{state}]:\n{above}{func}()\n\t/m/x.go:{} +0x1\n{func}()\n\t/m/x.go:{} +0x1\ncreated by m.TestA in goroutine 10\n\t/m/x.go:{} +0x2\n\n",
        at("// take"),
        at("// down"),
        at("// go")
    );
    causes(&dump, source).remove(0)
}

#[test]
fn who_holds_a_place_already_is_not_asked_to_defer_what_is_deferred() {
    let acquire = "golang.org/x/sync/semaphore.(*Weighted).Acquire(0x1)\n\t/mod/golang.org/x/sync@v0.1.0/semaphore/semaphore.go:7 +0x1\n";
    let weighted = WALK
        .replace("TAKE", "w.slots.Acquire(nil, 1)")
        .replace("GIVE", "defer w.slots.Release(1)");
    let channel = WALK
        .replace("TAKE", "w.gate <- 1")
        .replace("GIVE", "defer func() { <-w.gate }()");
    for (cause, source) in [
        (nested("select", acquire, "m.(*walker).dir", &weighted), &weighted),
        (nested("chan send", "", "m.(*walker).dir", &channel), &channel),
    ] {
        let taken = format!("line {}", line(source, "// take"));
        assert!(
            cause.waits_for.contains("holds a place") && cause.waits_for.contains(&taken),
            "{cause:?}"
        );
        assert!(!cause.fix.contains("defer"), "{cause:?}");
        assert!(cause.fix.contains("before"), "{cause:?}");
    }
    // What is given back before the call is not held.
    for (take, give, state, above) in [
        ("w.slots.Acquire(nil, 1)", "w.slots.Release(1)", "select", acquire),
        ("w.gate <- 1", "<-w.gate", "chan send", ""),
    ] {
        let source = WALK.replace("TAKE", take).replace("GIVE", give);
        let cause = nested(state, above, "m.(*walker).dir", &source);
        assert!(!cause.waits_for.contains("holds a place"), "{cause:?}");
    }
}

#[test]
fn a_channel_type_with_methods_counts_places_too() {
    let source = r#"package m
type gate chan int
func (g gate) dir(depth int) {
	g <- 1 // take
	defer func() { <-g }()
	g.dir(depth - 1) // down
}
func TestA() {
	g := make(gate, 2)
	go g.dir(3) // go
}
"#;
    let cause = nested("chan send", "", "m.gate.dir", source);
    assert_eq!(cause.code, CauseCode::SendBufferFull, "{cause:?}");
    assert!(cause.waits_for.contains("holds a place"), "{cause:?}");
}

#[test]
fn a_place_that_a_select_takes_and_a_return_keeps_is_named() {
    let fetch = |body: &str| {
        let source = format!(
            "package m\nimport (\"context\"; \"testing\")\ntype fetcher struct{{ sem chan struct{{}} }}\nfunc (f *fetcher) fetch(ctx context.Context, get func() error) error {{\n\tselect {{ // 21\n\tcase f.sem <- struct{{}}{{}}:\n\tcase <-ctx.Done():\n\t\treturn ctx.Err()\n\t}}\n{body}\treturn nil\n}}\nfunc TestA(t *testing.T) {{\n\tf := &fetcher{{make(chan struct{{}}, 1)}}\n\tf.fetch(context.Background(), nil)\n\tgo f.fetch(context.Background(), nil) // go 21\n}}\n"
        );
        let dump = goroutine(21, "select", "", "m.(*fetcher).fetch", &source);
        (of(&all(&dump, &source), "m.(*fetcher).fetch").clone(), source)
    };
    let (found, source) =
        fetch("\tif err := get(); err != nil {\n\t\treturn err // keeps\n\t}\n\t<-f.sem // gives\n");
    let at = |mark: &str| format!("line {}", line(&source, mark));
    assert_eq!(
        found.waits_for,
        format!(
            "any of `f.sem <-`, `<-ctx.Done()`: none becomes ready any more; the `return` ({}) comes before the `<-f.sem` ({}) that gives its place back",
            at("// keeps"),
            at("// gives")
        )
    );
    assert_eq!(
        found.fix,
        format!(
            "`defer func() {{ <-f.sem }}()` right after the select, in place of the `<-f.sem` ({})",
            at("// gives")
        )
    );
    // The `return` of the other case has taken no place.
    let (found, _) = fetch("\tget()\n\t<-f.sem // gives\n");
    assert!(!found.waits_for.contains("gives its place back"), "{found:?}");
}
