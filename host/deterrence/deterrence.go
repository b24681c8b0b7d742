// Package deterrence is the arithmetic of why cheating does not pay: the chance that a lie is sampled by somebody who computes, and
// what a cheat, or a validator who does not compute, may expect to gain. A market refuses a job whose numbers do not hold.
//
// All amounts are in one unit, whichever that is. The rule is PROTOCOL's p(1-r)(R+S) >= 2C: the expected loss of who is caught
// is at least twice what the lie saves. Without the factor two cheating would be worth exactly nothing at best; the factor is
// room for what the numbers do not know, such as the true cost of the work.
package deterrence

import (
	"errors"
	"fmt"
	"math"

	"github.com/gwrun/gwrun/proto/msg"
)

// Margin is how many times what a lie saves its expected loss must be.
const Margin = 2

// Check says how a job is checked and by whom.
type Check struct {
	Intervals  uint64 // of the job
	SamplePPM  uint32 // share of the intervals each validator replays, in millionths; at least one interval is
	Validators int    // drawn for the job
	Population int    // of validators they are drawn from
	Colluding  int    // of the population: they say valid whatever they find
}

// validate says what is wrong with the numbers.
func (c Check) validate() error {
	switch {
	case c.Intervals == 0:
		return errors.New("deterrence: a job of 0 intervals, want at least 1")
	case c.SamplePPM > 1_000_000:
		return fmt.Errorf("deterrence: a sample of %d millionths, at most 1000000", c.SamplePPM)
	case c.Validators < 0 || c.Validators > c.Population:
		return fmt.Errorf("deterrence: %d validators drawn from %d", c.Validators, c.Population)
	case c.Colluding < 0 || c.Colluding > c.Population:
		return fmt.Errorf("deterrence: %d colluding validators of %d", c.Colluding, c.Population)
	}
	return nil
}

// Rate is the chance that a validator's sample holds a given interval: it is drawn, or none was and it is the one that is taken
// instead (settle.Sample).
func (c Check) Rate() float64 {
	p, n := float64(c.SamplePPM)/1e6, float64(c.Intervals)
	return p + math.Pow(1-p, n)/n
}

// Caught is the chance that one false interval is replayed by a validator who computes: validators are drawn without putting them
// back, so the number of colluding ones among them is hypergeometric.
func (c Check) Caught() float64 {
	rate := c.Rate()
	missed := 0.0
	for bad := 0; bad <= min(c.Validators, c.Colluding); bad++ {
		missed += hypergeometric(bad, c.Validators, c.Colluding, c.Population) * math.Pow(1-rate, float64(c.Validators-bad))
	}
	return 1 - missed
}

// hypergeometric is the chance of k marked ones among n drawn from total, of which marked are marked.
func hypergeometric(k, n, marked, total int) float64 {
	if n-k > total-marked || k > marked {
		return 0
	}
	return math.Exp(choose(marked, k) + choose(total-marked, n-k) - choose(total, n))
}

// choose is the logarithm of a binomial coefficient.
func choose(n, k int) float64 {
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return a - b - c
}

// Terms are what is at stake for one party: a provider with a job, or a validator with a check.
type Terms struct {
	Reward float64 // paid for the work
	Stake  float64 // lost by who is caught, besides the reward
	Saved  float64 // what not doing the work saves
}

// Gain is what a cheat may expect beyond honest work, if it is caught with this chance: Saved - caught (Reward + Stake).
func (t Terms) Gain(caught float64) float64 { return t.Saved - caught*(t.Reward+t.Stake) }

// Ratio is the expected loss for each unit saved. Below 1 cheating pays; the rule asks for Margin.
func (t Terms) Ratio(caught float64) float64 { return caught * (t.Reward + t.Stake) / t.Saved }

// Holds reports whether the rule is kept.
func (t Terms) Holds(caught float64) bool { return t.Ratio(caught) >= Margin }

// StakeFor is the least stake that keeps the rule.
func (t Terms) StakeFor(caught float64) float64 {
	if caught <= 0 {
		return math.Inf(1)
	}
	return math.Max(0, Margin*t.Saved/caught-t.Reward)
}

// Refuse gives the reason why a job with this policy must not be opened, nil if there is none. The error says what to change.
func Refuse(policy msg.Policy, c Check, provider Terms) error {
	c.SamplePPM, c.Validators = policy.SamplePPM, int(policy.Validators)
	if err := c.validate(); err != nil {
		return err
	}
	caught := c.Caught()
	if provider.Holds(caught) {
		return nil
	}
	return fmt.Errorf("the job's numbers do not deter: a lie saves %.6g and is caught with chance %.4f, which costs %.6g; want at least %d times what it saves (a stake of %.6g, a larger sample, or more validators)",
		provider.Saved, caught, caught*(provider.Reward+provider.Stake), Margin, provider.StakeFor(caught))
}
