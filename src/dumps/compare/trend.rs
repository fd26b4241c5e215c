//! What a row of counts says: whether it grows, and how fast.

use serde::Serialize;

/// What counts do over all looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trend {
    /// The last third never comes down to where the first third was.
    Grows,
    /// The other way round.
    Shrinks,
    /// Always the same.
    Steady,
    /// Up and down.
    Varies,
}

/// Reads the counts. A pool that fills and empties varies; one that only ever fills grows.
pub fn trend(counts: &[u64]) -> Trend {
    let third = counts.len().div_ceil(3);
    let (start, end) = (&counts[..third], &counts[counts.len() - third..]);
    let range = |part: &[u64]| {
        let low = part.iter().min().copied().unwrap_or(0);
        (low, part.iter().max().copied().unwrap_or(0))
    };
    let ((low, high), (last_low, last_high), (least, most)) = (range(start), range(end), range(counts));
    if least == most {
        Trend::Steady
    } else if last_low > high {
        Trend::Grows
    } else if last_high < low {
        Trend::Shrinks
    } else {
        Trend::Varies
    }
}

/// The slope of the straight line that fits best (least squares), in goroutines per unit of `times`.
pub fn slope(times: &[f64], counts: &[u64]) -> f64 {
    let n = times.len().min(counts.len()) as f64;
    if n < 2.0 {
        return 0.0;
    }
    let pairs = || {
        times
            .iter()
            .copied()
            .zip(counts.iter().map(|&count| count as f64))
    };
    let mean_time = pairs().map(|(time, _)| time).sum::<f64>() / n;
    let mean_count = pairs().map(|(_, count)| count).sum::<f64>() / n;
    let spread: f64 = pairs().map(|(time, _)| (time - mean_time).powi(2)).sum();
    if spread == 0.0 {
        return 0.0;
    }
    pairs()
        .map(|(time, count)| (time - mean_time) * (count - mean_count))
        .sum::<f64>()
        / spread
}
