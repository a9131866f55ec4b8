use super::*;

#[test]
fn one_key_in_two_projects_is_one_finding_with_all_places() {
    let run = Tree::new()
        .file("orders/package.json", "{}")
        .file(
            "orders/src/a.js",
            "h = {'x-functions-key': '{{function-key}}'}\n",
        )
        .file(
            "orders/src/b.js",
            "h = {'x-functions-key': '{{function-key}}'}\n",
        )
        .file("billing/Billing.csproj", "<Project/>")
        .file(
            "billing/A.cs",
            "Add(\"x-functions-key\", \"{{function-key}}\");\n",
        )
        .scan();
    let shared: Vec<_> = run.findings.iter().filter(|f| f.rule == "KS1101").collect();
    assert_eq!(shared.len(), 1);
    let all = run.report["findings"].as_array().unwrap();
    let shared = all
        .iter()
        .find(|finding| finding["ruleId"] == "KS1101")
        .unwrap();
    assert_eq!(shared["related"].as_array().unwrap().len(), 2);
    assert_eq!(shared["location"]["path"], "billing/A.cs");
}

#[test]
fn one_key_in_one_project_is_none() {
    let run = Tree::new()
        .file("orders/package.json", "{}")
        .file(
            "orders/src/a.js",
            "h = {'x-functions-key': '{{function-key}}'}\n",
        )
        .file(
            "orders/test/b.js",
            "h = {'x-functions-key': '{{function-key}}'}\n",
        )
        .file("orders/README.md", "x-functions-key: {{function-key}}\n")
        .scan();
    assert_eq!(run.findings.len(), 3, "{:?}", run.findings);
    assert!(!run.rules().contains(&"KS1101"));
}
