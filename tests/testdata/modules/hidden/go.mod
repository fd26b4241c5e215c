// A module whose path begins with `runtime.`: Go shows none of its goroutines in a dump.
module runtime.example.com/hidden

go 1.21
