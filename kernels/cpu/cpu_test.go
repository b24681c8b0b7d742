package cpu

import (
	"flag"
	"fmt"
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

var (
	random = flag.Int("random", 0, "kernels TestRandom makes for each kind of device (0: the usual number)")
	seed   = flag.Uint64("seed", 0, "what TestRandom adds to its seeds")
)

func TestRandom(t *testing.T) {
	for n, o := range []Options{{Workers: 1}, {Workers: 3}, {Interpreter: true}, {vectors: vectorsNever},
		{vectors: vectorsAlways}, {vectors: vectorsAlways, Interpreter: true}} {
		count := 150
		if o.vectors == vectorsAlways {
			count = 300
		}
		if *random > 0 {
			count = *random
		}
		t.Run(fmt.Sprintf("%+v", o), func(t *testing.T) {
			devicetest.Random(t, opener(o), *seed+uint64(n)*1000, count, irgen.Options{Transcendental: n%2 == 0})
		})
	}
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
