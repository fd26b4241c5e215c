//! A stream of bytes → dumps. Says what the stream is by looking at it: compression, a binary profile, or text.

mod feed;
mod json;
mod prefix;
mod profile;
mod text_profile;
mod unpack;
mod utf16;

#[cfg(test)]
mod tests;

use super::model::Dump;
use feed::Feed;
use std::io::{self, Read};

/// Why a stream could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The reader failed, or what it gave is damaged and nothing could be saved.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// A binary profile that does not decode.
    #[error("it looks like a binary pprof profile, but does not decode: {0}")]
    Profile(String),
    /// A profile of something else.
    #[error("it is a pprof profile of {0}, not of goroutines; fetch /debug/pprof/goroutine")]
    OtherProfile(String),
}

/// What a stream held.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reading {
    /// In the order of the stream.
    pub dumps: Vec<Dump>,
    /// What ended the stream before its end: what was read until then is kept.
    pub broken: Option<String>,
}

/// Reads all dumps of a stream, in one pass and in memory that hangs on the different stacks, not on the size.
pub fn read(from: impl Read) -> Result<Reading, ReadError> {
    let mut from = unpack::open(from)?;
    if profile::is_profile(from.head()) {
        return profile::read(from);
    }
    let mut feed = Feed::new();
    let broken = loop {
        match feed.fill(&mut from) {
            Ok(0) => break None,
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => break Some(error.to_string()),
        }
    };
    Ok(Reading {
        dumps: feed.finish(),
        broken,
    })
}
