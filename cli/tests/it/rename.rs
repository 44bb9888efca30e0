//! `flux rename` as a user meets it; what is renamed is tested in the crate that does it.

use std::fs;

use crate::support::Sandbox;

const TAX: &str =
    "class Tax:\n    def vat(self):\n        return 1\n\n\ndef rate():\n    return 5\n";
const USE: &str = "from tax import Tax, rate\n\n\ndef total(tax: Tax):\n    # the rate of it\n    \
                   return tax.vat() + rate()\n";

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("tax.py", TAX);
    sandbox.write("use.py", USE);
    sandbox
}

fn text(sandbox: &Sandbox, path: &str) -> String {
    fs::read_to_string(sandbox.tree().join(path)).unwrap()
}

#[test]
fn a_rename_shows_its_plan_and_needs_a_yes() {
    let sandbox = sandbox();
    sandbox.index();
    let ran = sandbox.run(&["rename", "tax.rate", "share"]);
    let expected = "rename rate to share: 1 definitions, 3 places in 2 files, 0 of them inferred\n\
                    tax.py:6: function rate\n\
                    impact: 2 definitions of code and 0 of tests mention it\n\
                    not proven to mean it, and left alone: 1\n  use.py:5: # the rate of it\n\
                    change tax.py\n  lines 6-6, found by span\n\
                    change use.py\n  lines 1-1, found by span\n  lines 6-6, found by span\n\
                    flux: nothing was changed\nhint: pass --yes to apply without being asked\n";
    ran.check(5, "", expected);
    assert_eq!(text(&sandbox, "tax.py"), TAX);
}

#[test]
fn a_rename_is_applied_found_and_undone() {
    let sandbox = sandbox();
    let ran = sandbox.run(&["rename", "tax.rate", "share", "--yes", "--json"]);
    let json = ran.json();
    assert_eq!((ran.code, &json["state"]), (Some(0), &"applied".into()), "{json}");
    assert_eq!(json["refactoring"]["definitions"][0]["name"], "rate");
    assert_eq!(json["refactoring"]["places"].as_array().unwrap().len(), 3);
    assert_eq!(json["refactoring"]["unproven"][0]["in"], "comment");
    assert!(text(&sandbox, "use.py").contains("return tax.vat() + share()\n"));
    let found = sandbox.run(&["refs", "tax.share"]);
    assert!(found.stdout.contains("use.py:6:24"), "{found:?}");
    sandbox.run(&["undo", "--quiet"]).check(0, "", "");
    assert_eq!((text(&sandbox, "tax.py"), text(&sandbox, "use.py")), (TAX.into(), USE.into()));
}

#[test]
fn what_is_inferred_is_refused_with_its_places_until_it_is_meant() {
    let sandbox = sandbox();
    let ran = sandbox.run(&["rename", "Tax.vat", "duty", "--yes", "--json"]);
    let json = ran.json();
    assert_eq!((ran.code, &json["state"]), (Some(5), &"refused".into()), "{json}");
    let refusal = &json["refusals"][0];
    assert_eq!(refusal["reason"], "inferred");
    assert_eq!((&refusal["candidates"][0]["line"]), &6);
    sandbox.run(&["rename", "Tax.vat", "duty", "--yes", "--likely", "-q"]).check(0, "", "");
    assert!(text(&sandbox, "use.py").contains("return tax.duty() + rate()\n"));
}
