//leakgate:module github.com/afex/hystrix-go@v0.0.0-20180502004556-fa1af6a1f4f5

package main

import "github.com/afex/hystrix-go/hystrix"

func start() { must(hystrix.Do("x", func() error { return nil }, nil)) }
