//leakgate:module github.com/bsm/ginkgo/v2@v2.12.0

package main

import "github.com/bsm/ginkgo/v2"

var _ = ginkgo.It("runs", func() {})

type suite struct{}

func (suite) Fail() {}

func start() { ginkgo.RunSpecs(suite{}, "suite") }
