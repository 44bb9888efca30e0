//! `flux context` and `flux map`, as they are typed.

use std::fs;

use serde_json::Value;

use crate::support::Sandbox;

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(
        "shop/cart.py",
        "class Cart:\n    \"\"\"What a customer wants to buy.\"\"\"\n\n    def total(self):\n        \
         return price(self)\n\n\ndef price(cart):\n    return 1\n",
    );
    sandbox.write(
        "shop/main.py",
        "from shop.cart import Cart\n\n\ndef run():\n    return Cart().total()\n",
    );
    sandbox
}

#[test]
fn a_context_names_its_lines_and_why_they_are_there() {
    let ran = sandbox().run(&["context", "total of the cart", "--budget", "800", "--quiet"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    assert!(ran.stdout.starts_with("# Context: total of the cart\nRevision none, index fresh. "));
    assert!(ran.stdout.contains("## shop/cart.py\n"), "{}", ran.stdout);
    assert!(ran.stdout.contains("found #1"), "{}", ran.stdout);
}

#[test]
fn json_counts_itself_and_is_taken_back_as_what_is_there() {
    let sandbox = sandbox();
    let arguments = ["context", "total of the cart", "--quiet", "--format", "json", "--budget"];
    for budget in [200, 333, 1_000, 20_000] {
        let ran = sandbox.run(&[&arguments[..], &[budget.to_string().as_str()]].concat());
        let json: Value = serde_json::from_str(&ran.stdout).unwrap();
        let tokens = json["tokens"].as_u64().unwrap();
        assert!(tokens <= budget, "{json}");
        assert_eq!(json["exact"], true);
    }
    let pack = sandbox.path("pack.json");
    let ran = sandbox.run(&[&arguments[..], &["4000"]].concat());
    fs::write(&pack, &ran.stdout).unwrap();
    let have = ["4000", "--have", pack.to_str().unwrap()];
    let again: Value =
        serde_json::from_str(&sandbox.run(&[&arguments[..], &have].concat()).stdout).unwrap();
    assert!(again["already_known"].as_u64().unwrap() > 0, "{again}");
    assert!(again["files"].as_array().unwrap().len() < 2, "{again}");
}

#[test]
fn nothing_found_is_1_and_what_makes_no_sense_is_2() {
    let sandbox = sandbox();
    sandbox.run(&["index", "--quiet"]).check(0, "", "");
    let code = |arguments: &[&str]| sandbox.run(arguments).code;
    assert_eq!(code(&["context", "zzzqqq", "--no-vectors", "--quiet"]), Some(1));
    assert_eq!(code(&["context", " ", "--quiet"]), Some(2));
    assert_eq!(code(&["context", "cart", "--budget", "5", "--quiet"]), Some(2));
    assert_eq!(code(&["context", "cart", "--have", "nowhere", "--quiet"]), Some(2));
    assert_eq!(code(&["context", "cart", "--no-refresh", "--strict", "--quiet"]), Some(4));
}

#[test]
fn a_model_decides_what_counts_and_how_much_and_the_configuration_adds_models() {
    let sandbox = sandbox();
    let ran = sandbox.run(&["context", "cart", "--model", "claude-opus-5", "--quiet"]);
    assert!(ran.stdout.contains("about "), "{}", ran.stdout);
    fs::create_dir_all(sandbox.path("config")).unwrap();
    let own =
        "[[models]]\nname = \"tiny\"\nwindow = 600\noutput = 100\ntokenizer = \"cl100k_base\"\n";
    fs::write(sandbox.path("config").join("config.toml"), own).unwrap();
    let ran = sandbox.run(&["context", "cart", "--model", "tiny", "--quiet"]);
    assert!(ran.stdout.contains(" of 450 tokens (cl100k_base)"), "{}", ran.stdout);
}

#[test]
fn a_map_shows_definitions_by_file() {
    let sandbox = sandbox();
    let ran = sandbox.run(&["map", "--budget", "300", "--quiet"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    assert!(ran.stdout.contains("\nshop/\n  cart.py\n    1: class Cart\n"), "{}", ran.stdout);
    let ran = sandbox.run(&["map", "--for", "price", "--budget", "500", "--json", "--quiet"]);
    let json: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert!(json["tokens"].as_u64().unwrap() <= 500, "{json}");
}
