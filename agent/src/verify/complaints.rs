//! What a program of the project complains about, so that two runs of it can be compared.

use std::collections::BTreeSet;

/// Words that compilers, linters and runners of tests use for what is wrong.
const WORDS: [&str; 5] = ["error", "fail", "panicked", "assert", "exception"];
/// What a line has that only counts: runs differ in it without being worse.
const COUNTS: [&str; 6] =
    [" failed in ", " passed in ", " failed, ", " passed; ", " previous error", "test result:"];

/// The lines of an output that say that something is wrong, without their numbers: an edit moves
/// lines, and no two runs take the same time. Names of tests keep theirs.
pub fn complaints(output: &str) -> BTreeSet<String> {
    let is_complaint = |line: &&str| {
        let line = line.to_ascii_lowercase();
        WORDS.iter().any(|word| line.contains(word))
            && !COUNTS.iter().any(|count| line.contains(count))
    };
    output.lines().filter(is_complaint).map(plain).collect()
}

fn plain(line: &str) -> String {
    let line = line.trim();
    let name = line.strip_prefix("FAILED ").or_else(|| line.strip_prefix("ERROR "));
    let name = name.map(|rest| rest.split(" - ").next().unwrap_or(rest));
    let name = name.or_else(|| line.strip_prefix("--- FAIL: ")?.split(" (").next());
    let name = name.or_else(|| line.strip_prefix("test ")?.strip_suffix(" ... FAILED"));
    name.map_or_else(|| without_numbers(line), |name| format!("FAILED {name}"))
}

/// A line with `#` for each number, addresses in hexadecimal among them.
fn without_numbers(line: &str) -> String {
    let mut text = String::new();
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        if !letter.is_ascii_digit() {
            text.push(letter);
            continue;
        }
        let is_hex = letter == '0' && letters.peek() == Some(&'x');
        if is_hex {
            letters.next();
        }
        while letters
            .next_if(|next| next.is_ascii_digit() || is_hex && next.is_ascii_hexdigit())
            .is_some()
        {}
        text.push('#');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::complaints;

    #[test]
    fn runs_that_find_the_same_are_the_same_whatever_their_times_and_lines() {
        let first = "a.py:10: error: no such name\nFAILED tests/a.py::test_x - assert 1 == 2\n\
                     E   <Foo at 0x7fa3> failed\n1 failed, 7 passed in 0.31s";
        let other = "a.py:112: error: no such name\nFAILED tests/a.py::test_x - assert 3 == 2\n\
                     E   <Foo at 0x91be0> failed\n1 failed, 9 passed in 12.5s";
        assert_eq!(complaints(first), complaints(other));
        assert!(complaints("test result: ok. 3 passed; 0 failed; 0 ignored").is_empty());
    }

    #[test]
    fn less_that_is_wrong_is_nothing_new_and_another_test_is() {
        for (before, after) in [
            ("3 failed in 0.1s", "1 failed, 2 passed in 0.1s"),
            (
                "error: could not compile `a` due to 2 previous errors",
                "error: could not compile `a` due to 1 previous error",
            ),
            ("test result: FAILED. 1 passed; 10 failed", "test result: FAILED. 2 passed; 9 failed"),
        ] {
            assert!(complaints(after).is_subset(&complaints(before)), "{after}");
        }
        for (before, after) in [
            ("FAILED t.py::test_x[1] - a", "FAILED t.py::test_x[2] - a"),
            ("test a::t1 ... FAILED", "test a::t2 ... FAILED"),
            ("--- FAIL: TestA1 (0.00s)", "--- FAIL: TestA2 (0.00s)"),
        ] {
            assert!(!complaints(after).is_subset(&complaints(before)), "{after}");
        }
    }
}
