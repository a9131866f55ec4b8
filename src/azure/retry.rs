//! Which requests are sent again, and when.

use reqwest::StatusCode;
use std::time::Duration;

/// What sending a request again could do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nature {
    /// Nothing: it only reads.
    Read,
    /// The same, and without its answer there is no sweep: a gateway in between
    /// that answers nonsense for a moment is not to end it.
    Vital,
    /// It may create keys where there are none yet (`listkeys`). It is sent
    /// again only when the service has certainly not carried it out, or has
    /// certainly done so: then the keys are there, and it only reads.
    MayCreate,
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// No connection: nothing was sent.
    NotSent,
    /// The connection broke before there was a status.
    NoStatus,
    /// No answer in time.
    TimedOut,
    /// Success by its status, and a body that is cut, empty or not JSON.
    BadBody,
    /// An error status.
    Status(StatusCode),
}

/// The most attempts at one request, refusals for load aside.
const ATTEMPTS: u32 = 4;

/// How often a request is sent again that was refused for load.
const REFUSALS: u32 = 12;

/// What one request has been through.
#[derive(Debug, Default)]
pub(super) struct Attempts {
    failed: u32,
    refused: u32,
}

impl Attempts {
    /// Whether to send it again, and after which pause at least; `told` is
    /// what the service said with `Retry-After`.
    pub(super) fn again(
        &mut self,
        nature: Nature,
        ending: Ending,
        told: Option<Duration>,
    ) -> Option<Duration> {
        if ending == Ending::Status(StatusCode::TOO_MANY_REQUESTS) {
            self.refused += 1;
            let pause = told.unwrap_or_else(|| backoff(self.refused.min(5)));
            return (self.refused <= REFUSALS).then_some(pause);
        }
        let again = match nature {
            Nature::Read => can_help(ending),
            Nature::Vital => can_help(ending) || !is_denied(ending),
            Nature::MayCreate => can_help(ending) && is_settled(ending, told),
        };
        if !again {
            return None;
        }
        self.failed += 1;
        // A cold host takes its time; a second try finds it warm, a third does
        // not get further.
        let most = if ending == Ending::TimedOut {
            2
        } else {
            ATTEMPTS
        };
        (self.failed < most).then(|| told.unwrap_or_default().max(backoff(self.failed)))
    }
}

/// Whether the same request could end differently soon.
fn can_help(ending: Ending) -> bool {
    match ending {
        Ending::NotSent | Ending::NoStatus | Ending::TimedOut | Ending::BadBody => true,
        Ending::Status(status) => matches!(status.as_u16(), 408 | 500 | 502 | 503 | 504),
    }
}

/// Whether it will not be allowed another time either.
fn is_denied(ending: Ending) -> bool {
    matches!(
        ending,
        Ending::Status(StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
    )
}

/// Whether it is certain that the request was, or was not, carried out.
fn is_settled(ending: Ending, told: Option<Duration>) -> bool {
    match ending {
        Ending::NotSent | Ending::BadBody => true,
        // With a time to come back the service says that it did not even try.
        Ending::Status(StatusCode::SERVICE_UNAVAILABLE) => told.is_some(),
        Ending::NoStatus | Ending::TimedOut | Ending::Status(_) => false,
    }
}

/// 1, 2, 4, 8, 16 seconds, and up to as much again by chance, so that requests
/// that failed together do not come back together.
fn backoff(attempt: u32) -> Duration {
    let base = Duration::from_secs(1 << attempt.saturating_sub(1).min(4));
    base + base.mul_f64(chance())
}

/// A number from 0 to 1.
fn chance() -> f64 {
    let mut bytes = [0_u8; 4];
    // Without random numbers everything comes back together, and still works.
    let _ = getrandom::fill(&mut bytes);
    f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX)
}

/// The seconds, or the date, of a `Retry-After`.
pub(super) fn retry_after(value: &str, now: jiff::Timestamp) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(value).ok()?.timestamp();
    Some(Duration::try_from(date - now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(code: u16) -> Ending {
        Ending::Status(StatusCode::from_u16(code).unwrap())
    }

    fn tries(nature: Nature, ending: Ending, told: Option<Duration>) -> u32 {
        let mut attempts = Attempts::default();
        let mut sent = 1;
        while attempts.again(nature, ending, told).is_some() {
            sent += 1;
        }
        sent
    }

    #[test]
    fn reads_again_what_may_end_differently() {
        for code in [408, 500, 502, 503, 504] {
            assert_eq!(tries(Nature::Read, status(code), None), ATTEMPTS, "{code}");
        }
        for code in [400, 401, 403, 404, 409, 501] {
            assert_eq!(tries(Nature::Read, status(code), None), 1, "{code}");
        }
        assert_eq!(tries(Nature::Vital, status(404), None), ATTEMPTS);
        assert_eq!(tries(Nature::Vital, status(403), None), 1);
        assert_eq!(tries(Nature::Read, Ending::TimedOut, None), 2);
        assert_eq!(tries(Nature::Read, status(429), None), 1 + REFUSALS);
    }

    #[test]
    fn never_asks_twice_for_what_may_have_created_keys() {
        let second = Some(Duration::from_secs(1));
        for code in [400, 403, 404, 408, 409, 500, 502, 503, 504] {
            assert_eq!(tries(Nature::MayCreate, status(code), None), 1, "{code}");
        }
        assert_eq!(tries(Nature::MayCreate, status(500), second), 1);
        assert_eq!(tries(Nature::MayCreate, Ending::TimedOut, None), 1);
        assert_eq!(tries(Nature::MayCreate, Ending::NoStatus, None), 1);
        // Refused before, or certainly done.
        assert_eq!(tries(Nature::MayCreate, status(429), None), 1 + REFUSALS);
        assert_eq!(tries(Nature::MayCreate, status(503), second), ATTEMPTS);
        assert_eq!(tries(Nature::MayCreate, Ending::NotSent, None), ATTEMPTS);
        assert_eq!(tries(Nature::MayCreate, Ending::BadBody, None), ATTEMPTS);
    }

    #[test]
    fn waits_as_long_as_it_is_told_and_longer_each_time() {
        let mut attempts = Attempts::default();
        let seconds = Duration::from_secs(17);
        let told = Some(seconds);
        let pause = |attempts: &mut Attempts, ending, told| {
            attempts.again(Nature::Read, ending, told).unwrap()
        };
        assert_eq!(pause(&mut attempts, status(429), told), seconds);
        assert!(pause(&mut attempts, status(503), told) >= seconds);
        let pauses: Vec<_> = (0..2)
            .map(|_| pause(&mut attempts, status(500), None).as_secs_f64())
            .collect();
        assert!((2.0..=4.0).contains(&pauses[0]), "{pauses:?}");
        assert!((4.0..=8.0).contains(&pauses[1]), "{pauses:?}");
    }

    #[test]
    fn reads_seconds_and_dates() {
        let now: jiff::Timestamp = "2026-03-01T00:00:00Z".parse().unwrap();
        let seconds = |text| retry_after(text, now).map(|told| told.as_secs());
        assert_eq!(seconds("17"), Some(17));
        assert_eq!(seconds("Sun, 01 Mar 2026 00:01:00 GMT"), Some(60));
        assert_eq!(seconds("Sun, 01 Mar 2020 00:01:00 GMT"), Some(0));
        assert_eq!(seconds("soon"), None);
    }
}
