//! A gzipped profile for `go tool pprof`: one sample for each stack, its value the number of goroutines.

use crate::dumps::decode::{Stack, encode_profile};
use crate::dumps::view::View;
use flate2::{Compression, GzBuilder};
use std::io::{self, Write};

pub(super) fn bytes(view: &View) -> io::Result<Vec<u8>> {
    let rows = view
        .dumps
        .iter()
        .flat_map(|dump| dump.rows.iter().map(move |row| (dump, row)));
    let stacks: Vec<Stack<'_>> = rows
        .flat_map(|(dump, row)| {
            row.groups.iter().map(move |(frames, count)| Stack {
                frames: frames.iter().collect(),
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
    // No time in it: the same dump gives the same bytes.
    let mut gzip = GzBuilder::new()
        .mtime(0)
        .write(Vec::new(), Compression::default());
    gzip.write_all(&encode_profile(&stacks))?;
    gzip.finish()
}
