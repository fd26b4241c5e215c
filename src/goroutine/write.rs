//! A model written back as dump text, in the form of Go 1.27.
//!
//! What the model does not keep is not written: `gp=`, `+0x…` offsets, registers.

use super::dump::Dump;
use super::{Created, Frame, Goroutine, Label, Location, State};
use std::fmt::Write as _;

/// All goroutines, with the text between them where it stood.
pub fn dump(dump: &Dump) -> String {
    let mut out = String::new();
    let mut others = dump.others.iter().peekable();
    for (index, goroutine) in dump.goroutines.iter().enumerate() {
        while let Some(text) = others.next_if(|text| text.before <= index) {
            out.push_str(&text.text);
            if !text.text.ends_with('\n') {
                out.push('\n');
            }
        }
        write(&mut out, goroutine);
        out.push('\n');
    }
    for text in others {
        out.push_str(&text.text);
    }
    out
}

/// One block, without the empty line that follows it.
pub fn block(goroutine: &Goroutine) -> String {
    let mut out = String::new();
    write(&mut out, goroutine);
    out
}

fn write(out: &mut String, goroutine: &Goroutine) {
    header(out, goroutine);
    if goroutine.stack_unavailable {
        out.push_str("\tgoroutine running on other thread; stack unavailable\n");
    }
    for (index, call) in goroutine.frames.iter().enumerate() {
        elided(out, goroutine, index);
        frame(out, call);
    }
    elided(out, goroutine, goroutine.frames.len());
    if let Some(by) = &goroutine.created {
        created(out, by);
    }
    for ancestor in &goroutine.ancestors {
        let _ = writeln!(out, "[originating from goroutine {}]:", ancestor.id.0);
        for call in &ancestor.frames {
            frame(out, call);
        }
        if let Some(by) = &ancestor.created {
            created(out, by);
        }
    }
}

fn header(out: &mut String, goroutine: &Goroutine) {
    let _ = write!(
        out,
        "goroutine {} [{}]",
        goroutine.id.0,
        StateText(&goroutine.state)
    );
    if !goroutine.labels.is_empty() {
        let labels: Vec<String> = goroutine
            .labels
            .iter()
            .map(|Label { key, value }| format!("{}: {}", word(key), word(value)))
            .collect();
        let _ = write!(out, " {{{}}}", labels.join(", "));
    }
    out.push_str(":\n");
}

/// A state as written between the brackets.
struct StateText<'a>(&'a State);

impl std::fmt::Display for StateText<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let state = self.0;
        f.write_str(&state.reason)?;
        for (present, text) in [
            (state.leaked, " (leaked)"),
            (state.scan, " (scan)"),
            (state.durable, " (durable)"),
        ] {
            if present {
                f.write_str(text)?;
            }
        }
        if let Some(minutes) = state.minutes {
            write!(f, ", {minutes} minutes")?;
        }
        if state.locked_to_thread {
            f.write_str(", locked to thread")?;
        }
        match state.bubble {
            Some(bubble) => write!(f, ", synctest bubble {}", bubble.0),
            None => Ok(()),
        }
    }
}

impl std::fmt::Display for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        StateText(self).fmt(f)
    }
}

fn elided(out: &mut String, goroutine: &Goroutine, index: usize) {
    let _ = match goroutine.elided {
        Some((at, Some(count))) if at == index => writeln!(out, "...{count} frames elided..."),
        Some((at, None)) if at == index => writeln!(out, "...additional frames elided..."),
        _ => Ok(()),
    };
}

fn frame(out: &mut String, frame: &Frame) {
    let _ = match (&frame.args, &frame.at) {
        (Some(args), Some(at)) => writeln!(out, "{}({args})\n\t{}", frame.func, Position(at)),
        (Some(args), None) => writeln!(out, "{}({args})\n\tpc=0x0", frame.func),
        (None, Some(at)) => writeln!(out, "{}\n\t{} pc=0x0", frame.func, Position(at)),
        (None, None) if frame.func.as_str() == "non-Go function" => {
            writeln!(out, "non-Go function at pc=0x0")
        }
        (None, None) => writeln!(out, "{}\n\tpc=0x0", frame.func),
    };
}

fn created(out: &mut String, created: &Created) {
    let _ = write!(out, "created by {}", created.func);
    if let Some(by) = created.by {
        let _ = write!(out, " in goroutine {}", by.0);
    }
    out.push('\n');
    if let Some(at) = &created.at {
        let _ = writeln!(out, "\t{}", Position(at));
    }
}

struct Position<'a>(&'a Location);

impl std::fmt::Display for Position<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.0.file, self.0.line)
    }
}

/// Bare if it is `[A-Za-z0-9._/]*`, else quoted as `printquoted` does.
fn word(text: &str) -> String {
    if text
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'/'))
    {
        return text.to_owned();
    }
    let mut out = String::from("\"");
    for char in text.chars() {
        let _ = match char {
            '"' | '\\' => write!(out, "\\{char}"),
            '\n' => write!(out, "\\n"),
            '\r' => write!(out, "\\r"),
            '\t' => write!(out, "\\t"),
            ' '..='~' => write!(out, "{char}"),
            '\0'..='\u{1f}' => write!(out, "\\x{:02x}", u32::from(char)),
            '\u{7f}'..='\u{ffff}' => write!(out, "\\u{:04x}", u32::from(char)),
            _ => write!(out, "\\U{:08x}", u32::from(char)),
        };
    }
    out.push('"');
    out
}
