//go:build go1.23

package iterators

import "iter"

// Pages yields the pages of a listing.
func Pages(n int) iter.Seq[string] {
	return func(yield func(string) bool) {
		for page := 0; page < n; page++ {
			if !yield(string(rune('A' + page))) { // blocked: 38
				return
			}
		}
	}
}

// LeakyHead pulls the first page and forgets the others.
func LeakyHead(pages iter.Seq[string]) string {
	next, _ := iter.Pull(pages) // started: 38
	first, _ := next()
	return first
}

// FixedHead stops the iterator.
func FixedHead(pages iter.Seq[string]) string {
	next, stop := iter.Pull(pages)
	defer stop()
	first, _ := next()
	return first
}
