module example.com/process

go 1.21
