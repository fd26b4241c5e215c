module example.com/suites/leaktest

go 1.24

require github.com/fortytw2/leaktest v1.3.0
