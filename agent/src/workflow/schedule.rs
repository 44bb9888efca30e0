//! Lines for the system's own schedulers, to be read and installed by the user. Nothing here
//! installs anything.

use std::path::Path;

/// A run of a workflow that a scheduler is to start.
#[derive(Clone, Debug)]
pub struct Scheduled<'a> {
    /// The program.
    pub program: &'a Path,
    /// The root of the tree.
    pub root: &'a Path,
    /// The workflow.
    pub name: &'a str,
    /// Its arguments: values of parameters and options.
    pub arguments: &'a [String],
}

/// Names that cron takes for five fields.
const NAMED: &[&str] =
    &["@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually", "@reboot"];
/// What a field of cron may be at most and at least.
const FIELDS: [(&str, u32, u32); 5] =
    [("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 7)];

/// A line for `crontab -e`, or what is wrong with `when`.
pub fn crontab(when: &str, run: &Scheduled<'_>) -> Result<String, String> {
    let when = cron_time(when)?;
    let words: Vec<String> = words(run).iter().map(|word| shell(word)).collect();
    // To cron a bare percent sign is the end of the line.
    Ok(format!("{when} {}", words.join(" ").replace('%', "\\%")))
}

fn cron_time(when: &str) -> Result<String, String> {
    let fields: Vec<&str> = when.split_whitespace().collect();
    if let [name] = fields[..]
        && NAMED.contains(&name)
    {
        return Ok(name.to_owned());
    }
    if fields.len() != FIELDS.len() {
        return Err(format!(
            "`{when}` is no time of cron\nhint: minute hour day month weekday, as in \"0 3 * * *\", \
             or {}",
            NAMED.join(", ")
        ));
    }
    for (text, field) in fields.iter().zip(FIELDS) {
        let is_right = text.split(',').all(|part| is_cron_part(part, field));
        if !is_right {
            let (name, least, most) = field;
            return Err(format!(
                "`{text}` is no {name} of cron\nhint: {least} to {most}, *, */5, 1-5"
            ));
        }
    }
    Ok(fields.join(" "))
}

/// `*`, `3`, `1-5`, `*/5`, `1-5/2`, `mon`.
fn is_cron_part(part: &str, (name, least, most): (&str, u32, u32)) -> bool {
    let (range, step) =
        part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
    let is_step = step.is_none_or(|step| step.parse::<u32>().is_ok_and(|step| step > 0));
    let is_named = ["month", "weekday"].contains(&name)
        && range.len() == 3
        && range.chars().all(|letter| letter.is_ascii_alphabetic());
    let (from, to) = range.split_once('-').unwrap_or((range, range));
    let number =
        |text: &str| text.parse::<u32>().ok().filter(|number| (least..=most).contains(number));
    let is_range = matches!((number(from), number(to)), (Some(from), Some(to)) if from <= to);
    is_step && (range == "*" || is_named || is_range)
}

/// A service and a timer for systemd, with where they go as comments.
pub fn systemd(when: &str, run: &Scheduled<'_>) -> Result<String, String> {
    if when.trim().is_empty() || when.chars().any(char::is_control) {
        return Err("that is no time of systemd\nhint: daily, or \"Mon *-*-* 03:00\"".to_owned());
    }
    let words: Vec<String> = words(run).iter().map(|word| unit_word(word)).collect();
    let (name, command) = (run.name, words.join(" "));
    let (root, when) = (run.root.display().to_string().replace('%', "%%"), when.replace('%', "%%"));
    Ok(format!(
        "\
# ~/.config/systemd/user/flux-{name}.service
[Unit]
Description=flux workflow {name} in {root}

[Service]
Type=oneshot
ExecStart={command}

# ~/.config/systemd/user/flux-{name}.timer
[Unit]
Description=flux workflow {name}

[Timer]
OnCalendar={when}
Persistent=true

[Install]
WantedBy=timers.target

# then: systemctl --user daemon-reload && systemctl --user enable --now flux-{name}.timer
"
    ))
}

fn words(run: &Scheduled<'_>) -> Vec<String> {
    let root = run.root.display().to_string();
    let mut words =
        vec![run.program.display().to_string(), "workflow".to_owned(), "run".to_owned()];
    words.extend([run.name.to_owned(), "--tree".to_owned(), root]);
    words.extend(run.arguments.iter().cloned());
    words
}

fn is_plain(word: &str) -> bool {
    !word.is_empty()
        && word.chars().all(|letter| letter.is_ascii_alphanumeric() || "_-./=:,@+".contains(letter))
}

fn shell(word: &str) -> String {
    if is_plain(word) { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

fn unit_word(word: &str) -> String {
    let word = word.replace('%', "%%").replace('$', "$$");
    if is_plain(&word) {
        return word;
    }
    format!("\"{}\"", word.replace('\\', r"\\").replace('"', "\\\"").replace('\n', r"\n"))
}
