//! The name that was meant.

/// The name among `known` that `typed` was probably meant to be.
pub fn did_you_mean<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed: String = typed.replace('_', "-").to_lowercase().chars().take(80).collect();
    known
        .into_iter()
        .map(|name| (strsim::osa_distance(&typed, name), name))
        .filter(|(far, name)| *far <= 1 + name.len() / 4)
        .min()
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_offered_and_a_far_one_is_not() {
        let known = ["settle", "prove", "once-per-process"];
        assert_eq!(did_you_mean("setle", known), Some("settle"));
        assert_eq!(did_you_mean("once_per_proces", known), Some("once-per-process"));
        assert_eq!(did_you_mean("colour", known), None);
    }
}
