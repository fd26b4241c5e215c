//! A gzipped profile for `go tool pprof`: one sample for each stack, its value the number of goroutines.

use crate::dumps::view::View;
use crate::goroutine::profile::{About, Stack, write};
use std::borrow::Cow;
use std::io;

pub(super) fn bytes(view: &View) -> io::Result<Vec<u8>> {
    let rows = view
        .dumps
        .iter()
        .flat_map(|dump| dump.rows.iter().map(move |row| (dump, row)));
    let stacks: Vec<Stack<'_>> = rows
        .flat_map(|(dump, row)| {
            row.groups.iter().map(move |(frames, count)| Stack {
                frames: frames.iter().map(Cow::Borrowed).collect(),
                count: *count,
                labels: vec![
                    ("source", dump.source.clone()),
                    ("owner", row.owner.clone()),
                    ("state", row.state.clone()),
                    ("cause", row.cause.code.to_owned()),
                    ("fingerprint", row.fingerprint.clone().unwrap_or_default()),
                ],
            })
        })
        .collect();
    let about = About {
        program: "goroutines",
        ..About::default()
    };
    let mut bytes = Vec::new();
    write(&stacks, &about, &mut bytes)?;
    Ok(bytes)
}
