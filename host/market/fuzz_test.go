package market

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// signedBytes signs what need not be a message as one.
func signedBytes(t testing.TB, by *identity.Identity, domain string, body []byte) identity.Signed {
	sig, err := by.SignDigest(identity.Digest(domain, body))
	if err != nil {
		t.Fatal(err)
	}
	return identity.Signed{Body: body, Sig: sig}
}

// Whatever somebody signs is refused or is what it has to be.
func FuzzMessages(f *testing.F) {
	by, err := identity.FromBytes([]byte(strings.Repeat("k", 32)))
	if err != nil {
		f.Fatal(err)
	}
	me := by.Account()
	job := msg.Hash{1}
	tender, err := Call(by, job, 1, 2, []msg.Account{me}, time.Second, noon)
	if err != nil {
		f.Fatal(err)
	}
	benchmark := rpc.Benchmark{Version: 1, Account: me, Kernels: []rpc.KernelSpeed{{Class: "memory", Speed: 3}}}
	signed := sign(f, by, benchmark)
	for i, m := range []msg.Hashed{tender.Tender, rpc.Listing{Version: 1, Provider: me, Since: noon.Unix(), Until: noon.Unix() + 60, Benchmark: &signed}, benchmark,
		rpc.BidCommit{Version: 1, Tender: tender.Hash, Provider: me}, rpc.Bid{Job: job, Provider: me, Accept: true, Price: msg.AmountOf(5)}} {
		f.Add(uint8(i), msg.Encode(m))
	}
	f.Add(uint8(0), []byte{0xbf, 0xff})
	f.Fuzz(func(t *testing.T, kind uint8, body []byte) {
		switch kind % 5 {
		case 0:
			x, err := OpenTender(signedBytes(t, by, "Tender", body), job, me, noon)
			if err == nil && (x.Job != job || len(x.Invited) > rpc.MaxInvited || !ascending(x.Invited) || x.Bidding() > MaxBidding || x.Sealed() && x.Bidding() <= 0) {
				t.Fatalf("%+v", x)
			}
		case 1:
			l, b, err := OpenListing(signedBytes(t, by, "Listing", body), noon)
			if err == nil && (l.Provider != me || l.Until < noon.Add(-skew).Unix() || b != nil && b.Account != me) {
				t.Fatalf("%+v %+v", l, b)
			}
			if err == nil {
				_ = Describe(&l.Price)
			}
		case 2:
			b, err := OpenBenchmark(signedBytes(t, by, "Benchmark", body), me)
			if err == nil && (b.Account != me || len(b.Kernels) > maxClasses) {
				t.Fatalf("%+v", b)
			}
			_ = KernelSpeed(b.Results())
		case 3:
			s := NewSeals(by, nil, func() time.Time { return noon })
			_, err := s.Seal(t.Context(), tender, func() (identity.Signed, error) { return by.Sign(rpc.Bid{Job: job, Provider: me}) })
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if u, err := s.Unseal(ctx, me, rpc.Unseal{Tender: tender.Hash, Commits: []identity.Signed{signedBytes(t, by, "BidCommit", body)}}); err == nil {
				t.Fatalf("%+v was opened for a commitment that is not its own: %x", u, body)
			}
		case 4:
			u := rpc.Unsealed{Bid: signedBytes(t, by, "Bid", body)}
			c := rpc.BidCommit{Version: 1, Tender: tender.Hash, Provider: me, Hash: seal(tender.Hash, me, u.Bid, u.Salt)}
			if b, err := OpenBid(tender, &c, &u); err == nil && (b.Job != job || b.Provider != me) {
				t.Fatalf("%+v", b)
			}
			if b, err := OpenRefusal(u.Bid, tender, nil); err == nil && (b.Job != job || b.Provider != me || b.Accept) {
				t.Fatalf("%+v", b)
			}
		}
	})
}

// What a price program says is an amount, a refusal or an error.
func FuzzAnswer(f *testing.F) {
	for _, s := range []string{`{"price": "0.05"}`, `{"refuse": "why"}`, `{}`, `{"price": null}`, `{"price": "1"} {}`, `[`, `{"refuse": "\xff\ud800"}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := parseAnswer(b)
		if err != nil {
			if !a.IsZero() {
				t.Fatalf("%s beside %v", a, err)
			}
			if no, ok := err.(*Refusal); ok { // it travels in a bid
				var bid rpc.Bid
				if err := msg.Decode(msg.Encode(rpc.Bid{Reason: no.Reason}), &bid); err != nil {
					t.Fatal(err)
				}
			}
			return
		}
		if again, err := msg.ParseAmount(a.String()); err != nil || again != a {
			t.Fatalf("%s is %s, %v", a, again, err)
		}
	})
}

// A policy that is taken makes prices, or refuses.
func FuzzPolicy(f *testing.F) {
	for _, s := range []string{"", "free", "fixed:1.5", "gas:1,0.000000000000000001", "device-second:3", "program:x y", "gas:1,2,3", "fixed:"} {
		f.Add(s, uint64(1), uint64(2), uint64(3), uint64(4))
	}
	f.Fuzz(func(t *testing.T, text string, gas, gpu, speed, gpuSpeed uint64) {
		p, err := ParsePolicy(text)
		if err != nil || p.Kind == Program {
			return
		}
		if _, err := p.Price(t.Context(), Ask{Spec: job(1<<64-1, 1<<64-1), Gas: gas, GPUGas: gpu, Speed: speed, GPUSpeed: gpuSpeed}); err != nil {
			if no, ok := err.(*Refusal); !ok || no.Reason == "" {
				t.Fatalf("%q: %v", text, err)
			}
		}
		_ = Describe(&p.PricePolicy)
	})
}
