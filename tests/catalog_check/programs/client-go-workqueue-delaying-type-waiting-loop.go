//leakgate:module k8s.io/client-go@v0.32.0

package main

import "k8s.io/client-go/util/workqueue"

func start() { workqueue.NewTypedDelayingQueue[string]() }
