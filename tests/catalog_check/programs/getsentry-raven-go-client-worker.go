//leakgate:module github.com/getsentry/raven-go@v0.2.0

package main

import (
	"errors"

	"github.com/getsentry/raven-go"
)

func start() {
	must(raven.SetDSN("http://a:b@127.0.0.1:1/1"))
	raven.CaptureError(errors.New("x"), nil)
}
