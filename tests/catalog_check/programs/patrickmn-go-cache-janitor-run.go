//leakgate:module github.com/patrickmn/go-cache@v2.1.0+incompatible

package main

import (
	"time"

	"github.com/patrickmn/go-cache"
)

var kept *cache.Cache

func start() { kept = cache.New(time.Hour, time.Hour) }
