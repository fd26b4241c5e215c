//leakgate:module k8s.io/klog@v1.0.0

package main

import "k8s.io/klog"

func start() { klog.Flush() }
