use super::*;
use std::io::Write;

#[test]
fn occurrences_are_capped_the_same_way_every_time() {
    let mut tree = Tree::new();
    for at in 0..16 {
        let line = LEAK.repeat(1_700);
        tree = tree.file(&format!("{at:02}.sh"), &line);
    }
    let first = tree.scan().ends(1);
    let kept = first
        .rules()
        .iter()
        .filter(|rule| **rule == "KS1003")
        .count();
    assert_eq!(kept, 25_000);
    assert!(first.notices().contains(&"too-many-occurrences".to_owned()));
    assert!(first.stdout.contains("2200 further occurrences"));
    // The first ones by place, whichever thread was faster.
    let lines = |path: &str| first.findings.iter().filter(|f| f.path == path).count();
    assert_eq!(first.findings.last().unwrap().path, "14.sh");
    assert_eq!((lines("13.sh"), lines("14.sh")), (1700, 1200));
}

#[test]
fn two_runs_give_the_same_bytes() {
    use clap::ValueEnum;
    let mut tree = Tree::new();
    for rule in keysweep::rule::RuleSet::builtin().iter() {
        for (at, example) in rule.examples().unwrap().iter().enumerate() {
            for file in example
                .templates
                .iter()
                .filter(|file| file.path != "keysweep.toml")
            {
                let path = format!("{}/{at}/{}", rule.metadata().id, file.path);
                tree = tree.file(&path, &file.text);
            }
        }
    }
    for format in keysweep::report::Format::value_variants() {
        let name = format.to_possible_value().unwrap().get_name().to_owned();
        let runs = [0, 1].map(|_| tree.run(&["scan", "--format", &name]).stdout);
        assert_eq!(runs[0], runs[1], "{name}");
    }
}

#[test]
fn lines_of_a_long_wide_file_are_counted() {
    let tree = Tree::new();
    let key = tree.expand("{{function-key}}");
    let mut text = String::from("\u{feff}");
    let mut lines = 0;
    while text.len() < 10_000_000 {
        text.push_str("[2024-01-01] 😀 request handled in 12 ms, nothing to see\r\n");
        lines += 1;
    }
    text.push_str(&format!(
        "é😀 x-functions-key: {key}\r\nx-functions-key: {key}"
    ));
    let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let run = tree.bytes("le.log", &le).bytes("be.log", &be).scan();
    let places: Vec<_> = run.findings.iter().filter(|f| f.rule != "KS1101").collect();
    assert_eq!(places.len(), 4);
    for (at, place) in places.iter().enumerate() {
        let line = lines + 1 + at as u64 % 2;
        let column = if at % 2 == 0 { 22 } else { 18 };
        assert_eq!((place.line, place.column), (line, column), "{place:?}");
    }
}

/// Peak memory of a child, asked of the kernel while it runs: it only grows.
#[cfg(target_os = "linux")]
fn peak(child: &mut std::process::Child) -> u64 {
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait().expect("a child to wait for").is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok());
        peak = peak.max(kib.unwrap_or(0));
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    peak
}

/// A line of 300 MB, keys near its ends and in its middle.
#[test]
#[cfg(target_os = "linux")]
fn a_line_without_end_costs_no_memory() {
    let tree = Tree::new();
    let file = std::fs::File::create(tree.at("a.js")).unwrap();
    let mut out = std::io::BufWriter::with_capacity(1 << 20, file);
    let chunk = "a=[1,22,333].map(x=>x+1);".repeat(40_000);
    let key = tree.expand(" 'x-functions-key': '{{function-key}}' ");
    let mut length = 0;
    for at in 0..300 {
        if [20, 150, 299].contains(&at) {
            out.write_all(key.as_bytes()).unwrap();
            length += key.len();
        }
        out.write_all(chunk.as_bytes()).unwrap();
        length += chunk.len();
    }
    out.flush().unwrap();
    assert!(length > 300_000_000);
    let mut command = tree.command(&["scan", "--format", "json"]);
    command.stdout(std::fs::File::create(tree.at("out.json")).unwrap());
    let started = std::time::Instant::now();
    let mut child = command.spawn().unwrap();
    let peak = peak(&mut child);
    println!("{} s, {peak} KiB", started.elapsed().as_secs_f64());
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert!(peak < 64 * 1024, "{peak} KiB");
    let report = std::fs::read_to_string(tree.at("out.json")).unwrap();
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    let columns: Vec<_> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["location"]["start"]["column"].as_u64().unwrap())
        .collect();
    let column = |at: usize, keys: usize| (at * chunk.len() + keys * key.len() + 22) as u64;
    assert_eq!(columns, [column(20, 0), column(150, 1), column(299, 2)]);
}
