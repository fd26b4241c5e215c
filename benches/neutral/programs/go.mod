module neutral.test

go 1.21
