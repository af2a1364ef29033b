//! The beginning of a rotation: the new credential is kept beside the old one.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use secrecy::{ExposeSecret, SecretString};

use super::{CertificateImport, CertificateOrder, Gatehouse, SecretEntry, work::same_inputs};
use crate::{
    connection::Connection,
    fault::{Fault, FaultCode},
    rotation::Rotation,
    sign_in_key::SignInKey,
};

/// The credential that is to take the old one's place.
pub enum NewCredential {
    /// A client secret that the admin made in the portal.
    Secret(SecretEntry),
    /// A certificate that is made here.
    Made(CertificateOrder),
    /// A certificate that was made elsewhere.
    Imported(CertificateImport),
}

impl Gatehouse {
    /// Enters the new credential. The connection goes on with the old one until the new one is proven; entering
    /// another one replaces a new one that is not.
    ///
    /// # Errors
    /// There is no old credential, the new one is the old one or has ended, it cannot be kept, or a rotation is in its last steps.
    pub fn begin_rotation(&self, id: &str, new: &NewCredential) -> Result<Connection, Fault> {
        let _running = self.inner.running.begin(id)?;
        let _held = self.hold_credentials(id)?;
        let connection = self.connection(id)?;
        let current = connection.credential.as_ref().ok_or_else(nothing_to_rotate)?;
        refuse_while_handing_out(&connection)?;
        if let NewCredential::Secret(entry) = new {
            refuse_ended(entry.ends_on, self.now())?;
            self.refuse_the_same(&connection, &entry.secret)?;
        }
        // Nobody may prove the one before while its entry is written over.
        let replaced = self.set_aside(&connection)?;
        let other = match self.keep_beside(id, current, new) {
            Ok(other) => other,
            Err(fault) => {
                self.take_up_again(id, replaced)?;
                return Err(fault);
            }
        };
        let saved = self.change(id, |saved| {
            same_inputs(saved, &connection)?;
            saved.rotation = Some(Rotation { started_at: self.now(), ..Rotation::entered(other.clone()) });
            Ok(())
        });
        if let Some(replaced) = &replaced {
            self.forget_replaced(id, &replaced.other, &other);
        }
        saved.inspect_err(|_| {
            self.forget(id, &other).ok();
        })
    }

    /// Takes the rotation that is about to be replaced out of the connection.
    fn set_aside(&self, connection: &Connection) -> Result<Option<Rotation>, Fault> {
        if connection.rotation.is_none() {
            return Ok(None);
        }
        let mut replaced = None;
        self.change(&connection.id, |saved| {
            same_inputs(saved, connection)?;
            refuse_while_handing_out(saved)?;
            replaced = saved.rotation.take();
            Ok(())
        })?;
        Ok(replaced)
    }

    fn take_up_again(&self, id: &str, replaced: Option<Rotation>) -> Result<(), Fault> {
        if replaced.is_none() {
            return Ok(());
        }
        let again = self.change(id, |saved| {
            saved.rotation = replaced;
            Ok(())
        });
        again.map(drop)
    }

    fn refuse_the_same(&self, connection: &Connection, new: &SecretString) -> Result<(), Fault> {
        let Some(looked) = crate::input::secret(new) else { return Ok(()) };
        // A current secret that cannot be had does not keep a new one from being entered.
        let current = self.key(connection).ok().flatten();
        let same = current
            .as_ref()
            .and_then(SignInKey::secret)
            .is_some_and(|current| current.expose_secret() == looked.secret.expose_secret());
        if !same {
            return Ok(());
        }
        Err(Fault::field(
            "secret",
            "This is the secret that is in use already.",
            "Paste the **Value** of the new one.",
        ))
    }
}

/// A new credential that has ended takes nobody's place. Days are those of UTC, as the portal's are.
fn refuse_ended(ends_on: Option<Date>, now: Timestamp) -> Result<(), Fault> {
    let today = now.to_zoned(TimeZone::UTC).date();
    if ends_on.is_none_or(|day| day >= today) {
        return Ok(());
    }
    let fix = "Look at the day under **Expires** again, or make a new secret.";
    Err(Fault::field("endsOn", "This day is past, and a secret that has ended cannot take over.", fix))
}

/// Both entries of the vault are in use then.
fn refuse_while_handing_out(connection: &Connection) -> Result<(), Fault> {
    let Some(rotation) = &connection.rotation else { return Ok(()) };
    if rotation.went_back_at.is_some() {
        return Err(Fault::new(
            FaultCode::NotReady,
            "The last new credential is kept until the old one has been seen to work again.",
            "Prove it, or give it up first.",
        ));
    }
    if !rotation.is_proven() {
        return Ok(());
    }
    Err(Fault::new(
        FaultCode::NotReady,
        "The last rotation is not at its end: the old credential has not been removed yet.",
        "Finish it first, or go back to the old credential.",
    ))
}

/// The old credential would be looked for at another app, where it is refused and nobody has removed it. A copy in memory
/// looks for nothing.
pub(super) fn refuse_while_rotating(
    connection: &Connection,
    is_copy: bool,
    field: &'static str,
) -> Result<(), Fault> {
    if is_copy || connection.rotation.is_none() {
        return Ok(());
    }
    Err(Fault::field(
        field,
        "A rotation is under way, and its credentials belong to the app that was entered.",
        "Finish the rotation or give it up first, or make another connection.",
    ))
}

fn nothing_to_rotate() -> Fault {
    let fix = "Finish step 3, Credential, instead.";
    Fault::new(FaultCode::NotReady, "There is no credential yet that could be replaced.", fix)
}
