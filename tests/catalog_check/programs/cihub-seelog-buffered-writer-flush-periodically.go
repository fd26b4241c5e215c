//leakgate:module github.com/cihub/seelog@v0.0.0-20170130134532-f561c5e57575

package main

import (
	"io"

	"github.com/cihub/seelog"
)

func start() {
	writer, err := seelog.NewBufferedWriter(io.Discard, 1024, 1000)
	must(err)
	must(writer.Close())
}
