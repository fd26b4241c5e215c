//! Joining of stages that wait for each other, on dumps with their source.

use crate::leak::Leak;
use crate::leak::cause_tests::kind::line;
use crate::leak::judge_tests::{evidence, judged_leaks, sightings};

/// A goroutine of a closure of `m.NAME` that waits at the line of a mark, started at the line of another one.
fn stage(id: u32, state: &str, name: &str, source: &str, here: &str, go: &str) -> String {
    format!(
        "goroutine {id} [{state}]:\nm.{name}.func1()\n\t/m/x.go:{} +0x1\ncreated by m.{name} in goroutine 10\n\t/m/x.go:{} +0x2\n\n",
        line(source, here),
        line(source, go)
    )
}

fn joined(stages: &[String], source: &str) -> Vec<(String, u64)> {
    let leaks: Vec<Leak> = judged_leaks(&evidence(sightings(&stages.concat())), source);
    leaks
        .iter()
        .map(|leak| (leak.root.owner.0.clone(), leak.goroutines()))
        .collect()
}

const FAN_IN: &str = r#"package m
func numbers(all ...int) <-chan int {
	out := make(chan int)
	go func() { // go numbers
		for _, one := range all {
			out <- one // numbers
		}
	}()
	return out
}
func merge(MANY) <-chan int {
	merged := make(chan int)
	for _, in := range ins {
		go func(c <-chan int) { // go merge
			for v := range c {
				merged <- v // merge
			}
		}(in)
	}
	return merged
}
func TestA() {
	BODY
}
func TestB() {
	for range merge(numbers(7)) {
	}
}
"#;

fn fan_in(many: &str, body: &str) -> Vec<(String, u64)> {
    let source = FAN_IN.replace("MANY", many).replace("BODY", body);
    let stages = [
        stage(21, "chan send", "merge", &source, "// merge", "// go merge"),
        stage(22, "chan send", "merge", &source, "// merge", "// go merge"),
        stage(23, "chan send", "numbers", &source, "// numbers", "// go numbers"),
        stage(24, "chan send", "numbers", &source, "// numbers", "// go numbers"),
    ];
    joined(&stages, &source)
}

#[test]
fn a_fan_in_and_its_sources_are_one_leak() {
    let one = [("m.merge.func1".to_owned(), 4)];
    let variadic = "ins ...<-chan int";
    assert_eq!(fan_in(variadic, "<-merge(numbers(1, 2), numbers(3, 4))"), one);
    assert_eq!(
        fan_in(
            variadic,
            "all := []<-chan int{numbers(1, 2), numbers(3, 4)}\n\t<-merge(all...)"
        ),
        one
    );
    assert_eq!(
        fan_in(
            "ins []<-chan int",
            "<-merge([]<-chan int{numbers(1, 2), numbers(3, 4)})"
        ),
        one
    );
}

#[test]
fn a_source_that_no_fan_in_reads_is_a_leak_of_its_own() {
    // Of three sources two are read: which of them wait for the fan-in can't be told.
    let apart = fan_in(
        "ins ...<-chan int",
        "<-merge(numbers(1, 2), numbers(3, 4))\n\t<-numbers(5, 6)",
    );
    assert_eq!(apart.len(), 2, "{apart:?}");
}

#[test]
fn a_source_beside_a_stage_that_reads_others_is_a_leak_of_its_own() {
    let source = FAN_IN
        .replace("MANY", "ins ...<-chan int")
        .replace("BODY", "both(numbers(1), numbers(2)) // go both\n\t<-numbers(3)")
        + "func both(a, b <-chan int) {\n\tout := make(chan int)\n\tgo func() { // go both\n\t\tfor {\n\t\t\tselect {\n\t\t\tcase v := <-a:\n\t\t\t\tout <- v // both\n\t\t\tcase v := <-b:\n\t\t\t\tout <- v\n\t\t\t}\n\t\t}\n\t}()\n}\n";
    let numbers = |id| stage(id, "chan send", "numbers", &source, "// numbers", "// go numbers");
    let both = stage(
        21,
        "chan send",
        "both",
        &source,
        "out <- v // both",
        "go func() { // go both",
    );
    assert_eq!(
        joined(&[both.clone(), numbers(22), numbers(23), numbers(24)], &source).len(),
        2
    );
    let two = source.replace("\n\t<-numbers(3)", "");
    let both = stage(
        21,
        "chan send",
        "both",
        &two,
        "out <- v // both",
        "go func() { // go both",
    );
    let numbers = |id| stage(id, "chan send", "numbers", &two, "// numbers", "// go numbers");
    assert_eq!(joined(&[both, numbers(22), numbers(23)], &two).len(), 1);
}
