package main

import (
	"os"
	"os/signal"
)

func start() {
	c := make(chan os.Signal, 1)
	signal.Notify(c, os.Interrupt)
	signal.Stop(c)
}
