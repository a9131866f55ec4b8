//! No dump of this process: its memory has keys in it.

/// Switches core dumps off, before the first token is asked for. What a system
/// refuses stays as it was: a sweep is no worse for it than any other program.
#[cfg(unix)]
pub(super) fn switch_off() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    let _ = setrlimit(Resource::Core, none);
    // The limit is not asked where a program takes the dumps over a pipe.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(
        rustix::process::DumpableBehavior::NotDumpable,
    );
}

/// Windows writes dumps only where an administrator asked for them.
#[cfg(not(unix))]
pub(super) fn switch_off() {}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    #[test]
    fn leaves_no_core() {
        super::switch_off();
        let limits = std::fs::read_to_string("/proc/self/limits").unwrap();
        let core = limits.lines().find(|line| line.starts_with("Max core")).unwrap();
        let values: Vec<&str> = core.split_whitespace().skip(4).take(2).collect();
        assert_eq!(values, ["0", "0"]);
    }
}
