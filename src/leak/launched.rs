//! Where the user's code handed a function to something that runs it in a goroutine: `wg.Go(f)`, `g.Go(func() error { … })`.
//! The dump shows the line of the library there.

use super::Spot;
use super::module::Code;
use crate::go_source::calls::{call_of, called_name};
use crate::go_source::{At, GoFile};
use crate::goroutine::owner::{is_launcher, owner_index};
use crate::goroutine::{FuncName, Goroutine, Location, name};

/// The user's line, if a launcher has started the goroutine and the source names one line.
pub(super) fn by(goroutine: &Goroutine, code: &Code<'_>) -> Option<Spot> {
    let created = goroutine.created.as_ref()?;
    let is_launched =
        is_launcher(created.func.as_str()) && !name::package(created.func.as_str()).starts_with("runtime");
    if !is_launched {
        return None;
    }
    let entry = goroutine.frames.get(owner_index(&goroutine.frames)?)?;
    if !code.is_own(entry) {
        return None;
    }
    let at = entry.at.as_ref()?;
    let file = code.sources.get(&code.absolute(&at.file))?;
    let func = file.func_at(at.line)?;
    let launcher = name::normal(created.func.as_str());
    let method = launcher.rsplit('.').next().unwrap_or_default();
    let call = match func.kind() {
        "func_literal" => handed(func).filter(|call| called_name(call) == Some(method))?,
        _ => only_use(code, file, func, method)?,
    };
    let package = name::package(entry.func.as_str());
    let around = call.top_func().map_or("init", |func| func.func_name());
    Some(code.spot(
        &FuncName(format!("{package}.{around}")),
        &Location {
            file: call.file.path.clone(),
            line: call.line(),
        },
    ))
}

/// The call that a function is an argument of.
fn handed(func: At<'_>) -> Option<At<'_>> {
    let list = func.parent().filter(|list| list.kind() == "argument_list")?;
    list.parent().filter(|call| call.kind() == "call_expression")
}

/// The only call of the package that hands this function on: `wg.Go(s.run)`.
fn only_use<'a>(code: &Code<'a>, file: &'a GoFile, func: At<'a>, method: &str) -> Option<At<'a>> {
    let files = code.sources.package(file);
    let names = files.into_iter().flat_map(|file| file.named(func.func_name()));
    let mut uses = names.filter(|name| call_of(*name).is_none()).filter_map(|name| {
        let whole = name.parent().filter(|selector| {
            selector.kind() == "selector_expression" && selector.field("field") == Some(name)
        });
        handed(whole.unwrap_or(name)).filter(|call| called_name(call) == Some(method))
    });
    let one = uses.next()?;
    uses.next().is_none().then_some(one)
}
