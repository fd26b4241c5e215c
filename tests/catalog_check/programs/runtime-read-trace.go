package main

import (
	"io"
	"runtime/trace"
)

func start() { must(trace.Start(io.Discard)) }
