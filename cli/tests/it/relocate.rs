//! `flux move` as a user meets it; what is moved is tested by the scenarios.

use std::fs;

use crate::support::Sandbox;

const TAX: &str = "import math\n\n\ndef vat(price):\n    return math.ceil(price / 5)\n";
const USE: &str = "from tax import vat\n\n\ndef total(price):\n    return price + vat(price)\n";

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("tax.py", TAX);
    sandbox.write("rates.py", "");
    sandbox.write("till.py", USE);
    sandbox
}

fn text(sandbox: &Sandbox, path: &str) -> String {
    fs::read_to_string(sandbox.tree().join(path)).unwrap()
}

#[test]
fn a_move_shows_its_plan_and_needs_a_yes() {
    let sandbox = sandbox();
    sandbox.index();
    let ran = sandbox.run(&["move", "tax.vat", "rates"]);
    let expected = "move vat from tax.py to rates.py: 1 uses, 3 files change\n\
                    tax.py:4: function vat\n\
                    needs there: import math\n";
    assert_eq!(ran.code, Some(5), "{ran:?}");
    assert!(ran.stderr.starts_with(expected), "{ran:?}");
    assert_eq!(text(&sandbox, "tax.py"), TAX);
}

#[test]
fn a_move_is_applied_found_and_undone() {
    let sandbox = sandbox();
    let ran = sandbox.run(&["move", "tax.vat", "rates", "--yes", "--json"]);
    let json = ran.json();
    assert_eq!((ran.code, &json["state"]), (Some(0), &"applied".into()), "{json}");
    let made = &json["refactoring"];
    assert_eq!((&made["kind"], &made["to"]), (&"move".into(), &"rates.py".into()));
    assert_eq!(made["uses"][0]["path"], "till.py");
    assert_eq!(made["imports"][0], "import math");
    assert!(text(&sandbox, "till.py").starts_with("from rates import vat\n"));
    let found = sandbox.run(&["refs", "rates.vat"]);
    assert!(found.stdout.contains("till.py:5:20"), "{found:?}");
    sandbox.run(&["undo", "--quiet"]).check(0, "", "");
    assert_eq!((text(&sandbox, "tax.py"), text(&sandbox, "till.py")), (TAX.into(), USE.into()));
}

#[test]
fn a_dry_run_prints_the_difference() {
    let sandbox = sandbox();
    let ran = sandbox.run(&["move", "tax.vat", "rates", "--dry-run"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stdout.contains("+from rates import vat\n"), "{ran:?}");
    assert_eq!(text(&sandbox, "till.py"), USE);
}

#[test]
fn a_refusal_names_its_reason_and_places() {
    let sandbox = sandbox();
    sandbox.write("rates.py", "vat = 5\n");
    let ran = sandbox.run(&["move", "tax.vat", "rates", "--yes", "--json"]);
    let json = ran.json();
    assert_eq!((ran.code, &json["state"]), (Some(5), &"refused".into()), "{json}");
    assert_eq!(json["refusals"][0]["reason"], "name-taken");
    assert!(json["refusals"][0]["message"].as_str().unwrap().contains("rates.py:1: vat = 5"));
}
