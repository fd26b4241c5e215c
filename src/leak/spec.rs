//! The spec that a line of a test belongs to, where one test function runs many: ginkgo's `It`, gocheck's suite methods.

use super::Spot;
use super::module::Code;
use crate::go_source::At;
use crate::go_source::calls::called_name;

/// Functions of ginkgo that hold what a spec runs.
const SPECS: &[&str] = &[
    "It",
    "FIt",
    "Specify",
    "FSpecify",
    "Entry",
    "FEntry",
    // Its own function runs for each of its entries.
    "DescribeTable",
    "FDescribeTable",
];
/// Functions of ginkgo that hold specs, or run beside them.
const AROUND: &[&str] = &[
    "Describe",
    "FDescribe",
    "Context",
    "FContext",
    "When",
    "FWhen",
    "DescribeTable",
    "FDescribeTable",
];
const NODES: &[&str] = &[
    "BeforeEach",
    "JustBeforeEach",
    "AfterEach",
    "JustAfterEach",
    "BeforeAll",
    "AfterAll",
    "BeforeSuite",
    "AfterSuite",
    "SynchronizedBeforeSuite",
    "SynchronizedAfterSuite",
];

const SPEC: &str = "the spec `";
const METHOD: &str = "the suite's method `";

/// Whether a note names a spec.
pub fn is_note(note: &str) -> bool {
    note.starts_with(SPEC) || note.starts_with(METHOD)
}

/// The spec of the first of these lines that belongs to one, in words.
pub(super) fn of(spots: impl Iterator<Item = Spot>, code: &Code<'_>) -> Option<String> {
    let of_tests = spots.filter(|spot| spot.at.file.ends_with("_test.go"));
    of_tests.into_iter().find_map(|spot| {
        let file = code.sources.get(&code.absolute(&spot.at.file))?;
        let func = file.func_at(spot.at.line)?;
        let name = spot.relative.as_deref().unwrap_or(&spot.at.file);
        ginkgo(func, name).or_else(|| gocheck(func, name))
    })
}

/// Whether code is run by a suite of ginkgo, for a spec or around it.
pub fn is_of_ginkgo(at: At<'_>) -> bool {
    let imports = at.file.imports.iter();
    let mut calls = at.ancestors().filter(|node| node.kind() == "call_expression");
    imports
        .map(|import| import.path.as_str())
        .any(|path| path.contains("/ginkgo"))
        && calls
            .any(|call| called_name(&call).is_some_and(|name| SPECS.contains(&name) || NODES.contains(&name)))
}

fn ginkgo(func: At<'_>, file: &str) -> Option<String> {
    let mut texts = Vec::new();
    let mut spec: Option<At<'_>> = None;
    for call in func.ancestors().filter(|node| node.kind() == "call_expression") {
        let Some(name) = called_name(&call) else { continue };
        let is_spec = spec.is_none() && (SPECS.contains(&name) || NODES.contains(&name));
        if !is_spec && !AROUND.contains(&name) {
            continue;
        }
        if is_spec {
            spec = Some(call);
        }
        let first = call.field("arguments").and_then(|list| list.first());
        let text = first.filter(|text| text.kind().ends_with("string_literal"));
        match text {
            Some(text) => texts.push(text.text().trim_matches(['"', '`']).to_owned()),
            None => texts.push(name.to_owned()),
        }
    }
    let spec = spec?;
    texts.reverse();
    Some(format!("{SPEC}{}` ({file}:{})", texts.join(" "), spec.line()))
}

/// `func (s *suite) TestX(c *check.C)`: the test that go runs is the one of the whole suite.
fn gocheck(func: At<'_>, file: &str) -> Option<String> {
    let method = match func.kind() {
        "method_declaration" => func,
        _ => func
            .top_func()
            .filter(|func| func.kind() == "method_declaration")?,
    };
    let name = method.func_name();
    let parameter = method.field("parameters")?.first()?.field("type")?.text();
    let takes_c = parameter == "*C" || parameter.ends_with(".C") && parameter.starts_with('*');
    (name.starts_with("Test") && takes_c).then(|| {
        let receiver = method
            .field("receiver")
            .and_then(|list| list.first()?.field("type"));
        format!(
            "{METHOD}({}).{name}` ({file}:{})",
            receiver.map_or("", |kind| kind.text()),
            method.line()
        )
    })
}
