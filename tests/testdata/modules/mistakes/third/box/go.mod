module example.net/box

go 1.21
