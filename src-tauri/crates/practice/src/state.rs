//! What the servers share while the tenant runs.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard,
        atomic::{AtomicU16, AtomicU64, Ordering},
    },
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::{
    ChangeProblem, Changes, Clock, Facts, KnobProblem, Knobs, Options, Scenario, Totals,
    certificate::ClientCertificate,
    changes::CurrentDirectory,
    graph::{Disturbance, NestedMembers, Throttle},
    http::escape,
    network::{Door, Face},
    population::{Directory, Identifiers, mix},
    registration::{KeyCredential, Password, Registration, Seed, TenantIds, awkward_secret},
    scenario::{Network, Plays, Printed},
    sessions::Sessions,
    tls::SigningKey,
};

/// What the servers share while the tenant runs.
pub(crate) struct Tenant {
    /// The true values.
    pub(crate) facts: Facts,
    misprints: Misprints,
    pub(crate) ids: TenantIds,
    pub(crate) ca_pem: String,
    pub(crate) signing: SigningKey,
    pub(crate) run_key: [u8; 32],
    directory: RwLock<CurrentDirectory>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) requests: AtomicU64,
    pub(crate) nested: Mutex<NestedMembers>,
    pub(crate) batches: AtomicU64,
    requested: Vec<String>,
    certificate: Option<ClientCertificate>,
    consent_delay: SignedDuration,
    seed: u64,
    drawn: AtomicU64,
    pub(crate) door: Door,
    scenario: AtomicU16,
    changing: Mutex<Changing>,
}

/// Everything that knobs, consent and writes change.
pub(crate) struct Changing {
    pub(crate) registration: Registration,
    /// Certificates that came by the portal's **Upload certificate**, with their ids.
    uploaded: Vec<(Uuid, ClientCertificate)>,
    pub(crate) sessions: Sessions,
    pub(crate) latency: Duration,
    /// How long a new secret is not known; none where the scenario says.
    pub(crate) secret_delay: Option<SignedDuration>,
    pub(crate) page_size: Option<u16>,
    pub(crate) throttle: Throttle,
    pub(crate) disturbance: Disturbance,
    /// Tokens that were drawn before this number are refused.
    pub(crate) forgotten_before: u64,
}

/// The facts with one value that was copied wrongly.
struct Misprints {
    object_id: Facts,
    secret_id: Facts,
    html_secret: Facts,
}

impl Misprints {
    fn of(facts: &Facts, seed: u64) -> Self {
        let facts = || facts.clone();
        Self {
            object_id: Facts { client_id: facts().app_object_id, ..facts() },
            secret_id: Facts { client_secret: facts().secret_id, ..facts() },
            html_secret: Facts { client_secret: escape(&awkward_secret(seed)), ..facts() },
        }
    }
}

/// What is only known once the listeners are bound and the keys are made.
pub(crate) struct Born {
    pub(crate) facts: Facts,
    pub(crate) ids: TenantIds,
    pub(crate) directory: Directory,
    pub(crate) keys: crate::tls::Keys,
    pub(crate) certificate: Option<ClientCertificate>,
}

impl Tenant {
    pub(crate) fn new(options: Options, born: Born) -> Self {
        let Born { facts, ids, directory, keys, certificate } = born;
        let now = options.clock.now();
        let consent_delay = SignedDuration::try_from(options.consent_delay).unwrap_or(SignedDuration::MAX);
        let registration = Registration::new(
            &options.scenario.plays(),
            &Seed {
                ids,
                requested: &options.requested,
                secret: &facts.client_secret,
                seed: options.population.seed,
                certificate: certificate.as_ref(),
                uploaded: &[],
                delay: consent_delay,
                now,
            },
        );
        Self {
            ids,
            ca_pem: keys.ca_pem,
            signing: keys.signing,
            run_key: keys.run,
            directory: RwLock::new(CurrentDirectory::new(directory, options.population.seed)),
            requests: AtomicU64::new(0),
            nested: Mutex::default(),
            batches: AtomicU64::new(0),
            requested: options.requested,
            certificate,
            consent_delay,
            seed: options.population.seed,
            drawn: AtomicU64::new(0),
            door: Door::new(Face::of(options.scenario.plays().network)),
            scenario: AtomicU16::new(options.scenario.to_bits()),
            changing: Mutex::new(Changing {
                registration,
                uploaded: Vec::new(),
                sessions: Sessions::default(),
                latency: options.latency,
                secret_delay: None,
                page_size: options.page_size.filter(|size| *size > 0),
                throttle: Throttle::new(options.quota, now),
                disturbance: Disturbance::new(options.fail_every),
                forgotten_before: 0,
            }),
            clock: options.clock,
            misprints: Misprints::of(&facts, options.population.seed),
            facts,
        }
    }

    /// The time on this server, which a scenario sets wrong.
    pub(crate) fn now(&self) -> Timestamp {
        match self.plays().network {
            Some(Network::ClockAhead(seconds)) => self.clock.now() + SignedDuration::from_secs(seconds),
            _ => self.clock.now(),
        }
    }

    pub(crate) fn scenario(&self) -> Scenario {
        Scenario::from_bits(self.scenario.load(Ordering::SeqCst))
    }

    /// What the rooms of the server play now.
    pub(crate) fn plays(&self) -> Plays {
        self.scenario().plays()
    }

    /// The changing part; held for moments only, never across an await.
    pub(crate) fn changing(&self) -> MutexGuard<'_, Changing> {
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The directory as it is now; held for moments only, never across an await, and never twice.
    pub(crate) fn directory(&self) -> RwLockReadGuard<'_, CurrentDirectory> {
        self.directory.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the directory, or refuses and changes nothing.
    pub(crate) fn change(&self, changes: &Changes) -> Result<Totals, ChangeProblem> {
        self.directory.write().unwrap_or_else(PoisonError::into_inner).change(changes)
    }

    /// Makes one small change of any kind.
    pub(crate) fn change_something(&self) {
        self.directory.write().unwrap_or_else(PoisonError::into_inner).change_something();
    }

    /// A fresh id for a trace, a request or a key.
    pub(crate) fn draw_id(&self) -> Uuid {
        let number = self.drawn.fetch_add(1, Ordering::Relaxed);
        Identifiers::new(self.seed, 0x0064_7261_776e).id(number as u32)
    }

    /// A fresh number.
    pub(crate) fn draw(&self) -> u64 {
        mix(self.seed, 0x6472_6177, self.draw_in_order())
    }

    /// A fresh number, higher than every one before.
    pub(crate) fn draw_in_order(&self) -> u64 {
        self.drawn.fetch_add(1, Ordering::SeqCst)
    }

    /// How long a grant, or a fresh secret, is not known in the scenarios that are about this.
    pub(crate) fn consent_delay(&self) -> SignedDuration {
        self.consent_delay
    }

    /// Turns knobs, or refuses and changes nothing.
    pub(crate) fn set(&self, knobs: &Knobs) -> Result<(), KnobProblem> {
        knobs.validate()?;
        let now = self.now();
        let mut changing = self.changing();
        if let Some(latency) = knobs.latency_ms {
            changing.latency = Duration::from_millis(latency);
        }
        if let Some(delay) = knobs.secret_delay_ms.and_then(|delay| i64::try_from(delay).ok()) {
            changing.secret_delay = (delay > 0).then(|| SignedDuration::from_millis(delay));
        }
        if let Some(quota) = knobs.quota {
            changing.throttle.set_quota((quota > 0).then_some(quota), now);
        }
        if let Some(size) = knobs.page_size {
            changing.page_size = (size > 0).then_some(size);
        }
        changing.disturbance.set(knobs, now);
        if knobs.forget_tokens == Some(true) {
            changing.forgotten_before = self.drawn.load(Ordering::SeqCst);
        }
        if let Some(scenario) = knobs.scenario {
            self.enter(&mut changing, scenario, now);
        }
        Ok(())
    }

    /// Puts the registration into the scenario's state. Secrets that were added meanwhile stay; uploaded certificates
    /// share the story of the one that was there before.
    fn enter(&self, changing: &mut Changing, scenario: Scenario, now: Timestamp) {
        let seed = Seed {
            ids: self.ids,
            requested: &self.requested,
            secret: &self.facts.client_secret,
            seed: self.seed,
            certificate: self.certificate.as_ref(),
            uploaded: &changing.uploaded,
            delay: self.consent_delay,
            now,
        };
        let mut registration = Registration::new(&scenario.plays(), &seed);
        let added: Vec<Password> = changing
            .registration
            .passwords
            .iter()
            .filter(|password| password.key_id != self.ids.secret)
            .cloned()
            .collect();
        registration.passwords.extend(added);
        changing.registration = registration;
        self.scenario.store(scenario.to_bits(), Ordering::SeqCst);
        self.door.want(Some(Face::of(scenario.plays().network)));
    }

    /// What **Upload certificate** does: the certificate is on the app from now on. Once only, however often it comes.
    ///
    /// # Errors
    /// The file is none that the portal takes; the text says why.
    pub(crate) fn upload(&self, file: &[u8]) -> Result<KeyCredential, String> {
        let certificate = ClientCertificate::read_upload(file)?;
        let mut changing = self.changing();
        let thumbprint = certificate.thumbprint();
        let is_this = |key: &KeyCredential| key.certificate.thumbprint() == thumbprint;
        let key_id = match changing.registration.keys.iter().find(|key| is_this(key)) {
            Some(known) => known.key_id,
            None => self.draw_id(),
        };
        let new = KeyCredential::new(key_id, &certificate);
        changing.registration.keys.retain(|key| !is_this(key));
        changing.registration.keys.push(new.clone());
        let is_kept = changing.uploaded.iter().any(|(_, kept)| kept.thumbprint() == thumbprint);
        if !is_kept && key_id != self.ids.certificate {
            changing.uploaded.push((key_id, certificate));
        }
        Ok(new)
    }

    /// What **Delete** beside a certificate does; false when there is none with this thumbprint.
    pub(crate) fn remove_certificate(&self, thumbprint: &str) -> bool {
        let mut changing = self.changing();
        changing.uploaded.retain(|(_, kept)| !kept.thumbprint().eq_ignore_ascii_case(thumbprint));
        let keys = &mut changing.registration.keys;
        let before = keys.len();
        keys.retain(|key| !key.certificate.thumbprint().eq_ignore_ascii_case(thumbprint));
        keys.len() < before
    }

    /// What Accept on the consent page does, which in some scenarios is nothing.
    pub(crate) fn accept_consent(&self) {
        if self.plays().consent.is_none() {
            let now = self.now();
            self.changing().registration.consent(now);
        }
    }

    /// The facts as somebody copied them.
    pub(crate) fn printed_facts(&self) -> &Facts {
        match self.plays().printed {
            None => &self.facts,
            Some(Printed::ObjectId) => &self.misprints.object_id,
            Some(Printed::SecretId) => &self.misprints.secret_id,
            Some(Printed::HtmlSecret) => &self.misprints.html_secret,
        }
    }

    pub(crate) fn seed(&self) -> u64 {
        self.seed
    }
}
