//leakgate:module github.com/syndtr/goleveldb@v1.0.0

package main

import (
	"github.com/syndtr/goleveldb/leveldb"
	"github.com/syndtr/goleveldb/leveldb/storage"
)

func start() {
	db, err := leveldb.Open(storage.NewMemStorage(), nil)
	must(err)
	must(db.Close())
}
