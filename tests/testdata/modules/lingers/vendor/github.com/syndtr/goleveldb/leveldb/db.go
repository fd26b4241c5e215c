// Package leveldb is a stand-in: a goroutine that ends a second after Close.
package leveldb

import "time"

// DB is one.
type DB struct{ closed chan struct{} }

// Open starts the goroutine.
func Open() *DB {
	db := &DB{closed: make(chan struct{})}
	go db.mpoolDrain()
	return db
}

// Close has it end.
func (db *DB) Close() { close(db.closed) }

func (db *DB) mpoolDrain() {
	ticker := time.NewTicker(30 * time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-db.closed:
			select {
			case <-ticker.C:
			case <-time.After(time.Second):
			}
			return
		}
	}
}
