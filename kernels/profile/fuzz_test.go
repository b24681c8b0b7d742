package profile

import (
	"context"
	"sort"
	"strings"
	"testing"

	"github.com/gwrun/gwrun/kernels/ir/interp"
)

func addCorpus(f *testing.F) {
	for _, dir := range []string{"valid", "invalid"} {
		texts := readCorpus(f, dir)
		names := make([]string, 0, len(texts))
		for n := range texts {
			names = append(names, n)
		}
		sort.Strings(names)
		for _, n := range names {
			f.Add(texts[n])
		}
	}
}

// FuzzCheck looks for texts that make the checker panic, hang, or fail without saying where.
func FuzzCheck(f *testing.F) {
	addCorpus(f)
	f.Fuzz(func(t *testing.T, src string) {
		if len(src) > 1<<14 {
			return
		}
		_, err := Check(src)
		if err == nil {
			return
		}
		errs, ok := err.(Errors)
		if !ok || len(errs) == 0 {
			t.Fatalf("an error of type %T: %v", err, err)
		}
		for _, e := range errs {
			if e.Line < 1 || e.Col < 1 || e.Msg == "" {
				t.Fatalf("an error without a place or a message: %+v", e)
			}
		}
	})
}

// FuzzEmit looks for modules that are accepted but whose kernels are not well formed, or differ from one time to the
// next. Emit verifies what it makes and panics for no module.
func FuzzEmit(f *testing.F) {
	addCorpus(f)
	f.Fuzz(func(t *testing.T, src string) {
		if len(src) > 1<<14 {
			return
		}
		m, err := Check(src)
		if err != nil {
			return
		}
		for _, e := range m.Entries() {
			k, err := m.Emit(e.Name, nil)
			if err != nil {
				if _, ok := err.(Errors); !ok {
					t.Fatalf("an error of type %T: %v", err, err)
				}
				for _, e := range err.(Errors) {
					if e.Line < 1 || e.Col < 1 || strings.HasPrefix(e.Msg, "the compiler made a faulty kernel") {
						t.Fatal(err)
					}
				}
				continue
			}
			again, err := m.Emit(e.Name, nil)
			if err != nil || again.String() != k.String() {
				t.Fatalf("a second emission differs: %v", err)
			}
			if k.NumInsts > 5000 {
				continue
			}
			bufs := make([][]uint32, len(k.Bindings))
			for i, b := range k.Bindings {
				if b.MinBytes > 1<<16 {
					return
				}
				bufs[i] = make([]uint32, b.MinBytes/4)
			}
			d := interp.Dispatch{Kernel: k, Buffers: bufs, Workgroups: [3]uint32{1, 1, 1}, GasLimit: 20000}
			if _, err := d.Run(context.Background()); err != nil && err != interp.ErrGas {
				t.Fatal(err)
			}
		}
	})
}
