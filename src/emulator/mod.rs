//! The second tower: an emulated tenant, which whoever speaks HTTP can use in place of a real one.
//!
//! In reading order: [`answer`] (a request and its answer), [`tenant`] (all state), [`knobs`] (its pace and limits),
//! `propagation` and `detection` (what is in effect when, what touches what), [`kql`] and [`hunting`] (queries of what
//! was seen), [`faults`] (misbehaviour), `faces` (one
//! API each, from request to answer), [`details`] (what a client needs to know), [`serve`] and [`tls`] (the long-lived
//! server). It knows nothing of the harness: not of its clients, nor of the rule by which it tells whose alert is whose.

pub mod answer;
mod certificate;
pub mod details;
pub mod detection;
pub mod faces;
pub mod faults;
pub mod hunting;
mod jwt;
pub mod knobs;
pub mod kql;
pub mod mocks;
mod noise;
mod odata;
mod propagation;
mod roles;
pub mod serve;
pub mod tenant;
pub mod tls;
mod tokens;
mod trie;

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;

use crate::{
    clock::Clock,
    emulator::{
        answer::{Answer, Request},
        details::Details,
        faults::rule::{Fault, Subject},
        knobs::Knobs,
        tenant::{FIRST_DEVICE, Tenant},
    },
};

/// How an emulator is to be.
#[derive(Debug, Clone)]
pub struct Options {
    /// The clock it lives by.
    pub clock: Clock,
    /// What its ids, keys and delays follow from.
    pub seed: u64,
    /// Its pace and limits.
    pub knobs: Knobs,
}

/// An emulated tenant behind its one lock, and the way in.
#[derive(Debug)]
pub struct Emulator {
    clock: Clock,
    seed: u64,
    tenant: Mutex<Tenant>,
    panics: Mutex<VecDeque<String>>,
}

/// Larger bodies are refused: a bulk upload of 5000 definitions of full length is a little less.
const LARGEST_BODY: usize = 16 << 20;

/// How many panics are remembered.
const PANICS_KEPT: usize = 32;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The real services count time in ticks of 100 nanoseconds: what they write is what they compare.
fn whole_ticks(time: Timestamp) -> Timestamp {
    let nanoseconds = time.as_nanosecond();
    Timestamp::from_nanosecond(nanoseconds - nanoseconds.rem_euclid(100)).unwrap_or(time)
}

impl Emulator {
    /// A new tenant.
    pub fn new(options: Options) -> Self {
        Self {
            tenant: Mutex::new(Tenant::new(options.seed, options.knobs)),
            clock: options.clock,
            seed: options.seed,
            panics: Mutex::default(),
        }
    }

    /// The clock that the tenant lives by.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// What ids, keys and delays follow from.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Does something with the tenant at the present moment, with nobody else at it meanwhile, after everything that was
    /// due by then.
    pub fn with<T>(&self, work: impl FnOnce(&mut Tenant, Timestamp) -> T) -> T {
        let mut tenant = lock(&self.tenant);
        let now = whole_ticks(self.clock.now());
        tenant.settle(now);
        work(&mut tenant, now)
    }

    /// Answers a request. A panic on the way is answered like any internal error, and remembered.
    pub fn answer(&self, request: &Request) -> Answer {
        if request.body.len() > LARGEST_BODY {
            return Answer::message(413, "The request body is larger than 16 MiB.");
        }
        self.guarded(request, || faces::answer(self, request))
    }

    /// The faults that apply to a request, each counted as used once more.
    fn exchange_faults(&self, face: &str, request: &Request) -> Vec<Fault> {
        let subject = Subject::Exchange { face, method: &request.method, path: &request.path };
        let now = whole_ticks(self.clock.now());
        lock(&self.tenant).faults.applying(&subject, now)
    }

    fn guarded(&self, request: &Request, work: impl FnOnce() -> Answer) -> Answer {
        catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|payload| {
            let text = payload.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("a panic without words");
            tracing::error!(method = %request.method, path = %request.path, "the emulator has a defect: {text}");
            let mut panics = lock(&self.panics);
            if panics.len() == PANICS_KEPT {
                panics.pop_front();
            }
            panics.push_back(format!("{} {}: {text}", request.method, request.path));
            Answer::message(500, "An error has occurred.")
        })
    }

    /// The latest panics while answering: the request and the panic's own words. Empty unless the emulator has a defect.
    pub fn panics(&self) -> Vec<String> {
        lock(&self.panics).iter().cloned().collect()
    }

    /// What a client needs to know, when it reaches this emulator under `base` (a URL without a slash at its end) and the
    /// sensor's proxy at `sensor_proxy`.
    pub fn details(&self, base: &str, sensor_proxy: &str) -> Details {
        let tenant = lock(&self.tenant);
        let id = tenant.id();
        let device = tenant.device(FIRST_DEVICE);
        Details {
            authorization_url: format!("{base}/{id}/oauth2/token"),
            token_url: format!("{base}/{id}/oauth2/v2.0/token"),
            tenant_id: id.to_owned(),
            client_id: tenant.application().client_id().to_owned(),
            client_secret: tenant.secret().to_owned(),
            resource: "https://graph.windows.net".to_owned(),
            legacy_api: format!("{base}/ti/V1.0/"),
            alert_export_api: format!("{base}/export/api/alerts"),
            endpoint_api: format!("{base}/endpoint/api"),
            graph_api: format!("{base}/graph/v1.0"),
            portal: format!("{base}/portal"),
            sensor_proxy: sensor_proxy.to_owned(),
            control: format!("{base}/control"),
            device_name: device.map(|device| device.name.clone()).unwrap_or_default(),
            device_id: device.map(|device| device.id.clone()).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tenant_s_time_is_one_that_it_can_write() {
        let origin: Timestamp = "2026-11-24T12:00:00.123456789Z".parse().expect("a moment");
        let clock = Clock::jumping(origin);
        let emulator = Emulator::new(Options { clock, seed: 1, knobs: Knobs::default() });
        assert_eq!(emulator.with(|_, now| now).to_string(), "2026-11-24T12:00:00.1234567Z");
        assert_eq!(whole_ticks(Timestamp::MIN), Timestamp::MIN);
    }

    #[test]
    fn a_panic_while_answering_is_an_internal_error_and_is_remembered() {
        let clock = Clock::jumping(Timestamp::UNIX_EPOCH);
        let emulator = Emulator::new(Options { clock, seed: 1, knobs: Knobs::default() });
        let request = Request {
            method: "GET".into(),
            host: "localhost".into(),
            port: None,
            scheme: "http",
            proxied: false,
            path: "/portal".into(),
            query: String::new(),
            headers: Vec::new(),
            body: Vec::new(),
        };
        for n in 0..=PANICS_KEPT {
            let answer = emulator.guarded(&request, || emulator.with(|_, _| panic!("defect {n}")));
            assert_eq!((answer.status, answer.body), (500, br#"{"Message":"An error has occurred."}"#.to_vec()));
        }
        let panics = emulator.panics();
        assert_eq!((panics.len(), panics[0].as_str()), (PANICS_KEPT, "GET /portal: defect 1"));
        assert!(emulator.with(|tenant, _| tenant.device(FIRST_DEVICE).is_some()), "the tenant is there all the same");
    }
}
