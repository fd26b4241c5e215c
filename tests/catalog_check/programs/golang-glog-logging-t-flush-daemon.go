//leakgate:module github.com/golang/glog@v1.0.0

package main

import "github.com/golang/glog"

func start() { glog.Flush() }
