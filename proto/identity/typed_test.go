package identity_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/common/math"
	"github.com/ethereum/go-ethereum/signer/core/apitypes"

	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

var at = msg.TypedDomain{ChainID: 31337, Contract: msg.Account{0xaa, 19: 0xbb}}

func sampleTerms() msg.Terms {
	return msg.Terms{Job: msg.Hash{1}, Consumer: msg.Account{2}, Provider: msg.Account{3}, Price: msg.AmountOf(4), Fee: msg.AmountOf(5).Times(1 << 63), Bond: msg.AmountOf(6),
		Saving: msg.AmountOf(7), Opens: 8, Deadline: 9, Window: 10, Clock: 11, SamplePPM: 12, Validators: 13, Candidates: msg.Hash{14}}
}

// go-ethereum's own implementation of EIP-712, which knows nothing of ours, must come to the same digests.
func TestTypedDigests(t *testing.T) {
	terms := sampleTerms()
	receipt := msg.Receipt{Version: 1, Job: msg.Hash{1}, Trace: msg.Hash{2}, Intervals: 3, Ended: 4, Provider: msg.Account{5}, Device: "gpu", Outputs: []msg.Output{}}
	commit := rpc.IntervalCommit{Job: msg.Hash{1}, Record: msg.Interval{Index: 7, State: msg.Hash{9}}}
	promise := rpc.VerdictCommit{Version: 1, Job: msg.Hash{1}, Receipt: msg.Hash{2}, Validator: msg.Account{3}, Hash: msg.Hash{4}}
	hash := func(h msg.Hash) string { return "0x" + h.String() }
	for _, c := range []struct {
		v      msg.Typed
		at     msg.TypedDomain
		fields map[string]any
	}{
		{terms, at, map[string]any{"job": hash(terms.Job), "consumer": terms.Consumer.String(), "provider": terms.Provider.String(), "price": terms.Price.Big().String(),
			"fee": terms.Fee.Big().String(), "bond": terms.Bond.Big().String(), "saving": terms.Saving.Big().String(), "opens": "8", "deadline": "9", "window": "10", "clock": "11",
			"samplePPM": "12", "validators": "13", "candidates": hash(terms.Candidates)}},
		{msg.Voucher{Consumer: msg.Account{1}, Payee: msg.Account{2}, Total: msg.AmountOf(3)}, at,
			map[string]any{"consumer": msg.Account{1}.String(), "payee": msg.Account{2}.String(), "total": "3"}},
		{msg.Release{Terms: msg.Hash{1}, Total: msg.AmountOf(2)}, at, map[string]any{"terms": hash(msg.Hash{1}), "total": "2"}},
		{msg.Acceptance{Terms: msg.Hash{1}, Receipt: msg.Hash{2}, Jurors: []msg.Account{{3}, {4}}}, at,
			map[string]any{"terms": hash(msg.Hash{1}), "receipt": hash(msg.Hash{2}), "jurors": []any{msg.Account{3}.String(), msg.Account{4}.String()}}},
		{receipt, msg.TypedDomain{}, map[string]any{"job": hash(receipt.Job), "hash": hash(msg.HashOf(receipt)), "trace": hash(receipt.Trace), "intervals": "3", "ended": "4",
			"provider": receipt.Provider.String(), "device": "0x" + hex.EncodeToString([]byte("gpu\x00\x00\x00\x00\x00"))}},
		{commit, msg.TypedDomain{}, map[string]any{"job": hash(commit.Job), "index": "7", "record": hash(msg.HashOf(commit.Record))}},
		{promise, msg.TypedDomain{}, map[string]any{"job": hash(promise.Job), "receipt": hash(promise.Receipt), "validator": promise.Validator.String(), "hash": hash(promise.Hash)}},
	} {
		t.Run(c.v.Domain(), func(t *testing.T) {
			s, err := c.v.TypedData()
			if err != nil {
				t.Fatal(err)
			}
			name, list, _ := strings.Cut(strings.TrimSuffix(s.Type, ")"), "(")
			types := apitypes.Types{"EIP712Domain": {{Name: "name", Type: "string"}, {Name: "version", Type: "string"}}}
			domain := apitypes.TypedDataDomain{Name: "gwrun", Version: "1"}
			if c.at != (msg.TypedDomain{}) {
				types["EIP712Domain"] = append(types["EIP712Domain"], apitypes.Type{Name: "chainId", Type: "uint256"}, apitypes.Type{Name: "verifyingContract", Type: "address"})
				domain.ChainId, domain.VerifyingContract = (*math.HexOrDecimal256)(msg.AmountOf(c.at.ChainID).Big()), c.at.Contract.String()
			}
			for f := range strings.SplitSeq(list, ",") {
				kind, field, _ := strings.Cut(f, " ")
				types[name] = append(types[name], apitypes.Type{Name: field, Type: kind})
			}
			if len(c.fields) != len(types[name]) {
				t.Fatalf("%d fields of the test, %d of the type", len(c.fields), len(types[name]))
			}
			want, _, err := apitypes.TypedDataAndHash(apitypes.TypedData{Types: types, PrimaryType: name, Domain: domain, Message: c.fields})
			if err != nil {
				t.Fatal(err)
			}
			got, err := msg.TypedDigest(c.at, c.v)
			if err != nil || hexutil.Encode(got[:]) != hexutil.Encode(want) {
				t.Errorf("digest %x, %v; want %x", got, err, want)
			}
		})
	}
}

func TestSignTyped(t *testing.T) {
	id, err := identity.New()
	if err != nil {
		t.Fatal(err)
	}
	terms := sampleTerms()
	sig, err := id.SignTyped(at, terms)
	if err != nil {
		t.Fatal(err)
	}
	if who, err := identity.RecoverTyped(at, terms, sig); err != nil || who != id.Account() {
		t.Errorf("signed by %s, %v", who, err)
	}
	for name, change := range map[string]func(*msg.Terms, *msg.TypedDomain){
		"chain":    func(_ *msg.Terms, d *msg.TypedDomain) { d.ChainID++ },
		"contract": func(_ *msg.Terms, d *msg.TypedDomain) { d.Contract[3]++ },
		"price":    func(t *msg.Terms, _ *msg.TypedDomain) { t.Price = msg.AmountOf(5) },
	} {
		other, there := terms, at
		change(&other, &there)
		if who, err := identity.RecoverTyped(there, other, sig); err == nil && who == id.Account() {
			t.Errorf("the signature counts with another %s too", name)
		}
	}
}

// Whatever a typed message's digest does not hold must not be free to change: two bodies under one signature would make an honest signer
// contradict itself.
func TestTypedBindsAll(t *testing.T) {
	id, err := identity.New()
	if err != nil {
		t.Fatal(err)
	}
	promise := rpc.VerdictCommit{Version: 1, Job: msg.Hash{1}, Validator: id.Account()}
	signed, err := id.Sign(promise)
	if err != nil {
		t.Fatal(err)
	}
	var back rpc.VerdictCommit
	if who, err := signed.Open(&back); err != nil || who != id.Account() || back != promise {
		t.Fatalf("%+v by %s, %v", back, who, err)
	}
	promise.Version = 2
	signed.Body = msg.Encode(promise)
	if _, err := signed.Open(&back); !errors.Is(err, msg.ErrDecode) {
		t.Errorf("a commitment of version 2 opens: %v", err)
	}
	if _, err := id.Sign(promise); err == nil {
		t.Error("one is signed")
	}
	receipt := msg.Receipt{Version: 1, Outputs: []msg.Output{}}
	signed, _ = id.Sign(receipt)
	for i, change := range []func(r *msg.Receipt){func(r *msg.Receipt) { r.Version = 2 }, func(r *msg.Receipt) { r.Nonce[0]++ }, func(r *msg.Receipt) { r.Failure = "x" }} {
		other := receipt
		change(&other)
		if who, err := (identity.Signed{Body: msg.Encode(other), Sig: signed.Sig}).Open(new(msg.Receipt)); err == nil && who == id.Account() {
			t.Error(fmt.Sprint("change ", i, " keeps the signature"))
		}
	}
}
