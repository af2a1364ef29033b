//! Who is calling, and what the roles in the token open.

use axum::http::{HeaderMap, header};
use jiff::Timestamp;

use super::errors::GraphError;
use crate::{
    authority::{TokenProblem, read_token},
    population::MemberKind,
    state::Tenant,
};

/// An app with the roles of its token, or a person with the scopes of theirs.
pub(super) struct Caller {
    permissions: Vec<String>,
    /// Sign-in name of the person; none for an app.
    pub(super) person: Option<String>,
}

/// Takes the bearer token of a request, or says 401.
pub(super) fn admit(tenant: &Tenant, headers: &HeaderMap, now: Timestamp) -> Result<Caller, GraphError> {
    let token = bearer(headers).ok_or(GraphError::InvalidToken("Access token is empty."))?;
    let read = read_token(tenant, token, now).map_err(|problem| match problem {
        TokenProblem::Forgotten => GraphError::TokenForgotten,
        TokenProblem::Unreadable => {
            GraphError::InvalidToken("CompactToken parsing failed with error code: 80049217")
        }
        TokenProblem::BadSignature => {
            GraphError::InvalidToken("Access token validation failure. Invalid signature.")
        }
        TokenProblem::WrongAudience => {
            GraphError::InvalidToken("Access token validation failure. Invalid audience.")
        }
        TokenProblem::WrongIssuer => {
            GraphError::InvalidToken("Access token validation failure. Invalid issuer.")
        }
        TokenProblem::Expired => {
            GraphError::InvalidToken("Lifetime validation failed, the token is expired.")
        }
        TokenProblem::NotYet => {
            GraphError::InvalidToken("Lifetime validation failed, the token is not yet valid.")
        }
    })?;
    if !tenant.changing().registration.known {
        return Err(GraphError::IdentityNotFound);
    }
    let mut permissions = read.roles;
    permissions.extend(read.scp.iter().flat_map(|scopes| scopes.split(' ')).map(str::to_owned));
    Ok(Caller { permissions, person: read.scp.and(read.upn) })
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// What a call wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    Organization,
    Users,
    Groups,
    Devices,
    OrgContacts,
    Applications,
    WriteApplications,
    GrantRoles,
}

impl Access {
    /// Any one of these roles opens it.
    fn roles(self) -> &'static [&'static str] {
        match self {
            Self::Organization => &[
                "Organization.Read.All",
                "Organization.ReadWrite.All",
                "User.Read.All",
                "User.ReadWrite.All",
                "Directory.Read.All",
                "Directory.ReadWrite.All",
            ],
            Self::Users => {
                &["User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"]
            }
            Self::Groups => &[
                "GroupMember.Read.All",
                "GroupMember.ReadWrite.All",
                "Group.Read.All",
                "Group.ReadWrite.All",
                "Directory.Read.All",
                "Directory.ReadWrite.All",
            ],
            Self::Devices => {
                &["Device.Read.All", "Device.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"]
            }
            Self::OrgContacts => &["OrgContact.Read.All", "Directory.Read.All", "Directory.ReadWrite.All"],
            Self::Applications => &[
                "Application.Read.All",
                "Application.ReadWrite.All",
                "Directory.Read.All",
                "Directory.ReadWrite.All",
            ],
            Self::WriteApplications => &["Application.ReadWrite.All"],
            Self::GrantRoles => &["AppRoleAssignment.ReadWrite.All", "Application.ReadWrite.All"],
        }
    }
}

impl Caller {
    /// 403 unless one role of the token opens it.
    pub(super) fn need(&self, access: Access) -> Result<(), GraphError> {
        if self.may(access) { Ok(()) } else { Err(GraphError::Forbidden) }
    }

    /// True when the caller may see more than the id of such a member.
    pub(super) fn sees(&self, kind: MemberKind) -> bool {
        self.may(match kind {
            MemberKind::User => Access::Users,
            MemberKind::Group => Access::Groups,
            MemberKind::Device => Access::Devices,
            MemberKind::ServicePrincipal => Access::Applications,
            MemberKind::OrgContact => Access::OrgContacts,
        })
    }

    /// True when the token carries exactly this permission.
    pub(super) fn has(&self, permission: &str) -> bool {
        self.permissions.iter().any(|held| held == permission)
    }

    fn may(&self, access: Access) -> bool {
        self.permissions.iter().any(|role| access.roles().contains(&role.as_str()))
    }
}
