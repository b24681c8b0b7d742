package faultnet

import (
	"fmt"
	"math"
	"math/bits"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"
)

// passed is what a link does with n datagrams of 100 bytes, one a millisecond: for each, when its copies leave after the first came.
func passed(l *link, n int) (due [][]time.Duration, damaged int) {
	start := time.Unix(1000, 0)
	for i := range n {
		b := make([]byte, 100)
		now := start.Add(time.Duration(i) * time.Millisecond)
		var all []time.Duration
		for _, t := range l.fate(b, now) {
			all = append(all, t.Sub(start))
		}
		due = append(due, all)
		flipped := 0
		for _, x := range b {
			flipped += bits.OnesCount8(x)
		}
		damaged += flipped
	}
	return due, damaged
}

func TestShares(t *testing.T) {
	const n = 20000
	f := Faults{Loss: 0.1, Duplicate: 0.2, Reorder: 0.3, Corrupt: 0.05}
	l := newLink(7, 0)
	l.set(f)
	due, damaged := passed(l, n)
	near := func(what string, got uint64, p float64, of float64) {
		t.Helper()
		if want, sigma := p*of, math.Sqrt(of*p*(1-p)); math.Abs(float64(got)-want) > 5*sigma {
			t.Errorf("%s: %d of %g, want %g", what, got, of, want)
		}
	}
	s := l.snapshot()
	kept := float64(s.Came - s.Lost)
	near("lost", s.Lost, f.Loss, n)
	near("duplicated", s.Duplicated, f.Duplicate, kept)
	near("reordered", s.Reordered, f.Reorder, kept)
	near("corrupted", s.Corrupted, f.Corrupt, kept)
	if uint64(damaged) != s.Corrupted {
		t.Errorf("%d bits flipped in %d datagrams, want one in each", damaged, s.Corrupted)
	}
	lost, twice, late := 0, 0, 0
	last := time.Duration(0)
	for _, d := range due {
		switch len(d) {
		case 0:
			lost++
			continue
		case 2:
			twice++
		}
		if d[0] < last {
			late++ // behind one that came after it, or after one that was held back
		}
		last = max(last, d[0])
	}
	if uint64(lost) != s.Lost || uint64(twice) != s.Duplicated || late == 0 {
		t.Errorf("%d lost, %d twice, %d out of order; counted %+v", lost, twice, late, s)
	}
}

func TestSeed(t *testing.T) {
	f := Faults{Loss: 0.1, Duplicate: 0.2, Reorder: 0.3, Jitter: 5 * time.Millisecond}
	var runs []string
	for _, seed := range []uint64{1, 1, 2} {
		l := newLink(seed, 0)
		l.set(f)
		due, _ := passed(l, 200)
		runs = append(runs, fmt.Sprint(due))
	}
	if runs[0] != runs[1] || runs[0] == runs[2] {
		t.Error("the fate of a datagram does not follow from the seed")
	}
}

func TestDelayKeepsTheOrder(t *testing.T) {
	l := newLink(1, 0)
	l.set(Faults{Delay: 30 * time.Millisecond, Jitter: 40 * time.Millisecond})
	due, _ := passed(l, 1000)
	varies := false
	for i := range due {
		took := due[i][0] - time.Duration(i)*time.Millisecond
		if took < 30*time.Millisecond || took > 70*time.Millisecond || i > 0 && due[i][0] < due[i-1][0] {
			t.Fatalf("datagram %d takes %v and leaves at %v, the one before at %v", i, took, due[i][0], due[i-1][0])
		}
		varies = varies || took > 45*time.Millisecond
	}
	if !varies {
		t.Error("no jitter")
	}
}

func TestRate(t *testing.T) {
	l := newLink(1, 0)
	l.set(Faults{Rate: 50_000}) // half of what comes
	due, _ := passed(l, 4000)
	bytes, end := 0, time.Duration(0)
	for _, d := range due {
		if len(d) > 0 {
			bytes += 100
			end = d[0]
		}
	}
	if rate := float64(bytes) / end.Seconds(); math.Abs(rate-50_000) > 500 {
		t.Errorf("%g bytes a second, want 50,000", rate)
	}
	if s := l.snapshot(); s.Overflow == 0 || due[0] == nil {
		t.Errorf("nothing overflows at twice the rate: %+v", s)
	}
}

func TestParse(t *testing.T) {
	for _, text := range []string{"loss=0.05,duplicate=0.01,reorder=0.1,corrupt=0.001,delay=20ms,jitter=5ms,rate=100000", "loss=1", "delay=1m0s"} {
		f, err := Parse(text)
		if err != nil || f.String() != text {
			t.Errorf("%q is read as %q (%v)", text, f, err)
		}
	}
	for text, want := range map[string]string{"": `""`, "loss": `loss=""`, "loss=NaN": "share", "loss=1.5": "share", "loss=-1": "share", "delay=-1s": "time",
		"delay=2m": "time", "rate=10": "bytes", "rate=x": "bytes", "lag=3": `"lag=3"`, "loss=0.1,loss=0.2": "twice", "cut": `"cut"`} {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want one with %s", text, err, want)
		}
	}
	if s := (Faults{Cut: true}).String() + " " + (Faults{}).String(); s != "cut none" {
		t.Error(s)
	}
}

// echo is a target that sends back what it gets, with the address it sees before it.
func echo(t *testing.T) string {
	t.Helper()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		b := make([]byte, 2000)
		for {
			n, from, err := c.ReadFrom(b)
			if err != nil {
				return
			}
			c.WriteTo(append([]byte(from.String()+" "), b[:n]...), from)
		}
	}()
	t.Cleanup(func() {
		c.Close()
		<-done
	})
	return c.LocalAddr().String()
}

func listen(t *testing.T, cfg Config) *Proxy {
	t.Helper()
	p, err := Listen(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

func dial(t *testing.T, p *Proxy) net.Conn {
	t.Helper()
	c, err := net.Dial("udp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// ask sends text until there is an answer to it, and gives the address the target sees.
func ask(t *testing.T, c net.Conn, text string) (seen string) {
	t.Helper()
	b := make([]byte, 2000)
	for {
		if _, err := c.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		for {
			c.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
			n, err := c.Read(b)
			if err != nil {
				break // lost
			}
			if seen, said, _ := strings.Cut(string(b[:n]), " "); said == text {
				return seen
			}
		}
	}
}

func TestManyClients(t *testing.T) {
	p := listen(t, Config{Target: echo(t), Seed: 1})
	p.Set(Faults{Loss: 0.2, Delay: time.Millisecond, Reorder: 0.2}, Faults{Loss: 0.2, Duplicate: 0.5})
	seen := map[string]bool{}
	var all []net.Conn
	for i := range 20 {
		c := dial(t, p)
		all = append(all, c)
		seen[ask(t, c, fmt.Sprint("client ", i))] = true
	}
	if len(seen) != 20 || p.Clients() != 20 {
		t.Errorf("the target sees %d addresses, the proxy %d, want 20", len(seen), p.Clients())
	}
	if again := ask(t, all[3], "again"); !seen[again] {
		t.Errorf("a client has a new address %s", again)
	}
	if in, out := p.Stats(); in.Lost == 0 || out.Lost == 0 || in.Left == 0 || out.Left == 0 || out.Duplicated == 0 || in.Reordered == 0 {
		t.Errorf("counted %+v and %+v", in, out)
	}
}

func TestCutOneWay(t *testing.T) {
	p := listen(t, Config{Target: echo(t)})
	c := dial(t, p)
	ask(t, c, "before")
	p.Set(Faults{}, Faults{Cut: true})
	if _, err := c.Write([]byte("lost answer")); err != nil {
		t.Fatal(err)
	}
	for { // the target heard it and answered
		if _, out := p.Stats(); out.Cut == 1 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	p.Set(Faults{Cut: true}, Faults{})
	if _, err := c.Write([]byte("lost question")); err != nil {
		t.Fatal(err)
	}
	for {
		if in, _ := p.Stats(); in.Cut == 1 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	p.Set(Faults{}, Faults{})
	ask(t, c, "healed")
	if in, out := p.Stats(); in.Cut != 1 || out.Cut != 1 {
		t.Errorf("cut %d and %d, want 1 and 1", in.Cut, out.Cut)
	}
}

func TestPoint(t *testing.T) {
	p := listen(t, Config{})
	c := dial(t, p)
	if _, err := c.Write([]byte("nobody there")); err != nil {
		t.Fatal(err)
	}
	if err := p.Point("nowhere"); err == nil {
		t.Error("a target without a port")
	}
	if err := p.Point(echo(t)); err != nil {
		t.Fatal(err)
	}
	ask(t, c, "somebody")
}

func TestClientsAreBoundedAndForgotten(t *testing.T) {
	p := listen(t, Config{Target: echo(t), MaxClients: 4, Idle: 50 * time.Millisecond})
	for i := range 12 {
		ask(t, dial(t, p), fmt.Sprint(i))
		if n := p.Clients(); n > 4 {
			t.Fatalf("%d clients, at most 4 wanted", n)
		}
	}
	for p.Clients() > 0 {
		time.Sleep(5 * time.Millisecond)
	}
	ask(t, dial(t, p), "and it goes on")
}

func TestCloseLeavesNothing(t *testing.T) {
	before := runtime.NumGoroutine()
	target := echo(t)
	p := listen(t, Config{Target: target})
	p.Set(Faults{Delay: time.Minute}, Faults{})
	for range 10 {
		if _, err := dial(t, p).Write([]byte("never arrives")); err != nil {
			t.Fatal(err)
		}
	}
	for p.Clients() < 10 {
		time.Sleep(time.Millisecond)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	for runtime.NumGoroutine() > before+1 { // the target
		time.Sleep(time.Millisecond)
	}
	if in, _ := p.Stats(); in.Left != 0 {
		t.Errorf("%d datagrams left early", in.Left)
	}
}

func TestQueueIsBounded(t *testing.T) {
	q := newQueue()
	defer q.close()
	far := time.Now().Add(time.Hour)
	for i := range maxWaiting >> 20 {
		if !q.add(far, 1<<20, func() {}) {
			t.Fatalf("no room for MiB %d of %d", i+1, maxWaiting>>20)
		}
	}
	if q.add(far, 1, func() {}) {
		t.Error("a full queue takes more")
	}
}
