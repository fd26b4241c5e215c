module example.com/leaklab

go 1.21
