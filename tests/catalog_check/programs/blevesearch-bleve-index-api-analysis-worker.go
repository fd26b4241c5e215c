//leakgate:module github.com/blevesearch/bleve_index_api@v1.2.0

package main

import index "github.com/blevesearch/bleve_index_api"

func start() { index.NewAnalysisQueue(1) }
