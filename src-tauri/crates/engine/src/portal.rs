//! Pages of Microsoft's portal, and the admin consent link, as addresses of the connection's own cloud.
//!
//! Sources: <https://learn.microsoft.com/entra/identity-platform/v2-admin-consent> and the portal's own deep links.

use entra::{Cloud, Endpoints};
use url::Url;

use crate::connection::Connection;

/// A page that an admin is sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortalPage {
    /// The list of registrations.
    AppRegistrations,
    /// The form for a new registration.
    NewRegistration,
    /// The registration's Overview.
    Overview,
    /// **Certificates & secrets**.
    CertificatesAndSecrets,
    /// **API permissions**.
    ApiPermissions,
    /// **Authentication**.
    Authentication,
    /// **Manifest**.
    Manifest,
    /// The enterprise application.
    EnterpriseApplication,
    /// The enterprise application's **Permissions**.
    EnterprisePermissions,
    /// The list of users.
    Users,
    /// Sign-in logs.
    SignInLogs,
    /// Microsoft's consent page.
    AdminConsent,
}

impl PortalPage {
    /// The way to it, in the portal's own words.
    pub fn words(self) -> &'static str {
        match self {
            Self::AppRegistrations => "App registrations",
            Self::NewRegistration => "App registrations › New registration",
            Self::Overview => "App registrations › the app › Overview",
            Self::CertificatesAndSecrets => "App registrations › the app › Certificates & secrets",
            Self::ApiPermissions => "App registrations › the app › API permissions",
            Self::Authentication => "App registrations › the app › Authentication",
            Self::Manifest => "App registrations › the app › Manifest",
            Self::EnterpriseApplication => "Enterprise applications › the app",
            Self::EnterprisePermissions => "Enterprise applications › the app › Permissions",
            Self::Users => "Users",
            Self::SignInLogs => "Sign-in logs",
            Self::AdminConsent => "Admin consent link",
        }
    }
}

/// The address of a page; none while the ids it needs are unknown, or for a practice connection, which has no portal.
pub fn address(connection: &Connection, page: PortalPage) -> Option<Url> {
    let tenant =
        connection.tenant_id().or_else(|| connection.tenant.as_ref().map(|tenant| tenant.text.clone()));
    let principal = connection.evidence.principal.value();
    let whose = Whose {
        endpoints: connection.endpoints.clone(),
        tenant,
        client_id: connection.client_id.clone(),
        service_principal: principal.map(|known| known.object_id.clone()),
    };
    whose.address(page)
}

/// The ids that addresses of the portal are made of.
#[derive(Clone, Debug)]
pub(crate) struct Whose {
    pub(crate) endpoints: Endpoints,
    pub(crate) tenant: Option<String>,
    pub(crate) client_id: Option<String>,
    /// Object ID of the enterprise application.
    pub(crate) service_principal: Option<String>,
}

impl Whose {
    /// Nobody's: a cloud, and no id.
    pub(crate) fn nobody(endpoints: Endpoints) -> Self {
        Self { endpoints, tenant: None, client_id: None, service_principal: None }
    }

    /// The address of a page; none while the ids it needs are unknown, or where there is no portal.
    pub(crate) fn address(&self, page: PortalPage) -> Option<Url> {
        if page == PortalPage::AdminConsent { self.admin_consent() } else { self.in_the_portal(page) }
    }

    /// The v2 admin consent link for the app's own application permissions.
    fn admin_consent(&self) -> Option<Url> {
        let (tenant, client) = (self.tenant.as_deref()?, self.client_id.as_deref()?);
        let mut link = self.endpoints.authority().clone();
        link.set_path(&format!("/{tenant}/v2.0/adminconsent"));
        link.query_pairs_mut().append_pair("client_id", client).append_pair("scope", &self.endpoints.scope());
        Some(link)
    }

    fn in_the_portal(&self, page: PortalPage) -> Option<Url> {
        let portal = self.endpoints.cloud().map(Cloud::portal)?;
        let path = path(page, self.client_id.as_deref(), self.service_principal.as_deref())?;
        Url::parse(&format!("{portal}{path}")).ok()
    }
}

fn path(page: PortalPage, client: Option<&str>, service_principal: Option<&str>) -> Option<String> {
    let registration = |blade: &str| {
        client.map(|id| {
            format!("/#view/Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~/{blade}/appId/{id}")
        })
    };
    match page {
        PortalPage::AppRegistrations => {
            Some("/#view/Microsoft_AAD_RegisteredApps/ApplicationsListBlade".to_owned())
        }
        PortalPage::NewRegistration => {
            Some("/#view/Microsoft_AAD_RegisteredApps/CreateApplicationBlade/quickStartType~/null".to_owned())
        }
        PortalPage::Overview => registration("Overview"),
        PortalPage::CertificatesAndSecrets => registration("Credentials"),
        PortalPage::ApiPermissions => registration("CallAnAPI"),
        PortalPage::Authentication => registration("Authentication"),
        PortalPage::Manifest => registration("Manifest"),
        PortalPage::EnterpriseApplication | PortalPage::EnterprisePermissions => {
            let blade = if page == PortalPage::EnterpriseApplication { "Overview" } else { "Permissions" };
            Some(match (service_principal, client) {
                (Some(object), Some(id)) => format!(
                    "/#view/Microsoft_AAD_IAM/ManagedAppMenuBlade/~/{blade}/objectId/{object}/appId/{id}"
                ),
                _ => "/#view/Microsoft_AAD_IAM/StartboardApplicationsMenuBlade/~/AppAppsPreview".to_owned(),
            })
        }
        PortalPage::Users => {
            Some("/#view/Microsoft_AAD_UsersAndTenants/UserManagementMenuBlade/~/AllUsers".to_owned())
        }
        PortalPage::SignInLogs => Some("/#view/Microsoft_AAD_IAM/SignInEventsV3Blade".to_owned()),
        PortalPage::AdminConsent => None,
    }
}

/// Whether an address may be opened: HTTPS on the portal or the authority of the connection's cloud, or its own
/// loopback endpoints.
pub fn may_open(endpoints: &Endpoints, address: &Url) -> bool {
    let portal = endpoints.cloud().and_then(|cloud| Url::parse(cloud.portal()).ok());
    address.scheme() == "https"
        && (address.origin() == endpoints.authority().origin()
            || portal.is_some_and(|portal| portal.origin() == address.origin()))
}
