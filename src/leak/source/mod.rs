//! Go source, read as far as a cause needs it: which channel operation stands on a line, and where its
//! channel comes from. No Go parser: comments and literals are blanked out, braces are matched, and what is
//! not understood is said to be unknown.

pub mod locks;
pub mod operation;
pub mod origin;
pub mod text;

pub use operation::{Blocked, Case, Expr, Operation};
pub use origin::{Origin, Started};
pub use text::GoText;

use super::module::Code;
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::rc::Rc;

/// The Go files of a package, each read once.
pub struct Files<'a> {
    code: &'a Code<'a>,
    read: RefCell<FxHashMap<String, Option<Rc<GoText>>>>,
}

impl<'a> Files<'a> {
    /// Files as the code's sources give them.
    pub fn new(code: &'a Code<'a>) -> Self {
        Self {
            code,
            read: RefCell::default(),
        }
    }

    /// A file as a dump names it.
    pub fn get(&self, file: &str) -> Option<Rc<GoText>> {
        if let Some(known) = self.read.borrow().get(file) {
            return known.clone();
        }
        let text = self.code.read(file).map(|text| Rc::new(GoText::new(&text)));
        self.read.borrow_mut().insert(file.to_owned(), text.clone());
        text
    }
}
