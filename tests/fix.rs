//! `keysweep scan --fix`: what is written, what is shown, and what is left
//! alone.

mod harness;

use harness::Tree;
use std::fs;

const TEMPLATE: &str = "\
// the shop's
resource app 'Microsoft.Web/sites@2023-12-01' existing = { name: 'func-orders' }

output key string = listKeys('${app.id}/host/default', app.apiVersion).functionKeys.default // for the shop
";

const TERRAFORM: &str = "\
data \"azurerm_function_app_host_keys\" \"orders\" {
  name                = \"func-orders\"
  resource_group_name = \"rg\"
}

output \"key\" {
  value = data.azurerm_function_app_host_keys.orders.default_function_key # for the shop
}
";

fn text(tree: &Tree, path: &str) -> String {
    fs::read_to_string(tree.path().join(path)).expect("the file is there")
}

#[test]
fn a_fix_changes_one_line_and_the_finding_is_gone() {
    let tree = Tree::new()
        .file("main.bicep", TEMPLATE)
        .file("infra/main.tf", TERRAFORM);
    tree.run(&["scan", ".", "--fix"]).ends(0);
    let fixed = TEMPLATE.replace("output key", "@secure()\noutput key");
    assert_eq!(text(&tree, "main.bicep"), fixed);
    let fixed = TERRAFORM.replace("for the shop\n", "for the shop\n  sensitive = true\n");
    assert_eq!(text(&tree, "infra/main.tf"), fixed);
    tree.run(&["scan", "."]).ends(0);
}

#[test]
fn pipelines_mask_their_keys_and_send_them_in_headers() {
    const WORKFLOW: &str = "\
on: push
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
      - run: |  # the shop's
          key=$(az functionapp function keys list -g rg -n func-orders --function-name Place --query shop -o tsv)
          echo \"key=$key\" >> \"$GITHUB_OUTPUT\"
          curl --fail \"https://func-orders.azurewebsites.net/api/Place?code=$key&dry=1\"
";
    let tree = Tree::new().file(".github/workflows/deploy.yml", WORKFLOW);
    tree.run(&["scan", ".", "--fix"]).ends(0);
    let fixed = WORKFLOW
        .replace("tsv)\n", "tsv)\n          echo \"::add-mask::$key\"\n")
        .replace("curl", "curl -H \"x-functions-key: $key\"")
        .replace("code=$key&", "");
    assert_eq!(text(&tree, ".github/workflows/deploy.yml"), fixed);
    tree.run(&["scan", "."]).ends(0);
}

#[test]
fn a_diff_shows_the_change_and_makes_none() {
    let tree = Tree::new().file("main.bicep", TEMPLATE);
    let run = tree.run(&["scan", ".", "--fix=diff"]).ends(1);
    let lines: Vec<&str> = run
        .stdout
        .lines()
        .filter(|line| line.starts_with(['+', '-']))
        .collect();
    assert_eq!(
        lines,
        ["--- a/main.bicep", "+++ b/main.bicep", "+@secure()"]
    );
    assert_eq!(text(&tree, "main.bicep"), TEMPLATE);
}

#[test]
fn a_file_with_a_key_is_left_alone() {
    let leak = format!("{TEMPLATE}// x-functions-key: {{{{function-key}}}}\n");
    let tree = Tree::new().file("main.bicep", &leak);
    let before = text(&tree, "main.bicep");
    let run = tree.run(&["scan", ".", "--fix"]).ends(1);
    assert!(
        run.stderr.contains("main.bicep holds a key"),
        "{}",
        run.stderr
    );
    assert_eq!(text(&tree, "main.bicep"), before);
    let run = tree.run(&["scan", ".", "--fix=diff"]).ends(1);
    assert_eq!(run.stdout, "");
}

#[cfg(unix)]
#[test]
fn permissions_stay_and_links_are_not_followed() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let outside = Tree::new().file("main.bicep", TEMPLATE);
    let tree = Tree::new().file("own.bicep", TEMPLATE);
    let own = tree.path().join("own.bicep");
    fs::set_permissions(&own, fs::Permissions::from_mode(0o640)).unwrap();
    symlink(
        outside.path().join("main.bicep"),
        tree.path().join("link.bicep"),
    )
    .unwrap();
    symlink(outside.path(), tree.path().join("folder")).unwrap();
    tree.run(&["scan", ".", "--fix"]).ends(0);
    assert_eq!(
        fs::metadata(&own).unwrap().permissions().mode() & 0o777,
        0o640
    );
    assert!(text(&tree, "own.bicep").contains("@secure()"));
    tree.run(&["scan", "folder/main.bicep", "--fix"]);
    tree.run(&["scan", "link.bicep", "--fix"]);
    assert_eq!(text(&outside, "main.bicep"), TEMPLATE);
}

#[test]
fn sarif_carries_the_fix() {
    let tree = Tree::new().file("main.bicep", TEMPLATE);
    let run = tree.run(&["scan", ".", "--format", "sarif"]).ends(1);
    let log: serde_json::Value = serde_json::from_str(&run.stdout).expect("SARIF is JSON");
    let fix = &log["runs"][0]["results"][0]["fixes"][0];
    let replacement = &fix["artifactChanges"][0]["replacements"][0];
    assert_eq!(replacement["insertedContent"]["text"], "@secure()\n");
    assert_eq!(replacement["deletedRegion"]["startLine"], 4);
    assert_eq!(
        fix["artifactChanges"][0]["artifactLocation"]["uri"],
        "main.bicep"
    );
}
