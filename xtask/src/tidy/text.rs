//! Rules about any tracked text: no path of the machine it was written on.

use super::Problem;

/// First parts of absolute paths that exist on one machine only. Spelled without the leading
/// slash so that this file keeps its own rule.
const MACHINE_FOLDERS: &[&str] = &["work/", "root/", "home/"];

/// Absolute paths below a folder of one machine. Fixtures are data and may hold any text.
pub(super) fn absolute_paths(path: &str, text: &str) -> Vec<Problem> {
    if path.split('/').any(|part| part == "fixtures") {
        return Vec::new();
    }
    let lines = text.lines().enumerate();
    lines
        .filter_map(|(index, line)| Some((index, machine_folder(line)?)))
        .map(|(index, folder)| {
            let message = format!("names a path of one machine: `/{folder}`");
            Problem::new(path, index + 1, message)
        })
        .collect()
}

fn machine_folder(line: &str) -> Option<&'static str> {
    line.match_indices('/')
        .filter(|&(at, _)| !line[..at].ends_with(is_path_letter))
        .find_map(|(at, _)| starts_with_folder(&line[at + 1..]))
}

fn starts_with_folder(rest: &str) -> Option<&'static str> {
    let folder = *MACHINE_FOLDERS.iter().find(|folder| rest.starts_with(**folder))?;
    let names_something = rest[folder.len()..].starts_with(is_path_letter);
    names_something.then_some(folder)
}

fn is_path_letter(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.' | '/' | '*' | '}')
}

#[cfg(test)]
mod tests {
    use super::absolute_paths;

    #[test]
    fn a_path_of_one_machine_fails() {
        for folder in ["work", "root", "home"] {
            let text = format!("a\nlet p = \"/{folder}/ann/x\";\n");
            let expected = format!("a.rs:2: names a path of one machine: `/{folder}/`");
            assert_eq!(absolute_paths("a.rs", &text)[0].to_string(), expected);
        }
    }

    #[test]
    fn a_relative_path_an_address_and_a_fixture_pass() {
        let text = ["src/", "work/a https://example.org/", "home/b"].concat();
        assert_eq!(absolute_paths("a.md", &text), []);
        assert_eq!(absolute_paths("x/fixtures/a.txt", concat!("/", "root/a")), []);
    }
}
