package relay

import (
	"io"
	"testing"
	"time"
)

// BenchmarkPath is what a relay costs: the same bytes there and back, on both ways in turn.
func BenchmarkPath(b *testing.B) {
	_, relay, _ := relayAt(b, ServerConfig{Rate: 1 << 40, Total: 1 << 40})
	node, nep := client(b, mux(), true)
	registerAt(b, node, relay)
	_, cep := client(b, nil, true)
	data := make([]byte, 8<<20)
	for _, x := range []struct{ name, addr string }{{"direct", nep.Addr().String()}, {"relayed", Addr(relay, nep.Account())}} {
		b.Run(x.name, func(b *testing.B) {
			conn, err := cep.To(within(b, 20*time.Second), x.addr, nil)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(2 * int64(len(data)))
			for b.Loop() {
				s, err := conn.Open(within(b, time.Minute), "echo")
				if err != nil {
					b.Fatal(err)
				}
				go func() { s.Write(data); s.CloseSend() }()
				if n, err := io.Copy(io.Discard, s); err != nil || n != int64(len(data)) {
					b.Fatal(n, err)
				}
				s.Close()
			}
		})
	}
}
