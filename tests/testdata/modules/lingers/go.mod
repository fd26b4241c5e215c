// What a library ends a second after it was closed is given that time. The library is a stand-in with its names.
module example.com/lingers

go 1.21

require github.com/syndtr/goleveldb v1.0.0
