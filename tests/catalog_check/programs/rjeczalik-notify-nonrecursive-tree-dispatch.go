//leakgate:module github.com/rjeczalik/notify@v0.9.3

package main

import (
	"os"

	"github.com/rjeczalik/notify"
)

func start() {
	c := make(chan notify.EventInfo, 1)
	must(notify.Watch(os.TempDir(), c, notify.All))
	notify.Stop(c)
}
