//leakgate:module github.com/valyala/fasthttp@v1.58.0

package main

import (
	"net"

	"github.com/valyala/fasthttp"
)

func start() {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	must(err)
	_, err = fasthttp.Dial(listener.Addr().String())
	must(err)
}
