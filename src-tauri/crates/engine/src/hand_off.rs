//! Messages to the person who may do what the person at the keyboard may not.

use crate::{connection::Connection, portal, portal::PortalPage, profile::Profile};

/// A message, ready to be copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandOff {
    /// One line.
    pub subject: String,
    /// Plain text.
    pub body: String,
}

/// Asks an administrator to consent; none until tenant and client ID are known.
pub fn consent(connection: &Connection, profile: &Profile) -> Option<HandOff> {
    let link = portal::address(connection, PortalPage::AdminConsent)?;
    let tenant = &connection.tenant.as_ref()?.text;
    let client = connection.client_id.as_deref()?;
    let wanted = profile.required(&connection.custom_permissions);
    let reasons: Vec<String> = wanted
        .iter()
        .map(|name| format!("- {name}: {}", profile.reason(name).unwrap_or("chosen by the administrator")))
        .collect();
    let body = format!(
        "Our gateways need to read the following, and nothing else. They change nothing and read no mail and no files.\n\n\
         {}\n\n\
         1. Open this Microsoft page as Privileged Role Administrator or Global Administrator:\n   {link}\n\
         2. Check the name “{}” and the permissions above.\n\
         3. Press Accept. A page may fail to load after that; this is fine.\n\n\
         Tenant: {tenant}\nApplication (client) ID: {client}\n",
        reasons.join("\n"),
        connection.name,
    );
    Some(HandOff { subject: format!("Please approve “{}” for {tenant}", connection.name), body })
}
