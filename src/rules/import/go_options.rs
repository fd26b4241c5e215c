//! Options of goleak, gleak, leaktest and grpc's leakcheck, recognised by their calls.

use super::values::Names;
use super::{Dropped, Ignored, Imported, Source};
use crate::go_source::{At, GoFile};

/// What to do with a call.
enum Carry {
    /// An entry with this key.
    As(&'static str, fn(&str) -> Shape),
    /// Nothing, for this reason.
    Not(&'static str),
}

/// A pattern, and a wait state beside it.
struct Shape(String, Option<String>);

fn exact(name: &str) -> Shape {
    Shape(name.to_owned(), None)
}

fn package(name: &str) -> Shape {
    Shape(format!("{}/...", name.trim_end_matches('/')), None)
}

/// goleak's own forks and grpc match by substring.
fn part(text: &str) -> Shape {
    Shape(format!("...{text}..."), None)
}

/// gleak: `name`, `prefix...`, `name [state]`.
fn gleak(text: &str) -> Shape {
    match text.strip_suffix(']').and_then(|open| open.rsplit_once(" [")) {
        Some((name, state)) if !state.contains("...") => {
            Shape(name.trim().to_owned(), Some(state.to_owned()))
        }
        _ => Shape(text.to_owned(), None),
    }
}

const CALLS: &[(&str, Carry)] = &[
    ("IgnoreTopFunction", Carry::As("top", exact)),
    ("IgnoreAnyFunction", Carry::As("any", exact)),
    ("IgnoreAnyContainingPkg", Carry::As("any", package)),
    ("IgnoreCreatedBy", Carry::As("created-by", exact)),
    ("IgnoringTopFunction", Carry::As("top", gleak)),
    ("IgnoringCreator", Carry::As("created-by", gleak)),
    ("IgnoringInBacktrace", Carry::As("any", part)),
    ("RegisterIgnoreGoroutine", Carry::As("any", part)),
    (
        "IgnoreCurrent",
        Carry::Not(
            "goroutines from before the tests are never reported: leakgate looks before the first test",
        ),
    ),
    (
        "IgnoringGoroutines",
        Carry::Not(
            "goroutines from before the tests are never reported: leakgate looks before the first test",
        ),
    ),
    (
        "VerifyTestMain",
        Carry::Not("leakgate looks after every test without a line of code; the call can go"),
    ),
    (
        "VerifyNone",
        Carry::Not("leakgate looks after every test without a line of code; the call can go"),
    ),
];

/// Reads the file. `file` is its path relative to the rules file.
pub fn read(file: &str, source: &str) -> Imported {
    let mut imported = Imported::default();
    if !source.contains("gnor") && !source.contains("Verify") && !source.contains("leaktest") {
        return imported;
    }
    let Some(parsed) = GoFile::parse(file, source.into()) else {
        return imported;
    };
    let names = Names::of(&parsed);
    for node in parsed.root().find(&["call_expression"]) {
        let Some(call) = Call::at(node).filter(Call::is_known) else {
            continue;
        };
        let site = Site {
            file,
            line: call.name.line(),
            comment: comment(&parsed, call.name.line()),
        };
        site.carry(&call, &names, &mut imported);
    }
    imported
}

/// `qualifier.Name(arguments)`.
struct Call<'a> {
    qualifier: Option<&'a str>,
    name: At<'a>,
    /// The first argument.
    argument: Option<At<'a>>,
}

impl<'a> Call<'a> {
    fn at(call: At<'a>) -> Option<Self> {
        let function = call.field("function")?;
        let (qualifier, name) = match function.kind() {
            "identifier" => (None, function),
            "selector_expression" => (
                function
                    .field("operand")
                    .filter(|operand| operand.kind() == "identifier")
                    .map(|operand| operand.text()),
                function.field("field")?,
            ),
            _ => return None,
        };
        Some(Self {
            qualifier,
            name,
            argument: call.field("arguments").and_then(|list| list.first()),
        })
    }

    /// Whether its name is one of those that mean something here.
    fn is_known(&self) -> bool {
        self.is_leaktest() || CALLS.iter().any(|(name, _)| *name == self.name.text())
    }

    fn is_leaktest(&self) -> bool {
        self.qualifier == Some("leaktest") && self.name.text().starts_with("Check")
    }

    fn option(&self) -> String {
        let name = self.name.text();
        self.qualifier
            .map_or_else(|| name.to_owned(), |qualifier| format!("{qualifier}.{name}"))
    }

    fn written(&self) -> String {
        let argument = self.argument.map_or("", |argument| argument.text());
        let argument: String = argument.split_whitespace().collect();
        match argument.char_indices().nth(60) {
            Some((cut, _)) => format!("{}({}…)", self.option(), &argument[..cut]),
            None => format!("{}({argument})", self.option()),
        }
    }
}

/// Where a call is.
struct Site<'a> {
    file: &'a str,
    line: u32,
    comment: Option<String>,
}

impl<'a> Site<'_> {
    fn source(&self) -> Source {
        Source {
            file: self.file.to_owned(),
            line: self.line,
        }
    }

    fn carry(&self, call: &Call<'a>, names: &Names<'a>, imported: &mut Imported) {
        let known = CALLS
            .iter()
            .find(|(name, _)| *name == call.name.text())
            .map(|(_, carry)| carry);
        let (key, shape) = match known {
            None if call.is_leaktest() => {
                imported.dropped.push(self.dropped(
                    call,
                    "leakgate looks after every test without a line of code; the call can go",
                ));
                return;
            }
            None => return,
            // A function of that name in some other package is no business of ours.
            Some(Carry::Not(_)) if call.qualifier.is_none() => return,
            Some(Carry::Not(why)) => {
                imported.dropped.push(self.dropped(call, why));
                return;
            }
            Some(Carry::As(key, shape)) => (key, shape),
        };
        match call.argument.and_then(|argument| names.value(argument)) {
            Some(texts) => imported.ignored.extend(texts.iter().map(|text| {
                let Shape(pattern, state) = shape(text);
                let (comment, option) = (self.comment.clone(), call.option());
                Ignored {
                    key,
                    pattern,
                    state,
                    comment,
                    option,
                    at: self.source(),
                }
            })),
            None => imported.dropped.push(self.dropped(
                call,
                "the argument is no text that this file tells; add the entry by hand",
            )),
        }
    }

    fn dropped(&self, call: &Call<'a>, why: &str) -> Dropped {
        Dropped {
            what: call.written(),
            why: why.to_owned(),
            at: self.source(),
        }
    }
}

/// The comment on a line, or on the lines directly above it.
fn comment(file: &GoFile, line: u32) -> Option<String> {
    let comments = file.root().find(&["comment"]);
    if let Some(beside) = comments.iter().find(|comment| comment.line() == line) {
        return words(beside.text());
    }
    let alone = |comment: &At<'_>| {
        let start = file.text[..comment.start()].rfind('\n').map_or(0, |end| end + 1);
        file.text[start..comment.start()].trim().is_empty()
    };
    let mut lines = Vec::new();
    let mut next = line;
    for comment in comments.iter().rev().filter(|comment| comment.last_line() < line) {
        if comment.last_line() + 1 != next || !alone(comment) {
            break;
        }
        lines.push(words(comment.text())?);
        next = comment.line();
    }
    lines.reverse();
    (!lines.is_empty()).then(|| lines.join(" "))
}

fn words(comment: &str) -> Option<String> {
    let inner = comment
        .trim_start_matches("//")
        .trim_start_matches("/*")
        .trim_end_matches("*/");
    let text = inner.split_whitespace().collect::<Vec<_>>().join(" ");
    (!text.is_empty() && !text.starts_with("nolint")).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAIN_TEST: &str = r#"package x

import "go.uber.org/goleak"

const sweeper = "github.com/libp2p/" + "go-flow-metrics.(*sweeper).run"

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// stats worker, see
		// census-instrumentation/opencensus-go#1191
		goleak.IgnoreTopFunction("go.opencensus.io/stats/view.(*worker).start"),
		goleak.IgnoreAnyFunction(sweeper), // global
		goleak.IgnoreCurrent(),
		// goleak.IgnoreTopFunction("commented.Out"),
		goleak.IgnoreTopFunction(name()),
	)
}

func opts() (o []goleak.Option) {
	for _, f := range []string{"a.F", `b.G`} {
		o = append(o, goleak.IgnoreCreatedBy(f))
	}
	return
}
"#;

    fn brief(imported: &Imported) -> Vec<String> {
        let one = |i: &Ignored| {
            format!(
                "{} {} {}{}",
                i.at.line,
                i.key,
                i.pattern,
                i.state.as_ref().map(|s| format!(" [{s}]")).unwrap_or_default()
            )
        };
        imported.ignored.iter().map(one).collect()
    }

    #[test]
    fn goleak_options_are_carried_over_with_their_comments() {
        let imported = read("x/main_test.go", MAIN_TEST);
        assert_eq!(
            brief(&imported),
            [
                "11 top go.opencensus.io/stats/view.(*worker).start",
                "12 any github.com/libp2p/go-flow-metrics.(*sweeper).run",
                "21 created-by a.F",
                "21 created-by b.G",
            ]
        );
        let comments: Vec<Option<&str>> = imported.ignored.iter().map(|i| i.comment.as_deref()).collect();
        assert_eq!(
            comments[..3],
            [
                Some("stats worker, see census-instrumentation/opencensus-go#1191"),
                Some("global"),
                None
            ]
        );
        let dropped: Vec<String> = imported
            .dropped
            .iter()
            .map(|d| format!("{} {}", d.at, d.what))
            .collect();
        assert_eq!(
            dropped[1..],
            [
                "x/main_test.go:13 goleak.IgnoreCurrent()",
                "x/main_test.go:15 goleak.IgnoreTopFunction(name())"
            ]
        );
        assert!(dropped[0].starts_with("x/main_test.go:8 goleak.VerifyTestMain("));
    }

    #[test]
    fn gleak_prefixes_and_states_are_carried_over() {
        let source = r#"package x
var _ = AfterEach(func() {
	Eventually(Goroutines).ShouldNot(HaveLeaked(
		IgnoringTopFunction("sync.runtime_notifyListWait [sync.Cond.Wait]"),
		IgnoringTopFunction("github.com/onsi/ginkgo/v2..."),
		gleak.IgnoringTopFunction("k8s.io/client-go/util/workqueue.(*Typed[...]).run"),
		gleak.IgnoringCreator("net/http.(*Transport).dialConn"),
		IgnoringInBacktrace("ginkgo"),
		IgnoringGoroutines(good),
	))
})
"#;
        assert_eq!(
            brief(&read("x_test.go", source)),
            [
                "4 top sync.runtime_notifyListWait [sync.Cond.Wait]",
                "5 top github.com/onsi/ginkgo/v2...",
                "6 top k8s.io/client-go/util/workqueue.(*Typed[...]).run",
                "7 created-by net/http.(*Transport).dialConn",
                "8 any ...ginkgo...",
            ]
        );
    }

    #[test]
    fn declarations_and_strangers_are_left_alone() {
        let source = "package goleak\nfunc IgnoreTopFunction(f string) Option { return nil }\nfunc (o *T) IgnoreCreatedBy(s string) {}\nfunc x() { VerifyNone(t) }\n";
        assert_eq!(read("options.go", source), Imported::default());
        assert_eq!(
            read("a_test.go", "package a\nfunc f() { defer leaktest.Check(t)() }\n")
                .dropped
                .len(),
            1
        );
    }
}
