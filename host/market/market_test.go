package market

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// noon is when the tests are.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// clock is one that is set by hand.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func someone(t testing.TB) *identity.Identity {
	t.Helper()
	id, err := identity.New()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func sign(t testing.TB, by *identity.Identity, v msg.Hashed) identity.Signed {
	t.Helper()
	s, err := by.Sign(v)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func accounts(ids ...*identity.Identity) (out []msg.Account) {
	for _, id := range ids {
		out = append(out, id.Account())
	}
	return out
}

func tokensOf(t testing.TB, s string) msg.Amount {
	t.Helper()
	a, err := msg.ParseAmount(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func inMemory(t testing.TB) store.Store {
	t.Helper()
	s := store.NewMemory(store.Options{})
	t.Cleanup(func() { s.Close() })
	return s
}

func TestTender(t *testing.T) {
	consumer, a, b := someone(t), someone(t), someone(t)
	job := msg.Hash{7}
	made, err := Call(consumer, job, 5, 6, accounts(a, b, a), 2*time.Second, noon)
	if err != nil {
		t.Fatal(err)
	}
	got, err := OpenTender(made.Signed, job, consumer.Account(), noon)
	if err != nil || got.Hash != made.Hash || !got.Sealed() || got.Bidding() != 2*time.Second || len(got.Invited) != 2 || got.Gas != 5 || got.GPUGas != 6 {
		t.Fatalf("%+v, %v", got, err)
	}
	if open, err := Call(consumer, job, 0, 0, accounts(a), 0, noon); err != nil || open.Sealed() {
		t.Errorf("a tender without a bidding is sealed: %+v, %v", open, err)
	}
	if _, err := Call(consumer, job, 0, 0, make([]msg.Account, rpc.MaxInvited+1), 0, noon); err == nil {
		t.Error("too many invited")
	}
	for name, tc := range map[string]struct {
		change func(*rpc.Tender)
		at     time.Duration // now
		want   error
	}{
		"as it is":              {nil, 0, nil},
		"a clock behind":        {nil, -skew + time.Second, nil},
		"a clock before":        {nil, MaxTender + skew - time.Second, nil},
		"too old":               {nil, MaxTender + skew + time.Second, ErrStale},
		"from the future":       {nil, -skew - time.Second, ErrStale},
		"for ever":              {func(x *rpc.Tender) { x.Until += 1 }, 0, ErrStale},
		"over before it began":  {func(x *rpc.Tender) { x.Until = x.Since - 1 }, 0, ErrStale},
		"a bidding for ever":    {func(x *rpc.Tender) { x.Closes = x.Since + MaxBidding.Milliseconds() + 1 }, 0, ErrStale},
		"closed before":         {func(x *rpc.Tender) { x.Closes = x.Since }, 0, ErrStale},
		"another version":       {func(x *rpc.Tender) { x.Version = 2 }, 0, ErrFalse},
		"another job":           {func(x *rpc.Tender) { x.Job[0]++ }, 0, ErrFalse},
		"another's":             {func(x *rpc.Tender) { x.Consumer = a.Account() }, 0, ErrFalse},
		"one invited twice":     {func(x *rpc.Tender) { x.Invited = append(x.Invited, x.Invited[1]) }, 0, ErrFalse},
		"not in their order":    {func(x *rpc.Tender) { slices.Reverse(x.Invited) }, 0, ErrFalse},
		"times beyond any time": {func(x *rpc.Tender) { x.Since, x.Until = -1<<63, 1<<63-1 }, 0, ErrStale},
		"a far future":          {func(x *rpc.Tender) { x.Since, x.Until, x.Closes = 1<<62, 1<<62+1, 0 }, 0, ErrStale},
	} {
		x := made.Tender
		x.Invited = slices.Clone(x.Invited)
		if tc.change != nil {
			tc.change(&x)
		}
		if _, err := OpenTender(sign(t, consumer, x), job, consumer.Account(), noon.Add(tc.at)); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", name, err, tc.want)
		}
	}
	if _, err := OpenTender(sign(t, a, made.Tender), job, consumer.Account(), noon); !errors.Is(err, identity.ErrSignature) {
		t.Errorf("signed by another: %v", err)
	}
}

func TestListing(t *testing.T) {
	provider, other := someone(t), someone(t)
	benchmark := rpc.Benchmark{Version: 1, Account: provider.Account(), Device: rpc.DeviceInfo{Kind: "cpu"}, Module: 10, Kernels: []rpc.KernelSpeed{{Class: "compute", Speed: 4}, {Class: "memory", Speed: 12}}}
	with := func(by *identity.Identity, b rpc.Benchmark) *identity.Signed {
		s := sign(t, by, b)
		return &s
	}
	listing := func() rpc.Listing {
		return rpc.Listing{Version: 1, Provider: provider.Account(), Device: "cpu", Since: noon.Unix(), Until: noon.Add(time.Hour).Unix(), Benchmark: with(provider, benchmark)}
	}
	l, b, err := OpenListing(sign(t, provider, listing()), noon)
	if err != nil || l.Provider != provider.Account() || b.Module != 10 || KernelSpeed(&b.Benchmark) != 6 {
		t.Fatalf("%+v, %+v, %v", l, b, err)
	}
	for name, tc := range map[string]struct {
		change func(*rpc.Listing)
		want   error
	}{
		"another version":        {func(l *rpc.Listing) { l.Version = 2 }, ErrFalse},
		"of another":             {func(l *rpc.Listing) { l.Provider = other.Account() }, ErrFalse},
		"too old":                {func(l *rpc.Listing) { l.Since -= 1e5; l.Until -= 1e5 }, ErrStale},
		"from the future":        {func(l *rpc.Listing) { l.Since += 1e5; l.Until += 1e5 }, ErrStale},
		"for too long":           {func(l *rpc.Listing) { l.Until += 1e5 }, ErrStale},
		"a long label":           {func(l *rpc.Listing) { l.Region = string(make([]byte, maxLabel+1)) }, ErrFalse},
		"another's benchmark":    {func(l *rpc.Listing) { l.Benchmark = with(other, benchmark) }, identity.ErrSignature},
		"a benchmark of another": {func(l *rpc.Listing) { b := benchmark; b.Account = other.Account(); l.Benchmark = with(provider, b) }, ErrFalse},
		"of another device":      {func(l *rpc.Listing) { l.Device = "discrete" }, ErrFalse},
	} {
		l := listing()
		tc.change(&l)
		if _, _, err := OpenListing(sign(t, provider, l), noon); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", name, err, tc.want)
		}
	}
	if KernelSpeed(nil) != 0 || KernelSpeed(&rpc.Benchmark{Kernels: []rpc.KernelSpeed{{Speed: 5}, {}}}) != 0 {
		t.Error("a speed of kernels that were not measured")
	}
}

// What a node keeps of the market, and takes over from others.
func TestMarketBook(t *testing.T) {
	c := &clock{noon}
	open := func() *Market {
		m, err := Open(inMemory(t), nil, c.now, nil)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	provider, consumer := someone(t), someone(t)
	listing := func(since time.Time, price string) identity.Signed {
		return sign(t, provider, rpc.Listing{Version: 1, Provider: provider.Account(), Device: "cpu", Since: since.Unix(), Until: since.Add(time.Hour).Unix(),
			Price: rpc.PricePolicy{Kind: Fixed, Fixed: tokensOf(t, price)}})
	}
	there, here := open(), open()
	old, newer := listing(noon.Add(-time.Minute), "1"), listing(noon, "2")
	for _, l := range []identity.Signed{newer, old} { // the older one comes late
		if err := there.Listed(l); err != nil {
			t.Fatal(err)
		}
	}
	call, err := Call(consumer, msg.Hash{1}, 0, 0, accounts(provider), 0, noon)
	if err != nil {
		t.Fatal(err)
	}
	if err := there.Called(call); err != nil {
		t.Fatal(err)
	}
	b := there.Book()
	forged := newer
	forged.Sig[3] ^= 1
	b.Listings = append(b.Listings, forged)
	stolen := call.Signed
	stolen.Body = append([]byte{}, stolen.Body...)
	stolen.Body[len(stolen.Body)-1] ^= 1
	b.Tenders = append(b.Tenders, stolen)
	here.Learn(&b)
	got := here.Book()
	if len(got.Listings) != 1 || got.Listings[0].Sig != newer.Sig || len(got.Tenders) != 1 || got.Tenders[0].Sig != call.Signed.Sig {
		t.Errorf("%d listings, %d tenders: %+v", len(got.Listings), len(got.Tenders), got)
	}
	if err := here.Heard(provider.Account(), &newer); err != nil {
		t.Error(err)
	}
	if err := here.Heard(provider.Account(), &forged); err == nil {
		t.Error("a forged listing was heard of")
	}
	c.at = noon.Add(61 * time.Minute)
	if got := here.Book(); len(got.Listings)+len(got.Tenders) != 0 {
		t.Errorf("an hour later there are %d listings and %d tenders", len(got.Listings), len(got.Tenders))
	}
}

func TestBenchmarkIsKept(t *testing.T) {
	s, id := inMemory(t), someone(t)
	if b, err := LoadBenchmark(s, id.Account()); b != nil || err != nil || b.Results() != nil {
		t.Errorf("%v, %v; want nothing", b, err)
	}
	if err := SaveBenchmark(s, sign(t, id, rpc.Benchmark{Version: 1, Account: id.Account(), Module: 3})); err != nil {
		t.Fatal(err)
	}
	if b, err := LoadBenchmark(s, id.Account()); err != nil || b.Results().Module != 3 {
		t.Errorf("%+v, %v", b, err)
	}
	if _, err := LoadBenchmark(s, someone(t).Account()); err == nil {
		t.Error("a benchmark by another key was taken")
	}
}
