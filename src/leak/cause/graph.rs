//! Which functions of the user's call which, as far as the source names them. Each function is read once for a package.

use crate::go_source::calls::{call_of, own_callee, std_package};
use crate::go_source::scope::local;
use crate::go_source::types::{Type, type_of};
use crate::go_source::{At, GoFiles};
use elsa::sync::FrozenMap;
use std::ops::Range;
use std::sync::Arc;

/// A place that does not borrow the file.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Node {
    file: Arc<str>,
    range: Range<usize>,
}

impl Node {
    fn new(at: At<'_>) -> Self {
        Self {
            file: at.file.path.as_str().into(),
            range: at.start()..at.end(),
        }
    }

    fn at<'a>(&self, files: &'a GoFiles) -> Option<At<'a>> {
        files.get(&self.file)?.at(&self.range)
    }
}

/// A call in a function, or a function that it hands on, and what that runs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edge<'a> {
    pub at: At<'a>,
    pub to: At<'a>,
}

/// The calls that were read so far: what a function calls, each call with what it runs.
#[derive(Debug, Default)]
pub(super) struct Graph {
    edges: FrozenMap<Node, Vec<(Node, Node)>>,
}

impl Graph {
    /// What a function calls or hands on, its closures included, in source order.
    pub(super) fn edges<'a>(&self, files: &'a GoFiles, func: At<'a>) -> Vec<Edge<'a>> {
        let node = Node::new(func);
        let edges = self.edges.get(&node).unwrap_or_else(|| {
            let read = read(files, func).map(|edge| (Node::new(edge.at), Node::new(edge.to)));
            self.edges.insert(node, read.collect())
        });
        let edge = |(at, to): &(Node, Node)| {
            Some(Edge {
                at: at.at(files)?,
                to: to.at(files)?,
            })
        };
        edges.iter().filter_map(edge).collect()
    }
}

fn read<'a>(files: &'a GoFiles, func: At<'a>) -> impl Iterator<Item = Edge<'a>> {
    let nodes = func.find(&["call_expression", "identifier", "selector_expression"]);
    nodes.into_iter().filter_map(move |at| {
        if at.kind() == "call_expression" {
            return own_callee(files, at).map(|to| Edge { at, to });
        }
        // What is handed on as a value: `go s.run` in a group, `t.Run("x", f)`.
        let name = at.field("field").unwrap_or(at);
        let part = at
            .parent()
            .is_some_and(|outer| outer.kind() == "selector_expression");
        let declares = func.field("name") == Some(at);
        if part || declares || call_of(name).is_some() || std_package(files, at).is_some() || is_result(at) {
            return None;
        }
        match type_of(files, at)? {
            Type::Func(to) if to.is_func() && to.kind() != "func_literal" => Some(Edge { at, to }),
            _ => None,
        }
    })
}

/// Whether it is a variable that holds what a call gave back: whatever that is, its function has no name here.
fn is_result(name: At<'_>) -> bool {
    let statement = local(name).and_then(|decl| decl.parent()?.parent());
    let values = statement.filter(|statement| statement.kind() == "short_var_declaration");
    let values = values.and_then(|statement| statement.field("right"));
    values.is_some_and(|values| {
        values
            .children()
            .iter()
            .all(|value| value.kind() == "call_expression")
    })
}
