//leakgate:module github.com/rcrowley/go-metrics@v0.0.0-20201227073835-cf1acfcdf475

package main

import "github.com/rcrowley/go-metrics"

func start() { metrics.NewMeter().Mark(1) }
