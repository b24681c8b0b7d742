// Package probe decides whether an adapter may run kernels, and in which lowering: it runs a battery of kernels whose
// outcome is known bit for bit and accepts no difference.
//
// The battery has every operator over hard and random operands, the expressions that compilers are known to bend, loops,
// workgroup memory and randomly generated kernels. A verdict is kept on disk under the adapter, its driver and the
// exact text of the battery's shaders, so that a new driver or a change in the printer makes it void.
package probe

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/lower"
)

// Result is the outcome of a run of the battery.
type Result struct {
	Passed bool
	// Cases is the number of words compared.
	Cases int
	// Digest is over all words that came out, in hexadecimal: the same on all devices that pass.
	Digest string
	// FirstDifference says what the device got wrong first, or why it could not run the battery.
	FirstDifference string
}

// Run runs the battery on a device. An error that is not about the kernels (a lost device, a done context) is returned
// as such; a device that refuses a kernel has failed.
func Run(ctx context.Context, d kernels.Device) (Result, error) {
	tests, err := battery()
	if err != nil {
		return Result{}, err
	}
	h := sha256.New()
	var r Result
	for _, t := range tests {
		diff, n, err := t.run(ctx, d, h)
		r.Cases += n
		var lost *kernels.LostError
		if t.long && errors.As(err, &lost) && ctx.Err() == nil {
			break
		}
		if errors.As(err, &lost) || ctx.Err() != nil {
			return Result{}, fmt.Errorf("probe: kernel %s: %w", t.name, err)
		}
		if err != nil {
			diff = err.Error()
		}
		if diff != "" {
			r.FirstDifference = fmt.Sprintf("kernel %q: %s", t.name, diff)
			return r, nil
		}
	}
	r.Passed = true
	r.Digest = hex.EncodeToString(h.Sum(nil))
	return r, nil
}

// run runs one test and describes the first difference, or gives "".
func (t *test) run(ctx context.Context, d kernels.Device, h interface{ Write([]byte) (int, error) }) (diff string, n int, err error) {
	p, err := d.NewPipeline(ctx, t.kernel)
	if err != nil {
		return "", 0, err
	}
	defer p.Free()
	r := &kernels.Dispatch{Pipeline: p, Workgroups: t.groups, GasLimit: gasMax}
	for _, w := range t.in {
		b, err := d.NewBuffer(uint64(4 * len(w)))
		if err != nil {
			return "", 0, err
		}
		defer b.Free()
		if err := d.Write(b, 0, toBytes(w)); err != nil {
			return "", 0, err
		}
		r.Bindings = append(r.Bindings, kernels.Bound{Buffer: b, Size: b.Size()})
	}
	gas, err := d.Dispatch(ctx, r)
	if err != nil {
		return "", 0, err
	}
	for i, want := range t.out {
		if want == nil {
			continue
		}
		got := make([]byte, 4*len(want))
		if err := d.Read(r.Bindings[i].Buffer, 0, got); err != nil {
			return "", n, err
		}
		if !t.long { // whether that one runs is not part of what all devices share
			h.Write(got)
		}
		if bytes.Equal(got, toBytes(want)) {
			n += len(want)
			continue
		}
		for j, w := range want {
			g := binary.LittleEndian.Uint32(got[4*j:])
			if g == w {
				continue
			}
			what := fmt.Sprintf("word %d of binding %d", j, i)
			if t.what != nil && i == len(t.out)-1 {
				what = t.what(j)
			}
			return fmt.Sprintf("%s is %#08x, want %#08x", what, g, w), n + j, nil
		}
	}
	if gas != t.gas {
		return fmt.Sprintf("gas is %d, want %d", gas, t.gas), n, nil
	}
	return "", n, nil
}

func toBytes(w []uint32) []byte {
	b := make([]byte, 0, 4*len(w))
	for _, x := range w {
		b = binary.LittleEndian.AppendUint32(b, x)
	}
	return b
}

// fingerprint is over the shaders of the battery in one lowering and what must come out of them: it changes with the
// printer, its library and the battery.
func fingerprint(mode lower.Mode) (string, error) {
	tests, err := battery()
	if err != nil {
		return "", err
	}
	h := sha256.New()
	for _, t := range tests {
		s, err := lower.Print(t.kernel.IR, mode, lower.Options{})
		if err != nil {
			return "", err
		}
		fmt.Fprintf(h, "%d ", len(s.WGSL))
		h.Write([]byte(s.WGSL))
		for _, w := range t.out {
			h.Write(toBytes(w))
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
