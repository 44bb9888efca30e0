//! `flux map`: a tree at a glance.

use flux_engine::MapOrder;
use flux_engine::query::pack::Map;
use flux_server::wire::pack::map as map_json;

use crate::args::MapArgs;
use crate::commands::context::{Opened, Size, print};
use crate::commands::search::escape_glob;
use crate::context::Context;
use crate::exit::Outcome;

/// Tokens when neither a budget nor a model says how many.
const DEFAULT_BUDGET: usize = 4_000;

pub(crate) fn run(context: &Context, args: &MapArgs) -> anyhow::Result<Outcome> {
    let size = Size::new(context, &args.pack, DEFAULT_BUDGET)?;
    let mut opened = Opened::new(context, &args.path_in, &args.pack)?;
    let location = opened.workspace.location().clone();
    let inside = location.inside.to_string_lossy();
    if !inside.is_empty() {
        opened.filter.paths.push(format!("/{}", escape_glob(&inside)));
    }
    let name = location.root.file_name().map_or("tree".into(), |name| name.to_string_lossy());
    let title = if inside.is_empty() { name.into_owned() } else { format!("{name}/{inside}") };
    let freshness = opened.freshness;
    let render = |map: &Map| if args.json { map_json(map, freshness) } else { map.text() };
    let order = MapOrder {
        task: args.task.as_deref().unwrap_or_default(),
        title: &title,
        budget: size.budget,
        counter: &size.counter,
        render: &render,
        filter: &opened.filter,
    };
    let map = opened.workspace.map(&opened.snapshot, freshness, &order)?;
    print(&render(&map))?;
    Ok(opened.outcome(context, &args.pack, map.files.is_empty()))
}
