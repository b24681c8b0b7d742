// Package scramble changes messages by chance, as one would who looks for what a node does not check: one thing in a message has another
// value, or the encoding has another byte. What the sender has signed it signs anew, so that the change is not found by the signature.
package scramble

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"

	"github.com/fxamacker/cbor/v2"

	"github.com/gwrun/gwrun/host/dispute"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// Message gives another message in m's place: of its type, or something else's encoding. id signs anew what it has signed.
func Message(chance *rand.Rand, id *identity.Identity, m any) any {
	encoded := msg.Encode(m)
	if chance.IntN(8) == 0 {
		// What is no message at all ends in the decoder (msg.FuzzDecode).
		var what any
		if b := bytesOf(chance, encoded); msg.Decode(b, &what) == nil {
			return cbor.RawMessage(b)
		}
	}
	copied := reflect.New(reflect.TypeOf(m))
	if err := msg.Decode(encoded, copied.Interface()); err != nil {
		panic(fmt.Sprintf("scramble: a %T is not what its encoding says: %v", m, err)) // the node itself made it
	}
	s := scrambler{chance, id}
	for range 1 + chance.IntN(4) {
		s.change(copied.Elem())
	}
	return copied.Elem().Interface()
}

type scrambler struct {
	chance *rand.Rand
	id     *identity.Identity
}

var signed = reflect.TypeFor[identity.Signed]()

// change picks one thing in v, each with the same chance however deep it is, and changes it.
func (s *scrambler) change(v reflect.Value) {
	places := places(nil, v)
	if len(places) > 0 {
		s.alter(places[s.chance.IntN(len(places))])
	}
}

// places are the parts of a value that can be changed: numbers, texts, lists as a whole, what may be left out.
func places(list []reflect.Value, v reflect.Value) []reflect.Value {
	switch v.Kind() {
	case reflect.Pointer:
		list = append(list, v)
		if !v.IsNil() {
			list = places(list, v.Elem())
		}
	case reflect.Struct:
		if v.Type() == signed {
			return append(list, v, v, v) // much depends on those
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				list = places(list, v.Field(i))
			}
		}
	case reflect.Slice, reflect.Array:
		list = append(list, v)
		if v.Type().Elem().Kind() != reflect.Uint8 {
			list = append(list, v, v) // of other lengths than usual
			for i := range v.Len() {
				list = places(list, v.Index(i))
			}
		}
	case reflect.Interface, reflect.Map, reflect.Func, reflect.Chan:
	default:
		list = append(list, v)
	}
	return list
}

func (s *scrambler) alter(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		switch {
		case v.IsNil():
			v.Set(reflect.New(v.Type().Elem()))
		case s.chance.IntN(2) == 0:
			v.SetZero()
		default:
			s.change(v.Elem())
		}
	case reflect.Struct:
		s.sign(v.Addr().Interface().(*identity.Signed))
	case reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			s.array(v)
		}
	case reflect.Slice:
		s.list(v)
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.String:
		v.SetString(s.text(v.String()))
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(pick(s.chance, 0, 1, -1, math.MaxInt64, math.MinInt64, math.MaxInt32, v.Int()+1, v.Int()-1, int64(s.chance.Uint64())))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(pick(s.chance, 0, 1, math.MaxUint64, math.MaxUint32, 1<<31, 1<<63, v.Uint()+1, v.Uint()-1, s.chance.Uint64()))
	case reflect.Float32, reflect.Float64:
		v.SetFloat(pick(s.chance, 0, -1, math.NaN(), math.Inf(1), math.MaxFloat64, math.SmallestNonzeroFloat64))
	}
}

func pick[T any](chance *rand.Rand, of ...T) T { return of[chance.IntN(len(of))] }

// array changes a hash, an account, an amount or a signature.
func (s *scrambler) array(v reflect.Value) {
	switch s.chance.IntN(4) {
	case 0:
		v.SetZero()
	case 1:
		for i := range v.Len() {
			v.Index(i).SetUint(math.MaxUint8)
		}
	case 2:
		i := s.chance.IntN(v.Len())
		v.Index(i).SetUint(v.Index(i).Uint() ^ 1<<s.chance.IntN(8))
	default:
		for i := range v.Len() {
			v.Index(i).SetUint(uint64(s.chance.IntN(256)))
		}
	}
}

func (s *scrambler) list(v reflect.Value) {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		v.SetBytes(bytesOf(s.chance, v.Bytes()))
		return
	}
	n := v.Len()
	if n == 0 {
		v.Set(reflect.MakeSlice(v.Type(), pick(s.chance, 1, 2, 1000), 1000)) // of nothing but zeros
		return
	}
	i, j := s.chance.IntN(n), s.chance.IntN(n)
	switch s.chance.IntN(6) {
	case 0:
		v.SetZero()
	case 1:
		v.Set(v.Slice(0, i))
	case 2:
		v.Set(reflect.AppendSlice(v.Slice(0, i), v.Slice(i+1, n)))
	case 3:
		v.Set(reflect.Append(v, v.Index(i)))
	case 4:
		x := reflect.ValueOf(v.Index(i).Interface())
		v.Index(i).Set(v.Index(j))
		v.Index(j).Set(x)
	default:
		x := v.Index(i)
		for range pick(s.chance, 10, 1000) {
			v.Set(reflect.Append(v, x))
		}
	}
}

func (s *scrambler) text(old string) string {
	return pick(s.chance, "", old+"\x00", old+old, "../../"+old, "127.0.0.1:1", "0x00", strings.Repeat("long ", 10_000), "\u202e%s\n", strings.ToUpper(old))
}

// bytesOf gives other bytes: bits changed, cut, longer, none.
func bytesOf(chance *rand.Rand, old []byte) []byte {
	b := append([]byte{}, old...)
	if len(b) == 0 {
		return make([]byte, pick(chance, 1, 31, 32, 1000))
	}
	i := chance.IntN(len(b))
	switch chance.IntN(5) {
	case 0:
		return b[:i]
	case 1:
		return append(b, b[i:]...)
	case 2:
		b[i] = byte(chance.Uint32())
	case 3:
		return append(b[:i], b[i+1:]...)
	default:
		b[i] ^= 1 << chance.IntN(8)
	}
	return b
}

// bodies are what nodes sign.
var bodies = []func() msg.Hashed{
	of[msg.JobSpec], of[msg.Receipt], of[msg.Verdict], of[msg.Terms], of[msg.Voucher], of[msg.Acceptance], of[msg.Release],
	of[rpc.Tender], of[rpc.BidCommit], of[rpc.Listing], of[rpc.Benchmark], of[rpc.Bid], of[rpc.IntervalCommit], of[rpc.Reveal], of[rpc.VerdictCommit], of[rpc.Opening],
	of[rpc.Absence], of[rpc.Announcement], of[dispute.Challenge], of[dispute.Move],
}

func of[T any]() msg.Hashed { return any(new(T)).(msg.Hashed) }

// sign changes a signed message: what it says, signed by this node too where this node had signed it, or its bytes.
func (s *scrambler) sign(m *identity.Signed) {
	if s.chance.IntN(4) > 0 {
		for _, body := range bodies {
			v := body()
			if by, err := m.Open(v); err != nil || by != s.id.Account() && s.chance.IntN(4) > 0 {
				continue
			}
			s.change(reflect.ValueOf(v).Elem())
			if again, err := s.id.Sign(v); err == nil {
				*m = again
			}
			return
		}
	}
	switch s.chance.IntN(3) {
	case 0:
		*m = identity.Signed{}
	case 1:
		m.Body = bytesOf(s.chance, m.Body)
	default:
		s.array(reflect.ValueOf(&m.Sig).Elem())
	}
}
