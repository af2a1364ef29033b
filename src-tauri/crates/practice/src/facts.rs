//! What a caller needs to know about a running practice tenant.

use serde::Serialize;

/// Addresses, ids and totals of a running practice tenant. Fixed from start to stop, except for a value that the
/// scenario is about: in `object-id-pasted` the client ID, in `secret-id-pasted` and `secret-mangled` the secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Facts {
    /// Origin of the authority, `https://localhost:PORT`.
    pub authority: String,
    /// Origin of Microsoft Graph, `https://localhost:PORT`, on another port than the authority.
    pub graph: String,
    /// Origin of the human pages over plain HTTP, `http://localhost:PORT` (browsers distrust the throwaway CA).
    pub pages: String,
    /// Origin of an HTTP proxy that leads to authority and Graph, `http://localhost:PORT`.
    pub proxy: String,
    /// Directory (tenant) ID.
    pub tenant_id: String,
    /// The tenant's default domain, `contoso-practice.example`.
    pub domain: String,
    /// Application (client) ID.
    pub client_id: String,
    /// The value that an admin would paste. It works, except in scenarios about secrets.
    pub client_secret: String,
    /// The Secret ID next to the value, for people who paste the wrong one.
    pub secret_id: String,
    /// Object ID of the app registration.
    pub app_object_id: String,
    /// Display name of the app registration.
    pub app_name: String,
    /// Number of users in the directory at the start.
    pub users: u64,
    /// Number of groups in the directory at the start.
    pub groups: u64,
    /// Number of distinct direct pairs of group and member at the start.
    pub memberships: u64,
    /// A Global Administrator.
    pub admin: Account,
    /// An ordinary account that a gateway could sign in with.
    pub account: Account,
}

/// A practice sign-in name with its password. Neither opens anything outside this process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Account {
    /// User principal name.
    pub username: String,
    /// Password.
    pub password: String,
}
