//leakgate:module github.com/panjf2000/ants/v2@v2.11.0

package main

import _ "github.com/panjf2000/ants/v2"

func start() {}
