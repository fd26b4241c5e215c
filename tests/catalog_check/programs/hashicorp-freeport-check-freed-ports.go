//leakgate:module github.com/hashicorp/consul/sdk@v0.16.1

package main

import "github.com/hashicorp/consul/sdk/freeport"

func start() {
	ports, err := freeport.Take(1)
	must(err)
	freeport.Return(ports)
}
