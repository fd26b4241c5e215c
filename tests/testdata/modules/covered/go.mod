// Packages with and without test files, for runs with coverage.
module example.com/covered

go 1.21
