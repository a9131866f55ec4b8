use super::*;

#[test]
fn a_pointer_is_not_its_content() {
    let tree = Tree::new().file("big.env", LEAK).repository(&["."]);
    let pointer = format!(
        "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 12345\n",
        "0".repeat(64)
    );
    let tree = tree.file("big.env", &pointer);
    tree.git(".", &["add", "."]);
    for way in [&[][..], &["--staged"]] {
        let run = tree.scan_with(way).ends(0);
        assert!(
            run.notices().contains(&"lfs-not-read".to_owned()),
            "{way:?}"
        );
        tree.scan_with(&[way, &["--strict"]].concat()).ends(2);
    }
}
