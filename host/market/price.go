package market

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// Ask is what a provider's price is asked for: a job whose requirements it meets.
type Ask struct {
	Spec *msg.JobSpec
	Job  msg.Hash
	// Gas and GPUGas are what the consumer expects the job to use; 0 if it does not know.
	Gas, GPUGas uint64
	// Speed and GPUSpeed are the provider's own, gas a second; 0 is not known. Wait is how many seconds the job would wait.
	Speed, GPUSpeed uint64
	Wait            uint32
	Device          string
}

// Refusal is why a policy does not take a job. It is told to the consumer.
type Refusal struct{ Reason string }

func (r *Refusal) Error() string { return r.Reason }

// Policy is how a provider makes its prices. The zero value works for nothing.
type Policy struct {
	rpc.PricePolicy
	// Program and its arguments make the prices of the kind "program", each within Timeout (default half a second).
	Program []string
	Timeout time.Duration
}

// Kinds of policies.
const (
	Free         = "free"
	Fixed        = "fixed"
	ByGas        = "gas"
	DeviceSecond = "device-second"
	Program      = "program"
)

// Policies is how they are written, for messages to people.
const Policies = "free, fixed:PRICE, gas:MODULE,KERNEL (prices of 10^9 gas), device-second:PRICE or program:COMMAND"

// ParsePolicy reads how a provider wants to make its prices.
func ParsePolicy(text string) (p Policy, err error) {
	kind, rest, _ := strings.Cut(text, ":")
	p.Kind = kind
	amounts := func(to ...*msg.Amount) error {
		parts := strings.Split(rest, ",")
		if len(parts) != len(to) {
			return fmt.Errorf("price %q has %d amounts, want %d: %s", short(text), len(parts), len(to), Policies)
		}
		for i, s := range parts {
			if *to[i], err = msg.ParseAmount(strings.TrimSpace(s)); err != nil {
				return fmt.Errorf("price %q: %w", short(text), err)
			}
		}
		return nil
	}
	switch kind {
	case "", Free:
		p.Kind = Free
		if rest != "" {
			err = fmt.Errorf("price %q: free has no amount", short(text))
		}
	case Fixed:
		err = amounts(&p.Fixed)
	case ByGas:
		err = amounts(&p.Module, &p.Kernel)
	case DeviceSecond:
		err = amounts(&p.Second)
	case Program:
		if p.Program = strings.Fields(rest); len(p.Program) == 0 {
			err = fmt.Errorf("price %q names no program", short(text))
		}
	default:
		err = fmt.Errorf("price %q, want %s", short(text), Policies)
	}
	return p, err
}

func short(s string) string { return strings.ToValidUTF8(s[:min(len(s), 80)], "") }

// Check says what is wrong with a policy.
func (p *Policy) Check() error {
	if p.Floor.Cmp(p.Ceiling) > 0 && !p.Ceiling.IsZero() {
		return fmt.Errorf("the least price, %s, is above the most, %s", p.Floor, p.Ceiling)
	}
	return nil
}

// Paid reports whether it may ask for anything.
func (p *Policy) Paid() bool { return p.Kind != "" && p.Kind != Free || !p.Floor.IsZero() }

// BySpeed reports whether prices go by the device's speed where nobody knows how much a job takes.
func (p *Policy) BySpeed() bool { return p.Kind == ByGas || p.Kind == DeviceSecond }

// Public is what others are told of it.
func (p *Policy) Public() rpc.PricePolicy {
	if p.Kind == "" {
		return rpc.PricePolicy{Kind: Free, Floor: p.Floor, Ceiling: p.Ceiling}
	}
	return p.PricePolicy
}

// Describe is a policy in words.
func Describe(p *rpc.PricePolicy) string {
	s := p.Kind
	switch p.Kind {
	case Fixed:
		s = p.Fixed.String() + " a job"
	case ByGas:
		s = fmt.Sprintf("%s and %s for 10^9 gas of module and kernels", p.Module, p.Kernel)
	case DeviceSecond:
		s = p.Second.String() + " a device second"
	case Program:
		s = "by its own program"
	}
	if !p.Floor.IsZero() {
		s += ", at least " + p.Floor.String()
	}
	if !p.Ceiling.IsZero() {
		s += ", at most " + p.Ceiling.String()
	}
	return s
}

var (
	billion = big.NewInt(1e9)
	token   = new(big.Int).Exp(big.NewInt(10), big.NewInt(msg.TokenDecimals), nil)
)

func number(n uint64) *big.Int { return new(big.Int).SetUint64(n) }

// ceil is a/b, rounded up.
func ceil(a, b *big.Int) *big.Int {
	q, r := new(big.Int).QuoRem(a, b, new(big.Int))
	if r.Sign() > 0 {
		q.Add(q, big.NewInt(1))
	}
	return q
}

// unknown is how long a job is taken to run of which nobody knows how much gas it takes, on the device that is asked.
const unknown = 30 // seconds

// expected is how much gas a price is made for: never more than the job may use.
func (a *Ask) expected() (gas, gpu uint64, err error) {
	gas, gpu = a.Gas, a.GPUGas
	if gas == 0 && gpu == 0 {
		if a.Speed == 0 && a.GPUSpeed == 0 {
			return 0, 0, &Refusal{"the offer does not say how much gas to expect, and this provider does not know its own speed yet (gwrun bench)"}
		}
		const most = 1 << 58
		gas, gpu = unknown*min(a.Speed, most), unknown*min(a.GPUSpeed, most)
	}
	l := &a.Spec.Program.Limits
	return min(gas, l.Gas), min(gpu, l.GPUGas), nil
}

// Price is what a job costs here. A *Refusal is the reason why it is not taken at any price; other errors are the provider's own trouble.
func (p *Policy) Price(ctx context.Context, a Ask) (msg.Amount, error) {
	var price *big.Int
	switch p.Kind {
	case "", Free:
		price = new(big.Int)
	case Fixed:
		price = p.Fixed.Big()
	case ByGas:
		gas, gpu, err := a.expected()
		if err != nil {
			return msg.Amount{}, err
		}
		sum := new(big.Int).Mul(number(gas), p.Module.Big())
		price = ceil(sum.Add(sum, new(big.Int).Mul(number(gpu), p.Kernel.Big())), billion)
	case DeviceSecond:
		gas, gpu, err := a.expected()
		if err != nil {
			return msg.Amount{}, err
		}
		if gas > 0 && a.Speed == 0 || gpu > 0 && a.GPUSpeed == 0 {
			return msg.Amount{}, &Refusal{"this provider does not know its own speed yet (gwrun bench), by which it makes its prices"}
		}
		// seconds = gas/speed + gpu/gpuSpeed, as one fraction.
		s, g := number(max(1, a.Speed)), number(max(1, a.GPUSpeed))
		work := new(big.Int).Mul(number(gas), g)
		work.Add(work, new(big.Int).Mul(number(gpu), s))
		price = ceil(work.Mul(work, p.Second.Big()), s.Mul(s, g))
	case Program:
		made, err := p.run(ctx, a)
		if err != nil {
			return msg.Amount{}, err
		}
		price = made.Big()
	default:
		return msg.Amount{}, fmt.Errorf("price policy %q is not known", p.Kind)
	}
	amount, err := msg.AmountOfBig(price)
	if err != nil {
		return msg.Amount{}, &Refusal{"the job is too large to have a price here"}
	}
	if amount.Cmp(p.Floor) < 0 {
		amount = p.Floor
	}
	if amount.Cmp(p.Ceiling) > 0 && !p.Ceiling.IsZero() {
		amount = p.Ceiling
	}
	return amount, nil
}

// Quotes remember what each consumer was asked for each program of late, so that nobody gets a lower price by asking again.
type Quotes struct {
	book *Book[msg.Amount]
	now  func() time.Time
}

// NewQuotes remembers quotes. Room is what an account weighs in the book of them.
func NewQuotes(room func(msg.Account) uint64, now func() time.Time) *Quotes {
	return &Quotes{NewBook[msg.Amount](maxSeals, room, now), now}
}

// Hold gives the price to bid: the one that was made now or, if that was more, the one of the last time. Where there is no room to remember
// it, the account gets none.
func (q *Quotes) Hold(spec *msg.JobSpec, made msg.Amount) (msg.Amount, error) {
	program := msg.HashOf(spec.Program)
	key := msg.Hash(sha256.Sum256(append(program[:], spec.Consumer[:]...)))
	if old, ok := q.book.Get(key); ok && old.Cmp(made) > 0 {
		made = old
	}
	return made, q.book.Put(key, spec.Consumer, q.now().Add(MaxTender), made)
}
