//leakgate:module k8s.io/klog/v2@v2.40.1

package main

import "k8s.io/klog/v2"

func start() { klog.Flush() }
