//leakgate:module gopkg.in/natefinch/lumberjack.v2@v2.2.1

package main

import (
	"os"
	"path/filepath"

	"gopkg.in/natefinch/lumberjack.v2"
)

func start() {
	dir, err := os.MkdirTemp("", "lumberjack")
	must(err)
	logger := &lumberjack.Logger{Filename: filepath.Join(dir, "x.log")}
	_, err = logger.Write([]byte("x"))
	must(err)
	must(logger.Close())
	must(os.RemoveAll(dir))
}
