//! `/organization`, `/users` and `/groups`.

use serde_json::json;

use super::{
    Call, Outcome,
    auth::Access,
    errors::GraphError,
    filter::Filter,
    json::{Entity, Value, knows, no_property, selection, write_object, write_property},
    paging,
};
use crate::{
    population::{Group, User},
    scenario::Graph as Played,
    server::TENANT_NAME,
};

impl Entity for User {
    const TYPE: &'static str = "#microsoft.graph.user";
    const DEFAULTS: &'static [&'static str] = &[
        "businessPhones",
        "displayName",
        "givenName",
        "jobTitle",
        "mail",
        "mobilePhone",
        "officeLocation",
        "preferredLanguage",
        "surname",
        "userPrincipalName",
        "id",
    ];
    const FURTHER: &'static [&'static str] = &[
        "accountEnabled",
        "assignedLicenses",
        "assignedPlans",
        "city",
        "companyName",
        "country",
        "createdDateTime",
        "creationType",
        "deletedDateTime",
        "department",
        "employeeId",
        "employeeType",
        "externalUserState",
        "faxNumber",
        "identities",
        "mailNickname",
        "onPremisesDistinguishedName",
        "onPremisesDomainName",
        "onPremisesImmutableId",
        "onPremisesLastSyncDateTime",
        "onPremisesSamAccountName",
        "onPremisesSecurityIdentifier",
        "onPremisesSyncEnabled",
        "onPremisesUserPrincipalName",
        "otherMails",
        "postalCode",
        "proxyAddresses",
        "securityIdentifier",
        "state",
        "streetAddress",
        "usageLocation",
        "userType",
    ];

    fn property(&self, name: &str) -> Value<'_> {
        match name {
            "id" => Value::text(self.id.to_string()),
            "displayName" => Value::text(self.display_name.as_str()),
            "givenName" => Value::text(self.given_name),
            "surname" => Value::text(self.surname),
            "userPrincipalName" => Value::text(self.user_principal_name.as_str()),
            "mail" => Value::optional(self.mail.as_deref()),
            "accountEnabled" => Value::Bool(self.enabled),
            "userType" => Value::text(if self.guest { "Guest" } else { "Member" }),
            "jobTitle" => Value::text(self.job_title),
            "department" => Value::text(self.department),
            "officeLocation" => Value::text(self.office),
            "preferredLanguage" => Value::text(self.language),
            "usageLocation" => Value::optional(self.language.rsplit('-').next()),
            "mailNickname" => Value::text(self.mail_nickname.as_str()),
            "employeeId" => Value::text(format!("E{:07}", u64::from(self.number) + 1)),
            "companyName" => Value::text(if self.guest { "Fabrikam (practice)" } else { TENANT_NAME }),
            "createdDateTime" => Value::text("2024-03-01T08:00:00Z"),
            "externalUserState" => Value::optional(self.guest.then_some("Accepted")),
            "creationType" => Value::optional(self.guest.then_some("Invitation")),
            "proxyAddresses" => {
                Value::Texts(self.mail.iter().map(|mail| format!("SMTP:{mail}").into()).collect())
            }
            "businessPhones" | "otherMails" | "assignedLicenses" | "assignedPlans" | "identities" => {
                Value::Ready("[]")
            }
            _ => Value::Null,
        }
    }
}

impl Entity for Group {
    const TYPE: &'static str = "#microsoft.graph.group";
    const DEFAULTS: &'static [&'static str] = &[
        "id",
        "deletedDateTime",
        "classification",
        "createdDateTime",
        "description",
        "displayName",
        "groupTypes",
        "isAssignableToRole",
        "mail",
        "mailEnabled",
        "mailNickname",
        "membershipRule",
        "onPremisesLastSyncDateTime",
        "onPremisesSamAccountName",
        "onPremisesSecurityIdentifier",
        "onPremisesSyncEnabled",
        "proxyAddresses",
        "securityEnabled",
        "visibility",
    ];
    const FURTHER: &'static [&'static str] = &[
        "expirationDateTime",
        "membershipRuleProcessingState",
        "onPremisesDomainName",
        "onPremisesNetBiosName",
        "preferredLanguage",
        "renewedDateTime",
        "resourceProvisioningOptions",
        "securityIdentifier",
        "theme",
    ];

    fn property(&self, name: &str) -> Value<'_> {
        match name {
            "id" => Value::text(self.id.to_string()),
            "displayName" => Value::text(self.display_name.as_str()),
            "description" => Value::optional(self.description),
            "groupTypes" => Value::Ready(if self.unified { "[\"Unified\"]" } else { "[]" }),
            "mail" => Value::optional(self.mail()),
            "mailEnabled" => Value::Bool(self.unified),
            "mailNickname" => Value::text(self.mail_nickname.as_str()),
            "securityEnabled" => Value::Bool(!self.unified || self.number.is_multiple_of(2)),
            "visibility" if self.hidden => Value::text("HiddenMembership"),
            "visibility" => Value::optional(self.unified.then_some("Private")),
            "createdDateTime" | "renewedDateTime" => Value::text("2024-03-01T08:00:00Z"),
            "proxyAddresses" => {
                Value::Texts(self.mail().iter().map(|mail| format!("SMTP:{mail}").into()).collect())
            }
            "resourceProvisioningOptions" => Value::Ready("[]"),
            _ => Value::Null,
        }
    }
}

/// `GET /`: what there is.
pub(super) fn service_document(call: &Call<'_>) -> Outcome {
    let sets = ["users", "groups", "applications", "servicePrincipals", "organization"];
    let value: Vec<_> =
        sets.iter().map(|name| json!({ "name": name, "kind": "EntitySet", "url": name })).collect();
    Outcome::Json(json!({ "@odata.context": format!("{}/$metadata", call.base), "value": value }).to_string())
}

/// `GET /organization`
pub(super) fn organizations(call: &Call<'_>) -> Result<Outcome, GraphError> {
    call.caller.need(Access::Organization)?;
    let context = format!("{}/$metadata#organization", call.base);
    Ok(Outcome::Json(json!({ "@odata.context": context, "value": [projected(call)] }).to_string()))
}

/// `GET /organization/{id}`
pub(super) fn organization(call: &Call<'_>, id: &str) -> Result<Outcome, GraphError> {
    call.caller.need(Access::Organization)?;
    if id != call.tenant.facts.tenant_id {
        return Err(GraphError::NotFound(id.to_owned()));
    }
    let mut body = projected(call);
    body["@odata.context"] = json!(format!("{}/$metadata#organization/$entity", call.base));
    Ok(Outcome::Json(body.to_string()))
}

fn projected(call: &Call<'_>) -> serde_json::Value {
    let mut body = json!({
        "id": call.tenant.facts.tenant_id,
        "displayName": TENANT_NAME,
        "tenantType": "AAD",
        "countryLetterCode": "DE",
        "createdDateTime": "2024-03-01T08:00:00Z",
        "onPremisesSyncEnabled": null,
        "onPremisesLastSyncDateTime": null,
        "technicalNotificationMails": [],
        "verifiedDomains": [{
            "capabilities": "Email, OfficeCommunicationsOnline",
            "isDefault": true,
            "isInitial": true,
            "name": call.tenant.facts.domain,
            "type": "Managed",
        }],
    });
    project(&mut body, call.query.select.as_deref());
    body
}

/// Leaves only the selected members of an object.
pub(super) fn project(body: &mut serde_json::Value, select: Option<&[String]>) {
    if let (Some(names), Some(map)) = (select, body.as_object_mut()) {
        map.retain(|name, _| names.iter().any(|wanted| wanted == name));
    }
}

/// `GET /users`
pub(super) fn users(call: &Call<'_>) -> Result<Outcome, GraphError> {
    call.caller.need(Access::Users)?;
    if call.tenant.plays().graph == Some(Played::BrokenPage) && call.query.skip_token.is_some() {
        return Err(GraphError::Internal);
    }
    collection(call, "users", &all_users(call))
}

/// `GET /users/$count`
pub(super) fn count_users(call: &Call<'_>) -> Result<Outcome, GraphError> {
    call.caller.need(Access::Users)?;
    count(call, &all_users(call))
}

fn all_users<'a>(call: &'a Call<'_>) -> Collection<impl Fn(u32) -> Option<User> + use<'a>> {
    let directory = call.directory;
    let get = |number| directory.user(number);
    Collection { end: directory.users_end(), count: directory.user_count(), get }
}

/// `GET /users/{id | userPrincipalName}`
pub(super) fn user(call: &Call<'_>, id: &str) -> Result<Outcome, GraphError> {
    call.caller.need(Access::Users)?;
    single(call, "users", &find_user(call, id)?)
}

/// `GET /me`, for a signed-in person
pub(super) fn me(call: &Call<'_>) -> Result<Outcome, GraphError> {
    single(call, "users", &find_user(call, call.caller.person.as_deref().unwrap_or_default())?)
}

fn find_user(call: &Call<'_>, id: &str) -> Result<User, GraphError> {
    let found = call.directory.find_user(id).and_then(|number| call.directory.user(number));
    found.ok_or_else(|| GraphError::NotFound(id.to_owned()))
}

/// `GET /groups`
pub(super) fn groups(call: &Call<'_>) -> Result<Outcome, GraphError> {
    call.caller.need(Access::Groups)?;
    collection(call, "groups", &all_groups(call))
}

/// `GET /groups/$count`
pub(super) fn count_groups(call: &Call<'_>) -> Result<Outcome, GraphError> {
    call.caller.need(Access::Groups)?;
    count(call, &all_groups(call))
}

fn all_groups<'a>(call: &'a Call<'_>) -> Collection<impl Fn(u32) -> Option<Group> + use<'a>> {
    let directory = call.directory;
    let get = |number| shown_group(call, number);
    Collection { end: directory.groups_end(), count: directory.group_count(), get }
}

/// `GET /groups/{id}`
pub(super) fn group(call: &Call<'_>, id: &str) -> Result<Outcome, GraphError> {
    call.caller.need(Access::Groups)?;
    let group = shown_group(call, find_group(call, id)?);
    single(call, "groups", &group.ok_or_else(|| GraphError::NotFound(id.to_owned()))?)
}

/// The group whose members a scenario hides: a Microsoft 365 group, as only those can hide them.
pub(super) fn hidden_group(call: &Call<'_>) -> Option<u32> {
    const HIDDEN: u32 = 6;
    (call.tenant.plays().graph == Some(Played::HiddenMembership)).then_some(HIDDEN)
}

/// A group as this caller sees it; `None` when it was removed.
pub(super) fn shown_group(call: &Call<'_>, number: u32) -> Option<Group> {
    Some(Group { hidden: hidden_group(call) == Some(number), ..call.directory.group(number)? })
}

/// Number of a group by its id: 400 for what is no id, 404 for one that nobody has.
pub(super) fn find_group(call: &Call<'_>, id: &str) -> Result<u32, GraphError> {
    if uuid::Uuid::parse_str(id).is_err() {
        return Err(GraphError::bad_request(&format!("Invalid object identifier '{id}'.")));
    }
    call.directory.find_group(id).ok_or_else(|| GraphError::NotFound(id.to_owned()))
}

/// `#users` or `#users(id,displayName)`, as `@odata.context` ends.
pub(super) fn context(call: &Call<'_>, set: &str) -> String {
    match &call.query.select {
        None => set.to_owned(),
        Some(names) => format!("{set}({})", names.join(",")),
    }
}

/// Users or groups: each has a number below `end`, and `count` of them are there.
struct Collection<G> {
    end: u32,
    count: u32,
    get: G,
}

fn collection<E: Entity>(
    call: &Call<'_>,
    set: &str,
    all: &Collection<impl Fn(u32) -> Option<E>>,
) -> Result<Outcome, GraphError> {
    no_expand(call)?;
    let names = selection::<E>(call.query.select.as_deref())?;
    let filter = checked_filter::<E>(call)?;
    let size = paging::size(call);
    let mut items = String::with_capacity(size * 160);
    let (mut written, mut next) = (0, None);
    for number in paging::start(call, set)?..all.end {
        let Some(entity) = (all.get)(number).filter(|entity| passes(filter, entity)) else { continue };
        if written == size {
            next = Some(number);
            break;
        }
        if written > 0 {
            items.push(',');
        }
        write_object(&mut items, &entity, &names);
        written += 1;
    }
    let counted = paging::counts(call).then(|| counted(filter, all));
    let mut out = paging::head(call, set, &context(call, set), counted, next);
    out.push_str(&items);
    out.push_str("]}");
    Ok(Outcome::Json(out))
}

fn count<E: Entity>(
    call: &Call<'_>,
    all: &Collection<impl Fn(u32) -> Option<E>>,
) -> Result<Outcome, GraphError> {
    need_eventual(call)?;
    Ok(Outcome::Text(counted(checked_filter::<E>(call)?, all).to_string()))
}

fn counted<E: Entity>(filter: Option<&Filter>, all: &Collection<impl Fn(u32) -> Option<E>>) -> u64 {
    match filter {
        None => u64::from(all.count),
        Some(_) => {
            let found = (0..all.end).filter_map(&all.get).filter(|entity| passes(filter, entity));
            found.count() as u64
        }
    }
}

fn single<E: Entity>(call: &Call<'_>, set: &str, entity: &E) -> Result<Outcome, GraphError> {
    no_expand(call)?;
    let names = selection::<E>(call.query.select.as_deref())?;
    let mut out = String::from("{");
    let address = format!("{}/$metadata#{}/$entity", call.base, context(call, set));
    write_property(&mut out, "@odata.context", &Value::text(address));
    for name in names {
        out.push(',');
        write_property(&mut out, name, &entity.property(name));
    }
    out.push('}');
    Ok(Outcome::Json(out))
}

fn passes<E: Entity>(filter: Option<&Filter>, entity: &E) -> bool {
    filter.is_none_or(|filter| filter.passes(|name| entity.property(name)))
}

fn checked_filter<'a, E: Entity>(call: &'a Call<'_>) -> Result<Option<&'a Filter>, GraphError> {
    let filter = call.query.filter.as_ref();
    match filter.and_then(|filter| filter.properties().find(|name| !knows::<E>(name))) {
        None => Ok(filter),
        Some(name) => Err(no_property::<E>(name)),
    }
}

/// `/$count` needs the advanced query header.
pub(super) fn need_eventual(call: &Call<'_>) -> Result<(), GraphError> {
    if call.eventual { Ok(()) } else { Err(GraphError::bad_request("$count is not currently supported.")) }
}

/// `$expand` is not emulated, and is never ignored.
pub(super) fn no_expand(call: &Call<'_>) -> Result<(), GraphError> {
    if call.query.expand {
        return Err(GraphError::unsupported("The practice tenant does not take '$expand'."));
    }
    Ok(())
}
