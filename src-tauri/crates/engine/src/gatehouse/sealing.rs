//! Sealed bundles for the gateways of a connection.

mod folder;
mod proof;

use std::{collections::BTreeSet, path::Path};

use bundle::{BundleContent, ConnectionIds, Recipient};
use jiff::{SignedDuration, Timestamp};

use super::{CurrentCredential, Gatehouse, Report, work::same_inputs};
use crate::{
    connection::Connection,
    export::{self, Existing},
    fault::{Fault, FaultCode},
    fleet::{self, Fleet, FleetFile, FleetHost},
    gateways::{
        self, FleetFiles, Gateway, Holding, Job, LeftOut, Run, SealFor, SealOutlook, SealRequest,
        SealWatcher, Sealed, Unproven,
    },
    outputs::{self, InstallFolder, OutputCredential, OutputSource},
};

const SIGNERS: &str = "allowed_signers";
const INSTRUCTIONS: &str = "OPEN.txt";

/// How long a bundle is good when nobody knows when its credential ends.
const WITHOUT_KNOWN_END: SignedDuration = SignedDuration::from_hours(90 * 24);

impl Gatehouse {
    /// Seals a bundle for each chosen gateway, and writes them into a folder together with `allowed_signers` and
    /// `OPEN.txt`. It keeps every core busy until it is done; [`cancel`](Self::cancel) stops it after the bundles that
    /// are under way.
    ///
    /// # Errors
    /// The connection is unknown, busy or not proven; a gateway is not in the list; the credential, the signing key or
    /// the folder cannot be used; files are there already; or the disk fails. Every bundle that was written is recorded.
    pub fn seal(&self, id: &str, request: &SealRequest, watcher: &dyn SealWatcher) -> Result<Sealed, Fault> {
        let running = self.inner.running.begin(id)?;
        let report = self.report(id)?;
        if request.unproven == Unproven::Refuse {
            proof::proven(&report)?;
        }
        let Report { connection, profile, .. } = report;
        let credential = self.current_credential(id)?;
        let credential_id = connection.credential.as_ref().map(|known| known.id()).unwrap_or_default();
        let created_at = whole_seconds(self.now())?;
        let ends_at = ends_at(&connection, request.ends_at, created_at)?;
        let ca_pem = self.ca_pem(&connection)?;
        let signer = self.signing_key(&connection, &request.signing_key)?;
        // Whatever else is missing is told before a number is given out.
        export::gateway_config(&connection, &profile, created_at)?;
        let folder = export::usable(&request.folder)?;
        let installed_in = InstallFolder::default();
        let signer_line = signer.verifying_key().allowed_signers_line();
        let signers = format!("{signer_line}\n");
        let (chosen, mut left_out) = self.chosen(&connection, &request.gateways)?;
        let fleet = |new: &[Gateway]| match request.fleet {
            FleetFiles::None => Ok(Vec::new()),
            FleetFiles::Ansible => self.fleet_files(&connection, &folder, &installed_in, new),
        };
        if request.existing == Existing::Keep {
            let coming = folder::Coming {
                chosen: &chosen,
                signers: signers.as_bytes(),
                all: &self.gateways(id)?.gateways,
                practice: connection.practice,
                fleet: &fleet(&chosen)?,
                fleet_so_far: &fleet(&[])?,
            };
            folder::keep_what_is_there(&folder, &coming)?;
        }

        // The proof and the credential in hand are those of the connection as it was asked about.
        let numbered = self.next_sequence(id)?;
        same_inputs(&numbered, &connection)?;
        let mut config = export::gateway_config(&numbered, &profile, created_at)?;
        config.sequence = numbered.sequence;
        let jobs = self.reserve(id, &chosen, numbered.sequence, &profile.outputs)?;
        std::fs::create_dir_all(&folder)
            .map_err(|error| Fault::storage("Could not make", &folder, &error))?;
        let _held = gateways::hold(&folder)?;
        gateways::remove_drafts(&folder);
        // What a bundle is opened with is there before the first one is, wherever the run ends.
        let allowed_signers = gateways::write_beside(&folder, SIGNERS, signers.as_bytes())?;
        let example = jobs
            .first()
            .map(|job| gateways::instructions(&job.gateway, job.recipient.kind(), connection.practice));
        let example = example.unwrap_or_default();
        let instructions = gateways::write_beside(&folder, INSTRUCTIONS, example.as_bytes())?;

        let ids = ConnectionIds {
            name: connection.name.clone(),
            tenant_id: config.tenant_id,
            client_id: config.client_id,
        };
        let content = |job: &Job| -> Result<BundleContent, Fault> {
            let source = OutputSource {
                gateway: job.gateway.as_str(),
                config: &config,
                credential: match &credential {
                    CurrentCredential::Secret(secret) => OutputCredential::Secret(secret),
                    CurrentCredential::CertificatePem(pem) => OutputCredential::CertificatePem(pem),
                },
                ca_pem: ca_pem.as_deref(),
                installed_in: &installed_in,
            };
            Ok(BundleContent {
                gateway: job.gateway.clone(),
                practice: connection.practice,
                connection: ids.clone(),
                credential_id: credential_id.clone(),
                sequence: job.sequence,
                created_at,
                ends_at,
                files: outputs::files(&source, &job.outputs)?,
            })
        };
        let made = gateways::seal_all(
            &jobs,
            &Run {
                folder: &folder,
                signer: &signer,
                content: &content,
                record: &|issued| {
                    self.change_gateways(id, |gateways| {
                        for (name, issued) in issued {
                            if let Some(gateway) = gateways::find_mut(gateways, name.as_str()) {
                                gateway.remember(issued.clone());
                            }
                        }
                        Ok(())
                    })
                },
                cancelled: &|| running.work.cancelled.is_cancelled(),
                watcher,
            },
        );
        if let Some(fault) = made.fault {
            return Err(fault);
        }
        let cancelled = made.files.len() + made.left_out.len() < jobs.len();
        left_out.extend(made.left_out);
        Ok(Sealed {
            allowed_signers,
            instructions,
            fleet: fleet(&[])?
                .iter()
                .map(|file| gateways::write_beside(&folder, file.name, &file.content))
                .collect::<Result<_, Fault>>()?,
            signed_by: signer.verifying_key().fingerprint(),
            signer_line,
            files: made.files,
            left_out,
            cancelled,
        })
    }

    /// What Ansible needs for every gateway whose bundle is in the folder, from this run or an earlier one, or is new.
    fn fleet_files(
        &self,
        connection: &Connection,
        folder: &Path,
        installed_in: &InstallFolder,
        new: &[Gateway],
    ) -> Result<Vec<FleetFile>, Fault> {
        let gateways = self.gateways(&connection.id)?.gateways;
        let new: BTreeSet<_> = new.iter().map(|gateway| &gateway.name).collect();
        let there = gateways
            .iter()
            .filter(|gateway| new.contains(&gateway.name) || folder.join(gateway.name.file_name()).exists());
        let keyed: Vec<(&Gateway, Recipient)> =
            there.filter_map(|gateway| Some((gateway, gateway.key()?))).collect();
        let hosts: Vec<FleetHost<'_>> = keyed
            .iter()
            .map(|(gateway, recipient)| FleetHost {
                gateway: &gateway.name,
                address: gateway.address.as_deref(),
                recipient,
            })
            .collect();
        let practice = connection.practice;
        fleet::ansible(&Fleet { connection: &connection.name, practice, installed_in, hosts: &hosts })
    }

    /// The gateways to seal for, and those that cannot be.
    fn chosen(
        &self,
        connection: &Connection,
        which: &SealFor,
    ) -> Result<(Vec<Gateway>, Vec<LeftOut>), Fault> {
        let mut all = self.gateways(&connection.id)?.gateways;
        let has_any = !all.is_empty();
        match which {
            SealFor::All => {}
            SealFor::Named(names) => {
                if let Some(unknown) = names.iter().find(|name| gateways::find(&all, name).is_none()) {
                    return Err(gateways::unknown_gateway(unknown));
                }
                all.retain(|known| names.iter().any(|name| known.name.as_str().eq_ignore_ascii_case(name)));
            }
            SealFor::HoldingOtherThanCurrent => {
                all.retain(|known| known.holding(connection) != Holding::Current);
            }
        }
        if all.is_empty() {
            let (what, fix) = match which {
                SealFor::HoldingOtherThanCurrent if has_any => (
                    "Every gateway has confirmed the current credential.",
                    "Nothing has to be sealed. To seal again all the same, choose the gateways by name.",
                ),
                _ => (
                    "This connection has no gateways yet.",
                    "Add gateways with their keys under Gateways, or with `gatehouse gateways`.",
                ),
            };
            return Err(Fault::new(FaultCode::NotReady, what, fix));
        }
        let mut left_out = Vec::new();
        all.retain(|gateway| match why_not(gateway, connection) {
            None => true,
            Some(because) => {
                left_out.push(LeftOut { gateway: gateway.name.clone(), because });
                false
            }
        });
        match left_out.first() {
            Some(LeftOut { gateway, because }) if all.is_empty() => {
                let what = format!("Nothing can be sealed for {gateway}: {because}");
                Err(Fault::new(FaultCode::NotReady, what, "Mend this under Gateways, then seal."))
            }
            _ => Ok((all, left_out)),
        }
    }

    /// Gives the export its number, above those of all bundles, saved before anything is sealed with it.
    fn next_sequence(&self, id: &str) -> Result<Connection, Fault> {
        let given = self.gateways(id)?.gateways.iter().map(|gateway| gateway.sequence).max();
        let next = |connection: &mut Connection| {
            connection.sequence = connection.sequence.max(given.unwrap_or_default()) + 1;
            Ok(())
        };
        if self.inner.store.is_detached(id) {
            let saved = self.inner.store.update_saved(id, &*self.inner.clock, next)?.sequence;
            return self.change(id, |connection| {
                connection.sequence = saved;
                Ok(())
            });
        }
        self.change(id, next)
    }

    /// What sealing would meet now. Nothing is sealed, and nothing is asked over the network.
    ///
    /// # Errors
    /// The connection is unknown, or its files cannot be read.
    pub fn seal_outlook(&self, id: &str) -> Result<SealOutlook, Fault> {
        let report = self.report(id)?;
        let known = credential_end(&report.connection);
        let not_proven = proof::not_proven(&report);
        Ok(SealOutlook {
            ends_at: ends_at(&report.connection, None, self.now()).ok(),
            with_credential: known.is_some(),
            proof_too_old: not_proven.as_ref().is_some_and(|found| found.too_old),
            unproven: not_proven.map(|found| found.because),
        })
    }

    /// Gives each gateway its number, above all that it ever had and saved before anything is sealed with it: no crash
    /// gives two bundles the same one.
    fn reserve(
        &self,
        id: &str,
        chosen: &[Gateway],
        at_least: u64,
        of_profile: &[outputs::Output],
    ) -> Result<Vec<Job>, Fault> {
        self.change_gateways(id, |gateways| {
            let reserved = chosen.iter().filter_map(|chosen| {
                let gateway = gateways::find_mut(gateways, chosen.name.as_str())?;
                gateway.sequence = (gateway.sequence + 1).max(at_least);
                let outputs = if gateway.outputs.is_empty() { of_profile } else { &gateway.outputs };
                Some(Job {
                    gateway: gateway.name.clone(),
                    recipient: gateway.key()?,
                    outputs: outputs.to_vec(),
                    sequence: gateway.sequence,
                })
            });
            Ok(reserved.collect())
        })
    }
}

fn why_not(gateway: &Gateway, connection: &Connection) -> Option<String> {
    match &gateway.profile {
        Some(other) if *other != connection.profile => Some(format!(
            "It is meant for the profile {other}, and this connection proves {}.",
            connection.profile
        )),
        _ if gateway.recipient.is_none() => Some("It has no key yet. Give it its SSH host key.".to_owned()),
        _ if gateway.key().is_none() => {
            Some("Its key cannot be read. Give it its SSH host key again.".to_owned())
        }
        _ => None,
    }
}

fn ends_at(connection: &Connection, wanted: Option<Timestamp>, now: Timestamp) -> Result<Timestamp, Fault> {
    let known = credential_end(connection);
    if known.is_some_and(|end| end <= now) {
        let what = "The credential has ended, and a bundle ends with it.";
        return Err(Fault::new(FaultCode::NotReady, what, "Enter a new one in step 3, and prove it."));
    }
    if wanted.is_some_and(|end| end <= now) {
        return Err(Fault::field("endsAt", "This moment is past.", "Choose a later one, or none."));
    }
    let end = wanted.or(known).unwrap_or(now + WITHOUT_KNOWN_END);
    whole_seconds(known.map_or(end, |known| end.min(known)))
}

/// The first moment at which the credential is no longer good, where it is known.
fn credential_end(connection: &Connection) -> Option<Timestamp> {
    let credential = connection.credential.as_ref()?;
    let of_certificate = credential.certificate().map(|known| known.ends);
    of_certificate.or_else(|| gateways::end_of(credential.ends_on?))
}

fn whole_seconds(time: Timestamp) -> Result<Timestamp, Fault> {
    Timestamp::from_second(time.as_second()).map_err(|_| {
        Fault::new(FaultCode::Internal, "The computer’s clock shows no usable time.", "Set the clock.")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::checks::fixture;

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_bundle_ends_at_the_latest_with_its_credential() {
        let mut connection = fixture::healthy();
        let now = fixture::now();
        let end = |connection: &Connection, wanted: Option<&str>| ends_at(connection, wanted.map(time), now);
        assert_eq!(
            end(&connection, None).unwrap(),
            time("2027-05-20T00:00:00Z"),
            "the last day is still good"
        );
        assert_eq!(end(&connection, Some("2027-01-01T00:00:00.5Z")).unwrap(), time("2027-01-01T00:00:00Z"));
        assert_eq!(end(&connection, Some("2030-01-01T00:00:00Z")).unwrap(), time("2027-05-20T00:00:00Z"));
        assert_eq!(end(&connection, Some("2026-01-01T00:00:00Z")).unwrap_err().field, Some("endsAt"));

        connection.credential.as_mut().unwrap().ends_on = None;
        assert_eq!(end(&connection, None).unwrap(), now + WITHOUT_KNOWN_END);
        assert_eq!(end(&connection, Some("2030-01-01T00:00:00Z")).unwrap(), time("2030-01-01T00:00:00Z"));

        connection.credential.as_mut().unwrap().ends_on = Some(jiff::civil::date(2026, 11, 19));
        assert_eq!(end(&connection, None).unwrap_err().code, FaultCode::NotReady);
    }

    #[test]
    fn a_bundle_ends_with_the_very_second_of_its_certificate() {
        let mut connection = fixture::healthy();
        fixture::with_certificate(&mut connection).ends = time("2027-03-01T12:34:56Z");
        assert_eq!(ends_at(&connection, None, fixture::now()).unwrap(), time("2027-03-01T12:34:56Z"));
    }
}
