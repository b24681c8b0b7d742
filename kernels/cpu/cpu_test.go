package cpu

import (
	"testing"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/devicetest"
	"github.com/gwrun/gwrun/kernels/ir/irgen"
)

func opener(o Options) devicetest.Opener {
	return func(t *testing.T) kernels.Device {
		d, err := Open(o)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
}

func TestDevice(t *testing.T) {
	for name, o := range map[string]Options{
		"compiler":       {Workers: 1},
		"compiler x3":    {Workers: 3},
		"interpreter":    {Workers: 1, Interpreter: true},
		"interpreter x2": {Workers: 2, Interpreter: true},
	} {
		t.Run(name, func(t *testing.T) { devicetest.Run(t, opener(o)) })
	}
}

func TestRandom(t *testing.T) {
	devicetest.Random(t, opener(Options{Workers: 1}), 0, 400, irgen.Options{})
	devicetest.Random(t, opener(Options{Workers: 3}), 1000, 200, irgen.Options{})
	devicetest.Random(t, opener(Options{Interpreter: true}), 2000, 200, irgen.Options{})
}

func FuzzKernel(f *testing.F) {
	d, err := Open(Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { d.Close() })
	for seed := range uint64(20) {
		f.Add(seed*31, uint8(10*seed))
	}
	f.Fuzz(func(t *testing.T, seed uint64, size uint8) {
		if err := devicetest.Check(d, irgen.New(seed, irgen.Options{Size: 1 + int(size)})); err != nil {
			t.Fatal(err)
		}
	})
}
