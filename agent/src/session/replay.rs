//! A session shown again, from its transcript alone: no model, no network, nothing is run.

use std::path::Path;
use std::time::{Duration, SystemTime};

use super::SessionError;
use super::lines::{Line, StepLine, lines};
use crate::llm::{Block, Exchange, Unit};
use crate::plan::Plan;
use crate::run::Event;
use crate::tools::described;

/// Something that happened in a session.
#[derive(Clone, Debug, PartialEq)]
pub enum Moment {
    /// The program was started for it.
    Started {
        /// When.
        time: SystemTime,
        /// For which tree.
        root: String,
        /// With which model.
        model: String,
    },
    /// What was told while it went on. Pieces of a text that came one by one are one.
    Event(Event),
    /// Files were changed.
    Edited {
        /// The edit's number in the journal.
        edit: u64,
        /// The files.
        files: Vec<String>,
    },
    /// A plan was accepted.
    Planned(Plan),
    /// What became of a turn that changed something.
    Summary {
        /// Its steps.
        steps: Vec<StepLine>,
        /// Files that it touched.
        touched: Vec<String>,
        /// Those of them that nobody had foreseen.
        unforeseen: Vec<String>,
    },
    /// The conversation was forgotten.
    Cleared,
}

/// What happened in a session, in the order in which it was told then.
pub fn replay(folder: &Path, id: &str) -> Result<Vec<Moment>, SessionError> {
    let mut moments = Vec::new();
    // The lines of edits and plans are written before that of the exchange whose calls made them.
    let mut edits = Vec::new();
    for line in lines(folder, id)? {
        match line {
            Line::Start { time, root, model, .. } => {
                let time = SystemTime::UNIX_EPOCH + Duration::from_secs(time);
                moments.push(Moment::Started { time, root, model });
            }
            Line::Asked { estimate, usage } => {
                moments.push(Moment::Event(Event::Asked { estimate, usage }));
            }
            Line::Edited { edit, files } => edits.push(Moment::Edited { edit, files }),
            Line::Planned { plan } => edits.push(Moment::Planned(plan)),
            Line::Summary { steps, touched, unforeseen } => {
                moments.append(&mut edits);
                moments.push(Moment::Summary { steps, touched, unforeseen });
            }
            Line::Cleared => moments.push(Moment::Cleared),
            Line::Said { unit: Unit::Exchange(exchange) } => {
                moments.extend(told(&exchange).into_iter().map(Moment::Event));
                moments.append(&mut edits);
            }
            Line::Said { unit } => {
                moments.append(&mut edits);
                moments.push(Moment::Event(match unit {
                    Unit::Note { text } => Event::Note(text),
                    unit => Event::Said(unit),
                }));
            }
        }
    }
    moments.append(&mut edits);
    Ok(moments)
}

/// What was said since the conversation was last forgotten, with the numbers of the edits that the
/// calls of each unit made.
pub fn units(folder: &Path, id: &str) -> Result<Vec<(Unit, Vec<u64>)>, SessionError> {
    let mut units = Vec::new();
    let mut edits = Vec::new();
    for line in lines(folder, id)? {
        match line {
            Line::Said { unit } => {
                // An edit before a prompt was made without the model.
                let made = std::mem::take(&mut edits);
                let is_reply = matches!(unit, Unit::Exchange(_));
                units.push((unit, if is_reply { made } else { Vec::new() }));
            }
            Line::Edited { edit, .. } => edits.push(edit),
            Line::Cleared => units.clear(),
            Line::Start { .. }
            | Line::Asked { .. }
            | Line::Planned { .. }
            | Line::Summary { .. } => {}
        }
    }
    Ok(units)
}

/// What was told of a reply and its calls.
fn told(exchange: &Exchange) -> Vec<Event> {
    let said = exchange.blocks().iter().filter_map(|block| match block {
        Block::Text { text } => Some(Event::Text(text.clone())),
        Block::Thinking { text, .. } => Some(Event::Thinking(text.clone())),
        Block::Call(_) => None,
    });
    let mut events: Vec<Event> = said.collect();
    events.extend(exchange.answered().map(|(call, _)| Event::Started {
        id: call.id.clone(),
        tool: call.name.clone(),
        what: described(&call.name, &call.object().unwrap_or_default()),
    }));
    events.extend(exchange.answered().map(|(call, answered)| Event::Finished {
        id: call.id.clone(),
        tool: call.name.clone(),
        is_error: answered.is_error,
        text: answered.text.clone(),
    }));
    events
}
