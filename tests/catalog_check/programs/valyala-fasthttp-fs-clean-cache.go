//leakgate:module github.com/valyala/fasthttp@v1.58.0

package main

import "github.com/valyala/fasthttp"

func start() { fasthttp.FSHandler(".", 0) }
