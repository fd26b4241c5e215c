//leakgate:module github.com/kpango/fastime@v1.1.9

package main

import "github.com/kpango/fastime"

func start() { fastime.Now() }
