package network

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
)

// Memory is a database driver without tables.
type Memory struct{}

// Connect implements driver.Connector.
func (m Memory) Connect(context.Context) (driver.Conn, error) { return memoryConn{}, nil }

// Driver implements driver.Connector.
func (m Memory) Driver() driver.Driver { return m }

// Open implements driver.Driver.
func (m Memory) Open(string) (driver.Conn, error) { return memoryConn{}, nil }

type memoryConn struct{}

var errNoTables = errors.New("no tables")

func (memoryConn) Prepare(string) (driver.Stmt, error) { return nil, errNoTables }
func (memoryConn) Close() error                        { return nil }
func (memoryConn) Begin() (driver.Tx, error)           { return nil, errNoTables }

// LeakyCheckDatabase opens a pool for one question and keeps it.
func LeakyCheckDatabase(ctx context.Context) error {
	db := sql.OpenDB(Memory{})
	return db.PingContext(ctx)
}

// FixedCheckDatabase closes it.
func FixedCheckDatabase(ctx context.Context) error {
	db := sql.OpenDB(Memory{})
	defer db.Close()
	return db.PingContext(ctx)
}
