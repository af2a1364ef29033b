//! Runs one program to its end and watches what it takes from outside: time, processor time and memory.

use std::{
    fs,
    io::{Read, Write},
    process::{Child, Command, Stdio},
    time::Duration,
};

use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::Problem;

const LOOK_EVERY: Duration = Duration::from_millis(5);
/// `/proc` counts processor time in hundredths of a second, whatever the kernel's own clock.
const TICK: Duration = Duration::from_millis(10);

/// What one run of a program took. Processor time and memory are none where there is no `/proc`.
#[derive(Clone, Debug)]
pub(crate) struct Measured {
    /// From starting the program to its end.
    pub(crate) wall: Duration,
    /// User and system time of all its threads.
    pub(crate) cpu: Option<Duration>,
    /// The largest resident memory, in bytes.
    pub(crate) peak: Option<u64>,
    /// The JSON object that it printed.
    pub(crate) answer: Value,
}

/// Runs the program, hands it the text as standard input, and reads the JSON object that it prints.
pub(crate) async fn run(mut command: Command, input: &str) -> Result<Measured, Problem> {
    let mut printed = tempfile::tempfile()?;
    command.stdin(Stdio::piped()).stdout(printed.try_clone()?).stderr(Stdio::inherit());
    let began = Instant::now();
    let mut child = command.spawn()?;
    if let Some(mut to) = child.stdin.take() {
        // A program that does not read ends without it.
        to.write_all(input.as_bytes()).ok();
    }
    let (mut cpu, mut peak) = (None, None);
    let status = loop {
        (cpu, peak) = (processor_time(&child).or(cpu), peak_memory(&child).or(peak));
        if let Some(status) = child.try_wait()? {
            break status;
        }
        sleep(LOOK_EVERY).await;
    };
    let wall = began.elapsed();
    let mut text = String::new();
    std::io::Seek::rewind(&mut printed)?;
    printed.read_to_string(&mut text)?;
    if !status.success() {
        return Err(format!("A measured program ended with {status}: {text}").into());
    }
    Ok(Measured { wall, cpu, peak, answer: serde_json::from_str(&text)? })
}

impl Measured {
    /// A number of the printed object; 0 where it has none.
    pub(crate) fn number(&self, name: &str) -> f64 {
        self.answer[name].as_f64().unwrap_or_default()
    }
}

/// The run in the middle by its time; of an even number of runs, the slower one of the two.
pub(crate) fn median(mut runs: Vec<Measured>) -> Option<Measured> {
    runs.sort_by_key(|run| run.wall);
    let middle = runs.len() / 2;
    runs.into_iter().nth(middle)
}

/// Memory of this machine, in bytes.
pub(crate) fn machine_memory() -> Option<u64> {
    kilobytes(&fs::read_to_string("/proc/meminfo").ok()?, "MemTotal:")
}

fn processor_time(child: &Child) -> Option<Duration> {
    let stat = fs::read_to_string(format!("/proc/{}/stat", child.id())).ok()?;
    // The name of the program may hold anything; the state follows its last bracket.
    let mut fields = stat.rsplit_once(") ")?.1.split(' ').skip(11);
    let user: u32 = fields.next()?.parse().ok()?;
    let system: u32 = fields.next()?.parse().ok()?;
    Some(TICK * (user + system))
}

fn peak_memory(child: &Child) -> Option<u64> {
    kilobytes(&fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?, "VmHWM:")
}

fn kilobytes(text: &str, name: &str) -> Option<u64> {
    let value = text.lines().find_map(|line| line.strip_prefix(name))?;
    Some(value.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1_024)
}
