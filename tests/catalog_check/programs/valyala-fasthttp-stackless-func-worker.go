//leakgate:module github.com/valyala/fasthttp@v1.58.0

package main

import (
	"github.com/valyala/bytebufferpool"
	"github.com/valyala/fasthttp"
)

func start() {
	_, err := fasthttp.WriteGzip(&bytebufferpool.ByteBuffer{}, []byte("x"))
	must(err)
}
