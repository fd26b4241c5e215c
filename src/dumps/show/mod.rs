//! The formats of `leakgate dump`. Each writes the one [`View`].

mod html;
mod human;
mod markdown;
mod pprof;

pub(super) use human::known_alive;
pub(super) use markdown::{code, plain};

use super::view::View;
use std::io;

/// A format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DumpFormat {
    /// For people.
    #[default]
    Human,
    /// [`View`] as JSON.
    Json,
    /// One page.
    Html,
    /// For pull requests and chats.
    Markdown,
    /// A gzipped profile for `go tool pprof`.
    Pprof,
}

impl DumpFormat {
    /// Names, for flags.
    pub const NAMES: [(&'static str, Self); 5] = [
        ("human", Self::Human),
        ("json", Self::Json),
        ("html", Self::Html),
        ("md", Self::Markdown),
        ("pprof", Self::Pprof),
    ];
}

/// How much of each row is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Detail {
    /// Whole stacks.
    pub stacks: bool,
}

/// The bytes of a view.
pub fn write(view: &View, format: DumpFormat, detail: Detail) -> io::Result<Vec<u8>> {
    Ok(match format {
        DumpFormat::Human => human::text(view, detail).into_bytes(),
        DumpFormat::Json => serde_json::to_string_pretty(view)?.into_bytes(),
        DumpFormat::Html => html::page(view).into_bytes(),
        DumpFormat::Markdown => markdown::text(view).into_bytes(),
        DumpFormat::Pprof => pprof::bytes(view)?,
    })
}
