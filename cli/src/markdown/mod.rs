//! Markdown as it comes, for a terminal: headings, emphasis, lists, quotes and code with colours.
//!
//! An answer is shown while it is written, so nothing waits for the end of a line. Only marks that
//! can still become something else are held back, never text; and what was shown stays as it is.
//! That is why no parser of whole documents is used, and why a single `*` or `_` stays visible:
//! nobody knows yet whether `char *name` will have its second one.

mod code;
mod paint;

pub(crate) use self::code::diff_line;

use self::code::Code;
use self::paint::Paint;

/// Shows one answer.
pub(crate) struct Markdown {
    paint: Paint,
    place: Place,
    /// Marks that are not decided yet.
    held: String,
    /// The letter before the next one.
    before: char,
    look: Look,
    code: Code,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// At the start of a line, or behind marks that may begin a block.
    Start,
    Text,
    /// Behind the marks of a block of code, in its language.
    Info,
    /// In a block of code that ends with as many of this letter.
    Code {
        mark: char,
        count: usize,
        is_line_start: bool,
    },
}

/// How text looks now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Look {
    heading: usize,
    is_bold: bool,
    is_italic: bool,
    /// Marks around the code that is open.
    ticks: usize,
}

impl Look {
    fn sgr(self) -> &'static str {
        match (self.ticks, self.heading, self.is_bold, self.is_italic) {
            (1.., _, _, _) => "36",
            (0, 1, _, _) => "1;4",
            (0, 2.., _, _) | (0, 0, true, false) => "1",
            (0, 0, true, true) => "1;3",
            (0, 0, false, true) => "3",
            (0, 0, false, false) => "",
        }
    }
}

const FAINT: &str = "2";
const MARK: &str = "36";

/// What marks at the start of a line are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lead {
    /// Not known yet.
    Open,
    Heading(usize),
    Bullet,
    Quote,
    Fence {
        mark: char,
        count: usize,
    },
    Rule,
    Blank,
    Text,
}

impl Markdown {
    pub(crate) fn new() -> Self {
        Self {
            paint: Paint::default(),
            place: Place::Start,
            held: String::new(),
            before: '\n',
            look: Look::default(),
            code: Code::default(),
        }
    }

    /// What is to be printed for the next piece of an answer.
    pub(crate) fn push(&mut self, text: &str) -> String {
        for letter in text.chars() {
            self.take(letter);
        }
        self.code.flush(&mut self.paint);
        self.paint.take()
    }

    /// What is left to be printed when an answer ends. The next one starts anew.
    pub(crate) fn end(&mut self) -> String {
        match self.place {
            Place::Code { mark, count, is_line_start: true } if is_end(&self.held, mark, count) => {
                self.paint.add(FAINT, &self.held);
            }
            Place::Code { .. } | Place::Start => self.paint.add("", &self.held),
            // They were shown as they came.
            Place::Info => {}
            Place::Text => self.resolve(' '),
        }
        self.code.flush(&mut self.paint);
        let rest = self.paint.take();
        *self = Self::new();
        rest
    }

    fn take(&mut self, letter: char) {
        match self.place {
            Place::Start => self.lead(letter),
            Place::Text => self.inline(letter),
            Place::Info => self.info(letter),
            Place::Code { mark, count, is_line_start: true } => {
                self.code_start(letter, mark, count)
            }
            Place::Code { mark, count, is_line_start: false } => {
                self.code.take(letter, &mut self.paint);
                self.place = Place::Code { mark, count, is_line_start: letter == '\n' };
            }
        }
    }

    fn lead(&mut self, letter: char) {
        self.held.push(letter);
        let indent = self.held.len() - self.held.trim_start_matches(' ').len();
        let lead = lead_of(&self.held[indent..]);
        if lead == Lead::Open {
            return;
        }
        let held = std::mem::take(&mut self.held);
        self.place = Place::Text;
        self.before = ' ';
        match lead {
            Lead::Open => {}
            Lead::Heading(level) => self.look.heading = level,
            Lead::Bullet => self.paint.add(MARK, &format!("{}• ", &held[..indent])),
            Lead::Quote => self.paint.add(FAINT, &format!("{}│", &held[..indent])),
            Lead::Rule => {
                self.paint.add(FAINT, &"─".repeat(24));
                self.newline();
            }
            Lead::Blank => self.newline(),
            Lead::Fence { mark, count } => {
                self.place = Place::Info;
                self.paint.add(FAINT, &held[..indent + count]);
                self.code = Code::default();
                self.held = mark.to_string().repeat(count);
                self.info(letter);
            }
            Lead::Text => held.chars().for_each(|letter| self.inline(letter)),
        }
    }

    /// The language behind the marks that begin a block of code.
    fn info(&mut self, letter: char) {
        if letter != '\n' {
            self.paint.add(FAINT, letter.encode_utf8(&mut [0; 4]));
            self.held.push(letter);
            return;
        }
        self.paint.add("", "\n");
        let held = std::mem::take(&mut self.held);
        let mark = held.chars().next().unwrap_or('`');
        let info = held.trim_start_matches(mark);
        self.code = Code::of(info);
        let count = held.len() - info.len();
        self.place = Place::Code { mark, count, is_line_start: true };
    }

    /// At the start of a line of code, which may be its end.
    fn code_start(&mut self, letter: char, mark: char, count: usize) {
        let is_marks = self.held.trim_start_matches(' ').chars().all(|one| one == mark);
        if letter == '\n' && is_end(&self.held, mark, count) {
            let held = std::mem::take(&mut self.held);
            self.paint.add(FAINT, &held);
            self.newline();
            return;
        }
        let is_indent = letter == ' ' && self.held.chars().all(|one| one == ' ');
        if is_indent || is_marks && letter == mark {
            self.held.push(letter);
            return;
        }
        for held in std::mem::take(&mut self.held).chars() {
            self.code.take(held, &mut self.paint);
        }
        self.code.take(letter, &mut self.paint);
        self.place = Place::Code { mark, count, is_line_start: letter == '\n' };
    }

    fn inline(&mut self, letter: char) {
        match self.held.chars().next() {
            Some('\\') => {
                self.held.clear();
                if letter.is_ascii_punctuation() {
                    return self.show(letter);
                }
                self.show('\\');
            }
            Some(first) if first == letter => return self.held.push(letter),
            Some(_) => self.resolve(letter),
            None => {}
        }
        match letter {
            '\n' => self.newline(),
            '`' => self.held.push(letter),
            '*' | '_' | '\\' if self.look.ticks == 0 => self.held.push(letter),
            letter => self.show(letter),
        }
    }

    fn show(&mut self, letter: char) {
        self.paint.add(self.look.sgr(), letter.encode_utf8(&mut [0; 4]));
        self.before = letter;
    }

    fn newline(&mut self) {
        self.paint.add("", "\n");
        self.look = Look::default();
        self.place = Place::Start;
        self.before = '\n';
    }

    /// Decides what the marks that are held mean before `next`.
    fn resolve(&mut self, next: char) {
        let held = std::mem::take(&mut self.held);
        let Some(mark) = held.chars().next() else { return };
        let is_edge = |letter: char| letter.is_whitespace() || letter.is_ascii_punctuation();
        let opens = !next.is_whitespace() && is_edge(self.before);
        let closes = !self.before.is_whitespace() && (mark == '*' || is_edge(next));
        let look = &mut self.look;
        match (mark, held.len()) {
            ('`', count) if look.ticks == count => look.ticks = 0,
            ('`', count) if look.ticks == 0 => look.ticks = count,
            ('*' | '_', 2) if look.is_bold && closes => look.is_bold = false,
            ('*' | '_', 2) if !look.is_bold && opens => look.is_bold = true,
            ('*' | '_', 1) if look.is_italic && closes => {
                self.show(mark);
                self.look.is_italic = false;
                return;
            }
            ('*' | '_', 1) if !look.is_italic && opens => {
                look.is_italic = true;
                self.show(mark);
                return;
            }
            _ => {
                held.chars().for_each(|letter| self.show(letter));
                return;
            }
        }
        // What is hidden still separates words.
        self.before = '\'';
    }
}

/// Whether a line ends a block of code.
fn is_end(line: &str, mark: char, count: usize) -> bool {
    let marks = line.trim();
    marks.len() >= count && marks.chars().all(|letter| letter == mark)
}

/// What stands at the start of a line, from its first letter that is no space to its last so far.
fn lead_of(text: &str) -> Lead {
    let Some(first) = text.chars().next() else { return Lead::Open };
    let count = text.chars().take_while(|letter| *letter == first).count();
    let rest = &text[count * first.len_utf8()..];
    match (first, count, rest) {
        ('\n', _, _) => Lead::Blank,
        ('#', 1..=6, "") => Lead::Open,
        ('#', 1..=6, " ") => Lead::Heading(count),
        ('-' | '*' | '+', 1, " ") => Lead::Bullet,
        ('-' | '*' | '_', 3.., "\n") => Lead::Rule,
        ('-' | '*' | '_' | '+' | '`' | '~', _, "") => Lead::Open,
        ('`' | '~', 3.., _) => Lead::Fence { mark: first, count },
        ('>', 1, "") => Lead::Quote,
        _ => Lead::Text,
    }
}

#[cfg(test)]
mod tests;
