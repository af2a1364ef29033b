//! The chart: bars for the time of one directory and for the memory of two.

use std::fmt::Write;

use crate::{
    cases::{Case, Line, Program},
    targets::megabytes,
};

const WIDTH: f64 = 760.0;
const BARS_FROM: f64 = 300.0;
const BARS_WIDE: f64 = 370.0;
const STEP: f64 = 26.0;
/// The limit of memory, in megabytes.
const MEMORY_LIMIT: f64 = 150.0;

struct Bar {
    label: String,
    value: f64,
    text: String,
    ours: bool,
}

/// An SVG that needs no fonts and no scripts.
pub(crate) fn svg(cases: &[Case]) -> String {
    let [quick, far, large] = cases else { return String::new() };
    let times: Vec<Bar> = far.lines.iter().map(time).collect();
    // The serial pattern would make every other bar a point, so its own is broken off.
    let longest = far
        .lines
        .iter()
        .filter(|line| line.program != Program::Serial)
        .map(Line::seconds)
        .fold(0.0, f64::max);
    let memory: Vec<Bar> = [(quick, "100 000 users"), (large, "1 000 000 users")]
        .into_iter()
        .filter_map(|(case, label)| memory(case, label))
        .collect();
    let mut drawing = String::new();
    let mut top = 34.0;
    heading(&mut drawing, top, "100 000 users, 80 ms per request, a quota of 8 000 units: seconds");
    top = bars(&mut drawing, top + 14.0, &times, longest);
    top += 30.0;
    heading(&mut drawing, top, "The first sync without latency: peak memory");
    let from = top + 14.0;
    top = bars(&mut drawing, from, &memory, MEMORY_LIMIT);
    let limit = BARS_FROM + BARS_WIDE;
    let _ = writeln!(
        drawing,
        "<path d=\"M{limit} {from}V{top}\" stroke=\"#8d8980\" stroke-dasharray=\"3 3\"/>\
         <text x=\"{}\" y=\"{}\" class=\"n\">limit 150 MB</text>",
        limit + 6.0,
        top - 4.0
    );
    let height = top + 16.0;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\" \
         role=\"img\" aria-label=\"How long a directory takes, and how much memory\">\n\
         <style>text{{font:13px system-ui,sans-serif;fill:#1d1c19}}.h{{font-weight:600}}.n{{fill:#55524b}}</style>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n{drawing}</svg>\n"
    )
}

fn time(line: &Line) -> Bar {
    let seconds = line.seconds();
    let text = if line.scaled { format!("≈ {seconds:.0} s") } else { format!("{seconds:.1} s") };
    let ours = matches!(
        line.program,
        Program::First | Program::Second | Program::DeltaOfNothing | Program::DeltaOfOnePercent
    );
    Bar { label: line.program.label().to_owned(), value: seconds, text, ours }
}

fn memory(case: &Case, label: &str) -> Option<Bar> {
    let peak = megabytes(case.line(Program::First)?.run.peak?);
    Some(Bar { label: label.to_owned(), value: peak, text: format!("{peak:.0} MB"), ours: true })
}

fn heading(drawing: &mut String, y: f64, text: &str) {
    let _ = writeln!(drawing, "<text x=\"16\" y=\"{y}\" class=\"h\">{text}</text>");
}

/// Draws the bars below each other, the largest value that is not broken off as `full`; returns where they end.
fn bars(drawing: &mut String, top: f64, bars: &[Bar], full: f64) -> f64 {
    for (number, bar) in bars.iter().enumerate() {
        let y = top + number as f64 * STEP;
        let length = (bar.value / full).min(1.0) * BARS_WIDE;
        let colour = if bar.ours { "#1f5ccf" } else { "#cfcbc2" };
        let base = y + 15.0;
        let _ = write!(
            drawing,
            "<text x=\"{}\" y=\"{base}\" text-anchor=\"end\">{}</text>\
             <rect x=\"{BARS_FROM}\" y=\"{}\" width=\"{length:.1}\" height=\"16\" fill=\"{colour}\"/>",
            BARS_FROM - 10.0,
            bar.label,
            y + 3.0
        );
        if bar.value > full {
            let at = BARS_FROM + length - 40.0;
            let _ = write!(
                drawing,
                "<path d=\"M{at} {}l8 -22M{} {0}l8 -22\" stroke=\"#ffffff\" stroke-width=\"4\"/>",
                y + 22.0,
                at + 10.0
            );
        }
        let _ = writeln!(
            drawing,
            "<text x=\"{:.1}\" y=\"{base}\" class=\"n\">{}</text>",
            BARS_FROM + length + 6.0,
            bar.text
        );
    }
    top + bars.len() as f64 * STEP
}
