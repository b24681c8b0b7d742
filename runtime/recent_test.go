package runtime

import (
	"testing"

	"github.com/gwrun/gwrun/proto/msg"
)

// Jobs that share what was made of their module come to what each comes to alone, also where they are made and run at once.
func TestRecent(t *testing.T) {
	l := &Loader{Recent: NewRecent(1 << 20)}
	modes, counter := guest(t, "modes"), guest(t, "counter")
	specs := []Spec{
		{Args: []string{"finish"}},
		{Args: []string{"divide"}},
		{Args: []string{"deep"}},
		{Args: []string{"deep"}, Limits: msg.Limits{StackDepth: 100}},
		{Args: []string{"grow"}, Limits: msg.Limits{MemoryPages: 20}},
		{Args: []string{"grow"}, Limits: msg.Limits{MemoryPages: 30}},
		{Args: []string{"busy"}, Limits: msg.Limits{Gas: 1_000_000}},
		{Seed: 4, Interval: 2},
	}
	t.Run("at once", func(t *testing.T) {
		for _, spec := range append(specs, specs...) {
			t.Run("", func(t *testing.T) {
				t.Parallel()
				mod, inputs := modes, []Input(nil)
				if len(spec.Args) == 0 {
					mod, inputs = counter, counterInputs
				}
				alone, err := new(Loader).NewJob(mod, inputs, spec)
				if err != nil {
					t.Fatal(err)
				}
				shared, err := l.NewJob(mod, inputs, spec)
				if err != nil {
					t.Fatal(err)
				}
				same(t, run(t, alone, Options{Device: device(t)}), run(t, shared, Options{Device: device(t)}))
			})
		}
	})
	if n := len(l.Recent.list); n != 5 { // modes under four pairs of limits, counter
		t.Errorf("%d modules are kept, want 5", n)
	}
}

func TestRecentMakesRoom(t *testing.T) {
	modes, counter, waves := guest(t, "modes"), guest(t, "counter"), guest(t, "waves")
	l := &Loader{Recent: NewRecent(len(modes) + len(counter) + len(waves) - 1)}
	made := func(mod []byte) *prepared {
		t.Helper()
		j, err := l.NewJob(mod, nil, Spec{})
		if err != nil {
			t.Fatal(err)
		}
		return j.prepared
	}
	m, c := made(modes), made(counter)
	if made(modes) != m || made(counter) != c || made(modes) != m {
		t.Error("a module that was kept was made ready again")
	}
	w := made(waves) // in place of counter, which was not asked for longest
	if made(modes) != m || made(waves) != w {
		t.Error("the module that went was asked for since another one was")
	}
	if made(counter) == c {
		t.Error("there was no room for a third module, and it is kept")
	}
	l.Recent = NewRecent(len(waves) - 1)
	if first, second := made(waves), made(waves); first == second {
		t.Error("a module larger than all the room was kept")
	}
}
