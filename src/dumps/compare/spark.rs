//! Counts drawn in one line of text.

const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Most characters; more looks are put together, each character the largest of its own.
const WIDTH: usize = 40;

/// `▁▂▄▆█`, from zero to the largest count.
pub fn sparkline(counts: &[u64]) -> String {
    let most = counts.iter().max().copied().unwrap_or(0).max(1);
    let step = counts.len().div_ceil(WIDTH).max(1);
    counts
        .chunks(step)
        .map(|chunk| {
            let count = chunk.iter().max().copied().unwrap_or(0);
            let level = (u128::from(count) * 7).div_ceil(u128::from(most));
            BARS[usize::try_from(level).unwrap_or(7).min(7)]
        })
        .collect()
}
