//! A command line as the parts that would run, for judging it. What is not understood in full is
//! no list of parts at all: half of a command line cannot be judged.

/// One program with its arguments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Simple {
    /// `NAME=value` in front of it.
    pub assignments: Vec<String>,
    /// The program and its arguments, quotes removed.
    pub words: Vec<String>,
    /// Files that its output goes into, or its input comes from.
    pub redirects: Vec<Redirect>,
}

/// A redirection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// Whether it writes.
    pub is_write: bool,
    /// The file, as written.
    pub file: String,
}

/// The commands of a line, or what in it is not understood.
pub fn parse(line: &str) -> Result<Vec<Simple>, String> {
    let mut parser =
        Parser { letters: line.chars().peekable(), done: Vec::new(), now: Simple::default() };
    parser.run()?;
    Ok(parser.done)
}

struct Parser<'a> {
    letters: std::iter::Peekable<std::str::Chars<'a>>,
    done: Vec<Simple>,
    now: Simple,
}

impl Parser<'_> {
    fn run(&mut self) -> Result<(), String> {
        while let Some(letter) = self.letters.peek().copied() {
            match letter {
                ' ' | '\t' => {
                    self.letters.next();
                }
                '\n' | ';' | '|' | '&' => self.operator(letter)?,
                '>' | '<' => self.redirect(None)?,
                '#' => return Err("a comment".to_owned()),
                '(' | ')' | '{' | '}' | '!' => return Err(format!("`{letter}`")),
                _ => self.word()?,
            }
        }
        self.end();
        Ok(())
    }

    fn operator(&mut self, letter: char) -> Result<(), String> {
        self.letters.next();
        let is_double = self.letters.next_if_eq(&letter).is_some();
        match letter {
            '&' if !is_double => return Err("a command in the background".to_owned()),
            ';' if is_double => return Err("`;;`".to_owned()),
            '|' if !is_double && self.letters.peek() == Some(&'&') => return Err("`|&`".to_owned()),
            _ => {}
        }
        self.end();
        Ok(())
    }

    fn end(&mut self) {
        let simple = std::mem::take(&mut self.now);
        if simple != Simple::default() {
            self.done.push(simple);
        }
    }

    /// `>file`, `>>file`, `<file`, `2>&1`, `&>file` is not understood.
    fn redirect(&mut self, _descriptor: Option<u32>) -> Result<(), String> {
        let is_write = self.letters.next() == Some('>');
        let second = self.letters.next_if(|letter| ">&<|(".contains(*letter));
        match (is_write, second) {
            (true, Some('&')) => {
                let digits: String = std::iter::from_fn(|| {
                    self.letters.next_if(|letter| letter.is_ascii_digit() || *letter == '-')
                })
                .collect();
                return if digits.is_empty() { Err("`>&`".to_owned()) } else { Ok(()) };
            }
            (true, Some('>') | None) | (false, None) => {}
            (_, Some(other)) => return Err(format!("a redirection with `{other}`")),
        }
        while self.letters.next_if(|letter| " \t".contains(*letter)).is_some() {}
        let file = self.text()?;
        if file.is_empty() {
            return Err("a redirection without a file".to_owned());
        }
        self.now.redirects.push(Redirect { is_write, file });
        Ok(())
    }

    fn word(&mut self) -> Result<(), String> {
        let word = self.text()?;
        let is_descriptor = !word.is_empty() && word.chars().all(|letter| letter.is_ascii_digit());
        if is_descriptor && matches!(self.letters.peek(), Some('>' | '<')) {
            return self.redirect(word.parse().ok());
        }
        let is_assignment = word.split_once('=').is_some_and(|(name, _)| is_name(name));
        if self.now.words.is_empty() && is_assignment {
            self.now.assignments.push(word);
        } else {
            self.now.words.push(word);
        }
        Ok(())
    }

    /// One word with its quotes taken off. Anything that the shell would replace by something
    /// else, other than `*` and `?`, is not understood.
    fn text(&mut self) -> Result<String, String> {
        let mut word = String::new();
        while let Some(letter) = self.letters.peek().copied() {
            match letter {
                ' ' | '\t' | '\n' | ';' | '|' | '&' | '<' | '>' | '(' | ')' => break,
                '\'' => {
                    self.letters.next();
                    self.quoted('\'', &mut word)?;
                }
                '"' => {
                    self.letters.next();
                    self.quoted('"', &mut word)?;
                }
                '\\' => {
                    self.letters.next();
                    word.extend(self.letters.next());
                }
                '$' => return Err("a variable or substitution".to_owned()),
                '`' => return Err("a substitution".to_owned()),
                _ => {
                    self.letters.next();
                    word.push(letter);
                }
            }
        }
        Ok(word)
    }

    fn quoted(&mut self, quote: char, word: &mut String) -> Result<(), String> {
        loop {
            match self.letters.next() {
                None => return Err("a quote that does not end".to_owned()),
                Some(letter) if letter == quote => return Ok(()),
                Some('$' | '`') if quote == '"' => return Err("a substitution".to_owned()),
                Some('\\') if quote == '"' => match self.letters.next() {
                    Some(letter) if "\"\\$`".contains(letter) => word.push(letter),
                    Some(letter) => word.extend(['\\', letter]),
                    None => return Err("a quote that does not end".to_owned()),
                },
                Some(letter) => word.push(letter),
            }
        }
    }
}

fn is_name(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next().is_some_and(|letter| letter.is_ascii_alphabetic() || letter == '_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[track_caller]
    fn words(line: &str, expected: &[&[&str]]) {
        let parsed = parse(line).unwrap();
        let found: Vec<Vec<&str>> =
            parsed.iter().map(|one| one.words.iter().map(String::as_str).collect()).collect();
        assert_eq!(found, expected, "{line}");
    }

    #[test]
    fn a_line_is_every_program_it_runs() {
        words("a b && c | d; e || f\ng", &[&["a", "b"], &["c"], &["d"], &["e"], &["f"], &["g"]]);
        words(r#"grep 'a b' "c \"d\"" e\ f"#, &[&["grep", "a b", "c \"d\"", "e f"]]);
        words("X=1 cargo test 2>&1 >/dev/null", &[&["cargo", "test"]]);
        assert_eq!(parse("X=1 a > b.txt < c").unwrap()[0].redirects.len(), 2);
    }

    #[test]
    fn what_hides_a_program_is_not_understood() {
        for line in [
            "echo $(rm x)",
            "echo `rm x`",
            "echo \"$(rm x)\"",
            "cat <(ls)",
            "a & b",
            "cat <<E",
            "(a)",
            "{ a; }",
            "echo $HOME",
            "echo 'a",
            "a |& b",
            "a # b",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
