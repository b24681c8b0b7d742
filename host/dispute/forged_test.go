package dispute

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/runtime"
)

// exhibit is evidence with what is known of it.
type exhibit struct {
	name string
	*court
	e      *Evidence
	guilty []string
	// cheats have their keys in the hands of whoever wants somebody else blamed; the others are honest.
	cheats []string
}

func must(t testing.TB) func(*Evidence, error) *Evidence {
	return func(e *Evidence, err error) *Evidence {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
}

// exhibits are evidence of every kind, small.
func exhibits(t testing.TB) []exhibit {
	t.Helper()
	must := must(t)
	job := waves(t)
	out, honest, lying := smallExhibits(t, job)
	told := lieAt
	was := moved(t, job, run(t, job, &told))
	return append(out,
		exhibit{"dispute of the truth", honest, honest.refuted(t), []string{"challenger"}, []string{"challenger", "consumer", "referee", "w1"}},
		exhibit{"replay", lying, must(lying.replay(lieIn, lying.verdict(t, "w1", lieIn, msg.Valid))), []string{"provider", "w1"}, []string{"provider", "consumer", "w1"}},
		exhibit{"replay of a moved job", was, must(was.replay(lieIn, nil)), []string{"first"}, []string{"first", "consumer", "challenger", "w1"}})
}

// smallExhibits are those that are made soon, of every kind too.
func smallExhibits(t testing.TB, job *runtime.Job) (out []exhibit, honest, lying *court) {
	t.Helper()
	must := must(t)
	honest, lying = try(t, job, nil), try(t, job, &lieAt)
	led := lying.dispute(t)
	silent, quiet := *led, *led.Dispute
	quiet.Moves, quiet.Proof, silent.Blobs = quiet.Moves[:4], nil, [][]byte{}
	silent.Dispute = &quiet
	quiet.Silence = bySigner(silenceOf(t, &table{ids: lying.ids}, &silent, 2))
	out = []exhibit{
		{"dispute", lying, led, []string{"provider"}, []string{"provider", "consumer", "referee", "w1"}},
		{"silence", lying, &silent, []string{"provider"}, []string{"provider", "consumer", "referee", "w1"}},
		{"replay of the first", honest, must(honest.replay(0, honest.verdict(t, "challenger", 0, msg.Invalid))), []string{"challenger"}, []string{"challenger", "consumer", "w1"}},
	}
	for _, duty := range []rpc.Duty{rpc.DutyReveal, rpc.DutyState, rpc.DutyPromise, rpc.DutyVerdict, rpc.DutyChallenge} {
		a, who, with := honest.about("challenger", duty, 0), "challenger", Absence{}
		switch duty {
		case rpc.DutyReveal:
			who = "consumer"
		case rpc.DutyState:
			who, a.Interval = "provider", 2
		case rpc.DutyVerdict:
			p, _ := honest.opened(t, "challenger", 1)
			a.Until, with.Owed = a.Until+60, &p
		case rpc.DutyChallenge:
			a.Interval, with.Owed = 2, honest.verdict(t, "challenger", 2, msg.Invalid)
		}
		a.Who = honest.account(who)
		with.Statements = honest.attest(t, a, 2)
		out = append(out, exhibit{"absence of a " + string(duty), honest, must(Absent(honest.records, with)), []string{who}, []string{who, "w1"}})
	}
	provider := honest.ids["provider"]
	commit := honest.records.Intervals[1]
	promise, _ := honest.opened(t, "challenger", 1)
	_, opening := honest.opened(t, "challenger", 2)
	out = append(out,
		exhibit{"two records", honest, must(Contradicts(commit, changed(t, provider, commit, func(c *rpc.IntervalCommit) { c.Record.Gas++ }))), []string{"provider"}, []string{"provider", "consumer"}},
		exhibit{"another opening", honest, must(Contradicts(promise, opening)), []string{"challenger"}, []string{"challenger", "consumer"}},
		exhibit{"another share", honest, must(Contradicts(honest.records.Spec, changed(t, honest.ids["consumer"], *honest.records.Reveal, func(r *rpc.Reveal) { r.Secret[1]++ }))),
			[]string{"consumer"}, []string{"consumer", "w1"}})
	bad := &court{job: job, run: run(t, job, nil), ids: honest.ids}
	bad.run.res.Receipt.Gas++
	out = append(out, exhibit{"records that contradict each other", bad, must(Inconsistent(recordsBy(t, job, bad.run.res, bad.ids))), []string{"provider"}, []string{"provider", "consumer"}})
	return out, honest, lying
}

// refuted is a dispute that a challenger loses: what it says it computed has a bit flipped.
func (c *court) refuted(t testing.TB) *Evidence {
	told := lieAt
	return c.led(t, nil, &told)
}

// blames verifies evidence that somebody made up and fails if anybody honest is named. It reports whether anybody is.
func (x *exhibit) blames(t *testing.T, e *Evidence, what string) bool {
	t.Helper()
	out, err := (&Verifier{MaxTime: 20 * time.Second}).Verify(context.Background(), e)
	if err != nil {
		return false
	}
	for name, id := range x.ids {
		if slices.Contains(out.Guilty, id.Account()) && !slices.Contains(x.cheats, name) {
			t.Errorf("%s, %s: %s is named, who is honest: %s", x.name, what, name, out.Reason)
		}
	}
	return len(out.Guilty) > 0
}

// TestDamagedEvidence changes a bit of some hundred bytes of evidence of every kind (with -long, of every byte): it is refused, or still says
// the same.
func TestDamagedEvidence(t *testing.T) {
	for _, x := range exhibits(t) {
		x.cheats = x.guilty
		var b bytes.Buffer
		if err := x.e.Write(&b); err != nil {
			t.Fatal(err)
		}
		x.convicts(t, x.e, nil, x.guilty...)
		step := max(1, b.Len()/300)
		if *long {
			step = 1
		}
		read, still := 0, 0
		for at := 0; at < b.Len(); at += step {
			bad := slices.Clone(b.Bytes())
			bad[at] ^= 1 << (at % 8)
			e, err := ReadEvidence(bytes.NewReader(bad))
			if err != nil {
				if !errors.Is(err, ErrEvidence) {
					t.Fatalf("byte %d: %v", at, err)
				}
				continue
			}
			read++
			if x.blames(t, e, fmt.Sprintf("byte %d", at)) {
				still++
			}
		}
		t.Logf("%s: %d bytes, %d of %d changes are read, %d of them still a proof", x.name, b.Len(), read, (b.Len()+step-1)/step, still)
	}
}

// kindsOfMessages are those that evidence has signed.
var kindsOfMessages = []func() msg.Hashed{
	func() msg.Hashed { return new(msg.JobSpec) }, func() msg.Hashed { return new(msg.Receipt) }, func() msg.Hashed { return new(rpc.IntervalCommit) },
	func() msg.Hashed { return new(rpc.Reveal) }, func() msg.Hashed { return new(msg.Verdict) }, func() msg.Hashed { return new(rpc.VerdictCommit) },
	func() msg.Hashed { return new(rpc.Opening) }, func() msg.Hashed { return new(rpc.Absence) }, func() msg.Hashed { return new(Move) },
	func() msg.Hashed { return new(Challenge) },
}

// opens finds which message it is and whose, "" if nobody's here.
func (x *exhibit) opens(s identity.Signed) (msg.Hashed, string) {
	for _, kind := range kindsOfMessages {
		v := kind()
		who, err := s.Open(v)
		if err != nil {
			continue
		}
		for name, id := range x.ids {
			if id.Account() == who {
				return v, name
			}
		}
	}
	return nil, ""
}

// each calls f for every signed message in v, which can be set.
func each(v reflect.Value, f func(*identity.Signed)) {
	switch {
	case v.Type() == reflect.TypeFor[identity.Signed]():
		f(v.Addr().Interface().(*identity.Signed))
	case v.Kind() == reflect.Pointer && !v.IsNil():
		each(v.Elem(), f)
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			each(v.Field(i), f)
		}
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			each(v.Index(i), f)
		}
	}
}

// alter changes one thing in v after the other, calls f while it is so, and puts it back.
func alter(v reflect.Value, path string, f func(path string)) {
	with := func(to reflect.Value, how string) {
		old := reflect.New(v.Type()).Elem()
		old.Set(v)
		v.Set(to)
		f(path + how)
		v.Set(old)
	}
	switch v.Kind() {
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uint:
		for _, n := range []uint64{v.Uint() + 1, v.Uint() - 1, 0} {
			with(reflect.ValueOf(n).Convert(v.Type()), fmt.Sprintf("=%d", n))
		}
	case reflect.Int, reflect.Int64:
		for _, n := range []int64{v.Int() + 100, v.Int() - 100, 0} {
			with(reflect.ValueOf(n).Convert(v.Type()), fmt.Sprintf("=%d", n))
		}
	case reflect.String:
		others := []string{"", "x"}
		if v.Type() == reflect.TypeFor[msg.Value]() {
			others = []string{"valid", "invalid", "unavailable"}
		}
		for _, s := range others {
			with(reflect.ValueOf(s).Convert(v.Type()), "="+s)
		}
	case reflect.Pointer:
		if v.IsNil() {
			with(reflect.New(v.Type().Elem()), " set")
			return
		}
		with(reflect.Zero(v.Type()), " nil")
		alter(v.Elem(), path, f)
	case reflect.Struct:
		for i := range v.NumField() {
			alter(v.Field(i), path+"."+v.Type().Field(i).Name, f)
		}
	case reflect.Array: // a hash or an account
		alter(v.Index(0), path+"[0]", f)
		with(reflect.Zero(v.Type()), " zero")
	case reflect.Slice:
		n := v.Len()
		if n == 0 {
			with(reflect.MakeSlice(v.Type(), 1, 1), " of one")
			return
		}
		with(v.Slice(0, n-1), " shorter")
		with(reflect.AppendSlice(reflect.MakeSlice(v.Type(), 0, n+1), reflect.AppendSlice(v.Slice(0, n), v.Slice(n-1, n))), " longer")
		if v.Type().Elem().Kind() == reflect.Uint8 {
			alter(v.Index(n/2), path+"[half]", f)
			return
		}
		for _, i := range slices.Compact([]int{0, n / 2, n - 1}) {
			alter(v.Index(i), fmt.Sprintf("%s[%d]", path, i), f)
		}
	}
}

// forge signs whatever it is given. What no signature can be over (msg.Typed) has none.
func forge(id *identity.Identity, v msg.Hashed) identity.Signed {
	signed, err := id.Sign(v)
	if err != nil {
		signed.Body = msg.Encode(v)
	}
	return signed
}

// TestForgedEvidence gives the keys of cheats to whoever wants honest parties blamed: every field of every message that a cheat signed is
// changed and signed again, every part of the evidence is left out, doubled or changed, and each message takes the place of each other. It
// is refused, or names cheats alone.
func TestForgedEvidence(t *testing.T) {
	for _, x := range exhibits(t) {
		forged, still := 0, 0
		try := func(what string) {
			forged++
			if x.blames(t, x.e, what) {
				still++
			}
		}
		var messages []*identity.Signed
		each(reflect.ValueOf(x.e).Elem(), func(s *identity.Signed) { messages = append(messages, s) })
		for i, s := range messages {
			was := *s
			v, by := x.opens(was)
			if v == nil {
				t.Fatalf("%s: message %d is nobody's", x.name, i)
			}
			if slices.Contains(x.cheats, by) && i < 40 {
				alter(reflect.ValueOf(v).Elem(), v.Domain(), func(path string) {
					*s = forge(x.ids[by], v)
					try(path)
				})
				for _, other := range x.cheats { // said by another
					*s = forge(x.ids[other], v)
					try(v.Domain() + " by " + other)
				}
			}
			for k := range messages {
				if k < 12 && k != i {
					*s = *messages[k]
					try(fmt.Sprintf("message %d in place of %d", k, i))
				}
			}
			*s = was
		}
		// The parts beside the messages.
		alter(reflect.ValueOf(x.e).Elem(), "", func(path string) { try(path) })
		t.Logf("%s: %d forgeries of %d messages, %d prove something against cheats", x.name, forged, len(messages), still)
		x.convicts(t, x.e, nil, x.guilty...)
	}
}

// FuzzEvidence reads arbitrary bytes as evidence, beginning with evidence of every kind. Whatever they are, nobody is named whose signatures
// are not in them: none of those who sign here but the guilty.
func FuzzEvidence(f *testing.F) {
	keys.Store(0)
	all, _, _ := smallExhibits(f, waves(f))
	honest := map[msg.Account]string{}
	for _, x := range all {
		for name, id := range x.ids {
			honest[id.Account()] = name
		}
	}
	for _, x := range all {
		for _, name := range x.guilty {
			delete(honest, x.account(name))
		}
		var b bytes.Buffer
		if err := x.e.Write(&b); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	f.Add([]byte(evidenceMagic))
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := ReadEvidence(bytes.NewReader(data))
		if err != nil {
			return
		}
		out, err := (&Verifier{MaxTime: 5 * time.Second, MaxMemory: 2 << 30}).Verify(context.Background(), e)
		if err != nil {
			var unable *runtime.UnavailableError
			if out != nil && !errors.As(err, &unable) {
				t.Errorf("an outcome and an error: %+v, %v", out, err)
			}
			return
		}
		for _, a := range out.Guilty {
			if name, ok := honest[a]; ok {
				t.Errorf("%s is named: %s", name, out.Reason)
			}
		}
		var b bytes.Buffer
		if err := e.Write(&b); err != nil || !bytes.Equal(b.Bytes(), data) {
			t.Errorf("written again it is other evidence (%v)", err)
		}
	})
}
