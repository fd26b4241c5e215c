//! The channel operation that stands on a line.

use super::text::{GoText, is_name, is_word, words};
use std::ops::Range;

/// What a goroutine may be blocked in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// `for … range ch`.
    Range(Expr),
    /// `<-ch`.
    Receive(Expr),
    /// `ch <- v`.
    Send(Expr),
    /// `select { … }`, also one whose only case makes Go compile it as a plain operation.
    Select(Vec<Case>),
}

/// One case of a select.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Case {
    /// `case v := <-ch`.
    Receive(Expr),
    /// `case ch <- v`.
    Send(Expr),
    /// `default`.
    Default,
}

/// An expression and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expr {
    /// Text, without space around it.
    pub text: String,
    /// Offset of its start.
    pub at: usize,
}

/// What the scheduler says, so far as it tells operations on one line apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blocked {
    /// `chan receive`.
    Receiving,
    /// `chan send`.
    Sending,
    /// `select`.
    Selecting,
}

/// The operation on a line, if it can be told.
pub fn at_line(text: &GoText, line: u32, blocked: Blocked) -> Option<Operation> {
    let range = text.line(line)?;
    let code = text.code();
    if let Some(at) = words(code, range.clone(), "select").next() {
        return select(text, at).map(Operation::Select);
    }
    let start = range.start
        + code[range.clone()]
            .bytes()
            .take_while(u8::is_ascii_whitespace)
            .count();
    if code[start..].starts_with("case") && is_word(code, start, "case") {
        return case(text, start).map(|case| Operation::Select(vec![case]));
    }
    match blocked {
        Blocked::Receiving => {
            range_over(text, range.clone()).or_else(|| receive(text, range).map(Operation::Receive))
        }
        Blocked::Sending => send(text, range).map(Operation::Send),
        Blocked::Selecting => None,
    }
}

/// `for v := range EXPR {`.
fn range_over(text: &GoText, range: Range<usize>) -> Option<Operation> {
    let code = text.code();
    words(code, range.clone(), "for").next()?;
    let at = words(code, range, "range").next()? + "range".len();
    let open = code[at..].find(['{', '\n']).map(|end| at + end)?;
    Some(Operation::Range(expr(code, at..open))).filter(|_| code.as_bytes()[open] == b'{')
}

/// The first `<-` with nothing to its left that it could send to.
fn receive(text: &GoText, range: Range<usize>) -> Option<Expr> {
    let code = text.code();
    let arrow = arrows(code, range).find(|&arrow| !has_operand(code, arrow))?;
    Some(operand(code, arrow + 2))
}

/// The first `<-` behind a value.
fn send(text: &GoText, range: Range<usize>) -> Option<Expr> {
    let code = text.code();
    let arrow = arrows(code, range.clone()).find(|&arrow| has_operand(code, arrow))?;
    Some(operand_before(code, arrow, range.start))
}

/// `<-` that are no part of a channel type.
fn arrows(code: &str, range: Range<usize>) -> impl Iterator<Item = usize> + '_ {
    let part = code.get(range.clone()).unwrap_or("");
    part.match_indices("<-")
        .map(move |(at, _)| range.start + at)
        .filter(|&at| {
            let before = code[..at].trim_end();
            let after = code[at + 2..].trim_start();
            let send_only = before.ends_with("chan") && is_word(code, before.len() - 4, "chan");
            let receive_only = after.starts_with("chan") && is_word(after, 0, "chan");
            !send_only && !receive_only
        })
}

/// Whether a value stands before the arrow: a name, `)` or `]`, and no keyword.
fn has_operand(code: &str, arrow: usize) -> bool {
    let before = code[..arrow].trim_end_matches([' ', '\t']);
    let Some(&last) = before.as_bytes().last() else {
        return false;
    };
    if last == b')' || last == b']' {
        return true;
    }
    let word = before
        .rsplit(|char: char| !(char.is_alphanumeric() || char == '_'))
        .next();
    is_name(last)
        && !matches!(
            word,
            Some("case" | "return" | "range" | "go" | "defer" | "else" | "if" | "switch")
        )
}

/// The primary expression that starts at `from`: names, selectors, calls, indices.
fn operand(code: &str, from: usize) -> Expr {
    let bytes = code.as_bytes();
    let start = from
        + code[from..]
            .bytes()
            .take_while(|byte| matches!(byte, b' ' | b'\t' | b'(' | b'*'))
            .count();
    let mut at = start;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'(' | b'[' | b'{' => match closing(code, at) {
                Some(close) if byte != b'{' => at = close + 1,
                _ => break,
            },
            b'.' => at += 1,
            _ if is_name(byte) => at += 1,
            _ => break,
        }
    }
    expr(code, start..at)
}

/// The primary expression that ends before `to`.
fn operand_before(code: &str, to: usize, line: usize) -> Expr {
    let bytes = code.as_bytes();
    let end = line + code[line..to].trim_end().len();
    let mut at = end;
    let mut depth = 0_usize;
    while at > line {
        let byte = bytes[at - 1];
        match byte {
            b')' | b']' => depth += 1,
            b'(' | b'[' if depth == 0 => break,
            b'(' | b'[' => depth -= 1,
            _ if depth > 0 || is_name(byte) || byte == b'.' => {}
            _ => break,
        }
        at -= 1;
    }
    expr(code, at..end)
}

fn expr(code: &str, range: Range<usize>) -> Expr {
    let part = &code[range.clone()];
    let text = part.trim();
    Expr {
        text: text.to_owned(),
        at: range.start + (part.len() - part.trim_start().len()),
    }
}

/// The bracket that closes the one at `open`.
pub fn closing(code: &str, open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in code.bytes().enumerate().skip(open).take(20_000) {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

/// The cases of the select at `at`. Those of blocks inside do not count.
fn select(text: &GoText, at: usize) -> Option<Vec<Case>> {
    let code = text.code();
    let open = at + code[at..].find('{')?;
    let close = text.block_end(open)?;
    let mut cases = Vec::new();
    let mut next = open + 1;
    while next < close {
        match code.as_bytes()[next] {
            b'{' => {
                next = text.block_end(next)? + 1;
                continue;
            }
            b'c' if is_word(code, next, "case") => cases.extend(case(text, next)),
            b'd' if is_word(code, next, "default") => cases.push(Case::Default),
            _ => {}
        }
        next += 1;
    }
    Some(cases)
}

/// `case v, ok := <-ch:` and `case ch <- v:`.
fn case(text: &GoText, at: usize) -> Option<Case> {
    let code = text.code();
    let line = at..at + code[at..].find('\n').unwrap_or(code.len() - at);
    let start = at + "case".len();
    let arrow = arrows(code, start..line.end).next()?;
    Some(match has_operand(code, arrow) {
        true => Case::Send(operand_before(code, arrow, start)),
        false => Case::Receive(operand(code, arrow + 2)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(code: &str, blocked: Blocked) -> String {
        let file = format!("package p\nfunc f() {{\n{code}\n}}\n");
        match at_line(&GoText::new(&file), 3, blocked) {
            None => "-".into(),
            Some(Operation::Range(expr)) => format!("range {}", expr.text),
            Some(Operation::Receive(expr)) => format!("<-{}", expr.text),
            Some(Operation::Send(expr)) => format!("{} <-", expr.text),
            Some(Operation::Select(cases)) => cases
                .iter()
                .map(|case| match case {
                    Case::Receive(expr) => format!("<-{}", expr.text),
                    Case::Send(expr) => format!("{} <-", expr.text),
                    Case::Default => "default".into(),
                })
                .collect::<Vec<_>>()
                .join(" | "),
        }
    }

    #[test]
    fn receives_are_told_from_sends() {
        use Blocked::{Receiving, Sending};
        for (code, blocked, want) in [
            ("\tfor v := range jobs {", Receiving, "range jobs"),
            ("\tfor range t.C {}", Receiving, "range t.C"),
            (
                "\tgo func() { for v := range s.in(1) { use(v) } }()",
                Receiving,
                "range s.in(1)",
            ),
            ("\tv, ok := <-s.out[i].ch // <-other", Receiving, "<-s.out[i].ch"),
            ("\tgo func() { <-ctx.Done() }()", Receiving, "<-ctx.Done()"),
            ("\treturn <-done", Receiving, "<-done"),
            ("\tif err := <-errs; err != nil {", Receiving, "<-errs"),
            ("\tout <- <-in", Receiving, "<-in"),
            ("\tout <- <-in", Sending, "out <-"),
            (
                "\tgo func() { results[i].ch <- work(x) }()",
                Sending,
                "results[i].ch <-",
            ),
            ("\tgo func(c chan<- int) { c <- 1 }(ch)", Sending, "c <-"),
            ("\ts.get() <- struct{}{}", Sending, "s.get() <-"),
            ("\tfoo(", Receiving, "-"),
        ] {
            assert_eq!(at(code, blocked), want, "{code}");
        }
    }

    #[test]
    fn selects_have_their_own_cases_only() {
        let code = "\tselect {\n\tcase v, ok := <-in:\n\t\tselect {\n\t\tcase <-no:\n\t\t}\n\t\tfor { switch x { case 1: } }\n\tcase out <- v:\n\tcase <-ctx.Done():\n\tcase <-time.After(2 * time.Second):\n\tdefault:\n\t}";
        assert_eq!(
            at(code, Blocked::Selecting),
            "<-in | out <- | <-ctx.Done() | <-time.After(2 * time.Second) | default"
        );
        assert_eq!(at("\tcase v := <-in:", Blocked::Receiving), "<-in");
        assert_eq!(
            at("\tselect { case <-a: ; case b <- 1: }", Blocked::Selecting),
            "<-a | b <-"
        );
    }

    proptest::proptest! {
        // Found by the fuzz target `evidence`: a character of several bytes that is no letter, before an arrow.
        #[test]
        fn any_line_is_read_or_not(code in "(case |select |\\{|\\}|range |<-|chan|[(\\[.]|x|é|…|\u{fffd}| |\n|\\)|:){0,16}") {
            for blocked in [Blocked::Receiving, Blocked::Sending, Blocked::Selecting] {
                let _ = at(&code, blocked);
            }
        }
    }
}
