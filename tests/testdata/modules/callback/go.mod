// A callback of the test's own blocks a goroutine that the catalog knows. The library is a stand-in with its names.
module example.com/callback

go 1.21

require github.com/patrickmn/go-cache v2.1.0+incompatible
