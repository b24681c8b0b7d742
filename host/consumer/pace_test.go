package consumer

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/market"
	"github.com/gwrun/gwrun/host/peer"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// after is a provider that has run for some seconds and used some gas.
func after(seconds float64, gas, gpu uint64, fraction float64) (*pace, float64) {
	p, at := &pace{}, time.Unix(1000, 0)
	p.heard(at, &rpc.JobStatus{State: rpc.StateRunning})
	p.heard(at.Add(time.Duration(seconds*1e9)), &rpc.JobStatus{State: rpc.StateRunning, Gas: gas, GPUGas: gpu, Fraction: fraction})
	return p, p.elapsed(at.Add(time.Duration(seconds * 1e9)))
}

func TestLater(t *testing.T) {
	for name, tc := range map[string]struct {
		seconds  float64
		gas, gpu uint64
		fraction float64
		redo     float64
		r        rival
		reissued bool
	}{
		"three times slower, half done":        {60, 6000, 0, 0.5, 0, rival{speed: 300}, true},
		"a third slower":                       {60, 6000, 0, 0.5, 0, rival{speed: 133}, false},
		"nearly done":                          {60, 6000, 0, 0.9, 0, rival{speed: 1000}, false},
		"nothing kept: all has to be redone":   {60, 6000, 0, 0.5, 6000, rival{speed: 300}, false},
		"the rival's queue is long":            {60, 6000, 0, 0.5, 0, rival{speed: 300, wait: 30}, false},
		"no word of how far it is":             {60, 6000, 0, 0, 0, rival{speed: 300}, true},
		"kernels are slow, the module is not":  {60, 6000, 6000, 0.5, 0, rival{speed: 1e6, gpu: 300}, true},
		"the rival is as slow in kernels":      {60, 6000, 6000, 0.5, 0, rival{speed: 1e6, gpu: 100}, false},
		"the rival's speed is not known":       {60, 6000, 0, 0.5, 0, rival{}, false},
		"its speed in kernels is not known":    {60, 6000, 6000, 0.5, 0, rival{speed: 1e6}, false},
		"nothing was done, nothing to compare": {60, 0, 0, 0, 0, rival{speed: 300}, false},
	} {
		p, elapsed := after(tc.seconds, tc.gas, tc.gpu, tc.fraction)
		if got := p.later(elapsed, 10, tc.redo, 0, tc.r); got != tc.reissued {
			t.Errorf("%s: %v, want %v", name, got, tc.reissued)
		}
	}
}

// Time in which a provider was silent is not counted against its speed, and while it is silent it is not slow.
func TestSilenceIsNotSlowness(t *testing.T) {
	at := time.Unix(1000, 0)
	p := &pace{opened: at}
	status := func(gas uint64) *rpc.JobStatus { return &rpc.JobStatus{State: rpc.StateRunning, Gas: gas} }
	p.heard(at.Add(5*time.Second), status(0))
	p.since = at.Add(10 * time.Second)
	if e := p.elapsed(at.Add(60 * time.Second)); e != 0 {
		t.Errorf("a silent provider is watched for %v s", e)
	}
	p.heard(at.Add(100*time.Second), status(50))
	if e := p.elapsed(at.Add(110 * time.Second)); e != 15 || p.waited != 5*time.Second {
		t.Errorf("worked for %v s after %v, want 15 s after 5", e, p.waited)
	}
}

func bid(name byte, b rpc.Bid) offered {
	var a msg.Account
	a[0] = name
	return offered{&node{Peer: &peer.Peer{Addr: string(rune(name))}, account: a}, b, b}
}

func order(bids []offered) (s string) {
	for _, b := range bids {
		s += b.n.Addr
	}
	return s
}

func TestRank(t *testing.T) {
	s := store.NewMemory(store.Options{})
	known, err := market.Open(s, nil, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &Consumer{cfg: Config{Store: s, Market: known, Reputation: func(a msg.Account) (valid, invalid uint64) {
		switch a[0] {
		case 't':
			return 98, 0
		case 'l':
			return 10, 30
		}
		return 0, 0
	}}}
	defer c.cfg.Store.Close()
	for name, tc := range map[string]struct {
		bids []offered
		work used
		want string
	}{
		"the cheaper, if it is slower":     {[]offered{bid('a', rpc.Bid{Price: msg.AmountOf(2), Speed: 100}), bid('b', rpc.Bid{Price: msg.AmountOf(1), Speed: 10})}, used{10000, 0}, "ba"},
		"the faster, if by so much":        {[]offered{bid('a', rpc.Bid{Price: msg.AmountOf(2), Speed: 1000}), bid('b', rpc.Bid{Price: msg.AmountOf(1), Speed: 10})}, used{10000, 0}, "ab"},
		"the fastest of equal ones":        {[]offered{bid('a', rpc.Bid{Speed: 10}), bid('b', rpc.Bid{Speed: 40})}, used{1000, 0}, "ba"},
		"a queue counts as time":           {[]offered{bid('a', rpc.Bid{Speed: 40, Wait: 300}), bid('b', rpc.Bid{Speed: 10})}, used{1000, 0}, "ba"},
		"a long job waits for a fast one":  {[]offered{bid('a', rpc.Bid{Speed: 10}), bid('b', rpc.Bid{Speed: 40, Wait: 300})}, used{100000, 0}, "ba"},
		"kernels count by themselves":      {[]offered{bid('a', rpc.Bid{Speed: 1000, GPUSpeed: 10}), bid('b', rpc.Bid{Speed: 500, GPUSpeed: 40})}, used{100, 10000}, "ba"},
		"unknown work":                     {[]offered{bid('a', rpc.Bid{Speed: 10}), bid('b', rpc.Bid{Speed: 40})}, used{}, "ba"},
		"a new one stands in the middle":   {[]offered{bid('a', rpc.Bid{Speed: 10}), bid('b', rpc.Bid{}), bid('c', rpc.Bid{Speed: 90}), bid('d', rpc.Bid{Speed: 40})}, used{1000, 0}, "cbda"},
		"trust makes up for speed":         {[]offered{bid('a', rpc.Bid{Speed: 10}), bid('t', rpc.Bid{Speed: 8})}, used{1000, 0}, "ta"},
		"a liar comes last":                {[]offered{bid('l', rpc.Bid{Speed: 11}), bid('a', rpc.Bid{Speed: 10})}, used{1000, 0}, "al"},
		"nothing known: the shorter queue": {[]offered{bid('a', rpc.Bid{Start: 3}), bid('b', rpc.Bid{Start: 1})}, used{}, "ba"},
	} {
		if c.rank(tc.bids, tc.work, market.ByPrice); order(tc.bids) != tc.want {
			t.Errorf("%s: %s, want %s", name, order(tc.bids), tc.want)
		}
	}
	// Who lost jobs comes behind who did not.
	bids := []offered{bid('x', rpc.Bid{Speed: 10}), bid('y', rpc.Bid{Speed: 10})}
	c.remember(bids[0].n.account)
	if c.rank(bids, used{1000, 0}, ""); order(bids) != "yx" {
		t.Errorf("after a loss: %s, want yx", order(bids))
	}
}

// The reason why nobody takes a job goes requirement by requirement, the one that ruled out most first, with what came nearest.
func TestNoBid(t *testing.T) {
	e := &NoBid{Peers: 6, Providers: 5}
	for i, mib := range []uint64{512, 2048, 1024} {
		e.add("memory", fmt.Sprint("p", i), rpc.Fail{Rule: "memory", Have: mib << 20, Want: 4096 << 20, Reason: "too little"})
	}
	e.add("device_kind", "p3", rpc.Fail{Rule: "device_kind", Reason: "job wants a gpu device, this provider has cpu (cpu)"})
	for i, seconds := range []uint64{90, 70} {
		e.add("queue_time", fmt.Sprint("p", 3+i), rpc.Fail{Rule: "queue_time", Have: seconds, Want: 60, Reason: fmt.Sprintf("about %d s, the job allows 60", seconds)})
	}
	e.add("unreachable", "p4", rpc.Fail{Reason: "no answer"})
	const want = "no provider took the job: 3 of 5: memory, the most any has is 2048 MiB, the job wants 4096; " +
		"2 of 5: queue_time, about 70 s, the job allows 60; 1 of 5: device_kind, job wants a gpu device, this provider has cpu (cpu); " +
		"1 of 5: unreachable, no answer"
	if e.Error() != want || !errors.Is(e, ErrNoBid) {
		t.Errorf("%q, want %q", e.Error(), want)
	}
	if r := e.Rules[0]; r.Have != 2048<<20 || !slices.Equal(r.Who, []string{"p0", "p1", "p2"}) {
		t.Errorf("%+v", r)
	}
	if e := (&NoBid{Peers: 2}); !strings.Contains(e.Error(), "none of the 2 peers that answered is a provider") {
		t.Error(e)
	}
}

// Of many states sixteen stay, about as far from each other; the newest always, and every one that others go on from.
func TestThin(t *testing.T) {
	a := &attempt{s: &Submission{Kept: map[uint64]msg.Blob{2: {}}}, spec: &msg.JobSpec{Prior: &msg.Prior{Intervals: 3}}, frozen: 6}
	for i := uint64(3); i < 1000; i++ {
		a.s.Kept[i] = msg.Blob{Size: i}
		if m := a.thin(); m != nil && (m.Size < 6 || m.Size == i) {
			t.Fatalf("state %d of %d is let go", m.Size, i)
		}
	}
	for i := range uint64(4) {
		if _, ok := a.s.Kept[2+i]; !ok {
			t.Errorf("the state behind interval %d is gone, others go on from it", 2+i)
		}
	}
	var own []uint64
	for i := range a.s.Kept {
		if i >= 6 {
			own = append(own, i)
		}
	}
	slices.Sort(own)
	widest := own[0]
	for k := 1; k < len(own); k++ {
		widest = max(widest, own[k]-own[k-1])
	}
	if len(own) != maxKept || own[maxKept-1] != 999 || widest > 1000/maxKept*3 {
		t.Errorf("%d states stay, %d apart at most: %v", len(own), widest, own)
	}
}
