//! The certificate that rehearsals sign in with.

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use rcgen::{CertificateParams, DnType, KeyPair, PKCS_RSA_SHA256, date_time_ymd};
use secrecy::SecretString;

/// A new private key (RSA, 2048 bits) and its certificate of one year, as PEM text.
///
/// # Errors
/// The key could not be made or used.
pub(crate) fn throwaway_certificate(now: Timestamp) -> Result<SecretString, rcgen::Error> {
    let midnight =
        |day: Date| date_time_ymd(day.year().into(), day.month().unsigned_abs(), day.day().unsigned_abs());
    let today = now.to_zoned(TimeZone::UTC).date();
    let mut wanted = CertificateParams::new(Vec::new())?;
    wanted.distinguished_name.push(DnType::CommonName, "Gatehouse practice gateway");
    // A day earlier, for computers whose clock is slow.
    (wanted.not_before, wanted.not_after) =
        (midnight(today.saturating_sub(1.day())), midnight(today.saturating_add(1.year())));
    let key = KeyPair::generate_for(&PKCS_RSA_SHA256)?;
    let certificate = wanted.self_signed(&key)?;
    Ok(SecretString::from(format!("{}{}", key.serialize_pem(), certificate.pem())))
}
