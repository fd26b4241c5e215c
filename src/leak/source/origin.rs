//! Where a channel comes from, as far as its file tells.

use super::operation::{Expr, closing};
use super::text::{Func, GoText, is_name, words};
use std::ops::Range;

/// What kind of channel an expression is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// `ctx.Done()`. Holds the context's expression.
    Context(String),
    /// `time.NewTicker(…).C` or `time.Tick(…)`.
    Ticker,
    /// `time.NewTimer(…).C` or `time.After(…)`.
    Timer,
    /// Handed to `signal.Notify`.
    Signal,
    /// `make(chan T)`.
    Unbuffered,
    /// `make(chan T, n)`. Holds `n`.
    Buffered(String),
    /// Not told.
    Unknown,
}

/// A goroutine's `go` statement: the file and the line.
#[derive(Clone, Copy)]
pub struct Started<'a> {
    /// Its file.
    pub text: &'a GoText,
    /// Its line.
    pub line: u32,
}

/// One step back from an expression to where its value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The value's expression.
    pub value: String,
    /// Its line, in the file of the step.
    pub line: u32,
}

/// Follows a channel through assignments, parameters and the `go` statement.
pub fn origin(text: &GoText, expr: &Expr, started: Option<Started<'_>>) -> Origin {
    let mut found = None;
    walk(text, expr, started, |file, value| {
        found = match is_notified(file, value) {
            true => Some(Origin::Signal),
            false => by_form(file, value),
        };
        found.is_none()
    });
    found.unwrap_or(Origin::Unknown)
}

/// The values that an expression was given, from the nearest to the farthest.
pub fn trace(text: &GoText, expr: &Expr, started: Option<Started<'_>>) -> Vec<Step> {
    walk(text, expr, started, |_, _| true)
}

/// Walks back while `go_on` says so.
fn walk(
    text: &GoText,
    expr: &Expr,
    started: Option<Started<'_>>,
    mut go_on: impl FnMut(&GoText, &str) -> bool,
) -> Vec<Step> {
    const LONGEST: usize = 8;
    let mut steps = Vec::new();
    let (mut file, mut started) = (text, started);
    let (mut value, mut at) = (expr.text.clone(), expr.at);
    while go_on(file, &value) && steps.len() < LONGEST {
        let next = match assigned(file, &value, at).filter(|(next, _)| *next != value) {
            Some((next, place)) => Some((file, next, place)),
            None => argument(file, &value, at, started),
        };
        let Some((next_file, next, place)) = next else {
            break;
        };
        if !std::ptr::eq(next_file, file) {
            started = None;
        }
        (file, value, at) = (next_file, next, place);
        steps.push(Step {
            value: value.clone(),
            line: file.line_of(at),
        });
    }
    steps
}

/// What the expression itself says.
fn by_form(text: &GoText, expr: &str) -> Option<Origin> {
    if let Some(context) = expr.strip_suffix(".Done()") {
        return Some(Origin::Context(context.to_owned()));
    }
    if expr.starts_with("time.Tick(") {
        return Some(Origin::Ticker);
    }
    if expr.starts_with("time.After(") {
        return Some(Origin::Timer);
    }
    if let Some(inside) = expr
        .strip_prefix("make(chan")
        .and_then(|rest| rest.strip_suffix(')'))
    {
        return Some(match last_argument(inside) {
            None | Some("0") => Origin::Unbuffered,
            Some(size) => Origin::Buffered(size.to_owned()),
        });
    }
    let clock = expr.strip_suffix(".C")?;
    let name = clock.rsplit('.').next().unwrap_or(clock);
    let (mut ticker, mut timer) = (
        clock.starts_with("time.NewTicker("),
        clock.starts_with("time.NewTimer("),
    );
    for at in words(text.code(), 0..text.code().len(), name) {
        let after = text.code()[at + name.len()..].trim_start_matches([' ', ':', '=', '*', '\t']);
        ticker |= after.starts_with("time.NewTicker(") || after.starts_with("time.Ticker");
        timer |= after.starts_with("time.NewTimer(") || after.starts_with("time.Timer");
    }
    match (ticker, timer) {
        (true, _) => Some(Origin::Ticker),
        (false, true) => Some(Origin::Timer),
        _ => name
            .to_ascii_lowercase()
            .contains("tick")
            .then_some(Origin::Ticker),
    }
}

/// `n` of ` T, n`, not the comma of `func(a, b)`.
fn last_argument(inside: &str) -> Option<&str> {
    let mut depth = 0_usize;
    for (at, byte) in inside.bytes().enumerate() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => return Some(inside[at + 1..].trim()),
            _ => {}
        }
    }
    None
}

/// `signal.Notify(expr, …)` anywhere in the file.
fn is_notified(text: &GoText, expr: &str) -> bool {
    let code = text.code();
    words(code, 0..code.len(), "signal.Notify").any(|at| {
        let args = &code[at + "signal.Notify".len()..];
        let first = args
            .strip_prefix('(')
            .and_then(|args| args.split([',', ')']).next());
        first.is_some_and(|first| first.trim() == expr)
    })
}

/// The value last given to a name before `at`; of a field, also by its key in a literal, anywhere.
fn assigned(text: &GoText, expr: &str, at: usize) -> Option<(String, usize)> {
    let code = text.code();
    let field = expr.rsplit_once('.').map(|(_, field)| field);
    let name = field.unwrap_or(expr);
    let name = name
        .split('[')
        .next()
        .filter(|name| !name.is_empty() && name.bytes().all(is_name))?;
    let places: Vec<(usize, String)> = words(code, 0..code.len(), name)
        .filter_map(|place| value_of(code, place, name, field.is_some()).map(|value| (place, value)))
        .collect();
    let scope = if field.is_some() {
        0..code.len()
    } else {
        scope(text, at)
    };
    let inside = |place: &&(usize, String)| scope.contains(&place.0);
    let before = places.iter().filter(inside).rfind(|place| place.0 < at);
    let found = before
        .or_else(|| places.iter().find(inside))
        .or_else(|| global(text, &places))?;
    Some((found.1.clone(), found.0))
}

/// The outermost function around: names of other functions are other variables.
fn scope(text: &GoText, at: usize) -> Range<usize> {
    text.funcs_around(at)
        .last()
        .map_or(0..text.code().len(), |func| func.head.start..func.body.end)
}

/// An assignment outside of all functions.
fn global<'a>(text: &GoText, places: &'a [(usize, String)]) -> Option<&'a (usize, String)> {
    places.iter().find(|place| text.funcs_around(place.0).is_empty())
}

/// The value of `name := v`, `name, err := v`, `var name = v`, `name = v`, `name: v`.
fn value_of(code: &str, place: usize, name: &str, field: bool) -> Option<String> {
    let line_end = code[place..].find('\n').map_or(code.len(), |end| place + end);
    let mut after = code[place + name.len()..line_end].trim_start();
    // `out, errs := make(chan int), make(chan error)`: as many values as names.
    let mut others = 0_usize;
    while let Some(rest) = after.strip_prefix(',') {
        let next = rest
            .trim_start()
            .trim_start_matches(|char: char| char.is_alphanumeric() || char == '_' || char == '.');
        after = next.trim_start();
        others += 1;
    }
    let before = code[..place].rsplit('\n').next().unwrap_or("");
    let index = before
        .rsplit([';', '{', '('])
        .next()
        .unwrap_or("")
        .matches(',')
        .count();
    let value = match after.strip_prefix(":=") {
        Some(value) => value,
        None => match after.strip_prefix('=').filter(|value| !value.starts_with('=')) {
            Some(value) => value,
            None if field => after.strip_prefix(':').filter(|value| !value.starts_with('='))?,
            None => typed_var(code, place, after)?,
        },
    };
    let values = arguments(value);
    let value = if values.len() == index + others + 1 {
        values.get(index)
    } else {
        values.first()
    }?;
    let value = value.trim().trim_end_matches(['}', ';']).trim();
    let value = if value.starts_with("make(") {
        &value[..=closing(value, 4)?]
    } else {
        value
    };
    (!value.is_empty()).then(|| value.to_owned())
}

/// `var name chan T = v`.
fn typed_var<'a>(code: &str, place: usize, after: &'a str) -> Option<&'a str> {
    code[..place]
        .trim_end()
        .ends_with("var")
        .then(|| after.split_once('=').map(|(_, value)| value))?
}

/// The value of a parameter: of `go func(c chan int) { … }(ch)`, or of `go work(ch)` at the `go` statement.
fn argument<'a>(
    text: &'a GoText,
    expr: &str,
    at: usize,
    started: Option<Started<'a>>,
) -> Option<(&'a GoText, String, usize)> {
    if expr.is_empty() || !expr.bytes().all(is_name) {
        return None;
    }
    let code = text.code();
    for func in text.funcs_around(at) {
        let Some(index) = parameter(code, &func, expr) else {
            continue;
        };
        let rest = &code[func.body.end + 1..];
        if rest.starts_with('(') {
            let open = func.body.end + 1;
            let close = closing(code, open)?;
            let value = arguments(&code[open + 1..close]).get(index)?.trim().to_owned();
            return Some((text, value, func.head.start));
        }
        let Started { text: file, line } = started?;
        let range = file.line(line)?;
        let name = func_name(&code[func.head.clone()])?;
        let call = words(file.code(), range, name).next()? + name.len();
        let open = call + file.code()[call..].find('(')?;
        let close = closing(file.code(), open)?;
        let value = arguments(&file.code()[open + 1..close])
            .get(index)?
            .trim()
            .to_owned();
        return Some((file, value, call));
    }
    None
}

/// `Run` of `func (s *S[T]) Run[K any](…)`.
fn func_name(head: &str) -> Option<&str> {
    let mut rest = head.strip_prefix("func")?.trim_start();
    if rest.starts_with('(') {
        rest = rest[closing(rest, 0)? + 1..].trim_start();
    }
    let end = rest.bytes().take_while(|&byte| is_name(byte)).count();
    (end > 0).then(|| &rest[..end])
}

/// Position of a parameter in its list.
fn parameter(code: &str, func: &Func, name: &str) -> Option<usize> {
    let head = &code[func.head.clone()];
    let open = match func_name(head) {
        Some(own) => {
            let receiver = head["func".len()..].trim_start().starts_with('(');
            let from = if receiver {
                closing(head, head.find('(')?)? + 1
            } else {
                "func".len()
            };
            let after = from + head[from..].find(own)? + own.len();
            after
                + if head[after..].starts_with('[') {
                    closing(head, after)? + 1 - after
                } else {
                    0
                }
        }
        None => head.find('(')?,
    };
    let open = open + head[open..].find('(')?;
    let close = closing(head, open)?;
    arguments(&head[open + 1..close]).iter().position(|parameter| {
        let parameter = parameter.trim();
        let word = parameter.bytes().take_while(|&byte| is_name(byte)).count();
        &parameter[..word] == name
    })
}

/// Split at the commas of this level.
fn arguments(list: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    list.split(|char| {
        match char {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        char == ',' && depth == 0
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leak::source::operation::{Blocked, Operation, at_line};

    /// The origin of the channel on the line that holds `// here`.
    fn of(code: &str, blocked: Blocked) -> Origin {
        let line =
            |mark: &str| u32::try_from(code.lines().position(|l| l.contains(mark)).unwrap_or(0) + 1).unwrap();
        let text = GoText::new(code);
        let started = Started {
            text: &text,
            line: line("// go"),
        };
        match at_line(&text, line("// here"), blocked).expect("an operation") {
            Operation::Range(expr) | Operation::Receive(expr) | Operation::Send(expr) => {
                origin(&text, &expr, Some(started))
            }
            Operation::Select(_) => panic!("a select"),
        }
    }

    #[test]
    fn channels_are_followed_to_their_making() {
        use Blocked::{Receiving, Sending};
        let buffered = |size: &str| Origin::Buffered(size.into());
        for (code, blocked, want) in [
            (
                "func f() {\n\tch := make(chan int)\n\tgo func() {\n\t\tch <- 1 // here\n\t}()\n}",
                Sending,
                Origin::Unbuffered,
            ),
            (
                "func f() {\n\tch := make(chan map[string]int, 2*n)\n\tgo func() { ch <- 1 }() // here\n}",
                Sending,
                buffered("2*n"),
            ),
            (
                "func f() {\n\ta, ch := make(chan int), make(chan int, 3)\n\tgo func() { ch <- 1 }() // here\n}",
                Sending,
                buffered("3"),
            ),
            (
                "func w(id int, out chan<- int) {\n\tout <- id // here\n}\nfunc f() {\n\tres := make(chan int, 4)\n\tgo w(1, res) // go\n}",
                Sending,
                buffered("4"),
            ),
            (
                "func (s *S) w(out chan<- int) {\n\tout <- 1 // here\n}\nfunc f() {\n\tch := make(chan int)\n\tgo s.w(ch) // go\n}",
                Sending,
                Origin::Unbuffered,
            ),
            (
                "func f() {\n\tch := make(chan int, 1)\n\tgo func(c chan<- int) {\n\t\tc <- 1 // here\n\t}(ch)\n}",
                Sending,
                buffered("1"),
            ),
            (
                "func (s *S) w() {\n\ts.out <- 1 // here\n}\nfunc n() *S { return &S{out: make(chan int, 8)} }",
                Sending,
                buffered("8"),
            ),
            (
                "func f() {\n\tt := time.NewTicker(d)\n\tgo func() {\n\t\tfor range t.C { // here\n\t\t}\n\t}()\n}",
                Receiving,
                Origin::Ticker,
            ),
            (
                "func f() {\n\ttick := time.Tick(d)\n\tfor range tick { // here\n\t}\n}",
                Receiving,
                Origin::Ticker,
            ),
            (
                "func f(ctx context.Context) {\n\tdone := ctx.Done()\n\t<-done // here\n}",
                Receiving,
                Origin::Context("ctx".into()),
            ),
            (
                "func f() {\n\tsigs := make(chan os.Signal, 1)\n\tsignal.Notify(sigs, os.Interrupt)\n\tgo func() { <-sigs }() // here\n}",
                Receiving,
                Origin::Signal,
            ),
            (
                "func f() {\n\tt := time.NewTimer(d)\n\t<-t.C // here\n}",
                Receiving,
                Origin::Timer,
            ),
            (
                "func f(ch chan int) {\n\t<-ch // here\n}",
                Receiving,
                Origin::Unknown,
            ),
            (
                "var ch = make(chan int, 5)\nfunc f() {\n\tch <- 1 // here\n}",
                Sending,
                buffered("5"),
            ),
            (
                "func g() {\n\tch := make(chan int, 5)\n}\nfunc f(ch chan int) {\n\tch <- 1 // here\n}",
                Sending,
                Origin::Unknown,
            ),
        ] {
            assert_eq!(of(code, blocked), want, "{code}");
        }
    }
}
