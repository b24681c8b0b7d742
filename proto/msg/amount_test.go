package msg_test

import (
	"errors"
	"math"
	"math/big"
	"testing"

	"github.com/gwrun/gwrun/proto/msg"
)

func TestAmounts(t *testing.T) {
	most := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 128), big.NewInt(1))
	samples := []*big.Int{big.NewInt(0), big.NewInt(1), big.NewInt(1e18), new(big.Int).SetUint64(math.MaxUint64), new(big.Int).Lsh(big.NewInt(1), 64),
		new(big.Int).Lsh(big.NewInt(3), 100), new(big.Int).Rsh(most, 1), most}
	clamp := func(n *big.Int) *big.Int {
		if n.Sign() < 0 {
			return new(big.Int)
		}
		if n.Cmp(most) > 0 {
			return most
		}
		return n
	}
	for _, x := range samples {
		a, err := msg.AmountOfBig(x)
		if err != nil || a.Big().Cmp(x) != 0 {
			t.Fatalf("%s becomes %s, %v", x, a.Big(), err)
		}
		again, err := msg.ParseAmount(a.String())
		if err != nil || again != a {
			t.Errorf("%s is written %s and read %v, %v", x, a, again, err)
		}
		for _, y := range samples {
			b, _ := msg.AmountOfBig(y)
			if got, want := a.Add(b).Big(), clamp(new(big.Int).Add(x, y)); got.Cmp(want) != 0 {
				t.Errorf("%s + %s = %s", x, y, got)
			}
			if got, want := a.Sub(b).Big(), clamp(new(big.Int).Sub(x, y)); got.Cmp(want) != 0 {
				t.Errorf("%s - %s = %s", x, y, got)
			}
			if a.Cmp(b) != x.Cmp(y) {
				t.Errorf("%s compared to %s: %d", x, y, a.Cmp(b))
			}
		}
		for _, n := range []uint64{0, 1, 3, math.MaxUint64} {
			if got, want := a.Times(n).Big(), clamp(new(big.Int).Mul(x, new(big.Int).SetUint64(n))); got.Cmp(want) != 0 {
				t.Errorf("%s * %d = %s", x, n, got)
			}
		}
	}
	for text, want := range map[string]string{"2": "2", "0.05": "0.05", "1.50": "1.5", "000.000000000000000001": "0.000000000000000001"} {
		if a, err := msg.ParseAmount(text); err != nil || a.String() != want {
			t.Errorf("%q is read as %s, %v", text, a, err)
		}
	}
	for _, text := range []string{"", ".", "1.", ".5", "-1", "+1", "1e3", "1,5", "0.0000000000000000001", "1.2.3", " 1", "340282366920938463464", "١"} {
		if a, err := msg.ParseAmount(text); !errors.Is(err, msg.ErrAmount) {
			t.Errorf("%q is read as %s, %v", text, a, err)
		}
	}
	for _, n := range []*big.Int{big.NewInt(-1), new(big.Int).Add(most, big.NewInt(1))} {
		if _, err := msg.AmountOfBig(n); !errors.Is(err, msg.ErrAmount) {
			t.Errorf("%s: %v", n, err)
		}
	}
}

func FuzzParseAmount(f *testing.F) {
	for _, s := range []string{"0", "1.5", "340282366920938463463.374607431768211455", "-1", "1e9"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := msg.ParseAmount(s)
		if err != nil {
			return
		}
		if b, err := msg.ParseAmount(a.String()); err != nil || b != a {
			t.Fatalf("%q is %s, which is %s, %v", s, a, b, err)
		}
	})
}
