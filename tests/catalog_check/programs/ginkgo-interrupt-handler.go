//leakgate:module github.com/onsi/ginkgo/v2@v2.22.2

package main

import "github.com/onsi/ginkgo/v2"

var _ = ginkgo.It("runs", func() {})

type suite struct{}

func (suite) Fail() {}

func start() { ginkgo.RunSpecs(suite{}, "suite") }
