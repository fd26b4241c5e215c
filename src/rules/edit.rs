//! Edits of `leakgate.toml` that keep comments, order and spelling of all that is not edited.

use super::allow::{ENTRY_KEYS, MATCHER_KEYS};
use super::notice::RuleNotice;
use crate::diag::{TextEdit, problem::apply};
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table};

/// A text that can't be edited.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// Not TOML.
    #[error("not TOML: {0}")]
    Syntax(String),
    /// `allow` is not written as `[[allow]]`.
    #[error("`allow` is not a list of [[allow]] tables; write each entry as one to have it edited")]
    Shape,
    /// No such entry.
    #[error("there is no [[allow]] entry number {0}")]
    NoEntry(usize),
}

/// The text with an entry (as [`super::suggest::proposals`] writes it) added where it sorts by what it matches, so that two
/// branches seldom add at the same line. In a list that is in no order it goes before the first entry that sorts after it.
pub fn add(text: &str, entry: &str) -> Result<String, EditError> {
    let new = document(entry)?;
    let new = tables(&new)?.and_then(|list| list.get(0)).map(sort_key);
    let known = document(text)?;
    let at = match tables(&known)? {
        Some(list) => position(text, list, &new.unwrap_or_default())?,
        None => text.len(),
    };
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let (before, after) = text.split_at(at);
    let mut out = before.to_owned();
    if !out.is_empty() && !out.ends_with('\n') {
        out.push_str(newline);
    }
    if !out.trim_matches(['\u{feff}', ' ', '\t', '\r', '\n']).is_empty()
        && !out.ends_with(&format!("{newline}{newline}"))
    {
        out.push_str(newline);
    }
    out.push_str(&entry.replace("\r\n", "\n").replace('\n', newline));
    if !after.is_empty() && !after.starts_with(['\n', '\r']) {
        out.push_str(newline);
    }
    out.push_str(after);
    document(&out)?;
    Ok(out)
}

/// Where in the text an entry with this key belongs.
fn position(text: &str, list: &ArrayOfTables, new: &[String]) -> Result<usize, EditError> {
    let lines = entry_lines(text)?;
    let later = list
        .iter()
        .position(|table| sort_key(table).as_slice() > new)
        .and_then(|index| lines.get(index));
    Ok(match (later, lines.last()) {
        (Some(later), _) => later.start,
        (None, Some(last)) => {
            let body = text[last.clone()].trim_end().len();
            let end = last.start + body;
            text[end..]
                .find('\n')
                .map_or(text.len(), |newline| end + newline + 1)
        }
        (None, None) => text.len(),
    })
}

/// What an entry matches, in the order of the keys: entries on one function lie beside each other.
fn sort_key(table: &Table) -> Vec<String> {
    let texts = |item: &Item| match item.as_value() {
        Some(toml_edit::Value::Array(list)) => list.iter().filter_map(|one| one.as_str()).collect(),
        Some(value) => value.as_str().unwrap_or_default().to_owned(),
        None => String::new(),
    };
    let names = ["entry", "created-by", "top", "any"];
    let name = names.iter().find_map(|key| table.get(key)).map(&texts);
    let rest = MATCHER_KEYS
        .iter()
        .map(|key| table.get(key).map(&texts).unwrap_or_default());
    name.into_iter().chain(rest).collect()
}

/// The text without the entries of these numbers (from 0). A comment directly above an entry goes with it;
/// one set off by an empty line stays.
pub fn remove(text: &str, entries: &[usize]) -> Result<String, EditError> {
    let ranges = entry_lines(text)?;
    let mut edits = Vec::new();
    for index in entries {
        let span = ranges.get(*index).cloned().ok_or(EditError::NoEntry(*index))?;
        edits.push(TextEdit {
            span,
            text: String::new(),
        });
    }
    let out = apply(text, &edits);
    document(&out)?;
    Ok(out)
}

/// The text with a key of an entry set to a TOML value, or removed.
pub fn set(
    text: &str,
    index: usize,
    key: &str,
    value: Option<toml_edit::Value>,
) -> Result<String, EditError> {
    let mut document = document(text)?;
    tables(&document)?;
    let list = document
        .get_mut("allow")
        .and_then(Item::as_array_of_tables_mut)
        .ok_or(EditError::NoEntry(index))?;
    let table = list.get_mut(index).ok_or(EditError::NoEntry(index))?;
    match value {
        None => {
            table.remove(key);
        }
        Some(value) => match table.get_mut(key).and_then(Item::as_value_mut) {
            Some(old) => {
                let decor = old.decor().clone();
                *old = value;
                *old.decor_mut() = decor;
            }
            None => {
                table.insert(key, Item::Value(value));
            }
        },
    }
    Ok(like(text, &document.to_string()))
}

/// The text with every safe fix applied: first the edits, then the removals.
pub fn fix(text: &str, notices: &[RuleNotice]) -> Result<String, EditError> {
    let edits: Vec<TextEdit> = notices
        .iter()
        .flat_map(|notice| notice.fix.iter().cloned())
        .collect();
    let edited = apply(text, &edits);
    let mut removed: Vec<usize> = notices
        .iter()
        .filter(|notice| notice.remove)
        .filter_map(|notice| notice.entry)
        .collect();
    removed.sort_unstable();
    removed.dedup();
    remove(&edited, &removed)
}

/// The text with the keys of every entry in the documented order and one empty line before each entry.
/// Comments stay with their key or entry.
pub fn format(text: &str) -> Result<String, EditError> {
    let mut document = document(text)?;
    tables(&document)?;
    let first_thing = document.iter().next().map(|(key, _)| key.to_owned());
    if let Some(list) = document.get_mut("allow").and_then(Item::as_array_of_tables_mut) {
        for (index, table) in list.iter_mut().enumerate() {
            format_entry(table, index == 0 && first_thing.as_deref() == Some("allow"));
        }
    }
    Ok(like(text, &document.to_string()))
}

fn format_entry(table: &mut Table, is_first_of_file: bool) {
    let rank = |key: &str| {
        ENTRY_KEYS
            .iter()
            .position(|known| *known == key)
            .unwrap_or(ENTRY_KEYS.len())
    };
    table.sort_values_by(|a, _, b, _| {
        rank(a.get())
            .cmp(&rank(b.get()))
            .then_with(|| a.get().cmp(b.get()))
    });
    let prefix = table
        .decor()
        .prefix()
        .and_then(|raw| raw.as_str())
        .unwrap_or_default();
    let prefix = prefix_of_entry(prefix, is_first_of_file);
    table.decor_mut().set_prefix(prefix);
    for (mut key, value) in table.iter_mut() {
        let above = key
            .leaf_decor()
            .prefix()
            .and_then(|raw| raw.as_str())
            .unwrap_or_default();
        let above: String = above
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(|line| format!("{line}\n"))
            .collect();
        key.leaf_decor_mut().set_prefix(above);
        key.leaf_decor_mut().set_suffix(" ");
        if let Some(value) = value.as_value_mut() {
            let suffix = value
                .decor()
                .suffix()
                .and_then(|raw| raw.as_str())
                .unwrap_or_default()
                .trim()
                .to_owned();
            value.decor_mut().set_prefix(" ");
            value.decor_mut().set_suffix(if suffix.is_empty() {
                suffix
            } else {
                format!(" {suffix}")
            });
        }
    }
}

/// What comes before the header of an entry: what belongs to the text above it as it is, one empty line, and the comment
/// directly above the header.
fn prefix_of_entry(prefix: &str, is_first_of_file: bool) -> String {
    let lines: Vec<&str> = prefix.lines().map(str::trim_end).collect();
    let own = lines
        .iter()
        .rposition(|line| line.trim().is_empty())
        .map_or(0, |blank| blank + 1);
    let above = lines[..own].join("\n");
    let above = above.trim_end();
    let comment: String = lines[own..].iter().map(|line| format!("{line}\n")).collect();
    match above.trim().is_empty() {
        true if is_first_of_file => comment,
        true => format!("\n{comment}"),
        false => format!("{above}\n\n{comment}"),
    }
}

/// `edited` with the byte-order mark and the line ends of `text`, which toml_edit drops.
fn like(text: &str, edited: &str) -> String {
    let windows = text.contains("\r\n") && text.matches('\n').count() == text.matches("\r\n").count();
    let body = edited.replace("\r\n", "\n");
    let body = if windows {
        body.replace('\n', "\r\n")
    } else {
        edited.to_owned()
    };
    let mark = if text.starts_with('\u{feff}') && !body.starts_with('\u{feff}') {
        "\u{feff}"
    } else {
        ""
    };
    format!("{mark}{body}")
}

fn document(text: &str) -> Result<DocumentMut, EditError> {
    text.parse::<DocumentMut>()
        .map_err(|error| EditError::Syntax(error.message().to_owned()))
}

fn tables(document: &DocumentMut) -> Result<Option<&ArrayOfTables>, EditError> {
    match document.get("allow") {
        None => Ok(None),
        Some(item) => item.as_array_of_tables().map(Some).ok_or(EditError::Shape),
    }
}

/// The bytes of each entry with the comment lines directly above it and the empty lines after it.
fn entry_lines(text: &str) -> Result<Vec<std::ops::Range<usize>>, EditError> {
    tables(&document(text)?)?;
    let parsed =
        toml_edit::Document::parse(text).map_err(|error| EditError::Syntax(error.message().to_owned()))?;
    let Some(list) = parsed.as_table().get("allow").and_then(Item::as_array_of_tables) else {
        return Ok(Vec::new());
    };
    Ok(list.iter().map(|table| whole_lines(text, table)).collect())
}

fn whole_lines(text: &str, table: &Table) -> std::ops::Range<usize> {
    let header = table.span().unwrap_or_default();
    let ends = table
        .iter()
        .filter_map(|(_, item)| item.span())
        .map(|span| span.end);
    let last = ends.chain([header.end]).max().unwrap_or_default();
    let mut start = text[..header.start].rfind('\n').map_or(0, |newline| newline + 1);
    while let Some(above) = text[..start].strip_suffix('\n') {
        let line = above.rfind('\n').map_or(0, |newline| newline + 1);
        if !above[line..].trim_start().starts_with('#') {
            break;
        }
        start = line;
    }
    let mut end = text[last..]
        .find('\n')
        .map_or(text.len(), |newline| last + newline + 1);
    while let Some(length) = text[end..].find('\n').map(|newline| newline + 1) {
        if !text[end..end + length].trim().is_empty() {
            break;
        }
        end += length;
    }
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# our rules\nversion = 1\n\n[run]\nsettle = \"1s\" # slow CI\n\n# about all\n\n# the pool\n[[allow]]\nentry = \"a.F\" # why\nreason = \"x\"\n\n[[allow]]\nreason = \"y\"\nentry = \"b.G\"\n";

    #[test]
    fn an_entry_is_added_where_it_sorts_and_nothing_else_changes() {
        let new = |entry: &str| format!("[[allow]]\nentry = \"{entry}\"\n");
        let pool = "# the pool\n[[allow]]\nentry = \"a.F\"";
        assert_eq!(
            add(FILE, &new("Z.H")).unwrap(),
            FILE.replace(pool, &format!("{}\n{pool}", new("Z.H")))
        );
        let second = "[[allow]]\nreason = \"y\"";
        assert_eq!(
            add(FILE, &new("a.G")).unwrap(),
            FILE.replace(second, &format!("{}\n{second}", new("a.G")))
        );
        let tail = "\n\n# about runs\n[lint]\nstale = \"deny\"\n";
        assert_eq!(
            add(&format!("{FILE}{tail}"), &new("c.H")).unwrap(),
            format!("{FILE}\n{}{tail}", new("c.H"))
        );
    }

    #[test]
    fn an_entry_that_sorts_last_is_added_at_the_end_of_the_list() {
        let out = add(FILE, "[[allow]]\nentry = \"c.H\"\n").unwrap();
        assert_eq!(out, format!("{FILE}\n[[allow]]\nentry = \"c.H\"\n"));
        assert_eq!(
            add("", "[[allow]]\nentry = \"c.H\"\n").unwrap(),
            "[[allow]]\nentry = \"c.H\"\n"
        );
        assert_eq!(
            add("version = 1", "[[allow]]\nentry = \"c.H\"\n").unwrap(),
            "version = 1\n\n[[allow]]\nentry = \"c.H\"\n"
        );
        assert_eq!(
            add("allow = []\n", "[[allow]]\nentry = \"c\"\n"),
            Err(EditError::Shape)
        );
        assert!(add(FILE, "[[allow]\n").is_err());
    }

    #[test]
    fn windows_line_ends_and_marks_stay_in_every_edit() {
        let text = "\u{feff}version = 1\r\n\r\n[[allow]]\r\nentry = \"a.F\"\r\n";
        assert_eq!(format(text).unwrap(), text);
        assert_eq!(
            set(text, 0, "max", Some(2.into())).unwrap(),
            format!("{text}max = 2\r\n")
        );
    }

    #[test]
    fn windows_line_ends_stay() {
        let out = add("version = 1\r\n", "[[allow]]\nentry = \"c.H\"\n").unwrap();
        assert_eq!(out, "version = 1\r\n\r\n[[allow]]\r\nentry = \"c.H\"\r\n");
    }

    #[test]
    fn removing_takes_the_entrys_own_comment_and_leaves_the_rest() {
        let without_first = "# our rules\nversion = 1\n\n[run]\nsettle = \"1s\" # slow CI\n\n# about all\n\n[[allow]]\nreason = \"y\"\nentry = \"b.G\"\n";
        assert_eq!(remove(FILE, &[0]).unwrap(), without_first);
        let none = remove(FILE, &[0, 1]).unwrap();
        assert_eq!(
            none,
            "# our rules\nversion = 1\n\n[run]\nsettle = \"1s\" # slow CI\n\n# about all\n\n"
        );
        assert_eq!(remove(FILE, &[2]), Err(EditError::NoEntry(2)));
        assert_eq!(remove(FILE, &[]).unwrap(), FILE);
    }

    #[test]
    fn a_value_is_set_in_place_with_its_comment() {
        let out = set(FILE, 0, "entry", Some("z.Z".into())).unwrap();
        assert_eq!(out, FILE.replace("\"a.F\" # why", "\"z.Z\" # why"));
        assert!(
            set(FILE, 1, "max", Some(4.into()))
                .unwrap()
                .ends_with("entry = \"b.G\"\nmax = 4\n")
        );
        assert_eq!(
            set(FILE, 1, "reason", None).unwrap(),
            FILE.replace("reason = \"y\"\n", "")
        );
    }

    #[test]
    fn formatting_orders_keys_and_keeps_comments() {
        let messy = "version = 1\n[[allow]]\n  # my reason\n  reason=\"y\"   # so\n  entry   = \"b.G\"\n\n\n\n# two\n[[allow]]\nentry = \"c\"\n";
        let tidy = "version = 1\n\n[[allow]]\nentry = \"b.G\"\n# my reason\nreason = \"y\" # so\n\n# two\n[[allow]]\nentry = \"c\"\n";
        assert_eq!(format(messy).unwrap(), tidy);
        assert_eq!(format(tidy).unwrap(), tidy);
    }
}
