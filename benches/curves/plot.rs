//! Curves on logarithmic axes, as SVG: a line of slope 1 is linear cost.

use std::fmt::Write as _;

const COLOURS: [&str; 8] = [
    "#4e79a7", "#f28e2b", "#e15759", "#76b7b2", "#59a14f", "#b07aa1", "#9c755f", "#bab0ac",
];
const WIDTH: f64 = 880.0;
const HEIGHT: f64 = 520.0;
/// Room for the names of the curves.
const RIGHT: f64 = 330.0;
const EDGE: f64 = 80.0;

/// The picture of named curves: size and seconds.
pub fn curves(curves: &[(&str, Vec<(f64, f64)>)]) -> String {
    let all = || curves.iter().flat_map(|(_, points)| points);
    let range = |of: fn(&(f64, f64)) -> f64| {
        let least = all().map(of).fold(f64::MAX, f64::min).log10().floor();
        let most = all().map(of).fold(f64::MIN_POSITIVE, f64::max).log10().ceil();
        (least, most.max(least + 1.0))
    };
    let (sizes, times) = (range(|point| point.0), range(|point| point.1));
    let scale =
        |value: f64, range: (f64, f64), length: f64| (value.log10() - range.0) / (range.1 - range.0) * length;
    let x = |size: f64| EDGE + scale(size, sizes, WIDTH - EDGE - RIGHT);
    let y = |time: f64| HEIGHT - EDGE - scale(time, times, HEIGHT - 2.0 * EDGE);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"white\"/>\n"
    );
    for power in sizes.0 as i32..=sizes.1 as i32 {
        let (at, size) = (x(10_f64.powi(power)), 10_f64.powi(power));
        let _ = writeln!(
            svg,
            "<path d=\"M{at:.1} {EDGE}V{:.1}\" stroke=\"#ddd\"/><text x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{size}</text>",
            HEIGHT - EDGE,
            HEIGHT - EDGE + 18.0
        );
    }
    for power in times.0 as i32..=times.1 as i32 {
        let (at, ms) = (y(10_f64.powi(power)), 10_f64.powi(power + 3));
        let _ = writeln!(
            svg,
            "<path d=\"M{EDGE} {at:.1}H{:.1}\" stroke=\"#ddd\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{ms} ms</text>",
            WIDTH - RIGHT,
            EDGE - 6.0,
            at + 4.0
        );
    }
    for (index, (name, points)) in curves.iter().enumerate() {
        let colour = COLOURS[index % COLOURS.len()];
        let line: Vec<String> = points
            .iter()
            .map(|point| format!("{:.1},{:.1}", x(point.0), y(point.1)))
            .collect();
        let _ = writeln!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" fill=\"{colour}\">{name}</text>",
            line.join(" "),
            WIDTH - RIGHT + 14.0,
            EDGE + 20.0 * index as f64
        );
    }
    svg.push_str("</svg>\n");
    svg
}
