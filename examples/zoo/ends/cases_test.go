package ends

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"
)

// refuse reads the beginning, and refuses the rest.
func refuse(r io.Reader) error {
	var some [4]byte
	if _, err := r.Read(some[:]); err != nil {
		return err
	}
	return ErrTooLarge
}

func TestLeak75PipeNotRead(t *testing.T) {
	if err := LeakyUpload([]string{"one", "two"}, refuse); !errors.Is(err, ErrTooLarge) {
		t.Fatal(err)
	}
}

func TestFixed75PipeNotRead(t *testing.T) {
	if err := FixedUpload([]string{"one", "two"}, refuse); !errors.Is(err, ErrTooLarge) {
		t.Fatal(err)
	}
}

func TestLeak76TimerInMap(t *testing.T) {
	p := NewParking()
	p.LeakyPark("car", time.Hour)
	p.LeakyFetch("car")
}

func TestFixed76TimerInMap(t *testing.T) {
	p := NewParking()
	p.FixedPark("car", time.Hour)
	p.FixedFetch("car")
}

func TestLeak77FanIn(t *testing.T) {
	<-LeakyMerge()
}

func TestFixed77FanIn(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	merged := FixedMerge(ctx)
	<-merged
	cancel()
	for range merged {
	}
}

func TestLeak78WayOut(t *testing.T) {
	if err := LeakyAgree("one", ""); err == nil {
		t.Fatal("an empty clause")
	}
}

func TestFixed78WayOut(t *testing.T) {
	if err := FixedAgree("one", ""); err == nil {
		t.Fatal("an empty clause")
	}
}

func TestLeak79Failed(t *testing.T) {
	if _, err := LeakyOpen(false); err == nil {
		t.Fatal("not ready")
	}
}

func TestFixed79Failed(t *testing.T) {
	if _, err := FixedOpen(false); err == nil {
		t.Fatal("not ready")
	}
}
