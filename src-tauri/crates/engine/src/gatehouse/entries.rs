//! What the admin enters: checked, saved, and evidence that no longer holds is dropped.

use entra::{Endpoints, TenantRef};
use jiff::civil::Date;
use secrecy::SecretString;
use uuid::Uuid;

use super::{Gatehouse, beginning::refuse_while_rotating, lock, vault_fault};
use crate::{
    connection::{AccessRule, Connection, TenantEntry},
    consent_callback::ConsentRedirect,
    evidence::{ConsentAnswer, Evidence},
    fault::Fault,
    gateways::App,
    input::{self, Verdict},
    journey::Step,
    profile::DEFAULT_PROFILE,
    store::can_name_a_file,
    sync::Standing,
    vault::VaultFault,
};

/// A connection that is about to begin.
#[derive(Clone, Debug)]
pub struct NewConnection {
    /// Name for lists.
    pub name: String,
    /// Cloud, or loopback endpoints.
    pub endpoints: Endpoints,
    /// It belongs to the practice tenant.
    pub practice: bool,
    /// Extra trust anchors as a PEM file.
    pub ca_file: Option<String>,
}

/// Step 2.
#[derive(Clone, Debug)]
pub struct Registration {
    /// Tenant ID or domain, as typed.
    pub tenant: String,
    /// Client ID, as typed.
    pub client_id: String,
    /// Name, as typed.
    pub name: String,
}

/// Step 3.
pub struct SecretEntry {
    /// The secret, as pasted.
    pub secret: SecretString,
    /// The day it ends.
    pub ends_on: Option<Date>,
    /// Where to keep it.
    pub keep: Keep,
}

/// Where a secret is to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// The keychain of the operating system.
    Keychain,
    /// Memory, until the program ends.
    Session,
    /// Memory; it came by environment, file or standard input.
    Caller,
}

impl Gatehouse {
    /// Begins a connection and saves it. Gateways that stand under its id, as after the connections were lost, are its own
    /// once it is for the same app.
    ///
    /// # Errors
    /// The connections or the gateways cannot be read or saved.
    pub fn create(&self, new: NewConnection) -> Result<Connection, Fault> {
        let made = self.inner.store.add(self.begin(new), &*self.inner.clock)?;
        self.gateway_store().orphan(&made.id, &*self.inner.clock)?;
        Ok(made)
    }

    /// Begins a connection that lives in memory only, such as one from environment variables. The same `key` (what
    /// it connects to) gives the same id, and so the same stored directory, in every run.
    pub fn adopt(&self, new: NewConnection, key: &str) -> Connection {
        let mut connection = self.begin(new);
        connection.id = format!("{}-{}", connection.id, crate::export::short_hash(key));
        self.inner.store.adopt(connection.clone());
        connection
    }

    /// Works on a copy of a saved connection in memory from now on, so that what a command's flags change is not saved.
    ///
    /// # Errors
    /// There is none of this id, or the file cannot be read.
    pub fn detach(&self, id: &str) -> Result<(), Fault> {
        self.inner.store.detach(self.connection(id)?);
        // What an earlier run with other flags read is not this run's.
        Self::remove_directory(&self.snapshot(id))
    }

    fn begin(&self, new: NewConnection) -> Connection {
        Connection {
            id: id_from(&new.name),
            name: new.name,
            practice: new.practice,
            endpoints: new.endpoints,
            ca_file: new.ca_file,
            tenant: None,
            client_id: None,
            credential: None,
            profile: DEFAULT_PROFILE.to_owned(),
            custom_permissions: Vec::new(),
            access: Vec::new(),
            current_step: Step::Prepare,
            evidence: Evidence::default(),
            checked_at: None,
            saved_at: self.now(),
            sequence: 0,
            sync_standing: Standing::default(),
            rotation: None,
            last_rotation: None,
        }
    }

    /// Removes a connection with its secret, its directory snapshot and its earlier runs.
    ///
    /// # Errors
    /// There is none of this id, or something of it cannot be removed; then nothing else was.
    pub fn remove(&self, id: &str) -> Result<(), Fault> {
        let _running = self.inner.running.begin(id)?;
        let _held = self.hold_credentials(id)?;
        let connection = self.connection(id)?;
        let beside = connection.rotation.as_ref().map(|rotation| &rotation.other);
        for credential in connection.credential.iter().chain(beside) {
            match self.forget(id, credential) {
                // Without a keychain there is no secret of this connection on this computer.
                Ok(()) | Err(VaultFault::Missing) => {}
                Err(fault) => return Err(vault_fault(&fault)),
            }
        }
        self.forget_leftovers(id);
        Self::remove_directory(&self.snapshot(id))?;
        self.forget_runs(id)?;
        self.forget_gateways(id)?;
        self.inner.store.remove(id, &*self.inner.clock)
    }

    /// Remembers the step the admin is at.
    ///
    /// # Errors
    /// There is none of this id, or it cannot be saved.
    pub fn go_to(&self, id: &str, step: Step) -> Result<Connection, Fault> {
        self.change(id, |connection| {
            connection.current_step = step;
            Ok(())
        })
    }

    /// Step 1. Another cloud drops all evidence.
    ///
    /// # Errors
    /// The profile is unknown, it is another cloud and a rotation is under way, or the connection cannot be saved.
    pub fn save_prepare(
        &self,
        id: &str,
        endpoints: Endpoints,
        profile_id: &str,
    ) -> Result<Connection, Fault> {
        let profile = self.profiles().get(profile_id)?;
        let is_copy = self.inner.store.is_detached(id);
        self.change(id, |connection| {
            if connection.endpoints != endpoints {
                refuse_while_rotating(connection, is_copy, "cloud")?;
                connection.endpoints = endpoints;
                connection.forget_from_network();
            }
            if connection.profile != profile_id {
                profile_id.clone_into(&mut connection.profile);
                connection.access.retain(|rule| {
                    rule.role == crate::access::NO_ACCESS || profile.role(&rule.role).is_some()
                });
            }
            Ok(())
        })
    }

    /// Lets a practice connection follow the practice tenant to the ports and the CA of its present run.
    ///
    /// # Errors
    /// The connection is not a practice one, or it cannot be saved.
    pub fn move_practice(&self, id: &str, endpoints: Endpoints, ca_file: &str) -> Result<Connection, Fault> {
        self.change(id, |connection| {
            only_practice(connection)?;
            if connection.endpoints != endpoints || connection.ca_file.as_deref() != Some(ca_file) {
                connection.endpoints = endpoints;
                connection.ca_file = Some(ca_file.to_owned());
                connection.forget_from_network();
            }
            Ok(())
        })
    }

    /// Leads a practice connection's requests through this proxy, or, with none, the usual way. It is used as long as
    /// this program runs, and not kept.
    ///
    /// # Errors
    /// The connection is unknown, or not a practice one.
    pub fn use_practice_proxy(&self, id: &str, proxy: Option<String>) -> Result<(), Fault> {
        only_practice(&self.connection(id)?)?;
        let mut proxies = lock(&self.inner.proxies);
        match proxy {
            Some(address) => proxies.insert(id.to_owned(), address),
            None => proxies.remove(id),
        };
        Ok(())
    }

    /// Step 2. Another tenant or app drops the evidence that was gathered with the old one.
    ///
    /// # Errors
    /// A field cannot be used, it is another tenant or app and a rotation is under way, or the connection cannot be saved.
    pub fn save_registration(&self, id: &str, entered: &Registration) -> Result<Connection, Fault> {
        let is_copy = self.inner.store.is_detached(id);
        let saved = self.change(id, |connection| {
            let known = connection.evidence.tenant.value().map(|tenant| tenant.id.to_string());
            let tenant = usable("tenant", input::tenant(&entered.tenant, &entered.client_id))?;
            let same_tenant = connection.tenant_ref() == tenant;
            let known_before = connection.tenant_id();
            let tenant_id = match &tenant {
                Some(TenantRef::Id(id)) => Some(id.to_string()),
                _ => known.filter(|_| same_tenant),
            };
            let client = input::client_id(&entered.client_id, &entered.tenant, tenant_id.as_deref());
            let client = usable("clientId", client)?.map(|id: Uuid| id.to_string());
            if let Some(name) = usable("name", input::name(&entered.name))? {
                connection.name = name;
            }
            if !same_tenant {
                // A domain and the id that it stands for are one tenant.
                if tenant_id.is_none() || tenant_id != known_before {
                    refuse_while_rotating(connection, is_copy, "tenant")?;
                }
                connection.tenant = tenant.map(|tenant| TenantEntry { text: tenant.to_string() });
                connection.forget_from_network();
            }
            if connection.client_id != client {
                refuse_while_rotating(connection, is_copy, "clientId")?;
                connection.client_id = client;
                connection.forget_from_app();
            }
            Ok(())
        })?;
        if let Some(app) = App::of(&saved).filter(|_| !is_copy) {
            self.gateway_store().belongs_to(id, &app, &*self.inner.clock)?;
        }
        Ok(saved)
    }

    /// Step 3. The secret goes to the vault and only its particulars are saved.
    ///
    /// # Errors
    /// Nothing was entered, a new credential is being handed out, or the keychain is missing or locked; the secret is not
    /// kept then. What was proven with the old one has to be proven again after a keychain refused.
    pub fn save_secret(&self, id: &str, entry: &SecretEntry) -> Result<Connection, Fault> {
        input::secret(&entry.secret).ok_or_else(super::keeping::no_secret_entered)?;
        let _held = self.hold_credentials(id)?;
        let before = self.connection(id)?.credential;
        let slot = self.untried(id)?;
        let new = self.keep_secret(id, slot, entry)?;
        self.entered(id, before.as_ref(), &new)
    }

    /// Keeps how the consent page sent the admin back; a hint only, judged beside the next token.
    ///
    /// # Errors
    /// There is none of this id, or it cannot be saved.
    pub fn record_consent_answer(&self, id: &str, redirect: ConsentRedirect) -> Result<Connection, Fault> {
        self.change(id, |connection| {
            let ConsentRedirect { error, aadsts } = redirect;
            connection.evidence.consent_answer = Some(ConsentAnswer { at: self.now(), error, aadsts });
            Ok(())
        })
    }

    /// Step 4, for the custom profile.
    ///
    /// # Errors
    /// A permission is unknown to Microsoft Graph, or the connection cannot be saved.
    pub fn save_permissions(&self, id: &str, permissions: Vec<String>) -> Result<Connection, Fault> {
        if permissions.is_empty() {
            return Err(Fault::field("permissions", "No permission was chosen.", "Choose at least one."));
        }
        if let Some(unknown) = permissions.iter().find(|name| entra::app_role(name).is_none()) {
            return Err(Fault::field(
                "permissions",
                format!("Microsoft Graph has no application permission named {unknown}."),
                "Choose from the list.",
            ));
        }
        self.change(id, |connection| {
            connection.custom_permissions = permissions;
            Ok(())
        })
    }

    /// Step 9.
    ///
    /// # Errors
    /// A role is not one of the profile's, a group stands twice, or the connection cannot be saved.
    pub fn save_access(&self, id: &str, rules: Vec<AccessRule>) -> Result<Connection, Fault> {
        self.change(id, |connection| {
            let profile = self.profile_of(connection)?;
            for (index, rule) in rules.iter().enumerate() {
                if rule.role != crate::access::NO_ACCESS && profile.role(&rule.role).is_none() {
                    return Err(Fault::field(
                        "role",
                        format!("The profile has no role named {}.", rule.role),
                        "Choose a role from the list.",
                    ));
                }
                if rules[..index].iter().any(|other| other.group_id == rule.group_id) {
                    return Err(Fault::field(
                        "group",
                        format!("{} stands twice.", rule.group_name),
                        "Keep one line for each group.",
                    ));
                }
            }
            connection.access = rules;
            Ok(())
        })
    }

    pub(super) fn change(
        &self,
        id: &str,
        change: impl FnOnce(&mut Connection) -> Result<(), Fault>,
    ) -> Result<Connection, Fault> {
        self.inner.store.update(id, &*self.inner.clock, change)
    }
}

fn only_practice(connection: &Connection) -> Result<(), Fault> {
    if connection.practice {
        return Ok(());
    }
    Err(Fault::field(
        "practice",
        "This connection belongs to a real tenant.",
        "Begin a practice connection instead.",
    ))
}

fn usable<T>(field: &'static str, verdict: Verdict<T>) -> Result<Option<T>, Fault> {
    match verdict {
        Verdict::Empty => Ok(None),
        Verdict::Fine { value, .. } => Ok(Some(value)),
        Verdict::Wrong { what, fix } => Err(Fault::field(field, what, fix)),
    }
}

/// Lower-case letters, digits and hyphens, from the name; files are called by it.
fn id_from(name: &str) -> String {
    let mut id = String::new();
    for c in name.to_lowercase().chars() {
        if c.is_ascii_alphanumeric() {
            id.push(c);
        } else if !id.ends_with('-') && !id.is_empty() {
            id.push('-');
        }
    }
    let id: String = id.trim_matches('-').chars().take(40).collect();
    match id.as_str() {
        "" => "connection".to_owned(),
        device if !can_name_a_file(device) => format!("connection-{device}"),
        _ => id,
    }
}

#[cfg(test)]
mod tests {
    use super::id_from;

    #[test]
    fn an_id_can_name_a_file_on_every_system() {
        for (name, id) in [
            ("Contoso print", "contoso-print"),
            ("Ä – ö", "connection"),
            ("Con", "connection-con"),
            ("AUX!", "connection-aux"),
            ("COM1", "connection-com1"),
            ("nul", "connection-nul"),
            ("Con 2", "con-2"),
        ] {
            assert_eq!(id_from(name), id);
        }
    }
}
