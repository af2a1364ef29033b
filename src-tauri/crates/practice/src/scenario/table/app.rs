//! Tenant and app: what is registered where.

use super::Row;
use crate::scenario::{App, Claims, Plays, Printed, Refusal};

static TENANT_NOT_FOUND: Refusal = Refusal {
    code: 90_002,
    error: "invalid_request",
    status: 400,
    text: "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.",
    more: &[],
};

static TENANT_IN_ANOTHER_CLOUD: Refusal = Refusal {
    code: 90_038,
    error: "invalid_request",
    status: 400,
    text: "Tenant '{tenant}' request is being redirected to the National Cloud 'MicrosoftOnline.US'.",
    more: &[],
};

static NO_SERVICE_PRINCIPAL: Refusal = Refusal {
    code: 7_000_229,
    error: "invalid_client",
    status: 401,
    text: "The client application {client} is missing service principal in the tenant {tenant}. See instructions here: https://go.microsoft.com/fwlink/?linkid=2225119",
    more: &[],
};

static APP_DISABLED: Refusal = Refusal {
    code: 7_000_112,
    error: "unauthorized_client",
    status: 400,
    text: "Application '{client}'({app}) is disabled.",
    more: &[],
};

pub(super) const ROWS: &[Row] = &[
    Row {
        id: "tenant-unknown",
        link: "tenant",
        title: "The tenant does not exist",
        story: "The tenant’s last subscription ran out and the tenant was deleted. Its ID is known to nobody.",
        plays: Plays { tenant: Some(&TENANT_NOT_FOUND), ..Plays::NOTHING },
    },
    Row {
        id: "wrong-cloud",
        link: "tenant",
        title: "The tenant lives in another cloud",
        story: "Contoso’s tenant is one of the US Government cloud. The gateway asks the global one.",
        plays: Plays { tenant: Some(&TENANT_IN_ANOTHER_CLOUD), ..Plays::NOTHING },
    },
    Row {
        id: "tenant-mismatch",
        link: "tenant",
        title: "The token is another tenant’s",
        story: "Contoso was merged with Fabrikam. The token that arrives belongs to Fabrikam’s directory.",
        plays: Plays { claims: Some(Claims::OtherTenant), ..Plays::NOTHING },
    },
    Row {
        id: "app-unknown",
        link: "app",
        title: "The app is not in this directory",
        story: "The registration was deleted, or it lives in another tenant. This directory has no such app.",
        plays: Plays { app: Some(App::Unknown), ..Plays::NOTHING },
    },
    Row {
        id: "service-principal-missing",
        link: "app",
        title: "The app has no enterprise application here",
        story: "A script made the registration and stopped. The enterprise application was never made.",
        plays: Plays { app: Some(App::Refused(&NO_SERVICE_PRINCIPAL)), ..Plays::NOTHING },
    },
    Row {
        id: "app-disabled",
        link: "app",
        title: "The app is switched off",
        story: "After an audit somebody switched off sign-in for every app without an owner, this one too.",
        plays: Plays { app: Some(App::Refused(&APP_DISABLED)), ..Plays::NOTHING },
    },
    Row {
        id: "object-id-pasted",
        link: "app",
        title: "The Object ID was copied as the client ID",
        story: "The portal shows two IDs, one above the other. The note that you were given has the lower one.",
        plays: Plays { printed: Some(Printed::ObjectId), ..Plays::NOTHING },
    },
    Row {
        id: "public-client-off",
        link: "app",
        title: "Public client flows are off",
        story: "Everything is granted. The gateway’s sign-in needs public client flows, and the setting is off.",
        plays: Plays {
            public_client: Some(false),
            reads_itself_by: Some("Directory.Read.All"),
            ..Plays::NOTHING
        },
    },
    Row {
        id: "public-client-needless",
        link: "app",
        title: "Public client flows are on without need",
        story: "A guide for another product said to allow public client flows. This gateway does not need them.",
        plays: Plays { public_client: Some(true), ..Plays::NOTHING },
    },
];
