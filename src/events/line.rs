//! A line of the stream: an event, or text between the events.

use super::event::Event;
use super::layout;

/// A line of the stream.
#[derive(Debug, Clone, PartialEq)]
pub enum Line<'a> {
    /// An event.
    Event(Box<Event<'a>>),
    /// Text that is no event: go itself, a wrapper or a `-exec` program printed it.
    Text(&'a [u8]),
}

/// Reads one line, with or without its line end.
pub fn parse(line: &[u8]) -> Line<'_> {
    if let Some(event) = layout::read(line) {
        return Line::Event(Box::new(event));
    }
    let trimmed = line.trim_ascii();
    if trimmed.first() == Some(&b'{')
        && let Ok(event) = serde_json::from_slice::<Event<'_>>(trimmed)
    {
        return Line::Event(Box::new(event));
    }
    Line::Text(line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::Action;

    #[test]
    fn an_event_is_written_back_as_go_wrote_it() {
        let line = br#"{"Time":"2026-11-21T04:44:00.1Z","Action":"pass","Package":"example.com/p","Test":"TestA/x","Elapsed":0.25}
"#;
        let Line::Event(event) = parse(line) else {
            panic!("no event")
        };
        assert_eq!(event.action, Action::Pass);
        assert_eq!(event.test.as_deref(), Some("TestA/x"));
        assert_eq!(event.to_line(), line);
    }

    #[test]
    fn fields_and_actions_of_a_later_go_are_accepted() {
        let line = br#"{"Action":"sparkle","Package":"p","Glitter":{"a":[1]}}"#;
        let Line::Event(event) = parse(line) else {
            panic!("no event")
        };
        assert_eq!(event.action.as_str(), "sparkle");
    }

    #[test]
    fn text_that_only_looks_like_an_event_stays_text() {
        for line in [
            &b"{not json}\n"[..],
            b"FAIL\tp [setup failed]\n",
            b"",
            b"{}",
            b"{\"Action\":3}",
        ] {
            assert_eq!(parse(line), Line::Text(line));
        }
    }
}
