package open

import (
	"testing"

	"github.com/syndtr/goleveldb/leveldb"
)

func TestOpen(t *testing.T) { leveldb.Open() }
