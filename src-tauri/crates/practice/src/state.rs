//! What the servers share while the tenant runs.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::{
    Clock, Facts, KnobProblem, Knobs, Options, Scenario,
    graph::Throttle,
    population::{Directory, Identifiers, Member, mix},
    registration::{Password, Registration, Seed, TenantIds},
    tls::SigningKey,
};

/// What the servers share while the tenant runs.
pub(crate) struct Tenant {
    pub(crate) facts: Facts,
    pub(crate) ids: TenantIds,
    pub(crate) ca_pem: String,
    pub(crate) signing: SigningKey,
    pub(crate) run_key: [u8; 32],
    pub(crate) directory: Directory,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) requests: AtomicU64,
    pub(crate) nested: Mutex<HashMap<u32, Arc<Vec<Member>>>>,
    requested: Vec<String>,
    consent_delay: SignedDuration,
    seed: u64,
    drawn: AtomicU64,
    changing: Mutex<Changing>,
}

/// Everything that knobs, consent and writes change.
pub(crate) struct Changing {
    pub(crate) scenario: Scenario,
    pub(crate) registration: Registration,
    pub(crate) latency: Duration,
    pub(crate) page_size: Option<u16>,
    pub(crate) throttle: Throttle,
}

/// What is only known once the listeners are bound and the keys are made.
pub(crate) struct Born {
    pub(crate) facts: Facts,
    pub(crate) ids: TenantIds,
    pub(crate) directory: Directory,
    pub(crate) keys: crate::tls::Keys,
}

impl Tenant {
    pub(crate) fn new(options: Options, born: Born) -> Self {
        let Born { facts, ids, directory, keys } = born;
        let now = options.clock.now();
        let consent_delay = SignedDuration::try_from(options.consent_delay).unwrap_or(SignedDuration::MAX);
        let registration = Registration::new(
            options.scenario,
            &Seed {
                ids,
                requested: &options.requested,
                secret: &facts.client_secret,
                seed: options.population.seed,
                consent_delay,
                now,
            },
        );
        Self {
            ids,
            ca_pem: keys.ca_pem,
            signing: keys.signing,
            run_key: keys.run,
            directory,
            requests: AtomicU64::new(0),
            nested: Mutex::default(),
            requested: options.requested,
            consent_delay,
            seed: options.population.seed,
            drawn: AtomicU64::new(0),
            changing: Mutex::new(Changing {
                scenario: options.scenario,
                registration,
                latency: options.latency,
                page_size: options.page_size.filter(|size| *size > 0),
                throttle: Throttle::new(options.quota, options.fail_every, now),
            }),
            clock: options.clock,
            facts,
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The changing part; held for moments only, never across an await.
    pub(crate) fn changing(&self) -> MutexGuard<'_, Changing> {
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A fresh id for a trace, a request or a key.
    pub(crate) fn draw_id(&self) -> Uuid {
        let number = self.drawn.fetch_add(1, Ordering::Relaxed);
        Identifiers::new(self.seed, 0x0064_7261_776e).id(number as u32)
    }

    /// A fresh number.
    pub(crate) fn draw(&self) -> u64 {
        mix(self.seed, 0x6472_6177, self.drawn.fetch_add(1, Ordering::Relaxed))
    }

    /// Turns knobs, or refuses and changes nothing.
    pub(crate) fn set(&self, knobs: &Knobs) -> Result<(), KnobProblem> {
        knobs.validate()?;
        let now = self.now();
        let mut changing = self.changing();
        if let Some(latency) = knobs.latency_ms {
            changing.latency = Duration::from_millis(latency);
        }
        if let Some(quota) = knobs.quota {
            changing.throttle.set_quota((quota > 0).then_some(quota), now);
        }
        if let Some(size) = knobs.page_size {
            changing.page_size = (size > 0).then_some(size);
        }
        if let Some(every) = knobs.fail_every {
            changing.throttle.set_fail_every(every);
        }
        if let Some(scenario) = knobs.scenario {
            self.enter(&mut changing, scenario, now);
        }
        Ok(())
    }

    /// Puts the registration into the scenario's state. Secrets that were added meanwhile stay.
    fn enter(&self, changing: &mut Changing, scenario: Scenario, now: Timestamp) {
        let seed = Seed {
            ids: self.ids,
            requested: &self.requested,
            secret: &self.facts.client_secret,
            seed: self.seed,
            consent_delay: self.consent_delay,
            now,
        };
        let mut registration = Registration::new(scenario, &seed);
        let added: Vec<Password> = changing
            .registration
            .passwords
            .iter()
            .filter(|password| password.key_id != self.ids.secret)
            .cloned()
            .collect();
        registration.passwords.extend(added);
        changing.registration = registration;
        changing.scenario = scenario;
    }

    pub(crate) fn seed(&self) -> u64 {
        self.seed
    }
}
