//! Cutting the packages of a run over several machines. Pure: every machine works out the same cut by itself.

use std::collections::HashMap;

/// A package as `go list` names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedPackage {
    /// Import path.
    pub path: String,
    /// How many files of tests it has.
    pub test_files: u32,
}

/// What every package costs, beside its tests: link, start, settle.
const OVERHEAD_MS: u64 = 150;
/// What a package without tests costs.
const NO_TESTS_MS: u64 = 5;
/// What a file of tests costs where no duration at all is known.
const FILE_MS: u64 = 250;

/// The packages of each of `total` parts, by what they are expected to cost. Durations (ms) come from earlier reports; a
/// package that is in none of them is taken for a middling one.
///
/// The longest package goes first, each to the part that has least so far: never worse than 4/3 of the best cut. Equal
/// costs go by path, so that the cut depends on nothing but its arguments.
pub fn cut(packages: &[ListedPackage], durations: &HashMap<String, u64>, total: u32) -> Vec<Vec<String>> {
    let middling = median(
        packages
            .iter()
            .filter_map(|package| durations.get(&package.path).copied()),
    );
    let cost = |package: &ListedPackage| match (package.test_files, durations.get(&package.path), middling) {
        (0, _, _) => NO_TESTS_MS,
        (_, Some(known), _) => known + OVERHEAD_MS,
        (_, None, Some(middling)) => middling + OVERHEAD_MS,
        (files, None, None) => u64::from(files) * FILE_MS + OVERHEAD_MS,
    };
    let mut queue: Vec<(u64, &str)> = packages
        .iter()
        .map(|package| (cost(package), package.path.as_str()))
        .collect();
    queue.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    queue.dedup_by(|a, b| a.1 == b.1);
    let mut parts: Vec<(u64, Vec<String>)> = (0..total).map(|_| (0, Vec::new())).collect();
    for (cost, path) in queue {
        if let Some(least) = parts.iter_mut().min_by_key(|part| part.0) {
            least.0 += cost;
            least.1.push(path.to_owned());
        }
    }
    let sorted = |(_, mut paths): (u64, Vec<String>)| {
        paths.sort();
        paths
    };
    parts.into_iter().map(sorted).collect()
}

fn median(values: impl Iterator<Item = u64>) -> Option<u64> {
    let mut values: Vec<u64> = values.collect();
    values.sort_unstable();
    values.get(values.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn listed(path: &str, test_files: u32) -> ListedPackage {
        ListedPackage {
            path: path.to_owned(),
            test_files,
        }
    }

    /// A repository as they are: many quick packages, some slow, a few very slow.
    fn repository(count: u32) -> (Vec<ListedPackage>, HashMap<String, u64>) {
        let packages: Vec<_> = (0..count)
            .map(|n| listed(&format!("example.com/mono/p{n:05}"), 1 + n % 4))
            .collect();
        let duration = |n: usize| match n % 100 {
            0 => 60_000 + (n as u64 * 37) % 40_000,
            1..=9 => 4_000 + (n as u64 * 7919) % 9_000,
            _ => 20 + (n as u64 * 104_729) % 900,
        };
        let durations = packages
            .iter()
            .enumerate()
            .map(|(n, package)| (package.path.clone(), duration(n)))
            .collect();
        (packages, durations)
    }

    fn load(part: &[String], durations: &HashMap<String, u64>) -> u64 {
        part.iter().map(|path| durations[path] + OVERHEAD_MS).sum()
    }

    #[test]
    fn five_thousand_packages_are_balanced_within_one_percent() {
        let (packages, durations) = repository(5_000);
        for total in [2, 7, 16, 32] {
            let parts = cut(&packages, &durations, total);
            let loads: Vec<u64> = parts.iter().map(|part| load(part, &durations)).collect();
            let mean = loads.iter().sum::<u64>() / u64::from(total);
            let most = loads.iter().max().copied().unwrap();
            assert!(
                most * 100 <= mean * 101,
                "{total} parts: most {most} ms, mean {mean} ms"
            );
        }
    }

    #[test]
    fn without_durations_the_files_of_tests_count() {
        let packages = [
            listed("a", 4),
            listed("b", 1),
            listed("c", 1),
            listed("d", 1),
            listed("e", 0),
        ];
        let parts = cut(&packages, &HashMap::new(), 2);
        assert_eq!(parts, [vec!["a", "e"], vec!["b", "c", "d"]]);
    }

    #[test]
    fn an_unknown_package_is_taken_for_a_middling_one() {
        let packages = [listed("fast", 1), listed("new", 1), listed("slow", 1)];
        let durations = HashMap::from([("fast".to_owned(), 10), ("slow".to_owned(), 900)]);
        let parts = cut(&packages, &durations, 2);
        assert_eq!(parts.iter().map(Vec::len).sum::<usize>(), 3);
        assert!(parts.contains(&vec!["new".to_owned()]) || parts.contains(&vec!["slow".to_owned()]));
    }

    proptest! {
        #[test]
        fn every_package_is_in_exactly_one_part_whatever_the_order(
            mut names in proptest::collection::btree_set("[a-z]{1,6}", 0..60), total in 1_u32..12, seed in any::<u64>(),
        ) {
            names.insert("fixed".to_owned());
            let durations: HashMap<String, u64> =
                names.iter().filter(|name| name.len() % 2 == 0).map(|name| (name.clone(), seed % 1000)).collect();
            let forward: Vec<_> = names.iter().map(|name| listed(name, 1)).collect();
            let backward: Vec<_> = names.iter().rev().map(|name| listed(name, 1)).collect();
            let parts = cut(&forward, &durations, total);
            prop_assert_eq!(parts.len(), total as usize);
            let mut all: Vec<String> = parts.iter().flatten().cloned().collect();
            all.sort();
            prop_assert_eq!(all, names.into_iter().collect::<Vec<_>>());
            prop_assert_eq!(cut(&backward, &durations, total), parts);
        }
    }
}
