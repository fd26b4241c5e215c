//! The same work on many things, on all processors at once.

use std::panic::resume_unwind;
use std::sync::{Mutex, PoisonError};
use std::thread::{Builder, available_parallelism, scope};

/// Of each thread: judging follows the nesting of source, as deep as that is.
pub const STACK: usize = 16 << 20;

/// What the work makes of each thing, in the order of the things. A thread is worth its start for `least` of them.
pub fn map<T: Send, R: Send>(things: Vec<T>, least: usize, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let worth = things.len() / least.max(1);
    // To ask for the processors reads files.
    let threads = match worth {
        0 | 1 => 1,
        _ => available_parallelism().map_or(1, usize::from).min(worth),
    };
    if threads == 1 {
        return things.into_iter().map(work).collect();
    }
    let waiting = Mutex::new(things.into_iter().enumerate());
    let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
    let all = || {
        let one_by_one = std::iter::from_fn(next);
        one_by_one
            .map(|(place, thing)| (place, work(thing)))
            .collect::<Vec<_>>()
    };
    let mut done = scope(|scope| {
        // Where no thread can be had, this one does all of it.
        let others =
            (1..threads).map_while(|_| Builder::new().stack_size(STACK).spawn_scoped(scope, all).ok());
        let others: Vec<_> = others.collect();
        let mut done = all();
        for other in others {
            done.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        done
    });
    done.sort_unstable_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, made)| made).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_done_once_and_comes_in_order() {
        for (count, least) in [(0, 1), (1, 1), (7, 8), (1000, 1), (1000, 16), (3, 0)] {
            let made = map((0..count).collect(), least, |thing: u32| thing * 3);
            assert_eq!(made, (0..count).map(|thing| thing * 3).collect::<Vec<_>>());
        }
    }

    #[test]
    #[should_panic(expected = "the fifth")]
    fn a_panic_of_the_work_is_one_of_the_whole() {
        map((0..100).collect(), 1, |thing: u32| {
            assert!(thing != 5, "the fifth")
        });
    }
}
