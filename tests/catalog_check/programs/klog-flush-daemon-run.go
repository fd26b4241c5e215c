//leakgate:module k8s.io/klog/v2@v2.130.1

package main

import (
	"time"

	"k8s.io/klog/v2"
)

func start() { klog.StartFlushDaemon(time.Second) }
