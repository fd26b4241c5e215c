//leakgate:module github.com/rcrowley/go-metrics@v0.0.0-20201227073835-cf1acfcdf475

package main

import (
	"log"
	"os"
	"time"

	"github.com/rcrowley/go-metrics"
)

func start() { go metrics.Log(metrics.NewRegistry(), time.Hour, log.New(os.Stderr, "", 0)) }
