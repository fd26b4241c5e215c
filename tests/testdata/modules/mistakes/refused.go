package mistakes

import (
	"errors"

	"example.net/box"
)

// Shelf keeps a box of a library.
type Shelf struct{ box *box.Box }

// NewShelf refuses an empty label only after it has made its box, and forgets that.
func NewShelf(label string) (*Shelf, error) {
	shelf := &Shelf{box: box.New()}
	if label == "" {
		return nil, errors.New("no label")
	}
	return shelf, nil
}

// Close ends it.
func (s *Shelf) Close() { s.box.Stop() }
