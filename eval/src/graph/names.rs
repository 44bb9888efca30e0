//! Numbers for texts, so that places are small and compare fast.

use std::collections::BTreeMap;

/// A path or a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Text(u32);

/// A line of a file. Line 0 stands for the file outside any function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) path: Text,
    pub(super) line: u32,
}

/// A column of a line; none when a tool gave none and no name of that line matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Position {
    pub(super) place: Place,
    pub(super) column: Option<u32>,
}

/// Every text seen so far.
#[derive(Default)]
pub(super) struct Names {
    numbers: BTreeMap<String, u32>,
    texts: Vec<String>,
}

impl Names {
    /// The number of a text.
    pub(super) fn text(&mut self, text: &str) -> Text {
        if let Some(number) = self.numbers.get(text) {
            return Text(*number);
        }
        let number = u32::try_from(self.texts.len()).expect("fewer texts than bytes of a file");
        self.numbers.insert(text.to_owned(), number);
        self.texts.push(text.to_owned());
        Text(number)
    }

    /// The place of a line.
    pub(super) fn place(&mut self, path: &str, line: u32) -> Place {
        Place { path: self.text(path), line }
    }

    /// The text of a number.
    pub(super) fn show(&self, text: Text) -> &str {
        &self.texts[text.0 as usize]
    }

    /// A place as `path:line`.
    pub(super) fn show_place(&self, place: Place) -> String {
        format!("{}:{}", self.show(place.path), place.line)
    }
}
