//leakgate:module go.opencensus.io@v0.24.0

package main

import _ "go.opencensus.io/stats/view"

func start() {}
