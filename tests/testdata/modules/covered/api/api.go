package api

import "example.com/covered/store"

func Serve() int { return store.Get() }
