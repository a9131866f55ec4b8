//! One bucket: our count of what the service has left for us.

use std::time::Duration;
use tokio::time::Instant;

/// Requests that are sent before the first answer has told how much there is.
const BLIND: u32 = 4;

/// No bucket is taken for smaller, however little an interrupted sweep left in
/// it.
const LEAST_BURST: f64 = 10.0;

/// An answer that took longer tells of a past that others have told of since.
const FRESH: Duration = Duration::from_secs(2);

/// Beyond what the service asked for: clocks differ, and an early request makes
/// it start its wait again.
const SLACK: Duration = Duration::from_millis(150);

/// Our count of one bucket of the service.
pub(super) struct Bucket {
    /// How many we may send, those under way taken off.
    tokens: f64,
    /// The most that was ever told: more does not gather while we are idle.
    burst: f64,
    /// Tokens a second, as far as it is known.
    rate: f64,
    updated: Instant,
    shut_until: Option<Instant>,
    /// Whether an answer has told how much there is.
    known: bool,
    under_way: u32,
    /// Requests sent so far.
    sent: u64,
}

/// Whether a request may go.
pub(super) enum Go {
    /// It may, as the number given.
    Now(u64),
    /// Not before that time.
    At(Instant),
    /// When an answer has come.
    OnceTold,
}

impl Bucket {
    pub(super) fn new(burst: f64, rate: f64, now: Instant) -> Self {
        Self {
            tokens: burst,
            burst,
            rate,
            updated: now,
            shut_until: None,
            known: false,
            under_way: 0,
            sent: 0,
        }
    }

    /// Takes a token, if there is one.
    pub(super) fn take(&mut self, now: Instant) -> Go {
        self.refill(now);
        if let Some(until) = self.shut_until {
            if now < until {
                return Go::At(until);
            }
            self.shut_until = None;
        }
        if !self.known && self.under_way >= BLIND {
            return Go::OnceTold;
        }
        if self.tokens < 1.0 {
            let missing = Duration::from_secs_f64((1.0 - self.tokens) / self.rate);
            return Go::At(now + missing.max(Duration::from_millis(1)));
        }
        self.tokens -= 1.0;
        self.under_way += 1;
        self.sent += 1;
        Go::Now(self.sent)
    }

    /// A request is over, answered or not.
    pub(super) fn landed(&mut self) {
        self.under_way = self.under_way.saturating_sub(1);
    }

    /// The answer to request `number` said that `left` were left after it.
    pub(super) fn told(&mut self, now: Instant, number: u64, sent: Instant, left: f64) {
        self.refill(now);
        let took = now.saturating_duration_since(sent);
        // Those sent since are not in that number, nor what has come in since.
        let since = (self.sent - number) as f64;
        let told = left - since + took.as_secs_f64() * self.rate;
        if !self.known {
            self.known = true;
            self.burst = left.max(LEAST_BURST);
            self.tokens = told;
        } else if took <= FRESH {
            self.learn(told - self.tokens);
            self.burst = self.burst.max(left);
            self.tokens = told;
        } else {
            self.tokens = self.tokens.min(told);
        }
        self.tokens = self.tokens.min(self.burst);
    }

    /// An answer that does not tell: the documented allowance has to do.
    pub(super) fn told_nothing(&mut self) {
        self.known = true;
    }

    /// Refused, and told when to come back.
    pub(super) fn refused(&mut self, now: Instant, pause: Duration) {
        self.refill(now);
        if self.shut_until.is_none() {
            // We were faster than the service lets us be.
            self.rate = (self.rate * 0.7).max(0.1);
        }
        self.shut(now + pause);
    }

    /// Nothing goes before that time; then one, whose answer tells the rest.
    pub(super) fn shut(&mut self, until: Instant) {
        let until = until + SLACK;
        if self.shut_until.is_none_or(|before| before < until) {
            self.shut_until = Some(until);
            self.tokens = 1.0;
            self.updated = until;
        }
    }

    /// A bucket that runs dry shows its rate in how far our count was off.
    fn learn(&mut self, off: f64) {
        if self.tokens > self.burst / 2.0 {
            return;
        }
        if off > 2.0 {
            self.rate = (self.rate * 1.1).min(1_000.0);
        } else if off < -2.0 {
            self.rate = (self.rate * 0.95).max(0.1);
        }
    }

    fn refill(&mut self, now: Instant) {
        if let Some(time) = now.checked_duration_since(self.updated) {
            self.tokens = (self.tokens + time.as_secs_f64() * self.rate).min(self.burst);
            self.updated = now;
        }
    }
}
