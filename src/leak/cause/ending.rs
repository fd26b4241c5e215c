//! Who could end a wait: the method, function or returned function that closes the channel or cancels the context.

use super::copy::set_and_lost;
use super::exits::first_skip;
use super::fact::therefore;
use super::lost::deletes;
use super::names::{ENDINGS, ends_whole, is_ending, public};
use super::place::{Place, handle, short};
use super::sibling;
use super::vain::{self, Vain};
use crate::go_source::calls::{
    called_name, callers, handed_to, is_go, is_started, on_line, qualified, runs_apart,
};
use crate::go_source::order::can_follow;
use crate::go_source::types::{Type, TypeName, fields, method, name_of, type_of, underlying};
use crate::go_source::values::{home, ranged, writes};
use crate::go_source::{At, DeclKind, GoFile, GoFiles, Value, Var, flow, variable};

/// What a test can call.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Ending<'a> {
    /// A method of the type that holds the channel or context.
    Method {
        /// `Stop`.
        name: &'a str,
        /// `Runner`.
        of: String,
        /// Where it is declared.
        at: At<'a>,
        /// The close, cancel or send that ends the wait, in it or in what it calls; `None` where its name alone tells.
        does: Option<At<'a>>,
    },
    /// A function of the package.
    Function(At<'a>),
    /// What a function returns.
    Returned(At<'a>),
}

impl<'a> Ending<'a> {
    /// What to do, in words.
    pub(super) fn told(&self, place: &Place<'a>) -> String {
        if let Some(vain) = self.in_vain(place) {
            return vain.told;
        }
        match self {
            Self::Method {
                at, does: Some(does), ..
            } if let Some(sibling) = sibling::without_the_end(place, *at, *does) => sibling,
            Self::Method { name, of, at, does } => {
                let copy = does.and_then(|does| set_and_lost(place.files, does));
                format!(
                    "call `{name}` of the {of} ({}) when the test is done with it, for example in t.Cleanup{}",
                    short(*at),
                    copy.map_or_else(String::new, |(_, copy)| format!("; and {}", copy.fix_at(place)))
                )
            }
            Self::Function(func) => format!(
                "call `{}` ({}) when the test is done, for example in t.Cleanup",
                func.func_name(),
                short(*func)
            ),
            Self::Returned(func) if let Some(dropped) = dropped(place, *func) => dropped,
            Self::Returned(func) if let Some(late) = skipped_by_callers(place, *func) => late,
            Self::Returned(func) => format!(
                "call the function that `{}` returns, for example in t.Cleanup",
                func.func_name()
            ),
        }
    }

    /// Whether only the waiting goroutine itself would call the method, after its wait: it is there to be ended by another way.
    pub(super) fn is_own(&self, place: &Place<'a>) -> bool {
        matches!(self, Self::Method { at, .. } if vain::is_only_after_the_wait(place, *at))
    }

    /// Whether the test's code calls the method already, and what the source shows of why that is in vain.
    pub(super) fn in_vain(&self, place: &Place<'a>) -> Option<Vain<'a>> {
        match self {
            Self::Method { name, of, at, does } => vain::call(place, name, of, *at, *does),
            Self::Function(_) | Self::Returned(_) => None,
        }
    }
}

/// What to do where one of the test's calls of a function drops the function that it returns, and all others keep theirs.
fn dropped<'a>(place: &Place<'a>, func: At<'a>) -> Option<String> {
    let result = func.field("result")?;
    let calls = callers(place.files, func).into_iter();
    let calls = calls.filter(|call| place.is_by_test(*call));
    let drops = |call: &At<'a>| {
        let outer = call.parent().map_or("", |outer| outer.kind());
        matches!(outer, "defer_statement" | "expression_statement")
    };
    let (dropped, others): (Vec<At<'a>>, Vec<At<'a>>) = calls.partition(drops);
    let [call] = dropped[..] else { return None };
    let is_used = |other: &At<'a>| {
        let kept = flow::beside(place.files, *other, 0);
        kept.is_some_and(|kept| !flow::uses(place.files, &kept).is_empty())
    };
    if !others.iter().all(is_used) {
        return None;
    }
    let outer = call.parent()?;
    let name = func.func_name();
    let drops = match outer.kind() {
        "defer_statement" => format!("runs {name} only in the end, and drops the function that it returns"),
        "expression_statement" => "drops the function that it returns".to_owned(),
        _ => return None,
    };
    let (text, at) = (call.text(), place.told(call));
    let told = match text.contains('\n') {
        true => format!("{name}(…)"),
        false => text.to_owned(),
    };
    let is_only = result.kind() != "parameter_list";
    is_only.then(|| {
        therefore(
            &format!(
                "`{}{told}` ({at}) {drops}",
                if outer.kind() == "defer_statement" {
                    "defer "
                } else {
                    ""
                }
            ),
            &format!("`defer {told}()`, with one more pair of parentheses ({at})"),
        )
    })
}

/// What to do where the test's code calls what a function returns, but not on each way out.
fn skipped_by_callers<'a>(place: &Place<'a>, func: At<'a>) -> Option<String> {
    let files = place.files;
    let calls = callers(files, func).into_iter();
    let calls: Vec<At<'a>> = calls.filter(|call| place.is_by_test(*call)).collect();
    let [made] = calls[..] else { return None };
    let results = (0..MOST_RESULTS).filter_map(|index| flow::beside(files, made, index));
    let mut ends = results.map(|var| flow::calls_of(files, &var));
    let ends = ends.find(|ends| !ends.is_empty())?;
    let ends: Vec<At<'a>> = ends.iter().filter_map(|end| end.field("function")).collect();
    Some(first_skip(made, &ends)?.told(made, |at| place.told(at)))
}

/// Most results of a function that are looked through.
const MOST_RESULTS: usize = 4;

/// The method of a type that ends its values, by its name. `Done` and `Release` end one use of them.
pub(super) fn method_of<'a>(files: &'a GoFiles, kind: &Type<'a>) -> Option<(&'static str, At<'a>)> {
    let mut named = public()
        .filter(|name| ends_whole(name))
        .filter_map(|name| Some((name, method(files, kind, name)?)));
    named.find(|(_, method)| !only_waits(*method))
}

/// Whether a method does nothing but wait: `<-s.done`, `s.wg.Wait()`.
fn only_waits(method: At<'_>) -> bool {
    let Some(body) = method.field("body") else {
        return false;
    };
    let does = body.find(&["call_expression", "send_statement", "assignment_statement"]);
    let receives = body.find(&["unary_expression"]).into_iter();
    let is_wait = |at: &At<'_>| called_name(at) == Some("Wait");
    let waits = does.iter().any(is_wait) || receives.into_iter().any(|at| at.has_token("<-"));
    waits && does.iter().all(is_wait)
}

/// How far a value is followed from variable to variable.
const FARTHEST: usize = 3;

/// Who closes a channel; else who sends on it.
pub(super) fn of_channel<'a>(place: &Place<'a>, channel: At<'a>) -> Option<Ending<'a>> {
    let var = source_variable(place, channel)?;
    let closed = |var: &Var<'a>| flow::arguments_of(place.files, var, "close");
    if let Some(found) = through(place, &var, &closed, 0) {
        return found.ending;
    }
    // A method that sends ends the wait only if that is what it is for.
    let sends = |var: &Var<'a>| flow::sends(place.files, var);
    let sender = through(place, &var, &sends, 0)?.ending;
    sender.filter(|ending| match ending {
        Ending::Method { name, .. } => is_ending(name),
        Ending::Function(_) | Ending::Returned(_) => false,
    })
}

/// What to do about a channel that nothing closes or sends on: the type that holds it lacks the method, its own method or what takes
/// it out of a map the close, or the function that makes it. A range is ended by a close alone.
pub(super) fn lacking<'a>(place: &Place<'a>, channel: At<'a>, ranges: bool) -> Option<String> {
    if let Some(fix) = super::bound::remade(place, channel) {
        return Some(fix);
    }
    let told = nothing_ends(place, channel, ranges)?;
    Some(told + &reads_on(place, channel).unwrap_or_default())
}

/// What else to do where a close lets a Read return nothing and no error, after which a function of package io calls it again.
fn reads_on<'a>(place: &Place<'a>, channel: At<'a>) -> Option<String> {
    const CALLERS: &[&str] = &[
        "ReadFull",
        "ReadAtLeast",
        "ReadAll",
        "Copy",
        "CopyBuffer",
        "CopyN",
    ];
    let func = channel.func().filter(|func| func.func_name() == "Read")?;
    let statement = channel.parent()?.parent()?;
    let is_unread = match statement.kind() {
        "expression_statement" => true,
        "receive_statement" => statement.field("left").is_none(),
        _ => false,
    };
    let returns = func.find(&["return_statement"]).into_iter();
    let after: Vec<At<'a>> = returns
        .filter(|exit| exit.func() == Some(func) && can_follow(channel, *exit))
        .collect();
    let first = after.first().filter(|_| is_unread)?;
    after
        .iter()
        .all(|exit| exit.text() == "return 0, nil")
        .then_some(())?;
    let (file, line) = place.calls.lines.first()?;
    let mut calls = on_line(file, *line)
        .into_iter()
        .filter_map(|call| qualified(&call));
    let (_, caller) = calls.find(|(package, name)| *package == "io" && CALLERS.contains(name))?;
    Some(format!(
        ", and let Read return io.EOF where that is closed ({}): it returns `0, nil` there, after which io.{caller} calls it again",
        place.told(*first)
    ))
}

fn nothing_ends<'a>(place: &Place<'a>, channel: At<'a>, ranges: bool) -> Option<String> {
    let source = source_variable(place, channel)?;
    let names = made_names(place, channel)?;
    let is_ended = |var: &Var<'a>| {
        !flow::arguments_of(place.files, var, "close").is_empty()
            || !ranges && !flow::sends(place.files, var).is_empty()
    };
    if let Some(fix) = only_finalized(place, &source, &names) {
        return Some(fix);
    }
    if names.iter().any(is_ended) {
        return None;
    }
    let or_sends = if ranges { "" } else { ", or sends to it" };
    match &source {
        Var::Field(owner, field) => {
            let nothing = format!("nothing closes `{field}` of the {}{or_sends}", owner.name);
            let home = home(place.files, owner);
            if let Some(taken) = taken_out(place, &home, Some(owner), &names) {
                return Some(therefore(&nothing, &taken));
            }
            if let Some(sender) = only_sender(place, &names).filter(|_| ranges) {
                return Some(therefore(&nothing, &sender));
            }
            let file = *home.first()?;
            let mut methods = public().filter(|name| ends_whole(name));
            let own = methods.find_map(|name| place.files.method(file, &owner.name, name));
            let fix = match own {
                Some(own) => {
                    let called = match own.field("body").is_some_and(|body| place.is_by_test(body)) {
                        true => "",
                        false => ", and call that when the test is done",
                    };
                    format!(
                        "let `{}` of the {} ({}) close `{field}`{called}",
                        own.func_name(),
                        owner.name,
                        place.told(own)
                    )
                }
                None => match ender(place, channel) {
                    Some((func, of)) => format!(
                        "let {} ({}), which ends the {of}, close `{field}`",
                        func.func_name(),
                        place.told(func)
                    ),
                    None => format!(
                        "give the {} a Close or Stop method that closes `{field}`, and call that when the test is done",
                        owner.name
                    ),
                },
            };
            Some(therefore(&nothing, &fix))
        }
        Var::Local(name) if name.func().is_some_and(|func| handle(func).is_some()) && !ranges => {
            let (name, at) = (name.text(), place.told(*name));
            Some(therefore(
                &format!("nothing closes `{name}`, which the test makes ({at}), or sends to it"),
                &format!("`defer close({name})` where the test makes it ({at}), or send to it"),
            ))
        }
        // A test closes what it makes itself.
        Var::Local(name) => {
            let maker = name.func().filter(|func| handle(*func).is_none())?;
            (maker.kind() != "func_literal").then_some(())?;
            let taken = taken_out(place, &place.files.package(name.file), None, &names);
            // Which of its senders is the last one is not known.
            let is_sent = |name: &Var<'a>| !flow::sends(place.files, name).is_empty();
            if taken.is_none() && ranges && names.iter().any(is_sent) {
                return None;
            }
            let nothing = format!(
                "nothing closes `{}`, which {} makes ({}){or_sends}",
                name.text(),
                maker.func_name(),
                place.told(*name)
            );
            let close = || {
                format!(
                    "close `{}` in {} when the goroutine is to end",
                    name.text(),
                    maker.func_name()
                )
            };
            Some(therefore(&nothing, &taken.unwrap_or_else(close)))
        }
        Var::Global(_) => None,
    }
}

/// The function that the test calls to end the whole that a channel is made as a part of, and the type of that.
fn ender<'a>(place: &Place<'a>, channel: At<'a>) -> Option<(At<'a>, &'a str)> {
    ender_of(place, channel, false)
}

/// The same, also of what has that whole as a field.
pub(super) fn ender_of<'a>(place: &Place<'a>, channel: At<'a>, or_holder: bool) -> Option<(At<'a>, &'a str)> {
    let values = place.values(channel);
    let [made] = &values[..] else { return None };
    let around = made.expr.ancestors().take_while(|node| !node.is_func());
    let types = around.filter(|node| node.kind() == "composite_literal");
    let mut types: Vec<&'a str> = types
        .filter_map(|literal| Some(literal.field("type")?.text()))
        .collect();
    if or_holder {
        let holders = holders(place, made.expr.file, &types);
        types.extend(holders);
    }
    let package = place.files.package(made.expr.file).into_iter();
    let mut funcs = package.flat_map(|file| file.decls.iter().filter_map(|decl| file.at(&decl.range)));
    funcs.find_map(|func| {
        if !func.is_func() || !is_ending(func.func_name()) {
            return None;
        }
        let parameters = func.field("parameters")?.children();
        let types_of = parameters.iter().filter_map(|parameter| parameter.field("type"));
        let mut ended = types_of.map(|kind| kind.text().trim_start_matches('*'));
        let of = ended.find(|kind| types.contains(kind))?;
        place.is_by_test(func.field("body")?).then_some((func, of))
    })
}

/// The types of a package that have one of these as a field.
fn holders<'a>(place: &Place<'a>, file: &'a GoFile, types: &[&str]) -> Vec<&'a str> {
    let package = place.files.package(file).into_iter();
    let declared = package.flat_map(|file| {
        let specs = file.decls.iter().filter(|decl| decl.kind == DeclKind::Type);
        specs.filter_map(|decl| Some((decl.name.as_str(), file.node(decl)?.field("type")?)))
    });
    let has_one = |body: At<'a>| {
        let mut kinds = fields(body).into_iter().map(|(_, kind)| kind.text());
        kinds.any(|kind| types.contains(&kind.trim_start_matches('*')))
    };
    declared
        .filter(|(_, body)| has_one(*body))
        .map(|(name, _)| name)
        .collect()
}

/// What to do where one function sends all values of a channel: a goroutine of its own, or the test.
fn only_sender<'a>(place: &Place<'a>, names: &[Var<'a>]) -> Option<String> {
    let sends: Vec<At<'a>> = names
        .iter()
        .flat_map(|name| flow::sends(place.files, name))
        .collect();
    let send = *sends.last()?;
    let func = send.func()?;
    let is_one = sends.iter().all(|one| one.func() == Some(func));
    let channel = send.field("channel")?.text();
    if is_one && handle(func).is_some() {
        return Some(format!(
            "`close({channel})` after its last send ({})",
            place.told(send)
        ));
    }
    (is_one && is_goroutine(place, func) && !holds(place, func)).then(|| {
        let who = match func.kind() {
            "func_literal" => "the function",
            _ => func.func_name(),
        };
        format!(
            "`defer close({channel})` in {who}, which sends to it ({})",
            place.told(send)
        )
    })
}

/// What to do where the test takes what holds a channel, or the channel itself, out of a map.
fn taken_out<'a>(
    place: &Place<'a>,
    package: &[&'a GoFile],
    owner: Option<&TypeName>,
    names: &[Var<'a>],
) -> Option<String> {
    let files = place.files;
    let is_owner = |written: At<'a>| {
        let inner = written.bare();
        let inner = match inner.kind() {
            "pointer_type" => inner.first().unwrap_or(inner),
            _ => inner,
        };
        name_of(files, &Type::Written(inner)).is_some_and(|name| Some(&name) == owner)
    };
    let holds_it = |map: At<'a>| {
        let is_it = variable(files, map).is_some_and(|var| names.contains(&var));
        let kind = || type_of(files, map).and_then(|kind| underlying(files, kind));
        is_it
            || kind().is_some_and(|kind| {
                let parts = ["key", "value"].iter().filter_map(|part| kind.field(part));
                kind.kind() == "map_type" && parts.into_iter().any(is_owner)
            })
    };
    let taken = deletes(package).find(|(call, map)| holds_it(*map) && place.is_by_test(*call));
    let (taken, _) = taken?;
    let of = if called_name(&taken) == Some("delete") {
        "map"
    } else {
        "list"
    };
    Some(format!(
        "close the channel where it is taken out of the {of} (`{}`, {})",
        taken.text(),
        place.told(taken)
    ))
}

/// Whether a channel is there to be closed: it is, and carries no values.
pub(super) fn is_only_closed<'a>(place: &Place<'a>, channel: At<'a>) -> bool {
    let Some(var) = source_variable(place, channel) else {
        return false;
    };
    let names = flow::names(place.files, var);
    let any = |is: &dyn Fn(&Var<'a>) -> bool| names.iter().any(is);
    any(&|var| !flow::arguments_of(place.files, var, "close").is_empty())
        && !any(&|var| !flow::sends(place.files, var).is_empty())
}

/// Whether nothing in the source closes a channel, as far as that shows all that could.
pub(super) fn is_never_closed<'a>(place: &Place<'a>, channel: At<'a>) -> bool {
    let closes = |var: &Var<'a>| !flow::arguments_of(place.files, var, "close").is_empty();
    made_names(place, channel).is_some_and(|names| !names.iter().any(closes))
}

/// All variables that have a channel which `make` has made; `None` where others may have it too.
fn made_names<'a>(place: &Place<'a>, channel: At<'a>) -> Option<Vec<Var<'a>>> {
    let values = place.values(channel);
    let is_made = |value: &Value<'a>| called_name(&value.expr) == Some("make");
    if values.is_empty() || !values.iter().all(is_made) {
        return None;
    }
    let mut all: Vec<Var<'a>> = Vec::new();
    let on_the_way = values.iter().flat_map(|value| &value.path);
    let given = values
        .iter()
        .filter_map(|value| flow::beside(place.files, value.expr, value.index));
    for var in on_the_way.filter_map(|at| place.variable(*at)).chain(given) {
        for name in flow::names(place.files, var) {
            if !all.contains(&name) {
                all.push(name);
            }
        }
    }
    // What another package can reach may be closed there, and so may what a function that is not seen is given.
    let is_seen = |var: &Var<'a>| match var {
        Var::Field(_, name) => !is_public(name),
        Var::Global(name) => !is_public(name.text()),
        Var::Local(_) => true,
    };
    let leaves = |var: &Var<'a>| flow::is_given_away(place.files, var);
    (all.len() < flow::MOST && all.iter().all(is_seen) && !all.iter().any(leaves)).then_some(all)
}

/// Who cancels a context, from the variable of its cancel function.
pub(super) fn of_cancel<'a>(place: &Place<'a>, cancel: &Var<'a>) -> Option<Ending<'a>> {
    through(place, cancel, &|var| flow::calls_of(place.files, var), 0)?.ending
}

/// Who calls one of these methods of what a variable holds.
pub(super) fn of_method<'a>(place: &Place<'a>, var: &Var<'a>, methods: &[&str]) -> Option<Ending<'a>> {
    let calls = |var: &Var<'a>| {
        let uses = flow::methods(place.files, var, methods).into_iter();
        uses.map(|used| used.selector).collect()
    };
    through(place, var, &calls, 0)?.ending
}

/// The same, also of a part of it: `cmd.Process.Kill`.
pub(super) fn of_part<'a>(place: &Place<'a>, var: &Var<'a>, methods: &[&str]) -> Option<Ending<'a>> {
    let calls = |var: &Var<'a>| {
        let uses = flow::uses(place.files, var).into_iter();
        let whole = |used: At<'a>| {
            let mut whole = used;
            while let Some(outer) = whole
                .parent()
                .filter(|outer| outer.field("operand") == Some(whole))
            {
                whole = outer;
            }
            let method = whole.field("field")?.text();
            methods.contains(&method).then_some(whole)
        };
        uses.filter_map(whole).collect()
    };
    through(place, var, &calls, 0)?.ending
}

/// Who does something to a variable, by the places where it is done.
pub(super) fn of_sites<'a>(place: &Place<'a>, var: &Var<'a>, sites: Vec<At<'a>>) -> Option<Ending<'a>> {
    best(place, var, sites, 0)
}

/// A variable on which it is done somewhere, and who does it as far as the test can reach that.
struct Done<'a> {
    ending: Option<Ending<'a>>,
}

/// The variable itself, and those that take its value over: a local `cancel` that a field keeps.
fn through<'a>(
    place: &Place<'a>,
    var: &Var<'a>,
    sites: &dyn Fn(&Var<'a>) -> Vec<At<'a>>,
    calls: usize,
) -> Option<Done<'a>> {
    let mut open = vec![(var.clone(), 0)];
    let mut seen: Vec<Var<'a>> = Vec::new();
    let mut done = None;
    while !open.is_empty() {
        let (var, depth) = open.remove(0);
        if seen.contains(&var) {
            continue;
        }
        let found = sites(&var);
        if !found.is_empty() {
            let ending = best(place, &var, found, calls);
            if ending.is_some() {
                return Some(Done { ending });
            }
            done = Some(Done { ending: None });
        }
        if depth < FARTHEST {
            let next = flow::aliases(place.files, &var);
            open.extend(next.into_iter().map(|var| (var, depth + 1)));
        }
        seen.push(var);
    }
    done
}

/// The variable that a channel was made for: the field or global on the way back, else the last local one.
pub(super) fn source_variable<'a>(place: &Place<'a>, channel: At<'a>) -> Option<Var<'a>> {
    let values = place.values(channel);
    let path = values.first().map(|value| value.path.clone()).unwrap_or_default();
    let variables: Vec<Var<'a>> = path.iter().filter_map(|at| place.variable(*at)).collect();
    let shared = variables
        .iter()
        .find(|var| matches!(var, Var::Field(..) | Var::Global(_)))
        .cloned();
    shared.or_else(|| variables.last().cloned())
}

fn best<'a>(place: &Place<'a>, var: &Var<'a>, sites: Vec<At<'a>>, depth: usize) -> Option<Ending<'a>> {
    let mut endings: Vec<Ending<'a>> = Vec::new();
    for site in sites {
        let Some(func) = site.func() else { continue };
        endings.extend(match func.kind() {
            _ if ends_with_its_goroutine(&site) => Vec::new(),
            "func_literal" => of_literal(place, var, func, site, depth),
            _ if holds(place, func) || is_home(place, var, &func) => Vec::new(),
            _ => of_func(place, var, func, site),
        });
    }
    endings.sort_by_key(rank);
    endings.into_iter().next()
}

/// Whether a goroutine of its own does it, at its end or later: what starts that one ends nothing. A Stop may do its work in the
/// background.
fn ends_with_its_goroutine(site: &At<'_>) -> bool {
    let named = site.top_func().map(|func| func.func_name());
    runs_apart(site) && !named.is_some_and(is_ending)
}

/// Whether nothing but `go` statements run a function.
pub(super) fn is_goroutine<'a>(place: &Place<'a>, func: At<'a>) -> bool {
    let starts = callers(place.files, func);
    is_started(&func) || !starts.is_empty() && starts.into_iter().all(is_go)
}

/// Whether the goroutine waits in a function.
pub(super) fn holds(place: &Place<'_>, func: At<'_>) -> bool {
    std::ptr::eq(func.file, place.file) && func.line() <= place.line && place.line <= func.last_line()
}

/// Whether a local variable is declared in it: what it does there is over, or one of its own paths. What it was given out of a field
/// is another one's: `stop := s.stop`, `stop, ok := s.stops[name]`.
fn is_home<'a>(place: &Place<'a>, var: &Var<'a>, func: &At<'a>) -> bool {
    let Var::Local(decl) = var else { return false };
    let is_kept = |value: At<'a>| matches!(place.variable(value), Some(Var::Field(..) | Var::Global(_)));
    let is_taken = || {
        let given = writes(place.files, var);
        !given.is_empty() && given.iter().all(|given| is_kept(given.value))
    };
    decl.top_func().as_ref() == Some(func) && ranged(*decl).is_none() && !is_taken()
}

/// A function literal that does it: returned, kept in a variable that is called elsewhere, or run once by another function.
fn of_literal<'a>(
    place: &Place<'a>,
    var: &Var<'a>,
    literal: At<'a>,
    site: At<'a>,
    depth: usize,
) -> Vec<Ending<'a>> {
    let Some(outer) = literal.top_func() else {
        return Vec::new();
    };
    if returned_by(site).is_some() {
        return vec![Ending::Returned(outer)];
    }
    if finalizer(literal).is_some() {
        return Vec::new();
    }
    let kept = flow::taken_over(place.files, literal);
    let called = |var: &Var<'a>| flow::calls_of(place.files, var);
    let called = |var| through(place, var, &called, depth + 1)?.ending;
    if let Some(found) = kept.iter().filter(|_| depth < FARTHEST).find_map(called) {
        return vec![found];
    }
    // sync.Once.Do(func() { close(…) }).
    match holds(place, literal) || holds(place, outer) || is_home(place, var, &outer) {
        true => Vec::new(),
        false => of_func(place, var, outer, site),
    }
}

/// The function that returns the function literal in which something is done.
fn returned_by(site: At<'_>) -> Option<At<'_>> {
    let literal = site.func().filter(|func| func.kind() == "func_literal")?;
    let mut around = literal.ancestors().take(2);
    let is_returned = around.any(|node| node.kind() == "return_statement");
    literal.top_func().filter(|_| is_returned)
}

/// The call that hands a function literal to the garbage collector: `runtime.SetFinalizer(m, func(m *Memo) { close(m.quit) })`.
fn finalizer(literal: At<'_>) -> Option<At<'_>> {
    let is_finalizer =
        |call: &At<'_>| matches!(qualified(call), Some(("runtime", "SetFinalizer" | "AddCleanup")));
    handed_to(literal).filter(is_finalizer)
}

/// What to do about a channel that a finalizer alone closes: what the goroutine uses is never collected.
fn only_finalized<'a>(place: &Place<'a>, source: &Var<'a>, names: &[Var<'a>]) -> Option<String> {
    let Var::Field(owner, field) = source else {
        return None;
    };
    let closes = flow::ends(place.files, names, true).into_iter();
    let by: Option<Vec<At<'a>>> = closes.map(|close| finalizer(close.func()?)).collect();
    let by = by?;
    let first = by.first()?;
    let fact = format!(
        "only `{}` ({}) closes `{field}` of the {}, and that never runs while this goroutine uses it",
        first.field("function")?.text(),
        place.told(*first),
        owner.name
    );
    let fix = format!(
        "give the {} a Close or Stop method that closes `{field}`, and call that when the test is done",
        owner.name
    );
    Some(therefore(&fact, &fix))
}

fn rank(ending: &Ending<'_>) -> usize {
    match ending {
        Ending::Method { name, .. } => {
            let known = ENDINGS.iter().position(|ending| ending == name);
            known.unwrap_or(match is_public(name) {
                true if is_ending(name) => 30,
                true => 50,
                false => 70,
            })
        }
        Ending::Returned(_) => 40,
        Ending::Function(_) => 60,
    }
}

fn is_public(name: &str) -> bool {
    name.starts_with(char::is_uppercase)
}

/// The function that holds the close, or what calls it, as far as the test can reach it.
fn of_func<'a>(place: &Place<'a>, var: &Var<'a>, func: At<'a>, site: At<'a>) -> Vec<Ending<'a>> {
    let mut found = Vec::new();
    let mut open = vec![func];
    let mut seen = Vec::new();
    while let Some(func) = open.pop() {
        if seen.contains(&func) || seen.len() > 6 {
            continue;
        }
        seen.push(func);
        let name = func.func_name();
        // What is private in another package is nothing that a test can call.
        let own_package = |test: &At<'a>| test.file.package.trim_end_matches("_test") == func.file.package;
        let is_out_of_reach = !is_public(name) && !place.calls.test.as_ref().is_none_or(own_package);
        let calls = callers(place.files, func);
        let in_background = |call: &At<'a>| {
            let parent = call.parent();
            parent.is_some_and(|parent| parent.kind() == "go_statement") || ends_with_its_goroutine(call)
        };
        // What is only ever started as a goroutine is nothing to call: it ends by what ends its own wait.
        let ends = is_ending(name);
        if is_test(name) || !ends && !calls.is_empty() && calls.iter().all(in_background) {
            continue;
        }
        match receiver(func) {
            Some(of) => {
                let own = match var {
                    Var::Field(TypeName { name, .. }, _) => *name == of,
                    _ => true,
                };
                if (own || is_public(name) || ends) && !is_out_of_reach {
                    found.push(Ending::Method {
                        name,
                        of,
                        at: func,
                        does: Some(site),
                    });
                }
            }
            None if matches!(var, Var::Global(_) | Var::Field(..)) && !is_out_of_reach => {
                found.push(Ending::Function(func));
            }
            None => {}
        }
        if !is_public(name) {
            for call in calls.iter().filter(|call| !in_background(call)) {
                match returned_by(*call) {
                    Some(outer) => found.push(Ending::Returned(outer)),
                    None => open.extend(call.top_func()),
                }
            }
        }
    }
    found
}

fn is_test(name: &str) -> bool {
    ["Test", "Benchmark", "Fuzz", "Example"]
        .iter()
        .any(|prefix| name.starts_with(prefix))
}

/// The receiver's type of a method.
pub(super) fn receiver(func: At<'_>) -> Option<String> {
    let decl = func.file.decls.iter().find(|decl| decl.range == func.bytes())?;
    match &decl.kind {
        DeclKind::Method { receiver, .. } => Some(receiver.clone()),
        _ => None,
    }
}
