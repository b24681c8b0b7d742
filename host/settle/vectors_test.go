package settle_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

var update = flag.Bool("update", false, "write the vectors that contracts are held to (contracts/testdata)")

const vectors = "../../contracts/testdata"

func hexOf(b []byte) string { return "0x" + hex.EncodeToString(b) }

// checkVectors compares vectors with what is committed, which forge's tests compare with what the contracts compute.
func checkVectors(t *testing.T, name string, v any) {
	t.Helper()
	want, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, '\n')
	file := filepath.Join(vectors, name)
	if *update {
		if err := os.WriteFile(file, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	found, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(found, want) {
		t.Errorf("%s is not what is computed here: go test ./host/settle -run %s -update, and then contracts' tests", file, t.Name())
	}
}

// TestDrawVectors holds contracts/src/Draw.sol to Draw.
func TestDrawVectors(t *testing.T) {
	type draw struct {
		Seed       string   `json:"seed"`
		Device     string   `json:"device"`
		Consumer   string   `json:"consumer"`
		Provider   string   `json:"provider"`
		Candidates string   `json:"candidates"`
		Hash       string   `json:"hash"`
		Ranked     []string `json:"ranked"`
	}
	type seed struct {
		Job        string `json:"job"`
		Trace      string `json:"trace"`
		Prevrandao string `json:"prevrandao"`
		Seed       string `json:"seed"`
	}
	var out struct {
		Draws []draw `json:"draws"`
		Seeds []seed `json:"seeds"`
	}
	devices := []string{"cpu", "gpu", "", "exactly8"}
	for i, n := range []int{0, 1, 2, 3, 7, 12, 40, 100, 256} {
		for k, device := range devices {
			s := seedOf(100*i + k)
			spec, receipt := &msg.JobSpec{Version: 1}, &msg.Receipt{Device: device}
			for c := range n {
				// Weights of every size, accounts anywhere in order, kinds of devices mixed.
				var a msg.Account
				binary.BigEndian.PutUint32(a[:], uint32(c)*16_000_000+uint32(i))
				a[19] = byte(c)
				w := uint32(1)
				switch c % 4 {
				case 1:
					w = 1000 + uint32(c)
				case 2:
					w = 1<<32 - 1 - uint32(c)
				case 3:
					w = 1 << (c % 32)
				}
				spec.Policy.Candidates = append(spec.Policy.Candidates, msg.Candidate{Account: a, Weight: w, Device: devices[(c+c/5)%len(devices)]})
			}
			if n > 2 {
				spec.Consumer, receipt.Provider = spec.Policy.Candidates[n/2].Account, spec.Policy.Candidates[k%n].Account
			}
			packed, kind := msg.Pack(spec.Policy.Candidates), msg.DeviceKind(device)
			d := draw{Seed: hexOf(s[:]), Device: hexOf(kind[:]), Consumer: spec.Consumer.String(), Provider: receipt.Provider.String(), Candidates: hexOf(packed), Ranked: []string{}}
			h := packed.Hash()
			d.Hash = hexOf(h[:])
			for _, a := range settle.Draw(s, spec, receipt) {
				d.Ranked = append(d.Ranked, a.String())
			}
			out.Draws = append(out.Draws, d)
		}
	}
	for i := range 4 {
		job, trace, randao := msg.Hash{1, byte(i)}, msg.Hash{2, byte(i)}, msg.Hash{3, byte(i)}
		s := settle.ChainBeacon(job, trace, randao)
		out.Seeds = append(out.Seeds, seed{hexOf(job[:]), hexOf(trace[:]), hexOf(randao[:]), hexOf(s[:])})
	}
	checkVectors(t, "draw.json", out)
}

// TestTypedVectors holds contracts/src/Typed.sol to what nodes sign.
func TestTypedVectors(t *testing.T) {
	key, err := identity.FromBytes(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	market := msg.TypedDomain{ChainID: 31337, Contract: msg.Account{0xaa, 19: 0x01}}
	account := func(i byte) msg.Account { return msg.Account{i, 0xff, 19: i} }
	hash := func(i byte) msg.Hash { return msg.Hash{i, 31: i} }
	big := func(n uint64) msg.Amount { return msg.AmountOf(n).Times(1_000_000_007) }

	terms := msg.Terms{Job: hash(1), Consumer: account(2), Provider: account(3), Price: big(4), Fee: big(5), Bond: big(6), Saving: big(7), Opens: 8, Deadline: 1<<64 - 1, Window: 1<<32 - 1,
		Clock: 11, SamplePPM: 12, Validators: 13, Candidates: hash(14)}
	receipt := msg.Receipt{Version: 1, Job: hash(1), Trace: hash(2), Intervals: 3, Ended: 1_800_000_000, Provider: account(3), Device: "cpu"}
	commit := rpc.IntervalCommit{Job: hash(1), Record: msg.Interval{Index: 1<<64 - 1}}
	promise := rpc.VerdictCommit{Version: 1, Job: hash(1), Receipt: hash(2), Validator: account(3), Hash: hash(4)}
	voucher := msg.Voucher{Consumer: account(1), Payee: account(2), Total: msg.Amount{0xff, 15: 1}}
	acceptance := msg.Acceptance{Terms: hash(1), Receipt: hash(2), Jurors: []msg.Account{account(3), account(4), account(5)}}
	nobody := msg.Acceptance{Terms: hash(1), Receipt: hash(2)}
	release := msg.Release{Terms: hash(1), Total: big(2)}

	type typed struct {
		Fields []string `json:"fields"` // the words of the struct as it is encoded
		Struct string   `json:"struct"`
		Digest string   `json:"digest"`
		Sig    string   `json:"sig"`
	}
	signer := key.Account()
	domain, plain := market.Hash(), msg.TypedDomain{}.Hash()
	out := map[string]any{"signer": signer.String(), "chain": market.ChainID, "market": market.Contract.String(), "domain": hexOf(domain[:]), "plain": hexOf(plain[:])}
	for _, c := range []struct {
		name   string
		domain msg.TypedDomain
		v      msg.Typed
	}{
		{"terms", market, terms}, {"receipt", msg.TypedDomain{}, receipt}, {"interval_commit", msg.TypedDomain{}, commit}, {"verdict_commit", msg.TypedDomain{}, promise},
		{"voucher", market, voucher}, {"acceptance", market, acceptance}, {"acceptance_of_nobody", market, nobody}, {"release", market, release},
	} {
		data, err := c.v.TypedData()
		if err != nil {
			t.Fatal(err)
		}
		digest, err := msg.TypedDigest(c.domain, c.v)
		if err != nil {
			t.Fatal(err)
		}
		sig, err := key.SignTyped(c.domain, c.v)
		if err != nil {
			t.Fatal(err)
		}
		v := typed{Digest: hexOf(digest[:]), Sig: sig.String()}
		for _, f := range data.Fields {
			v.Fields = append(v.Fields, hexOf(f[:]))
		}
		h := data.Hash()
		v.Struct = hexOf(h[:])
		out[c.name] = v
	}
	checkVectors(t, "typed.json", out)
}
