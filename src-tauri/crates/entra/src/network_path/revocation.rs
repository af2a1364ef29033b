//! Hosts that a TLS stack asks, on port 80, whether a certificate of Microsoft's services was revoked.
//! Source: <https://learn.microsoft.com/entra/identity/hybrid/cloud-sync/how-to-prerequisites>.

use crate::Cloud;

const EVERYWHERE: [&str; 8] = [
    "crl.microsoft.com",
    "mscrl.microsoft.com",
    "oneocsp.microsoft.com",
    "ocsp.msocsp.com",
    "www.microsoft.com",
    "crl3.digicert.com",
    "crl4.digicert.com",
    "ocsp.digicert.com",
];

const US_GOVERNMENT: [&str; 4] =
    ["crl.microsoft.us", "mscrl.microsoft.us", "ocsp.msocsp.us", "www.microsoft.us"];

/// The hosts for certificates of this cloud.
pub(super) fn hosts(cloud: Cloud) -> Vec<&'static str> {
    let own: &[&str] = match cloud {
        Cloud::UsgovL4 | Cloud::UsgovL5 => &US_GOVERNMENT,
        Cloud::Global | Cloud::China => &[],
    };
    [&EVERYWHERE, own].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_us_government_clouds_have_hosts_of_their_own() {
        for cloud in Cloud::ALL {
            let government = matches!(cloud, Cloud::UsgovL4 | Cloud::UsgovL5);
            assert!(hosts(cloud).contains(&"crl3.digicert.com"), "{cloud}");
            assert_eq!(hosts(cloud).iter().any(|host| host.ends_with(".us")), government, "{cloud}");
        }
    }
}
