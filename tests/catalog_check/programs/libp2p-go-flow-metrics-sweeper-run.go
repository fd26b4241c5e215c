//leakgate:module github.com/libp2p/go-flow-metrics@v0.2.0

package main

import flow "github.com/libp2p/go-flow-metrics"

func start() { new(flow.Meter).Mark(1) }
