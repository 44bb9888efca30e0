//! The words of a declared command with the arguments of a call in them. A shell is never asked to
//! read them: what a model writes ends up as a word, or as a part of one, and nothing else.

use serde_json::Value;

use crate::tools::Arguments;

/// What is wrong with the words of a declaration.
pub(super) fn checked(command: &[String], properties: &[&str]) -> Result<(), String> {
    let Some(program) = command.first().filter(|word| !word.trim().is_empty()) else {
        return Err("its command is empty".to_owned());
    };
    if program.contains("{{") {
        return Err("its program is an argument of the call".to_owned());
    }
    for (at, word) in command.iter().enumerate() {
        for name in names(word)? {
            if !properties.contains(&name) {
                return Err(format!("`{{{{{name}}}}}` is no property of its schema"));
            }
            if is_script(&command[..at], word) {
                return Err(format!(
                    "`{{{{{name}}}}}` stands inside a script, which would run it\nhint: pass it \
                     behind the script, as in [\"sh\", \"-c\", \"grep \\\"$1\\\" a.txt\", \"sh\", \
                     \"{{{{{name}}}}}\"]"
                ));
            }
        }
    }
    Ok(())
}

/// Programs that take a word for code, behind an option such as `-c`, `-lc`, `-e` or `--eval`.
const INTERPRETERS: &[&str] = &[
    "sh",
    "bash",
    "dash",
    "zsh",
    "ksh",
    "fish",
    "python",
    "perl",
    "ruby",
    "node",
    "deno",
    "bun",
    "php",
    "lua",
    "pwsh",
    "powershell",
    "osascript",
    "Rscript",
];

/// Whether a word behind others is code to a program.
fn is_script(before: &[String], word: &str) -> bool {
    let is_interpreter = |word: &String| {
        let name = word.rsplit('/').next().unwrap_or(word);
        let name = name.trim_end_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
        INTERPRETERS.contains(&name)
    };
    let is_code = |option: &str| match option.strip_prefix("--") {
        Some(long) => ["eval", "execute", "command", "print", "run"].contains(&long),
        None => option.starts_with('-') && option.ends_with(['c', 'e', 'E', 'r', 'p']),
    };
    // `--eval={{a}}`, `-c{{a}}`: the option is in the word itself.
    let own = word.split("{{").next().unwrap_or_default().trim_end_matches('=');
    // Behind `sh -c` options may follow: the code is the first word that is none.
    let mut options = before.iter().rev().take_while(|word| word.starts_with('-'));
    (is_code(own) || options.any(|word| is_code(word))) && before.iter().any(is_interpreter)
}

/// The names between `{{` and `}}`.
fn names(word: &str) -> Result<Vec<&str>, String> {
    let mut found = Vec::new();
    let mut rest = word;
    while let Some((_, behind)) = rest.split_once("{{") {
        let (name, after) =
            behind.split_once("}}").ok_or_else(|| format!("`{word}` has {{{{ without }}}}"))?;
        found.push(name.trim());
        rest = after;
    }
    Ok(found)
}

/// The command of a call. A word whose argument is not given is left out; a word that is nothing
/// but an argument becomes one word for each item of a list.
pub(super) fn filled(command: &[String], arguments: &Arguments) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    for word in command {
        let names = names(word)?;
        let values: Option<Vec<&Value>> = names
            .iter()
            .map(|name| arguments.get(*name).filter(|value| !value.is_null()))
            .collect();
        let Some(values) = values else { continue };
        match (names.as_slice(), values.as_slice()) {
            ([], _) => words.push(word.clone()),
            ([name], [Value::Array(items)]) if is_whole(word) => {
                for item in items {
                    words.push(own_word(name, item)?);
                }
            }
            ([name], [value]) if is_whole(word) => words.push(own_word(name, value)?),
            _ => words.push(joined(word, arguments)?),
        }
    }
    Ok(words)
}

fn is_whole(word: &str) -> bool {
    word.starts_with("{{") && word.find("}}") == Some(word.len().saturating_sub(2))
}

/// A value as a word of its own. One that begins as options do would be taken for one.
fn own_word(name: &str, value: &Value) -> Result<String, String> {
    let text = text(name, value)?;
    match text.starts_with('-') {
        true => {
            Err(format!("`{name}` begins with `-`, which the program would take for an option"))
        }
        false => Ok(text),
    }
}

/// A word with values in it.
fn joined(word: &str, arguments: &Arguments) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = word;
    while let Some((before, behind)) = rest.split_once("{{") {
        let (name, after) = behind.split_once("}}").unwrap_or((behind, ""));
        let name = name.trim();
        out.push_str(before);
        let value = arguments.get(name).unwrap_or(&Value::Null);
        let text = match out.is_empty() {
            true => own_word(name, value)?,
            false => text(name, value)?,
        };
        out.push_str(&text);
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

fn text(name: &str, value: &Value) -> Result<String, String> {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match text.contains('\0') {
        true => Err(format!("`{name}` has a zero byte, which no program takes")),
        false => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{checked, filled};

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[track_caller]
    fn fills(command: &[&str], arguments: Value, expected: Result<&[&str], &str>) {
        let Value::Object(arguments) = arguments else { panic!("no object") };
        let filled = filled(&words(command), &arguments);
        match expected {
            Ok(expected) => assert_eq!(filled, Ok(words(expected))),
            Err(text) => assert!(filled.clone().unwrap_err().contains(text), "{filled:?}"),
        }
    }

    #[test]
    fn arguments_become_words_and_never_more() {
        let command = ["lint", "--level={{ level }}", "{{files}}", "{{rest}}"];
        fills(
            &command,
            json!({ "level": 3, "files": ["a b", "$(id)"] }),
            Ok(&["lint", "--level=3", "a b", "$(id)"]),
        );
        fills(&command, json!({ "files": "x; rm y" }), Ok(&["lint", "x; rm y"]));
        fills(&command, json!({ "files": [], "rest": {"a": 1} }), Ok(&["lint", "{\"a\":1}"]));
        fills(&command, json!({ "files": ["--fix"] }), Err("option"));
        fills(&["x", "{{a}}:{{b}}"], json!({ "a": "-o", "b": "1" }), Err("option"));
        fills(&["x", "{{a}}:{{b}}"], json!({ "a": "{{b}}", "b": "1" }), Ok(&["x", "{{b}}:1"]));
        fills(&["x", "{{a}}"], json!({ "a": "\u{0}" }), Err("zero byte"));
    }

    #[test]
    fn a_declaration_that_would_run_its_arguments_is_refused() {
        let said = |command: &[&str]| checked(&words(command), &["a"]).err().unwrap_or_default();
        assert_eq!(said(&["sh", "-c", "grep \"$1\" x", "sh", "{{a}}"]), "");
        assert_eq!(said(&["cargo", "test", "-p", "{{a}}"]), "");
        assert!(said(&["/usr/bin/env", "python3.12", "-c", "{{a}}"]).contains("inside a script"));
        assert!(said(&["sh", "-c", "grep {{a}} x"]).contains("inside a script"));
        assert!(said(&["bash", "-ec", "{{a}}"]).contains("inside a script"));
        assert!(said(&["python3", "-c", "print({{a}})"]).contains("inside a script"));
        assert!(said(&["node", "-e", "{{a}}"]).contains("inside a script"));
        assert!(said(&["{{a}}"]).contains("program is an argument"));
        assert!(said(&["x", "{{b}}"]).contains("no property"));
        assert!(said(&["x", "{{a"]).contains("without"));
        assert!(said(&[]).contains("empty"));
    }
}
