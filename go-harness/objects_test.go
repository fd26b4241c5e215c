package harness

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

func TestOnlyWhatIsAPointerForCertainIsAnObject(t *testing.T) {
	near := fmt.Sprintf("%#x", leakgateHeapAt+4096)
	block := "goroutine 7 [sleep]:\ntime.Sleep(0x3b9aca00)\n\t/t.go:1 +0x1\nm.(*T).inlined(...)\n\t/m.go:1\n" +
		"m.(*T).loop(0xc000102030, 0x1)\n\t/m.go:2 +0x1\nm.(*T).old(0xc000102030?)\n\t/m.go:3 +0x1\n" +
		"m.read(" + near + ", {0x1, 0x2})\n\t/m.go:4 +0x1\nm.(*G).global(0x5ab3f0)\n\t/m.go:5 +0x1\nm.first({0x1, 0xc000102030})\n\t/m.go:6 +0x1\n" +
		"m.(*C[...]).Len(0xc000106000)\n\t/m.go:7 +0x1\n" +
		"created by m.(*T).start(0xc000102030) in goroutine 3\n\t/m.go:9 +0x1\n"
	got := fmt.Sprint(leakgateObjects(nil, []byte(block)))
	want := fmt.Sprintf("[{2 %d} {4 %d} {5 %d}]", uint64(0xc000102030), leakgateHeapAt+4096, 0x5ab3f0)
	if got != want {
		t.Errorf("%s, not %s", got, want)
	}
}

func TestADeepStackShowsTheObjectsOfBothEnds(t *testing.T) {
	var block bytes.Buffer
	block.WriteString("goroutine 7 [select]:\n")
	for i := 0; i < 20; i++ {
		fmt.Fprintf(&block, "m.(*T).f(%#x)\n\t/m.go:1 +0x1\n", 0x100000+i)
	}
	var frames []int
	for _, object := range leakgateObjects(nil, block.Bytes()) {
		frames = append(frames, object.frame)
	}
	if got := fmt.Sprint(frames); got != "[0 1 2 3 16 17 18 19]" {
		t.Error(got)
	}
}

type leakgatePair struct{ stop chan bool }

//go:noinline
func (p *leakgatePair) one() { <-p.stop; p.stop = nil }

//go:noinline
func (p *leakgatePair) two() { <-p.stop; p.stop = nil }

func TestGoroutinesOfOneObjectShareItsAddress(t *testing.T) {
	stop := make(chan bool)
	defer close(stop)
	p := run(t, "settle=20ms,prove=off", func() {
		tRunner("test", "TestPair", func() {
			for i := 0; i < 2; i++ {
				pair := &leakgatePair{stop}
				go pair.one()
				go pair.two()
			}
		})
	})
	shared := map[string]int{}
	for _, o := range lines(p, "o") {
		shared[strings.Fields(o)[2]]++
	}
	if len(shared) != 2 {
		t.Fatalf("%v\n%s", shared, p)
	}
	for addr, n := range shared {
		if n != 2 {
			t.Errorf("%s in %d stacks\n%s", addr, n, p)
		}
	}
}

func TestManyObjectsAreLimitedAndCounted(t *testing.T) {
	stop := make(chan bool)
	defer close(stop)
	p := run(t, "settle=20ms,prove=off", func() {
		tRunner("test", "TestMany", func() {
			for i := 0; i < leakgateStackPlaces+500; i++ {
				go (&leakgatePair{stop}).one()
			}
			one := &leakgatePair{stop}
			for i := 0; i < 500; i++ {
				go one.two()
			}
		})
	})
	if o, u := lines(p, "o"), lines(p, "u"); len(o) != leakgateStackPlaces+1 || len(u) != 1 || u[0] != "u 500" {
		t.Errorf("%d places, beyond the limit: %q", len(o), u)
	}
}
