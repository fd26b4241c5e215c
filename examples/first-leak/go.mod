module example.com/first-leak

go 1.21
