package settle_test

import (
	"math"
	"slices"
	"testing"

	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// drawn is a job with candidates 1 to n, of which the last two are its consumer and its provider.
func drawn(n int, weight func(i int) (uint32, string)) (*msg.JobSpec, *msg.Receipt) {
	spec := &msg.JobSpec{Version: 1, Policy: msg.Policy{Validators: 2, Clock: 5}}
	for i := range n {
		w, device := weight(i)
		spec.Policy.Candidates = append(spec.Policy.Candidates, msg.Candidate{Account: msg.Account{byte(i + 1)}, Weight: w, Device: device})
	}
	spec.Consumer = msg.Account{byte(n)}
	return spec, &msg.Receipt{Provider: msg.Account{byte(n - 1)}, Device: "cpu", Job: msg.HashOf(*spec)}
}

func seedOf(n int) msg.Hash { return msg.Hash{byte(n), byte(n >> 8), byte(n >> 16), 77} }

// near fails where a count is more than six standard deviations from its expectation.
func near(t *testing.T, what string, got, n int, p float64) {
	t.Helper()
	if want, sigma := float64(n)*p, math.Sqrt(float64(n)*p*(1-p)); math.Abs(float64(got)-want) > 6*sigma {
		t.Errorf("%s: %d of %d, want about %.0f", what, got, n, want)
	}
}

func TestDrawFollowsWeightsAndDevices(t *testing.T) {
	// Weights 1, 2, 3 on the provider's kind of device and 1 on another, which counts four times: 1:2:3:4.
	spec, receipt := drawn(6, func(i int) (uint32, string) {
		if i == 3 {
			return 1, "gpu"
		}
		return uint32(i + 1), "cpu"
	})
	const n = 20000
	first, second := map[msg.Account]int{}, map[msg.Account]int{}
	for s := range n {
		rank := settle.Draw(seedOf(s), spec, receipt)
		if len(rank) != 4 || slices.Contains(rank, spec.Consumer) || slices.Contains(rank, receipt.Provider) {
			t.Fatalf("%v is drawn, want the four candidates that are no party", rank)
		}
		if sorted := slices.Clone(rank); len(slices.Compact(sortedAccounts(sorted))) != 4 {
			t.Fatalf("%v: one is drawn twice", rank)
		}
		first[rank[0]]++
		second[rank[1]]++
	}
	share := []float64{.1, .2, .3, .4}
	for i, p := range share {
		near(t, "drawn first", first[msg.Account{byte(i + 1)}], n, p)
		// Without putting back: the second is i where another was first.
		q := 0.0
		for k, r := range share {
			if k != i {
				q += r * p / (1 - r)
			}
		}
		near(t, "drawn second", second[msg.Account{byte(i + 1)}], n, q)
	}
	// Where either kind is not known, the weight alone counts.
	receipt.Device = ""
	got := 0
	for s := range n {
		if settle.Draw(seedOf(s), spec, receipt)[0] == (msg.Account{4}) {
			got++
		}
	}
	near(t, "another kind that nobody knows of", got, n, 1./7)
}

func sortedAccounts(a []msg.Account) []msg.Account {
	slices.SortFunc(a, func(x, y msg.Account) int { return slices.Compare(x[:], y[:]) })
	return a
}

func equal(int) (uint32, string) { return 10, "cpu" }

// Whoever knows its own share of the beacon and not the other's gains nothing by trying many: for each of them the draw over the other's
// is the same.
func TestDrawCannotBeGround(t *testing.T) {
	spec, receipt := drawn(7, equal)
	const n = 4000
	for _, who := range []string{"provider", "consumer"} {
		for mine := range 8 {
			got := 0
			for other := range n {
				secret, nonce := msg.Hash{1, byte(mine)}, seedOf(other)
				if who == "provider" {
					secret, nonce = seedOf(other), msg.Hash{1, byte(mine)}
				}
				if settle.Draw(settle.Beacon(receipt.Job, secret, nonce, receipt.Trace), spec, receipt)[0] == (msg.Account{1}) {
					got++
				}
			}
			near(t, "draws with one share of the "+who, got, n, 1./5)
		}
	}
}

func TestJuryIsFilledInRankOrder(t *testing.T) {
	spec, receipt := drawn(7, equal)
	for s := range 50 {
		rank := settle.Draw(seedOf(s), spec, receipt)
		if again := settle.Draw(seedOf(s), spec, receipt); !slices.Equal(rank, again) {
			t.Fatal("a draw drawn again is another")
		}
		out := map[msg.Account]bool{rank[0]: true, rank[2]: true}
		for _, c := range []struct {
			out  func(msg.Account) bool
			want []msg.Account
		}{{nil, rank[:2]}, {func(a msg.Account) bool { return out[a] }, []msg.Account{rank[1], rank[3]}},
			{func(a msg.Account) bool { return a != rank[4] }, rank[4:5]}} {
			if got := settle.Jury(seedOf(s), spec, receipt, c.out); !slices.Equal(got, c.want) {
				t.Errorf("jury %v, want %v", got, c.want)
			}
		}
	}
}

func TestWitnesses(t *testing.T) {
	const n = 4000
	count := map[msg.Account]int{}
	for s := range n {
		spec, receipt := drawn(9, equal) // seven that are no party, of them two on the jury
		party := msg.Account{1}
		w := settle.Witnesses(seedOf(s), spec, receipt, party)
		jury := settle.Jury(seedOf(s), spec, receipt, nil)
		if len(w) != settle.MaxWitnesses || slices.Contains(w, party) || slices.Contains(w, spec.Consumer) || slices.Contains(w, receipt.Provider) {
			t.Fatalf("witnesses %v", w)
		}
		for _, a := range w {
			if slices.Contains(jury, a) {
				t.Fatalf("%s is on the jury and a witness, while others are left", a)
			}
			count[a]++
		}
	}
	for i := 2; i <= 7; i++ {
		near(t, "witness", count[msg.Account{byte(i)}], n, .5)
	}
	spec, receipt := drawn(5, equal) // three, two of them on the jury
	if w := settle.Witnesses(seedOf(1), spec, receipt); len(w) != 3 || slices.Contains(settle.Jury(seedOf(1), spec, receipt, nil), w[0]) {
		t.Errorf("witnesses %v, want three, that outside of the jury first", w)
	}
	for k, want := range []int{1, 1, 2, 2, 3} {
		if got := settle.Majority(k); got != want {
			t.Errorf("a majority of %d is %d, want %d", k, got, want)
		}
	}
}

func TestDealCoversWhatNobodyDrew(t *testing.T) {
	spec, receipt := drawn(7, equal)
	for s := range 50 {
		jury := settle.Jury(seedOf(s), spec, receipt, nil)
		const n = 40
		seen := make([]int, n)
		for _, a := range jury {
			for _, i := range settle.Sample(seedOf(s), a, n, 200_000) {
				seen[i] |= 1
			}
		}
		most, least := 0, n
		dealt := settle.Deal(seedOf(s), jury, n, 200_000)
		for _, a := range jury {
			for _, i := range dealt[a] {
				if seen[i] != 0 {
					t.Fatalf("interval %d is drawn or dealt already", i)
				}
				seen[i] |= 2
			}
			most, least = max(most, len(dealt[a])), min(least, len(dealt[a]))
		}
		if slices.Contains(seen, 0) || most > least+1 {
			t.Errorf("seen %v, with %d to %d for each", seen, least, most)
		}
	}
	if len(settle.Deal(seedOf(0), nil, 5, 0)) != 0 {
		t.Error("something is dealt to nobody")
	}
}

func TestAttested(t *testing.T) {
	ids := map[msg.Account]*identity.Identity{}
	var all []msg.Account
	for range 7 {
		id, err := identity.New()
		if err != nil {
			t.Fatal(err)
		}
		ids[id.Account()] = id
		all = append(all, id.Account())
	}
	sortedAccounts(all)
	spec := &msg.JobSpec{Version: 1, Consumer: all[0], Policy: msg.Policy{Validators: 2, Clock: 5}}
	for _, a := range all {
		spec.Policy.Candidates = append(spec.Policy.Candidates, msg.Candidate{Account: a, Weight: 1})
	}
	receipt := &msg.Receipt{Job: msg.HashOf(*spec), Provider: all[1]}
	seed := seedOf(3)
	who := settle.Jury(seed, spec, receipt, nil)[0]
	base := rpc.Absence{Version: 1, Job: receipt.Job, Receipt: msg.HashOf(*receipt), Who: who, Duty: rpc.DutyPromise, Since: 100, Until: 105}
	w := settle.Witnesses(seed, spec, receipt, who)
	say := func(by msg.Account, change func(*rpc.Absence)) identity.Signed {
		a := base
		if change != nil {
			change(&a)
		}
		s, err := ids[by].Sign(a)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	count := func(list ...identity.Signed) int { return len(settle.Attested(seed, spec, receipt, list)) }
	if got := settle.Attested(seed, spec, receipt, []identity.Signed{say(w[0], nil), say(w[2], func(a *rpc.Absence) { a.Since, a.Until = 200, 300 })}); len(got) != 1 || got[0] != settle.About(&base) {
		t.Errorf("two of three witnesses attest %v", got)
	}
	if n := count(say(w[0], nil), say(w[0], func(a *rpc.Absence) { a.Until++ })); n != 0 {
		t.Error("one witness twice is a majority")
	}
	if n := count(say(w[0], nil), say(all[0], nil), say(all[1], nil), say(who, nil)); n != 0 {
		t.Error("parties attest")
	}
	for name, change := range map[string]func(*rpc.Absence){
		"another duty":      func(a *rpc.Absence) { a.Duty = rpc.DutyVerdict },
		"another interval":  func(a *rpc.Absence) { a.Interval = 1 },
		"another move":      func(a *rpc.Absence) { a.Before[0]++ },
		"another party":     func(a *rpc.Absence) { a.Other[0]++ },
		"another job":       func(a *rpc.Absence) { a.Job[0]++ },
		"another receipt":   func(a *rpc.Absence) { a.Receipt[0]++ },
		"another version":   func(a *rpc.Absence) { a.Version = 2 },
		"too short a clock": func(a *rpc.Absence) { a.Until = a.Since + 4 },
		"no time at all":    func(a *rpc.Absence) { a.Since = 0 },
		"time backwards":    func(a *rpc.Absence) { a.Since, a.Until = a.Until, a.Since },
	} {
		if n := count(say(w[0], nil), say(w[1], change)); n != 0 {
			t.Errorf("%s counts with the other", name)
		}
	}
	// One that a witness names for nothing does not make it any less a witness.
	odd := func(a *rpc.Absence) { a.Other = w[2] }
	if n := count(say(w[0], odd), say(w[1], odd)); n != 0 {
		t.Error("a witness was left out by two others")
	}
	spec.Policy.Candidates = nil
	if n := count(say(w[0], nil), say(w[1], nil), say(w[2], nil)); n != 0 {
		t.Error("witnesses that nobody drew attest")
	}
}

func TestCheckPolicy(t *testing.T) {
	good := func() msg.Policy {
		spec, _ := drawn(4, equal)
		return spec.Policy
	}
	p := good()
	if err := settle.CheckPolicy(&p); err != nil {
		t.Error(err)
	}
	if err := settle.CheckPolicy(&msg.Policy{}); err != nil {
		t.Errorf("nobody asked: %v", err)
	}
	for name, spoil := range map[string]func(*msg.Policy){
		"unsorted":  func(p *msg.Policy) { p.Candidates[0], p.Candidates[1] = p.Candidates[1], p.Candidates[0] },
		"duplicate": func(p *msg.Policy) { p.Candidates[1] = p.Candidates[0] },
		"weight 0":  func(p *msg.Policy) { p.Candidates[2].Weight = 0 },
		"no clock":  func(p *msg.Policy) { p.Clock = 0 },
		"too many": func(p *msg.Policy) {
			p.Candidates = nil
			for i := range msg.MaxCandidates + 1 {
				p.Candidates = append(p.Candidates, msg.Candidate{Account: msg.Account{byte(i >> 8), byte(i)}, Weight: 1})
			}
		},
		"more than all": func(p *msg.Policy) { p.SamplePPM = 1_000_001 },
	} {
		p := good()
		spoil(&p)
		if err := settle.CheckPolicy(&p); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestBench(t *testing.T) {
	spec, receipt := drawn(9, equal)
	rank := settle.Draw(seedOf(1), spec, receipt)
	if got := settle.Bench(seedOf(1), spec, receipt, nil); !slices.Equal(got, rank[:4]) || spec.Policy.Validators != 2 {
		t.Errorf("bench %v, want %v", got, rank[:4])
	}
	if got := settle.Bench(seedOf(1), spec, receipt, func(a msg.Account) bool { return a == rank[1] }); !slices.Equal(got, []msg.Account{rank[0], rank[2], rank[3], rank[4]}) {
		t.Errorf("bench %v behind an absent juror", got)
	}
}
