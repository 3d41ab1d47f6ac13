//! Rows of the table of figures.

/// One figure, its floor, and what was promised.
pub struct Row {
    pub what: String,
    pub ours: String,
    pub floor: String,
    pub ratio: String,
    pub promised: String,
    pub held: bool,
}

impl Row {
    pub fn new(
        what: &str,
        ours: impl Into<String>,
        floor: impl Into<String>,
        ratio: impl Into<String>,
        promised: &str,
        held: bool,
    ) -> Self {
        Self { what: what.into(), ours: ours.into(), floor: floor.into(), ratio: ratio.into(), promised: promised.into(), held }
    }

    pub fn missing(what: &str, error: &anyhow::Error) -> Self {
        Self::new(what, format!("not measured: {error}"), "—", "—", "—", false)
    }

    pub fn line(&self) -> String {
        let mark = if self.held { "yes" } else { "**no**" };
        format!("| {} | {} | {} | {} | {} | {mark} |", self.what, self.ours, self.floor, self.ratio, self.promised)
    }
}

/// The whole table, as Markdown, and on what it was measured.
pub fn table(rows: &[Row], server: &str) -> String {
    let head = "| what | ours | floor | ours over floor | promised | held |\n|---|---|---|---|---|---|\n";
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let body: Vec<String> = rows.iter().map(Row::line).collect();
    format!("{head}{}\n\nOn {cores} cores, load generator, database and Redis included. {server}", body.join("\n"))
}

/// The value below which this share (of a hundred) of a sorted list lies.
pub fn percentile(sorted: &[f64], share: usize) -> f64 {
    sorted.get((sorted.len() * share / 100).min(sorted.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
}
