//! How old the keys are, as curves: how many are proven to have an age, and how
//! many may have it.
//!
//! A key has no date, so its age is an interval. One curve falls where the
//! least is, the other where the most is: at the policy's limit the lower one
//! shows what is overdue, and what lies between them cannot be proven.

use std::collections::BTreeMap;
use std::fmt::Write;

/// The width of a chart, in its own units.
const WIDTH: u32 = 720;

/// Its height.
const HEIGHT: u32 = 100;

/// The age of one key, in days.
#[derive(Clone, Copy, Debug)]
pub(super) struct Age {
    pub(super) least: u32,
    /// None when nothing bounds it.
    pub(super) most: Option<u32>,
    /// What the policy allows.
    pub(super) limit: u32,
}

/// Whether a key is older than the policy allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum State {
    Overdue,
    Unproven,
    Within,
}

impl Age {
    pub(super) fn state(self) -> State {
        match self.most {
            _ if self.least >= self.limit => State::Overdue,
            Some(most) if most < self.limit => State::Within,
            _ => State::Unproven,
        }
    }
}

/// The ages of the keys of one kind.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Chart {
    pub(super) kind: &'static str,
    pub(super) keys: usize,
    pub(super) limit: u32,
    pub(super) overdue: usize,
    pub(super) unproven: usize,
    pub(super) within: usize,
    /// The outline of what is proven, as the points of a polygon.
    pub(super) proven: String,
    /// The outline of what is possible.
    pub(super) possible: String,
    /// Where the limit is.
    pub(super) limit_at: u32,
}

/// All charts, and the axis that they share.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Ages {
    pub(super) charts: Vec<Chart>,
    /// The days at the ticks, and where those are.
    pub(super) ticks: Vec<(u32, u32)>,
}

/// The charts of keys by kind, empty kinds left out.
pub(super) fn of(kinds: Vec<(&'static str, Vec<Age>)>) -> Ages {
    let all = kinds.iter().flat_map(|(_, ages)| ages);
    let oldest = all.map(|age| age.least.max(age.limit)).max().unwrap_or(0);
    // A year, two or five: whatever shows the limits and most keys.
    let range = match oldest {
        0..=330 => 365,
        331..=700 => 730,
        _ => 1825,
    };
    let x = |days: u32| days.min(range) * WIDTH / range;
    let kinds = kinds.into_iter().filter(|(_, ages)| !ages.is_empty());
    let charts = kinds.map(|(kind, ages)| {
        let states = |state| ages.iter().filter(|age| age.state() == state).count();
        let limit = ages.iter().map(|age| age.limit).max().unwrap_or(0);
        Chart {
            kind,
            keys: ages.len(),
            limit,
            overdue: states(State::Overdue),
            unproven: states(State::Unproven),
            within: states(State::Within),
            proven: outline(&ages, range, |age| age.least),
            possible: outline(&ages, range, |age| age.most.unwrap_or(u32::MAX)),
            limit_at: x(limit),
        }
    });
    Ages {
        charts: charts.collect(),
        ticks: match range {
            365 => [0, 90, 180, 270, 365].map(|day| (day, x(day))).to_vec(),
            730 => [0, 90, 180, 365, 545, 730]
                .map(|day| (day, x(day)))
                .to_vec(),
            _ => [0, 365, 730, 1095, 1460, 1825]
                .map(|day| (day, x(day)))
                .to_vec(),
        },
    }
}

/// The area below the share of keys that are at least so old: a step down
/// behind each age that a key has.
fn outline(ages: &[Age], range: u32, days: impl Fn(&Age) -> u32) -> String {
    let mut steps: BTreeMap<u32, usize> = BTreeMap::new();
    for age in ages {
        *steps.entry(days(age)).or_default() += 1;
    }
    let mut left = ages.len();
    let y = |left: usize| HEIGHT as usize - left * HEIGHT as usize / ages.len().max(1);
    let mut points = format!("0,{HEIGHT} 0,{}", y(left));
    for (age, keys) in steps.into_iter().take_while(|(age, _)| *age < range) {
        let x = age * WIDTH / range;
        let _ = write!(points, " {x},{}", y(left));
        left -= keys;
        let _ = write!(points, " {x},{}", y(left));
    }
    let _ = write!(points, " {WIDTH},{} {WIDTH},{HEIGHT}", y(left));
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    fn age(least: u32, most: Option<u32>) -> Age {
        Age {
            least,
            most,
            limit: 90,
        }
    }

    #[test]
    fn an_interval_proves_what_it_proves() {
        assert_eq!(age(90, None).state(), State::Overdue);
        assert_eq!(age(89, None).state(), State::Unproven);
        assert_eq!(age(0, Some(90)).state(), State::Unproven);
        assert_eq!(age(10, Some(89)).state(), State::Within);
    }

    #[test]
    fn curves_fall_where_the_ages_are() {
        let ages = of(vec![
            ("host", vec![age(0, Some(30)), age(182, None)]),
            ("master", vec![]),
        ]);
        assert_eq!(ages.charts.len(), 1);
        let chart = &ages.charts[0];
        assert_eq!((chart.overdue, chart.unproven, chart.within), (1, 0, 1));
        assert_eq!(chart.limit_at, 90 * WIDTH / 365);
        // All are at least 0 days old, one half a year; none is a year.
        assert_eq!(
            chart.proven,
            "0,100 0,0 0,0 0,50 359,50 359,100 720,100 720,100"
        );
        // One is 30 days at most, nothing bounds the other.
        assert_eq!(chart.possible, "0,100 0,0 59,0 59,50 720,50 720,100");
    }

    #[test]
    fn old_keys_get_a_longer_axis() {
        let ages = of(vec![("host", vec![age(500, None)])]);
        assert_eq!(ages.ticks.last(), Some(&(730, WIDTH)));
    }
}
