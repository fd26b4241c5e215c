//! Comparisons: new, gone, grew; growth over time; what a gate fails on.

use super::*;

fn entry(owner: &str, count: u64) -> Entry {
    Entry {
        fingerprint: format!("f-{owner}"),
        stack: owner.to_owned(),
        owner: owner.to_owned(),
        cause: "receive, no sender".to_owned(),
        at: None,
        tests: Vec::new(),
        ruling: None,
        count,
    }
}

fn look(at: Option<f64>, entries: &[(&str, u64)]) -> Snapshot {
    Snapshot {
        source: "x".to_owned(),
        at,
        entries: entries
            .iter()
            .map(|(owner, count)| entry(owner, *count))
            .collect(),
        incomplete: None,
        profiled: false,
    }
}

#[test]
fn two_looks_tell_what_is_new_gone_grew_and_shrank() {
    let before = look(
        None,
        &[("m.same", 3), ("m.gone", 2), ("m.grew", 1), ("m.shrank", 9)],
    );
    let after = look(
        None,
        &[("m.same", 3), ("m.new", 4), ("m.grew", 6), ("m.shrank", 1)],
    );
    let found = compare(&[before, after], By::Fingerprint);
    let rows: Vec<_> = found
        .rows
        .iter()
        .map(|row| (row.owner.as_str(), row.change, row.growth))
        .collect();
    assert_eq!(
        rows,
        [
            ("m.grew", Change::Grew, 5),
            ("m.new", Change::New, 4),
            ("m.same", Change::Same, 0),
            ("m.gone", Change::Gone, -2),
            ("m.shrank", Change::Shrank, -8),
        ]
    );
    assert_eq!((found.totals.as_slice(), found.growth), (&[15, 14][..], -1));
    assert_eq!(found.rate_per, "look");
}

/// 100 more every 10 seconds are 600 a minute; a pool that comes and goes does not grow.
#[test]
fn growth_over_time_has_a_rate_and_a_pool_does_not_grow() {
    let looks: Vec<Snapshot> = (0..7_u64)
        .map(|n| {
            look(
                Some(n as f64 * 10.0),
                &[
                    ("m.leak", 1 + 100 * n),
                    ("m.pool", [5, 9, 2, 8, 3, 9, 4][n as usize]),
                ],
            )
        })
        .collect();
    let found = compare(&looks, By::Owner);
    assert_eq!(found.rate_per, "minute");
    let leak = &found.rows[0];
    assert_eq!((leak.owner.as_str(), leak.trend), ("m.leak", Trend::Grows));
    assert!((leak.rate - 600.0).abs() < 1e-6, "{}", leak.rate);
    let growing: Vec<_> = found.growing().map(|row| row.owner.as_str()).collect();
    assert_eq!(growing, ["m.leak"]);
}

#[test]
fn trends_are_read_from_the_thirds() {
    for (counts, want) in [
        (&[1, 2][..], Trend::Grows),
        (&[2, 1], Trend::Shrinks),
        (&[2, 2, 2], Trend::Steady),
        (&[1, 2001, 2001], Trend::Grows),
        (&[1, 2001, 1], Trend::Varies),
        (&[1, 5, 1, 5, 1, 5], Trend::Varies),
        (&[1, 2, 1, 3, 9, 8], Trend::Grows),
    ] {
        assert_eq!(trend(counts), want, "{counts:?}");
    }
}

#[test]
fn sparklines_begin_at_zero_and_stay_short() {
    assert_eq!(sparkline(&[0, 1, 2, 3, 4, 5, 6, 7]), "▁▂▃▄▅▆▇█");
    assert_eq!(sparkline(&[5, 5]), "██");
    assert_eq!(sparkline(&[0, 0]), "▁▁");
    assert_eq!(sparkline(&(0..1000).collect::<Vec<_>>()).chars().count(), 40);
}

#[test]
fn a_gate_fails_on_growth_new_ones_or_the_total() {
    let found = compare(
        &[look(None, &[("m.a", 1)]), look(None, &[("m.a", 11), ("m.b", 2)])],
        By::Owner,
    );
    for (rule, fails) in [
        ("growth>9", true),
        ("growth>10", false),
        ("new>0", true),
        ("new>1", false),
        ("total>11", true),
        ("total > 12", false),
    ] {
        let verdict = rule.parse::<FailOn>().unwrap().verdict(&found);
        assert_eq!(verdict.is_some(), fails, "{rule}: {verdict:?}");
    }
    for wrong in ["growth", "growth>x", "age>3", "growth>-1"] {
        assert!(wrong.parse::<FailOn>().is_err(), "{wrong}");
    }
}

#[test]
fn a_profile_is_compared_by_its_stacks() {
    let mut profile = look(None, &[("m.a", 7)]);
    profile.profiled = true;
    profile.entries[0].fingerprint = "other".to_owned();
    let found = compare(&[look(None, &[("m.a", 5)]), profile], By::Fingerprint);
    assert_eq!((found.rows.len(), found.rows[0].growth), (1, 2));
}

#[test]
fn every_format_names_what_grew() {
    let found = compare(
        &[
            look(Some(0.0), &[("m.a|b`c", 1)]),
            look(Some(30.0), &[]),
            look(Some(60.0), &[("m.a|b`c", 61)]),
        ],
        By::Owner,
    );
    let text = |format| String::from_utf8(write(&found, format, 10).unwrap()).unwrap();
    let human = text(DiffFormat::Human);
    assert!(
        human.starts_with("goroutines 1 → 61 (+60): 0 new, 0 gone, 1 grew, 0 shrank, 0 same\n▂▁█"),
        "{human}"
    );
    let table = text(DiffFormat::Markdown);
    assert!(
        table.contains("| grew | 1 → 61 (+60) | `` m.a\\|b`c `` |"),
        "{table}"
    );
    let json: serde_json::Value = serde_json::from_str(&text(DiffFormat::Json)).unwrap();
    assert_eq!(
        (&json["schema"], &json["rows"][0]["counts"][2]),
        (&"leakgate.diff/1".into(), &61.into())
    );
}
