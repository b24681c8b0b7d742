package evm_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gwrun/gwrun/host/settle/evm"
	"github.com/gwrun/gwrun/host/settle/evm/devchain"
)

// Killed at any of its steps, it is ended by the same call, and each contract is made once.
func TestDeployKilled(t *testing.T) {
	for n := 0; ; n++ {
		ch, people, p := newChain(t, 1, devchain.Config{})
		w := &world{Chain: ch, t: t, people: people}
		w.mine()
		path := filepath.Join(t.TempDir(), "addresses.json")
		ctx, cancel := context.WithCancel(context.Background())
		told := 0
		_, err := evm.Deploy(ctx, w.dial(people[0], nil), p, path, func(string) {
			if told++; told > n {
				cancel()
			}
		})
		cancel()
		if err == nil {
			w.still()
			if n < 10 {
				t.Fatalf("it was ended though it was killed at step %d", n)
			}
			break
		}
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		if n > 0 {
			if _, err := evm.ReadAddresses(path); err == nil || !strings.Contains(err.Error(), "run gwrun contracts deploy again") {
				t.Errorf("an incomplete file is read: %v", err)
			}
		}
		if n%2 == 1 {
			// Killed between the block and the file: the last transaction is not named in it.
			forget(t, path)
		}
		at, err := evm.Deploy(context.Background(), w.dial(people[0], nil), p, path, func(string) {})
		if err != nil {
			t.Fatalf("killed at step %d: %v", n, err)
		}
		again, err := evm.ReadAddresses(path)
		if err != nil || again.Contract["market"] != at.Contract["market"] {
			t.Fatalf("read again: %+v (%v)", again, err)
		}
		if used, err := w.dial(people[0], nil).Mined(context.Background()); err != nil || used != 10 {
			t.Errorf("killed at step %d: %d transactions (%v), want 10", n, used, err)
		}
		w.still()
		ch.Close()
	}
}

// forget takes the names of transactions out of the file.
func forget(t *testing.T, path string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(b), "\n")
	for i, l := range lines {
		if name, _, ok := strings.Cut(l, `"tx": "`); ok {
			lines[i] = name + `"tx": "` + strings.Repeat("0", 64) + `",`
		}
	}
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestVerify(t *testing.T) {
	w, ctx := newWorld(t, 2), context.Background()
	c := w.dial(w.people[0], nil)
	if err := w.at.Verify(ctx, c); err != nil {
		t.Fatal(err)
	}
	other := *w.at
	other.Params.Quorum = 5
	if err := other.Verify(ctx, c); err == nil || !strings.Contains(err.Error(), "contract governor") || strings.Contains(err.Error(), "contract token") {
		t.Errorf("another quorum: %v", err)
	}
	if _, err := evm.Deploy(ctx, w.dial(w.people[1], nil), w.at.Params, filepath.Join(t.TempDir(), "a.json"), func(string) {}); err != nil {
		t.Errorf("a second market on one chain: %v", err)
	}
	bad := w.at.Params
	bad.Numbers = map[string]evm.Number{}
	if _, err := evm.Deploy(ctx, c, bad, filepath.Join(t.TempDir(), "a.json"), func(string) {}); err == nil {
		t.Error("deployed without numbers")
	}
}

func TestParams(t *testing.T) {
	for _, name := range []string{"devnet", "mainnet"} {
		p, err := evm.Preset(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := evm.Preset("moon"); err == nil {
		t.Error("there is a preset for the moon")
	}
	file := filepath.Join(t.TempDir(), "p.json")
	for text, want := range map[string]string{
		`{"quorum_percent": 7, "numbers": {"MinStake": {"value": 5, "min": 1, "max": 9}}}`: "",
		`{"numbers": {"MinSteak": {"value": 5, "min": 1, "max": 9}}}`:                      "MinSteak",
		`{"numbers": {"MinStake": {"value": 5, "min": 6, "max": 9}}}`:                      "bounds",
		`{"quorum": 7}`: "unknown field",
		`{"genesis": {"0x0000000000000000000000000000000000000001": "2000000000"}}`: "cap",
		`{"quorum_percent": 0}`: "quorum",
		`[]`:                    "cannot unmarshal",
		`{"cap": "-1"}`:         "amount",
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		p, _ := evm.Preset("devnet")
		err := evm.ReadParams(file, &p)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
		if want == "" && (p.Quorum != 7 || p.Numbers["MinStake"].Value != 5 || p.Numbers["MaxWindow"].Value != 3600) {
			t.Errorf("%+v: want what the file says over the preset", p)
		}
	}
	// The numbers of the mainnet hold together, says their contract.
	ch, people, _ := newChain(t, 1, devchain.Config{})
	w := &world{Chain: ch, t: t, people: people}
	w.mine()
	defer w.still()
	p, _ := evm.Preset("mainnet")
	if _, err := evm.Deploy(context.Background(), w.dial(people[0], nil), p, filepath.Join(t.TempDir(), "a.json"), func(string) {}); err != nil {
		t.Error(err)
	}
}

func FuzzAddresses(f *testing.F) {
	f.Add([]byte(`{"chain_id": 1, "contracts": {}}`))
	f.Add([]byte(`{"chain_id": 1, "contracts": {"token": {"address": "0x0000000000000000000000000000000000000001"}}}`))
	f.Add([]byte(`{`))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, b []byte) {
		path := filepath.Join(dir, "a.json")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if a, err := evm.ReadAddresses(path); err == nil && (a.ChainID == 0 || len(a.Contract) != 10 || !a.Complete) {
			t.Errorf("%+v is taken", a)
		}
	})
}

// The names of the numbers are in the order of the contracts' enum.
func TestNames(t *testing.T) {
	b, err := os.ReadFile("../../../contracts/src/interfaces/IParameters.sol")
	if err != nil {
		t.Fatal(err)
	}
	_, body, ok := strings.Cut(string(b), "enum P {")
	body, _, closed := strings.Cut(body, "}")
	if !ok || !closed {
		t.Fatal("there is no enum P")
	}
	var want []string
	for _, line := range strings.Split(body, "\n") {
		line, _, _ = strings.Cut(line, "//")
		if name := strings.Trim(line, " \t,"); name != "" {
			want = append(want, name)
		}
	}
	if !slices.Equal(evm.ParameterNames(), want) {
		t.Errorf("names %v, want %v", evm.ParameterNames(), want)
	}
}
