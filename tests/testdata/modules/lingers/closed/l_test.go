package closed

import (
	"testing"

	"github.com/syndtr/goleveldb/leveldb"
)

func TestClosed(t *testing.T) { leveldb.Open().Close() }
