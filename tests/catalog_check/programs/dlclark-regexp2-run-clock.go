//leakgate:module github.com/dlclark/regexp2@v1.11.4

package main

import (
	"time"

	"github.com/dlclark/regexp2"
)

func start() {
	re := regexp2.MustCompile("a+", 0)
	re.MatchTimeout = time.Second
	_, err := re.MatchString("aaa")
	must(err)
}
