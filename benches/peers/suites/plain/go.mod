module example.com/suites/plain

go 1.21
