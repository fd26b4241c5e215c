module example.com/settling

go 1.21
