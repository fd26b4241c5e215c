//leakgate:module github.com/open-feature/go-sdk@v1.13.0

package main

import "github.com/open-feature/go-sdk/openfeature"

func start() { openfeature.NewClient("x") }
