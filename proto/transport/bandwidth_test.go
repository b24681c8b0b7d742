package transport

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/gwrun/gwrun/proto/msg"
)

// model is a clock that moves only when somebody waits for bandwidth: time is what the limit says it is, however fast the
// machine.
type model struct {
	mu    sync.Mutex
	start time.Time
	at    time.Time
	waits int
}

func newModel() *model { now := time.Now(); return &model{start: now, at: now} }

func (m *model) now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.at
}

func (m *model) pause(ctx context.Context, d time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.waits++
	m.at = m.at.Add(d)
	return ctx.Err()
}

// passed is how much time has, and how often somebody waited.
func (m *model) passed() (time.Duration, int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.at.Sub(m.start), m.waits
}

// Many streams that always want more get, together, what the limit allows and not more, in every stretch of time, and each its share.
func TestGate(t *testing.T) {
	for _, rate := range []int64{10_000, 1_000_000, 300_000_000} {
		const streams = 20
		now := time.Unix(0, 0)
		var g gate
		g.init(rate, func() time.Time { return now }, nil)
		var due [streams]time.Time // when the slice that each waits for comes
		var got [streams]float64
		type passage struct {
			at time.Time
			n  int
		}
		var log []passage
		r := rand.New(rand.NewPCG(1, uint64(rate)))
		for i := range due {
			due[i] = now
		}
		const seconds = 200
		for {
			next := 0
			for i := range due {
				if due[i].Before(due[next]) {
					next = i
				}
			}
			now = due[next]
			if now.After(time.Unix(seconds, 0)) {
				break
			}
			n := 1 + r.IntN(g.most())
			due[next] = now.Add(g.reserve(n))
			got[next] += float64(n)
			log = append(log, passage{due[next], n})
		}
		sum, least, most := 0.0, got[0], got[0]
		for _, n := range got {
			sum, least, most = sum+n, min(least, n), max(most, n)
		}
		want := float64(rate) * seconds
		if sum < want || sum > want+g.burst+streams*float64(g.slice) {
			t.Errorf("%d bytes a second: %.0f in %d s, wanted %.0f", rate, sum, seconds, want)
		}
		if least < 0.6*sum/streams || most > 1.4*sum/streams {
			t.Errorf("%d bytes a second: a stream got %.0f, another %.0f", rate, least, most)
		}
		// No stretch of time sees more than the limit and one burst.
		from, in := 0, 0
		for _, p := range log {
			in += p.n
			for p.at.Sub(log[from].at) > 10*time.Second {
				in -= log[from].n
				from++
			}
			if most := 10*g.rate + g.burst + float64(g.slice); float64(in) > most {
				t.Fatalf("%d bytes a second: %d within ten, at most %.0f wanted", rate, in, most)
			}
		}
		now = now.Add(time.Hour) // a pause saves up a burst, no more
		g.reserve(0)
		if g.tokens != g.burst {
			t.Errorf("%d bytes a second: %.0f saved up, burst is %.0f", rate, g.tokens, g.burst)
		}
		now = now.Add(-2 * time.Hour)
		if d := g.reserve(int(g.burst)); d != 0 {
			t.Errorf("after the clock was set back: %v", d)
		}
		if d := g.reserve(1); d <= 0 {
			t.Error("a clock set back gives bytes")
		}
	}
}

// A limited endpoint keeps to its limit in each direction, over all its connections and streams together.
func TestBandwidth(t *testing.T) {
	const rate, size, streams = 1_000_000, 3_000_000, 4
	m := NewMux()
	m.HandleStream("give", func(_ context.Context, _ msg.Account, s *Stream) error {
		_, err := s.Write(make([]byte, size))
		return err
	})
	Handle(m, "double", func(_ context.Context, _ msg.Account, a ask) (told, error) { return told{2 * a.N}, nil })
	for name, up := range map[string]bool{"up": true, "down": false} {
		clock := newModel()
		limited := Config{MaxDown: rate, now: clock.now, pause: clock.pause}
		server, client := Config{}, limited
		if up {
			limited.MaxUp, limited.MaxDown = rate, 0
			server, client = limited, Config{}
		}
		a, b := listen(t, m, server), listen(t, nil, client)
		conns := []*Conn{dial(t, b, a), dial(t, b, a)}
		ctx := within(t, 30*time.Second)
		var wg sync.WaitGroup
		for i := range streams {
			wg.Go(func() {
				s, err := conns[i%2].Open(ctx, "give")
				if err != nil {
					t.Error(err)
					return
				}
				defer s.Close()
				s.CloseSend()
				if n, err := io.Copy(io.Discard, s); n != size || err != nil {
					t.Errorf("%s: %d bytes, %v", name, n, err)
				}
			})
		}
		wg.Wait()
		took, _ := clock.passed()
		// The model's waits come one after another, so time can only be longer than the limit asks for by what was promised twice.
		least := time.Duration(float64(streams*size-rate/4-64<<10) / rate * float64(time.Second))
		if took < least || took > 4*least {
			t.Errorf("%s: %d bytes took %v, wanted %v at least", name, streams*size, took, least)
		}
		// Messages do not wait, whatever is owed.
		gate := &a.up
		if !up {
			gate = &b.down
		}
		gate.reserve(10 * rate)
		_, before := clock.passed()
		for range 20 {
			if r, err := Call[ask, told](ctx, conns[0], "double", ask{N: 4, B: make([]byte, 1000)}); err != nil || r.N != 8 {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if _, after := clock.passed(); after != before {
			t.Errorf("%s: messages waited %d times", name, after-before)
		}
	}
}

// Messages take from what data may have, though not without end, and who gives up waiting takes nothing.
func TestGateMessages(t *testing.T) {
	clock := newModel()
	var g gate
	g.init(100_000, clock.now, clock.pause)
	g.reserve(int(g.burst))
	g.take(50_000)
	if d := g.reserve(0); d != 500*time.Millisecond {
		t.Errorf("after 50,000 bytes of messages data waits %v, wanted half a second", d)
	}
	for range 1000 {
		g.take(1 << 20)
	}
	if d := g.reserve(0); d != 4*time.Second {
		t.Errorf("after very many bytes of messages data waits %v, wanted 4 s", d)
	}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	before := g.tokens
	if err := g.pass(cancelled, 5000); !errors.Is(err, context.Canceled) || g.tokens < before {
		t.Errorf("giving up: %v, %.0f of %.0f tokens left", err, g.tokens, before)
	}
	if err := pause(cancelled, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("a pause that nobody wants: %v", err)
	}
}
