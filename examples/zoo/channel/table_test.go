package channel

import "testing"

// Every case of this package.
var cases = []struct {
	name        string
	leak, fixed func(*testing.T)
}{
	{"01ReceiveNobodySends", TestLeak01ReceiveNobodySends, TestFixed01ReceiveNobodySends},
	{"02RangeProducerReturnsEarly", TestLeak02RangeProducerReturnsEarly, TestFixed02RangeProducerReturnsEarly},
	{"03TwoProducersNoneCloses", TestLeak03TwoProducersNoneCloses, TestFixed03TwoProducersNoneCloses},
	{"04Broadcast", TestLeak04Broadcast, TestFixed04Broadcast},
	{"05FirstResponseWins", TestLeak05FirstResponseWins, TestFixed05FirstResponseWins},
	{"06Generator", TestLeak06Generator, TestFixed06Generator},
	{"07RandomStream", TestLeak07RandomStream, TestFixed07RandomStream},
	{"08BufferFull", TestLeak08BufferFull, TestFixed08BufferFull},
	{"16NilReceive", TestLeak16NilReceive, TestFixed16NilReceive},
	{"17NilSend", TestLeak17NilSend, TestFixed17NilSend},
	{"18NilRange", TestLeak18NilRange, TestFixed18NilRange},
}

// The same cases as subtests.
func TestTable(t *testing.T) {
	for _, c := range cases {
		t.Run("leak/"+c.name, c.leak)
		t.Run("fixed/"+c.name, c.fixed)
	}
}
