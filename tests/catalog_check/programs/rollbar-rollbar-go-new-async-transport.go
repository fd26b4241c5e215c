//leakgate:module github.com/rollbar/rollbar-go@v1.4.5

package main

import _ "github.com/rollbar/rollbar-go"

func start() {}
