//leakgate:module github.com/caddyserver/certmagic@v0.25.6

package main

import (
	"time"

	"github.com/caddyserver/certmagic"
)

func start() { certmagic.NewRateLimiter(1, time.Hour) }
