//! A task of Windows' Task Scheduler, as XML of its schema 1.4
//! (<https://learn.microsoft.com/windows/win32/taskschd/task-scheduler-schema>).

use jiff::{Timestamp, tz::TimeZone};

use super::{ARGUMENTS, LIMIT_HOURS, Unattended};

/// The task: once a day from the next day on, within an hour after 08:00 of the computer's own time, and caught up with
/// after the computer was off. It runs while the account is signed in, for then its credential manager is open. The data
/// folder is that of the account's own environment.
pub fn task_xml(check: &Unattended, now: Timestamp) -> String {
    let today = now.to_zoned(TimeZone::UTC).date();
    let first = today.tomorrow().unwrap_or(today);
    let program = escaped(&check.program.display().to_string());
    format!(
        r#"<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.4" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>Gatehouse: every link to Entra ID, checked once a day</Description>
    <URI>\Gatehouse check</URI>
  </RegistrationInfo>
  <Triggers>
    <CalendarTrigger>
      <StartBoundary>{first}T08:00:00</StartBoundary>
      <Enabled>true</Enabled>
      <RandomDelay>PT1H</RandomDelay>
      <ScheduleByDay>
        <DaysInterval>1</DaysInterval>
      </ScheduleByDay>
    </CalendarTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <LogonType>InteractiveToken</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <RunOnlyIfNetworkAvailable>true</RunOnlyIfNetworkAvailable>
    <Enabled>true</Enabled>
    <ExecutionTimeLimit>PT{LIMIT_HOURS}H</ExecutionTimeLimit>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>{program}</Command>
      <Arguments>{arguments}</Arguments>
    </Exec>
  </Actions>
</Task>
"#,
        arguments = ARGUMENTS.join(" "),
    )
}

/// UTF-16, little endian, with a byte order mark and CRLF: what `schtasks /Create /XML` reads.
pub fn utf16_with_mark(text: &str) -> Vec<u8> {
    const MARK: u16 = 0xFEFF;
    let text = text.replace('\n', "\r\n");
    std::iter::once(MARK).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
