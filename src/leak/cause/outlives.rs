//! What outlives the function that makes it: that returns it, or keeps it in what others get. Its end is theirs.

use super::place::{Place, file, short, test_function};
use super::vain::result_ended_in_vain;
use super::wording::{assigned, called, keep, test_handle, words};
use super::{Subject, ending};
use crate::go_source::calls::{on_line, qualified};
use crate::go_source::scope::local;
use crate::go_source::types::{method, name_of, result_of};
use crate::go_source::{At, GoFiles, Var, flow};
use crate::leak::LedTo;

/// What to do about what a call has made, where the function around it hands that on; `None` where its own end is the end of it.
pub(super) fn fix<'a>(
    subject: &Subject<'a>,
    led: &LedTo,
    call: At<'a>,
    ending: At<'a>,
    told: &str,
) -> Option<String> {
    if test_handle(call).is_some() {
        return None;
    }
    let place = &Place::of_line(subject, &led.at.at)?;
    let files = place.files;
    let var @ Var::Local(name) = flow::beside(files, call, 0)? else {
        return None;
    };
    let ends = ending.func_name();
    let maker = call.func().map(|func| func.func_name()).unwrap_or_default();
    if !flow::is_handed_on(files, &var) {
        let part = returned_of_server(call, name)?;
        return Some(format!(
            "let {maker} return `{name}`, too, and call {ends} of it when the test is done: `{name}` ({told}) has to live as long as `{part}`, which {maker} returns, is used",
            name = name.text(),
            part = part.text()
        ));
    }
    let owner = ending::of_method(place, &var, &[ends]);
    let of_owner = match &owner {
        Some(ending::Ending::Method { name, .. }) => name,
        _ => ends,
    };
    let end_it = match owner {
        None => format!("{} `{}` ({told})", ends.to_lowercase(), name.text()),
        Some(_) => "end it".to_owned(),
    };
    if let Some(fix) = by_caller(subject, led, of_owner, &end_it) {
        return Some(fix);
    }
    if let Some(owner) = owner {
        return Some(owner.told(place));
    }
    Some(format!(
        "call {ends} of `{}` ({told}) when it is not used any more: {maker} hands it on, so its end is no time for that",
        name.text()
    ))
}

/// The URL or client of a test server that its function returns in place of the server.
fn returned_of_server<'a>(call: At<'a>, server: At<'a>) -> Option<At<'a>> {
    qualified(&call).filter(|(package, _)| *package == "net/http/httptest")?;
    let func = call.func()?;
    let returns = |part: &At<'a>| {
        let mut around = part.ancestors().take_while(|node| !node.is_func());
        around.any(|node| node.kind() == "return_statement")
    };
    let uses = func.file.named_within(server.text(), &func.bytes()).into_iter();
    uses.filter(|one| local(*one) == Some(server))
        .filter_map(|one| one.parent().filter(|part| part.kind() == "selector_expression"))
        .find(returns)
}

/// The test's own call, if what that returns has the method.
fn by_caller(subject: &Subject<'_>, led: &LedTo, ends: &str, end_it: &str) -> Option<String> {
    let from = led.from.as_ref()?;
    let files = subject.code.sources;
    let at = from.relative.as_deref().unwrap_or(&from.at.file);
    let at = format!("{at}:{}", from.at.line);
    on_line(file(subject, &from.at)?, from.at.line)
        .into_iter()
        .find_map(|call| {
            let kind = result_of(files, call, 0)?;
            let ending = method(files, &kind, ends)?;
            if let Some(fix) = handed_on_again(files, call, ending, &at) {
                return Some(fix);
            }
            result_ended_in_vain(files, call, ending, test_function(subject), end_it).or_else(|| {
                match assigned(call) {
                    Some(name) => Some(words(call, name, &format!("`{name}`, made at {at}"), ending)),
                    None => Some(keep(call, &at, name_of(files, &kind)?, ending)),
                }
            })
        })
}

/// What to do where a helper of tests returns what the call has made: the end of the helper is no time to end it.
fn handed_on_again<'a>(files: &'a GoFiles, call: At<'a>, ending: At<'a>, at: &str) -> Option<String> {
    let helper = call.func().filter(|_| test_handle(call).is_none())?;
    let is_returned = || {
        let mut around = call.ancestors().take_while(|node| !node.is_func());
        around.any(|node| node.kind() == "return_statement")
    };
    let var = flow::beside(files, call, 0).filter(|var| matches!(var, Var::Local(_)));
    let is_handed_on = var.map_or_else(is_returned, |var| flow::is_handed_on(files, &var));
    let name = helper.field("name").filter(|_| is_handed_on)?.text();
    let what = match assigned(call) {
        Some(kept) => format!("`{kept}`, made at {at}, in each test that gets it from `{name}`"),
        None => format!(
            "the result of `{}`, made at {at}, in each test that gets it from `{name}`",
            called(call)
        ),
    };
    Some(format!(
        "call {} of {what}: `{name}` ({}) hands it on, so its own end is no time for that",
        ending.func_name(),
        short(helper),
    ))
}
