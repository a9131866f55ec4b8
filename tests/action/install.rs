//! Where the program comes from: a release, its checksum, the source.

use super::*;

/// The action in a place of its own, with one release to download, and with
/// programs that stand in for curl and cargo.
fn released(checksum: Option<&str>) -> Job {
    let mut job = Job::new();
    job.environment.remove("KEYSWEEP_BIN");
    let root = job.directory.path().join("action of v9.9.9");
    fs::create_dir_all(root.join("action")).unwrap();
    fs::write(
        root.join("Cargo.toml"),
        "[package]\nname = \"keysweep\"\nversion = \"9.9.9\"\n\n[dependencies]\nx = { version = \"1\" }\n",
    )
    .unwrap();
    let script = root.join("action/run.sh");
    fs::copy(&job.script, &script).unwrap();
    job.script = script;

    let name = "keysweep-9.9.9-x86_64-unknown-linux-musl";
    let stage = job.directory.path().join(name);
    fs::create_dir(&stage).unwrap();
    fs::copy(env!("CARGO_BIN_EXE_keysweep"), stage.join("keysweep")).unwrap();
    let archive = job.directory.path().join("archive.tar.gz");
    let tar = Command::new("tar")
        .arg("-czf")
        .arg(&archive)
        .arg("-C")
        .arg(job.directory.path())
        .arg(name)
        .status()
        .unwrap();
    assert!(tar.success());
    let real = sha256(&archive);
    let mut lines =
        format!("# A comment.\n{HEX}  https://example.com/keysweep-9.9.9-other.tar.gz\n");
    if let Some(checksum) = checksum {
        let sum = if checksum == "real" { &real } else { checksum };
        lines += &format!("{sum}  https://example.com/v9.9.9/{name}.tar.gz\n");
    }
    fs::write(root.join("action/checksums.txt"), lines).unwrap();

    let bin = job.directory.path().join("bin");
    fs::create_dir(&bin).unwrap();
    stand_in(
        &bin.join("curl"),
        &format!(
            "[ ! -e '{0}/offline' ] || exit 6\n\
             while [ \"$1\" != --output ]; do shift; done\ncp '{0}/archive.tar.gz' \"$2\"\n",
            job.directory.path().display()
        ),
    );
    stand_in(
        &bin.join("cargo"),
        &format!(
            "echo \"cargo in $PWD: $*\"\nwhile [ \"$1\" != --root ]; do shift; done\n\
             mkdir -p \"$2/bin\" && cp '{}' \"$2/bin/keysweep\"\n",
            env!("CARGO_BIN_EXE_keysweep")
        ),
    );
    let path = format!("{}:{}", bin.display(), job.environment["PATH"]);
    job.set("PATH", &path);
    job
}

fn stand_in(path: &Path, script: &str) {
    fs::write(path, format!("#!/usr/bin/env bash\nset -e\n{script}")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

fn sha256(path: &Path) -> String {
    use sha2::{Digest, Sha256};
    let sum = Sha256::digest(fs::read(path).unwrap());
    sum.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_release_of_the_actions_own_version_is_run() {
    let result = released(Some("real")).run();
    assert_eq!(result.code, 0, "{}", result.log);
    assert!(!result.log.contains("cargo"), "{}", result.log);
}

#[test]
fn another_checksum_is_an_error_and_nothing_is_run() {
    let result = released(Some(HEX)).run();
    assert_eq!(result.code, 2, "{}", result.log);
    assert!(result.summary.contains("SHA-256"), "{}", result.summary);
    assert!(!result.log.contains("cargo"), "{}", result.log);
}

#[test]
fn without_a_release_the_actions_own_source_is_built() {
    let job = released(None);
    let result = job.run();
    assert_eq!(result.code, 0, "{}", result.log);
    // Not in the workspace, whose files could steer cargo.
    assert!(
        result.log.contains("action of v9.9.9: install --locked"),
        "{}",
        result.log
    );

    let job = released(Some("real"));
    fs::write(job.directory.path().join("offline"), "").unwrap();
    let result = job.run();
    assert_eq!(result.code, 0, "{}", result.log);
    assert!(result.log.contains("::warning"), "{}", result.log);
    assert!(result.log.contains("install --locked"), "{}", result.log);
}

#[test]
fn a_program_that_is_not_there_is_said() {
    let mut job = Job::new();
    job.set("KEYSWEEP_BIN", "/nowhere/keysweep");
    let result = job.run();
    assert_eq!(result.code, 2);
    assert!(result.summary.contains("/nowhere/keysweep"));
}
