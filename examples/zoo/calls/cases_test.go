package calls

import "testing"

func TestLeak60ShutdownWaits(t *testing.T) {
	site, address, err := Serve()
	if err != nil {
		t.Fatal(err)
	}
	conn, err := Request(address)
	if err != nil {
		t.Fatal(err)
	}
	<-site.In
	site.LeakyStop()
	site.served.Wait()
	_ = conn.Close()
}

func TestFixed60ShutdownWaits(t *testing.T) {
	site, address, err := Serve()
	if err != nil {
		t.Fatal(err)
	}
	conn, err := Request(address)
	if err != nil {
		t.Fatal(err)
	}
	<-site.In
	if err := site.FixedStop(); err != nil {
		t.Error(err)
	}
	_ = conn.Close()
}

func TestLeak61GroupWaits(t *testing.T) {
	Start().LeakyAfter(func() {})
}

func TestFixed61GroupWaits(t *testing.T) {
	Start().FixedAfter(func() {})
}
