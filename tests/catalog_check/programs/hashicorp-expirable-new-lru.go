//leakgate:module github.com/hashicorp/golang-lru/v2@v2.0.7

package main

import (
	"time"

	"github.com/hashicorp/golang-lru/v2/expirable"
)

func start() { expirable.NewLRU[string, int](8, nil, time.Hour).Add("a", 1) }
