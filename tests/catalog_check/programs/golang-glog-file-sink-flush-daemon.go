//leakgate:module github.com/golang/glog@v1.2.4

package main

import "github.com/golang/glog"

func start() { glog.Flush() }
