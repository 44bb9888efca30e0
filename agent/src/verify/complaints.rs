//! What a program of the project complains about, so that two runs of it can be compared.

use std::collections::BTreeSet;

/// Words that compilers, linters and runners of tests use for what is wrong.
const WORDS: [&str; 5] = ["error", "fail", "panicked", "assert", "exception"];

/// The lines of an output that say that something is wrong, without their numbers: an edit moves
/// lines, and no two runs take the same time.
pub fn complaints(output: &str) -> BTreeSet<String> {
    let is_complaint = |line: &&str| {
        let line = line.to_ascii_lowercase();
        WORDS.iter().any(|word| line.contains(word)) && !line.contains("0 failed")
    };
    output.lines().filter(is_complaint).map(without_numbers).collect()
}

fn without_numbers(line: &str) -> String {
    let mut text = String::new();
    for letter in line.trim().chars() {
        match letter {
            letter if !letter.is_ascii_digit() => text.push(letter),
            _ if text.ends_with('#') => {}
            _ => text.push('#'),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::complaints;

    #[test]
    fn runs_that_find_the_same_are_the_same_whatever_their_times_and_lines() {
        let first = "a.py:10: error: no such name\nFAILED tests/a.py::test_x - assert 1 == 2\n1 failed, 7 passed in 0.31s";
        let other = "a.py:112: error: no such name\nFAILED tests/a.py::test_x - assert 1 == 2\n1 failed, 9 passed in 12.5s";
        assert_eq!(complaints(first), complaints(other));
        let more = format!("{first}\nFAILED tests/a.py::test_y - KeyError");
        assert!(!complaints(&more).is_subset(&complaints(first)));
        assert!(complaints("test result: ok. 3 passed; 0 failed; 0 ignored").is_empty());
    }
}
