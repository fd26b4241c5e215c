//! A receive of which the source shows who would send or close, and why that has not come.

use super::ending::{ender_of, source_variable};
use super::fact::therefore;
use super::place::{Place, short};
use super::uneven;
use crate::go_source::calls::{called_name, handed_to};
use crate::go_source::{At, flow};
use crate::leak::Cause;

/// Names what would end the wait.
pub(super) fn explain<'a>(place: &Place<'a>, channel: At<'a>, cause: &mut Cause) {
    if let Some(uneven) = uneven::of_receive(place, channel) {
        cause.waits_for = uneven.told_of_receive(channel.text(), place);
        cause.fix = uneven.fix_of_receive(channel, place);
    } else if let Some(fix) = ended_elsewhere(place, channel) {
        cause.fix = fix;
    }
}

/// What to do where one function alone sends to the channel or closes it.
fn ended_elsewhere<'a>(place: &Place<'a>, channel: At<'a>) -> Option<String> {
    let names = flow::seen_names(place.files, source_variable(place, channel)?)?;
    let closes = flow::ends(place.files, &names, true).into_iter();
    let sends = names.iter().flat_map(|name| flow::sends(place.files, name));
    let ends: Vec<At<'a>> = closes.chain(sends).collect();
    let first = *ends.first()?;
    let func = first
        .func()
        .filter(|func| ends.iter().all(|end| end.func() == Some(*func)))?;
    if channel.func() == Some(func) {
        return None;
    }
    let does = format!("`{}` ({})", first.text(), place.told(first));
    if let Some(call) = handed_to(func) {
        const AT_ONCE: &[&str] = &["Go", "Run", "Cleanup", "AfterFunc", "Do"];
        let name = call.field("function")?.text();
        let (is_other, at) = (!AT_ONCE.contains(&called_name(&call)?), place.told(call));
        return is_other.then(|| {
            therefore(
                &format!("only the function that `{name}` ({at}) is given does {does}, and that has not been called so far"),
                &format!("let that function be called: `{name}` ({at}) before what is to call it runs"),
            )
        });
    }
    let is_literal = func.kind() == "func_literal";
    let is_send = first.kind() == "send_statement";
    if !is_literal && place.calls.test.is_some() && !place.is_by_test(first) {
        let who = format!("{} ({})", func.func_name(), short(func));
        return Some(therefore(
            &format!("only {who} does {does}, and this test does not call it"),
            &format!("call {who}, or close the channel when the test is done"),
        ));
    }
    let ender = ender_of(place, channel, true).filter(|(ender, _)| is_send && !is_literal && *ender != func);
    if let Some((ender, of)) = ender {
        return Some(therefore(
            &format!("only {does} sends to it"),
            &format!(
                "let {} ({}), which ends the {of}, call {} ({}) with a value on which this goroutine returns",
                ender.func_name(),
                place.told(ender),
                func.func_name(),
                place.told(func)
            ),
        ));
    }
    (ends.len() == 1 && !first.is_deferred()).then(|| match is_send {
        true => therefore(
            &format!("only {does} sends to it"),
            "send a value for each receive, or close the channel after the last one",
        ),
        false => therefore(
            &format!("only {does} closes it"),
            "let that be done on every path",
        ),
    })
}
