module example.org/steady

go 1.21
