package settle_test

import (
	"slices"
	"testing"

	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/proto/msg"
)

func TestSample(t *testing.T) {
	const n, seeds = 1000, 200
	total := 0
	for s := range seeds {
		a := settle.Sample(msg.Hash{byte(s), 1}, msg.Account{1}, n, 100_000)
		if !slices.IsSorted(a) || len(slices.Compact(slices.Clone(a))) != len(a) || a[len(a)-1] >= n {
			t.Fatalf("sample %v is not ascending, distinct and below %d", a, n)
		}
		if b := settle.Sample(msg.Hash{byte(s), 1}, msg.Account{2}, n, 100_000); slices.Equal(a, b) {
			t.Error("two validators draw the same sample")
		}
		if !slices.Equal(a, settle.Sample(msg.Hash{byte(s), 1}, msg.Account{1}, n, 100_000)) {
			t.Error("a sample drawn again is another")
		}
		total += len(a)
	}
	// 20,000 expected of 200,000 draws, standard deviation 134: six of them.
	if total < 20000-804 || total > 20000+804 {
		t.Errorf("%d of %d intervals drawn at a rate of a tenth", total, n*seeds)
	}
	hit := map[uint64]int{}
	for s := range 4000 {
		one := settle.Sample(msg.Hash{byte(s), byte(s >> 8)}, msg.Account{}, 4, 0)
		if len(one) != 1 {
			t.Fatalf("sample at rate 0 has %d intervals, want the one at least", len(one))
		}
		hit[one[0]]++
	}
	for i := range uint64(4) {
		if hit[i] < 800 || hit[i] > 1200 {
			t.Errorf("interval %d is the one %d times of 4000, want about 1000", i, hit[i])
		}
	}
	if all := settle.Sample(msg.Hash{}, msg.Account{}, 50, 1_000_000); len(all) != 50 {
		t.Errorf("%d of 50 intervals at rate 1", len(all))
	}
	if settle.Sample(msg.Hash{}, msg.Account{}, 0, 1_000_000) != nil {
		t.Error("a sample of nothing")
	}
}

func TestBeaconNeedsEveryShare(t *testing.T) {
	base := settle.Beacon(msg.Hash{1}, msg.Hash{2}, msg.Hash{3}, msg.Hash{4})
	for _, other := range []msg.Hash{settle.Beacon(msg.Hash{9}, msg.Hash{2}, msg.Hash{3}, msg.Hash{4}),
		settle.Beacon(msg.Hash{1}, msg.Hash{9}, msg.Hash{3}, msg.Hash{4}), settle.Beacon(msg.Hash{1}, msg.Hash{2}, msg.Hash{9}, msg.Hash{4}),
		settle.Beacon(msg.Hash{1}, msg.Hash{2}, msg.Hash{3}, msg.Hash{9}), settle.Beacon(msg.Hash{2}, msg.Hash{1}, msg.Hash{3}, msg.Hash{4})} {
		if other == base {
			t.Error("a beacon does not depend on one of its shares")
		}
	}
	if settle.Commitment(msg.Hash{1}) == settle.Commitment(msg.Hash{2}) || settle.Commitment(msg.Hash{1}) == (msg.Hash{1}) {
		t.Error("a commitment does not hide or bind its secret")
	}
}
