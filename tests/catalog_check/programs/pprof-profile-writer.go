package main

import (
	"io"
	"runtime/pprof"
)

func start() { must(pprof.StartCPUProfile(io.Discard)) }
