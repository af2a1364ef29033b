//! Every check, one file each, and the one table that registers them in the order the admin sees.

use super::Check;

mod account_disabled;
mod account_locked;
mod account_refusal;
mod answer_unreadable;
mod app_disabled;
mod app_unknown;
mod bundle_unconfirmed;
mod certificate_expired;
mod certificate_refusal;
mod certificate_signature;
mod certificate_unknown;
mod clock_skewed;
mod conditional_access_blocked;
mod config_outdated;
mod config_unreadable;
mod consent_arriving;
mod consent_callback_refused;
mod consent_missing;
mod consent_on_registration_only;
mod consent_partial;
mod credential_forbidden_by_policy;
mod credential_refused;
mod delta_expired;
mod directory_answer_unreadable;
mod directory_forbidden;
mod directory_service_unavailable;
mod directory_unexpected_redirect;
mod error_unknown;
mod federated_account;
#[cfg(test)]
pub(crate) mod fixture;
mod guest_account;
mod hidden_membership;
mod host_unresolved;
mod identity_not_found;
mod mfa_required;
mod network_fault;
mod object_id_pasted;
mod page_expired;
mod partial_read;
mod password_expired;
mod password_wrong;
mod permission_delegated_type;
mod permission_excessive;
mod port_blocked;
mod proxy_refused;
mod proxy_required;
mod public_client_breaks_certificate;
mod public_client_needless;
mod public_client_off;
mod refused_request;
mod removals_held;
mod resource_unknown;
mod resource_without_delegated_permission;
mod secret_ending;
mod secret_expired;
mod secret_id_pasted;
mod secret_mangled;
mod secret_not_yet;
mod secret_wrong;
mod service_principal_missing;
mod service_unavailable;
mod session_revoked;
mod symmetric_signing_key;
mod sync_quarantined;
mod tenant_mismatch;
mod tenant_unknown;
mod throttled;
mod tls_certificate_expired;
mod tls_intercepted;
mod tls_name_mismatch;
mod tls_too_old;
mod token_delegated;
mod token_endpoint_throttled;
mod token_expired;
mod token_older_than_consent;
mod token_unreadable;
mod unexpected_redirect;
mod user_consent_disabled;
mod way;
mod wrong_audience;
mod wrong_cloud;
mod wrong_issuer;

pub(super) use network_fault::is_left_to_directory;

/// All checks, in chain order. Within a link the first broken one is the root cause, so causes stand before effects.
pub static TABLE: &[&Check] = &[
    &host_unresolved::CHECK,
    &port_blocked::CHECK,
    &proxy_required::CHECK,
    &proxy_refused::CHECK,
    &tls_intercepted::CHECK,
    &tls_name_mismatch::CHECK,
    &tls_certificate_expired::CHECK,
    &tls_too_old::CHECK,
    &clock_skewed::CHECK,
    &unexpected_redirect::CHECK,
    &answer_unreadable::CHECK,
    &service_unavailable::CHECK,
    &tenant_unknown::CHECK,
    &wrong_cloud::CHECK,
    &tenant_mismatch::CHECK,
    &app_unknown::CHECK,
    &object_id_pasted::CHECK,
    &service_principal_missing::CHECK,
    &app_disabled::CHECK,
    &public_client_off::CHECK,
    &public_client_needless::CHECK,
    &secret_id_pasted::CHECK,
    &secret_mangled::CHECK,
    &secret_not_yet::CHECK,
    &secret_wrong::CHECK,
    &secret_expired::CHECK,
    &secret_ending::CHECK,
    &certificate_expired::CHECK,
    &certificate_signature::CHECK,
    &certificate_unknown::CHECK,
    &public_client_breaks_certificate::CHECK,
    &credential_forbidden_by_policy::CHECK,
    &credential_refused::CHECK,
    &password_wrong::CHECK,
    &password_expired::CHECK,
    &account_disabled::CHECK,
    &account_locked::CHECK,
    &mfa_required::CHECK,
    &session_revoked::CHECK,
    &federated_account::CHECK,
    &guest_account::CHECK,
    &token_endpoint_throttled::CHECK,
    &conditional_access_blocked::CHECK,
    &resource_unknown::CHECK,
    &resource_without_delegated_permission::CHECK,
    &symmetric_signing_key::CHECK,
    &error_unknown::CHECK,
    &token_unreadable::CHECK,
    &token_delegated::CHECK,
    &wrong_audience::CHECK,
    &wrong_issuer::CHECK,
    &token_expired::CHECK,
    &permission_delegated_type::CHECK,
    &consent_on_registration_only::CHECK,
    &token_older_than_consent::CHECK,
    &consent_arriving::CHECK,
    &user_consent_disabled::CHECK,
    &consent_callback_refused::CHECK,
    &consent_missing::CHECK,
    &consent_partial::CHECK,
    &permission_excessive::CHECK,
    &identity_not_found::CHECK,
    &directory_forbidden::CHECK,
    &throttled::CHECK,
    &page_expired::CHECK,
    &delta_expired::CHECK,
    &hidden_membership::CHECK,
    &partial_read::CHECK,
    &removals_held::CHECK,
    &sync_quarantined::CHECK,
    &directory_answer_unreadable::CHECK,
    &directory_unexpected_redirect::CHECK,
    &directory_service_unavailable::CHECK,
    &config_unreadable::CHECK,
    &config_outdated::CHECK,
    &bundle_unconfirmed::CHECK,
];

#[cfg(test)]
mod tests {
    use super::{super::Link, TABLE, fixture};

    #[test]
    fn the_table_is_in_chain_order_and_ids_are_unique_within_a_link() {
        for pair in TABLE.windows(2) {
            assert!(pair[0].link <= pair[1].link, "{} stands before {}", pair[0].id, pair[1].id);
        }
        for (index, check) in TABLE.iter().enumerate() {
            assert!(
                !TABLE[..index].iter().any(|other| other.id == check.id && other.link == check.link),
                "{}",
                check.id
            );
        }
    }

    #[test]
    fn every_check_says_what_to_do() {
        for check in TABLE {
            assert!((1..=4).contains(&check.words.fix.len()), "{}", check.id);
            assert!(
                !check.words.title.ends_with('.') && !check.words.title.contains("AADSTS"),
                "{}",
                check.id
            );
            assert!(check.words.meaning.ends_with('.'), "{}", check.id);
        }
    }

    #[test]
    fn a_healthy_connection_has_no_finding() {
        let connection = fixture::healthy();
        for check in TABLE {
            assert!(fixture::passes(&connection, check), "{}", check.id);
        }
        let chain = fixture::chain(&connection);
        assert_eq!(chain.verdict, super::super::Verdict::Proven);
        assert!(chain.links.iter().all(|report| report.link == Link::Gateway || report.because.is_none()));
    }

    #[test]
    fn one_root_cause_breaks_one_link() {
        let mut connection = fixture::healthy();
        fixture::token_refused(&mut connection, 7_000_222, "invalid_client");
        let chain = fixture::chain(&connection);
        let broken: Vec<Link> = chain
            .links
            .iter()
            .filter(|report| report.state == super::super::LinkState::Broken)
            .map(|report| report.link)
            .collect();
        assert_eq!(broken, [Link::Credential]);
        assert_eq!(chain.findings.len(), 1);
        assert_eq!(chain.link(Link::Consent).because.as_deref(), Some("waits for Credential"));
    }
}
