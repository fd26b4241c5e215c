//leakgate:module github.com/hashicorp/go-metrics@v0.7.0

package main

import metrics "github.com/hashicorp/go-metrics"

func start() {
	if _, err := metrics.New(metrics.DefaultConfig("service"), &metrics.BlackholeSink{}); err != nil {
		panic(err)
	}
}
