//! A worker of the whole package: a loop that takes jobs from a channel which any test may send to.

use super::reach::Reach;
use crate::go_source::types::{TypeName, name_of, type_of};
use crate::go_source::{At, GoFiles, Var, flow, variable};
use crate::goroutine::{Frame, Goroutine};
use crate::leak::Code;

/// Such a loop, at work.
pub struct Worker<'a> {
    /// The functions that send jobs.
    senders: Vec<At<'a>>,
    /// The type that holds the channel; `None`: a package variable does.
    owner: Option<TypeName>,
    /// What it does, where the loop itself does not lead to it.
    job: Option<At<'a>>,
}

impl<'a> Worker<'a> {
    /// From the loop at the outermost own frame that is in one.
    pub fn find(code: &Code<'a>, goroutine: &Goroutine) -> Option<Self> {
        let frames = &goroutine.frames;
        let (at, channel) = frames.iter().enumerate().rev().find_map(|(at, frame)| {
            let (_, looping) = looping(code, frame)?;
            Some((at, jobs(code.sources, looping)?))
        })?;
        let owner = match &channel {
            Var::Global(_) => None,
            Var::Field(owner, _) => Some(owner.clone()),
            Var::Local(_) => return None,
        };
        let (func, _) = looping(code, &frames[at])?;
        let own = Reach::from(code, func);
        let above = frames[..at].iter().rev();
        let above: Vec<At<'a>> = above.filter_map(|frame| declared(code, frame)).collect();
        if above.is_empty() {
            return None; // it waits for a job
        }
        let sends = flow::sends(code.sources, &channel).into_iter();
        Some(Self {
            senders: sends.filter_map(|send| send.top_func()).collect(),
            owner,
            job: above.into_iter().find(|func| !own.found.contains(func)),
        })
    }

    /// Whether a test may have given it the job.
    pub fn may_serve(&self, code: &Code<'a>, reach: &Reach<'a>) -> bool {
        self.is_shared_with(code.sources, reach)
            && self.senders.iter().any(|func| reach.may_lead_to(func))
            && self.job.as_ref().is_none_or(|job| reach.may_lead_to(job))
    }

    /// Whether the test uses a package variable that holds the worker; otherwise it has one of its own.
    fn is_shared_with(&self, files: &'a GoFiles, reach: &Reach<'a>) -> bool {
        let Some(owner) = &self.owner else { return true };
        let names = reach
            .found
            .iter()
            .filter(|at| at.kind() == "var_spec")
            .flat_map(|at| at.fields("name"));
        names
            .filter_map(|name| type_of(files, name))
            .any(|kind| name_of(files, &kind).as_ref() == Some(owner))
    }
}

/// The function of a frame, and the innermost loop in it that holds the frame's line.
fn looping<'a>(code: &Code<'a>, frame: &Frame) -> Option<(At<'a>, At<'a>)> {
    let at = frame.at.as_ref()?;
    let path = code.absolute(&at.file);
    let file = code.is_own_file(&path).then(|| code.sources.get(&path))??;
    let func = file.func_at(at.line)?;
    let loops = func.find(&["for_statement"]);
    let mut around = loops
        .into_iter()
        .filter(|one| one.line() <= at.line && at.line <= one.last_line());
    Some((func, around.next_back()?))
}

/// The declared function that a frame is in.
pub(super) fn declared<'a>(code: &Code<'a>, frame: &Frame) -> Option<At<'a>> {
    let at = frame.at.as_ref()?;
    let path = code.absolute(&at.file);
    let file = code.is_own_file(&path).then(|| code.sources.get(&path))??;
    let func = file.func_at(at.line)?;
    if func.kind() == "func_literal" {
        func.top_func()
    } else {
        Some(func)
    }
}

/// The channel that a loop takes jobs from: one that something is sent to.
fn jobs<'a>(files: &'a GoFiles, looping: At<'a>) -> Option<Var<'a>> {
    let ranges = looping
        .find(&["range_clause"])
        .into_iter()
        .filter_map(|range| range.field("right"));
    let receives = looping.find(&["unary_expression"]).into_iter();
    let receives = receives
        .filter(|one| one.has_token("<-"))
        .filter_map(|one| one.field("operand"));
    ranges
        .chain(receives)
        .filter_map(|channel| variable(files, channel))
        .find(|var| !flow::sends(files, var).is_empty())
}
