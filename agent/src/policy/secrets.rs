//! Keys that lie in files and outputs are blotted out before anything else sees them: a model, a
//! transcript, a terminal.

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
    r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----(.*?)-----END",
    r"(?i)\b[a-z]+://[^\s:/@]+:([^\s:/@]{3,})@",
    r"(?i)\bauthorization:\s*(?:bearer|basic)\s+([A-Za-z0-9._~+/=-]{12,})",
    r#"(?im)^\s*(?:export\s+)?[A-Z0-9_]*(?:SECRET|TOKEN|PASSWORD|API_?KEY|PRIVATE_KEY)[A-Z0-9_]*\s*=\s*["']?([A-Za-z0-9._~+/=-]{16,})"#,
];

static SECRETS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let compile = |form: &&str| Regex::new(form).expect("a test compiles every form");
    FORMS.iter().map(compile).collect()
});

/// `text` with its secrets blotted out, and how many there were.
pub fn redacted(text: &str) -> (Cow<'_, str>, usize) {
    let mut spans: Vec<(usize, usize)> = Vec::new();
    for form in SECRETS.iter() {
        let found = form.captures_iter(text).filter_map(|found| found.get(1));
        spans.extend(found.map(|found| (found.start(), found.end())));
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

#[cfg(test)]
mod tests {
    use super::redacted;

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

    #[test]
    fn ordinary_code_is_left_alone() {
        let code = "fn api_key() -> Option<&str> { self.token.as_deref() }\nTOKEN=abc\nsk-short\n";
        assert_eq!(redacted(code).1, 0);
    }
}
