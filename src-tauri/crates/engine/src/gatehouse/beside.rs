//! The public half of a certificate that is to take the place of the one in use.

use std::path::Path;

use super::{Gatehouse, keeping::public_part};
use crate::{
    fault::{Fault, FaultCode},
    store::atomic,
};

impl Gatehouse {
    /// Saves the public half of a rotation's new certificate for **Upload certificate** in the portal: X.509 in DER.
    ///
    /// # Errors
    /// No rotation to a certificate is under way, or the file cannot be written.
    pub fn save_new_public_part(&self, id: &str, path: &Path) -> Result<(), Fault> {
        let new = self.rotation(id)?.map(|standing| standing.new);
        let look = new.as_ref().and_then(|new| new.certificate());
        let der = look.and_then(public_part).ok_or_else(|| {
            let fix = "Begin a rotation with a certificate first.";
            Fault::new(FaultCode::NotReady, "There is no new certificate to save.", fix)
        })?;
        atomic::write_private(path, &der).map_err(|error| Fault::storage("Could not write", path, &error))
    }
}
