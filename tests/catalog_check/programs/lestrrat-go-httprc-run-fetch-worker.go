//leakgate:module github.com/lestrrat-go/httprc@v1.0.6

package main

import (
	"context"

	"github.com/lestrrat-go/httprc"
)

func start() { httprc.NewCache(context.Background()) }
