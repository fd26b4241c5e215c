//leakgate:module github.com/rs/zerolog@v1.33.0

package main

import (
	"io"
	"time"

	"github.com/rs/zerolog/diode"
)

func start() { diode.NewWriter(io.Discard, 10, time.Hour, func(int) {}) }
