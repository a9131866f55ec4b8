use super::*;

#[test]
fn has_the_name_that_it_is_given() {
    let tree = Tree::new().file("a.sh", LEAK);
    let text = tree.expand(LEAK_2);
    let run = tree.pipe(&["scan", "-", "--format", "json"], text.as_bytes());
    assert_eq!(run.ends(1).places(), ["stdin:1"]);
    let named = [
        "scan",
        "a.sh",
        "-",
        "--stdin-name",
        "x/y.sh",
        "--format",
        "json",
    ];
    let run = tree.pipe(&named, text.as_bytes()).ends(1);
    assert_eq!(run.places(), ["a.sh:1", "x/y.sh:1"]);
    assert_eq!(tree.pipe(&["scan", "-"], b"").code, Some(0));
}
