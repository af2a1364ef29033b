use engine::{
    Report,
    diagnosis::{Link, LinkState},
};

use crate::wire::RegistrationView;

impl RegistrationView {
    pub(crate) fn of(report: &Report) -> Self {
        let connection = &report.connection;
        let tenant = connection.evidence.tenant.value();
        let proven = |link| report.chain.link(link).state == LinkState::Proven;
        let organization =
            connection.evidence.directory.value().and_then(|sample| sample.organization.clone());
        Self {
            tenant: connection.tenant.as_ref().map(|tenant| tenant.text.clone()).unwrap_or_default(),
            client_id: connection.client_id.clone().unwrap_or_default(),
            name: connection.name.clone(),
            tenant_id: tenant.map(|tenant| tenant.id.to_string()),
            tenant_says: tenant.map(|tenant| {
                let place = connection.cloud().map_or("practice tenant, as chosen".to_owned(), |cloud| {
                    format!("{}, as chosen", cloud.name())
                });
                let name = organization.map(|name| format!("{name} · ")).unwrap_or_default();
                format!("{name}{} · {place}", tenant.id)
            }),
            app_says: proven(Link::App).then(|| "Exists in this tenant.".to_owned()),
        }
    }
}
