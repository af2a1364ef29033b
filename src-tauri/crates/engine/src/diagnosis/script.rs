//! Commands that an admin can copy: with the connection's own ids in them, and never a secret.
//!
//! Azure CLI for what is mended in Entra ID, the system's own tools for the network.
//! Source: <https://learn.microsoft.com/cli/azure/ad>.

use std::fmt::Write as _;

use entra::{Cloud, GRAPH_APP_ID};

use super::Case;

/// The commands for a finding; none where a script would save nothing, or an id that it needs is not known.
pub(super) fn of(case: &Case<'_>, finding: &str) -> Option<String> {
    let app = case.connection.client_id.as_deref();
    let script = match finding {
        "consent-missing" | "consent-partial" | "permission-delegated-type" => permissions(case, app?)?,
        "consent-on-registration-only" | "consent-callback-refused" | "user-consent-disabled" => {
            consent(app?)
        }
        "public-client-off" => format!("az ad app update --id {} --is-fallback-public-client true", app?),
        "public-client-needless" | "public-client-breaks-certificate" => {
            format!("az ad app update --id {} --is-fallback-public-client false", app?)
        }
        "service-principal-missing" => format!("az ad sp create --id {0}\n{1}", app?, consent(app?)),
        "app-disabled"
            if case.evidence.registration.value().is_none_or(|known| known.is_disabled != Some(true)) =>
        {
            format!("az ad sp update --id {} --set accountEnabled=true", app?)
        }
        // Azure CLI takes an Object ID as well, and so tells that mistake.
        "app-unknown" | "object-id-pasted" => format!("az ad app show --id {} --query appId -o tsv", app?),
        "secret-wrong" | "secret-id-pasted" => format!("az ad app credential list --id {} -o table", app?),
        // It shows the new secret once, on the terminal of whoever runs it.
        "secret-expired" | "secret-ending" if case.connection.credential.as_ref()?.secret().is_some() => {
            format!("az ad app credential reset --id {} --append --display-name gatehouse", app?)
        }
        "certificate-unknown" | "certificate-expired" | "certificate-signature" => {
            format!("az ad app credential list --id {} --cert -o table", app?)
        }
        "symmetric-signing-key" => format!(
            "az ad app show --id {0} --query \"keyCredentials[?type=='Symmetric']\"\naz ad sp show --id {0} --query \"keyCredentials[?type=='Symmetric']\"",
            app?
        ),
        "host-unresolved" => each_host(case, |host, _| format!("nslookup {host}")),
        "port-blocked" => {
            each_host(case, |host, port| format!("curl --verbose --head https://{host}:{port}/"))
        }
        "tls-intercepted" | "tls-name-mismatch" | "tls-certificate-expired" | "tls-too-old" => {
            each_host(case, |host, port| {
                format!(
                    "openssl s_client -connect {host}:{port} -servername {host} </dev/null | openssl x509 -noout -issuer -subject -dates"
                )
            })
        }
        "clock-skewed" => {
            "# Windows, as administrator\nw32tm /resync\n# Linux with systemd\nsudo timedatectl set-ntp true"
                .to_owned()
        }
        _ => return None,
    };
    // The practice tenant has no other tools than its own portal.
    let usable = !(case.connection.practice && script.contains("az "));
    usable.then(|| in_the_tenant(case, script))
}

/// Adds what is missing as application permissions, then consents.
fn permissions(case: &Case<'_>, app: &str) -> Option<String> {
    let mut script = String::new();
    for name in case.missing_roles()? {
        let id = entra::app_role(name)?;
        // Writing to a String cannot fail.
        writeln!(
            script,
            "az ad app permission add --id {app} --api {GRAPH_APP_ID} --api-permissions {id}=Role"
        )
        .ok()?;
    }
    script.push_str(&consent(app));
    Some(script)
}

fn consent(app: &str) -> String {
    format!("az ad app permission admin-consent --id {app}")
}

/// One line for each host of the connection.
fn each_host(case: &Case<'_>, line: impl Fn(&str, u16) -> String) -> String {
    let endpoints = &case.connection.endpoints;
    let lines: Vec<String> = [endpoints.authority(), endpoints.graph()]
        .into_iter()
        .filter_map(|origin| Some(line(origin.host_str()?, origin.port_or_known_default()?)))
        .collect();
    lines.join("\n")
}

/// Azure CLI works in the cloud and the tenant that it was signed in to last.
fn in_the_tenant(case: &Case<'_>, script: String) -> String {
    let Some(tenant) = case.connection.tenant_ref().filter(|_| script.contains("az ")) else { return script };
    let cloud = match case.connection.cloud() {
        Some(Cloud::UsgovL4 | Cloud::UsgovL5) => "az cloud set --name AzureUSGovernment\n",
        Some(Cloud::China) => "az cloud set --name AzureChinaCloud\n",
        _ => "",
    };
    format!("{cloud}az login --allow-no-subscriptions --tenant {tenant}\n{script}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::checks::{TABLE, fixture};
    use crate::profile;

    fn script(finding: &str) -> Option<String> {
        let mut connection = fixture::healthy();
        fixture::claims(&mut connection).roles.clear();
        let profile = profile::shipped_profile(&connection.profile).unwrap();
        of(&Case::of(&connection, &profile, fixture::now()), finding)
    }

    #[test]
    fn missing_permissions_are_added_by_their_ids() {
        assert_eq!(
            script("consent-missing").unwrap(),
            "az login --allow-no-subscriptions --tenant contoso.com\n\
             az ad app permission add --id 22222222-2222-4222-8222-222222222222 --api \
             00000003-0000-0000-c000-000000000000 --api-permissions \
             df021288-bdef-4463-88db-98f22de89214=Role\n\
             az ad app permission add --id 22222222-2222-4222-8222-222222222222 --api \
             00000003-0000-0000-c000-000000000000 --api-permissions \
             98830695-27a2-44f7-8c18-0c3ebc9698f6=Role\n\
             az ad app permission admin-consent --id 22222222-2222-4222-8222-222222222222"
        );
    }

    #[test]
    fn the_networks_tools_name_both_hosts() {
        let script = script("tls-intercepted").unwrap();
        assert_eq!(script.lines().count(), 2);
        assert!(script.contains("-connect login.microsoftonline.com:443"), "{script}");
        assert!(script.contains("-connect graph.microsoft.com:443"), "{script}");
    }

    #[test]
    fn every_script_belongs_to_a_check() {
        let with_script = TABLE.iter().filter(|check| script(check.id).is_some()).count();
        assert!(with_script >= 20, "{with_script}");
        assert_eq!(script("error-unknown"), None);
    }
}
