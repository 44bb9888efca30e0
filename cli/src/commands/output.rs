//! How hits and lines look: headed and coloured on a terminal, `path:line:` when piped.

use std::io::{self, Write};

use flux_engine::query::{FileLines, Hit};
use flux_engine::{Reply, Snippet};

use crate::args::SearchArgs;
use crate::commands::shown::Shown;
use crate::commands::tree::one_line;
use crate::context::Context;
use crate::style::Style;

/// Prints an answer.
pub(crate) fn print(
    out: &mut impl Write,
    context: &Context,
    args: &SearchArgs,
    shown: &Shown,
    reply: &Reply,
) -> io::Result<()> {
    let style = Style { has_color: context.has_color };
    for file in &reply.answer.lines {
        print_lines(out, style, file, &shown.path(&file.path), context.is_terminal)?;
    }
    for (hit, snippet) in reply.answer.hits.iter().zip(&reply.snippets) {
        let path = style.path(&one_line(&shown.path(&hit.path)));
        if context.is_terminal {
            print_headed(out, style, &path, hit, snippet, args)?;
        } else {
            print_piped(out, style, &path, hit, snippet, args)?;
        }
    }
    if reply.answer.is_cut && reply.answer.hits.is_empty() && context.is_terminal {
        writeln!(out, "{}", style.faint("… more; raise --limit or --max-tokens"))?;
    }
    Ok(())
}

/// The lines of one file as ripgrep prints them.
fn print_lines(
    out: &mut impl Write,
    style: Style,
    file: &FileLines,
    path: &str,
    is_headed: bool,
) -> io::Result<()> {
    let path = style.path(path);
    if is_headed {
        writeln!(out, "{path}")?;
    }
    for line in &file.lines {
        if !is_headed {
            write!(out, "{path}:")?;
        }
        write!(out, "{}:", style.line(&line.line.to_string()))?;
        out.write_all(&style.highlight(&line.text, &line.ranges))?;
        out.write_all(b"\n")?;
    }
    if let Some(notice) = &file.notice {
        writeln!(out, "{path}: {notice}")?;
    }
    if is_headed {
        writeln!(out)?;
    }
    Ok(())
}

/// One line for each hit: where, and the declaration or the first line with words.
fn print_piped(
    out: &mut impl Write,
    style: Style,
    path: &str,
    hit: &Hit,
    snippet: &Snippet,
    args: &SearchArgs,
) -> io::Result<()> {
    let first = snippet.lines.iter().find(|line| !line.trim().is_empty());
    let text = match &hit.symbol {
        Some(symbol) if !symbol.signature.is_empty() && symbol.lines.start == hit.lines.start => {
            symbol.signature.as_str()
        }
        _ => first.map_or("", |line| line.trim()),
    };
    let line = style.line(&hit.lines.start.to_string());
    writeln!(out, "{path}:{line}: {text}")?;
    if args.explain { print_signals(out, style, hit) } else { Ok(()) }
}

fn print_headed(
    out: &mut impl Write,
    style: Style,
    path: &str,
    hit: &Hit,
    snippet: &Snippet,
    args: &SearchArgs,
) -> io::Result<()> {
    let lines = format!("{}-{}", hit.lines.start, hit.lines.end);
    write!(out, "{path}:{}", style.line(&lines))?;
    if let Some(symbol) = &hit.symbol {
        write!(
            out,
            "  {} {}",
            style.faint(symbol.kind.as_str()),
            style.name(&symbol.qualified_name)
        )?;
    }
    let class: Vec<&str> = hit.class.names().collect();
    if !class.is_empty() {
        write!(out, "  {}", style.faint(&format!("({})", class.join(", "))))?;
    }
    writeln!(out)?;
    if args.explain {
        print_signals(out, style, hit)?;
    }
    let shown = snippet.lines.iter().skip_while(|line| line.trim().is_empty()).take(args.lines);
    for line in shown {
        writeln!(out, "  {}", style.words(line, &hit.matched))?;
    }
    writeln!(out)
}

/// Signals printed one by one; JSON has them all.
const SHOWN_SIGNALS: usize = 10;

fn print_signals(out: &mut impl Write, style: Style, hit: &Hit) -> io::Result<()> {
    let (shown, others) = hit.signals.split_at(hit.signals.len().min(SHOWN_SIGNALS));
    let signals = shown.iter().map(|signal| match signal.rank {
        Some(rank) => format!("{} {:.3} (#{rank})", signal.name, signal.value),
        None => format!("{} {:.3}", signal.name, signal.value),
    });
    let mut parts: Vec<String> = signals.collect();
    if !others.is_empty() {
        let rest: f32 = others.iter().map(|signal| signal.value).sum();
        parts.push(format!("{} others {rest:.3}", others.len()));
    }
    let parts = parts.join(" · ");
    let words = hit.matched.join(" ");
    writeln!(out, "  {}", style.faint(&format!("{:.3} = {parts} | words: {words}", hit.score)))
}
