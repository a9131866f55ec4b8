//! Against a service that counts as the real one is documented to: on tokio's
//! own clock, so that minutes pass in no time.

use super::*;
use reqwest::header::{HeaderName, HeaderValue};
use std::cell::RefCell;
use std::rc::Rc;

/// The service's side of one bucket.
struct Service {
    burst: f64,
    rate: f64,
    tokens: f64,
    updated: Instant,
    shut_until: Option<Instant>,
    granted: u32,
    refused: u32,
    early: u32,
}

impl Service {
    fn new(burst: f64, rate: f64) -> Self {
        Self {
            burst,
            rate,
            tokens: burst,
            updated: Instant::now(),
            shut_until: None,
            granted: 0,
            refused: 0,
            early: 0,
        }
    }

    /// A request arrives: what is left, or when to come back.
    fn ask(&mut self) -> Result<f64, Duration> {
        let now = Instant::now();
        let passed = now - self.updated;
        self.tokens = (self.tokens + passed.as_secs_f64() * self.rate).min(self.burst);
        self.updated = now;
        if let Some(until) = self.shut_until
            && now < until
        {
            self.early += 1;
            return Err(until - now);
        }
        if self.tokens < 1.0 {
            self.refused += 1;
            let pause = Duration::from_secs_f64(((1.0 - self.tokens) / self.rate).ceil());
            self.shut_until = Some(now + pause);
            return Err(pause);
        }
        self.tokens -= 1.0;
        self.granted += 1;
        Ok(self.tokens.floor())
    }
}

fn meter(scope: &str) -> Meter {
    Meter {
        scope: scope.into(),
        class: Class::Writes,
    }
}

fn header(left: f64) -> HeaderMap {
    let name = HeaderName::from_static("x-ms-ratelimit-remaining-subscription-writes");
    HeaderMap::from_iter([(name, HeaderValue::from_str(&left.to_string()).unwrap())])
}

/// Runs it on a clock that goes on when nobody has anything to do.
fn simulated<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, work)
}

/// Sends one request, if there is a turn for it before `end`.
async fn ask(
    throttle: &Throttle,
    service: &RefCell<Service>,
    meter: &Meter,
    end: Instant,
    latency: Duration,
) -> bool {
    let Some(permit) = throttle.permit(meter, end).await else {
        return false;
    };
    tokio::time::sleep(latency / 2).await;
    let answer = service.borrow_mut().ask();
    tokio::time::sleep(latency / 2).await;
    let (status, headers, told) = match answer {
        Ok(left) => (StatusCode::OK, header(left), None),
        Err(pause) => (StatusCode::TOO_MANY_REQUESTS, header(0.0), Some(pause)),
    };
    throttle.answered(&permit, meter.class, status, &headers, told);
    true
}

/// `workers` ask one after the other for `time`; an answer takes `latency`.
fn run(burst: f64, rate: f64, workers: usize, time: Duration, latency: Duration) -> Counts {
    simulated(async move {
        let service = Rc::new(RefCell::new(Service::new(burst, rate)));
        let throttle = Rc::new(Throttle::default());
        let end = Instant::now() + time;
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..workers {
            let (throttle, service) = (Rc::clone(&throttle), Rc::clone(&service));
            tasks.spawn_local(async move {
                while ask(&throttle, &service, &meter("s"), end, latency).await {}
            });
        }
        while tasks.join_next().await.is_some() {}
        let service = service.borrow();
        Counts {
            used: f64::from(service.granted) / (burst + rate * time.as_secs_f64()),
            refused: service.refused,
            early: service.early,
        }
    })
}

struct Counts {
    /// Of the allowance: the burst, and what came back in the time.
    used: f64,
    refused: u32,
    early: u32,
}

const TIME: Duration = Duration::from_secs(90);

#[test]
fn uses_the_documented_allowance_and_is_never_refused() {
    for latency in [5, 50, 400, 2_500] {
        let counts = run(200.0, 10.0, 32, TIME, Duration::from_millis(latency));
        assert!(counts.used > 0.95, "{latency} ms: {}", counts.used);
        assert_eq!((counts.refused, counts.early), (0, 0), "{latency} ms");
    }
}

/// 20 subscriptions with 500 apps of 20 functions each, as a sweep reads them:
/// 32 apps of a subscription at a time, an app request by request.
#[test]
fn a_large_tenant_is_swept_at_the_pace_of_its_allowance() {
    const SUBSCRIPTIONS: usize = 20;
    const APPS: u32 = 500;
    const REQUESTS: u32 = 1 + 20;
    let (burst, rate, latency) = (200.0, 10.0, Duration::from_millis(200));
    simulated(async move {
        let throttle = Rc::new(Throttle::default());
        let begun = Instant::now();
        let end = begun + Duration::from_hours(2);
        let mut subscriptions = tokio::task::JoinSet::new();
        for number in 0..SUBSCRIPTIONS {
            let throttle = Rc::clone(&throttle);
            subscriptions.spawn_local(async move {
                let meter = meter(&format!("s{number}"));
                let service = Rc::new(RefCell::new(Service::new(burst, rate)));
                let left = Rc::new(std::cell::Cell::new(APPS));
                let mut workers = tokio::task::JoinSet::new();
                for _ in 0..32 {
                    let (throttle, service) = (Rc::clone(&throttle), Rc::clone(&service));
                    let (meter, left) = (meter.clone(), Rc::clone(&left));
                    workers.spawn_local(async move {
                        while let Some(apps) = left.get().checked_sub(1) {
                            left.set(apps);
                            for _ in 0..REQUESTS {
                                assert!(ask(&throttle, &service, &meter, end, latency).await);
                            }
                        }
                    });
                }
                workers.join_all().await;
                let service = service.borrow();
                let most = burst + rate * begun.elapsed().as_secs_f64();
                let used = f64::from(service.granted) / most;
                assert_eq!(service.granted, APPS * REQUESTS);
                assert_eq!((service.refused, service.early), (0, 0));
                assert!(used > 0.95, "{used}");
            });
        }
        subscriptions.join_all().await;
    });
}

#[test]
fn learns_that_there_is_more() {
    let counts = run(400.0, 50.0, 64, TIME, Duration::from_millis(50));
    assert!(counts.used > 0.95, "{}", counts.used);
    assert_eq!((counts.refused, counts.early), (0, 0));
}

#[test]
fn learns_that_there_is_less_and_asks_no_second_time_early() {
    for (burst, rate) in [(5.0, 2.0), (20.0, 3.0), (1.0, 0.5)] {
        let counts = run(burst, rate, 32, TIME, Duration::from_millis(80));
        assert!(counts.used > 0.7, "{burst}/{rate}: {}", counts.used);
        assert!(counts.refused < 20, "{burst}/{rate}: {}", counts.refused);
        // What was under way when the first refusal came, and nothing later.
        assert!(
            counts.early <= counts.refused * 4,
            "{burst}/{rate}: {}",
            counts.early
        );
    }
}

#[test]
fn waits_for_the_quota_of_resource_graph() {
    let text = |text| HeaderValue::from_static(text);
    let headers = HeaderMap::from_iter([
        (
            HeaderName::from_static("x-ms-user-quota-remaining"),
            text("0"),
        ),
        (
            HeaderName::from_static("x-ms-user-quota-resets-after"),
            text("00:01:05"),
        ),
    ]);
    assert_eq!(resets_after(&headers), Some(Duration::from_secs(65)));
}
