//! From the token endpoint's refusals to findings. Microsoft says that texts and numbers may change, so this is
//! advice with a fallback: a refusal whose number is not listed is still a finding, with everything the service said.
//!
//! Source of the numbers: <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>.

use entra::{Fault, FaultKind, Operation};

/// Numbers and the finding that explains them.
const TABLE: &[(u32, &str)] = &[
    (50_034, "error-unknown"),
    (53_003, "conditional-access-blocked"),
    (90_002, "tenant-unknown"),
    (90_038, "wrong-cloud"),
    (500_011, "resource-unknown"),
    (500_014, "resource-unknown"),
    (650_051, "error-unknown"),
    (700_016, "app-unknown"),
    (700_038, "app-unknown"),
    (700_213, "credential-refused"),
    (900_023, "tenant-unknown"),
    (900_021, "tenant-unknown"),
    (900_382, "wrong-cloud"),
    (7_000_112, "app-disabled"),
    (7_000_113, "app-disabled"),
    (7_000_114, "credential-refused"),
    (7_000_215, "secret-wrong"),
    (7_000_216, "secret-mangled"),
    (7_000_218, "secret-mangled"),
    (7_000_222, "secret-expired"),
    (7_000_229, "service-principal-missing"),
];

/// The finding that explains a fault of the token endpoint or of discovery; none when the fault is the network's.
pub(crate) fn finding(fault: &Fault) -> Option<&'static str> {
    if fault.kind == FaultKind::Throttled && fault.operation == Operation::Token {
        return Some("token-endpoint-throttled");
    }
    if fault.kind != FaultKind::Refused {
        return None;
    }
    let listed = fault.aadsts.and_then(|number| TABLE.iter().find(|(known, _)| *known == number));
    Some(match (listed, fault.oauth_error.as_deref()) {
        (Some((_, finding)), _) => finding,
        (None, Some("invalid_client")) => "credential-refused",
        (None, _) => "error-unknown",
    })
}

#[cfg(test)]
mod tests {
    use super::TABLE;

    #[test]
    fn the_table_is_in_order_and_names_checks_that_exist() {
        for (number, finding) in TABLE {
            assert!(
                super::super::checks::TABLE.iter().any(|check| check.id == *finding),
                "AADSTS{number} leads to {finding}, which no check explains"
            );
        }
        let numbers: Vec<u32> = TABLE.iter().map(|(number, _)| *number).collect();
        let mut unique = numbers.clone();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(unique.len(), numbers.len(), "a number stands twice");
    }
}
