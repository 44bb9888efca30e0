//! Keys that lie in files and outputs are blotted out before anything else sees them: a model, a
//! transcript, a terminal.
//!
//! Every result goes through here, so most texts must cost one pass: the forms, eleven slow regular
//! expressions, are tried only where a word stands without which none of them matches.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

/// What stands where a secret was.
const BLOT: &str = "[secret]";

/// Forms of keys that cannot be anything else. The first group is what is blotted out.
const FORMS: &[&str] = &[
    r"\b((?:sk|pk|rk)-(?:ant-|proj-|or-)?[A-Za-z0-9_-]{20,})",
    r"\b((?:sk|rk)_live_[A-Za-z0-9]{16,})",
    r"\b(gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{40,}|glpat-[A-Za-z0-9_-]{20,})",
    r"\b((?:AKIA|ASIA)[0-9A-Z]{16})\b",
    r"\b(xox[abprs]-[A-Za-z0-9-]{10,})",
    r"\b(AIza[0-9A-Za-z_-]{35})",
    r"\b(eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,})",
    r"(?i)\b[a-z]+://[^\s:/@]+:([^\s:/@]{3,})@",
    r"(?i)\bauthorization:\s*(?:bearer|basic)\s+([A-Za-z0-9._~+/=-]{12,})",
    r#"(?im)^\s*(?:export\s+)?[A-Z0-9_]*(?:SECRET|TOKEN|PASSWORD|API_?KEY|PRIVATE_KEY)[A-Z0-9_]*\s*=\s*["']?([A-Za-z0-9._~+/=-]{16,})"#,
];

/// What every text has that one of the forms matches, within its line or the one before.
const TRIGGERS: &str = r"(?i)[spr]k-|k_live_|gh[pousr]_|github_pat_|glpat-|AKIA|ASIA|xox[abprs]-|AIza|eyJ|://|authorization|secret|token|password|api_?key|private_key";
/// The one form that has many lines, and what every text has that it matches.
const BLOCK: &str = r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----(.*?)-----END";
const BLOCK_TRIGGER: &str = "PRIVATE KEY-----";

fn compiled(form: &str) -> Regex {
    Regex::new(form).expect("a test compiles every form")
}

static SECRETS: LazyLock<Vec<Regex>> =
    LazyLock::new(|| FORMS.iter().map(|form| compiled(form)).collect());
static TRIGGER: LazyLock<Regex> = LazyLock::new(|| compiled(TRIGGERS));
static BLOCKS: LazyLock<Regex> = LazyLock::new(|| compiled(BLOCK));

/// `text` with its secrets blotted out, and how many there were.
pub fn redacted(text: &str) -> (Cow<'_, str>, usize) {
    let mut spans: Vec<(usize, usize)> = Vec::new();
    if text.contains(BLOCK_TRIGGER) {
        add(&mut spans, &BLOCKS, text, 0);
    }
    let mut at = 0;
    while let Some(found) = TRIGGER.find_at(text, at) {
        let (start, end) = lines_around(text, at, found.start(), found.end());
        for form in SECRETS.iter() {
            add(&mut spans, form, &text[start..end], start);
        }
        at = end;
    }
    if spans.is_empty() {
        return (Cow::Borrowed(text), 0);
    }
    spans.sort_unstable();
    let (mut out, mut at, mut count) = (String::with_capacity(text.len()), 0, 0);
    for (start, end) in spans {
        if start < at {
            continue;
        }
        out.push_str(&text[at..start]);
        out.push_str(BLOT);
        at = end;
        count += 1;
    }
    out.push_str(&text[at..]);
    (Cow::Owned(out), count)
}

/// Adds what a form finds in a part of the text that starts at `offset`.
fn add(spans: &mut Vec<(usize, usize)>, form: &Regex, part: &str, offset: usize) {
    let found = form.captures_iter(part).filter_map(|found| found.get(1));
    spans.extend(found.map(|found| (offset + found.start(), offset + found.end())));
}

/// The line of a trigger, not before `least`, and all lines that follow while they have triggers,
/// with one more: what a name is given may stand below it.
fn lines_around(text: &str, least: usize, start: usize, end: usize) -> (usize, usize) {
    let line_end = |from: usize| text[from..].find('\n').map_or(text.len(), |at| from + at + 1);
    let start = text[least..start].rfind('\n').map_or(least, |at| least + at + 1);
    let mut end = line_end(end);
    loop {
        let next = line_end(end);
        if next == end || !TRIGGER.is_match(&text[end..next]) {
            return (start, next);
        }
        end = next;
    }
}

#[cfg(test)]
mod tests {
    use regex::Regex;

    use super::{BLOCK, FORMS, compiled, redacted};

    #[test]
    fn keys_go_and_code_stays() {
        let a = "A".repeat(36);
        let text = format!(
            "x = \"ghp_{a}\"\nAPI_KEY={}\nurl = postgres://me:hunter2@db/x\nlet token = parse(key);\n\
             -----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\n",
            "b".repeat(20)
        );
        let (clean, count) = redacted(&text);
        assert_eq!(count, 4);
        let expected = "x = \"[secret]\"\nAPI_KEY=[secret]\nurl = postgres://me:[secret]@db/x\n\
                        let token = parse(key);\n-----BEGIN RSA PRIVATE KEY-----[secret]-----END RSA PRIVATE KEY-----\n";
        assert_eq!(clean, expected);
    }

    /// Every form is tried on the whole text, as if there were no triggers.
    fn found_slowly(forms: &[Regex], text: &str) -> usize {
        let mut spans: Vec<(usize, usize)> = Vec::new();
        for form in forms {
            let found = form.captures_iter(text).filter_map(|found| found.get(1));
            spans.extend(found.map(|found| (found.start(), found.end())));
        }
        spans.sort_unstable();
        let mut end = 0;
        spans
            .iter()
            .filter(|span| {
                span.0 >= end && {
                    end = span.1;
                    true
                }
            })
            .count()
    }

    #[test]
    fn no_form_goes_without_a_trigger() {
        let (a, b) = ("A".repeat(40), "b".repeat(20));
        let keys = [
            format!("sk-ant-{a}"),
            format!("rk-{a}"),
            format!("sk_live_{a}"),
            format!("gho_{a}"),
            format!("github_pat_{a}"),
            format!("glpat-{a}"),
            format!("AKIA{}", "Z".repeat(16)),
            format!("xoxb-{b}"),
            format!("AIza{}", "q".repeat(35)),
            format!("eyJ{b}.eyJ{b}.{b}"),
            format!("-----BEGIN PRIVATE KEY-----\n{a}\n{b}\n-----END PRIVATE KEY-----"),
            "HTTP://me:hunter2@host/".to_owned(),
            format!("Authorization:\n  Bearer {b}"),
            format!("export My_Api_Key =\n  '{b}'"),
            format!("DB_PASSWORD={b}"),
            format!("x_secret_y={b}"),
            format!("PRIVATE_KEY={b}"),
        ];
        let forms: Vec<Regex> = FORMS.iter().chain([&BLOCK]).map(|form| compiled(form)).collect();
        let between = ["\n", "\nnothing\n\n", " and ", "\ntoken\ntoken\n", "://\n"];
        for (at, key) in keys.iter().enumerate() {
            assert_eq!(redacted(key).1, 1, "{key}");
            for other in &keys[at..] {
                for between in between {
                    let text = format!("a\n{key}{between}{other}\nz");
                    assert_eq!(redacted(&text).1, found_slowly(&forms, &text), "{text}");
                }
            }
        }
    }

    #[test]
    fn ordinary_code_is_left_alone() {
        let code = "fn api_key() -> Option<&str> { self.token.as_deref() }\nTOKEN=abc\nsk-short\n";
        assert_eq!(redacted(code).1, 0);
    }
}
