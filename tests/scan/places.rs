use super::*;

#[test]
fn a_store_after_a_key_does_not_move_it() {
    let run = Tree::new()
            .file(
                "secrets/host.json",
                "{\n  // x-functions-key: {{function-key}}\n  \"masterKey\": {\"name\": \"master\", \"value\": \"{{ciphertext}}\", \"encrypted\": true}\n}\n",
            )
            .scan();
    let place = &run.findings[0];
    assert_eq!((place.line, place.column), (2, 23), "{:?}", run.findings);
}
