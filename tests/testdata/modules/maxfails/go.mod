module example.com/maxfails

go 1.21
