module example.org/whose

go 1.21
