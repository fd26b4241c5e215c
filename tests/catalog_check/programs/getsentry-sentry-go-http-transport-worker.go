//leakgate:module github.com/getsentry/sentry-go@v0.31.1

package main

import "github.com/getsentry/sentry-go"

func start() { must(sentry.Init(sentry.ClientOptions{Dsn: "http://a@127.0.0.1:1/1"})) }
