//! The server's end of a connection whose client leaked, where TestMain (or an init) runs the server.
//!
//! No test started it, it ends when the client's end does, and the client's end is a finding. A connection whose client is
//! no goroutine here (a raw `net.Conn`, another process) is not forgotten: then its server's end is all there is to see.

use crate::evidence::{Evidence, Sighting};
use crate::goroutine::GoroutineId;
use rustc_hash::FxHashSet;

const CLIENTS: [&str; 3] = [
    "net/http.(*persistConn).readLoop",
    "net/http.(*http2clientConnReadLoop).run",
    "net/http.(*http2ClientConn).readLoop",
];
const SERVER: &str = "net/http.(*conn).serve";

/// Those of the goroutines that leaked.
pub(super) fn find(leaked: &[&Sighting], evidence: &Evidence) -> FxHashSet<GoroutineId> {
    let baseline: FxHashSet<GoroutineId> = evidence.baseline.iter().copied().collect();
    let mut clients: Vec<&Sighting> = leaked
        .iter()
        .copied()
        .filter(|one| begins_in(one, &CLIENTS))
        .collect();
    let of_main = |one: &&&Sighting| {
        begins_in(one, &[SERVER]) && one.parent.is_some_and(|parent| baseline.contains(&parent))
    };
    let mut found: FxHashSet<GoroutineId> = FxHashSet::default();
    for server in leaked.iter().filter(of_main) {
        let born_together = |client: &&Sighting| {
            client.absent_until <= server.first_seen && server.absent_until <= client.first_seen
        };
        if let Some(at) = clients.iter().position(born_together) {
            clients.swap_remove(at);
            found.insert(server.id);
        }
    }
    found
}

fn begins_in(sighting: &Sighting, functions: &[&str]) -> bool {
    let outermost = sighting.goroutine.frames.last();
    outermost.is_some_and(|frame| functions.contains(&frame.func.as_str()))
}
