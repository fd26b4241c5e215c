module example.com/mistakes

go 1.21

require example.net/box v0.0.0

replace example.net/box => ./third/box
