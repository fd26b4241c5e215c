//leakgate:module github.com/cihub/seelog@v0.0.0-20170130134532-f561c5e57575

package main

import _ "github.com/cihub/seelog"

func start() {}
