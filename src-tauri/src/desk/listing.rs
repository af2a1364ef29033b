//! The directory line by line.

use engine::access::{GroupsWarning, Page, PeopleWarning};

use super::Desk;
use crate::wire::{AdministratorsView, ListForm, ListId, ListPage, ListRow, Names, Problem, SyncSummary};

/// Lines of one page.
const LINES: u64 = 200;
/// Administrators that are shown by name.
const ADMINISTRATORS: usize = 50;

impl Desk {
    pub(crate) async fn sync_summary(&self, connection: String) -> Result<SyncSummary, Problem> {
        Ok(self.engine.directory_summary(&connection)?.into())
    }

    pub(crate) async fn read_list(&self, connection: String, form: ListForm) -> Result<ListPage, Problem> {
        let names = self.names(&connection, form.reveal)?;
        let (engine, id) = (&self.engine, &connection);
        let page = Page { offset: u64::from(form.page) * LINES, limit: LINES };
        let people = |lines: Vec<_>| lines.into_iter().map(|line| ListRow::person(line, names)).collect();
        let groups = |lines: Vec<_>| lines.into_iter().map(ListRow::from).collect();
        let warned = |which| engine.people_warned(id, which, page).map(people);
        let rows = match form.list {
            ListId::Changes => {
                let lines = engine.sync_changes(id, page)?;
                lines.into_iter().map(|line| ListRow::change(line, names)).collect()
            }
            ListId::People => people(engine.people(id, page)?),
            ListId::Groups => groups(engine.groups(id, page)?),
            ListId::WithoutMail => warned(PeopleWarning::WithoutMail)?,
            ListId::Guests => warned(PeopleWarning::Guests)?,
            ListId::Disabled => warned(PeopleWarning::Disabled)?,
            ListId::PeopleSharingAName => warned(PeopleWarning::SharingAName)?,
            ListId::GroupsSharingAName => {
                groups(engine.groups_warned(id, GroupsWarning::SharingAName, page)?)
            }
            ListId::HiddenGroups => groups(engine.groups_warned(id, GroupsWarning::Hidden, page)?),
            ListId::UnknownMembers => {
                engine.unknown_members(id, page)?.into_iter().map(ListRow::from).collect()
            }
        };
        Ok(ListPage { masked: names == Names::Masked, rows })
    }

    pub(crate) async fn administrators(
        &self,
        connection: String,
        reveal: bool,
    ) -> Result<AdministratorsView, Problem> {
        let names = self.names(&connection, reveal)?;
        let report = self.engine.report(&connection)?;
        let found = self.engine.administrators(&connection, ADMINISTRATORS)?;
        Ok(AdministratorsView::of(found, &report.profile, names))
    }

    /// Masked as the settings say, until somebody asks for them.
    fn names(&self, connection: &str, reveal: bool) -> Result<Names, Problem> {
        let connection = self.engine.connection(connection)?;
        Ok(if self.engine.masks_names(&connection) && !reveal { Names::Masked } else { Names::InFull })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use engine::{
        Endpoints, Gatehouse, NewConnection, Setup,
        clock::SystemClock,
        settings::{MaskNames, SettingsChange},
        vault::MemoryVault,
    };

    use super::*;

    #[test]
    fn names_of_a_real_tenant_are_masked_until_somebody_asks() {
        let folder = tempfile::tempdir().unwrap();
        let engine = Gatehouse::new(Setup {
            home: folder.path().to_owned(),
            keychain: Arc::new(MemoryVault::default()),
            clock: Arc::new(SystemClock),
            user_agent: "test".to_owned(),
        });
        let desk = Desk::new(engine, |_| {});
        let connection = |practice| {
            let endpoints = Endpoints::of(engine::Cloud::Global);
            let new = NewConnection { name: "A".to_owned(), endpoints, practice, ca_file: None };
            desk.engine.create(new).unwrap().id
        };
        let (real, practice) = (connection(false), connection(true));
        assert_eq!(desk.names(&real, false).unwrap(), Names::Masked);
        assert_eq!(desk.names(&real, true).unwrap(), Names::InFull);
        assert_eq!(desk.names(&practice, false).unwrap(), Names::InFull);
        assert!(desk.names("nobody", true).is_err());
        let choose = |mask_names| {
            let change = SettingsChange { mask_names: Some(mask_names), remind_days: None };
            desk.engine.change_settings(&change).unwrap();
        };
        choose(MaskNames::Always);
        assert_eq!(desk.names(&practice, false).unwrap(), Names::Masked);
        assert_eq!(desk.names(&practice, true).unwrap(), Names::InFull, "somebody asked");
        choose(MaskNames::Never);
        assert_eq!(desk.names(&real, false).unwrap(), Names::InFull);
    }
}
