//! What can be typed after `keysweep sweep`.

use clap::Args;
use std::path::PathBuf;
use std::time::Duration;

use super::{EXIT_CODES, Evidence, Judgement, Output};
use crate::azure::{Auth, CloudName};
use crate::inventory::{Shard, Text};

/// Look at the function apps of a tenant: their keys, and who holds them.
///
/// Listing keys wakes the app's host, is counted as a write, leaves a row in the
/// Activity Log, and makes keys where an app has none yet. --plan says first
/// what a sweep would ask; --metadata-only leaves keys alone.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct Sweep {
    /// What to look at.
    #[command(flatten)]
    pub target: Target,

    /// As whom, and where.
    #[command(flatten)]
    pub connection: Connection,

    /// Say how many requests a sweep would send, how long that takes and which
    /// permissions are missing; read no key.
    #[arg(long, conflicts_with_all = ["save", "resume", "shard"])]
    pub plan: bool,

    /// Read no keys and no settings: what a Reader may.
    #[arg(long)]
    pub metadata_only: bool,

    /// Ask Event Grid for the full addresses of webhooks, keys included.
    #[arg(long, conflicts_with = "metadata_only")]
    pub webhook_urls: bool,

    /// Keep what was found, for `keysweep check`; no key is in it.
    #[arg(long, value_name = "FILE")]
    pub save: Option<PathBuf>,

    /// Take keys that were listed less than so long ago from --previous, unless
    /// the Activity Log shows that they were changed.
    #[arg(long, value_name = "DAYS", value_parser = days, requires = "previous")]
    pub refresh_keys: Option<u32>,

    /// Keep what has been answered so far in this file, and go on from there
    /// when the sweep was interrupted.
    #[arg(long, value_name = "FILE")]
    pub resume: Option<PathBuf>,

    /// The time for the whole sweep; what is not reached by then is a gap.
    #[arg(long, value_name = "TIME", value_parser = time, default_value = "12h")]
    pub deadline: Duration,

    /// The time for each app, without what the throttle makes it wait.
    #[arg(long, value_name = "TIME", value_parser = time, default_value = "10m")]
    pub app_deadline: Duration,

    /// What else is known.
    #[command(flatten)]
    pub evidence: Evidence,

    /// How findings are judged.
    #[command(flatten)]
    pub judgement: Judgement,

    /// Where the result goes.
    #[command(flatten)]
    pub output: Output,
}

/// What to look at.
#[derive(Debug, Args)]
#[command(next_help_heading = "Scope")]
pub struct Target {
    /// The tenant: its GUID or one of its domains; else that of the token.
    #[arg(long, value_name = "TENANT")]
    pub tenant: Option<String>,

    /// A subscription, by GUID or name; all that the identity can see, if none.
    #[arg(long = "subscription", value_name = "SUBSCRIPTION")]
    pub subscriptions: Vec<String>,

    /// A management group, by its id: all subscriptions below it.
    #[arg(long = "management-group", value_name = "GROUP")]
    pub management_groups: Vec<String>,

    /// Only apps in this resource group.
    #[arg(long = "resource-group", value_name = "GROUP")]
    pub resource_groups: Vec<String>,

    /// Only apps with this tag; several must all be there.
    #[arg(long = "tag", value_name = "NAME[=VALUE]", value_parser = tag)]
    pub tags: Vec<(Text, Option<Text>)>,

    /// Only the app of this name, with its slots.
    #[arg(long = "app", value_name = "NAME")]
    pub apps: Vec<String>,

    /// Only this share of the apps, for sweeps on several machines: `2/8`.
    #[arg(long, value_name = "I/N", value_parser = shard, requires = "save")]
    pub shard: Option<Shard>,
}

/// As whom, and where.
#[derive(Debug, Args)]
#[command(next_help_heading = "Connection")]
pub struct Connection {
    /// How to get a token. No way takes a secret on the command line.
    #[arg(long, value_name = "WAY", default_value = "auto")]
    pub auth: Auth,

    /// The cloud.
    #[arg(
        long,
        value_name = "CLOUD",
        default_value = "public",
        conflicts_with = "arm_endpoint"
    )]
    pub cloud: CloudName,

    /// The resource manager of another cloud.
    #[arg(long, value_name = "URL")]
    pub arm_endpoint: Option<String>,

    /// Who issues tokens there; asked of the resource manager, if not given.
    #[arg(long, value_name = "URL", requires = "arm_endpoint")]
    pub authority: Option<String>,

    /// Certificate authorities to trust beside those of the system, in PEM.
    #[arg(long, value_name = "FILE")]
    pub ca_cert: Option<PathBuf>,

    /// The version of Microsoft.Web's interface, for clouds that lag behind.
    #[arg(long, value_name = "DATE", default_value = "2025-05-01", value_parser = api_version)]
    pub web_api_version: String,
}

/// `90s`, `10m`, `2h`, `1d`.
fn time(text: &str) -> Result<Duration, String> {
    let problem = || "write a number and a unit: 90s, 10m, 2h or 1d".to_owned();
    let unit = text.chars().last().ok_or_else(problem)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(problem()),
    };
    let number: u64 = text[..text.len() - 1].parse().map_err(|_| problem())?;
    match number.checked_mul(seconds) {
        Some(seconds) if (1..=366 * 86_400).contains(&seconds) => Ok(Duration::from_secs(seconds)),
        _ => Err("it has to be between a second and a year".to_owned()),
    }
}

/// `7d`.
fn days(text: &str) -> Result<u32, String> {
    let problem = "write days: 7d";
    let number = text.strip_suffix('d').ok_or(problem)?;
    match number.parse() {
        Ok(days @ 1..=3_650) => Ok(days),
        _ => Err(problem.to_owned()),
    }
}

fn tag(text: &str) -> Result<(Text, Option<Text>), String> {
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name, Some(Text::prose(value))),
        None => (text, None),
    };
    if name.is_empty() {
        return Err("the name of the tag is missing: write NAME or NAME=VALUE".to_owned());
    }
    Ok((Text::name(name), value))
}

fn shard(text: &str) -> Result<Shard, String> {
    let problem = "write I/N, with I from 1 to N: 2/8";
    let (index, count) = text.split_once('/').ok_or(problem)?;
    let number = |text: &str| text.parse::<u32>().map_err(|_| problem);
    let shard = Shard {
        index: number(index)?,
        count: number(count)?,
    };
    match (1..=shard.count).contains(&shard.index) && shard.count <= 10_000 {
        true => Ok(shard),
        false => Err(problem.to_owned()),
    }
}

fn api_version(text: &str) -> Result<String, String> {
    let date = text.get(..10).unwrap_or_default();
    let shape = date.chars().enumerate().all(|(at, c)| match at {
        4 | 7 => c == '-',
        _ => c.is_ascii_digit(),
    });
    let rest = text.get(10..).unwrap_or_default();
    match date.len() == 10 && shape && (rest.is_empty() || rest == "-preview") {
        true => Ok(text.to_owned()),
        false => Err("write a date: 2025-05-01".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_times_shards_and_tags() {
        assert_eq!(time("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(time("2h"), Ok(Duration::from_secs(7_200)));
        for bad in ["", "5", "0m", "1w", "h", "é", "99999999999999999999d"] {
            assert!(time(bad).is_err(), "{bad}");
        }
        assert_eq!(days("7d"), Ok(7));
        assert!(days("7").is_err() && days("0d").is_err());
        assert_eq!(shard("2/8"), Ok(Shard { index: 2, count: 8 }));
        for bad in ["0/8", "9/8", "1", "1/0", "a/b"] {
            assert!(shard(bad).is_err(), "{bad}");
        }
        assert_eq!(
            tag("env=prod"),
            Ok((Text::name("env"), Some(Text::name("prod"))))
        );
        assert!(tag("=x").is_err());
        assert!(api_version("2025-05-01").is_ok() && api_version("latest").is_err());
    }
}
