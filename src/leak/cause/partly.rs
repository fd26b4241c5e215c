//! A test that takes only some of the values of a channel that the code under test makes.

use super::context;
use super::ending::source_variable;
use super::loops::{enclosing_loop, exit_inside};
use super::place::{Place, handle};
use super::receiver::receives;
use crate::go_source::{At, flow};

/// The one receive of the test, and what makes the channel.
pub(super) struct Partly<'a> {
    test: At<'a>,
    takes: At<'a>,
    /// The way out of the loop over it.
    exit: Option<At<'a>>,
    maker: At<'a>,
    close: Option<At<'a>>,
}

/// The receive, if the test itself has that alone, and may leave values behind.
pub(super) fn of<'a>(place: &Place<'a>, channel: At<'a>) -> Option<Partly<'a>> {
    let maker = place.made(channel)?.top_func();
    let maker = maker.filter(|func| handle(*func).is_none())?;
    if context::given_to(maker).is_some() {
        return None;
    }
    let names = flow::names(place.files, source_variable(place, channel)?);
    let all = names.iter().flat_map(|name| receives(place, name));
    let all: Vec<At<'a>> = all.filter(|at| place.is_by_test(*at)).collect();
    let ([takes], true) = (&all[..], names.len() < flow::MOST) else {
        return None;
    };
    let test = takes.func().filter(|func| Some(*func) == place.calls.test)?;
    let in_case = takes.ancestors().any(|node| node.kind() == "communication_case");
    let over = takes.parent().filter(|head| head.kind() == "range_clause");
    let exit = match over {
        Some(_) => Some(exit_inside(&enclosing_loop(takes)?)?),
        None => None,
    };
    let closes = flow::ends(place.files, &names, true);
    (!in_case).then(|| Partly {
        test,
        takes: *takes,
        exit,
        maker,
        close: closes.first().copied(),
    })
}

impl<'a> Partly<'a> {
    /// What is waited for, in words.
    pub(super) fn told(&self, name: &str, place: &Place<'a>) -> String {
        let who = self.test.func_name();
        let takes = place.told(self.takes);
        let how = match (self.exit, enclosing_loop(&self.takes)) {
            (Some(exit), _) => format!(
                "{who} may leave its loop over that ({}) before the last value",
                place.told(exit)
            ),
            (None, Some(_)) => format!("{who} takes only some of its values ({takes})"),
            (None, None) => format!("{who} takes one of its values ({takes})"),
        };
        format!("a receiver on `{name}`: {how}")
    }

    /// What to do about it.
    pub(super) fn fix(&self, place: &Place<'a>) -> String {
        let (who, maker) = (self.test.func_name(), self.maker.func_name());
        let rest = match self.close {
            Some(close) => format!(
                "let {who} take the rest too, up to `{}` ({}): `for range {} {{}}`; or ",
                close.text(),
                place.told(close),
                self.takes.text()
            ),
            None => String::new(),
        };
        format!(
            "{rest}let {maker} ({}) take a context, select the send against its Done too, and cancel it in {who}",
            place.told(self.maker)
        )
    }
}
