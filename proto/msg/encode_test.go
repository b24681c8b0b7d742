package msg_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gwrun/gwrun/proto/msg"
)

func program() msg.Program {
	return msg.Program{Version: 1, Semantics: "gw1", ABI: "gw-abi-1", Gas: "gt1+gk1", Module: msg.Blob{Root: msg.Hash{1}, Size: 9},
		Inputs: []msg.Input{{Name: "a", Blob: msg.Blob{Size: 1 << 40}}}, Args: []string{"x", "é"}, Seed: 1<<64 - 1,
		Limits: msg.DefaultLimits(), Interval: 1}
}

func messages() []msg.Hashed {
	step := uint64(7)
	p := program()
	return []msg.Hashed{
		&p,
		&msg.JobSpec{Version: 1, Program: p, Consumer: msg.Account{2}, Deadline: -5, Policy: msg.Policy{SamplePPM: 1000, Validators: 2, Window: 60,
			Clock: 9, Candidates: []msg.Candidate{{Account: msg.Account{3}, Weight: 4, Device: "cpu"}}}, Prior: &msg.Prior{Intervals: 2}, Times: msg.Times{Run: 5}},
		&msg.Interval{Index: 3, LastStep: 40, State: msg.Hash{9}, Gas: 1 << 33},
		&msg.Receipt{Version: 1, Status: msg.Failed, Failure: "out of gas", Outputs: []msg.Output{{Name: "o"}}},
		&msg.Verdict{Version: 1, Value: msg.Invalid, First: &msg.Difference{What: "dispatch", Step: &step, Workgroup: &[3]uint32{1, 2, 3}}},
	}
}

func TestRoundTrip(t *testing.T) {
	seen := map[msg.Hash]string{}
	for _, m := range messages() {
		b := msg.Encode(m)
		got := reflect.New(reflect.TypeOf(m).Elem()).Interface()
		if err := msg.Decode(b, got); err != nil {
			t.Errorf("%s: %v", m.Domain(), err)
		}
		if d := cmp.Diff(m, got, cmpopts.EquateEmpty()); d != "" {
			t.Errorf("%s: %s", m.Domain(), d)
		}
		if h := msg.HashOf(m); seen[h] != "" || h != msg.HashOf(got.(msg.Hashed)) {
			t.Errorf("%s: hash %v", m.Domain(), h)
		}
		seen[msg.HashOf(m)] = m.Domain()

		j, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		fromJSON := reflect.New(reflect.TypeOf(m).Elem()).Interface()
		if err := json.Unmarshal(j, fromJSON); err != nil {
			t.Errorf("%s: %v", m.Domain(), err)
		}
		if !bytes.Equal(msg.Encode(fromJSON), b) {
			t.Errorf("%s: %s is another message after JSON", m.Domain(), j)
		}
	}
}

// The hashes below are the protocol's: a change here makes every node disagree with those already running.
func TestHashesAreFixed(t *testing.T) {
	want := []string{
		"a60879c43a7437c6808eb21a1b32a8f177a375f4b3ffa35e2d88a1b5d8367701",
		"0e51e6a38fa702845b2c643c56e487775fe5187b7cb5a8bcd37e017b9aca1b9d",
		"9aedcde0199b82eec6d3faf7a41968274163087b01d5c5debd34431de7448c91",
		"f0f5b85912d1e0d65e64ab4582de9b020d104d554f94f75d937daaf1ff8beb66",
		"d599a1c86ca891aed3546aeffb8814a661641e6707646d2d6d4c4e9e9dc972cc",
	}
	for i, m := range messages() {
		if got := msg.HashOf(m).String(); got != want[i] {
			t.Errorf("%s: hash %s, want %s", m.Domain(), got, want[i])
		}
	}
	byHand := "\xa2\x01\x58\x20" + strings.Repeat("\x07", 32) + "\x02\x19\x01\x00"
	if got := msg.Encode(msg.Blob{Root: msg.Hash(bytes.Repeat([]byte{7}, 32)), Size: 256}); string(got) != byHand {
		t.Errorf("a blob is encoded as % x", got)
	}
	if a, b := (msg.Program{}), (msg.Program{Inputs: []msg.Input{}, Args: []string{}}); msg.HashOf(a) != msg.HashOf(b) {
		t.Error("a nil and an empty list make two programs")
	}
	if p := program(); msg.HashOf(p) != msg.HashOf(&p) {
		t.Error("a pointer has another hash")
	}
}

func TestDecodeRefuses(t *testing.T) {
	hash := strings.Repeat("\x01", 32)
	for _, c := range []struct{ name, b, want string }{
		{"nothing", "", "no bytes"},
		{"cut", "\xa2\x01\x58\x20" + hash, "unexpected EOF"},
		{"left over", "\xa2\x01\x58\x20" + hash + "\x02\x05\x00", "extraneous data"},
		{"unknown field", "\xa3\x01\x58\x20" + hash + "\x02\x05\x03\x00", "unknown field"},
		{"key twice", "\xa3\x01\x58\x20" + hash + "\x02\x05\x02\x05", "duplicate"},
		{"order", "\xa2\x02\x05\x01\x58\x20" + hash, "not the deterministic encoding, from byte 1"},
		{"long integer", "\xa2\x01\x58\x20" + hash + "\x02\x18\x05", "not the deterministic encoding"},
		{"no field", "\xa1\x02\x05", "not the deterministic encoding"},
		{"short hash", "\xa2\x01\x41\x01\x02\x05", "not the deterministic encoding"},
		{"long hash", "\xa2\x01\x58\x21" + hash + "x\x02\x05", ""},
		{"indefinite", "\xbf\x01\x58\x20" + hash + "\x02\x05\xff", "indefinite"},
		{"tag", "\xc1\xa2\x01\x58\x20" + hash + "\x02\x05", "tag"},
		{"negative", "\xa2\x01\x58\x20" + hash + "\x02\x24", "cannot unmarshal negative integer"},
		{"null", "\xf6", "not the deterministic encoding"},
		{"array", "\x82\x58\x20" + hash + "\x05", "cannot unmarshal array"},
		{"float", "\xa2\x01\x58\x20" + hash + "\x02\xf9\x45\x00", ""},
		{"text key", "\xa2\x01\x58\x20" + hash + "\x61\x32\x05", "unknown field"},
	} {
		var v msg.Blob
		err := msg.Decode([]byte(c.b), &v)
		if !errors.Is(err, msg.ErrDecode) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
	var s struct {
		S string `cbor:"1,keyasint"`
	}
	if err := msg.Decode([]byte("\xa1\x01\x61\xff"), &s); !errors.Is(err, msg.ErrDecode) {
		t.Errorf("text that is not UTF-8: %v", err)
	}
	if err := msg.Decode(make([]byte, msg.MaxEncoded+1), &s); !errors.Is(err, msg.ErrDecode) || !strings.Contains(err.Error(), "16777217 bytes") {
		t.Errorf("too long: %v", err)
	}
	var deep any
	if err := msg.Decode(append(bytes.Repeat([]byte{0x81}, 1000), 0), &deep); !errors.Is(err, msg.ErrDecode) {
		t.Errorf("too deep: %v", err)
	}
	var b []byte
	if err := msg.Decode([]byte("\x5b\x00\x00\x00\xff\xff\xff\xff\xff"), &b); !errors.Is(err, msg.ErrDecode) {
		t.Errorf("length without bytes: %v", err)
	}
}

func TestText(t *testing.T) {
	h, a := msg.Hash{1, 0xab}, msg.Account{2, 0xcd}
	if got, err := msg.ParseHash(h.String()); err != nil || got != h {
		t.Errorf("hash %v %v", got, err)
	}
	if got, err := msg.ParseAccount("0x" + strings.ToUpper(a.String()[2:])); err != nil || got != a {
		t.Errorf("account %v %v", got, err)
	}
	for _, s := range []string{"", "0x", "00", strings.Repeat("g", 64), h.String() + "0"} {
		if _, err := msg.ParseHash(s); err == nil {
			t.Errorf("hash %q taken", s)
		}
		if _, err := msg.ParseAccount(s); err == nil {
			t.Errorf("account %q taken", s)
		}
	}
	if _, err := msg.ParseAccount(a.String()[2:]); err == nil || !strings.Contains(err.Error(), "wanted 0x and 40") {
		t.Errorf("account without 0x: %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	for i, m := range messages() {
		f.Add(uint8(i), msg.Encode(m))
	}
	f.Add(uint8(0), []byte("\xbf\xff"))
	f.Fuzz(func(t *testing.T, kind uint8, b []byte) {
		ms := messages()
		v := reflect.New(reflect.TypeOf(ms[int(kind)%len(ms)]).Elem()).Interface()
		err := msg.Decode(b, v)
		if err != nil {
			if !errors.Is(err, msg.ErrDecode) {
				t.Fatalf("error %v is not an ErrDecode", err)
			}
			return
		}
		if !bytes.Equal(msg.Encode(v), b) {
			t.Fatalf("% x decodes to a message encoded as % x", b, msg.Encode(v))
		}
		if cbor.Wellformed(b) != nil {
			t.Fatalf("% x is not CBOR", b)
		}
	})
}

func FuzzText(f *testing.F) {
	f.Add("0x01")
	f.Add(msg.Hash{}.String())
	f.Add(msg.Account{}.String())
	f.Fuzz(func(t *testing.T, s string) {
		if h, err := msg.ParseHash(s); err == nil && h.String() != strings.ToLower(strings.TrimPrefix(s, "0x")) {
			t.Fatalf("hash %q became %v", s, h)
		}
		if a, err := msg.ParseAccount(s); err == nil && a.String() != "0x"+strings.ToLower(s[2:]) {
			t.Fatalf("account %q became %v", s, a)
		}
	})
}
