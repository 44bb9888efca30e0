//! Plans: their order, what is refused, what the graph adds.

use flux_core::Cancel;
use flux_engine::{Location, Workspace};
use flux_fixtures::world::World;

use super::{Forecast, Plan, PlanError, PlanStep};

fn step(id: &str, after: &[&str]) -> PlanStep {
    PlanStep {
        id: id.to_owned(),
        title: format!("do {id}"),
        after: after.iter().map(|name| (*name).to_owned()).collect(),
        files: Vec::new(),
        symbols: Vec::new(),
        tools: Vec::new(),
    }
}

fn plan(steps: Vec<PlanStep>) -> Plan {
    Plan { goal: String::new(), steps }
}

#[test]
fn steps_come_after_what_they_wait_for_and_else_as_written() {
    let plan = plan(vec![step("c", &["b"]), step("a", &[]), step("b", &["a"]), step("d", &[])]);
    let plan = plan.checked().unwrap();
    let order: Vec<&str> = plan.order().iter().map(|at| plan.steps[*at].id.as_str()).collect();
    assert_eq!(order, ["a", "b", "c", "d"]);
    assert!(plan.is_after(&plan.steps[0], "a") && !plan.is_after(&plan.steps[1], "b"));
}

#[test]
fn what_cannot_be_carried_out_is_refused_by_name() {
    let refused = |steps| plan(steps).checked().unwrap_err();
    assert_eq!(refused(Vec::new()), PlanError::Empty);
    assert_eq!(refused(vec![step("a b", &[])]), PlanError::Unnamed(1));
    assert_eq!(refused(vec![step("a", &[]), step("a", &[])]), PlanError::Twice("a".to_owned()));
    assert!(matches!(refused(vec![step("a", &["z"])]), PlanError::Unknown { .. }));
    let cycle = refused(vec![step("a", &["b"]), step("b", &["a"]), step("c", &[])]);
    assert_eq!(cycle, PlanError::Cycle("a, b".to_owned()));
    let outside = PlanStep { files: vec!["../x".to_owned()], ..step("a", &[]) };
    assert!(matches!(refused(vec![outside]), PlanError::Path { .. }));
    let many = (0..41).map(|at| step(&format!("s{at}"), &[])).collect();
    assert_eq!(refused(many), PlanError::Long(41));
}

#[test]
fn the_graph_says_what_a_step_reaches_and_what_no_step_names() {
    let world = World::new(
        "//- /a.py\ndef add(a, b):\n    return a + b\n\
         //- /b.py\nfrom a import add\n\ndef twice(x):\n    return add(x, x)\n\
         //- /c.py\nfrom b import twice\n\ndef four(x):\n    return twice(twice(x))\n\
         //- /tests/test_b.py\nfrom b import twice\n\ndef test_twice():\n    assert twice(1) == 2\n",
    );
    let index = world.beside("index");
    let workspace = Workspace::new(Location::of(world.root(), &index, Some(&index)).unwrap());
    let cancel = Cancel::default();
    let changing = PlanStep {
        files: vec!["a.py".to_owned()],
        symbols: vec!["add".to_owned(), "nowhere".to_owned()],
        ..step("signature", &[])
    };
    let plan = plan(vec![changing]).checked().unwrap();
    let blind = Forecast::of(&workspace, &plan, &cancel);
    assert!(blind.blind.is_some(), "there is no index yet");
    assert!(plan.worded(&blind).contains("what this reaches is not known"));

    let options = flux_engine::IndexOptions {
        rebuild: false,
        patience: std::time::Duration::from_secs(5),
        graph: true,
        stated: None,
    };
    workspace.index(&options, &flux_core::NoProgress, &cancel).unwrap();
    let forecast = Forecast::of(&workspace, &plan, &cancel);
    let reach = &forecast.steps[0];
    assert_eq!(reach.direct.iter().collect::<Vec<_>>(), ["b.py"]);
    assert!(reach.tests.contains("tests/test_b.py"), "{reach:?}");
    assert!(reach.indirect.contains("c.py"), "{reach:?}");
    assert_eq!(reach.unclear, ["nowhere"]);
    assert_eq!(forecast.unnamed(&plan).iter().collect::<Vec<_>>(), ["b.py"]);
    let text = plan.worded(&forecast);
    assert!(text.contains("1. signature: do signature"), "{text}");
    assert!(text.contains("in no step: b.py"), "{text}");
}
