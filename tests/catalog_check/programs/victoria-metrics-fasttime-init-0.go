//leakgate:module github.com/VictoriaMetrics/VictoriaMetrics@v1.96.0

package main

import "github.com/VictoriaMetrics/VictoriaMetrics/lib/fasttime"

func start() { fasttime.UnixTimestamp() }
