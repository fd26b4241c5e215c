//leakgate:module github.com/valyala/fasthttp@v1.58.0

package main

import (
	"net"

	"github.com/valyala/fasthttp"
	"github.com/valyala/fasthttp/fasthttputil"
)

func start() {
	listener := fasthttputil.NewInmemoryListener()
	go fasthttp.Serve(listener, func(ctx *fasthttp.RequestCtx) { ctx.SetBodyString("x") })
	client := fasthttp.Client{Dial: func(string) (net.Conn, error) { return listener.Dial() }}
	_, _, err := client.Get(nil, "http://x/")
	must(err)
}
