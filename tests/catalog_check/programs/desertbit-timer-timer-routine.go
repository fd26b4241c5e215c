//leakgate:module github.com/desertbit/timer@v1.0.1

package main

import (
	"time"

	"github.com/desertbit/timer"
)

func start() { timer.NewTimer(time.Hour) }
